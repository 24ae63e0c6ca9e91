"""The prototype's names, shapes and texts."""

from __future__ import annotations

import inspect
import sqlite3
import threading
from pathlib import Path

import pytest
import unified_system_monitor as package
from conftest import MakeMonitor, RunPython
from unified_system_monitor import (
    IntegrationConfig,
    SystemMetrics,
    SystemState,
    UnifiedSystemMonitor,
)

COMPONENTS = [
    "system_monitor",
    "tool_recommender",
    "alert_manager",
    "predictive_analytics",
    "process_manager",
    "custom_alerts",
    "export_reporter",
    "ml_integration",
    "advanced_analytics",
]
EVENTS = [
    "state_update",
    "alert_triggered",
    "recommendation_generated",
    "performance_anomaly",
    "security_issue",
]


def test_every_public_name_exists() -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert isinstance(package.RICH_AVAILABLE, bool)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name  # type: ignore[attr-defined]


def test_the_first_example_of_the_prototype_runs(run_python: RunPython) -> None:
    result = run_python(
        """
from unified_system_monitor import UnifiedSystemMonitor, IntegrationConfig

config = IntegrationConfig(
    enable_monitoring=True,
    enable_analytics=True,
    enable_ml=True,
    refresh_interval=3.0,
    max_threads=4
)
monitor = UnifiedSystemMonitor(config)
result = monitor.start_monitoring()
print(result)
import time; time.sleep(1)
report = monitor.get_comprehensive_report()
print(report['system_state']['health_score'])
print(monitor.stop_monitoring())
"""
    )
    assert result.stderr == ""
    assert result.returncode == 0
    started, score, stopped = result.stdout.splitlines()
    assert started == "Unified monitoring started"
    assert 0 <= float(score) <= 100
    assert stopped == "Unified monitoring stopped"


def test_start_and_stop_answer_the_prototypes_texts(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    assert not monitor.monitoring_active
    assert monitor.monitoring_thread is None
    assert monitor.stop_monitoring() == "Unified monitoring stopped"
    for _ in range(2):
        assert monitor.start_monitoring() == "Unified monitoring started"
        assert monitor.start_monitoring() == "Monitoring already active"
        thread = monitor.monitoring_thread
        assert monitor.monitoring_active
        assert thread is not None
        assert thread.is_alive()
        assert monitor.stop_monitoring() == "Unified monitoring stopped"
        assert not monitor.monitoring_active
        assert not thread.is_alive()


def test_before_the_first_sample_the_state_is_that_of_the_prototype(
    make_monitor: MakeMonitor,
) -> None:
    state = make_monitor().current_state
    assert isinstance(state, SystemState)
    assert state.metrics is None
    assert (state.health_score, state.performance_score, state.security_score) == (0.0, 0.0, 0.0)


def test_the_current_state_is_complete(monitor: UnifiedSystemMonitor) -> None:
    state = monitor.current_state
    assert isinstance(state.metrics, SystemMetrics)
    assert state.metrics.cpu_percent is not None
    assert 0 <= state.metrics.cpu_percent <= 100
    assert isinstance(state.metrics.load_average, tuple)
    assert isinstance(state.recommendations, list)
    assert all(isinstance(text, str) for text in state.recommendations)
    for score in (state.health_score, state.performance_score, state.security_score):
        assert 0 <= score <= 100


def test_the_current_state_is_one_object_until_the_next(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    first = monitor.collect()
    assert monitor.current_state == first
    assert monitor.current_state is monitor.current_state
    monitor.collect()
    assert monitor.current_state.timestamp > first.timestamp


def test_the_history_is_bounded_and_oldest_first(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(max_history_size=3)
    assert monitor.state_history == []
    for _ in range(4):
        monitor.collect()
    stamps = [state.timestamp for state in monitor.state_history]
    assert len(stamps) == monitor.max_history_size == 3
    assert stamps == sorted(stamps)
    assert stamps[-1] == monitor.current_state.timestamp
    monitor.max_history_size = 5
    assert monitor.config.max_history_size == 5


def test_the_report_has_eight_sections(monitor: UnifiedSystemMonitor) -> None:
    report = monitor.get_comprehensive_report()
    assert set(report) == {
        "timestamp",
        "system_state",
        "component_status",
        "performance_metrics",
        "recommendations",
        "alerts_summary",
        "predictions",
        "insights",
    }
    state = report["system_state"]
    assert set(state) == set(SystemState(timestamp=0.0))
    assert set(state["metrics"]) == set(SystemMetrics.__match_args__)
    assert isinstance(state["metrics"]["load_average"], tuple)
    assert set(report["component_status"]) == set(COMPONENTS)
    assert all(isinstance(text, str) for text in report["recommendations"])
    assert {"total", "critical", "high", "medium", "low"} <= set(report["alerts_summary"])
    assert set(report["insights"]) == {"total", "high_severity"}
    assert isinstance(report["predictions"]["available"], bool)


def test_component_status_says_what_really_works(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    status = monitor._get_component_status()
    assert set(status) == set(COMPONENTS)
    assert status["system_monitor"] == "active"
    assert set(status.values()) <= {"active", "disabled"}
    assert all(row["detail"] for row in monitor.component_details())
    monitor.config.enable_monitoring = False
    assert monitor._get_component_status()["system_monitor"] == "disabled"


def test_performance_metrics_count_the_collections(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    assert monitor._get_performance_metrics() == {}
    monitor._collect_system_state()
    metrics = monitor._get_performance_metrics()
    assert metrics["unified_monitor"]["operation_count"] >= 1
    assert metrics["unified_monitor"]["avg_execution_time"] > 0


def test_the_display_has_nine_rows_and_a_line_of_scores(
    monitor: UnifiedSystemMonitor,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from unified_system_monitor import _display

    monkeypatch.setenv("COLUMNS", "120")
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        monitor.display_unified_status()
        text = capsys.readouterr().out
        lines = text.splitlines()
        for name in COMPONENTS:
            assert sum(name in line for line in lines) == 1
        for column in ("Component", "Status", "Health Score", "Performance", "Last Update"):
            assert column in text
        assert lines[-1].count("%") == 3
        assert (monitor.console is not None) == rich


def test_system_monitor_collects_metrics(make_monitor: MakeMonitor) -> None:
    metrics = make_monitor().system_monitor.collect_metrics()
    assert isinstance(metrics, SystemMetrics)
    assert metrics.memory_total_gb is not None
    assert metrics.memory_total_gb > 0


def test_the_three_tables_are_filled_with_what_was_measured(make_monitor: MakeMonitor) -> None:
    import json

    monitor = make_monitor()
    assert monitor.start_monitoring()
    state = monitor.wait(timeout=20)
    monitor.stop_monitoring()
    monitor.flush()
    path = monitor.unified_db
    assert path is not None
    assert Path(path).name == "unified_system.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT health_score, metrics_data, recommendations_data FROM unified_system_states"
            " WHERE timestamp = ?",
            (state.timestamp,),
        ).fetchall()
        assert len(rows) == 1
        health, metrics, recommendations = rows[0]
        assert health == pytest.approx(state.health_score)
        assert state.metrics is not None
        assert json.loads(metrics)["cpu_percent"] == pytest.approx(state.metrics.cpu_percent)
        assert json.loads(recommendations) == state.recommendations
        for table in ("performance_metrics", "integration_events"):
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count > 0, table
    finally:
        connection.close()
    stored = monitor.stored_states(0, state.timestamp + 1000)
    assert state.timestamp in [row["timestamp"] for row in stored]


def test_without_a_store_nothing_is_written(make_monitor: MakeMonitor, tmp_path: Path) -> None:
    monitor = make_monitor(store_enabled=False)
    monitor.collect()
    assert monitor.unified_db is None
    assert monitor.store_health is None
    assert not (tmp_path / "data").exists()
    with pytest.raises(package.InvalidStateError, match="store_enabled"):
        monitor.flush()


def test_the_cache_is_seen_through_its_views(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    assert set(monitor.cache) == set(monitor.cache_timestamps)


def test_what_was_measured_is_readable_after_closing(make_monitor: MakeMonitor) -> None:
    with make_monitor() as monitor:
        monitor.start_monitoring()
        monitor.wait(timeout=20)
        monitor.stop_monitoring()
        state = monitor.current_state
    assert repr(monitor) == "<UnifiedSystemMonitor closed>"
    monitor.close()
    assert monitor.current_state == state
    assert monitor.state_history[-1].timestamp == state.timestamp
    assert monitor.live.cpu_percent == (state.metrics and state.metrics.cpu_percent)
    assert not monitor.monitoring_active
    for call in (monitor.start_monitoring, monitor.stop_monitoring, monitor.collect):
        with pytest.raises(package.InvalidStateError, match="closed"):
            call()
    with pytest.raises(package.InvalidStateError, match="closed"):
        monitor.add_callback("state_update", print)


def test_the_callbacks_are_those_of_the_five_events(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    assert list(monitor.callbacks) == EVENTS
    assert all(callbacks == [] for callbacks in monitor.callbacks.values())


def test_a_monitor_that_leaks_while_it_runs_warns(make_monitor: MakeMonitor) -> None:
    before = threading.active_count()
    with pytest.warns(ResourceWarning, match="unclosed <UnifiedSystemMonitor active>"):
        _leak(make_monitor)
    assert threading.active_count() == before


def _leak(make_monitor: MakeMonitor) -> None:
    settings = make_monitor().config
    leaked = UnifiedSystemMonitor(IntegrationConfig(data_dir=f"{settings.data_dir}-leaked"))
    leaked.add_callback("state_update", print)
    leaked.start_monitoring()


def test_defaults_are_those_of_the_engine() -> None:
    from unified_system_monitor import _native

    # Lists are fixed here, since a change within one would not be seen.
    fixed = {list: tuple}
    defaults = {
        name: fixed.get(type(value), lambda value: value)(value)
        for name, value in _native.default_settings().items()
    }
    parameters = inspect.signature(IntegrationConfig.__init__).parameters.values()
    named = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
    assert named == defaults
    assert list(named) == _native.setting_names()
    assert list(vars(IntegrationConfig())) == _native.setting_names()


def test_the_commands_run(run_python: RunPython) -> None:
    result = run_python("import unified_system_monitor as u; raise SystemExit(u.main())")
    assert result.returncode == 0, result.stderr
    assert "Health" in result.stdout
    code = "import sys; sys.argv = ['usm', 'no-such-command']\n"
    code += "from unified_system_monitor.__main__ import main; sys.exit(main())"
    result = run_python(code)
    assert result.returncode == 2
    assert "no-such-command" in result.stderr
