"""``AlertManager``: the engine's alerts and rules, and alerts that programs find themselves."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, RunPython, until
from past_machine import metrics
from unified_system_monitor import (
    Alert,
    AlertManager,
    AlertSeverity,
    InvalidArgumentError,
    StoreError,
    UnifiedSystemMonitor,
)

START = 1_000_000.0


@pytest.fixture
def manager(make_monitor: MakeMonitor) -> AlertManager:
    """The manager of a monitor that does not sample."""
    return make_monitor().alert_manager


def check(manager: AlertManager, at: float, **values: Any) -> list[tuple[str, str]]:
    found = manager.check_metrics({"timestamp": START + at, **values})
    return [(alert.metric_name, alert.severity.value) for alert in found]


def test_the_prototypes_rules_are_there_with_its_thresholds(manager: AlertManager) -> None:
    rules = {rule["rule_name"]: rule for rule in manager.get_alert_rules()}
    for about, metric, warning, critical in (
        ("CPU", "cpu_percent", 70, 90),
        ("Memory", "memory_percent", 80, 95),
        ("Disk", "disk_percent", 85, 95),
        ("Temperature", "temperature", 70, 85),
    ):
        for word, limit in (("Warning", warning), ("Critical", critical)):
            rule = rules[f"{about} {word}"]
            assert (rule["metric_name"], rule["threshold"]) == (metric, limit)
            assert (rule["severity"], rule["enabled"]) == (word.lower(), True)
            assert set(rule) == {
                "rule_name",
                "metric_name",
                "threshold",
                "severity",
                "enabled",
                "description",
            }
    names = [rule["rule_name"] for rule in manager.get_alert_rules()]
    assert names == sorted(names)


def test_only_the_worst_alert_of_a_metric_is_raised(manager: AlertManager) -> None:
    (alert,) = manager.check_metrics(metrics(START, cpu_percent=95.0))
    assert isinstance(alert, Alert)
    assert (alert.id, alert.metric_value, alert.threshold) == (None, 95.0, 90.0)
    assert (alert.alert_type, alert.severity) == ("CPU Critical", AlertSeverity.CRITICAL)
    assert "95" in alert.message
    assert not alert.acknowledged


def test_what_is_not_known_is_skipped(manager: AlertManager) -> None:
    found = check(manager, 0, temperature=None, cpu_percent=float("nan"), disk_percent=99.0)
    assert found == [("disk_percent", "critical")]
    assert check(manager, 1, memory_percent="much", load_average=None) == []


def test_an_alert_is_not_repeated_unless_it_grows_worse(manager: AlertManager) -> None:
    assert check(manager, 0, cpu_percent=75.0) == [("cpu_percent", "warning")]
    # Rising, falling or equal: it is the same alert.
    for at, value in ((1, 76.0), (2, 75.0), (3, 71.0)):
        assert check(manager, at, cpu_percent=value) == []
    assert check(manager, 4, cpu_percent=92.0) == [("cpu_percent", "critical")]
    assert check(manager, 5, cpu_percent=99.0) == []
    assert check(manager, 6, cpu_percent=75.0) == []
    assert check(manager, 310, cpu_percent=75.0) == [("cpu_percent", "warning")]
    # The clock was set back by a day.
    assert check(manager, -86400, cpu_percent=75.0) == [("cpu_percent", "warning")]


def test_saved_alerts_are_active_until_acknowledged_or_over(manager: AlertManager) -> None:
    alerts = manager.check_metrics({"timestamp": START, "cpu_percent": 95.0, "disk_percent": 99.0})
    manager.save_alerts(alerts)
    ids = [alert.id for alert in alerts]
    assert None not in ids
    assert len(set(ids)) == 2
    assert manager.recent_alerts == alerts
    assert {alert.id for alert in manager.get_active_alerts()} >= set(ids)
    cpu, disk = alerts
    assert cpu.id is not None
    assert manager.acknowledge_alert(cpu.id, "me") is True
    assert (cpu.acknowledged, cpu.acknowledged_by) == (True, "me")
    assert cpu.id not in {alert.id for alert in manager.get_active_alerts()}
    assert disk.id in {alert.id for alert in manager.get_active_alerts()}
    check(manager, 60, disk_percent=40.0)
    assert disk.id not in {alert.id for alert in manager.get_active_alerts()}
    assert manager.acknowledge_alert(123_456_789) is False
    summary = manager.get_alert_summary()
    assert set(summary) == {
        "total_alerts",
        "active_alerts",
        "severity_counts",
        "recent_alerts_24h",
    }
    assert summary["severity_counts"]["critical"] == 2
    assert summary["severity_counts"]["info"] == 0


def test_only_the_last_hundred_are_recent(manager: AlertManager) -> None:
    def alert(number: int) -> Alert:
        severity = AlertSeverity.INFO
        return Alert(None, START + number, "x", "queue", 1.0, 1.0, severity, f"{number}")

    manager.save_alerts([alert(number) for number in range(70)])
    manager.save_alerts([alert(number) for number in range(70, 150)])
    assert [one.message for one in manager.recent_alerts] == [str(n) for n in range(50, 150)]
    assert [one.message for one in manager.get_active_alerts()[:2]] == ["149", "148"]


def test_a_rule_over_a_metric_of_the_engine_is_the_engines(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    manager = monitor.alert_manager
    manager.create_alert_rule("any memory", "memory_percent", 0.5, "critical", "there is some")
    manager.create_alert_rule("hot", "temperature", 60, AlertSeverity.INFO)
    rules = {rule["rule_name"]: rule for rule in manager.get_alert_rules()}
    assert rules["any memory"]["description"] == "there is some"
    assert (rules["hot"]["metric_name"], rules["hot"]["severity"]) == ("temperature", "info")
    assert "any memory" in {rule.name for rule in monitor.alert_rules()}
    until(lambda: "any memory" in _names(monitor))
    assert "any memory" in {alert.alert_type for alert in manager.get_active_alerts()}


def test_a_rule_over_another_metric_is_looked_at_by_checks(manager: AlertManager) -> None:
    manager.create_alert_rule("long queue", "queue_length", 10, "warning")
    assert check(manager, 0, queue_length=9) == []
    assert check(manager, 1, queue_length=10) == [("queue_length", "warning")]
    assert manager.enable_alert_rule("long queue", False) is True
    assert check(manager, 1000, queue_length=10) == []


def test_rules_are_refused_clearly(manager: AlertManager) -> None:
    manager.create_alert_rule("mine", "cpu_percent", 50, "info")
    for name in ("mine", "CPU Warning"):
        with pytest.raises(sqlite3.IntegrityError, match="exists already"):
            manager.create_alert_rule(name, "cpu_percent", 60, "info")
    with pytest.raises(InvalidArgumentError, match="info, warning or critical"):
        manager.create_alert_rule("other", "cpu_percent", 60, "dreadful")
    with pytest.raises(InvalidArgumentError, match="threshold"):
        manager.create_alert_rule("other", "cpu_percent", float("nan"), "info")
    assert manager.enable_alert_rule("no such rule") is False


def test_one_of_two_severities_can_be_switched_off(manager: AlertManager) -> None:
    assert manager.enable_alert_rule("CPU Critical", False) is True
    enabled = {rule["rule_name"]: rule["enabled"] for rule in manager.get_alert_rules()}
    assert (enabled["CPU Critical"], enabled["CPU Warning"]) == (False, True)
    assert check(manager, 0, cpu_percent=99.0) == [("cpu_percent", "warning")]
    assert manager.enable_alert_rule("CPU Critical", True) is True
    enabled = {rule["rule_name"]: rule["enabled"] for rule in manager.get_alert_rules()}
    assert enabled["CPU Critical"] is True


def test_thresholds_of_the_config_are_honoured(make_monitor: MakeMonitor) -> None:
    make_monitor()
    monitor = make_monitor()
    manager = AlertManager(db_path=str(monitor.unified_db), config={"cpu_warning": 20})
    assert manager.thresholds["cpu_warning"] == 20
    assert manager.thresholds["memory_critical"] == 95
    assert check(manager, 0, cpu_percent=25.0, memory_percent=25.0) == [("cpu_percent", "warning")]


def test_callbacks_get_the_engines_alerts_and_one_that_raises_stops_nobody(
    make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", lambda args: raised.append(args.exc_value))
    monitor = make_monitor()
    manager = monitor.alert_manager
    told: list[list[Alert]] = []

    def bad(_alerts: list[Alert]) -> None:
        raise ValueError("a test")

    manager.add_alert_callback(bad)
    manager.add_alert_callback(told.append)
    manager.notify_alerts([])
    assert told == [[]]
    assert [str(error) for error in raised] == ["a test"]
    manager.create_alert_rule("any memory", "memory_percent", 0.5, "critical")
    monitor.start_monitoring()
    until(lambda: "any memory" in {alert.alert_type for some in told for alert in some})
    with pytest.raises(TypeError, match="callable"):
        manager.add_alert_callback("print")  # type: ignore[arg-type]


def test_another_process_sees_the_alerts_and_takes_note(
    make_monitor: MakeMonitor, run_python: RunPython
) -> None:
    monitor = make_monitor(commit_interval=0.1)
    monitor.add_alert_rule(name="some memory", when="memory_percent > 0.1", severity="critical")
    monitor.start_monitoring()
    until(lambda: "some memory" in {alert.rule for alert in monitor.alerts if alert.fired_at})
    monitor.flush()
    result = run_python(
        f"""
from unified_system_monitor import AlertManager
manager = AlertManager(db_path={monitor.alert_manager.db_path!r})
(alert,) = [one for one in manager.get_active_alerts() if one.alert_type == 'some memory']
assert manager.acknowledge_alert(alert.id, 'the other') is True
assert manager.acknowledge_alert(alert.id + 1000) is False
"""
    )
    assert (result.returncode, result.stderr) == (0, "")

    def taken() -> list[str]:
        return [alert.acknowledged.by for alert in monitor.alerts if alert.acknowledged]

    until(taken)
    assert taken() == ["the other"]


def test_a_file_of_the_prototype_goes_on(
    make_monitor: MakeMonitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "data" / "system_alerts.db"
    path.parent.mkdir(mode=0o700)
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL,
            alert_type TEXT NOT NULL, metric_name TEXT NOT NULL, metric_value REAL,
            threshold REAL, severity TEXT NOT NULL, message TEXT,
            acknowledged BOOLEAN DEFAULT 0, acknowledged_by TEXT, acknowledged_at REAL,
            created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
        INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold,
            severity, message) VALUES (5.0, 'CPU Warning', 'cpu_percent', 75, 70, 'warning', 'old');
        CREATE TABLE alert_rules (id INTEGER PRIMARY KEY AUTOINCREMENT,
            rule_name TEXT UNIQUE NOT NULL, metric_name TEXT NOT NULL, threshold REAL NOT NULL,
            severity TEXT NOT NULL, enabled BOOLEAN DEFAULT 1, description TEXT);
        INSERT INTO alert_rules (rule_name, metric_name, threshold, severity)
            VALUES ('CPU Warning', 'cpu_percent', 70, 'warning'),
                   ('long queue', 'queue_length', 10, 'critical');
        """
    )
    connection.close()
    manager = make_monitor().alert_manager
    assert manager.db_path == str(path)
    assert not path.is_symlink()
    assert [alert.message for alert in manager.get_active_alerts()] == ["old"]
    assert [record.getMessage().count("usm migrate") for record in caplog.records] == [1]
    assert str(path) in caplog.text
    names = [rule["rule_name"] for rule in manager.get_alert_rules()]
    assert names.count("CPU Warning") == 1
    assert "long queue" in names


def test_a_file_that_is_none_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "alerts.db"
    path.write_bytes(b"not a database at all, and longer than a header of one" * 40)
    with pytest.raises(StoreError) as caught:
        AlertManager(db_path=path).save_alerts([])
    assert caught.value.path == str(path)


def test_alerts_and_rules_are_printed_and_nothing_in_them_acts(
    manager: AlertManager, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from unified_system_monitor import _display

    monkeypatch.setenv("COLUMNS", "160")
    severity = AlertSeverity.INFO
    hostile = Alert(None, START, "x", "queue", None, 1.0, severity, "[red]\x1b[2Jboo[/nothing]")
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        manager.display_alerts([hostile])
        text = capsys.readouterr().out
        assert "[red]?[2Jboo[/nothing]" in text
        assert "\x1b[2J" not in text
        manager.display_alert_rules()
        assert "CPU Warning" in capsys.readouterr().out


def _names(monitor: UnifiedSystemMonitor) -> set[str]:
    monitor.collect()
    return {alert.rule for alert in monitor.alerts}
