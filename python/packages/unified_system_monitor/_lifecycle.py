"""The end of the interpreter, and fork.

At exit with monitors or optimizers open, in this order: the callbacks' threads end, within a
second; threads that wait in the engine are told to stay there, since coming back into an
interpreter that has ended is a crash; what is open is closed, newest first, so that optimizers
take back what they changed, and what was measured is in the database.
"""

from __future__ import annotations

import atexit
import os
import time

from . import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
    from weakref import ReferenceType

    class _Closable(Protocol):
        """A monitor, or what lives beside it."""

        def _end_callbacks(self, patience: float, /) -> None: ...

        def close(self) -> None:
            """End it."""


CALLBACK_PATIENCE = 1.0
"""Seconds that a callback in progress has to return when its monitor is closed."""

_open: dict[int, ReferenceType[_Closable]] = {}


def opened(monitor: _Closable) -> None:
    """Remember a monitor or the like for the end of the interpreter."""
    from weakref import ref

    _open[id(monitor)] = ref(monitor)


def closed(monitor: _Closable) -> None:
    """Forget it."""
    _open.pop(id(monitor), None)


def _at_exit() -> None:
    monitors = [monitor for known in list(_open.values()) if (monitor := known()) is not None]
    deadline = time.monotonic() + CALLBACK_PATIENCE
    for monitor in monitors:
        monitor._end_callbacks(max(0.0, deadline - time.monotonic()))
    _native.begin_exit()
    # What is attached to a monitor was made after it.
    for monitor in reversed(monitors):
        try:
            monitor.close()
        except Exception as error:
            _native.report_unraisable(error, monitor)
    _native.wait_for_callers(2.0)


def _after_fork_in_child() -> None:
    # The parent's monitors are no concern of the child's end.
    _open.clear()
    _native.after_fork_in_child()


atexit.register(_at_exit)
os.register_at_fork(after_in_child=_after_fork_in_child)
