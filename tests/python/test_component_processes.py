"""``AdvancedProcessManager``: lists, and acts on children of the tests alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import MakeMonitor, MakeOptimizer, until
from unified_system_monitor import (
    AdvancedProcessManager,
    InvalidArgumentError,
    ProcessAction,
    ProcessInfo,
    UnifiedSystemMonitor,
    _display,
)


@pytest.fixture
def manager(make_monitor: MakeMonitor) -> AdvancedProcessManager:
    return make_monitor().process_manager


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A child that waits, in a session of its own; whatever happens to it, it ends."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


# Looking.


def test_one_process_is_as_the_system_shows_it(manager: AdvancedProcessManager) -> None:
    info = manager.get_process_info(os.getpid())
    assert isinstance(info, ProcessInfo)
    other = psutil.Process()
    assert info.name == other.name()
    assert info.memory_mb > 1
    assert info.num_threads is not None
    assert info.num_threads >= 1
    assert info.create_time == pytest.approx(other.create_time(), abs=2)
    assert info.parent_pid == os.getppid()
    assert info.username == other.username()
    assert info.nice == other.nice()
    assert info.cmdline[0] == other.cmdline()[0]
    assert info.num_fds is not None
    assert info.num_fds > 3
    assert info.io_counters is None or set(info.io_counters) == {"read_bytes", "write_bytes"}


def test_children_are_pids(manager: AdvancedProcessManager, child: subprocess.Popen[bytes]) -> None:
    manager._monitor.collect()
    me = manager.get_process_info(os.getpid())
    assert me is not None
    assert child.pid in me.children
    born = manager.get_process_info(child.pid)
    assert born is not None
    assert born.parent_pid == os.getpid()
    assert born.status == "sleeping"


def test_who_is_not_there_is_none(manager: AdvancedProcessManager) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert manager.get_process_info(gone.pid) is None
    assert manager.get_process_info(-1) is None


@pytest.mark.parametrize("order", ["cpu", "memory", "memory_mb", "threads", "age"])
def test_lists_are_in_their_order(manager: AdvancedProcessManager, order: str) -> None:
    found = manager.get_top_processes(5, order)
    assert 1 <= len(found) <= 5
    if order == "age":
        starts = [info.create_time for info in found if info.create_time is not None]
        assert starts == sorted(starts)
        return
    name = {"cpu": "cpu_percent", "memory": "memory_percent", "threads": "num_threads"}
    values = [info[name.get(order, order)] for info in found]
    known = [value for value in values if value is not None and value == value]
    assert known == sorted(known, reverse=True)


def test_what_is_no_order_is_refused(manager: AdvancedProcessManager) -> None:
    with pytest.raises(InvalidArgumentError, match="sort_by"):
        manager.get_top_processes(5, "colour")
    assert manager.get_top_processes(0) == []
    assert manager.get_top_processes(-5) == []


def test_a_hog_is_found_by_its_use(make_monitor: MakeMonitor, hog: int) -> None:
    manager = make_monitor().process_manager

    def seen() -> bool:
        manager._monitor.collect()
        hogs = manager.find_resource_hogs(cpu_threshold=5.0, memory_threshold=100.0)
        return hog in [info.pid for info in hogs]

    until(seen)
    every = manager.find_resource_hogs(cpu_threshold=-1.0)
    assert len(every) == manager.get_system_summary()["total_processes"]
    assert manager.find_resource_hogs(1e9, 1e9) == []


def test_the_summary_counts_all(manager: AdvancedProcessManager) -> None:
    summary = manager.get_system_summary()
    assert set(summary) == {
        "total_processes",
        "running_processes",
        "sleeping_processes",
        "total_cpu_percent",
        "total_memory_percent",
        "total_memory_mb",
        "resource_hogs_count",
        "action_history_count",
    }
    assert summary["total_processes"] == len(manager._monitor.processes())
    assert summary["total_memory_mb"] > 1
    assert summary["action_history_count"] == 0


def test_the_tree_goes_as_deep_as_it_shall(
    manager: AdvancedProcessManager, child: subprocess.Popen[bytes]
) -> None:
    manager._monitor.collect()
    lines = manager.process_tree_lines(os.getpid(), 1)
    assert f"PID: {os.getpid()}," in lines[0]
    assert any(f"PID: {child.pid}," in line and line[0] in "├└" for line in lines[1:])
    assert len(manager.process_tree_lines(os.getpid(), 0)) == 1
    tree = manager.get_process_tree(os.getpid(), 1)
    assert any(f"PID: {child.pid}," in str(node.label) for node in tree.children)
    assert manager.process_tree_lines(-1) == []
    assert manager.get_process_tree(-1) is None


def test_a_name_is_no_markup_and_no_command_of_the_terminal(
    manager: AdvancedProcessManager,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = manager.get_process_info(os.getpid())
    assert info is not None
    monkeypatch.setenv("COLUMNS", "200")
    info.name = "[red]x[/y]\x1b[2J"
    for rich in (True, False):
        monkeypatch.setattr(_display, "RICH_AVAILABLE", rich)
        manager.display_processes([info], title="[bold]Mine[/q]")
        text = capsys.readouterr().out
        assert "[red]x[/y]" in text
        assert "\x1b" not in text
        manager.display_process_tree(os.getpid())
        assert f"PID: {os.getpid()}" in capsys.readouterr().out
        manager.display_action_history()
        assert "No actions performed yet" in capsys.readouterr().out


# Acting.


def test_a_process_is_ended_gently(
    manager: AdvancedProcessManager, child: subprocess.Popen[bytes]
) -> None:
    action = manager.kill_process(child.pid)
    assert action == ProcessAction(
        child.pid, "kill", "Gracefully terminated", action.timestamp, True, None
    )
    assert child.wait(timeout=20) == -signal.SIGTERM
    assert manager.action_history == [action]


def test_who_does_not_listen_is_killed_after_the_timeout(make_monitor: MakeMonitor) -> None:
    manager = make_monitor().process_manager
    manager.kill_timeout = 0.2
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)\n"
    code += "while True: signal.pause()"
    deaf = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        action = manager.kill_process(deaf.pid)
        assert (action.success, action.reason) == (True, "Force killed after timeout"), action
        assert deaf.wait(timeout=20) == -signal.SIGKILL
    finally:
        manager.close()
        deaf.kill()
        deaf.wait()
        if deaf.stdout is not None:
            deaf.stdout.close()


def test_by_force_is_at_once(
    manager: AdvancedProcessManager, child: subprocess.Popen[bytes]
) -> None:
    action = manager.kill_process(child.pid, force=True)
    assert (action.success, action.reason) == (True, "Force killed"), action
    assert child.wait(timeout=20) < 0


@pytest.mark.parametrize("name", ["kill_process", "suspend_process", "restart_process"])
def test_what_is_protected_is_refused_and_nothing_raised(
    manager: AdvancedProcessManager, name: str
) -> None:
    for pid, why in ((os.getpid(), "protected"), (1, "protected"), (os.getppid(), "protected")):
        action = getattr(manager, name)(pid)
        assert not action.success
        assert action.error_message is not None
        assert why in action.error_message, action
    assert state(os.getpid()) in "RS"


@pytest.mark.parametrize(
    "name", ["kill_process", "suspend_process", "resume_process", "restart_process"]
)
def test_who_is_gone_is_said(manager: AdvancedProcessManager, name: str) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    for pid in (gone.pid, -1, 0, "five", None):
        action = getattr(manager, name)(pid)
        assert not action.success
        assert action.error_message
    assert len(manager.action_history) == 5


def test_a_process_is_suspended_with_a_lease_and_resumed(
    manager: AdvancedProcessManager, child: subprocess.Popen[bytes]
) -> None:
    action = manager.suspend_process(child.pid)
    assert action.success, action
    assert "at most 3600 s" in action.reason
    assert state(child.pid) == "T"
    resumed = manager.resume_process(child.pid)
    assert (resumed.success, resumed.reason) == (True, "Process resumed"), resumed
    assert state(child.pid) == "S"
    again = manager.resume_process(child.pid)
    assert (again.success, again.reason) == (True, "It was running already"), again


def test_a_suspension_outlasts_the_one_who_did_it_and_ends_by_itself(
    make_monitor: MakeMonitor, child: subprocess.Popen[bytes]
) -> None:
    manager = AdvancedProcessManager({"lease_seconds": 1.0})
    manager._given = make_monitor()
    assert manager.suspend_process(child.pid).success
    manager.close()
    assert state(child.pid) == "T"
    until(lambda: state(child.pid) == "S")


def test_another_can_resume_it(make_monitor: MakeMonitor, child: subprocess.Popen[bytes]) -> None:
    first = make_monitor()
    assert first.process_manager.suspend_process(child.pid).success
    first.close()
    assert make_monitor().process_manager.resume_process(child.pid).success
    until(lambda: state(child.pid) == "S")


def test_what_somebody_else_has_stopped_goes_on_too(
    manager: AdvancedProcessManager, child: subprocess.Popen[bytes]
) -> None:
    child.send_signal(signal.SIGSTOP)
    until(lambda: state(child.pid) == "T")
    action = manager.resume_process(child.pid)
    assert action.success, action
    until(lambda: state(child.pid) == "S")


def test_a_restart_starts_the_same_program_again(
    manager: AdvancedProcessManager, tmp_path: Path
) -> None:
    child = subprocess.Popen(["sleep", "601"], start_new_session=True, cwd=tmp_path)
    try:
        action = manager.restart_process(child.pid)
        assert action.success, action
        (again,) = manager._restarted
        try:
            assert f"pid {again.pid}" in action.reason
            # The command line, which may hold secrets, is in no history.
            assert "601" not in action.reason
            assert psutil.Process(again.pid).cmdline() == ["sleep", "601"]
            assert Path(psutil.Process(again.pid).cwd()) == tmp_path
        finally:
            again.kill()
            again.wait()
    finally:
        child.kill()
        child.wait()


def test_a_restart_that_fails_says_so(manager: AdvancedProcessManager, tmp_path: Path) -> None:
    program = tmp_path / "copy-of-sleep"
    sleep = shutil.which("sleep")
    assert sleep is not None
    shutil.copyfile(sleep, program)
    program.chmod(0o700)
    child = subprocess.Popen([str(program), "600"], start_new_session=True)
    try:
        program.unlink()
        action = manager.restart_process(child.pid)
        assert not action.success
        assert action.error_message is not None
        assert "can't be started again" in action.error_message
        # It is not ended for nothing.
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_the_hogs_are_left_alone_in_demo_mode(
    make_monitor: MakeMonitor, hog: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = make_monitor().process_manager
    theirs = manager._hogs

    def only_ours(*given: Any, **limits: Any) -> Any:
        return [process for process in theirs(*given, **limits) if process.pid == hog]

    # Whatever else is busy on this machine is none of this test's.
    monkeypatch.setattr(manager, "_hogs", only_ours)
    manager.cpu_threshold = 1.0

    def relieved(**options: Any) -> list[ProcessAction]:
        done: list[ProcessAction] = []

        def seen() -> bool:
            manager._monitor.collect()
            done[:] = manager.optimize_resources(**options)
            return bool(done)

        until(seen)
        return done

    (would,) = relieved()
    assert (would.pid, would.action, would.success) == (hog, "suspend", False)
    assert would.error_message is not None
    assert "demo mode" in would.error_message
    assert "CPU:" in would.reason
    assert state(hog) == "R"
    (done,) = relieved(dry_run=False)
    assert done.success, done
    assert state(hog) == "T"
    assert manager.resume_process(hog).success
    assert manager.action_history[-2:-1] == [done]


def test_settings_are_taken_and_checked() -> None:
    manager = AdvancedProcessManager({"kill_timeout": 2, "cpu_threshold": 50})
    assert (manager.kill_timeout, manager.cpu_threshold) == (2.0, 50.0)
    assert (manager.memory_threshold, manager.max_processes) == (10.0, 1000)
    assert (manager.suspend_timeout, manager.io_threshold) == (3.0, 1_000_000.0)
    for wrong in ("soon", -1, float("nan")):
        with pytest.raises(InvalidArgumentError, match="kill_timeout"):
            AdvancedProcessManager({"kill_timeout": wrong})


def test_history_is_shown(
    manager: AdvancedProcessManager, capsys: pytest.CaptureFixture[str]
) -> None:
    manager.kill_process(os.getpid())
    manager.display_action_history()
    text = capsys.readouterr().out
    assert "FAILED" in text
    assert str(os.getpid()) in text


def test_closing_the_monitor_ends_what_acts(
    make_monitor: MakeMonitor, child: subprocess.Popen[bytes]
) -> None:
    monitor: UnifiedSystemMonitor = make_monitor()
    assert monitor.process_manager.suspend_process(child.pid).success
    own = monitor.process_manager._acts._own
    assert own is not None
    monitor.close()
    assert own[1].closed
    action = monitor.process_manager.resume_process(child.pid)
    assert not action.success
    assert "closed" in str(action.error_message)


# With an optimizer.


def test_an_optimizers_processes_are_acted_on_within_its_scope(
    make_optimizer: MakeOptimizer, hog: int, child: subprocess.Popen[bytes]
) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), lease_seconds=20.0)
    manager = optimizer.process_manager
    assert optimizer.process_manager is manager
    refused = manager.suspend_process(child.pid)
    assert not refused.success
    assert state(child.pid) == "S"
    done = manager.suspend_process(hog)
    assert done.success, done
    assert "20 s" in done.reason
    assert state(hog) == "T"
    assert [change["action_id"] for change in optimizer.status()["changes"]]
    assert manager.resume_process(hog).success
    assert optimizer.status()["changes"] == []
    assert optimizer.predictive_analytics.collect_metrics() is not None
