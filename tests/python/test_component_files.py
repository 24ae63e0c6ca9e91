"""Where the components keep things: the engine's database, links to it, and files of one's own."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, RunPython, until
from past_machine import PastMachine, metrics, part_of
from unified_system_monitor import (
    AdvancedAnalytics,
    Alert,
    AlertManager,
    AlertSeverity,
    CustomAlertRules,
    EnhancedToolRecommender,
    MachineLearningIntegration,
    PredictiveAnalytics,
    StoreError,
    UnifiedSystemMonitor,
)
from unified_system_monitor._components._plain import as_json, plain

HOUR = 3600.0
START = time.time() // HOUR * HOUR - 12 * HOUR
"""A whole hour, half a day ago."""


def rows(path: Any, sql: str) -> list[dict[str, Any]]:
    """Read with SQLite alone, as a script of the prototype's time does."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def busy_day() -> list[Any]:
    """Return ten hours, three of them busy, with the load going along."""
    past = []
    for minute in range(600):
        busy = 60 <= minute < 240
        cpu = (90.0 if busy else 20.0) + minute % 7
        past.append(
            metrics(
                START + 60.0 * minute,
                cpu_percent=cpu,
                load_average=(cpu / 25.0, 0.4 + minute % 3, 0.3),
            )
        )
    return past


def saved(number: int = 1) -> list[Alert]:
    return [
        Alert(None, START + n, "mine", "queue", 5.0, 4.0, AlertSeverity.WARNING, f"alert {n}")
        for n in range(number)
    ]


def test_every_component_works_on_the_engines_database_through_its_link(
    make_monitor: MakeMonitor,
) -> None:
    monitor = make_monitor()
    for component, name in (
        (monitor.alert_manager, "system_alerts.db"),
        (monitor.custom_alerts, "custom_alert_rules.db"),
        (monitor.tool_recommender, "tool_analytics.db"),
        (monitor.predictive_analytics, "predictive_analytics.db"),
        (monitor.ml_integration, "ml_integration.db"),
        (monitor.advanced_analytics, "advanced_analytics.db"),
    ):
        path = Path(str(component.db_path))
        assert path.name == name
        assert path.is_symlink()
        assert path.resolve() == Path(str(monitor.unified_db)).resolve()


def test_a_saved_alert_is_in_both_of_the_prototypes_files_once(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    alerts = saved(2)
    monitor.alert_manager.save_alerts(alerts)
    folder = Path(str(monitor.unified_db)).parent
    for name, table in (("system_alerts.db", "alerts"), ("system_metrics.db", "system_alerts")):
        found = rows(folder / name, f"SELECT * FROM {table} ORDER BY id")
        assert [(row["id"], row["message"]) for row in found] == [
            (alert.id, alert.message) for alert in alerts
        ]
        assert {row["acknowledged"] for row in found} == {0}
    assert monitor.alert_manager.acknowledge_alert(alerts[0].id or 0, "me")
    (taken,) = rows(folder / "system_alerts.db", "SELECT * FROM alerts WHERE acknowledged = 1")
    assert (taken["id"], taken["acknowledged_by"]) == (alerts[0].id, "me")
    assert [alert.id for alert in monitor.alert_manager.get_active_alerts()] == [alerts[1].id]


def test_an_alert_that_a_script_writes_is_active(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    manager = monitor.alert_manager
    with closing(sqlite3.connect(str(manager.db_path))) as connection, connection:
        connection.execute(
            "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, "
            "severity, message) VALUES (?, 'Queue', 'queue', 5, 4, 'critical', 'by hand')",
            (START,),
        )
    (alert,) = manager.get_active_alerts()
    assert (alert.message, alert.severity) == ("by hand", AlertSeverity.CRITICAL)
    assert manager.acknowledge_alert(alert.id or 0)
    assert manager.get_active_alerts() == []


def test_an_alert_of_the_engine_is_listed_once_and_acknowledged_through_the_engine(
    make_monitor: MakeMonitor,
) -> None:
    monitor = make_monitor()
    manager = monitor.alert_manager
    manager.create_alert_rule("always", "memory_percent", 0.0, "critical")
    monitor.start_monitoring()
    until(lambda: [one for one in manager.get_active_alerts() if one.alert_type == "always"])
    until(lambda: rows(manager.db_path, "SELECT * FROM alerts WHERE alert_type = 'always'"))
    (alert,) = [one for one in manager.get_active_alerts() if one.alert_type == "always"]
    (row,) = rows(manager.db_path, "SELECT * FROM alerts WHERE alert_type = 'always'")
    assert (row["id"], row["metric_name"], row["severity"]) == (
        alert.id,
        "memory_percent",
        "critical",
    )
    assert row["metric_value"] > 0.0
    assert alert.id is not None
    assert manager.acknowledge_alert(alert.id, "me")
    until(lambda: all(one.id != alert.id for one in manager.get_active_alerts()))

    def is_written() -> bool:
        monitor.flush()
        sql = f"SELECT acknowledged FROM alerts WHERE id = {alert.id}"
        return rows(manager.db_path, sql) == [{"acknowledged": 1}]

    until(is_written)


def test_a_saved_alert_whose_metric_is_normal_again_is_over_for_scripts_too(
    make_monitor: MakeMonitor,
) -> None:
    manager = make_monitor().alert_manager
    manager.save_alerts(manager.check_metrics(metrics(START, cpu_percent=95.0)))
    assert manager.check_metrics(metrics(START + 10, cpu_percent=5.0)) == []
    (row,) = rows(manager.db_path, "SELECT * FROM alerts")
    assert (row["acknowledged"], row["acknowledged_by"]) == (1, "resolved")
    assert row["acknowledged_at"] == START + 10


def test_the_rules_in_force_are_in_the_table_and_a_scripts_own_beside_them(
    make_monitor: MakeMonitor,
) -> None:
    monitor = make_monitor()
    manager = monitor.alert_manager
    manager.create_alert_rule("hot", "temperature", 91.0, "warning", "too hot")
    manager.create_alert_rule("queue", "queue_length", 7.0, "critical")
    manager.enable_alert_rule("CPU Warning", False)

    def table() -> dict[str, dict[str, Any]]:
        monitor.flush()
        return {row["rule_name"]: row for row in rows(manager.db_path, "SELECT * FROM alert_rules")}

    there = table()
    wanted = ("metric_name", "threshold", "severity", "enabled", "description")
    for rule in manager.get_alert_rules():
        row = there[rule["rule_name"]]
        severity = AlertSeverity.of(rule["severity"]).value
        assert {name: row[name] for name in wanted} == {
            **{name: rule[name] for name in wanted},
            "severity": severity,
        }
    assert set(there) == {rule["rule_name"] for rule in manager.get_alert_rules()}
    assert (there["CPU Warning"]["enabled"], there["hot"]["threshold"]) == (0, 91.0)
    with closing(sqlite3.connect(str(manager.db_path))) as connection, connection:
        connection.execute(
            "INSERT INTO alert_rules (rule_name, metric_name, threshold, severity) "
            "VALUES ('by hand', 'jobs', 3, 'info')"
        )
    assert [alert.alert_type for alert in manager.check_metrics({"jobs": 4})] == ["by hand"]
    # A rule that the engine has no more is not left as a script's.
    assert monitor.remove_alert_rule("hot")
    assert "hot" not in {rule["rule_name"] for rule in manager.get_alert_rules()}
    assert "hot" not in table()
    assert {"by hand", "queue", "CPU Warning"} <= set(table())


def test_trends_and_forecasts_are_kept_and_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    analytics = part_of(PredictiveAnalytics, PastMachine(busy_day()))
    analytics._db_path = str(path)
    trends = analytics.analyze_trends()
    assert trends
    for _ in range(3):
        assert analytics.analyze_trends() == trends
    kept = rows(path, "SELECT * FROM trend_analysis")
    names = list(dict(trends[0].items()))
    assert [{name: row[name] for name in names} for row in kept] == [
        dict(trend.items()) for trend in trends
    ]
    assert {row["timestamp"] for row in kept} == {START + 60.0 * 599}


def test_run_analysis_leaves_what_it_returns_in_the_database(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=0.05)
    monitor.start_monitoring()
    analytics = monitor.predictive_analytics
    until(lambda: len(monitor.state_history) >= 3)
    for _ in range(3):
        found = analytics.run_analysis()
    kept = rows(analytics.db_path, "SELECT * FROM saved_performance_forecasts")
    newest = {(row["metric_name"], row["forecast_horizon"]): row for row in kept}
    assert len(kept) <= 2 * len(newest), "more than a row for each and minute"
    assert set(newest) >= {(one.metric_name, one.forecast_horizon) for one in found["forecasts"]}
    for forecast in found["forecasts"]:
        row = newest[forecast.metric_name, forecast.forecast_horizon]
        assert row["predicted_value"] == forecast.predicted_value
        interval = (row["confidence_lower"], row["confidence_upper"])
        assert interval == tuple(forecast.confidence_interval)
        assert json.loads(row["recommendations"]) == forecast.recommendations


def test_the_metrics_that_were_collected_are_the_historical_ones(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    collected = monitor.predictive_analytics.collect_metrics()
    assert collected is not None
    monitor.flush()
    kept = {
        row["metric_name"]: row["value"]
        for row in rows(
            monitor.predictive_analytics.db_path,
            f"SELECT * FROM historical_metrics WHERE timestamp = {collected.timestamp!r}",
        )
    }
    assert kept["memory_percent"] == collected.memory_percent
    assert kept["process_count"] == collected.process_count


def test_in_a_file_of_ones_own_the_metrics_are_written(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    analytics = part_of(PredictiveAnalytics, PastMachine([metrics(START)]))
    analytics._db_path = str(path)
    for _ in range(2):
        analytics.collect_metrics()
    kept = rows(path, "SELECT * FROM historical_metrics")
    assert len(kept) == 7
    assert {row["timestamp"] for row in kept} == {START}
    assert {row["metric_name"]: row["value"] for row in kept}["process_count"] == 100.0


@pytest.fixture
def looked_back(make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch) -> UnifiedSystemMonitor:
    """A monitor whose components see a busy day, and whose database is real."""
    monitor = make_monitor()
    from unified_system_monitor._components import _advanced_analytics, _machine_learning
    from unified_system_monitor._components._rows import read

    machine: Any = PastMachine(busy_day())

    def read_the_day(_monitor: Any, names: Any, _time_range: str = "7d") -> Any:
        return read(machine, names, "7d")

    monkeypatch.setattr(_advanced_analytics, "read", read_the_day)
    monkeypatch.setattr(_machine_learning, "read", read_the_day)
    return monitor


def test_correlations_and_baselines_are_kept_each_once(looked_back: UnifiedSystemMonitor) -> None:
    analytics = looked_back.advanced_analytics
    for _ in range(2):
        found = analytics.analyze_correlations()
        strong = analytics.identify_system_correlations()
        baselines = analytics.calculate_performance_baselines()
        insights = analytics.generate_performance_insights()
    assert found
    kept = rows(analytics.db_path, "SELECT * FROM saved_correlations ORDER BY id")
    assert [
        (row["metric1"], row["metric2"], row["correlation_type"], row["correlation_value"])
        for row in kept
    ] == [(o.metric1, o.metric2, o.correlation_type, o.correlation_value) for o in found]
    assert strong
    (first, *_) = strong
    kept = rows(analytics.db_path, "SELECT * FROM saved_system_correlations")
    assert len(kept) == len(strong)
    row = next(row for row in kept if row["correlation_id"] == first.correlation_id)
    assert json.loads(row["metrics"]) == first.metrics
    assert row["correlation_strength"] == first.correlation_strength
    kept = rows(analytics.db_path, "SELECT * FROM performance_baselines")
    assert {row["metric_name"]: row["baseline_value"] for row in kept} == {
        name: one["mean"] for name, one in baselines.items()
    }
    assert {(row["baseline_type"], row["time_period"]) for row in kept} == {("mean", "7d")}
    assert all(type(row["sample_count"]) is int for row in kept)
    assert insights == [], "nothing is the matter in the mean of that day"
    assert rows(analytics.db_path, "SELECT * FROM saved_performance_insights") == []


def test_an_insight_is_kept_once_and_as_it_was_last(tmp_path: Path) -> None:
    path = tmp_path / "own.db"
    past = [metrics(START + 60.0 * n, memory_percent=93.0) for n in range(60)]
    analytics = part_of(AdvancedAnalytics, PastMachine(past))
    analytics._db_path = str(path)
    for _ in range(2):
        found = [o for o in analytics.generate_performance_insights() if "memory" in o.metric_name]
    (row,) = rows(path, "SELECT * FROM performance_insights WHERE metric_name = 'memory_percent'")
    (one,) = found
    assert (row["description"], row["severity"]) == (one.description, "critical")
    assert json.loads(row["recommendations"]) == one.recommendations
    assert row["timestamp"] == one.timestamp


def test_patterns_keep_their_numbers_and_their_rows(looked_back: UnifiedSystemMonitor) -> None:
    learning = looked_back.ml_integration
    found = learning.identify_patterns()
    assert found == learning.identify_patterns()
    kept = rows(learning.db_path, "SELECT * FROM system_patterns ORDER BY frequency DESC")
    assert [(row["pattern_type"], row["pattern_id"]) for row in kept] == [
        ("normal_usage", "pattern_3"),
        ("high_cpu_usage", "pattern_0"),
    ]
    assert json.loads(kept[0]["features"]) == found[0].features


def test_models_and_features_are_what_they_are_said_to_be(
    looked_back: UnifiedSystemMonitor,
) -> None:
    learning = looked_back.ml_integration
    for _ in range(2):
        learning.train_anomaly_detection_model()
        learning.train_performance_prediction_model()
        learning.collect_training_data()
    status = learning.get_model_status()
    kept = rows(learning.db_path, "SELECT * FROM ml_models")
    assert {row["model_type"]: row["status"] for row in kept} == {
        name: one["status"] for name, one in status.items()
    }
    assert len(kept) == len(status)
    assert {type(json.loads(row["parameters"])) for row in kept} == {dict}
    kept = rows(learning.db_path, "SELECT * FROM feature_engineering ORDER BY id")
    assert [row["feature_name"] for row in kept] == learning.feature_names
    sent = next(row for row in kept if row["feature_name"] == "network_sent_mb")
    assert json.loads(sent["parameters"])["divisor"] == 1024**2
    assert "network_sent_bytes_total" in sent["calculation_method"]


def test_a_prediction_is_kept_as_json_of_pythons_own_kinds(tmp_path: Path) -> None:
    past = busy_day()
    learning = part_of(MachineLearningIntegration, PastMachine(past))
    learning._db_path = str(tmp_path / "own.db")
    from unified_system_monitor._components._rows import read

    day = read(learning._given, learning.feature_names, "7d")
    learning._training_rows = lambda _range: day
    for _ in range(2):
        found = learning.detect_anomalies(past[-1])
    assert found["is_anomaly"] is False
    (row,) = rows(tmp_path / "own.db", "SELECT * FROM ml_predictions")
    assert json.loads(row["prediction"]) == {"is_anomaly": False, "score": 0.0}
    assert (row["model_type"], row["confidence"]) == ("anomaly_detection", 1.0)
    assert json.loads(row["features_used"]) == learning.feature_names
    assert row["timestamp"] == past[-1].timestamp


def test_the_catalogue_of_tools_is_a_table_and_use_is_counted(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    recommender = monitor.tool_recommender
    context = {"performance_issues": ["low_disk"]}
    shown = recommender.recommend_tools("disk full", context)
    recommender.log_recommendation("disk full", shown, context)
    listed = rows(recommender.db_path, "SELECT * FROM tools")
    total = recommender.get_tool_analytics()["total_tools"]
    assert len({row["name"] for row in listed}) == len(listed) == total
    htop = next(row for row in listed if row["name"] == "htop")
    assert 0.0 < htop["confidence_score"] <= 1.0
    assert "," in htop["tags"]
    recommender.record_feedback(shown[0].name, True)
    recommender.record_feedback(shown[0].name, False)
    (used,) = rows(recommender.db_path, "SELECT * FROM tool_analytics")
    assert (used["tool_name"], used["usage_count"], used["success_rate"]) == (
        shown[0].name,
        1,
        0.5,
    )
    assert used["last_used"] > START
    (row,) = rows(recommender.db_path, "SELECT * FROM recommendation_history")
    assert row["query"] == "disk full"
    assert json.loads(row["recommended_tools"]) == [one.name for one in shown]
    assert json.loads(row["system_context"])["problems"]
    assert json.loads(row["user_feedback"]) == {shown[0].name: "dismissed"}


def test_rules_of_ones_own_and_who_was_told_are_in_the_engines_database(
    make_monitor: MakeMonitor, capsys: pytest.CaptureFixture[str]
) -> None:
    custom = make_monitor().custom_alerts
    rule = custom.create_custom_rule("jobs", "too many", "jobs", ">", 3, "warning")
    assert len(custom.check_custom_rules({"timestamp": START, "jobs": 4})) == 1
    assert "jobs" in capsys.readouterr().out
    (row,) = rows(custom.db_path, "SELECT * FROM custom_alert_rules")
    assert (row["id"], row["name"], row["threshold"], row["last_triggered"]) == (
        rule.id,
        "jobs",
        3,
        START,
    )
    assert json.loads(row["notification_channels"]) == ["console"]
    (row,) = rows(custom.db_path, "SELECT * FROM notification_history")
    assert (row["rule_name"], row["channel"], row["success"]) == ("jobs", "console", 1)
    assert len(custom.get_notification_history()) == 1


def test_a_rule_that_another_program_wrote_amiss_is_named_and_the_others_go_on(
    make_monitor: MakeMonitor, caplog: pytest.LogCaptureFixture
) -> None:
    custom = make_monitor().custom_alerts
    custom.create_custom_rule("fine", "", "jobs", ">", 3, "warning")
    with closing(sqlite3.connect(str(custom.db_path))) as connection, connection:
        for name, condition, levels in (
            ("by name", "LESS_EQUAL", '["CRITICAL"]'),
            ("amiss", "resembles", "[]"),
            ("worse", ">", "not JSON"),
        ):
            connection.execute(
                "INSERT INTO custom_alert_rules (name, metric_name, condition, threshold, "
                "severity, escalation_levels) VALUES (?, 'jobs', ?, 9, 'info', ?)",
                (name, condition, levels),
            )
    rules = {rule.name: rule for rule in custom.get_custom_rules()}
    assert set(rules) == {"fine", "by name"}
    assert rules["by name"].condition.value == "<="
    assert [level.value for level in rules["by name"].escalation_levels] == ["critical"]
    assert "'amiss'" in caplog.text
    assert "'worse'" in caplog.text


@pytest.mark.parametrize("name", ["a?b#c%20d.db", "with space & ünïcode.db", "'quoted\".db"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    AlertManager(db_path=path).save_alerts(saved())
    assert len(rows(path, "SELECT * FROM alerts")) == 1
    assert (tmp_path / name).is_file()


def test_the_engines_steps_of_an_escalation_are_in_the_table(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=0.05)
    custom = monitor.custom_alerts
    custom.create_custom_rule(
        "grows",
        "",
        "memory_percent",
        ">",
        0,
        "info",
        escalation_enabled=True,
        escalation_delay=0.005,
    )
    monitor.start_monitoring()
    until(lambda: len(custom.get_escalations()) >= 2)
    (first, second, *_) = custom.get_escalations()
    assert [first.escalation_level.value, second.escalation_level.value] == ["warning", "critical"]
    assert first.triggered_at < second.triggered_at
    (alert,) = [one for one in monitor.alerts if one.rule == "grows"]
    assert {first.alert_id, second.alert_id} == {alert.id}
    kept = rows(custom.db_path, "SELECT * FROM alert_escalations ORDER BY id")
    assert [row["escalation_level"] for row in kept] == ["warning", "critical"]


def test_a_file_of_ones_own_has_the_prototypes_tables(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    manager = AlertManager(db_path=path)
    manager.save_alerts(saved())
    assert manager.db_path == str(path)
    assert not path.is_symlink()
    assert path.stat().st_mode & 0o077 == 0
    names = {row["name"] for row in rows(path, "SELECT name FROM sqlite_master")}
    assert {"alerts", "alert_rules", "notification_settings"} <= names
    seeded = {row["rule_name"] for row in rows(path, "SELECT rule_name FROM alert_rules")}
    assert {"CPU Warning", "Temperature Critical"} <= seeded
    assert len(seeded) == 8


def test_the_engines_database_by_its_own_path_is_known_as_such(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    by_path = AlertManager(db_path=monitor.unified_db)
    alerts = saved()
    by_path.save_alerts(alerts)
    assert [one.id for one in monitor.alert_manager.get_active_alerts()] == [alerts[0].id]


def test_without_a_store_all_stays_in_memory(make_monitor: MakeMonitor, tmp_path: Path) -> None:
    monitor = make_monitor(store_enabled=False)
    manager = monitor.alert_manager
    manager.save_alerts(saved())
    assert manager.db_path is None
    assert len(manager.get_active_alerts()) == 1
    monitor.tool_recommender.log_recommendation("q", [], None)
    monitor.ml_integration.collect_training_data()
    assert not list(tmp_path.rglob("*.db"))


def test_a_link_that_leads_elsewhere_is_not_followed(
    make_monitor: MakeMonitor, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "system_alerts.db").symlink_to(other)
    monitor = make_monitor()
    manager = monitor.alert_manager
    manager.save_alerts(saved())
    assert manager.db_path == monitor.unified_db
    assert not other.exists()
    assert len(rows(monitor.unified_db, "SELECT * FROM alerts")) == 1


def test_a_link_to_nothing_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.symlink_to(tmp_path / "nowhere.db")
    with pytest.raises(StoreError) as caught:
        AlertManager(db_path=path).save_alerts(saved())
    assert caught.value.path == str(path)
    assert not (tmp_path / "nowhere.db").exists()


def test_what_was_found_is_returned_though_it_can_not_be_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "own.db"
    path.write_bytes(b"no database, whatever its name says, and long enough to tell" * 40)
    analytics = part_of(AdvancedAnalytics, PastMachine(busy_day()))
    analytics._db_path = str(path)
    assert analytics.calculate_performance_baselines("7d")
    assert str(path) in caplog.text
    assert "performance_baselines" in caplog.text


def test_many_writers_lose_nothing(make_monitor: MakeMonitor, run_python: RunPython) -> None:
    monitor = make_monitor(refresh_interval=0.05, commit_interval=0.05)
    monitor.start_monitoring()
    path = monitor.alert_manager.db_path
    code = f"""
import sqlite3
for n in range(40):
    connection = sqlite3.connect({path!r}, timeout=20)
    with connection:
        connection.execute(
            "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, "
            "severity, message) VALUES (?, 'other', 'queue', 1, 1, 'info', 'other')", (n,))
    connection.close()
"""
    result = run_python(code)
    assert (result.returncode, result.stderr) == (0, "")
    for alert in saved(40):
        monitor.alert_manager.save_alerts([alert])
    counts = rows(path, "SELECT alert_type, count(*) AS n FROM saved_alerts GROUP BY 1 ORDER BY 1")
    assert [(row["alert_type"], row["n"]) for row in counts] == [("mine", 40), ("other", 40)]
    monitor.flush()
    health = monitor.store_health
    assert health is not None
    assert health["status"] == "ok"


def test_values_are_written_as_pythons_own() -> None:
    class Number(float):
        """As NumPy's: a subclass of Python's."""

    class Scalar:
        def tolist(self) -> int:
            return 3

    assert plain(Number(2.5)) == 2.5
    assert type(plain(Number(2.5))) is float
    assert plain([float("nan"), float("inf"), None, True, (1, 2)]) == [
        None,
        None,
        None,
        True,
        [1, 2],
    ]
    assert plain({"severity": AlertSeverity.INFO, "n": Scalar()}) == {"severity": "info", "n": 3}
    assert as_json({"a": float("nan")}) == '{"a": null}'


def test_components_of_one_folder_share_what_they_keep(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    os.environ["USM_DATA_DIR"], before = str(folder), os.environ.get("USM_DATA_DIR")
    try:
        first, second = AlertManager(), AlertManager()
        first.save_alerts(saved())
        assert len(second.get_active_alerts()) == 1
        custom, tools = CustomAlertRules(), EnhancedToolRecommender()
        assert {Path(str(one.db_path)).parent for one in (first, custom, tools)} == {folder}
    finally:
        if before is None:
            del os.environ["USM_DATA_DIR"]
        else:
            os.environ["USM_DATA_DIR"] = before
