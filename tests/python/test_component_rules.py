"""``CustomAlertRules``: conditions, cooldown, escalation by the clock, channels."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import (
    AlertCondition,
    AlertSeverity,
    CustomAlertRules,
    EscalationLevel,
    InvalidArgumentError,
)
from unified_system_monitor._components._conditions import holds, joined

START = 1_000_000.0
MINUTE = 60.0


@pytest.fixture
def rules(make_monitor: MakeMonitor) -> CustomAlertRules:
    """The rules of a monitor that does not sample."""
    return make_monitor().custom_alerts


def names(found: list[dict[str, Any]]) -> list[str]:
    return [alert["rule_name"] for alert in found]


def queue(rules: CustomAlertRules, at: float, value: Any) -> list[str]:
    return names(rules.check_custom_rules({"timestamp": START + at, "queue": value}))


@pytest.mark.parametrize(
    ("value", "sign", "threshold", "expected"),
    [
        (5, ">", 4, True),
        (5, ">", 5, False),
        (5, ">=", 5, True),
        (5, "<", 5, False),
        (5, "<=", 5, True),
        (5, "==", 5.0, True),
        ("up", "==", "up", True),
        ("up", "!=", "down", True),
        (5, "!=", 5, False),
        ("disk failure", "contains", "fail", True),
        ("disk failure", "not_contains", "fail", False),
        (["a", "b"], "contains", "b", True),
        (["a", "b"], "not_contains", "c", True),
        (42, "contains", 4, True),
        (None, ">", 4, None),
        (float("nan"), "!=", 4, None),
        (None, "not_contains", "x", None),
        ("many", ">", 4, None),
    ],
)
def test_conditions(value: Any, sign: str, threshold: Any, expected: bool | None) -> None:
    assert holds(value, AlertCondition(sign), threshold) is expected


@pytest.mark.parametrize(
    ("operator", "held", "expected"),
    [
        ("AND", [True, True], True),
        ("AND", [True, False], False),
        ("AND", [True, None], None),
        ("AND", [None, False], False),
        ("AND", [], None),
        ("OR", [False, True], True),
        ("OR", [None, True], True),
        ("OR", [None, False], None),
        ("OR", [False, False], False),
        ("OR", [], None),
    ],
)
def test_what_is_not_known_never_makes_a_rule_hold(
    operator: str, held: list[bool | None], expected: bool | None
) -> None:
    assert joined(operator, held) is expected


def test_a_rule_alerts_once_until_it_is_over_and_cooled_down(rules: CustomAlertRules) -> None:
    rules.create_custom_rule("full", "the queue", "queue", ">", 10, "warning")
    assert queue(rules, 0, 11) == ["full"]
    assert queue(rules, 1, 12) == []
    assert queue(rules, 2, None) == []
    assert queue(rules, 3, 5) == []
    assert queue(rules, 4, 11) == []
    assert queue(rules, 5, 5) == []
    assert queue(rules, 301, 11) == ["full"]
    assert rules.get_custom_rules()[0].last_triggered == START + 301


def test_an_alert_has_the_prototypes_keys(rules: CustomAlertRules) -> None:
    rules.create_custom_rule("full", "", "queue", AlertCondition.GREATER_EQUAL, 10, "critical")
    (alert,) = rules.check_custom_rules({"timestamp": START, "queue": 10})
    assert alert.pop("message")
    assert alert == {
        "rule_name": "full",
        "metric_name": "queue",
        "current_value": 10,
        "threshold": 10,
        "condition": ">=",
        "severity": AlertSeverity.CRITICAL,
        "timestamp": START,
    }


def test_a_rule_without_data_does_not_hold(rules: CustomAlertRules) -> None:
    conditions: list[dict[str, Any]] = [
        {"metric_name": "queue", "condition": ">", "threshold": 10},
        {"metric_name": "mood", "condition": "contains", "threshold": "bad"},
    ]
    rules.create_complex_rule("both", "", conditions, "and", "critical")
    rules.create_complex_rule("either", "", conditions, "OR", "info")

    def check(**values: Any) -> set[str]:
        return set(names(rules.check_complex_rules({"timestamp": START, **values})))

    assert check() == set()
    assert check(mood="bad") == {"either"}
    assert check(queue=11, mood="bad") == {"both"}


def test_escalation_goes_by_the_clock_level_by_level(rules: CustomAlertRules) -> None:
    rules.create_custom_rule(
        "full",
        "",
        "queue",
        ">",
        10,
        "warning",
        escalation_enabled=True,
        escalation_delay=5,
        escalation_levels=[EscalationLevel.CRITICAL, EscalationLevel.EMERGENCY],
    )

    def levels() -> list[str]:
        return [step.escalation_level.value for step in rules.get_escalations()]

    queue(rules, 0, 11)
    queue(rules, 4 * MINUTE, 11)
    assert levels() == []
    queue(rules, 5 * MINUTE, 11)
    assert levels() == ["critical"]
    queue(rules, 6 * MINUTE, 11)
    assert levels() == ["critical"]
    queue(rules, 30 * MINUTE, 11)
    assert levels() == ["critical", "emergency"]
    queue(rules, 60 * MINUTE, 11)
    steps = rules.get_escalations()
    assert len(steps) == 2
    assert steps[0].alert_id == steps[1].alert_id > 0
    assert steps[0].notification_sent


def test_who_takes_note_ends_the_escalation(rules: CustomAlertRules) -> None:
    rules.create_custom_rule("full", "", "queue", ">", 10, "warning", True, 1)
    queue(rules, 0, 11)
    queue(rules, MINUTE, 11)
    assert rules.acknowledge_rule("full", "me") is True
    queue(rules, 99 * MINUTE, 11)
    (step,) = rules.get_escalations()
    assert (step.escalation_level.value, step.acknowledged_by) == ("warning", "me")
    assert rules.acknowledge_rule("empty") is False


def test_an_escalation_without_levels_does_nothing(rules: CustomAlertRules) -> None:
    rules.create_custom_rule("full", "", "queue", ">", 10, "warning", True, 0, [])
    assert queue(rules, 0, 11) == ["full"]
    assert queue(rules, 1, 11) == []
    assert rules.get_escalations() == []


def test_channels_are_told_and_what_becomes_of_it_is_kept(
    rules: CustomAlertRules, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    rules.notification_channels["mine"] = lambda rule, _alert: told.append(rule.name)
    rules.create_custom_rule(
        "full",
        "",
        "queue",
        ">",
        10,
        "warning",
        notification_channels=["console", "slack", "mine", "pigeon"],
        custom_message="too\x1b[2J long",
    )
    queue(rules, 0, 11)
    assert told == ["full"]
    assert capsys.readouterr().out == "[warning] too?[2J long\n"
    outcome = {row["channel"]: row for row in rules.get_notification_history()}
    assert outcome["console"]["success"]
    assert outcome["mine"]["success"]
    assert "not configured" in outcome["slack"]["error_message"]
    assert "no channel 'pigeon'" in outcome["pigeon"]["error_message"]


def test_rules_survive_and_are_refused_clearly(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    rules = monitor.custom_alerts
    made = rules.create_custom_rule("full", "the queue", "queue", ">", 10, "warning")
    assert made.id is not None
    # The description may be left out.
    rules.create_custom_rule(
        name="named", metric_name="mood", condition="contains", threshold="bad", severity="info"
    )
    again = CustomAlertRules(db_path=rules.db_path)
    assert [rule.name for rule in again.get_custom_rules()] == ["named", "full"]
    assert again.get_custom_rules()[1] == made
    with pytest.raises(sqlite3.IntegrityError, match="exists already"):
        again.create_custom_rule("full", "", "queue", ">", 10, "warning")
    conditions = [{"metric_name": "queue", "condition": ">", "threshold": 10}]
    for wrong in (
        lambda: rules.create_custom_rule("x", "", "queue", "=>", 10, "warning"),
        lambda: rules.create_custom_rule("x", "", "queue", ">", "ten", "warning"),
        lambda: rules.create_custom_rule("x", "", "", ">", 10, "warning"),
        lambda: rules.create_custom_rule("x", "", "queue", ">", 10, "warning", True, -1),
        lambda: rules.create_complex_rule("x", "", conditions, "XOR", "warning"),
        lambda: rules.create_complex_rule("x", "", [], "AND", "warning"),
    ):
        with pytest.raises(InvalidArgumentError):
            wrong()
    assert {rule.name for rule in rules.get_custom_rules()} == {"named", "full"}
    assert rules.get_complex_rules() == []


def test_a_rule_over_the_engines_metrics_fires_by_itself(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    rules = monitor.custom_alerts
    rules.create_custom_rule("some memory", "", "memory_used_gb", ">", 0.001, "info")
    conditions = [
        {"metric_name": "memory_percent", "condition": ">", "threshold": 0.1},
        {"metric_name": "cpu_percent", "condition": ">=", "threshold": 0},
    ]
    rules.create_complex_rule("both", "", conditions, "AND", "critical")
    until(lambda: {"some memory", "both"} <= _fire(monitor))
    assert rules.enable_rule("both", False) is True
    assert rules.delete_rule("some memory") is True
    assert rules.delete_rule("some memory") is False
    assert "some memory" not in {rule.name for rule in monitor.alert_rules()}
    enabled = {rule.name: rule.enabled for rule in monitor.alert_rules()}
    assert enabled["both"] is False


def test_rules_are_printed(
    rules: CustomAlertRules, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from unified_system_monitor import _display

    rules.create_custom_rule("full [b]", "", "queue", ">", 10, "warning")
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        rules.display_rules()
        assert "full [b]" in capsys.readouterr().out


def _fire(monitor: Any) -> set[str]:
    monitor.collect()
    return {alert.rule for alert in monitor.alerts}
