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
    from ._learning_values import MLModel, MLPrediction, SystemPattern
    from ._machine_learning import MachineLearningIntegration
    from ._predictive import PredictiveAnalytics
    from ._predictive_values import AnomalyDetection, PerformanceForecast, TrendAnalysis
    from ._tools import EnhancedToolRecommender, ToolRecommendation

__all__ = [
    "AdvancedAnalytics",
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
    "EnhancedToolRecommender",
    "EscalationLevel",
    "MLModel",
    "MLPrediction",
    "MachineLearningIntegration",
    "PerformanceForecast",
    "PerformanceInsight",
    "PredictiveAnalytics",
    "SystemCorrelation",
    "SystemPattern",
    "ToolRecommendation",
    "TrendAnalysis",
]

if not TYPE_CHECKING:
    _MODULES = {
        "AdvancedAnalytics": "_advanced_analytics",
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
        "EnhancedToolRecommender": "_tools",
        "EscalationLevel": "_custom_values",
        "MLModel": "_learning_values",
        "MLPrediction": "_learning_values",
        "MachineLearningIntegration": "_machine_learning",
        "PerformanceForecast": "_predictive_values",
        "PerformanceInsight": "_analytics_values",
        "PredictiveAnalytics": "_predictive",
        "SystemCorrelation": "_analytics_values",
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
