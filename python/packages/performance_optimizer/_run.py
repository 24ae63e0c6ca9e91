"""Waiting for a long piece of work of the engine: progress, cancelling, Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Protocol

if TYPE_CHECKING:
    from unified_system_monitor._native import Run

Progress = Callable[[dict[str, Any]], object]


class Cancel(Protocol):
    """What tells that the work shall end: a ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Whether it shall."""


def drive(run: Run, progress: Progress | None, cancel: Cancel | None) -> Any:
    """Wait for the end and return what the work came to.

    An exception here (of the callback, by Ctrl-C) cancels the work, waits until what was begun
    is taken back, and goes on. A second Ctrl-C does not wait.
    """
    try:
        if cancel is not None and cancel.is_set():
            run.cancel()
        while (step := run.step()) is not None:
            if cancel is not None and cancel.is_set():
                run.cancel()
            if step and progress is not None:
                progress(step)
    except BaseException:
        run.cancel()
        while run.step() is not None:
            pass
        raise
    return run.result()
