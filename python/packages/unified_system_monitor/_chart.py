"""A table as HTML for notebooks: line charts in SVG and a summary, without script or links.

Text and axes have the colour of the page's text, so that they are readable in light and dark
themes; the colours of the lines have enough contrast to both.
"""

from __future__ import annotations

import time as clock
from html import escape
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, NamedTuple

from ._text import heading, moment, number, printable, scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._table import HistoryColumn, HistoryTable

_COLOURS = (
    "#3b82f6", "#e8710a", "#0f9d76", "#dc4c64", "#9061f9", "#a07d00", "#0891b2", "#d0469b",
)  # fmt: skip
_MOST_LISTED = 24
_POINTS = 360
_WIDTH, _HEIGHT = 720, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 12, 12, 24
_HALF_LABEL = 36
_SECONDS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 604800, 1209600, 2592000, 7776000, 31536000,
)  # fmt: skip


class _Axis(NamedTuple):
    """A range of values and the places on it."""

    low: float
    high: float
    start: float
    """Where ``low`` is drawn."""
    end: float
    """Where ``high`` is drawn."""

    def place(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def table_html(table: HistoryTable) -> str:
    """Return a chart for each unit, and a line for each series."""
    colours = _colours(table)
    parts = ['<div class="usm-history" style="max-width:720px;font:13px system-ui,sans-serif">']
    parts += [_panel(table, unit, drawn) for unit, drawn in _by_unit(colours) if len(table)]
    parts.append(_summary(table, colours))
    parts += [f"<p>{_text(note)}</p>" for note in table.notes]
    parts.append("</div>")
    return "".join(parts)


def _text(text: str) -> str:
    """Return text as HTML, in which nothing has a meaning of its own."""
    return escape(printable(text), quote=True)


def _colours(table: HistoryTable) -> list[tuple[HistoryColumn, str]]:
    """Give the first series of each unit a colour; the others are only listed."""
    used: dict[str, int] = {}
    coloured: list[tuple[HistoryColumn, str]] = []
    for column in table.columns:
        number_of_unit = used.get(column.unit, 0)
        used[column.unit] = number_of_unit + 1
        drawn = number_of_unit < len(_COLOURS)
        coloured.append((column, _COLOURS[number_of_unit] if drawn else ""))
    return coloured


def _by_unit(
    coloured: Iterable[tuple[HistoryColumn, str]],
) -> list[tuple[str, list[tuple[HistoryColumn, str]]]]:
    units: dict[str, list[tuple[HistoryColumn, str]]] = {}
    for column, colour in coloured:
        if colour:
            units.setdefault(column.unit, []).append((column, colour))
    return list(units.items())


def _panel(table: HistoryTable, unit: str, drawn: Sequence[tuple[HistoryColumn, str]]) -> str:
    """Draw the series of one unit."""
    outlines = [(column._native.outline(_POINTS), colour) for column, colour in drawn]
    points = [point for pieces, _ in outlines for piece in pieces for point in piece]
    first, last = table._native.time(0), table._native.time(len(table) - 1)
    if not points:
        return ""
    low = min(point[1] for point in points)
    high = max(point[3] for point in points)
    divisor, suffix = scale(max(abs(low), abs(high)), unit)
    ticks = _ticks(low / divisor, high / divisor)
    up = _Axis(ticks[0] * divisor, ticks[-1] * divisor, _HEIGHT - _BOTTOM, _TOP)
    if last <= first:
        first, last = first - 0.5, last + 0.5
    along = _Axis(first, last, _LEFT, _WIDTH - _RIGHT)
    label = _text(", ".join(column.name for column, _ in drawn))
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" aria-label="{label}" '
        'style="display:block" fill="none" font-size="11">'
    ]
    for tick in ticks:
        y = up.place(tick * divisor)
        parts.append(_line(_LEFT, y, _WIDTH - _RIGHT, y))
        parts.append(_label(_LEFT - 6, y + 4, f"{tick:.10g}{suffix}", "end"))
    for seconds, text in _time_ticks(first, last):
        x = along.place(seconds)
        parts.append(_line(x, _TOP, x, _HEIGHT - _BOTTOM))
        near_end = x > _WIDTH - _HALF_LABEL
        parts.append(_label(x, _HEIGHT - 8, text, "end" if near_end else "middle"))
    for pieces, colour in outlines:
        parts += [_piece(piece, along, up, colour) for piece in pieces]
    parts.append("</svg>")
    return "".join(parts)


def _piece(
    piece: Sequence[tuple[float, float, float, float]], along: _Axis, up: _Axis, colour: str
) -> str:
    """Draw a line without gaps, and the range in which the values of each point lie."""
    places = [
        (along.place(when), up.place(low), up.place(mean), up.place(high))
        for when, low, mean, high in piece
    ]
    if len(places) == 1:
        x, low, mean, high = places[0]
        dot = f'<circle cx="{x:.1f}" cy="{mean:.1f}" r="1.8" fill="{colour}"/>'
        return dot + (_line(x, low, x, high, colour) if low - high > 1 else "")
    drawn = ""
    if any(low - high > 1 for _x, low, _mean, high in places):
        outer = [f"{x:.1f},{high:.1f}" for x, _low, _mean, high in places]
        outer += [f"{x:.1f},{low:.1f}" for x, low, _mean, _high in reversed(places)]
        drawn = f'<polygon points="{" ".join(outer)}" fill="{colour}" fill-opacity=".22"/>'
    line = " ".join(f"{x:.1f},{mean:.1f}" for x, _low, mean, _high in places)
    return drawn + (
        f'<polyline points="{line}" stroke="{colour}" stroke-width="1.5" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "") -> str:
    stroke = colour or 'currentColor" stroke-opacity=".16'
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}"/>'


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor" '
        f'fill-opacity=".75">{_text(text)}</text>'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round values that reach from below the least to above the greatest."""
    if low >= 0 and low <= 0.6 * high:
        low = 0.0
    if high <= low:
        pad = abs(low) * 0.1 or 1.0
        low, high = (0.0, high + pad) if low == 0 else (low - pad, high + pad)
    rough = (high - low) / 4
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if rough <= size * factor * 1.0001)
    start, end = floor(low / step), ceil(high / step - 1e-9)
    if not isfinite(step) or end - start > 20:
        return [low, high]
    return [place * step for place in range(start, max(end, start + 1) + 1)]


def _time_ticks(first: float, last: float) -> list[tuple[float, str]]:
    """Round local times in a range, with the date where it changes."""
    step = next((s for s in _SECONDS if (last - first) / s <= 6.5), None)
    if step is None or last - first < 1:
        return [(first, moment(first)), (last, moment(last))]
    try:
        zone = clock.localtime(first).tm_gmtoff
    except (ValueError, OverflowError, OSError):
        zone = 0
    ticks: list[tuple[float, str]] = []
    day = ""
    for place in range(ceil((first + zone) / step), floor((last + zone) / step) + 1):
        seconds = place * step - zone
        date = moment(seconds, "%Y-%m-%d")
        text = moment(seconds, "%H:%M:%S" if step < 60 else "%H:%M")
        if step >= 86400:
            text = date
        elif date != day:
            text = f"{date[5:]} {text}" if day or step >= 3600 else f"{date} {text}"
        day = date
        ticks.append((seconds, text))
    return ticks


def _summary(table: HistoryTable, coloured: Sequence[tuple[HistoryColumn, str]]) -> str:
    """List the series with their numbers."""
    heads = ("series", "min", "mean", "max", "last")
    cells = "".join(f'<th style="text-align:{_align(head)}">{head}</th>' for head in heads)
    rows = [f"<thead><tr>{cells}</tr></thead>"]
    for column, colour in coloured[:_MOST_LISTED]:
        swatch = f'<span style="color:{colour}">■</span> ' if colour else ""
        numbers = (number(getattr(column, head), column.unit) for head in heads[1:])
        row = "".join(f'<td style="text-align:right">{_text(n)}</td>' for n in numbers)
        name = f'<td style="text-align:left">{swatch}{_text(column.name)}</td>'
        rows.append(f"<tr>{name}{row}</tr>")
    more = len(coloured) - _MOST_LISTED
    if more > 0:
        rows.append(f'<tr><td colspan="5" style="text-align:left">and {more} more</td></tr>')
    caption = f'<caption style="text-align:left">{_text(heading(table))}</caption>'
    return f"<table>{caption}{''.join(rows)}</table>"


def _align(head: str) -> str:
    return "left" if head == "series" else "right"
