"""Unified System Monitor: watches the host that your program runs on.

>>> from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor
>>> with UnifiedSystemMonitor(IntegrationConfig(refresh_interval=1.0)) as monitor:
...     monitor.start_monitoring()
...     print(monitor.wait(timeout=5).metrics.cpu_percent)
"""

from __future__ import annotations

from ._config import IntegrationConfig
from ._errors import (
    ForkedError,
    InternalError,
    InvalidArgumentError,
    InvalidStateError,
    IoError,
    MalformedError,
    MonitorError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    StoreError,
    TimedOutError,
    UnsupportedError,
)
from ._monitor import UnifiedSystemMonitor
from ._native import __version__
from ._records import SystemMetrics, SystemState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._history import History, Replay
    from ._import import import_table
    from ._moment import PastState
    from ._processes import Process
    from ._recorder import Recorder, record
    from ._summaries import RecordingSummary, SeriesInfo, TierExtent
    from ._table import HistoryColumn, HistoryTable

    RICH_AVAILABLE: bool

__all__ = [
    "RICH_AVAILABLE",
    "ForkedError",
    "History",
    "HistoryColumn",
    "HistoryTable",
    "IntegrationConfig",
    "InternalError",
    "InvalidArgumentError",
    "InvalidStateError",
    "IoError",
    "MalformedError",
    "MonitorError",
    "NotFoundError",
    "PastState",
    "PermissionDeniedError",
    "Process",
    "Recorder",
    "RecordingSummary",
    "RefusedError",
    "Replay",
    "SeriesInfo",
    "StoreError",
    "SystemMetrics",
    "SystemState",
    "TierExtent",
    "TimedOutError",
    "UnifiedSystemMonitor",
    "UnsupportedError",
    "__version__",
    "import_table",
    "main",
    "record",
]


def main() -> int:
    """Print the status of this host, as ``usm status`` does; return the exit code."""
    from .__main__ import main

    return main(["status"])


if not TYPE_CHECKING:
    # What costs time to import is imported when it is asked for.
    _MODULES = {
        "History": "_history",
        "HistoryColumn": "_table",
        "HistoryTable": "_table",
        "PastState": "_moment",
        "Process": "_processes",
        "RICH_AVAILABLE": "_display",
        "Recorder": "_recorder",
        "RecordingSummary": "_summaries",
        "Replay": "_history",
        "SeriesInfo": "_summaries",
        "TierExtent": "_summaries",
        "import_table": "_import",
        "record": "_recorder",
    }

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{module}", __name__), name)
        globals()[name] = value
        return value
