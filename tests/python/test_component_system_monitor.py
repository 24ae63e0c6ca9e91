"""``SystemMonitor``: samples by the prototype's names."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import (
    InvalidArgumentError,
    InvalidStateError,
    StoreError,
    SystemMetrics,
    SystemMonitor,
    _display,
)

HIGH = {"cpu_percent": 95.0, "memory_percent": 85.0, "disk_percent": 10.0}


def metrics(**changes: Any) -> SystemMetrics:
    values = dict.fromkeys(SystemMetrics.__match_args__)
    return SystemMetrics(**{**values, "timestamp": 7.0, **changes})


def table(path: object, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(str(path))) as connection:
        return connection.execute(sql).fetchall()


def test_the_attributes_are_the_prototypes(tmp_path: Path) -> None:
    part = SystemMonitor(tmp_path / "own.db", {"cpu_warning": 50})
    assert part.thresholds == {
        "cpu_warning": 50.0,
        "cpu_critical": 90.0,
        "memory_warning": 80.0,
        "memory_critical": 95.0,
        "disk_warning": 85.0,
        "disk_critical": 95.0,
    }
    assert part.db_path == str(tmp_path / "own.db")
    assert (part.is_monitoring, part.monitoring_thread) == (False, None)
    assert (part.last_metrics, part.metrics_history) == (None, [])
    assert not (tmp_path / "own.db").exists()


def test_what_was_collected_is_kept(make_monitor: MakeMonitor) -> None:
    part = make_monitor().system_monitor
    first, second = part.collect_metrics(), part.collect_metrics()
    assert second.timestamp > first.timestamp
    assert part.last_metrics is second
    assert part.metrics_history == [first, second]


def test_nothing_sampled_is_an_error(make_monitor: MakeMonitor) -> None:
    part = make_monitor(enable_monitoring=False).system_monitor
    with pytest.raises(InvalidStateError, match="enable_monitoring"):
        part.collect_metrics()
    with pytest.raises(InvalidStateError, match="enable_monitoring"):
        part.get_system_summary()


def test_the_worst_level_of_each_metric_is_an_alert(tmp_path: Path) -> None:
    part = SystemMonitor(tmp_path / "own.db")
    cpu, memory = part.check_alerts(metrics(**HIGH))
    assert (cpu["type"], cpu["severity"], cpu["value"], cpu["threshold"]) == (
        "cpu",
        "critical",
        95.0,
        90.0,
    )
    assert (memory["type"], memory["severity"], memory["threshold"]) == ("memory", "warning", 80.0)
    assert cpu["message"] == "CPU usage critical: 95.0%"
    assert memory["message"] == "Memory usage high: 85.0%"
    assert part.check_alerts({"cpu_percent": 70.0})[0]["severity"] == "warning"
    assert part.check_alerts(metrics(cpu_percent=float("nan"))) == []
    assert part.check_alerts({}) == []


def test_a_sample_of_ones_own_is_saved_as_it_is(tmp_path: Path) -> None:
    part = SystemMonitor(tmp_path / "own.db")
    # What is not known is NULL, not "unplugged".
    sample = metrics(**HIGH, process_count=3, load_average=(1.0, 2.0, 3.0))
    part.save_metrics(sample)
    part.save_alerts(part.check_alerts(sample))
    (row,) = table(tmp_path / "own.db", "SELECT * FROM system_metrics")
    assert len(row) == 21
    assert row[1:4] == (7.0, 95.0, 85.0)
    assert row[13:20] == (3, 1.0, 2.0, 3.0, None, None, None)
    alerts = table(
        tmp_path / "own.db",
        "SELECT alert_type, metric_name, metric_value, severity, acknowledged FROM system_alerts",
    )
    assert alerts == [
        ("cpu", "cpu", 95.0, "critical", 0),
        ("memory", "memory", 85.0, "warning", 0),
    ]


def test_what_the_engine_has_sampled_is_in_the_table_once(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    part = monitor.system_monitor
    sample = part.collect_metrics()
    part.save_metrics(sample)
    part.save_metrics(sample)
    part.save_metrics(metrics(cpu_percent=50.0))
    assert part.db_path is not None
    assert Path(part.db_path).name == "system_metrics.db"
    found = table(part.db_path, "SELECT timestamp, cpu_percent FROM system_metrics ORDER BY 1")
    assert found == [(7.0, 50.0), (sample.timestamp, pytest.approx(sample.cpu_percent))]
    part.save_alerts([{**part.check_alerts(HIGH)[0], "timestamp": 5.0}])
    saved = table(part.db_path, "SELECT alert_type, severity FROM system_alerts")
    assert saved == [("cpu", "critical")]


def test_the_summary_takes_points_off(
    make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = make_monitor().system_monitor
    cases = [
        (metrics(**HIGH), 100 - 20 - 15, "warning"),
        (metrics(cpu_percent=61.0), 90, "healthy"),
        (metrics(cpu_percent=99.0, memory_percent=99.0, disk_percent=99.0), 35, "critical"),
        (metrics(), 100, "healthy"),
    ]
    for sample, score, status in cases:
        monkeypatch.setattr(part, "_metrics", lambda sample=sample: sample)
        summary = part.get_system_summary()
        assert (summary["health_score"], summary["status"]) == (score, status)
        assert summary["metrics"] == dict(sample)
        assert summary["alerts"] == part.check_alerts(sample)


def test_monitoring_blocks_until_it_is_stopped(
    make_monitor: MakeMonitor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    part = make_monitor().system_monitor
    part.thresholds["memory_warning"] = 0.0
    saved: list[list[dict[str, Any]]] = []
    monkeypatch.setattr(part, "save_alerts", saved.append)
    thread = threading.Thread(target=part.start_monitoring, args=(0.01,))
    thread.start()
    until(lambda: len(part.metrics_history) >= 3)
    assert part.is_monitoring
    assert part.monitoring_thread is thread
    part.start_monitoring(0.01)
    assert "Monitoring already running" in capsys.readouterr().out
    part.stop_monitoring()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert not part.is_monitoring
    # What lasts is told once.
    kinds = [alert["type"] for alerts in saved for alert in alerts]
    assert kinds.count("memory") == 1
    assert part.db_path is not None
    (count,) = table(part.db_path, "SELECT count(*) FROM system_metrics")[0]
    assert count >= 3


def test_what_can_not_be_stored_is_logged_and_sampling_goes_on(
    make_monitor: MakeMonitor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    part = make_monitor().system_monitor

    def fail(_metrics: object) -> None:
        if len(part.metrics_history) >= 3:
            # As scripts of the prototype end it.
            part.is_monitoring = False
        raise StoreError("the disk is full")

    monkeypatch.setattr(part, "save_metrics", fail)
    part.start_monitoring(0.01)
    assert len(part.metrics_history) >= 3
    assert "the disk is full" in caplog.text


@pytest.mark.parametrize("interval", [0, -1.0, float("nan"), "soon"])
def test_an_interval_that_is_none_is_refused(tmp_path: Path, interval: Any) -> None:
    part = SystemMonitor(tmp_path / "own.db")
    with pytest.raises(InvalidArgumentError, match="interval"):
        part.start_monitoring(interval)
    assert not part.is_monitoring
    part.stop_monitoring()


def test_metrics_are_shown(
    make_monitor: MakeMonitor,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    part = make_monitor().system_monitor
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        # A temperature of 0 is one; one that is not known is a dash.
        part.display_metrics(metrics(**HIGH, temperature=0.0))
        text = capsys.readouterr().out
        assert "95.0%" in text
        assert "0.0 °C" in text
        assert "critical" in text
        part.display_metrics()
        assert "System Metrics" in capsys.readouterr().out
