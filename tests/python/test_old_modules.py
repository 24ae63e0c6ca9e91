"""The prototype's modules by their names: what they export, and that they run."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import RunPython

MODULES = {
    "unified_system_monitor": [
        "SystemState",
        "IntegrationConfig",
        "UnifiedSystemMonitor",
        "RICH_AVAILABLE",
        "SystemMonitor",
        "EnhancedToolRecommender",
        "AlertManager",
        "MonitoringDashboard",
        "PredictiveAnalytics",
        "AdvancedProcessManager",
        "CustomAlertRules",
        "ExportReporting",
        "MachineLearningIntegration",
        "AdvancedAnalytics",
    ],
    "performance_optimizer": [
        "OptimizationTarget",
        "OptimizationAction",
        "PerformanceProfile",
        "PerformanceOptimizer",
        "RICH_AVAILABLE",
        "SystemMonitor",
        "AdvancedProcessManager",
        "PredictiveAnalytics",
    ],
    "phase6_cli": ["Phase6CLI", "RICH_AVAILABLE"],
    "test_phase6": ["Phase6Tester"],
    "system_monitor": ["SystemMetrics", "SystemMonitor", "PSUTIL_AVAILABLE", "RICH_AVAILABLE"],
    "enhanced_tool_recommender": ["ToolRecommendation", "EnhancedToolRecommender"],
    "alert_manager": ["AlertSeverity", "Alert", "AlertManager"],
    "monitoring_dashboard": ["DashboardState", "MonitoringDashboard", "CURSES_AVAILABLE"],
    "predictive_analytics": [
        "TrendAnalysis",
        "AnomalyDetection",
        "PerformanceForecast",
        "PredictiveAnalytics",
    ],
    "advanced_process_manager": ["ProcessInfo", "ProcessAction", "AdvancedProcessManager"],
    "custom_alert_rules": [
        "AlertCondition",
        "EscalationLevel",
        "CustomAlertRule",
        "ComplexAlertRule",
        "AlertEscalation",
        "CustomAlertRules",
    ],
    "export_reporting": ["ReportConfig", "ExportData", "ExportReporting"],
    "machine_learning_integration": [
        "MLModel",
        "MLPrediction",
        "SystemPattern",
        "MachineLearningIntegration",
        "SKLEARN_AVAILABLE",
    ],
    "advanced_analytics": [
        "CorrelationAnalysis",
        "PerformanceInsight",
        "SystemCorrelation",
        "AdvancedAnalytics",
        "SCIPY_AVAILABLE",
    ],
}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_exports_what_it_did(module: str) -> None:
    imported = importlib.import_module(module)
    for name in MODULES[module]:
        assert getattr(imported, name) is not None, name
    assert callable(imported.main)
    assert set(MODULES[module]) - set(imported.__all__) == set()
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = imported.no_such_name
    everything: dict[str, object] = {}
    exec(f"from {module} import *", everything)  # noqa: S102
    assert set(imported.__all__) <= set(everything)


def test_a_class_is_the_same_wherever_it_comes_from() -> None:
    package = importlib.import_module("unified_system_monitor")
    for module, names in MODULES.items():
        for name in names:
            if name[0].isupper() and name.isupper():
                continue
            if hasattr(package, name):
                assert getattr(importlib.import_module(module), name) is getattr(package, name)


def test_what_was_optional_is_there() -> None:
    for module, flag in (
        ("system_monitor", "PSUTIL_AVAILABLE"),
        ("machine_learning_integration", "SKLEARN_AVAILABLE"),
        ("advanced_analytics", "SCIPY_AVAILABLE"),
    ):
        assert getattr(importlib.import_module(module), flag) is True


@pytest.mark.parametrize("module", [name for name in MODULES if name != "phase6_cli"])
def test_a_module_runs_as_a_script_and_ends(module: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=tmp_path,
        env={**os.environ, "USM_DATA_DIR": str(tmp_path / "data")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 20
    # Nothing is left in the current folder: the prototype made six there.
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_importing_a_module_makes_no_engine(run_python: RunPython, tmp_path: Path) -> None:
    imports = "; ".join(f"import {name}" for name in MODULES if name != "test_phase6")
    done = run_python(f"{imports}; import threading; assert threading.active_count() == 1")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "child").exists()
