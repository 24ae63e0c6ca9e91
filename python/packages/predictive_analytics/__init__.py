"""The prototype's module of the component that foretells."""

from __future__ import annotations

from unified_system_monitor._old_names import reexports, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from unified_system_monitor import (
        AnomalyDetection,
        PerformanceForecast,
        PredictiveAnalytics,
        TrendAnalysis,
    )

__all__ = [
    "AnomalyDetection",
    "PerformanceForecast",
    "PredictiveAnalytics",
    "TrendAnalysis",
    "main",
]


def main() -> int:
    """Print trends, anomalies and forecasts, as far as there is a history."""
    from unified_system_monitor import PredictiveAnalytics

    def picture() -> None:
        analytics = PredictiveAnalytics()
        found = analytics.run_analysis()
        if found is not None:
            analytics.display_analytics(found["trends"], found["anomalies"], found["forecasts"])

    return show(picture)


if not TYPE_CHECKING:
    __getattr__ = reexports(__name__, __all__)
