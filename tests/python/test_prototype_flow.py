"""What the prototype's own test did, in its order, with assertions that can fail."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import until
from performance_optimizer import PerformanceOptimizer
from test_phase6 import Phase6Tester
from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

GROUPS = {
    "unified_monitoring": [
        "monitor_start",
        "state_collection",
        "comprehensive_report",
        "component_status",
        "monitor_stop",
    ],
    "performance_optimization": [
        "performance_analysis",
        "optimization_plan",
        "target_generation",
        "action_generation",
        "optimization_status",
    ],
    "integration": [
        "unified_optimization",
        "real_time_analysis",
        "performance_tracking",
        "optimization_history",
    ],
    "configuration": [
        "config_creation",
        "config_modification",
        "config_validation",
        "component_integration",
    ],
    "performance_metrics": [
        "metrics_collection",
        "performance_tracking",
        "optimization_metrics",
        "database_operations",
    ],
}


@pytest.fixture
def config(tmp_path: Path) -> IntegrationConfig:
    return IntegrationConfig(data_dir=tmp_path / "data", refresh_interval=0.1)


def test_all_22_checks_pass(config: IntegrationConfig, capsys: pytest.CaptureFixture[str]) -> None:
    tester = Phase6Tester(config)
    results = tester.run_all_tests()
    assert tester.errors == {}
    assert {group: list(checks) for group, checks in results.items()} == GROUPS
    assert all(passed is True for checks in results.values() for passed in checks.values())
    assert tester.test_results is results
    tester.display_results()
    said = capsys.readouterr().out
    assert said.count("PASS") == 22
    assert "Passed 22 of 22 checks" in said


def test_a_check_that_fails_is_told(
    config: IntegrationConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(_self: object) -> list[object]:
        raise OSError("no host")

    monkeypatch.setattr(PerformanceOptimizer, "analyze_system_performance", broken)
    monkeypatch.setattr(
        UnifiedSystemMonitor, "get_comprehensive_report", lambda _self: {"error": ""}
    )
    tester = Phase6Tester(config)
    results = tester.run_all_tests()
    assert results["performance_optimization"]["performance_analysis"] is False
    assert tester.errors["performance_optimization.performance_analysis"] == "OSError: no host"
    assert results["unified_monitoring"]["comprehensive_report"] is False
    tester.display_results()
    assert "no host" in capsys.readouterr().out


def test_the_flow_of_the_prototypes_test(config: IntegrationConfig) -> None:
    monitor = UnifiedSystemMonitor(config)
    # 1-5: a monitor.
    assert "started" in monitor.start_monitoring().lower()
    until(lambda: monitor.current_state.metrics)
    assert monitor.current_state.metrics, "truthy, as the test wants it"
    report = monitor.get_comprehensive_report()
    assert len(report) == 8 and "error" not in report
    assert len(monitor._get_component_status()) == 9
    assert "stopped" in monitor.stop_monitoring().lower()
    # 6-10: an optimizer.
    optimizer = PerformanceOptimizer({}, data_dir=config.data_dir, scope=("list", []))
    targets = optimizer.analyze_system_performance()
    actions = optimizer.generate_optimization_plan(targets)
    assert isinstance(targets, list) and isinstance(actions, list)
    optimizer.display_optimization_status()
    # 11-14: both, after a new start.
    first = monitor.current_state.timestamp
    assert monitor.start_monitoring() == "Unified monitoring started"
    until(lambda: monitor.current_state.timestamp > first)
    assert monitor.current_state.metrics is not None
    assert isinstance(optimizer.analyze_system_performance(), list)
    assert monitor.stop_monitoring() == "Unified monitoring stopped"
    # 15-18: settings.
    made = IntegrationConfig(
        enable_monitoring=True,
        enable_analytics=True,
        enable_ml=True,
        refresh_interval=2.0,
        max_threads=4,
    )
    made.refresh_interval = 5.0
    assert made.refresh_interval == 5.0
    made.data_dir = config.data_dir
    with UnifiedSystemMonitor(made) as second:
        assert second.config == made
    # 19-22: what was measured.
    assert monitor.system_monitor.collect_metrics() is not None
    metrics = monitor._get_performance_metrics()
    assert metrics["unified_monitor"]["operation_count"] > 0
    monitor.flush()
    path = monitor.unified_db
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert "unified_system_states" in {name for (name,) in tables}
    assert dataclasses.asdict(monitor.current_state)["metrics"]["cpu_percent"] is not None
    optimizer.close()
    monitor.close()
