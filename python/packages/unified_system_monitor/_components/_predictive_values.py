"""Trends, anomalies and forecasts in the prototype's shape."""

from __future__ import annotations

from ._values import Value, dataclass


@dataclass
class TrendAnalysis(Value):
    """Where a metric is going; ``change_rate`` is in its own unit per hour."""

    metric_name: str
    current_value: float
    trend_direction: str
    trend_strength: float
    change_rate: float
    prediction_1h: float
    prediction_6h: float
    prediction_24h: float
    confidence: float


@dataclass
class AnomalyDetection(Value):
    """A metric that is outside its normal range."""

    metric_name: str
    timestamp: float
    value: float | None
    expected_value: float | None
    deviation: float | None
    severity: str
    anomaly_type: str
    confidence: float


@dataclass
class PerformanceForecast(Value):
    """What a metric will be, with an interval of 95 %."""

    metric_name: str
    forecast_horizon: str
    predicted_value: float
    confidence_interval: tuple[float, float]
    trend_analysis: str
    recommendations: list[str]
