"""Asking a history: of a running monitor and of a file alike."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    from ._moment import PastState
    from ._native import Moment, Table
    from ._summaries import SeriesInfo, TierExtent
    from ._table import HistoryTable
    from ._when import Duration, Time

    class _Source(Protocol):
        """What answers: the engine's ``Past`` and ``History``."""

        def query(self, question: dict[str, Any], /) -> Table:
            """Answer a question."""

        def state_at(self, time: float, /) -> Moment:
            """Return the state as it was."""

        def series(self, since: float | None, until: float | None, /) -> list[tuple[Any, ...]]:
            """Return what has a value in a range."""

        def extents(self) -> list[tuple[Any, ...]]:
            """Return how much each tier holds."""


def query(
    source: _Source,
    select: str | Sequence[str],
    since: Time | None,
    until: Time | None,
    step: Duration | None,
    aggregate: str,
    rate: bool,
    by: str | Sequence[str] | None,
    combine: str,
    top: int | None,
    tier: str | None,
) -> HistoryTable:
    """Answer a question, its times and lists being of any kind that they may be."""
    from ._table import HistoryTable
    from ._when import refused, seconds

    if top is not None and top < 0:
        raise refused("top", top, "0 or more")
    question = {
        "select": _texts("select", select),
        "since": _moment("since", since),
        "until": _moment("until", until),
        "step": None if step is None else seconds("step", step),
        "aggregate": aggregate,
        "rate": rate,
        "by": None if by is None else _texts("by", by),
        "combine": combine,
        "top": top,
        "tier": tier,
    }
    return HistoryTable(source.query(question))


def state_at(source: _Source, when: Time) -> PastState:
    """Return the state as it was."""
    from ._moment import past_state
    from ._when import unix_seconds

    return past_state(source.state_at(unix_seconds("time", when)))


def series(source: _Source, since: Time | None, until: Time | None) -> list[SeriesInfo]:
    """Return what has a value in a range."""
    from ._summaries import SeriesInfo

    rows = source.series(_moment("since", since), _moment("until", until))
    return [SeriesInfo._make(row) for row in rows]


def extents(source: _Source) -> list[TierExtent]:
    """Return how much each tier holds."""
    from ._summaries import TierExtent

    return [TierExtent._make(row) for row in source.extents()]


def moments(since: Time | None, until: Time | None) -> tuple[float | None, float | None]:
    """Return the ends of a range in Unix seconds; ``None`` is an open end."""
    return _moment("since", since), _moment("until", until)


def _moment(name: str, when: Time | None) -> float | None:
    if when is None:
        return None
    from ._when import unix_seconds

    return unix_seconds(name, when)


def _texts(name: str, given: str | Sequence[str]) -> list[str]:
    if isinstance(given, str):
        return [given]
    texts = list(given)
    for text in texts:
        if not isinstance(text, str):
            from ._when import refused

            raise refused(name, repr(text), "a text or several")
    return texts
