"""``phase6-cli`` and the monitor in the background: across processes, and in a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import until
from phase6 import Cli, cli
from unified_system_monitor._phase6._optimizing import _acts

__all__ = ["cli"]


def start(cli: Cli, *arguments: str) -> str:
    return cli.said("monitor", "--start", "--refresh-interval", "0.2", *arguments)


def status(cli: Cli) -> Any:
    done = cli.run("monitor", "--status", "--json")
    assert done.returncode in (0, 3), done.stderr
    found = json.loads(done.stdout)
    assert found["running"] is (done.returncode == 0)
    return found


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    # One that has ended and that nobody has waited for yet is no longer alive.
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("rich", [True, False])
def test_a_monitor_is_started_seen_and_stopped_across_processes(cli: Cli, rich: bool) -> None:
    assert "Monitoring is not running" in cli.said("monitor", "--status", code=3, rich=rich)
    said = cli.said("monitor", "--start", "--refresh-interval", "0.2", rich=rich)
    assert "Unified monitoring started" in said
    found = status(cli)
    assert is_alive(found["pid"])
    assert f"pid {found['pid']}" in said
    assert "Monitoring is running" in cli.said("monitor", "--status", rich=rich)
    assert "Monitoring already active" in cli.said("monitor", "--start", rich=rich)
    assert status(cli)["pid"] == found["pid"]
    assert "Unified monitoring stopped" in cli.said("monitor", "--stop", rich=rich)
    assert not is_alive(found["pid"])
    said = cli.said("monitor", "--stop", rich=rich)
    assert "stopped" not in said and "Monitoring is not running" in said


def test_status_and_report_show_the_state_of_the_monitor_that_runs(cli: Cli) -> None:
    start(cli)
    until(lambda: cli.json("status")["source"] == "the running monitor", patience=60)
    found = cli.json("status")
    assert found["state"]["health_score"] > 0
    assert found["monitor"]["running"] is True
    assert len(found["components"]) == 9
    # What operations take is told a little later.
    until(lambda: "unified_monitor" in cli.json("status")["performance_metrics"], patience=60)
    timed = cli.json("status")["performance_metrics"]["unified_monitor"]
    assert timed["operation_count"] >= 1
    assert "From the running monitor." in cli.said("status")
    said = cli.said("report", "--comprehensive")
    assert "8 sections" in said and "From the running monitor" in said
    report = cli.json("report", "--comprehensive")
    assert report["system_state"]["metrics"]["memory_percent"] > 0
    assert set(report["alerts_summary"]) >= {"total", "critical", "high", "medium", "low"}
    # And it is a state that it goes on making.
    before = report["system_state"]["timestamp"]
    until(
        lambda: cli.json("report", "--comprehensive")["system_state"]["timestamp"] > before,
        patience=60,
    )


def test_a_setting_reaches_the_monitor_that_runs(cli: Cli) -> None:
    cli.said("monitor", "--start")
    assert status(cli)["refresh_interval"] == 3.0
    said = cli.said("config", "--set", "refresh_interval", "0.5")
    assert "The monitor that runs is told." in said
    until(lambda: status(cli)["refresh_interval"] == 0.5, patience=30)


def test_of_two_starts_at_once_one_starts(cli: Cli) -> None:
    with ThreadPoolExecutor(4) as pool:
        barrier = threading.Barrier(4)

        def begin(_number: int) -> str:
            barrier.wait()
            return start(cli)

        said = list(pool.map(begin, range(4)))
    assert sum("Unified monitoring started" in one for one in said) == 1
    assert sum("Monitoring already active" in one for one in said) == 3


def test_a_monitor_that_was_killed_is_not_running_and_another_starts(cli: Cli) -> None:
    start(cli)
    pid = status(cli)["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not status(cli)["running"])
    said = cli.said("monitor", "--status", code=3)
    assert f"The last one (pid {pid}) was killed or crashed after " in said
    assert "Unified monitoring started" in start(cli)
    assert status(cli)["pid"] != pid


def test_it_survives_the_terminal_that_started_it(cli: Cli) -> None:
    code, said = cli.in_terminal("monitor", "--start", "--refresh-interval", "0.2")
    assert code == 0 and "Unified monitoring started" in said
    pid = status(cli)["pid"]
    # The terminal is closed by now, and with it its session.
    time.sleep(0.5)
    assert is_alive(pid) and status(cli)["running"]


def test_auto_optimization_is_really_on(cli: Cli) -> None:
    said = start(cli, "--auto-optimize", "--demo")
    assert "Auto-optimization enabled" in said
    assert status(cli)["auto_optimize"] is True
    # The flag by itself: a monitor that runs without it is started anew with it.
    cli.said("monitor", "--stop")
    start(cli)
    before = status(cli)
    assert before["auto_optimize"] is False
    said = cli.said("optimize", "--auto", "--demo")
    assert "Auto-optimization enabled" in said
    after = status(cli)
    assert after["auto_optimize"] is True and after["pid"] != before["pid"]
    assert "Auto-optimization enabled" in cli.said("optimize", "--auto", "--demo")
    assert status(cli)["pid"] == after["pid"]
    # One that only says what it would do does not act; to start one that does is not for a test.
    assert _acts(after, demo=True) and not _acts(after, demo=False)
    assert not _acts({"running": False, "auto_optimize": None, "demo": None}, demo=False)


def test_a_monitor_that_would_keep_nothing_is_not_started(cli: Cli) -> None:
    done = cli.run("monitor", "--start", USM_STORE_ENABLED="false")
    assert (done.returncode, done.stdout) == (2, "")
    assert "store_enabled" in done.stderr


def test_auto_starts_a_monitor_where_none_runs(cli: Cli) -> None:
    answer = cli.json("optimize", "--auto", "--demo")
    assert answer["auto_optimize"] is True
    assert status(cli)["pid"] == answer["pid"]


@pytest.mark.parametrize("interval", ["-1", "nan", "1e9"])
def test_an_interval_out_of_range_is_refused(cli: Cli, interval: str) -> None:
    done = cli.run("monitor", "--start", f"--refresh-interval={interval}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "refresh_interval" in done.stderr
    assert not status(cli)["running"]


def test_the_foreground_ends_on_ctrl_c(cli: Cli) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "phase6_cli", "monitor", "--foreground"],
        cwd=cli.folder,
        env=cli.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: status(cli)["running"], patience=60)
        assert status(cli)["pid"] == process.pid
        assert "Monitoring already active" in cli.said("monitor", "--start")
        process.send_signal(signal.SIGINT)
        _out, told = process.communicate(timeout=60)
        assert process.returncode in (0, 130), told
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_what_a_script_changed_reaches_the_monitor_that_it_starts(cli: Cli) -> None:
    code = """
from phase6_cli import Phase6CLI
made = Phase6CLI()
made.config.enable_ml = False
made.config.refresh_interval = 0.25
made.run(["monitor", "--start"])
raise SystemExit(made.exit_code)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=cli.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert status(cli)["refresh_interval"] == 0.25


def test_a_monitor_of_the_own_process_is_looked_at_and_stopped(cli: Cli) -> None:
    code = """
from phase6_cli import Phase6CLI
made = Phase6CLI()
made.unified_monitor.start_monitoring()
made.unified_monitor.wait(20)
made.run(["status"])
made.run(["monitor", "--stop"])
assert made.exit_code == 0
assert not made.unified_monitor.monitoring_active
made.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=cli.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "From this process." in done.stdout
    assert "Unified monitoring stopped" in done.stdout


def test_execution_asks_in_a_terminal(cli: Cli) -> None:
    # Ends a child of the test by a plan made by hand, once it was said yes to.
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    script = cli.folder / "mine.py"
    script.write_text(
        "import sys\n"
        "from performance_optimizer import OptimizationAction, PerformanceOptimizer\n"
        f"action = OptimizationAction('kill_process', '{child.pid}', 'end it', 'high', 1.0,"
        " 'medium', 1.0)\n"
        "PerformanceOptimizer.generate_optimization_plan = lambda self, targets: [action]\n"
        "from unified_system_monitor._phase6 import main\n"
        "sys.exit(main(['optimize', '--execute']))\n"
    )
    try:
        code, said = cli.in_terminal(script=str(script), typed="n\n")
        assert code == 0 and "Execute this action? [y/N]" in said
        assert "Nothing was done." in said
        assert child.poll() is None
        code, said = cli.in_terminal(script=str(script), typed="y\n")
        assert "Successful: " in said and "Total benefit: " in said
    finally:
        child.kill()
        child.wait()
