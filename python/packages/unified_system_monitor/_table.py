"""Answers of the history: one axis of time, one column for each series."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, overload

from . import _native
from ._frames import needed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ._native import Column as NativeColumn
    from ._native import Table as NativeTable
    from ._native import _Row

_ROWS_AT_ONCE = 1024


class _Frozen:
    """An object whose attributes do not change."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} can't be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} can't be changed: {name}")


class HistoryColumn(_Frozen):
    """One series of a :class:`HistoryTable`; a sequence of its values.

    A value that is not known is ``None`` here and NaN in arrays: ``numpy.asarray(column)``
    is a read-only array of the very same memory.
    """

    __slots__ = ("__weakref__", "_native")
    _native: NativeColumn

    def __init__(self, native: NativeColumn) -> None:
        object.__setattr__(self, "_native", native)

    @property
    def name(self) -> str:
        """Metric and labels, as a selector reads them: ``core_busy_percent{core="0"}``."""
        return self._native.name

    @property
    def metric(self) -> str:
        """Name of the metric."""
        return self._native.metric

    @property
    def labels(self) -> dict[str, str]:
        """Labels by name; empty for the machine as a whole."""
        return self._native.labels

    @property
    def unit(self) -> str:
        """Unit of the values: ``percent``, ``bytes``, ``bytes_per_second`` and so on."""
        return self._native.unit

    @property
    def kind(self) -> str:
        """``gauge`` goes up and down; ``counter`` only grows until it is reset."""
        return self._native.kind

    @property
    def values(self) -> list[float | None]:
        """A value for each row; ``None`` where nothing is known."""
        return self._native.values()

    @property
    def min(self) -> float | None:
        """The least value; ``None`` without any."""
        return self._native.summary()[1]

    @property
    def mean(self) -> float | None:
        """The mean of the values."""
        return self._native.summary()[2]

    @property
    def max(self) -> float | None:
        """The greatest value."""
        return self._native.summary()[3]

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self._native.summary()[4]

    def __len__(self) -> int:
        return len(self._native)

    @overload
    def __getitem__(self, row: int) -> float | None: ...
    @overload
    def __getitem__(self, row: slice) -> list[float | None]: ...
    def __getitem__(self, row: int | slice) -> float | list[float | None] | None:
        if isinstance(row, slice):
            return self.values[row]
        return self._native.value(_place(row, len(self)))

    def __iter__(self) -> Iterator[float | None]:
        return iter(self.values)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._native.array_interface()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HistoryColumn):
            return NotImplemented
        return self._native.same(other._native)

    def __hash__(self) -> int:
        return hash((self.name, len(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        # With the times that it belongs to, but without its neighbours.
        return _only_column, (self._native.alone(),)

    def __repr__(self) -> str:
        from ._text import column_line

        return f"<HistoryColumn {column_line(self)}>"


class _Times:
    """The times as NumPy sees them."""

    def __init__(self, native: NativeTable) -> None:
        self._native = native

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._native.time_array_interface()


class HistoryTable(_Frozen):
    """An answer of the history: times, and a column for each series. It does not change.

    ``len`` is the number of rows; iteration gives them as tuples of the time and the values.
    ``table[3]`` is a row, ``table["cpu_percent"]`` a column. Times are Unix seconds; with a
    step, or of a coarser tier, the beginning of each row. Gaps are ``None`` in lists, NaN in
    arrays and data frames of pandas, null in Arrow and polars.
    """

    __slots__ = ("__weakref__", "_columns", "_native")
    _native: NativeTable
    _columns: tuple[HistoryColumn, ...]

    def __init__(self, native: NativeTable) -> None:
        if not isinstance(native, _native.Table):
            raise TypeError("a HistoryTable is made by asking a history")
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_columns", tuple(map(HistoryColumn, native.columns())))

    # What it holds.

    @property
    def times(self) -> list[float]:
        """Time of each row, Unix seconds, ascending."""
        return self._native.times()

    @property
    def columns(self) -> tuple[HistoryColumn, ...]:
        """The series, in the order of the selectors and then by labels."""
        return self._columns

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self._columns]

    @property
    def values(self) -> list[list[float | None]]:
        """The values of each column."""
        return [column.values for column in self._columns]

    @property
    def step(self) -> float | None:
        """Width of a row in seconds; ``None`` for samples as they were taken."""
        return self._native.step

    @property
    def tiers(self) -> list[str]:
        """The tiers that the values come from, from fine to coarse."""
        return self._native.tiers

    @property
    def notes(self) -> list[str]:
        """What the reader should know, e.g. of a damaged block that was left out."""
        return self._native.notes

    def column(self, name: str | int) -> HistoryColumn:
        """Return a column by its name or place. A metric's name does when it has one column."""
        if isinstance(name, int):
            return self._columns[name]
        found = [c for c in self._columns if c.name == name]
        found = found or [c for c in self._columns if c.metric == name]
        if len(found) == 1:
            return found[0]
        raise KeyError(
            f"{name!r}: {len(found) or 'no'} column{'s' if found else ''} of that name; there is "
            f"{', '.join(self.names[:8]) or 'none'}{', ...' if len(self._columns) > 8 else ''}"
        )

    def __len__(self) -> int:
        return len(self._native)

    def __iter__(self) -> Iterator[_Row]:
        for start in range(0, len(self), _ROWS_AT_ONCE):
            yield from self._native.rows(start, start + _ROWS_AT_ONCE)

    @overload
    def __getitem__(self, key: int) -> _Row: ...
    @overload
    def __getitem__(self, key: slice) -> list[_Row]: ...
    @overload
    def __getitem__(self, key: str) -> HistoryColumn: ...
    def __getitem__(self, key: int | slice | str) -> Any:
        if isinstance(key, str):
            return self.column(key)
        if isinstance(key, slice):
            start, stop, stride = key.indices(len(self))
            return self._native.rows(start, stop) if stride == 1 else list(self)[key]
        row = _place(key, len(self))
        return self._native.rows(row, row + 1)[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HistoryTable):
            return NotImplemented
        return self._native.same(other._native)

    def __hash__(self) -> int:
        return hash((tuple(self.names), len(self), self.step))

    def __reduce__(self) -> tuple[Any, ...]:
        return HistoryTable, (self._native,)

    # As plain Python.

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return the columns by name, ``timestamp`` (Unix seconds) being the first."""
        columns: dict[str, list[float | None]] = {"timestamp": list(self.times)}
        columns.update((column.name, column.values) for column in self._columns)
        return columns

    def to_lists(self) -> list[list[float | None]]:
        """Return the rows: the time, then a value for each column."""
        return [list(row) for row in self]

    def to_dicts(self) -> list[dict[str, float | None]]:
        """Return the rows by name of the column, ``timestamp`` being the first."""
        names = ("timestamp", *self.names)
        return [dict(zip(names, row)) for row in self]

    # As text.

    @overload
    def to_csv(self, path: None = None) -> str: ...
    @overload
    def to_csv(self, path: str | os.PathLike[str]) -> None: ...
    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return CSV, or write it: ``timestamp`` and the series, empty where not known."""
        if path is None:
            return self._native.csv()
        self._native.write_csv(path)
        return None

    @overload
    def to_json(self, path: None = None) -> str: ...
    @overload
    def to_json(self, path: str | os.PathLike[str]) -> None: ...
    def to_json(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Return JSON, or write it: ``times``, and ``columns`` with what they are."""
        if path is None:
            return self._native.json()
        self._native.write_json(path)
        return None

    # For other libraries.

    def to_pandas(self, *, copy: bool = False) -> Any:
        """Return a pandas ``DataFrame``, its index being ``time`` in UTC.

        Its columns are this table's memory, and so can be replaced but not written into;
        with ``copy`` they can.
        """
        from ._frames import to_pandas

        return to_pandas(self, _Times(self._native), copy)

    def to_polars(self) -> Any:
        """Return a polars ``DataFrame``, through Arrow, without copying."""
        return needed("polars", "to_polars").DataFrame(self)

    def to_pyarrow(self) -> Any:
        """Return a ``pyarrow.Table``, without copying."""
        return needed("pyarrow", "to_pyarrow").table(self)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write a Parquet file; needs pyarrow."""
        parquet = needed("pyarrow.parquet", "to_parquet")
        parquet.write_table(self.to_pyarrow(), os.fspath(path))

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Serve whoever reads Arrow. The schema is the table's own, whatever is requested."""
        return self._native.arrow_stream()

    def __arrow_c_schema__(self) -> Any:
        """Serve who wants to know what the columns will be."""
        return self._native.arrow_schema()

    # In words and pictures.

    def __repr__(self) -> str:
        from ._text import table_text

        return table_text(self)

    def _repr_html_(self) -> str:
        """Draw a chart for notebooks."""
        from ._chart import table_html

        return table_html(self)


def _only_column(table: NativeTable) -> HistoryColumn:
    return HistoryColumn(table.columns()[0])


def _place(index: int, length: int) -> int:
    place = index + length if index < 0 else index
    if not 0 <= place < length:
        raise IndexError(f"row {index} of {length}")
    return place
