"""The prototype's module of the component that watches for alerts."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import Alert, AlertManager, AlertSeverity

__all__ = [
    "Alert",
    "AlertManager",
    "AlertSeverity",
    "main",
]


def main() -> int:
    """Print the alerts and their rules."""
    from unified_system_monitor import AlertManager

    def picture() -> None:
        manager = AlertManager()
        manager.display_alerts()
        manager.display_alert_rules()

    return show(picture)


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
