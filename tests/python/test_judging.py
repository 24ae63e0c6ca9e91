"""What a monitor has found, and its alerts' rules, idiomatically."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from conftest import MakeMonitor, RunPython, until
from unified_system_monitor import (
    Anomaly,
    Finding,
    Incident,
    InvalidArgumentError,
    InvalidStateError,
    UnifiedSystemMonitor,
    _native,
)
from unified_system_monitor._findings import Change, finding, finding_record
from unified_system_monitor._toml import rule_text

SERIES = {"metric": "core_busy_percent", "labels": [("core", "0")]}
ANOMALY: dict[str, Any] = {
    "series": SERIES,
    "score": 0.99,
    "worst_score": 0.99,
    "value": 90.0,
    "expected": (1.0, 5.0),
    "since": 100.0,
    "updated_at": 101.0,
    "incident": 3,
}
INCIDENT: dict[str, Any] = {
    "id": 3,
    "severity": "high",
    "summary": "cores are busy",
    "since": 100.0,
    "updated_at": 101.0,
    "closed_at": None,
    "anomalies": [ANOMALY],
    "culprits": [{"pid": 7, "name": "hog", "share_percent": 80.0}],
}
NEWEST = (
    "alerts",
    "anomalies",
    "incidents",
    "insights",
    "forecasts",
    "exhaustions",
    "correlations",
    "security_findings",
    "advice",
)


def test_a_finding_is_a_dict_and_has_attributes() -> None:
    found = finding(Incident, INCIDENT)
    assert isinstance(found, dict)
    assert found.summary == found["summary"] == found.get("summary")
    (anomaly,) = found.anomalies
    assert isinstance(anomaly, Anomaly)
    assert anomaly.series == 'core_busy_percent{core="0"}'
    assert (anomaly.metric, anomaly.labels) == ("core_busy_percent", {"core": "0"})
    assert found.culprits[0].name == "hog"
    assert "Incident(id=3" in repr(found)
    assert "summary" in dir(found)
    assert json.loads(json.dumps(found))["anomalies"][0]["score"] == 0.99
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), found.copy()):  # noqa: S301
        assert other == found
        assert type(other) is Incident
        assert isinstance(other.anomalies[0], Anomaly)
    with pytest.raises(AttributeError, match="'Incident' has no 'sumary'; it has id, "):
        found.sumary  # noqa: B018


def test_a_series_is_written_as_a_selector_reads_it(make_monitor: MakeMonitor) -> None:
    series = {"metric": "filesystem_used_percent", "labels": [("mount", 'a "b"\\c')]}
    found = finding(Anomaly, {**ANOMALY, "series": series})
    assert found.series == 'filesystem_used_percent{mount="a \\"b\\"\\\\c"}'
    monitor = make_monitor()
    monitor.collect()
    # It can be asked for as it is.
    assert len(monitor.history(found.series, since="1m").columns) == 0


def test_what_a_later_engine_adds_is_kept() -> None:
    row = {
        "kind": "novelty",
        "key": "x",
        "opened_at": 1.0,
        "updated_at": 1.0,
        "closed_at": None,
        "severity": None,
        "title": None,
        "data": {"series": SERIES, "fresh": [1]},
    }
    record = finding_record(row)
    assert type(record.data) is Finding
    assert (record.data.series, record.data.fresh) == ('core_busy_percent{core="0"}', [1])


def test_an_events_payload_carries_findings() -> None:
    payload = finding(
        Change,
        {
            "event": "performance_anomaly",
            "timestamp": 1.0,
            "anomaly": ANOMALY,
            "incident": INCIDENT,
        },
    )
    assert payload.anomaly.series == 'core_busy_percent{core="0"}'
    assert payload.incident.culprits[0].share_percent == 80.0
    assert payload["incident"]["culprits"][0]["share_percent"] == 80.0


def test_the_newest_findings_are_lists(monitor: UnifiedSystemMonitor) -> None:
    for name in NEWEST:
        found = getattr(monitor, name)
        assert isinstance(found, list), name
        assert all(isinstance(one, Finding) for one in found), name
    assert isinstance(monitor.predictions, dict)


def test_findings_of_the_past_are_asked_for_by_kind(monitor: UnifiedSystemMonitor) -> None:
    for kind in ("alert", "anomaly", "incident", "insight", "security", "silence"):
        assert isinstance(monitor.findings(kind, "1h", open_only=True), list)
    with pytest.raises(InvalidArgumentError, match="one of alert, anomaly") as caught:
        monitor.findings("alarm")
    assert caught.value.field == "kind"
    with pytest.raises(InvalidArgumentError, match="limit"):
        monitor.findings("alert", limit=-1)


def test_a_forecast_says_when_it_can_tell_nothing_yet(monitor: UnifiedSystemMonitor) -> None:
    found = monitor.forecast("memory_percent", ["15m", timedelta(hours=1)])
    assert [one.horizon_seconds for one in found] == [900.0, 3600.0]
    assert {one.series for one in found} == {"memory_percent"}
    assert {one.outcome for one in found} == {"learning"}
    assert all(one.value is None for one in found)
    (single,) = monitor.forecast("memory_percent", "6h")
    assert single.horizon_seconds == 21600.0
    with pytest.raises(InvalidArgumentError):
        monitor.forecast("memory_percnt")


def test_callbacks_get_findings(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    told: list[Any] = []
    monitor.add_callback("monitor_started", told.append)
    monitor.add_callback("recommendation_generated", told.append)
    monitor.start_monitoring()
    until(lambda: told)
    assert isinstance(told[0], Change)
    assert told[0].event == told[0]["event"] == "monitor_started"


def test_summaries_have_the_prototypes_keys(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    alerts = monitor._get_alerts_summary()
    assert {"total", "critical", "high", "medium", "low"} <= set(alerts)
    assert set(monitor._get_insights_summary()) == {"total", "high_severity"}
    assert monitor._get_predictions_summary()["available"] in (True, False)


def test_a_closed_monitor_still_tells_what_it_had_found(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    before = {name: getattr(monitor, name) for name in NEWEST}
    monitor.close()
    assert {name: getattr(monitor, name) for name in NEWEST} == before
    for call in (
        monitor.alert_rules,
        monitor.silences,
        lambda: monitor.findings("alert"),
        lambda: monitor.alert_history(),
        lambda: monitor.test_alert_rule("x"),
        lambda: monitor.forecast("cpu_percent"),
    ):
        with pytest.raises(InvalidStateError, match="closed"):
            call()


def test_a_forked_child_is_told(run_python: RunPython) -> None:
    result = run_python(
        """
import os, sys
from unified_system_monitor import AlertManager, ForkedError, UnifiedSystemMonitor
monitor = UnifiedSystemMonitor()
monitor.collect()
alone = AlertManager()
assert alone._monitor is monitor
pid = os.fork()
if pid == 0:
    calls = [lambda: monitor.alerts, lambda: monitor.predictions, monitor.alert_rules,
             lambda: monitor.findings('alert'), lambda: monitor.test_alert_rule('x'),
             lambda: monitor.forecast('cpu_percent'), monitor.alert_manager.get_alert_summary]
    for number, call in enumerate(calls):
        try: call()
        except ForkedError: pass
        else: raise AssertionError(number)
    # One that stands by itself makes an engine of its own.
    assert alone._monitor is not monitor
    assert alone._monitor.collect().metrics is not None
    sys.exit(7)
_, status = os.waitpid(pid, 0)
assert os.WEXITSTATUS(status) == 7, status
monitor.close()
""",
        "-W",
        "ignore::DeprecationWarning",
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_rules_are_written_as_toml() -> None:
    tomllib = pytest.importorskip("tomllib", reason="a reader of TOML came with Python 3.11")
    rule = {
        "name": 'a "quoted"\n\\ name \x1b\x7f\u2028 é',
        "when": "cpu_percent > 90%",
        "for": timedelta(minutes=5),
        "enabled": True,
        "threshold": 1e300,
        "count": 3,
        "left out": None,
        "steps": [{"above": 95.5, "severity": "critical", "nothing": None}],
    }
    read = tomllib.loads(rule_text(rule, {"clear_for_": "2m"}))
    assert read == {
        "name": rule["name"],
        "when": rule["when"],
        "for": "300.000s",
        "enabled": True,
        "threshold": 1e300,
        "count": 3,
        "steps": [{"above": 95.5, "severity": "critical"}],
        "clear_for": "2m",
    }
    assert rule_text("name = 'x'", {}) == "name = 'x'"


def test_a_rule_that_is_no_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="not both"):
        rule_text("name = 'x'", {"severity": "info"})
    with pytest.raises(TypeError, match="a rule is needed"):
        rule_text(None, {})
    with pytest.raises(InvalidArgumentError, match="severity: <object"):
        rule_text(None, {"severity": object()})


def test_the_engine_names_its_metrics() -> None:
    names = _native.metric_names()
    assert "cpu_percent" in names
    assert len(names) == len(set(names))


def test_security_findings_can_be_allowed(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(security_allow=["listener:*"])
    assert monitor.config.security_allow == ("listener:*",)
    monitor.config.security_allow = ["*"]
    monitor.collect()
    found = monitor.security_findings
    assert found
    assert all(one.allowed for one in found)
    for one in found:
        assert one.id.startswith(f"{one.kind}:")
        assert one.text
        assert one.advice
        assert isinstance(one.evidence, list)
    for wrong in ("*", [1], 5):
        with pytest.raises(InvalidArgumentError, match="security_allow"):
            monitor.config.security_allow = wrong  # type: ignore[assignment]
