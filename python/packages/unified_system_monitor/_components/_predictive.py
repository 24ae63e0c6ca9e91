"""``PredictiveAnalytics``: the engine's anomalies and forecasts by the prototype's names."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from . import _statistics, _tables
from ._component import Component
from ._metric_names import known_number, plain_metrics
from ._outlook import JUDGED, anomalies, forecasts, name_of, possible, scaled
from ._predictive_values import AnomalyDetection, PerformanceForecast, TrendAnalysis
from ._rows import read

if TYPE_CHECKING:
    import os
    from typing import Any

    from .._findings import Anomaly, Forecast
    from .._records import SystemMetrics
    from ._rows import Rows

    _Point = tuple[float, float]

_HISTORY = (
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_mb",
    "network_recv_mb",
    "load_average_1",
    "process_count",
)
_MOST_POINTS = 1000
_SLOT = 60.0
"""Seconds within which what is found again takes the place of what was kept."""
_LEAST_POINTS = 20
_LEAST_SECONDS = 60.0
_LEAST_SLOPE = 0.1
_LEAST_R = 0.3
# Of metric: what to say from a level on, the highest first.
_ADVICE = {
    "cpu_percent": (
        (90, "Processors will be full: end or move work, or add processors"),
        (70, "Processors will be busy: see which processes use them"),
    ),
    "memory_percent": (
        (95, "Memory will run out: end or limit what uses most of it"),
        (80, "Memory will be short: see which processes grow"),
    ),
    "disk_percent": (
        (95, "The disk will be full: remove what is not needed, or give it more"),
        (85, "The disk is filling: see what grows on it"),
    ),
    "load_average_1": (
        (10, "More work than the processors can do will wait for them"),
        (5, "Work will wait for the processors"),
    ),
}


class Horizons(dict["str", "list[PerformanceForecast]"]):
    """Forecasts by horizon; ``168h`` may be called ``7d`` too."""

    def __missing__(self, name: str) -> list[PerformanceForecast]:
        if name == "7d" and "168h" in self:
            return self["168h"]
        raise KeyError(name)


class PredictiveAnalytics(Component):
    """Trends, anomalies and forecasts of the engine."""

    _file = "predictive_analytics.db"
    _tables = ("trend_analysis", "anomalies", "performance_forecasts", "historical_metrics")

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(db_path, config)
        self.trend_window = float(self.config.get("trend_window", 24))
        """Hours that a trend is of."""
        self.anomaly_threshold = float(self.config.get("anomaly_threshold", 2.0))
        """Standard deviations from which on an anomaly counts; 2.0 is what the engine finds."""
        self.forecast_horizons = [1, 6, 24, 168]
        """Hours ahead."""

    @property
    def metric_history(self) -> dict[str, deque[_Point]]:
        """The last thousand (time, value) of seven metrics; a copy."""
        rows = self._rows(_HISTORY)
        return {name: deque(rows.points(name), maxlen=_MOST_POINTS) for name in _HISTORY}

    @property
    def anomaly_models(self) -> dict[str, dict[str, Any]]:
        """Mean, deviation and range of each metric before its newest value; a copy."""
        rows = self._rows(JUDGED)
        models: dict[str, dict[str, Any]] = {}
        for name in JUDGED:
            values = rows.known(name)[:-1]
            if values:
                models[name] = {
                    "mean": _statistics.mean(values),
                    "std": _statistics.deviation(values),
                    "min": min(values),
                    "max": max(values),
                    "last_values": values[-100:],
                }
        return models

    def collect_metrics(self) -> SystemMetrics | None:
        """Return the newest metrics; they are in the history and the models have seen them."""
        metrics = self._metrics()
        if metrics is not None:
            self._keep_own("historical_metrics", ("metric_name", "timestamp"), _points(metrics))
        return metrics

    def analyze_trends(self) -> list[TrendAnalysis]:
        """Return where the metrics are going.

        Of those with 20 values that span a minute at least. Predictions are the engine's
        forecasts; where it has none, the line of the trend, but only as far ahead as it was
        seen to hold; else the value of now.
        """
        rows = self._rows(JUDGED)
        ahead = forecasts(self._monitor)
        found = [
            (points[-1][0], trend)
            for name in JUDGED
            if (points := rows.points(name)) and (trend := _trend(name, points, ahead)) is not None
        ]
        kept = [{**dict(trend.items()), "timestamp": at} for at, trend in found]
        self._keep("trend_analysis", ("metric_name",), kept, _SLOT)
        return [trend for _, trend in found]

    def detect_anomalies(self) -> list[AnomalyDetection]:
        """Return the metrics that are outside their normal range now, worst first."""
        found = [_anomaly(one) for one in anomalies(self._monitor)]
        # The threshold was in deviations; beyond the usual one, only the surer ones.
        least = min(1.0, self.anomaly_threshold / 5.0)
        found = [one for one in found if self.anomaly_threshold <= 2.0 or one.confidence >= least]
        # The engine's database has them from the engine.
        self._keep_own("anomalies", ("metric_name", "timestamp"), [dict(o.items()) for o in found])
        return found

    def generate_forecasts(self) -> list[PerformanceForecast]:
        """Return a forecast for each metric and horizon that the engine has one for."""
        found: list[PerformanceForecast] = []
        for (name, hours), forecast in forecasts(self._monitor).items():
            if hours in self.forecast_horizons and name in JUDGED:
                made = _forecast(name, hours, forecast)
                if made is not None:
                    found.append(made)
        now = time.time()
        kept = [_row(one, now) for one in found]
        self._keep("performance_forecasts", ("metric_name", "forecast_horizon"), kept, _SLOT)
        return found

    def generate_forecast(self, metrics: Any = None) -> Horizons:  # noqa: ARG002
        """Return the forecasts by horizon; the metrics are those that the engine has seen."""
        horizons = Horizons()
        for forecast in self.generate_forecasts():
            horizons.setdefault(forecast.forecast_horizon, []).append(forecast)
        return horizons

    def run_analysis(self) -> dict[str, Any]:
        """Return ``trends``, ``anomalies``, ``forecasts`` and ``timestamp``."""
        self._metrics()
        return {
            "trends": self.analyze_trends(),
            "anomalies": self.detect_anomalies(),
            "forecasts": self.generate_forecasts(),
            "timestamp": time.time(),
        }

    def display_analytics(
        self,
        trends: list[TrendAnalysis],
        anomalies: list[AnomalyDetection],
        forecasts: list[PerformanceForecast],
    ) -> None:
        """Print them as three tables."""
        number = _tables.number
        _tables.show(
            "Trends",
            ("Metric", "Now", "Direction", "Per hour", "In 1 h", "Confidence"),
            (
                (
                    trend.metric_name,
                    number(trend.current_value),
                    trend.trend_direction,
                    f"{trend.change_rate:+.2f}",
                    number(trend.prediction_1h),
                    f"{trend.confidence:.2f}",
                )
                for trend in trends
            ),
        )
        _tables.show(
            "Anomalies",
            ("Metric", "Value", "Expected", "Severity", "Type"),
            (
                (
                    one.metric_name,
                    number(one.value),
                    number(one.expected_value),
                    one.severity,
                    one.anomaly_type,
                )
                for one in anomalies
            ),
        )
        _tables.show(
            "Forecasts",
            ("Metric", "Horizon", "Value", "95 %", "In words"),
            (
                (
                    one.metric_name,
                    one.forecast_horizon,
                    number(one.predicted_value),
                    f"{one.confidence_interval[0]:.1f} to {one.confidence_interval[1]:.1f}",
                    one.trend_analysis,
                )
                for one in forecasts
            ),
        )

    # Private.

    def _rows(self, names: tuple[str, ...]) -> Rows:
        return read(self._monitor, names, f"{self.trend_window * 3600:.0f}s")


def _trend(
    name: str, points: list[_Point], ahead: dict[tuple[str, int], Forecast]
) -> TrendAnalysis | None:
    if len(points) < _LEAST_POINTS or points[-1][0] - points[0][0] < _LEAST_SECONDS:
        return None
    end, now = points[-1]
    hours = (end - points[0][0]) / 3600.0
    fitted = _statistics.line([((at - end) / 3600.0, value) for at, value in points])
    if fitted is None:
        return None
    is_stable = abs(fitted.slope) < _LEAST_SLOPE or abs(fitted.r) < _LEAST_R
    slope = 0.0 if is_stable else fitted.slope

    def at(horizon: int) -> float:
        forecast = ahead.get((name, horizon))
        if forecast is not None:
            return scaled(name, forecast.value or 0.0)
        return possible(name, now + slope * horizon if horizon <= hours else now)

    return TrendAnalysis(
        metric_name=name,
        current_value=now,
        trend_direction="stable" if is_stable else "increasing" if slope > 0 else "decreasing",
        trend_strength=0.1 if is_stable else min(abs(slope) / 10.0, 1.0),
        change_rate=fitted.slope,
        prediction_1h=at(1),
        prediction_6h=at(6),
        prediction_24h=at(24),
        confidence=0.1 + 0.8 * fitted.r**2 * min(1.0, hours / 6.0),
    )


def _points(metrics: SystemMetrics) -> list[dict[str, Any]]:
    values = plain_metrics(metrics)
    known = ((name, known_number(values.get(name))) for name in _HISTORY)
    return [
        {"metric_name": name, "value": value, "timestamp": metrics.timestamp}
        for name, value in known
        if value is not None
    ]


def _row(forecast: PerformanceForecast, now: float) -> dict[str, Any]:
    """Make a forecast's row, with the interval in two columns."""
    row = dict(forecast.items())
    low, high = row.pop("confidence_interval")
    return {**row, "confidence_lower": low, "confidence_upper": high, "timestamp": now}


_SEVERITIES = ((0.999, "critical"), (0.99, "high"), (0.95, "medium"), (0.0, "low"))


def _anomaly(found: Anomaly) -> AnomalyDetection:
    value = found.value
    low, high = found.expected or (None, None)
    middle = None if low is None or high is None else (low + high) / 2
    kind = "unknown"
    if value is not None and low is not None and high is not None:
        kind = "spike" if value > high else "drop" if value < low else "deviation"
    return AnomalyDetection(
        metric_name=name_of(found.series),
        timestamp=found.updated_at,
        value=value,
        expected_value=middle,
        deviation=None if value is None or middle is None else abs(value - middle),
        severity=next(word for least, word in _SEVERITIES if found.worst_score >= least),
        anomaly_type=kind,
        confidence=min(found.worst_score, 0.95),
    )


def _forecast(name: str, hours: int, forecast: Forecast) -> PerformanceForecast | None:
    interval = forecast.interval_95
    if forecast.value is None or interval is None:
        return None
    value = scaled(name, forecast.value)
    low, high = (scaled(name, end) for end in interval)
    if forecast.outcome == "forecast" and forecast.now is not None:
        change = value - scaled(name, forecast.now)
        words = (
            "stays"
            if abs(change) < 0.05
            else f"{'rises' if change > 0 else 'falls'} by {abs(change):.1f}"
        )
        words += f" within {hours} h"
    else:
        words = "nothing better can be told than: the same as now"
    advice = [text for least, text in _ADVICE.get(name, ()) if value >= least][:1]
    return PerformanceForecast(name, f"{hours}h", value, (low, high), words, advice)
