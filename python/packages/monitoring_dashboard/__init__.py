"""The prototype's module of the dashboard."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import DashboardState, MonitoringDashboard

__all__ = [
    "CURSES_AVAILABLE",
    "DashboardState",
    "MonitoringDashboard",
    "main",
]

CURSES_AVAILABLE = True
"""What the prototype needed curses for works, always: curses is not used."""


def main() -> int:
    """Run the dashboard; without a terminal print the status."""
    import sys

    import unified_system_monitor

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return unified_system_monitor.main()
    from unified_system_monitor import MonitoringDashboard

    return show(lambda: MonitoringDashboard().run())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
