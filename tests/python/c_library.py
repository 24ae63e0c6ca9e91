"""The C library that this repository builds, through ctypes."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
from ctypes import POINTER, c_char_p, c_double, c_int32, c_size_t, c_uint32, c_void_p
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Query(ctypes.Structure):
    """``usm_query``, as far as these tests need it: an earlier version's is shorter."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("tier", c_uint32),
        ("select", POINTER(c_char_p)),
        ("select_count", c_size_t),
        ("since", c_double),
        ("until", c_double),
    )


class Stream(ctypes.Structure):
    """``struct ArrowArrayStream``."""

    get_schema: Any
    get_next: Any
    get_last_error: Any
    release: Any

    _fields_ = (
        ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, c_void_p, c_void_p)),
        ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, c_void_p, c_void_p)),
        ("get_last_error", ctypes.CFUNCTYPE(c_char_p, c_void_p)),
        ("release", ctypes.CFUNCTYPE(None, c_void_p)),
        ("private_data", c_void_p),
    )

    @property
    def address(self) -> int:
        return ctypes.addressof(self)

    def move_to(self, place: int) -> None:
        """Move it as the specification says: the place that it was at is released."""
        ctypes.memmove(place, self.address, ctypes.sizeof(self))
        self.release = type(self.release)()


def kept(function: Any) -> Any:
    """Copy a field's pointer to a function; the field itself would be looked at anew."""
    return type(function)(ctypes.cast(function, c_void_p).value)


class CError(Exception):
    """A call that failed, with the library's own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def find() -> Path | str:
    """Where it is, or why there is none.

    ``USM_LIBRARY`` says where; without it, it is built.
    """
    given = os.environ.get("USM_LIBRARY")
    if given:
        assert Path(given).is_file(), f"USM_LIBRARY: there is no {given}"
        return Path(given)
    cargo = shutil.which(os.environ.get("CARGO", "cargo"))
    if cargo is None:
        return "no libusm.so: USM_LIBRARY is not set, and there is no cargo to build it"
    command = [cargo, "build", "--quiet", "-p", "usm-ffi", "--lib", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        return f"no libusm.so: cargo could not build it\n{built.stderr}"
    for line in built.stdout.splitlines():
        for name in json.loads(line).get("filenames", []):
            if Path(name).name == "libusm.so":
                return Path(name)
    return "no libusm.so: cargo did not say where it is"


class Library:
    """The functions that the tests call; handles are plain numbers."""

    def __init__(self, path: Path) -> None:
        self.c = ctypes.CDLL(str(path))
        self.c.usm_last_error_message.restype = c_char_p

    def call(self, name: str, *arguments: object) -> None:
        """Call a function that returns a status; anything but 0 raises."""
        function = getattr(self.c, name)
        function.restype = c_int32
        status = function(*arguments)
        if status != 0:
            raise CError(status, self.c.usm_last_error_message().decode())

    def handle(self, name: str, *arguments: object) -> c_void_p:
        """Call a function whose last argument takes a new handle."""
        made = c_void_p()
        self.call(name, *arguments, ctypes.byref(made))
        assert made.value
        return made

    def free(self, kind: str, handle: c_void_p) -> None:
        getattr(self.c, f"usm_{kind}_free")(ctypes.byref(handle))
        assert handle.value is None

    def table(self, recording: Path, *select: str, since: float = 0.0) -> c_void_p:
        """Ask a recording for series."""
        history = self.handle("usm_history_open", str(recording).encode())
        names = (c_char_p * len(select))(*(name.encode() for name in select))
        query = Query(ctypes.sizeof(Query), 0, names, len(select), since, 0.0)
        try:
            return self.handle("usm_history_query", history, ctypes.byref(query))
        finally:
            self.free("history", history)

    def stream(self, name: str, handle: c_void_p) -> Stream:
        """Ask for an Arrow stream."""
        stream = Stream()
        self.call(name, handle, ctypes.byref(stream))
        return stream
