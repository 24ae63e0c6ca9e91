"""Tables on the terminal: with rich where it is installed, plain columns elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _display

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; nothing in it is taken for markup, nor for a terminal's commands."""
    texts = [[plain(cell) for cell in row] for row in rows]
    if not _display.RICH_AVAILABLE:
        print(title)
        widths = [max(map(len, column)) for column in zip(head, *texts)]
        for row in (head, *texts):
            print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title))
    for name in head:
        table.add_column(name)
    for row in texts:
        table.add_row(*map(Text, row))
    _display.console().print(table)


def number(value: float | None, unit: str = "") -> str:
    """Write a number short; what is not known is a dash."""
    return "-" if value is None or value != value else f"{value:.1f}{unit}"


def plain(cell: object) -> str:
    """Return a cell as text without what a terminal would obey."""
    text = "-" if cell is None else str(cell)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
