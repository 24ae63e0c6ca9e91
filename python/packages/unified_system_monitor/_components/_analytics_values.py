"""Correlations and insights in the prototype's shape."""

from __future__ import annotations

from ._values import Value, dataclass


@dataclass
class CorrelationAnalysis(Value):
    """How two metrics go together; ``significance`` is ``none`` when it may be chance."""

    metric1: str
    metric2: str
    correlation_type: str
    correlation_value: float
    p_value: float
    significance: str
    sample_size: int


@dataclass
class PerformanceInsight(Value):
    """What is the matter."""

    insight_type: str
    metric_name: str
    description: str
    severity: str
    confidence: float
    recommendations: list[str]
    timestamp: float


@dataclass
class SystemCorrelation(Value):
    """Metrics that go together strongly."""

    correlation_id: str
    metrics: list[str]
    correlation_strength: float
    correlation_type: str
    description: str
    impact_level: str
    recommendations: list[str]
