"""The components' own SQLite files, with the prototype's tables and columns.

They hold what the engine has no place for: alerts that a program found itself, rules over its
own metrics. A file that the prototype wrote is taken over as it is.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from .._errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_PATIENCE = 5.0
"""Seconds that a file may be locked by another process."""


class File:
    """One file; a connection lasts for one piece of work, all of which is written or nothing."""

    def __init__(self, path: str | None, tables: Mapping[str, Sequence[str]]) -> None:
        # Without a path it is in memory, for as long as this object.
        self._path = path
        self._tables = tables
        self._memory = None if path is not None else self._connected(":memory:")

    @property
    def path(self) -> str | None:
        """The file."""
        return self._path

    @contextmanager
    def work(self) -> Iterator[sqlite3.Connection]:
        """Give a connection within a transaction; ``StoreError`` names the file."""
        try:
            if self._memory is not None:
                with self._memory:
                    yield self._memory
                return
            assert self._path is not None  # noqa: S101  # one of them is there
            with closing(self._connected(self._path)) as connection, connection:
                yield connection
        except sqlite3.Error as problem:
            error = StoreError(f"{self._path or 'memory'}: {problem}")
            error.path = self._path
            raise error from problem

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return what a query gives, by the columns' names."""
        with self.work() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Do one thing; return how many rows it concerned."""
        with self.work() as connection:
            return connection.execute(sql, values).rowcount

    def _connected(self, path: str) -> sqlite3.Connection:
        if path != ":memory:":
            _make(path)
        connection = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        for table, columns in self._tables.items():
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)})")
            there = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
            for column in columns:
                name, _, declared = column.partition(" ")
                if name not in there and name.isidentifier() and name != "UNIQUE":
                    kind = declared.split(" ")[0]
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
        return connection


def _make(path: str) -> None:
    """Make the file and its folder for the user alone, as the engine makes its own."""
    if os.path.exists(path):  # noqa: PTH110
        return
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as problem:
        error = StoreError(f"{path}: {problem}")
        error.path = path
        raise error from problem
