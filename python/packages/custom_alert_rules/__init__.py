"""The prototype's module of the component for rules of one's own."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import (
        AlertCondition,
        AlertEscalation,
        ComplexAlertRule,
        CustomAlertRule,
        CustomAlertRules,
        EscalationLevel,
    )

__all__ = [
    "AlertCondition",
    "AlertEscalation",
    "ComplexAlertRule",
    "CustomAlertRule",
    "CustomAlertRules",
    "EscalationLevel",
    "main",
]


def main() -> int:
    """Print the rules."""
    from unified_system_monitor import CustomAlertRules

    return show(lambda: CustomAlertRules().display_rules())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
