"""The prototype's components, answered by the engine; each is imported when it is asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._advanced_analytics import AdvancedAnalytics
    from ._alert_manager import AlertManager
    from ._alert_values import Alert, AlertSeverity
    from ._analytics_values import CorrelationAnalysis, PerformanceInsight, SystemCorrelation
    from ._custom_rules import CustomAlertRules
    from ._custom_values import (
        AlertCondition,
        AlertEscalation,
        ComplexAlertRule,
        CustomAlertRule,
        EscalationLevel,
    )
    from ._dashboard import CURSES_AVAILABLE, DashboardState, MonitoringDashboard
    from ._export_reporting import ExportReporting
    from ._export_values import ExportData, ReportConfig
    from ._learning_values import MLModel, MLPrediction, SystemPattern
    from ._machine_learning import MachineLearningIntegration
    from ._predictive import PredictiveAnalytics
    from ._predictive_values import AnomalyDetection, PerformanceForecast, TrendAnalysis
    from ._process_manager import AdvancedProcessManager
    from ._process_values import ProcessAction, ProcessInfo
    from ._system_monitor import SystemMonitor
    from ._tools import EnhancedToolRecommender, ToolRecommendation

__all__ = [
    "CURSES_AVAILABLE",
    "AdvancedAnalytics",
    "AdvancedProcessManager",
    "Alert",
    "AlertCondition",
    "AlertEscalation",
    "AlertManager",
    "AlertSeverity",
    "AnomalyDetection",
    "ComplexAlertRule",
    "CorrelationAnalysis",
    "CustomAlertRule",
    "CustomAlertRules",
    "DashboardState",
    "EnhancedToolRecommender",
    "EscalationLevel",
    "ExportData",
    "ExportReporting",
    "MLModel",
    "MLPrediction",
    "MachineLearningIntegration",
    "MonitoringDashboard",
    "PerformanceForecast",
    "PerformanceInsight",
    "PredictiveAnalytics",
    "ProcessAction",
    "ProcessInfo",
    "ReportConfig",
    "SystemCorrelation",
    "SystemMonitor",
    "SystemPattern",
    "ToolRecommendation",
    "TrendAnalysis",
]

if not TYPE_CHECKING:
    _MODULES = {
        "CURSES_AVAILABLE": "_dashboard",
        "AdvancedAnalytics": "_advanced_analytics",
        "AdvancedProcessManager": "_process_manager",
        "Alert": "_alert_values",
        "AlertCondition": "_custom_values",
        "AlertEscalation": "_custom_values",
        "AlertManager": "_alert_manager",
        "AlertSeverity": "_alert_values",
        "AnomalyDetection": "_predictive_values",
        "ComplexAlertRule": "_custom_values",
        "CorrelationAnalysis": "_analytics_values",
        "CustomAlertRule": "_custom_values",
        "CustomAlertRules": "_custom_rules",
        "DashboardState": "_dashboard",
        "EnhancedToolRecommender": "_tools",
        "EscalationLevel": "_custom_values",
        "ExportData": "_export_values",
        "ExportReporting": "_export_reporting",
        "MLModel": "_learning_values",
        "MLPrediction": "_learning_values",
        "MachineLearningIntegration": "_machine_learning",
        "MonitoringDashboard": "_dashboard",
        "PerformanceForecast": "_predictive_values",
        "PerformanceInsight": "_analytics_values",
        "PredictiveAnalytics": "_predictive",
        "ProcessAction": "_process_values",
        "ProcessInfo": "_process_values",
        "ReportConfig": "_export_values",
        "SystemCorrelation": "_analytics_values",
        "SystemMonitor": "_system_monitor",
        "SystemPattern": "_learning_values",
        "ToolRecommendation": "_tools",
        "TrendAnalysis": "_predictive_values",
    }

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{module}", __name__), name)
        globals()[name] = value
        return value
