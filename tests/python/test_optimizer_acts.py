"""Acting for real, on children of the tests alone, and taking it back."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeOptimizer, RunPython, until
from performance_optimizer import (
    OptimizationAction,
    OptimizationTarget,
    PerformanceOptimizer,
    PerformanceProfile,
)
from performance_optimizer._identity import identity
from unified_system_monitor import (
    InvalidArgumentError,
    MonitorError,
    NotFoundError,
    RefusedError,
)


def action(kind: str, pid: int, risk: str = "low") -> OptimizationAction:
    """Make one by hand, of the prototype's seven fields."""
    return OptimizationAction(kind, str(pid), f"{kind} of {pid}", "low", 1.0, risk, 0.1)


def niceness(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def act(
    optimizer: PerformanceOptimizer, *actions: OptimizationAction, **options: Any
) -> dict[str, Any]:
    """Execute for real, whatever the risk, and keep it."""
    options = {"dry_run": False, "allow_risk": "high", "verify": False, **options}
    return optimizer.execute_optimization_actions(list(actions), **options)


def test_demo_mode_changes_nothing(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    wanted = [action("lower_priority", hog)]
    report = optimizer.execute_optimization_actions(wanted, allow_risk="high")
    (detail,) = report["details"]
    assert report["dry_run"] is detail["dry_run"] is True
    assert (report["executed"], report["successful"], report["failed"]) == (1, 1, 0)
    assert detail["changes"]
    assert (detail["success"], detail["error"], detail["verdict"]) == (True, None, "not_measured")
    assert niceness(hog) == 0
    assert optimizer.status()["changes"] == []
    assert optimizer.optimization_history == [report]


def test_a_real_action_is_done_explained_and_taken_back(
    hog: int, make_optimizer: MakeOptimizer
) -> None:
    optimizer = make_optimizer(scope=("subtree", hog))
    wanted = action("lower_priority", hog)
    report = act(optimizer, wanted)
    (detail,) = report["details"]
    assert detail["success"], detail
    assert niceness(hog) > 0
    assert (report["executed"], report["successful"], report["failed"]) == (1, 1, 0)
    assert report["dry_run"] is False
    assert detail["action"] == wanted.description
    assert wanted.id == detail["action_id"] > 0

    (change,) = optimizer.status()["changes"]
    assert change["action_id"] == wanted.id
    explained = optimizer.explain(wanted)
    assert explained["status"] == "completed"
    assert explained["result"]["success"] is True
    assert len(explained["changes"]) == 1
    assert any(entry["action_id"] == wanted.id for entry in optimizer.history())
    assert len(optimizer.history(1)) == 1

    (undone,) = optimizer.rollback(wanted)
    assert undone["action_id"] == wanted.id
    if optimizer.facts()["may_raise_priority"]:
        assert (undone["undo"], undone["error"]) == ("restored", None)
        assert niceness(hog) == 0
        assert optimizer.status()["changes"] == []
    else:
        # Without the privilege what went up does not come down: that must be said.
        assert undone["error"]
        with pytest.raises(MonitorError):
            optimizer.close()
        return
    with pytest.raises(NotFoundError):
        optimizer.rollback(987654)
    with pytest.raises(InvalidArgumentError):
        optimizer.explain(987654)


def test_with_verification_it_stays_only_if_it_helped(
    hog: int, make_optimizer: MakeOptimizer
) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    # SCHED_BATCH can be taken back by anybody.
    (detail,) = act(optimizer, action("set_batch", hog), verify=True)["details"]
    assert detail["verdict"] in ("helped", "no_effect", "harmed"), detail
    assert detail["rolled_back"] is (detail["verdict"] != "helped")
    assert detail["success"] is not detail["rolled_back"]
    kept = os.sched_getscheduler(hog) == os.SCHED_BATCH
    assert kept is detail["success"]
    assert detail["reason"]


def test_closing_takes_everything_back(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    with optimizer:
        assert act(optimizer, action("set_batch", hog))["successful"] == 1
        assert os.sched_getscheduler(hog) == os.SCHED_BATCH
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_nothing_outside_the_scope_is_touched(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    report = act(optimizer, action("set_batch", hog))
    assert (report["successful"], report["failed"]) == (0, 1)
    assert report["details"][0]["error"]
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER
    optimizer.set_scope(("list", [hog]))
    assert act(optimizer, action("set_batch", hog))["successful"] == 1
    optimizer.rollback()
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_who_is_not_there_any_more_fails_by_itself(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    gone = subprocess.Popen(["sh", "-c", ":"])
    gone.wait()
    report = act(optimizer, action("set_batch", gone.pid), action("set_batch", hog))
    assert [detail["success"] for detail in report["details"]] == [False, True]
    assert report["details"][0]["error"]
    # A start that is not its own: another process has the pid now.
    other = action("set_io_priority", hog)
    other.process = identity(hog)._replace(start_time_ticks=1)
    optimizer.rollback()
    assert act(optimizer, other)["failed"] == 1


def test_the_risk_must_be_accepted(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), kill_timeout=5.0)
    # What the caller says of the risk does not make it less.
    deadly = action("kill_process", hog, "low")
    report = act(optimizer, deadly, allow_risk="medium")
    assert (report["successful"], report["failed"]) == (0, 1)
    assert "risk" in report["details"][0]["error"]
    assert state(hog) != "Z"
    report = act(optimizer, action("kill_process", hog, "high"))
    assert report["successful"] == 1, report
    assert state(hog) == "Z"


def test_a_stop_ends_with_its_lease(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), lease_seconds=1.0)
    (detail,) = act(optimizer, action("suspend_process", hog))["details"]
    assert detail["success"], detail
    assert detail["lease_until"] > 0
    until(lambda: state(hog) == "R")


def test_halt_takes_back_and_forbids(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    other = make_optimizer(scope=("list", [hog]))
    assert act(optimizer, action("set_batch", hog))["successful"] == 1
    (undone,) = optimizer.halt()
    assert undone["undo"] == "restored"
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER
    assert optimizer.status()["halted"] is True
    for one in (optimizer, other):
        with pytest.raises(RefusedError):
            act(one, action("set_batch", hog))
    # To look is allowed.
    assert optimizer.execute_optimization_actions([action("set_batch", hog)])["executed"] == 1
    other.resume()
    assert optimizer.status()["halted"] is False
    assert act(optimizer, action("set_batch", hog))["successful"] == 1


def test_progress_is_told_on_the_calling_thread(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    seen: list[dict[str, Any]] = []
    threads = set()

    def progress(step: dict[str, Any]) -> None:
        threads.add(threading.current_thread())
        seen.append(step)

    act(optimizer, action("set_batch", hog), verify=True, progress=progress)
    assert threads == {threading.current_thread()}
    stages = [step["stage"] for step in seen]
    assert stages[0] == "checking"
    assert {"acting", "verifying"} <= set(stages)
    assert all(set(step) == {"stage", "what", "done", "total"} for step in seen)


def test_an_exception_in_progress_cancels_and_is_raised(
    hog: int, make_optimizer: MakeOptimizer
) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), verify_seconds=30.0)

    def progress(step: dict[str, Any]) -> None:
        if step["stage"] == "measuring":
            raise LookupError("a test")

    with pytest.raises(LookupError, match="a test"):
        act(optimizer, action("set_batch", hog), verify=True, progress=progress)
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER
    assert optimizer.status()["changes"] == []
    assert optimizer.optimization_history == []


def test_who_cancels_while_the_effect_is_measured_has_it_taken_back(
    hog: int, make_optimizer: MakeOptimizer
) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), verify_seconds=1.0)
    cancel = threading.Event()

    def progress(step: dict[str, Any]) -> None:
        if step["stage"] == "verifying":
            assert os.sched_getscheduler(hog) == os.SCHED_BATCH
            cancel.set()

    report = act(optimizer, action("set_batch", hog), verify=True, progress=progress, cancel=cancel)
    assert cancel.is_set()
    assert report["cancelled"] is True
    (detail,) = report["details"]
    assert (detail["success"], detail["rolled_back"]) == (False, True)
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_what_was_cancelled_before_is_not_begun(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    cancel = threading.Event()
    cancel.set()
    report = act(optimizer, action("set_batch", hog), verify=True, cancel=cancel)
    assert (report["cancelled"], report["successful"]) == (True, 0)
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER


def test_ctrl_c_takes_back_what_waits_for_its_verdict(run_python: RunPython) -> None:
    result = run_python(
        """
import os, signal, subprocess
from performance_optimizer import OptimizationAction, PerformanceOptimizer
hog = subprocess.Popen(['sh', '-c', 'while :; do :; done'], start_new_session=True)
try:
    with PerformanceOptimizer(scope=('list', [hog.pid]), verify_seconds=20.0) as optimizer:
        action = OptimizationAction('set_batch', str(hog.pid), 'a test', 'low', 1.0, 'low', 0.1)
        def progress(step):
            if step['stage'] == 'measuring':
                os.kill(os.getpid(), signal.SIGINT)
        try:
            optimizer.execute_optimization_actions(
                [action], dry_run=False, allow_risk='high', progress=progress)
        except KeyboardInterrupt:
            print('interrupted', os.sched_getscheduler(hog.pid), optimizer.status()['changes'])
finally:
    hog.kill(); hog.wait()
"""
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "interrupted 0 []\n"


def test_closing_cancels_what_another_thread_executes(
    hog: int, make_optimizer: MakeOptimizer
) -> None:
    optimizer = make_optimizer(scope=("list", [hog]), verify_seconds=60.0)
    begun = threading.Event()
    reports: list[dict[str, Any]] = []

    def work() -> None:
        wanted = action("set_batch", hog)
        reports.append(act(optimizer, wanted, verify=True, progress=lambda _: begun.set()))

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(20)
    optimizer.close()
    thread.join(20)
    assert not thread.is_alive()
    assert os.sched_getscheduler(hog) == os.SCHED_OTHER
    assert [report["successful"] for report in reports] == [0]


def test_cleaning_the_own_memory_is_honest(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    wanted = OptimizationAction("cleanup_memory", "system_memory", "own heap", "low", 1, "low", 1)
    (detail,) = act(optimizer, wanted, verify=True)["details"]
    # It may help or not; it never counts as the prototype's fixed 10 %.
    assert detail["success"], detail
    assert (detail["verdict"] == "not_measured") is (detail["improvement"] is None)
    if detail["improvement"] is not None:
        assert detail["improvement"] < 10.0


def test_a_plan_of_targets_made_by_hand_may_be_empty_but_comes(
    make_optimizer: MakeOptimizer,
) -> None:
    optimizer = make_optimizer()
    made = [
        OptimizationTarget(kind, 99.0, 60.0, "high", "by hand", method, "less")
        for kind, method in (
            ("cpu", "process_optimization"),
            ("memory", "memory_cleanup"),
            ("network", "network_advice"),
        )
    ]
    for planned in optimizer.generate_optimization_plan(made):
        # Nothing may be touched in this scope: at most the own heap.
        assert planned.action_type == "cleanup_memory"


def test_a_changed_plan_is_refused(hog: int, make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer(scope=("list", [hog]))
    target = OptimizationTarget(
        *("process", 99.0, 30.0, "high", f"High CPU usage by sh (PID: {hog})"),
        *("process_optimization", "less"),
    )
    planned = optimizer.generate_optimization_plan([target])
    if not planned:
        pytest.skip("no lever can have an effect here")
    (wanted,) = planned
    assert wanted.token
    assert wanted.process == identity(hog)
    wanted.target_id = "1"
    report = act(optimizer, wanted)
    assert report["failed"] == 1
    assert niceness(hog) == 0


def test_the_history_of_an_optimizer_is_bounded(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    optimizer.max_history_size = 3
    reports = [optimizer.execute_optimization_actions([]) for _ in range(5)]
    assert optimizer.optimization_history == reports[-3:]
    assert optimizer.optimization_history[-1] is reports[-1]


def test_profiles_are_made_applied_handed_on_and_deleted(
    make_optimizer: MakeOptimizer, tmp_path: Path
) -> None:
    optimizer = make_optimizer()
    assert "balanced" in optimizer.list_profiles()
    rules = [{"type": "cpu", "action": "lower_priority", "threshold": 50.0, "priority": "low"}]
    mine = PerformanceProfile("mine", 10.0, 20.0, 30.0, 40.0, rules, False, 123.0)
    optimizer._save_performance_profile(mine)
    optimizer._load_performance_profiles()
    stored = optimizer.performance_profiles["mine"]
    assert stored == mine
    # What was not said is as in the balanced one.
    balanced = optimizer.performance_profiles["balanced"]
    assert stored.pressure_threshold == balanced.pressure_threshold is not None
    assert (balanced.built_in, stored.built_in) == (True, False)

    optimizer.apply_profile("mine")
    assert optimizer.current_profile == mine
    assert make_optimizer().current_profile == mine
    optimizer.current_profile = "balanced"
    assert optimizer.current_profile == balanced
    stored.cpu_threshold = 15.0
    optimizer.current_profile = stored
    assert optimizer.performance_profiles["mine"].cpu_threshold == 15.0

    other = make_optimizer(data_dir=tmp_path / "other")
    exported = optimizer.export_profile("mine")
    assert other.import_profile(json.dumps(exported)) == stored
    assert other.import_profile({**exported, "profile_name": "twin"}).profile_name == "twin"
    assert {"mine", "twin"} <= set(other.list_profiles())
    assert other.create_profile(profile_name="few", disk_threshold=50.0).cpu_threshold == (
        balanced.cpu_threshold
    )

    optimizer.delete_profile("mine")
    assert "mine" not in optimizer.list_profiles()
    assert optimizer.current_profile == balanced


def test_profiles_that_make_no_sense_are_refused(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    before = optimizer.list_profiles()
    for fields in (
        {"profile_name": "a", "cpu_threshold": 150.0},
        {"profile_name": "a", "cpu_threshold": "80"},
        {"profile_name": "a/b"},
        {"profile_name": ""},
        {"profile_name": "balanced"},
        {"profile_name": "a", "allowed_risk": "none"},
        {"profile_name": "a", "optimization_rules": [{"type": "cpu"}]},
        {"profile_name": "a", "no_such_field": 1},
        {"cpu_threshold": 50.0},
    ):
        with pytest.raises(InvalidArgumentError):
            optimizer.create_profile(**fields)
    for text in ("", "[]", "{", "7"):
        with pytest.raises(InvalidArgumentError, match="profile"):
            optimizer.import_profile(text)
    for call in (optimizer.apply_profile, optimizer.delete_profile, optimizer.export_profile):
        with pytest.raises(InvalidArgumentError, match="no-such"):
            call("no-such")
    with pytest.raises(InvalidArgumentError):
        optimizer.delete_profile("balanced")
    with pytest.raises(TypeError):
        optimizer.create_profile("mine")  # type: ignore[arg-type]
    assert optimizer.list_profiles() == before


def test_auto_optimization_is_switched(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer({"auto_optimize": True})
    assert optimizer.auto_optimize is True
    optimizer.auto_optimize = False
    assert optimizer.auto_optimize is False
    optimizer.auto_optimize = True
    assert optimizer.status()["auto_optimize"] is True


def test_growth_is_told_from_the_second_look_on(
    make_optimizer: MakeOptimizer, tmp_path: Path
) -> None:
    optimizer = make_optimizer()
    folder = tmp_path / "grows"
    (folder / "deep").mkdir(parents=True)
    first = optimizer.growth(folder)
    assert (first["since"], first["grown"]) == (None, [])
    (folder / "deep" / "file").write_bytes(b"x" * 3_000_000)
    second = optimizer.growth(folder)
    assert second["since"] > 0
    assert second["bytes"] - first["bytes"] > 2_000_000
    assert any(
        grown["path"].endswith("deep") and grown["after_bytes"] - grown["before_bytes"] > 2_000_000
        for grown in second["grown"]
    )
    with pytest.raises(NotFoundError):
        optimizer.growth(tmp_path / "no-such-folder")


def test_cleaning_puts_aside_what_the_preview_says_and_gives_it_back(
    make_optimizer: MakeOptimizer, tmp_path: Path
) -> None:
    folder = tmp_path / "cleaned"
    folder.mkdir()
    files = [folder / f"file-{number}" for number in range(3)]
    for path in files:
        path.write_bytes(b"x" * 100_000)
    wanted = OptimizationAction("cleanup_disk", "system_disk", "clean", "low", 1, "low", 1)
    only_this = {"cleanup_folders": [folder], "cleanup_builtin": False}

    # The age of a file can't be forged, so first all are too young, then none is.
    careful = make_optimizer(**only_this)
    assert careful.cleanup_preview()["files"] == 0
    assert act(careful, wanted)["details"][0]["freed_bytes"] == 0
    careful.close()
    assert all(path.exists() for path in files)

    optimizer = make_optimizer(**only_this, cleanup_age_seconds=0.0)
    steps: list[dict[str, Any]] = []
    preview = optimizer.cleanup_preview(progress=steps.append)
    assert (preview["files"], preview["cancelled"]) == (3, False)
    assert preview["bytes"] >= 300_000
    # So few files may be looked at within one step.
    assert {step["stage"] for step in steps} <= {"scanning"}
    wanted.id = 0
    demo = optimizer.execute_optimization_actions([wanted], allow_risk="high")
    assert demo["successful"] == 1, demo
    assert all(path.exists() for path in files)

    wanted.id = 0
    (detail,) = act(optimizer, wanted)["details"]
    assert detail["success"], detail
    assert not any(path.exists() for path in files)
    assert detail["quarantined_bytes"] >= 300_000
    held = optimizer.quarantines()
    assert {each["action_id"] for each in held} == {detail["action_id"]}
    assert all(undone["error"] is None for undone in optimizer.rollback(detail))
    assert all(path.read_bytes() == b"x" * 100_000 for path in files)
    assert optimizer.quarantines() == []


def test_what_decides_is_told(make_optimizer: MakeOptimizer) -> None:
    facts = make_optimizer().facts()
    assert facts["euid"] == os.geteuid()
    assert isinstance(facts["autogroup"], bool)
