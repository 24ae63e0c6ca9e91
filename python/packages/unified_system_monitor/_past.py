"""The part of a monitor that answers from its own database."""

from __future__ import annotations

from . import _ask
from ._errors import InvalidStateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._moment import PastState
    from ._native import Monitor as NativeMonitor
    from ._summaries import SeriesInfo, TierExtent
    from ._table import HistoryTable
    from ._when import Duration, Time


class Remembering:
    """What a monitor remembers; everything that was sampled so far is in the answers."""

    _native: NativeMonitor | None = None
    """The engine; ``None`` only when making it failed."""

    @property
    def _engine(self) -> NativeMonitor:
        if self._native is None:
            raise InvalidStateError("the monitor was not made")
        return self._native

    def history(
        self,
        select: str | Sequence[str],
        since: Time | None = "1h",
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
        """Return series over a range: ``monitor.history("cpu_percent", since="24h", step="1m")``.

        :param select: a metric, one narrowed by labels (``'core_busy_percent{core="0"}'``,
            ``'process_rss_bytes{name="post*"}'``), or several; :meth:`series` lists them.
        :param since: Unix seconds, a ``datetime`` (without a zone: local time), a
            ``timedelta`` before now, or a text (``"24h"``, ``"2026-11-23 14:05"``); ``None``:
            from the first that there is.
        :param until: likewise, and not included; ``None``: to the last that there is.
        :param step: width of a row in seconds, as a ``timedelta`` or a text (``"1m"``), rows
            being aligned to multiples of it; ``None``: the rows as they are kept.
        :param aggregate: how the values of a step become one: ``mean``, ``min``, ``max``,
            ``last``, ``sum``, ``count``, ``median``, or a quantile such as ``p95``.
        :param rate: the increase per second of a counter; a reset gives a gap.
        :param by: puts the series of a metric together that agree in these labels; ``()``: all.
        :param combine: how the values of series that are put together become one.
        :param top: only the so many series of each metric whose mean is greatest.
        :param tier: from ``raw``, ``10s``, ``1min`` or ``10min`` only; ``None``: from the
            finest that covers the range.
        """
        return _ask.query(
            self._engine.past, select, since, until, step, aggregate, rate, by, combine, top, tier
        )

    def state_at(self, time: Time) -> PastState:
        """Return the whole state as it was: the newest at or before ``time``.

        ``NotFoundError`` when nothing was recorded then.
        """
        return _ask.state_at(self._engine.past, time)

    def series(self, since: Time | None = None, until: Time | None = None) -> list[SeriesInfo]:
        """List the series that have a value in a range; ``None`` leaves that end open."""
        return _ask.series(self._engine.past, since, until)

    def history_extents(self) -> list[TierExtent]:
        """Return how much each tier of the history holds, from fine to coarse."""
        return _ask.extents(self._engine.past)
