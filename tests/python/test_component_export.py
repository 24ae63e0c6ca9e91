"""``ExportReporting`` and ``MonitoringDashboard``, by the prototype's names."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import (
    DashboardState,
    ExportData,
    ExportReporting,
    InvalidArgumentError,
    InvalidStateError,
    MonitoringDashboard,
    ReportConfig,
    UnifiedSystemMonitor,
    UnsupportedError,
    _display,
)

METRICS = [
    "timestamp",
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_mb",
    "network_recv_mb",
    "process_count",
    "load_average_1",
    "load_average_5",
    "load_average_15",
    "temperature",
    "battery_percent",
    "battery_plugged",
]


@pytest.fixture
def sampled(make_monitor: MakeMonitor) -> UnifiedSystemMonitor:
    monitor = make_monitor()
    monitor.start_monitoring()
    for _ in range(3):
        monitor.wait(timeout=20)
    return monitor


@pytest.fixture
def exporter(sampled: UnifiedSystemMonitor, tmp_path: Path) -> ExportReporting:
    folders = {"export_dir": str(tmp_path / "out"), "report_dir": str(tmp_path / "papers")}
    made = ExportReporting(folders)
    made._given = sampled
    return made


def path_in(text: str) -> Path:
    found = re.search(r"(/\S+)$", text)
    assert found is not None, text
    return Path(found[1])


def test_no_folder_is_made_until_something_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exporter = ExportReporting()
    assert (exporter.export_dir, exporter.report_dir) == ("exports", "reports")
    assert list(tmp_path.iterdir()) == []


def test_metrics_are_exported_with_the_prototypes_keys(exporter: ExportReporting) -> None:
    text = exporter.export_system_metrics()
    path = path_in(text)
    assert text == f"✅ Exported system_metrics to {path}"
    assert re.fullmatch(r"system_metrics_\d{8}_\d{6}\.json", path.name)
    assert path.parent == Path(exporter.export_dir)
    rows = json.loads(path.read_text())
    assert len(rows) >= 3
    assert list(rows[0])[: len(METRICS)] == METRICS
    written = path_in(exporter.export_system_metrics(format="csv"))
    with written.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) >= 3
    assert set(METRICS) <= set(table[0])


def test_exports_of_one_second_are_two_files(exporter: ExportReporting) -> None:
    assert path_in(exporter.export_system_metrics()) != path_in(exporter.export_system_metrics())


def test_nothing_and_nonsense_are_said_and_leave_no_folder(exporter: ExportReporting) -> None:
    nothing = "No data found for the specified time range"
    assert exporter.export_system_metrics(10.0, 20.0) == nothing
    assert exporter.export_alerts(10.0, 20.0) == "No alerts found for the specified time range"
    assert exporter.export_predictive_data(10.0, 20.0).startswith("No predictive data")
    assert exporter.export_alerts(format="pdf") == "Unsupported format: pdf"
    assert exporter.export_system_metrics("no time").startswith("Error: ")
    assert not Path(exporter.export_dir).exists()


def test_who_wants_to_know_gets_a_path_or_an_error(
    exporter: ExportReporting, tmp_path: Path
) -> None:
    chosen = tmp_path / "chosen.csv"
    assert exporter.export("metrics", "csv", since=time.time() - 60, path=chosen) == chosen
    assert chosen.stat().st_size > 0
    with pytest.raises(InvalidStateError, match="nothing in this range"):
        exporter.export("alerts", since=10.0, until=20.0)
    for wrong in ({"kind": "colours"}, {"kind": "metrics", "format": "pdf"}):
        with pytest.raises(InvalidArgumentError):
            exporter.export(**wrong)
    with pytest.raises(InvalidArgumentError, match="kind"):
        exporter.report("colours")
    with pytest.raises(InvalidArgumentError, match="format"):
        exporter.report("health", "csv")
    with pytest.raises(OSError, match="nowhere"):
        exporter.export("metrics", path=tmp_path / "nowhere" / "x.json")


def test_the_health_report_has_the_prototypes_keys(exporter: ExportReporting) -> None:
    text = exporter.generate_system_health_report("1h")
    path = path_in(text)
    assert text == f"✅ Generated system health report: {path}"
    assert re.fullmatch(r"system_health_report_1h_\d{8}_\d{6}\.json", path.name)
    report = json.loads(path.read_text())
    assert {
        "report_type",
        "time_range",
        "generated_at",
        "current_metrics",
        "health_summary",
        "historical_data",
        "recommendations",
    } <= set(report)
    assert (report["report_type"], report["time_range"]) == ("system_health", "1h")
    page = exporter.report("health", "html", since="1h")
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")


def test_the_trend_report_has_the_prototypes_keys(exporter: ExportReporting) -> None:
    text = exporter.generate_performance_trend_report()
    path = path_in(text)
    assert text == f"✅ Generated performance trends report: {path}"
    report = json.loads(path.read_text())
    assert {"report_type", "time_range", "generated_at", "trends", "historical_data"} <= set(report)
    assert set(report["trends"]) == {"cpu", "memory", "disk"}
    assert {"average", "max", "min", "trend"} <= set(report["trends"]["cpu"])
    # A range that is none is said to be so.
    other = exporter.generate_performance_trend_report("soon")
    assert "'soon' is no range" in other
    assert path_in(other).exists()


def test_without_a_store_there_is_nothing_to_export(
    make_monitor: MakeMonitor, tmp_path: Path
) -> None:
    exporter = make_monitor(store_enabled=False).export_reporter
    exporter.export_dir = str(tmp_path / "out")
    assert "store_enabled" in exporter.export_system_metrics()
    assert "store_enabled" in exporter.generate_system_health_report()
    assert not (tmp_path / "out").exists()


def test_the_values_and_the_components(
    exporter: ExportReporting, sampled: UnifiedSystemMonitor
) -> None:
    assert exporter.system_monitor is sampled.system_monitor
    assert exporter.alert_manager is sampled.alert_manager
    assert exporter.predictive_analytics is sampled.predictive_analytics
    assert type(sampled.export_reporter) is ExportReporting
    data = ExportData("system_metrics", 1.0, {}, {})
    assert data["timestamp"] == 1.0
    config = ReportConfig("custom", "1h", None, None, [], "json", True, False)
    assert config == ReportConfig(**dict(config))


def test_options_are_shown(
    exporter: ExportReporting,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        exporter.display_export_options()
        assert "Predictive Data" in capsys.readouterr().out


# The dashboard.


def test_a_dashboard_begins_as_the_prototypes() -> None:
    import signal

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    dashboard = MonitoringDashboard()
    assert dashboard.state == DashboardState("overview", 2, False, False, "cpu", True, None, "")
    assert dashboard.running is False
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert MonitoringDashboard({"refresh_rate": 5, "other": 1}).state.refresh_rate == 5


def test_a_dashboard_needs_a_terminal(sampled: UnifiedSystemMonitor) -> None:
    dashboard = MonitoringDashboard()
    dashboard._given = sampled
    with pytest.raises(UnsupportedError, match="terminal"):
        dashboard.run()
    assert dashboard.running is False


@pytest.mark.parametrize(
    ("field", "value"), [("current_view", "x"), ("sort_by", "x"), ("refresh_rate", 0)]
)
def test_what_a_dashboard_can_not_show_is_refused(
    sampled: UnifiedSystemMonitor, field: str, value: Any
) -> None:
    dashboard = MonitoringDashboard({field: value})
    dashboard._given = sampled
    with pytest.raises(InvalidArgumentError, match=field):
        dashboard.run()


def test_a_dashboards_data_is_refreshed(sampled: UnifiedSystemMonitor) -> None:
    dashboard = MonitoringDashboard({"sort_by": "name", "sort_reverse": False})
    dashboard._given = sampled
    dashboard.refresh()
    assert dashboard.metrics is not None
    names = [process["name"].lower() for process in dashboard.processes]
    assert names == sorted(names)
    assert set(dashboard.processes[0]) == {
        "pid",
        "name",
        "cpu_percent",
        "memory_percent",
        "status",
    }
    assert dashboard.last_update > 0


def test_a_dashboard_runs_in_a_terminal_until_q(tmp_path: Path) -> None:
    code = "from unified_system_monitor import MonitoringDashboard\n"
    code += "print('ended with', MonitoringDashboard({'refresh_rate': 1}).run())"
    environment = {**os.environ, "USM_DATA_DIR": str(tmp_path / "data"), "TERM": "xterm-256color"}
    command = [sys.executable, "-c", code]
    terminal, other_end = pty.openpty()
    size = struct.pack("HHHH", 30, 100, 0, 0)
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, size)
    child = subprocess.Popen(
        command, stdin=other_end, stdout=other_end, stderr=other_end, env=environment
    )
    os.close(other_end)
    shown = bytearray()

    def read() -> bool:
        """Read what is there; false when the other end is closed."""
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown.extend(os.read(terminal, 65536))
            except OSError:
                return False
        return True

    try:
        until(lambda: read() and b"CPU" in shown, patience=60)
        os.write(terminal, b"q")
        until(lambda: not read(), patience=60)
        assert child.wait(timeout=60) == 0, bytes(shown[-2000:])
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
    assert b"ended with 0" in shown
