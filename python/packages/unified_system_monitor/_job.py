"""Waiting for long work with files and histories: progress, Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ._errors import MonitorError
from ._summaries import RecordingSummary

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Any

    from ._native import Job


def drive(
    job: Job, target: str | os.PathLike[str], progress: Callable[[float], object] | None
) -> RecordingSummary:
    """Wait for the end and return what the work came to.

    An exception here (of the callback, by Ctrl-C) ends the work, waits until nothing of it is
    left behind, and goes on. A second Ctrl-C does not wait.
    """
    told = -1.0
    done: RecordingSummary | None = None
    try:
        while (share := job.step()) is not None:
            if progress is not None and share > told:
                told = share
                progress(share)
        done = RecordingSummary._make(job.result())
        if progress is not None and told < 1.0:
            progress(1.0)
    except BaseException:
        job.cancel()
        while job.step() is not None:
            pass
        with suppress(MonitorError):
            # It may have come to its end before it heard of the wish.
            done = done or RecordingSummary._make(job.result())
        if done is not None:
            Path(target).unlink()
        raise
    return done


def result_of(job: Job, progress: Callable[[float], object] | None) -> Any:
    """Wait for the end of work that leaves nothing behind, and return what it came to.

    An exception here (of the callback, by Ctrl-C) ends the work and goes on.
    """
    told = -1.0
    try:
        while (share := job.step()) is not None:
            if progress is not None and share > told:
                told = share
                progress(share)
        if progress is not None and told < 1.0:
            progress(1.0)
    except BaseException:
        job.cancel()
        raise
    return job.result()
