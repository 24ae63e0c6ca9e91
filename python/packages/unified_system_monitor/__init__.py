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
    from ._processes import Process

    RICH_AVAILABLE: bool

__all__ = [
    "RICH_AVAILABLE",
    "ForkedError",
    "IntegrationConfig",
    "InternalError",
    "InvalidArgumentError",
    "InvalidStateError",
    "IoError",
    "MalformedError",
    "MonitorError",
    "NotFoundError",
    "PermissionDeniedError",
    "Process",
    "RefusedError",
    "StoreError",
    "SystemMetrics",
    "SystemState",
    "TimedOutError",
    "UnifiedSystemMonitor",
    "UnsupportedError",
    "__version__",
    "main",
]


def main() -> int:
    """Print the status of this host, as ``usm status`` does; return the exit code."""
    from .__main__ import main

    return main(["status"])


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # What costs time to import is imported when it is asked for.
        if name == "RICH_AVAILABLE":
            from . import _display as module
        elif name == "Process":
            from . import _processes as module
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(module, name)
        globals()[name] = value
        return value
