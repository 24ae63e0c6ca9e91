"""Making recordings of tables that come from elsewhere."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from . import _native
from ._frames import needed
from ._job import drive
from ._table import HistoryTable
from ._when import refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._summaries import RecordingSummary

_FORMATS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".pq": "parquet"}
_TIME_NAMES = ("timestamp", "time")


def import_table(
    source: Any,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002  (the name that such functions have)
    progress: Callable[[float], object] | None = None,
) -> RecordingSummary:
    """Make a new recording of a table and return what it holds.

    ``source``: a file (CSV, JSON or, with pyarrow, Parquet; ``format`` says which where its
    name does not), a :class:`HistoryTable`, or with pyarrow any table that speaks Arrow: of
    pyarrow, polars or pandas. Columns are named as series are; ``timestamp`` or ``time``
    holds Unix seconds or timestamps, ascending. ``progress`` is called with the share that is
    done; an exception in it, and Ctrl-C, end the work.
    """
    if isinstance(source, (str, os.PathLike)):
        kind = format or _FORMATS.get(Path(source).suffix.lower())
        if kind in ("csv", "json"):
            return drive(_native.import_table(source, kind, path), path, progress)
        if kind != "parquet":
            raise refused("format", repr(format or os.fspath(source)), "csv, json or parquet")
        parquet = needed("pyarrow.parquet", "import_table of Parquet")
        source = parquet.read_table(os.fspath(source))
    elif format is not None:
        raise refused("format", repr(format), "only with the name of a file")
    with tempfile.TemporaryDirectory(prefix="usm-") as folder:
        text = Path(folder) / "table.csv"
        if isinstance(source, HistoryTable):
            source.to_csv(text)
        else:
            _write_arrow(source, text)
        return drive(_native.import_table(text, "csv", path), path, progress)


def _write_arrow(source: Any, path: Path) -> None:
    """Write a table that speaks Arrow as CSV, its time in Unix seconds."""
    pyarrow = needed("pyarrow", "import_table of this")
    compute = needed("pyarrow.compute", "import_table of this")
    writer = needed("pyarrow.csv", "import_table of this")
    if not isinstance(source, pyarrow.Table):
        if not hasattr(source, "__arrow_c_stream__"):
            raise refused("source", type(source).__name__, "a file, or a table that speaks Arrow")
        source = pyarrow.table(source)
    axis = next((name for name in _TIME_NAMES if name in source.column_names), None)
    if axis is None:
        raise refused("source", ", ".join(source.column_names), "a column timestamp or time")
    times = source.column(axis)
    if pyarrow.types.is_timestamp(times.type):
        micros = times.cast(pyarrow.timestamp("us", times.type.tz), safe=False)
        times = compute.divide(micros.cast(pyarrow.int64()).cast(pyarrow.float64()), 1e6)
    names = [name for name in source.column_names if name != axis]
    columns = [_without_nan(compute, source.column(name).cast("float64")) for name in names]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(["timestamp", *names])
    plain = pyarrow.table(
        [times.cast("float64"), *columns], [str(n) for n in range(len(names) + 1)]
    )
    with path.open("ab") as file:
        writer.write_csv(plain, file, writer.WriteOptions(include_header=False))


def _without_nan(compute: Any, column: Any) -> Any:
    return compute.if_else(compute.is_nan(column), None, column)
