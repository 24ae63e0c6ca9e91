"""Starting the program of a process again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .._errors import RefusedError, UnsupportedError

if TYPE_CHECKING:
    from performance_optimizer import ProcessId

_SETTLE_SECONDS = 0.2
"""A program that can't go on mostly ends within this."""


class ProgramOf:
    """What a process was started as. Read before it is ended; its environment is not read."""

    def __init__(self, process: ProcessId, proc_root: str) -> None:
        folder = Path(proc_root, str(process.pid))
        words = (folder / "cmdline").read_bytes().split(b"\0")
        # It ends with a zero, unless the process has written over it.
        self._arguments = words[:-1] if words and not words[-1] else words
        if not self._arguments:
            raise UnsupportedError("it has no command line, so it can't be started again")
        service = _service_of(folder)
        # What this program has started itself is in its own service.
        if service is not None and service != _service_of(Path(proc_root, "self")):
            raise RefusedError(f"it belongs to {service}: restart it with systemctl")
        self._program = os.readlink(folder / "exe")  # noqa: PTH115
        self._folder = os.readlink(folder / "cwd")  # noqa: PTH115
        for path in (self._program, self._folder):
            if not os.path.exists(path):  # noqa: PTH110
                raise UnsupportedError(f"{path} is not there, so it can't be started again")

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; ``UnsupportedError`` when it ends at once."""
        child = subprocess.Popen(  # noqa: S603  # the very program that ran
            self._arguments,
            executable=self._program,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise UnsupportedError(
                    f"it was ended; started again it ended at once with code {child.returncode}"
                )
            time.sleep(0.02)
        return child


def _service_of(folder: Path) -> str | None:
    """Return the service of the system that looks after a process."""
    cgroup = (folder / "cgroup").read_text(errors="replace")
    for part in cgroup.replace("\n", "/").split("/"):
        if part.endswith(".service") and not part.startswith("user@"):
            return part
    return None
