"""The history by the prototype's names of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .._when import unix_seconds
from ._metric_names import NAMES, known_number, plain_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._monitor import UnifiedSystemMonitor

MOST_ROWS = 2000
"""Rows that a range is cut into at most: beyond that they are means of a longer time."""


class Rows(NamedTuple):
    """Times, and a column for each metric; what is not known is ``None``."""

    times: list[float]
    columns: dict[str, list[float | None]]

    def known(self, name: str) -> list[float]:
        """Return the values of a metric that are known."""
        return [value for value in self.columns[name] if value is not None]

    def points(self, name: str) -> list[tuple[float, float]]:
        """Return time and value of each that is known."""
        pairs = zip(self.times, self.columns[name])
        return [(time, value) for time, value in pairs if value is not None]

    def pairs(self, first: str, second: str) -> tuple[list[float], list[float]]:
        """Return the values of two metrics where both are known."""
        both = [
            (a, b)
            for a, b in zip(self.columns[first], self.columns[second])
            if a is not None and b is not None
        ]
        return [a for a, _ in both], [b for _, b in both]


def read(monitor: UnifiedSystemMonitor, names: Sequence[str], time_range: str = "7d") -> Rows:
    """Read metrics of a range (``"24h"``, ``"7d"``) up to now."""
    since = unix_seconds("time_range", time_range)
    if not monitor.config.store_enabled:
        return _of_memory(monitor, names, since)
    extents = monitor.history_extents()
    if not extents:
        return Rows([], {name: [] for name in names})
    since = max(since, min(extent.first for extent in extents))
    span = max(extent.last for extent in extents) - since
    step = None if span < MOST_ROWS else float(-(-span // MOST_ROWS))
    metrics = {name: NAMES[name] for name in names}
    table = monitor.history([known.metric for known in metrics.values()], since=since, step=step)
    columns: dict[str, list[float | None]] = {}
    there = {column.name: column for column in table.columns}
    for name, known in metrics.items():
        column = there.get(known.metric)
        if column is None:
            columns[name] = [None] * len(table)
        elif known.divisor == 1.0:
            columns[name] = column.values
        else:
            columns[name] = [None if v is None else v / known.divisor for v in column.values]
    return Rows(table.times, columns)


def _of_memory(monitor: UnifiedSystemMonitor, names: Sequence[str], since: float) -> Rows:
    """Read what is in memory, where nothing is stored."""
    states = [
        plain_metrics(state.metrics)
        for state in monitor.state_history
        if state.metrics is not None and state.timestamp >= since
    ]
    times = [float(metrics["timestamp"]) for metrics in states]
    return Rows(times, {name: [_number(m.get(name)) for m in states] for name in names})


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, bool) else known_number(value)
