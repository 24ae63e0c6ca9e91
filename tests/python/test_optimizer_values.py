"""What is given to the optimizer: scopes, settings, values made by hand."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import MakeOptimizer, RunPython
from performance_optimizer import (
    Culprit,
    OptimizationAction,
    OptimizationTarget,
    PerformanceOptimizer,
    ProcessId,
    Victim,
)
from performance_optimizer._convert import action_of, native_action, native_target, target_of
from performance_optimizer._identity import identity, native_scope
from performance_optimizer._results import report_with, undone
from performance_optimizer._run import drive
from unified_system_monitor import InvalidArgumentError, NotFoundError
from unified_system_monitor._native import Run

SELF = {"pid": os.getpid(), "start_time_ticks": identity(os.getpid()).start_time_ticks}


def ended() -> int:
    """Return the pid of a process that is no more."""
    child = subprocess.Popen(["sh", "-c", ":"])
    child.wait()
    return child.pid


def action(kind: str, target: object, risk: str = "low") -> OptimizationAction:
    return OptimizationAction(kind, cast(str, target), "a test", "low", 1.0, risk, 0.1)


def test_a_process_is_known_by_its_start() -> None:
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    assert identity(os.getpid()) == (os.getpid(), int(fields[19]))
    assert identity((5, 6)) == ProcessId(5, 6)
    with pytest.raises(NotFoundError, match="no such process"):
        identity(ended())
    for pid in (0, -1, 1 << 31, True, "7", None, 1.0):
        with pytest.raises(InvalidArgumentError, match="pid"):
            identity(pid)


def test_a_name_with_parentheses_does_not_shift_the_fields(tmp_path: Path) -> None:
    folder = tmp_path / "77"
    folder.mkdir()
    rest = " ".join(str(number) for number in range(4, 53))
    (folder / "stat").write_text(f"77 (a) S 1 (b)) S {rest}\n")
    assert identity(77, str(tmp_path)) == ProcessId(77, 22)


def test_scopes_are_understood() -> None:
    assert native_scope(None) is None
    assert native_scope("machine") == "machine"
    assert native_scope("user") == {"user": os.geteuid()}
    assert native_scope(("user", 7)) == {"user": 7}
    assert native_scope(("subtree", os.getpid())) == {"subtree": SELF}
    assert native_scope(("cgroup", "/a")) == {"cgroup": "/a"}
    assert native_scope(("list", [os.getpid()])) == {"list": [SELF]}
    assert native_scope(("list", [])) == {"list": []}
    for wrong in ("all", ("machine", 1), ("user", "root"), ("cgroup", 1), ("list", 5), 7, ("a",)):
        with pytest.raises(InvalidArgumentError, match="subtree") as caught:
            native_scope(cast(Any, wrong))
        assert caught.value.field == "scope"
    with pytest.raises(NotFoundError):
        native_scope(("list", [os.getpid(), ended()]))


def test_settings_are_checked_by_name_and_value(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"verify_secs.*verify_seconds"):
        PerformanceOptimizer(data_dir=tmp_path, verify_secs=1)
    with pytest.raises(InvalidArgumentError, match="nonsense"):
        PerformanceOptimizer({"nonsense": 1}, data_dir=tmp_path)
    for name, value in {
        "verify_seconds": "1",
        "lease_seconds": None,
        "auto_samples": 2.5,
        "max_threads": -1,
        "cleanup_folders": "/tmp",  # noqa: S108
        "auto_dry_run": 1,
    }.items():
        with pytest.raises(ValueError, match=name) as caught:
            PerformanceOptimizer({name: value}, data_dir=tmp_path)
        assert isinstance(caught.value, InvalidArgumentError)
        assert caught.value.field == name
    with pytest.raises(TypeError, match="dict"):
        PerformanceOptimizer(cast(Any, ["a"]), data_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_settings_out_of_their_range_are_refused(tmp_path: Path) -> None:
    for name, value in {
        "verify_seconds": 0.0,
        "lease_seconds": 1e9,
        "max_threads": 0,
        "plan_shelf_seconds": -1.0,
    }.items():
        with pytest.raises(InvalidArgumentError, match=name):
            PerformanceOptimizer({name: value}, data_dir=tmp_path / name)
    with pytest.raises(InvalidArgumentError, match="balanced"):
        PerformanceOptimizer(profile="no-such-profile", data_dir=tmp_path / "p")


def test_settings_by_name_go_before_the_dict(make_optimizer: MakeOptimizer) -> None:
    config = {"lease_seconds": 5, "max_threads": 2, "cleanup_folders": [Path("/a"), "/b"]}
    settings = make_optimizer(config, lease_seconds=7).settings()
    assert settings["lease_seconds"] == 7.0
    assert settings["max_threads"] == 2
    assert settings["cleanup_folders"] == ["/a", "/b"]


def test_an_action_made_by_hand_leaves_the_rest_to_the_engine() -> None:
    made = native_action(action("kill_process", 123, "medium"))
    assert made["target_id"] == "123"
    lacking = {name: made[name] for name in ("process", "lever", "token", "planned_at")}
    assert lacking == {"process": None, "lever": None, "token": "", "planned_at": 0.0}
    assert (made["resource"], made["metric"]) == ("cpu", "cpu_wait")
    assert made["risk"]["level"] == "medium"
    assert native_action(action("cleanup_disk", "system_disk"))["subject"] == "/"


def test_an_action_goes_through_unchanged() -> None:
    planned = {
        **native_action(action("lower_priority", "5")),
        "id": 3,
        "process": {"pid": 5, "start_time_ticks": 6},
        "culprits": [{"pid": 5, "start_time_ticks": 6}],
        "lever": {"nice": {"process": {"pid": 5, "start_time_ticks": 6}, "nice": 10}},
        "token": "t",
        "planned_at": 1763949731.123456,
        "effect": {"yes": False, "reason": "why"},
        "reversible": {"yes": True, "reason": "so"},
        "risk": {"level": "low", "score": 12.5, "reasons": ["a"]},
        "subject": None,
    }
    taken = action_of(planned)
    assert (taken.process, taken.culprits) == (ProcessId(5, 6), [ProcessId(5, 6)])
    assert (taken.effect_expected, taken.effect_reason) == (False, "why")
    assert native_action(taken) == planned
    # Whatever is changed of it is the engine's to notice.
    taken.target_id = "6"
    assert native_action(taken) == {**planned, "target_id": "6"}


def test_a_target_goes_through_unchanged() -> None:
    target = OptimizationTarget(
        *("cpu", 90.0, 60.0, "high", "busy", "process_optimization", "less"),
        id=4,
        metric="cpu_wait",
        culprits=[Culprit(ProcessId(5, 6), "x", 99.0, "percent of one core", 0.9, True)],
        victims=[Victim(ProcessId(7, 8), "y", 40.0, 7)],
        evidence=["it is so"],
        size_bytes=5,
        utilisation_percent=99.0,
    )
    made = native_target(target, "/proc")
    assert asdict(target_of(made)) == asdict(target)
    assert native_target(target_of(made), "/proc") == made
    assert made["culprits"][0]["process"] == {"pid": 5, "start_time_ticks": 6}


def test_a_target_made_by_hand_gets_what_it_lacks() -> None:
    def of(kind: str, method: str = "m", text: str = "busy") -> dict[str, Any]:
        target = OptimizationTarget(kind, 90.0, 60.0, "high", text, method, "less")
        return native_target(target, "/proc")

    assert of("cpu")["metric"] == "cpu_wait"
    assert of("memory")["metric"] == "memory_used"
    assert (of("disk")["metric"], of("disk")["subject"]) == ("space_used", "/")
    assert of("process", "memory_optimization")["metric"] == "process_memory"
    mine = f"(PID: {os.getpid()})"
    (culprit,) = of("process", text=f"High CPU usage by x {mine}")["culprits"]
    assert culprit["process"] == SELF
    # A process may choose its name, so a pid in the midst of the text means nothing.
    assert of("process", text=f"High CPU usage by {mine} x")["culprits"] == []
    (culprit,) = of("process", text=f"High CPU usage by (PID: 1) {mine}")["culprits"]
    assert culprit["process"] == SELF
    assert of("process", text=f"gone (PID: {ended()})")["culprits"] == []
    with pytest.raises(InvalidArgumentError, match="target_type"):
        of("moon")


def test_what_is_no_action_is_refused(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    with pytest.raises(TypeError, match="OptimizationAction"):
        optimizer.execute_optimization_actions([cast(Any, {"action_type": "kill_process"})])
    with pytest.raises(TypeError, match="OptimizationTarget"):
        optimizer.generate_optimization_plan([cast(Any, "cpu")])
    with pytest.raises(InvalidArgumentError, match="allow_risk"):
        optimizer.execute_optimization_actions([], allow_risk="none")
    with pytest.raises(InvalidArgumentError, match="lever"):
        wrong = action("lower_priority", os.getpid())
        wrong.lever = {"no_such_lever": {}}
        optimizer.execute_optimization_actions([wrong])
    for call in (optimizer.explain, optimizer.rollback):
        with pytest.raises(InvalidArgumentError, match="planned or executed"):
            call(action("kill_process", "1"))
        with pytest.raises(InvalidArgumentError, match="planned or executed"):
            call({})
    with pytest.raises(InvalidArgumentError, match="limit"):
        optimizer.history(-1)


def test_unknown_kinds_fail_by_themselves(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    wrong = [action("optimise_moon", "1"), action("lower_priority", "1", "none")]
    wrong[1].estimated_benefit = 1.0
    odd = action("lower_priority", "1")
    odd.estimated_benefit = float("nan")
    report = optimizer.execute_optimization_actions([*wrong, odd])
    assert (report["executed"], report["successful"], report["failed"]) == (3, 0, 3)
    errors = [detail["error"] for detail in report["details"]]
    for error, word in zip(errors, ("action_type", "risk_level", "estimated_benefit")):
        assert word in error
    assert [detail["success"] for detail in report["details"]] == [False] * 3


def test_results_keep_the_order_and_hand_made_actions_get_their_row() -> None:
    given = [action("a", "1"), action("b", "2"), action("c", "3")]
    empty = {"executed": 2, "failed": 1, "successful": 1, "dry_run": True}
    details = [{"action_id": 11}, {"action_id": 12}]
    report = report_with({**empty, "details": details}, given, {1: ValueError("wrong")})
    assert [detail["action_id"] for detail in report["details"]] == [11, 0, 12]
    assert report["details"][1]["error"] == "wrong"
    assert (report["executed"], report["failed"], report["successful"]) == (3, 2, 1)
    assert [each.id for each in given] == [11, 0, 12]


def test_what_was_taken_back_is_told_in_a_word() -> None:
    assert undone({"undo": "restored"}) == {"undo": "restored", "detail": None}
    assert undone({"undo": {"left": "nice 5"}}) == {"undo": "left", "detail": "nice 5"}
    assert undone({"undo": None}) == {"undo": None, "detail": None}


class Work:
    """Stands for a piece of work of the engine."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.steps = list(steps)
        self.cancelled = False

    def step(self) -> dict[str, Any] | None:
        return self.steps.pop(0) if self.steps else None

    def cancel(self) -> None:
        self.cancelled = True

    def result(self) -> str:
        return "done"


def test_progress_and_cancelling_are_passed_on() -> None:
    seen: list[object] = []
    work = Work({"stage": "checking"}, {}, {"stage": "acting"})
    assert drive(cast(Run, work), seen.append, None) == "done"
    assert seen == [{"stage": "checking"}, {"stage": "acting"}]
    assert not work.cancelled

    event = threading.Event()
    work = Work({"stage": "checking"}, {"stage": "acting"})
    assert drive(cast(Run, work), lambda _: event.set(), event) == "done"
    assert work.cancelled
    work = Work()
    drive(cast(Run, work), None, event)
    assert work.cancelled


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_cancels_and_waits_for_the_end(error: type[BaseException]) -> None:
    def fail(_step: object) -> None:
        raise error("a test")

    work = Work({"stage": "checking"}, {"stage": "acting"}, {"stage": "rolling back"})
    with pytest.raises(error, match="a test"):
        drive(cast(Run, work), fail, None)
    assert work.cancelled
    assert work.steps == []


def test_a_closed_optimizer_says_so(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    assert not optimizer.closed
    optimizer.close()
    optimizer.close()
    assert optimizer.closed
    assert repr(optimizer) == "<PerformanceOptimizer closed>"
    assert optimizer.auto_optimize is False
    for call in (
        optimizer.analyze_system_performance,
        lambda: optimizer.generate_optimization_plan([]),
        lambda: optimizer.execute_optimization_actions([]),
        optimizer.status,
        optimizer.facts,
        optimizer.list_profiles,
        optimizer.rollback,
        lambda: optimizer.optimizer_db,
        lambda: optimizer.system_monitor,
    ):
        with pytest.raises(RuntimeError, match="the optimizer is closed"):
            call()


def test_one_that_could_not_be_made_is_dropped_silently(run_python: RunPython) -> None:
    result = run_python(
        """
from performance_optimizer import PerformanceOptimizer
for wrong in ({'scope': 'all'}, {'nonsense': 1}, {'profile': 7}):
    try: PerformanceOptimizer(**wrong)
    except (ValueError, TypeError): pass
    else: raise AssertionError(wrong)
"""
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_the_engine_takes_every_field_of_a_target(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    made = OptimizationTarget("disk", 99.0, 60.0, "high", "full", "disk_cleanup", "space")
    # Whatever the plan is, an unknown or misfitting field would be an exception.
    assert isinstance(optimizer.generate_optimization_plan([made]), list)
    for found in optimizer.analyze_system_performance():
        assert asdict(target_of(native_target(found, "/proc"))) == asdict(found)
