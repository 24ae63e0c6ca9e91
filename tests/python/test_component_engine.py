"""The prototype's components share one engine."""

from __future__ import annotations

import dataclasses
import gc
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import unified_system_monitor as package
from conftest import MakeMonitor, RunPython
from unified_system_monitor import (
    AdvancedAnalytics,
    AlertManager,
    CustomAlertRules,
    EnhancedToolRecommender,
    IntegrationConfig,
    MachineLearningIntegration,
    PredictiveAnalytics,
    UnifiedSystemMonitor,
    _components,
)
from unified_system_monitor._components._component import Component

PARTS: dict[str, type[Any]] = {
    "tool_recommender": EnhancedToolRecommender,
    "alert_manager": AlertManager,
    "predictive_analytics": PredictiveAnalytics,
    "custom_alerts": CustomAlertRules,
    "ml_integration": MachineLearningIntegration,
    "advanced_analytics": AdvancedAnalytics,
}


@pytest.mark.parametrize("name", PARTS)
def test_a_monitors_component_answers_through_it(make_monitor: MakeMonitor, name: str) -> None:
    monitor = make_monitor()
    part = getattr(monitor, name)
    assert type(part) is PARTS[name]
    assert getattr(monitor, name) is part
    assert part._monitor is monitor
    assert part.config == {}
    assert (part.console is None) == (not package.RICH_AVAILABLE)
    assert Path(part.db_path).parent == Path(str(monitor.unified_db)).parent


def test_the_monitors_rules_and_alerts_are_one(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    assert monitor.custom_alerts.alert_manager is monitor.alert_manager


def test_components_alone_share_one_engine_for_each_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USM_DATA_DIR", str(tmp_path / "shared"))
    analytics, learning = PredictiveAnalytics(), MachineLearningIntegration()
    alerts = AlertManager(db_path=str(tmp_path / "shared" / "alerts.db"))
    other = AlertManager(db_path=tmp_path / "other" / "alerts.db")
    engine = analytics._monitor
    assert learning._monitor is engine
    assert alerts._monitor is engine
    assert other._monitor is not engine
    assert alerts.db_path == str(tmp_path / "shared" / "alerts.db")
    assert not engine.monitoring_active
    assert analytics.collect_metrics() is not None
    # It ends with the last one that uses it.
    native = engine._native
    assert native is not None
    del engine, analytics, learning
    gc.collect()
    assert not native.closed
    del alerts
    gc.collect()
    assert native.closed


def test_a_component_alone_takes_the_monitor_that_is_there(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    folder = Path(str(monitor.unified_db)).parent
    analytics = PredictiveAnalytics(db_path=folder / "predictive_analytics.db")
    assert analytics._monitor is monitor
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    # The monitor samples, nobody else does.
    sequence = monitor._engine.sequence()
    before = monitor.current_state
    collected = analytics.collect_metrics()
    assert collected is not None
    assert collected.timestamp >= before.timestamp
    monitor.stop_monitoring()
    stored = monitor._engine.sequence()
    assert stored >= sequence
    monitor.close()
    # Closed, it is no use any more: another one is made.
    assert analytics._monitor is not monitor
    assert analytics._monitor.unified_db == str(folder / "unified_system.db")


def test_a_component_does_not_keep_a_monitor_alive(tmp_path: Path) -> None:
    monitor = UnifiedSystemMonitor(IntegrationConfig(data_dir=tmp_path))
    analytics = PredictiveAnalytics(db_path=tmp_path / "x.db")
    assert analytics._monitor is monitor
    native = monitor._native
    assert native is not None
    del monitor
    gc.collect()
    assert native.closed
    assert analytics.collect_metrics() is not None


def test_one_sample_serves_all(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=60.0)
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    sequence = monitor._engine.sequence()
    monitor.predictive_analytics.run_analysis()
    monitor.advanced_analytics.generate_performance_insights()
    monitor.ml_integration.detect_anomalies(monitor.current_state.metrics)
    monitor.alert_manager.get_alert_summary()
    assert monitor._engine.sequence() == sequence


def test_components_are_made_without_files(tmp_path: Path) -> None:
    before = set(Path.cwd().iterdir())
    for kind in PARTS.values():
        kind()
    AlertManager(db_path=tmp_path / "never" / "alerts.db")
    assert not (tmp_path / "never").exists()
    assert set(Path.cwd().iterdir()) == before


def test_files_are_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "alerts.db"
    AlertManager(db_path=path).get_alert_summary()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_everything_that_is_exported_is_there() -> None:
    for name in _components.__all__:
        assert getattr(package, name) is getattr(_components, name)
    assert set(_components.__all__) <= set(package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Alertmanager'"):
        getattr(_components, "Alert" + "manager")


def test_the_values_are_dataclasses_and_mappings() -> None:
    trend = package.TrendAnalysis("cpu_percent", 1.0, "stable", 0.1, 0.0, 1.0, 1.0, 1.0, 0.5)
    assert dataclasses.is_dataclass(trend)
    assert dataclasses.asdict(trend) == dict(trend)
    assert trend.get("trend_direction") == trend["trend_direction"] == "stable"
    assert dataclasses.replace(trend, confidence=0.9).confidence == 0.9
    assert pickle.loads(pickle.dumps(trend)) == trend  # noqa: S301
    assert [field.name for field in dataclasses.fields(package.Alert)] == [
        "id",
        "timestamp",
        "alert_type",
        "metric_name",
        "metric_value",
        "threshold",
        "severity",
        "message",
        "acknowledged",
        "acknowledged_by",
        "acknowledged_at",
    ]


def test_the_import_brings_no_component(run_python: RunPython) -> None:
    result = run_python(
        "import sys, unified_system_monitor\n"
        "print([name for name in sys.modules if '_components' in name or '_findings' in name])\n"
        "assert unified_system_monitor.AlertManager.__name__ == 'AlertManager'\n"
        "print('numpy' in sys.modules, 'rich' in sys.modules, 'sqlite3' in sys.modules)"
    )
    assert (result.stdout, result.stderr) == ("[]\nFalse False True\n", "")


def test_a_component_is_made_for_a_folder_by_its_name() -> None:
    part = Component(db_path=os.fspath("some.db"))
    assert part.db_path == str(Path.cwd() / "some.db")


def test_components_work_where_nothing_is_stored(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(store_enabled=False)
    monitor.collect()
    alerts = monitor.alert_manager
    assert alerts.db_path is None
    alerts.save_alerts(alerts.check_metrics({"cpu_percent": 99.0}))
    assert alerts.get_alert_summary()["total_alerts"] >= 1
    assert alerts.get_active_alerts()
    monitor.custom_alerts.create_custom_rule("full", "", "queue", ">", 1, "info")
    assert monitor.custom_alerts.check_custom_rules({"queue": 2})
    assert monitor.predictive_analytics.run_analysis()["forecasts"] == []
    assert monitor.advanced_analytics.calculate_performance_baselines() == {}
    assert monitor.ml_integration.identify_patterns() == []
    assert monitor.tool_recommender.get_tool_analytics()["top_tools"] == []


def test_a_monitor_that_was_dropped_with_its_components_is_closed(tmp_path: Path) -> None:
    monitor = UnifiedSystemMonitor(IntegrationConfig(data_dir=tmp_path))
    for name in PARTS:
        getattr(monitor, name)
    monitor.alert_manager.add_alert_callback(lambda alerts: None)  # noqa: ARG005
    native = monitor._native
    assert native is not None
    del monitor
    gc.collect()
    assert native.closed
