"""Unified System Monitor: watches the host that your program runs on.

>>> from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor
>>> with UnifiedSystemMonitor(IntegrationConfig(refresh_interval=1.0)) as monitor:
...     monitor.start_monitoring()
...     print(monitor.wait(timeout=5).metrics.cpu_percent)
"""

from __future__ import annotations

from ._config import IntegrationConfig
from ._errors import (
    ForkedError,
    InternalError,
    InvalidArgumentError,
    InvalidStateError,
    IoError,
    MalformedError,
    MonitorError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    StoreError,
    TimedOutError,
    UnsupportedError,
)
from ._monitor import UnifiedSystemMonitor
from ._native import __version__
from ._records import SystemMetrics, SystemState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._components import (
        CURSES_AVAILABLE,
        AdvancedAnalytics,
        AdvancedProcessManager,
        Alert,
        AlertCondition,
        AlertEscalation,
        AlertManager,
        AlertSeverity,
        AnomalyDetection,
        ComplexAlertRule,
        CorrelationAnalysis,
        CustomAlertRule,
        CustomAlertRules,
        DashboardState,
        EnhancedToolRecommender,
        EscalationLevel,
        ExportData,
        ExportReporting,
        MachineLearningIntegration,
        MLModel,
        MLPrediction,
        MonitoringDashboard,
        PerformanceForecast,
        PerformanceInsight,
        PredictiveAnalytics,
        ProcessAction,
        ProcessInfo,
        ReportConfig,
        SystemCorrelation,
        SystemMonitor,
        SystemPattern,
        ToolRecommendation,
        TrendAnalysis,
    )
    from ._findings import (
        Advice,
        AlertRecord,
        AlertRule,
        Anomaly,
        Backtest,
        Correlation,
        Culprit,
        Evidence,
        Exhaustion,
        Finding,
        FindingRecord,
        Forecast,
        Incident,
        Insight,
        Notification,
        SecurityFinding,
        Silence,
    )
    from ._history import History, Replay
    from ._import import import_table
    from ._migrate import migrate
    from ._moment import PastState
    from ._processes import Process
    from ._recorder import Recorder, record
    from ._summaries import RecordingSummary, SeriesInfo, TierExtent
    from ._table import HistoryColumn, HistoryTable

    RICH_AVAILABLE: bool

__all__ = [
    "CURSES_AVAILABLE",
    "RICH_AVAILABLE",
    "AdvancedAnalytics",
    "AdvancedProcessManager",
    "Advice",
    "Alert",
    "AlertCondition",
    "AlertEscalation",
    "AlertManager",
    "AlertRecord",
    "AlertRule",
    "AlertSeverity",
    "Anomaly",
    "AnomalyDetection",
    "Backtest",
    "ComplexAlertRule",
    "Correlation",
    "CorrelationAnalysis",
    "Culprit",
    "CustomAlertRule",
    "CustomAlertRules",
    "DashboardState",
    "EnhancedToolRecommender",
    "EscalationLevel",
    "Evidence",
    "Exhaustion",
    "ExportData",
    "ExportReporting",
    "Finding",
    "FindingRecord",
    "Forecast",
    "ForkedError",
    "History",
    "HistoryColumn",
    "HistoryTable",
    "Incident",
    "Insight",
    "IntegrationConfig",
    "InternalError",
    "InvalidArgumentError",
    "InvalidStateError",
    "IoError",
    "MLModel",
    "MLPrediction",
    "MachineLearningIntegration",
    "MalformedError",
    "MonitorError",
    "MonitoringDashboard",
    "NotFoundError",
    "Notification",
    "PastState",
    "PerformanceForecast",
    "PerformanceInsight",
    "PermissionDeniedError",
    "PredictiveAnalytics",
    "Process",
    "ProcessAction",
    "ProcessInfo",
    "Recorder",
    "RecordingSummary",
    "RefusedError",
    "Replay",
    "ReportConfig",
    "SecurityFinding",
    "SeriesInfo",
    "Silence",
    "StoreError",
    "SystemCorrelation",
    "SystemMetrics",
    "SystemMonitor",
    "SystemPattern",
    "SystemState",
    "TierExtent",
    "TimedOutError",
    "ToolRecommendation",
    "TrendAnalysis",
    "UnifiedSystemMonitor",
    "UnsupportedError",
    "__version__",
    "import_table",
    "main",
    "migrate",
    "record",
]


def main() -> int:
    """Print the status of this host, as ``usm status`` does; return the exit code."""
    from .__main__ import main

    return main(["status"])


if not TYPE_CHECKING:
    # What costs time to import is imported when it is asked for.
    _MODULES = {
        "CURSES_AVAILABLE": "_components",
        "AdvancedAnalytics": "_components",
        "AdvancedProcessManager": "_components",
        "Advice": "_findings",
        "Alert": "_components",
        "AlertCondition": "_components",
        "AlertEscalation": "_components",
        "AlertManager": "_components",
        "AlertRecord": "_findings",
        "AlertRule": "_findings",
        "AlertSeverity": "_components",
        "Anomaly": "_findings",
        "AnomalyDetection": "_components",
        "Backtest": "_findings",
        "ComplexAlertRule": "_components",
        "Correlation": "_findings",
        "CorrelationAnalysis": "_components",
        "Culprit": "_findings",
        "CustomAlertRule": "_components",
        "CustomAlertRules": "_components",
        "DashboardState": "_components",
        "EnhancedToolRecommender": "_components",
        "EscalationLevel": "_components",
        "Evidence": "_findings",
        "Exhaustion": "_findings",
        "ExportData": "_components",
        "ExportReporting": "_components",
        "Finding": "_findings",
        "FindingRecord": "_findings",
        "Forecast": "_findings",
        "History": "_history",
        "HistoryColumn": "_table",
        "HistoryTable": "_table",
        "Incident": "_findings",
        "Insight": "_findings",
        "MLModel": "_components",
        "MLPrediction": "_components",
        "MachineLearningIntegration": "_components",
        "MonitoringDashboard": "_components",
        "Notification": "_findings",
        "PastState": "_moment",
        "PerformanceForecast": "_components",
        "PerformanceInsight": "_components",
        "PredictiveAnalytics": "_components",
        "Process": "_processes",
        "ProcessAction": "_components",
        "ProcessInfo": "_components",
        "RICH_AVAILABLE": "_display",
        "Recorder": "_recorder",
        "RecordingSummary": "_summaries",
        "Replay": "_history",
        "ReportConfig": "_components",
        "SecurityFinding": "_findings",
        "SeriesInfo": "_summaries",
        "Silence": "_findings",
        "SystemCorrelation": "_components",
        "SystemMonitor": "_components",
        "SystemPattern": "_components",
        "TierExtent": "_summaries",
        "ToolRecommendation": "_components",
        "TrendAnalysis": "_components",
        "import_table": "_import",
        "migrate": "_migrate",
        "record": "_recorder",
    }

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{module}", __name__), name)
        globals()[name] = value
        return value
