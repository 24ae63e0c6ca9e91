"""The prototype's module of the component that samples."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import RICH_AVAILABLE, SystemMetrics, SystemMonitor

__all__ = [
    "PSUTIL_AVAILABLE",
    "RICH_AVAILABLE",
    "SystemMetrics",
    "SystemMonitor",
    "main",
]

PSUTIL_AVAILABLE = True
"""What the prototype needed psutil for works, always: psutil is not used."""


def main() -> int:
    """Print the metrics of this host."""
    from unified_system_monitor import SystemMonitor

    return show(lambda: SystemMonitor().display_metrics())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
