"""The engine's forecasts and anomalies by the prototype's names of metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ._metric_names import NAMES, prototype_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._findings import Anomaly, Forecast
    from .._monitor import UnifiedSystemMonitor

JUDGED = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_rate",
    "network_recv_rate",
    "load_average_1",
    "process_count",
)
"""What is judged. Of what only grows, the rate: its level is no trend and no anomaly."""

_HORIZONS = {"1h": 1, "6h": 6, "24h": 24, "7d": 168}
_BY_SERIES = {NAMES[name].metric: name for name in JUDGED}
_FRESH_SECONDS = 900.0
"""An anomaly that another process found lasts if it was looked at so lately."""


def name_of(series: str) -> str:
    """Return the prototype's name of a series, or the series' own."""
    return _BY_SERIES.get(series) or prototype_name(series)


def scaled(name: str, value: float) -> float:
    """Return a value of the engine in the prototype's unit, within what can be."""
    known = NAMES.get(name)
    return possible(name, value if known is None else value / known.divisor)


def possible(name: str, value: float) -> float:
    """Keep a value where it can be."""
    return max(0.0, min(100.0, value) if name.endswith("_percent") else value)


def forecasts(
    monitor: UnifiedSystemMonitor, names: Iterable[str] = JUDGED
) -> dict[tuple[str, int], Forecast]:
    """Return the forecasts that say something, by name and hours ahead.

    Those of the newest state; where nobody monitors here, worked out of the history.
    """
    found: dict[tuple[str, int], Forecast] = {}
    for horizon, of_series in monitor.predictions.items():
        hours = _HORIZONS.get(horizon)
        for series, forecast in of_series.items():
            if hours is not None and _tells(forecast):
                found[name_of(series), hours] = forecast
    if found or monitor.monitoring_active or not monitor.config.store_enabled:
        return found
    for name in names:
        for forecast in monitor.forecast(NAMES[name].metric, list(_HORIZONS)):
            if _tells(forecast):
                found[name, round(forecast.horizon_seconds / 3600.0)] = forecast
    return found


def anomalies(monitor: UnifiedSystemMonitor) -> list[Anomaly]:
    """Return the metrics that are outside their normal range now, the worst first.

    Where nobody monitors here, those that another process has found lately.
    """
    if monitor.monitoring_active or not monitor.config.store_enabled:
        return monitor.anomalies
    since = time.time() - _FRESH_SECONDS
    rows = monitor.findings("anomaly", None, open_only=True)
    found: list[Anomaly] = [row.data for row in rows if row.updated_at >= since]
    return sorted(found, key=lambda one: -one.worst_score)


def _tells(forecast: Forecast) -> bool:
    return forecast.value is not None and forecast.outcome != "learning"
