"""The prototype's module of the component that finds what goes together."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import (
        AdvancedAnalytics,
        CorrelationAnalysis,
        PerformanceInsight,
        SystemCorrelation,
    )

__all__ = [
    "SCIPY_AVAILABLE",
    "AdvancedAnalytics",
    "CorrelationAnalysis",
    "PerformanceInsight",
    "SystemCorrelation",
    "main",
]

SCIPY_AVAILABLE = True
"""What the prototype needed scipy for works, always: scipy is not used."""


def main() -> int:
    """Print what is the matter, and what goes together."""
    from unified_system_monitor import AdvancedAnalytics

    return show(lambda: AdvancedAnalytics().display_analytics_summary())


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
