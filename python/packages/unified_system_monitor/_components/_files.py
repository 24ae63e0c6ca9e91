"""Where the components keep things: the engine's database, or a file of the user's choice.

The engine's database has every table of the prototype, and a link by the name of each of the
prototype's files. So a component without a ``db_path`` of its own works on the engine's
database, and one with a ``db_path`` makes the prototype's tables in that file. Where a real
file is in a link's place, one that the prototype or an earlier version wrote, it is used as it
is.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from .._errors import StoreError
from ._schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_PATIENCE = 5.0
"""Seconds that a file may be locked by another process."""

_ENGINES = 0x5553_4D31
"""``application_id`` of the engine's database."""

_MOST_ROWS = 20_000
"""Rows that a table of a file of one's own keeps; the engine's database has its retention."""

_FOREVER = ("alert_rules", "custom_alert_rules", "complex_alert_rules", "tools")

_said: set[str] = set()


def log(text: str, *values: object) -> None:
    """Warn in the log of the package."""
    import logging

    logging.getLogger("unified_system_monitor").warning(text, *values)


def place_of(unified: str, name: str) -> str:
    """Return where a component's file is: a link to the engine's database, or a real file.

    The database itself where the folder has neither, and where the link leads elsewhere.
    """
    path = os.path.join(os.path.dirname(unified), name)  # noqa: PTH118, PTH120
    if os.path.islink(path):  # noqa: PTH114
        # One that leads elsewhere is none that the engine made.
        return path if os.path.realpath(path) == os.path.realpath(unified) else unified
    if not os.path.exists(path):  # noqa: PTH110
        return unified
    if path not in _said:
        _said.add(path)
        log(
            "%s is a file of the prototype or of an earlier version and is used as it is; "
            "to have what is in it in %s, run: usm migrate %s",
            path,
            unified,
            os.path.dirname(path),  # noqa: PTH120
        )
    return path


class File:
    """One file; a connection lasts for one piece of work, all of which is written or nothing."""

    def __init__(self, path: str | None, tables: Sequence[str]) -> None:
        # Without a path it is in memory, for as long as this object.
        self._path = path
        self._tables = tables
        self._saved: dict[str, str] | None = None
        self._memory = None if path is not None else self._connected(":memory:")

    @property
    def path(self) -> str | None:
        """The file."""
        return self._path

    def table(self, name: str) -> str:
        """Return the table that has the component's own rows.

        In the engine's database some are views, of which only a part is the programs'.
        """
        if self._saved is None:
            with self._open():
                pass
        return (self._saved or {}).get(name, name)

    @contextmanager
    def work(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for writing; ``StoreError`` names the file."""
        with self._open() as connection, connection:
            # At once, so that what is read before is still so when it is written.
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return what a query gives, by the columns' names."""
        with self._open() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    @property
    def is_engines(self) -> bool:
        """Whether it is the engine's database."""
        return self.table("alerts") != "alerts"

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Do one thing; return how many rows it concerned."""
        with self.work() as connection:
            return connection.execute(sql, values).rowcount

    def keep(
        self,
        table: str,
        key: Sequence[str],
        several: Sequence[Mapping[str, Any]],
        slot: float | None = None,
    ) -> None:
        """Keep rows: each takes the place of the one that has the same ``key``.

        With a ``slot``, of the one within the same so many seconds, by ``timestamp``.
        """
        if several:
            with self.work() as connection:
                for values in several:
                    self._put(connection, self.table(table), key, values, slot)
                self.prune(connection, table)

    def prune(self, connection: sqlite3.Connection, table: str) -> None:
        """Keep a file of one's own from growing for ever."""
        if not self._saved and table not in _FOREVER:
            connection.execute(
                f"DELETE FROM {table} WHERE id <= (SELECT max(id) FROM {table}) - ?",  # noqa: S608
                (_MOST_ROWS,),
            )

    @staticmethod
    def _put(
        connection: sqlite3.Connection,
        table: str,
        key: Sequence[str],
        values: Mapping[str, Any],
        slot: float | None,
    ) -> None:
        # Not by ON CONFLICT: the prototype's tables have no such keys.
        where = [f"{name} IS ?" for name in key]
        sought = [values[name] for name in key]
        if slot is not None:
            start = values["timestamp"] // slot * slot
            where.append("timestamp >= ? AND timestamp < ?")
            sought += [start, start + slot]
        known = connection.execute(
            f"SELECT id FROM {table} WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT 1",  # noqa: S608
            sought,
        ).fetchone()
        if known is None:
            insert(connection, table, values)
            return
        changed = ", ".join(f"{name} = ?" for name in values)
        connection.execute(
            f"UPDATE {table} SET {changed}, created_at = CURRENT_TIMESTAMP WHERE id = ?",  # noqa: S608
            [*values.values(), known["id"]],
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._memory is not None:
                yield self._memory
                return
            assert self._path is not None  # noqa: S101  # one of them is there
            with closing(self._connected(self._path)) as connection:
                yield connection
        except sqlite3.Error as problem:
            raise self._error(problem) from problem

    def _connected(self, path: str) -> sqlite3.Connection:
        if path == ":memory:":
            connection = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
        else:
            self._make(path)
            # Read and write, but never make: that is done, for the user alone.
            connection = sqlite3.connect(
                f"file:{quote(os.fsencode(path))}?mode=rw",
                uri=True,
                timeout=_PATIENCE,
                check_same_thread=False,
            )
        try:
            connection.row_factory = sqlite3.Row
            saved = _saved(connection)
            if not saved:
                for table in self._tables:
                    _complete(connection, table)
            self._saved = saved
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, path: str) -> None:
        """Make the file and its folder for the user alone, as the engine makes its own."""
        if os.path.exists(path):  # noqa: PTH110
            return
        if os.path.islink(path):  # noqa: PTH114
            raise self._error("the engine has not made the database that this leads to")
        try:
            os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError as problem:
            raise self._error(problem) from problem

    def _error(self, problem: object) -> StoreError:
        error = StoreError(f"{self._path or 'memory'}: {problem}")
        error.path = self._path
        return error


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> int:
    """Add a row and return its ``id``."""
    columns, places = ", ".join(values), ", ".join("?" * len(values))
    done = connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
        list(values.values()),
    )
    return done.lastrowid or 0


def _saved(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the engine's tables of rows that programs wrote, by the view's name."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if mark != _ENGINES:
        return {}
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE name LIKE 'saved\\_%' ESCAPE '\\'"
    )
    saved = {row["name"].partition("_")[2]: row["name"] for row in rows}
    if not saved:
        raise sqlite3.OperationalError("the engine has not brought the database up to date")
    return saved


def _complete(connection: sqlite3.Connection, table: str) -> None:
    """Make a table, or add the columns that an older file's has not."""
    columns = TABLES[table]
    there = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    if not there:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)})")
        return
    for column in columns:
        name, _, declared = column.partition(" ")
        if name not in there:
            kind = declared.split(" ")[0]
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
