"""The prototype's optimizer: names, fields, defaults, texts."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import performance_optimizer as package
import pytest
from conftest import MakeMonitor, MakeOptimizer, RunPython
from performance_optimizer import (
    OptimizationAction,
    OptimizationTarget,
    PerformanceOptimizer,
    PerformanceProfile,
    ProcessId,
)

TARGET = [
    "target_type",
    "current_value",
    "target_value",
    "priority",
    "description",
    "optimization_method",
    "estimated_impact",
]
ACTION = [
    "action_type",
    "target_id",
    "description",
    "priority",
    "estimated_benefit",
    "risk_level",
    "execution_time",
]
PROFILE = [
    "profile_name",
    "cpu_threshold",
    "memory_threshold",
    "disk_threshold",
    "network_threshold",
    "optimization_rules",
    "auto_optimize",
    "created_at",
]
VALUES: list[tuple[type[Any], list[str], tuple[Any, ...], dict[str, Any]]] = [
    (
        OptimizationTarget,
        TARGET,
        ("cpu", 91.0, 60.0, "high", "busy", "process_optimization", "less"),
        {"id": 7, "evidence": ["a"]},
    ),
    (
        OptimizationAction,
        ACTION,
        ("kill_process", "123", "end it", "high", 40.0, "high", 1.0),
        {"process": ProcessId(123, 4), "lever": {"batch": {}}, "token": "t"},
    ),
    (
        PerformanceProfile,
        PROFILE,
        ("mine", 80.0, 85.0, 90.0, 70.0, [], False, 1.0),
        {"protected": ["editor"], "allowed_risk": "low"},
    ),
]


@pytest.mark.parametrize(("kind", "names", "values", "extra"), VALUES)
def test_the_prototypes_fields_come_first_and_alone_count(
    kind: type[Any], names: list[str], values: tuple[Any, ...], extra: dict[str, Any]
) -> None:
    fields = dataclasses.fields(kind)
    assert [field.name for field in fields[: len(names)]] == names
    for field in fields:
        required = field.default is field.default_factory is dataclasses.MISSING
        assert required == (field.name in names), field.name
    with pytest.raises(TypeError):
        kind(*values[:-1])
    plain, rich = kind(*values), kind(*values, **extra)
    assert plain == rich
    assert repr(plain) == repr(rich)
    assert [getattr(plain, name) for name in names] == list(values)
    setattr(rich, names[0], "other")
    assert plain != rich


@pytest.mark.parametrize(("kind", "_names", "values", "extra"), VALUES)
def test_values_are_copied_pickled_and_made_dicts_in_full(
    kind: type[Any], _names: list[str], values: tuple[Any, ...], extra: dict[str, Any]
) -> None:
    value = kind(*values, **extra)
    whole = dataclasses.asdict(value)
    assert extra.items() <= whole.items()
    for twin in (
        pickle.loads(pickle.dumps(value)),  # noqa: S301
        copy.deepcopy(value),
        dataclasses.replace(value),
    ):
        assert twin == value
        assert dataclasses.asdict(twin) == whole


def test_every_public_name_exists() -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert isinstance(package.RICH_AVAILABLE, bool)


def test_it_is_made_and_called_as_in_the_prototype() -> None:
    made = inspect.signature(PerformanceOptimizer).parameters
    assert next(iter(made)) == "config"
    assert made["config"].default is None
    positional = [p.name for p in made.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == ["config"]
    execute = inspect.signature(PerformanceOptimizer.execute_optimization_actions).parameters
    assert list(execute)[:2] == ["self", "actions"]
    # Unlike the prototype: nothing is changed by who does not ask for it.
    assert execute["dry_run"].default is True
    assert execute["dry_run"].kind is inspect.Parameter.KEYWORD_ONLY
    for name in (
        "_analyze_process_performance",
        "_generate_cpu_optimizations",
        "_generate_memory_optimizations",
        "_generate_disk_optimizations",
        "_generate_process_optimizations",
        "_execute_single_action",
        "_execute_kill_process",
        "_execute_suspend_process",
        "_execute_memory_cleanup",
        "_execute_disk_cleanup",
        "_save_performance_profile",
        "_load_performance_profiles",
    ):
        assert callable(getattr(PerformanceOptimizer, name))


def test_the_attributes_are_the_prototypes(make_optimizer: MakeOptimizer) -> None:
    config = {"optimization_dir": "elsewhere", "optimization_threshold": 0.5}
    optimizer = make_optimizer(config)
    assert optimizer.config is config
    assert optimizer.optimization_dir == "elsewhere"
    assert not Path("elsewhere").exists()
    assert optimizer.optimization_threshold == 0.5
    assert optimizer.auto_optimize is False
    assert optimizer.optimization_history == []
    assert optimizer.max_history_size == 100
    assert optimizer.current_profile.profile_name == "balanced"
    assert "balanced" in optimizer.performance_profiles
    assert optimizer.system_monitor.collect_metrics().cpu_percent is not None
    path = Path(optimizer.optimizer_db)
    assert path.name == "performance_optimizer.db"
    connection = sqlite3.connect(path)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert {
        "optimization_targets",
        "optimization_actions",
        "performance_profiles",
        "optimization_history",
    } <= tables
    plain = make_optimizer()
    assert plain.config == {}
    assert plain.optimization_dir == "optimizations"
    assert plain.optimization_threshold == 0.8
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = plain.no_such_name  # type: ignore[attr-defined]


def test_the_prototypes_example_runs_and_leaves_nothing_in_its_folder(
    run_python: RunPython, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    result = run_python(
        f"""
import os; os.chdir({str(folder)!r})
from performance_optimizer import PerformanceOptimizer
optimizer = PerformanceOptimizer()
targets = optimizer.analyze_system_performance()
assert isinstance(targets, list)
actions = optimizer.generate_optimization_plan(targets)
assert isinstance(actions, list)
results = optimizer.execute_optimization_actions(actions)
assert results['executed'] == len(actions)
print(results['successful'] + results['failed'] - results['executed'])
optimizer.display_optimization_status()
"""
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("0\n")
    assert "CPU" in result.stdout
    assert list(folder.iterdir()) == []


def test_main_says_how_it_stands(run_python: RunPython) -> None:
    result = run_python("import performance_optimizer; print(performance_optimizer.main())")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[-1] == "0"
    assert any(line.startswith("Found ") for line in lines)
    assert any(line.startswith("Generated ") for line in lines)


def test_without_rich_the_status_is_one_line(
    make_optimizer: MakeOptimizer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from performance_optimizer import _display

    monkeypatch.setattr(_display, "RICH_AVAILABLE", False)
    optimizer = make_optimizer()
    optimizer.create_profile(profile_name="strict", cpu_threshold=90.0, disk_threshold=77.0)
    optimizer.apply_profile("strict")
    optimizer.display_optimization_status()
    (line,) = capsys.readouterr().out.splitlines()
    # One source of thresholds: the profile in force.
    assert "CPU" in line
    assert "(target 90%)" in line
    assert "(target 77%)" in line


def test_it_works_beside_a_monitor(
    make_monitor: MakeMonitor, make_optimizer: MakeOptimizer
) -> None:
    monitor = make_monitor()
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    optimizer = make_optimizer(monitor=monitor, data_dir=None)
    assert Path(optimizer.optimizer_db).parent == Path(str(monitor.unified_db)).parent
    assert isinstance(optimizer.analyze_system_performance(), list)
    assert optimizer.system_monitor.collect_metrics().memory_percent is not None
    monitor.stop_monitoring()
    assert isinstance(optimizer.analyze_system_performance(), list)
    with pytest.raises(TypeError, match="UnifiedSystemMonitor"):
        PerformanceOptimizer(monitor=object())  # type: ignore[arg-type]
