"""Tables for pandas and others, which are imported only when they are asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from ._table import HistoryTable

_DISTRIBUTIONS = dict.fromkeys(("pyarrow.compute", "pyarrow.csv", "pyarrow.parquet"), "pyarrow")


def needed(module: str, what: str) -> Any:
    """Import a module that is not a dependency, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        name = _DISTRIBUTIONS.get(module, module)
        raise ImportError(
            f"{what} needs {name}, which is not installed: pip install {name}", name=name
        ) from error


def to_pandas(table: HistoryTable, times: object, copy: bool) -> Any:
    """Make a data frame over the table's own memory."""
    pandas = needed("pandas", "to_pandas")
    numpy = needed("numpy", "to_pandas")
    # To the microsecond, which a float of today's Unix time just holds.
    stamps = (numpy.asarray(times) * 1e6).round().astype("int64").view("datetime64[us]")
    index = pandas.DatetimeIndex(stamps, name="time").tz_localize("UTC")
    # By place first: two columns may have the same name.
    arrays = {
        place: numpy.array(column) if copy else numpy.asarray(column)
        for place, column in enumerate(table.columns)
    }
    frame = pandas.DataFrame(arrays, index=index, copy=False)
    frame.columns = table.names
    return frame
