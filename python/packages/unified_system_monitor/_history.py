"""A database or a recording by its path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import _ask, _native
from ._job import drive
from ._moment import past_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from ._moment import PastState
    from ._summaries import RecordingSummary, SeriesInfo, TierExtent
    from ._table import HistoryTable
    from ._when import Duration, Time


class History:
    """A database (``unified_system.db``) or a recording, opened for reading.

    It may be written at the same time, by this process or another; reading does not hold up
    who writes. Every method may be called from any thread; they wait for each other.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._native = _native.History(path)

    @property
    def path(self) -> str:
        """The file."""
        return os.fspath(self._native.path)

    def query(
        self,
        select: str | Sequence[str],
        since: Time | None = None,
        step: Duration | None = None,
        until: Time | None = None,
        aggregate: str = "mean",
        *,
        rate: bool = False,
        by: str | Sequence[str] | None = None,
        combine: str = "sum",
        top: int | None = None,
        tier: str | None = None,
    ) -> HistoryTable:
        """Return series over a range, see ``UnifiedSystemMonitor.history``.

        By default all of what the file holds. Times before now are before this moment, not
        before the end of the file.
        """
        return _ask.query(
            self._native, select, since, until, step, aggregate, rate, by, combine, top, tier
        )

    def state_at(self, time: Time) -> PastState:
        """Return the whole state as it was: the newest at or before ``time``.

        ``NotFoundError`` when nothing was recorded then.
        """
        return _ask.state_at(self._native, time)

    def series(self, since: Time | None = None, until: Time | None = None) -> list[SeriesInfo]:
        """List the series that have a value in a range; ``None`` leaves that end open."""
        return _ask.series(self._native, since, until)

    def extents(self) -> list[TierExtent]:
        """Return how much each tier holds, from fine to coarse."""
        return _ask.extents(self._native)

    def replay(self, since: Time | None = None, until: Time | None = None) -> Replay:
        """Return the recorded states, judged again in their order, from ``since`` on.

        Each is made when it is asked for; stopping early costs nothing.
        """
        return Replay(self.path, since, until)

    def extract(
        self,
        path: str | os.PathLike[str],
        since: Time | None = None,
        until: Time | None = None,
        *,
        mask_names: bool = False,
        progress: Callable[[float], object] | None = None,
    ) -> RecordingSummary:
        """Write a range into a new recording and return what it holds.

        ``mask_names``: names of processes, users, hosts and the like become numbered ones, and
        command lines are left out: to attach it to a bug report. ``progress`` is called with
        the share that is done, 0 to 1. An exception in it, and Ctrl-C, end the work and leave
        no file.
        """
        job = self._native.extract(path, *_ask.moments(since, until), mask_names)
        return drive(job, path, progress)

    def close(self) -> None:
        """Let go of the file. Closing twice does no harm."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = " (closed)" if self._native.closed else ""
        return f"<History {self.path!r}{closed}>"


class Replay:
    """The states of a recording, judged again one by one: an iterator of :class:`PastState`."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        since: Time | None = None,
        until: Time | None = None,
    ) -> None:
        self._native = _native.Replay(path, *_ask.moments(since, until))
        self.samples = self._native.samples()
        """How many samples the range holds."""
        self._given = 0

    def __iter__(self) -> Iterator[PastState]:
        return self

    def __next__(self) -> PastState:
        moment = self._native.next()
        if moment is None:
            raise StopIteration
        self._given += 1
        return past_state(moment)

    def __length_hint__(self) -> int:
        return max(0, self.samples - self._given)

    @property
    def notes(self) -> list[str]:
        """What could not be read so far, e.g. of a damaged block that was left out."""
        return self._native.notes()

    def close(self) -> None:
        """Let go of the file; no more states come."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Replay {self._given} of {self.samples} samples>"
