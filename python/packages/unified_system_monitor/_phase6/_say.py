"""What the command line says: plain lines, coloured where rich is installed, or JSON."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import TYPE_CHECKING, Any

from .._fields import Record

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


class CommandError(Exception):
    """The command did not do what was asked; its text is for the user."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


class Voice:
    """Says what a command found."""

    def __init__(self, console: Any, *, as_json: bool) -> None:
        self._console = console
        self.as_json = as_json
        """One JSON object in one line instead of text."""

    def heading(self, text: str) -> None:
        """Head what follows, as the prototype did where rich was installed."""
        if self._console is not None:
            self.line(text, "bold blue")

    def line(self, text: str, style: str = "") -> None:
        """Say one line. Nothing in it is taken for markup, and nothing reaches the terminal."""
        if self.as_json:
            return
        if self._console is None:
            print(safe(text))
            return
        from rich.text import Text

        # One line stays one, however long: scripts look for it.
        self._console.print(Text(safe(text), style=style), soft_wrap=True)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Say rows: as a table, or ``name: value`` and the like without rich."""
        if self.as_json:
            return
        if self._console is None:
            for name, *rest in rows:
                print(safe(f"{name}: {'  '.join(text for text in rest if text)}"))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table()
        for name in head:
            table.add_column(name)
        for row in rows:
            table.add_row(*(Text(safe(text)) for text in row))
        self._console.print(table)

    def json(self, value: Any) -> None:
        """Say a value, if JSON was asked for."""
        if self.as_json:
            print(json.dumps(plain(value), ensure_ascii=False, allow_nan=False))


def has(args: argparse.Namespace, name: str) -> bool:
    """Whether an option was given; a namespace made by hand need not know it."""
    return bool(getattr(args, name, False))


def safe(text: str) -> str:
    """Make visible what a terminal would obey: names of processes are anybody's."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def plain(value: Any) -> Any:
    """Make of a value what JSON has: enums are their values, what is not known is null."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Record):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, dict):
        return {str(plain(name)): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return {name: plain(getattr(value, name)) for name in fields}
    return str(value)


def percent(value: float | None) -> str:
    """Write a percentage with one decimal."""
    return f"{value:.1f}%" if value is not None and math.isfinite(value) else "unknown"
