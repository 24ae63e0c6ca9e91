"""Numbers, times and tables as text."""

from __future__ import annotations

import time as clock
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._table import HistoryColumn, HistoryTable

UNKNOWN = "-"
_BARS = "▁▂▃▄▅▆▇█"
_SPARK_CELLS = 32
_LONGEST_NAME = 48
_MOST_LINES = 12

_SUFFIXES = {
    "percent": " %",
    "per_second": "/s",
    "seconds": " s",
    "milliseconds": " ms",
    "microseconds": " µs",
    "celsius": " °C",
    "rpm": " rpm",
    "megahertz": " MHz",
    "watts": " W",
}
_BINARY = {"bytes": "", "bytes_per_second": "/s"}
_COUNTED = ("count", "number", "per_second")


def scale(largest: float, unit: str) -> tuple[float, str]:
    """Return what values of this size are best divided by, and the suffix they then have."""
    if unit in _BINARY:
        power, prefix = _power(abs(largest), 1024.0, ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))
        return power, f" {prefix}B{_BINARY[unit]}"
    suffix = _SUFFIXES.get(unit, "")
    if unit in _COUNTED and abs(largest) >= 10_000:
        power, prefix = _power(abs(largest), 1000.0, ("", "k", "M", "G", "T", "P", "E"))
        return power, f" {prefix}{suffix}"
    return 1.0, suffix


def _power(value: float, base: float, prefixes: tuple[str, ...]) -> tuple[float, str]:
    power = 1.0
    for prefix in prefixes[:-1]:
        if value < power * base:
            return power, prefix
        power *= base
    return power, prefixes[-1]


def number(value: float | None, unit: str) -> str:
    """Return a value with its unit, to three digits or what is before the point."""
    if value is None:
        return UNKNOWN
    divisor, suffix = scale(value, unit)
    value /= divisor
    if value == 0 or not isfinite(value):
        return f"{value:.0f}{suffix}"
    digits = max(0, 2 - floor(log10(abs(value))))
    text = f"{value:.{min(digits, 9)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{suffix}"


def printable(text: str) -> str:
    """Return text that does nothing to a terminal or a page but stand there."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def moment(seconds: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a time in local time."""
    try:
        return clock.strftime(form, clock.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return f"{seconds:g}"


def stretch(seconds: float) -> str:
    """Return a stretch of time in its largest whole unit: ``90s``, ``5m``, ``2h``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def heading(table: HistoryTable) -> str:
    """Return size, range, step and tiers of a table in a line."""
    rows, series = len(table), len(table.columns)
    parts = [f"{rows} row{'s' * (rows != 1)} x {series} series"]
    if rows:
        parts.append(f"{moment(table._native.time(0))} to {moment(table._native.time(rows - 1))}")
    if table.step is not None:
        parts.append(f"step {stretch(table.step)}")
    if table.tiers:
        parts.append("from " + ", ".join(table.tiers))
    return ", ".join(parts)


def sparkline(column: HistoryColumn, cells: int = _SPARK_CELLS) -> str:
    """Return a chart of a line; a blank is a gap."""
    native = column._native
    cells = max(1, min(cells, len(column)))
    pieces = native.outline(cells)
    points = [(when, mean) for piece in pieces for when, _low, mean, _high in piece]
    if not points:
        return ""
    first, last = native.span()
    low = min(mean for _when, mean in points)
    high = max(mean for _when, mean in points)
    sums = [0.0] * cells
    counts = [0] * cells
    for when, mean in points:
        cell = min(cells - 1, int((when - first) / (last - first) * cells)) if last > first else 0
        sums[cell] += mean
        counts[cell] += 1
    return "".join(
        _bar(total / count, low, high) if count else " " for total, count in zip(sums, counts)
    )


def _bar(value: float, low: float, high: float) -> str:
    if high <= low:
        return _BARS[3]
    return _BARS[min(len(_BARS) - 1, int((value - low) / (high - low) * len(_BARS)))]


def column_line(column: HistoryColumn) -> str:
    """Return name, sparkline and numbers of a series."""
    numbers = ("min", "mean", "max", "last")
    said = "  ".join(f"{what} {number(getattr(column, what), column.unit)}" for what in numbers)
    return f"{column.name}  {sparkline(column)}  {said}"


def table_text(table: HistoryTable) -> str:
    """Return the table in words, a line for each series."""
    lines = [f"<HistoryTable: {heading(table)}>"]
    shown = table.columns[:_MOST_LINES]
    if shown:
        cells: list[Callable[[HistoryColumn], str]] = [
            lambda column: _shortened(column.name),
            sparkline,
            lambda column: "min " + number(column.min, column.unit),
            lambda column: "mean " + number(column.mean, column.unit),
            lambda column: "max " + number(column.max, column.unit),
            lambda column: "last " + number(column.last, column.unit),
        ]
        grid = [[cell(column) for cell in cells] for column in shown]
        widths = [max(map(len, texts)) for texts in zip(*grid)]
        for row in grid:
            padded = (text.ljust(width) for text, width in zip(row, widths))
            lines.append("  " + "  ".join(padded).rstrip())
    if len(table.columns) > len(shown):
        lines.append(f"  ... and {len(table.columns) - len(shown)} more")
    lines += [f"  note: {printable(note)}" for note in table.notes]
    return "\n".join(lines)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
