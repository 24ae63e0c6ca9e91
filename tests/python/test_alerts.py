"""Alerts and their rules through the monitor: from the rule to who was told."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, RunPython, until
from unified_system_monitor import (
    AlertRecord,
    AlertRule,
    Backtest,
    Finding,
    InvalidArgumentError,
    InvalidStateError,
    UnifiedSystemMonitor,
)

MEMORY = {"name": "some memory", "when": "memory_percent > 0.1", "severity": "critical"}


def firing(monitor: UnifiedSystemMonitor, rule: str = "some memory") -> AlertRecord | None:
    alerts = [one for one in monitor.alerts if one.rule == rule and one.status == "firing"]
    return alerts[0] if alerts else None


def fired(monitor: UnifiedSystemMonitor, rule: str = "some memory") -> AlertRecord:
    until(lambda: firing(monitor, rule))
    alert = firing(monitor, rule)
    assert alert is not None
    return alert


@pytest.fixture
def alarmed(make_monitor: MakeMonitor) -> UnifiedSystemMonitor:
    """A monitor that is active and has an alert that fires."""
    monitor = make_monitor()
    monitor.add_alert_rule(MEMORY)
    monitor.start_monitoring()
    fired(monitor)
    return monitor


def test_a_rule_is_given_as_toml_as_a_mapping_or_in_words(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    made = [
        monitor.add_alert_rule("name = 'a'\nwhen = 'cpu_percent > 99%'\nfor = '5m'"),
        monitor.add_alert_rule({"name": "b", "when": "cpu_percent > 99%", "for": "5m"}),
        monitor.add_alert_rule(name="c", when="cpu_percent > 99%", for_=timedelta(minutes=5)),
    ]
    for rule in made:
        assert isinstance(rule, AlertRule)
        assert (rule["for"], rule.when, rule.enabled) == ("5m", "cpu_percent > 99%", True)
    rules = {rule.name: rule for rule in monitor.alert_rules()}
    assert {"a", "b", "c", "CPU", "Memory", "Disk"} <= set(rules)
    # What was read can be given back.
    changed = monitor.add_alert_rule({**rules["a"], "severity": "info"})
    assert changed.severity == "info"
    assert changed == {**rules["a"], "severity": "info"}


def test_rules_outlive_the_monitor_and_are_switched_and_removed(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.add_alert_rule(MEMORY)
    monitor.enable_alert_rule("some memory", False)
    monitor.enable_alert_rule("CPU", False)
    monitor.close()
    monitor = make_monitor()
    enabled = {rule.name: rule.enabled for rule in monitor.alert_rules()}
    assert (enabled["some memory"], enabled["CPU"], enabled["Memory"]) == (False, False, True)
    assert monitor.remove_alert_rule("some memory") is True
    assert monitor.remove_alert_rule("CPU") is True
    assert monitor.remove_alert_rule("Memory") is False
    enabled = {rule.name: rule.enabled for rule in monitor.alert_rules()}
    assert "some memory" not in enabled
    assert enabled["CPU"] is True


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"name": "x", "when": "cpu_persent > 3"}, "did you mean cpu_percent"),
        ({"name": "x", "when": "cpu_percent >"}, "line 2"),
        ({"name": "x", "when": "cpu_percent > 3", "severity": "critcal"}, "critical"),
        ({"name": "x", "when": "cpu_percent > 3", "chanels": []}, "channels"),
        ({"name": "x"}, "when"),
        ({"when": "cpu_percent > 3"}, "name"),
        ("name = ", "line 1"),
        ({"name": "x", "when": "cpu_percent > 3", "channels": ["pager"]}, "pager"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_was_meant(
    make_monitor: MakeMonitor, rule: Any, told: str
) -> None:
    monitor = make_monitor()
    with pytest.raises(InvalidArgumentError, match=told):
        monitor.add_alert_rule(rule)
    assert "x" not in {one.name for one in monitor.alert_rules()}
    with pytest.raises(InvalidArgumentError):
        monitor.enable_alert_rule("no such rule")


def test_an_alert_has_the_engines_and_the_prototypes_fields(alarmed: UnifiedSystemMonitor) -> None:
    alert = fired(alarmed)
    assert (alert.series, alert.severity, alert.threshold) == ("memory_percent", "critical", 0.1)
    assert alert.fired_at is not None
    assert alert.fired_at >= alert.since
    assert "some memory" in alert.message
    state = alarmed.current_state
    assert state.alerts is not None
    (record,) = [one for one in state.alerts if one["id"] == alert.id]
    assert (
        record.items()
        >= {
            "alert_type": "some memory",
            "metric_name": "memory_percent",
            "threshold": 0.1,
            "severity": "critical",
            "acknowledged": False,
            "acknowledged_by": None,
            "acknowledged_at": None,
            "timestamp": alert.fired_at,
        }.items()
    )
    assert {"metric_value", "message"} <= set(record)
    summary = alarmed._get_alerts_summary()
    assert summary["critical"] >= 1
    assert summary["total"] >= 1
    assert summary == alarmed.get_comprehensive_report()["alerts_summary"]


def test_a_callback_gets_the_alert_once(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=0.05)
    told: list[Any] = []
    ended: list[Any] = []
    monitor.add_callback("alert_triggered", told.append)
    monitor.add_callback("alert_resolved", ended.append)
    monitor.add_alert_rule(MEMORY)
    monitor.start_monitoring()
    until(lambda: any(one.rule == "some memory" for one in told))
    for _ in range(5):
        monitor.wait(timeout=20)
    mine = [one for one in told if one.rule == "some memory"]
    assert len(mine) == 1
    assert mine[0].event == "alert_triggered"
    assert mine[0].id == mine[0]["id"] > 0
    monitor.add_alert_rule({**MEMORY, "when": "memory_percent > 1000"})
    until(lambda: any(one.rule == "some memory" for one in ended))


def test_an_alert_is_acknowledged_by_somebody(alarmed: UnifiedSystemMonitor) -> None:
    alert = fired(alarmed)
    alarmed.acknowledge_alert(alert.id, by="me", note="I look")
    until(lambda: fired(alarmed).acknowledged)
    taken = fired(alarmed).acknowledged
    assert taken is not None
    assert (taken.by, taken.note) == ("me", "I look")
    assert taken.at >= alert.since
    assert alert.id not in {one.id for one in alarmed.alert_manager.get_active_alerts()}
    with pytest.raises(InvalidArgumentError):
        alarmed.acknowledge_alert(99_999)
    with pytest.raises(InvalidArgumentError, match="0 or more"):
        alarmed.acknowledge_alert(-1)


def test_a_silence_covers_what_it_says_and_ends(alarmed: UnifiedSystemMonitor) -> None:
    number = alarmed.silence_alerts("some *", "2h", by="me", reason="I know")
    assert number is not None
    (silence,) = alarmed.silences()
    assert isinstance(silence, Finding)
    assert (silence.id, silence.rule, silence.by, silence.reason) == (
        number,
        "some *",
        "me",
        "I know",
    )
    assert silence.labels == {}
    until(lambda: fired(alarmed).silenced_until)
    assert fired(alarmed).silenced_until == silence.until
    assert alarmed.end_silence(number) is True
    assert alarmed.end_silence(number) is False
    until(lambda: not fired(alarmed).silenced_until)
    labelled = alarmed.silence_alerts(labels={"mount": "/x*"}, for_=timedelta(minutes=1))
    assert labelled is not None
    assert alarmed.silences()[0].labels == {"mount": "/x*"}
    for wrong in (0, -5, float("nan"), "soon"):
        with pytest.raises(InvalidArgumentError):
            alarmed.silence_alerts(for_=wrong)


def test_the_past_of_an_alert_is_kept(alarmed: UnifiedSystemMonitor) -> None:
    alert = fired(alarmed)
    alarmed.stop_monitoring()
    alarmed.flush()
    (past,) = [one for one in alarmed.alert_history("1h") if one.id == alert.id]
    assert isinstance(past, AlertRecord)
    assert past.fired_at == alert.fired_at
    (row,) = [one for one in alarmed.findings("alert", "1h") if one.data.id == alert.id]
    assert row.severity == "critical"
    assert row.data.rule == "some memory"
    assert alarmed.alert_history("1h", limit=0) == []
    assert alarmed.alert_history(0, 1.0) == []


def test_a_rule_is_tested_on_the_past(alarmed: UnifiedSystemMonitor) -> None:
    for _ in range(5):
        alarmed.wait(timeout=20)
    shares: list[float] = []
    by_name = alarmed.test_alert_rule("some memory", over="1h", progress=shares.append)
    assert isinstance(by_name, Backtest)
    assert by_name.samples >= 5
    assert [one.rule for one in by_name.alerts] == ["some memory"]
    assert isinstance(by_name.alerts[0], AlertRecord)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    never = alarmed.test_alert_rule({**MEMORY, "when": "memory_percent > 101"}, over="1h")
    assert never.alerts == []
    assert never.firing_percent == 0.0
    with pytest.raises(InvalidArgumentError, match="some memory"):
        alarmed.test_alert_rule("some memry")


def test_a_test_of_a_rule_can_be_ended(alarmed: UnifiedSystemMonitor) -> None:
    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        alarmed.test_alert_rule("some memory", progress=stop)
    assert alarmed.test_alert_rule("some memory").samples > 0


def test_closing_ends_a_test_in_progress(alarmed: UnifiedSystemMonitor) -> None:
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            while True:
                alarmed.test_alert_rule("some memory")
        except (InvalidStateError, InvalidArgumentError) as error:
            raised.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    alarmed.wait(timeout=20)
    alarmed.close()
    for thread in asking:
        thread.join(30)
        assert not thread.is_alive()
    assert len(raised) == 3


def test_channels_are_told_and_that_is_recorded(make_monitor: MakeMonitor, tmp_path: Path) -> None:
    said = tmp_path / "said"
    rules = tmp_path / "data" / "alerts.toml"
    rules.parent.mkdir(mode=0o700)
    command = f"cat > {said}"
    rules.write_text(
        f'[channels.file]\ntype = "command"\nargv = ["sh", "-c", "{command}"]\n'
        '[[rule]]\nname = "some memory"\nwhen = "memory_percent > 0.1"\nchannels = ["file"]\n',
        encoding="utf-8",
    )
    monitor = make_monitor()
    assert monitor.alert_channels()["file"] == "command"
    told = monitor.test_channel("file")
    assert told.ok, told
    assert said.exists()
    with pytest.raises(InvalidArgumentError):
        monitor.test_channel("fire")
    said.unlink()
    monitor.start_monitoring()
    until(said.exists)
    until(lambda: _told(monitor, "some memory"))
    (row,) = _told(monitor, "some memory")
    assert (row.channel, row.ok, row.error) == ("file", True, None)


def _told(monitor: UnifiedSystemMonitor, rule: str) -> list[Any]:
    monitor.flush()
    return [one for one in monitor.notifications("1h") if one.rule == rule]


def test_the_interpreter_ends_while_the_judgement_is_asked(run_python: RunPython) -> None:
    result = run_python(
        """
import threading
from unified_system_monitor import AlertManager, UnifiedSystemMonitor
monitor = UnifiedSystemMonitor()
monitor.add_callback('alert_triggered', print)
monitor.start_monitoring(); monitor.wait(20)
alone = AlertManager()
alone.add_alert_callback(print)
def ask(call):
    while True: call()
calls = [lambda: monitor.test_alert_rule('CPU'), lambda: monitor.findings('alert'),
         lambda: monitor.predictions, monitor.alert_rules, alone.get_alert_summary]
for call in calls:
    threading.Thread(target=ask, args=(call,), daemon=True).start()
monitor.wait(20)
"""
    )
    assert (result.returncode, result.stderr) == (0, "")
