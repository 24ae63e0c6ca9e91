"""What the prototype declared for its exports."""

from __future__ import annotations

from typing import Any

from ._values import Value, dataclass


@dataclass
class ReportConfig(Value):
    """What a report is to hold."""

    report_type: str
    """system_health, performance_trends, alert_summary or custom."""
    time_range: str
    """1h, 6h, 24h, 7d, 30d or custom."""
    start_time: float | None
    """Beginning of a range of one's own, Unix seconds."""
    end_time: float | None
    """Its end."""
    metrics: list[str]
    """Names of metrics."""
    format: str
    """json, csv or html."""
    include_charts: bool
    """With charts."""
    include_recommendations: bool
    """With what could be done."""


@dataclass
class ExportData(Value):
    """Data that is exported."""

    data_type: str
    """system_metrics, system_alerts or predictive_analytics."""
    timestamp: float
    """When, Unix seconds."""
    data: dict[str, Any]
    """The data."""
    metadata: dict[str, Any]
    """About the data."""
