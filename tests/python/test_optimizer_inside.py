"""The prototype's inner methods of the optimizer write the rows that they name."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from conftest import MakeOptimizer
from performance_optimizer import (
    OptimizationAction,
    OptimizationTarget,
    PerformanceOptimizer,
)
from unified_system_monitor import InvalidArgumentError


def rows(optimizer: PerformanceOptimizer, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(optimizer.optimizer_db)) as connection:
        return connection.execute(sql).fetchall()


def action(pid: int = 123) -> OptimizationAction:
    return OptimizationAction("suspend_process", str(pid), "one", "low", 5.0, "low", 0.5)


def test_a_target_made_by_hand_is_stored_once(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    target = OptimizationTarget("cpu", 91.0, 60.0, "high", "busy", "process_optimization", "much")
    for _ in range(2):
        optimizer._save_optimization_target(target)
    found = rows(optimizer, "SELECT id, target_type, current_value FROM optimization_targets")
    assert found == [(target.id, "cpu", 91.0)]


def test_the_status_is_that_of_one_row(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    first, second, third = action(), action(), action()
    optimizer._save_optimization_action(first)
    optimizer._save_optimization_action(second)
    optimizer._update_action_status(second, True)
    # What is not stored yet is stored for it.
    optimizer._update_action_status(third, False)
    found = rows(optimizer, "SELECT id, status FROM optimization_actions ORDER BY id")
    assert found == [(first.id, "pending"), (second.id, "completed"), (third.id, "failed")]


def test_results_are_in_the_history_once(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    report = optimizer.execute_optimization_actions([])
    optimizer._log_optimization_history(report)
    sql = "SELECT optimization_type, improvement_percentage, status FROM optimization_history"
    assert rows(optimizer, sql) == []
    optimizer._log_optimization_history({"successful": 2, "failed": 1, "execution_time": 1.5})
    optimizer._log_optimization_history({"successful": 1, "failed": 1})
    assert rows(optimizer, sql) == [
        ("batch_optimization", None, "completed"),
        ("batch_optimization", None, "partial"),
    ]
    with pytest.raises(InvalidArgumentError, match="execution_time"):
        optimizer._log_optimization_history({"execution_time": float("nan")})


def test_the_database_and_its_profile_are_there(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    optimizer._init_database()
    optimizer._create_default_profile()
    optimizer._load_performance_profiles()
    assert "balanced" in optimizer.performance_profiles


def test_profiles_can_be_assigned_and_deleted(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    profiles = optimizer.performance_profiles
    mine = profiles["balanced"]
    mine.cpu_threshold = 55.0
    profiles["mine"] = mine
    assert profiles["mine"].cpu_threshold == 55.0
    assert profiles["mine"].profile_name == "mine"
    assert profiles["balanced"].cpu_threshold != 55.0
    assert set(profiles) == set(optimizer.list_profiles())
    assert len(profiles) == len(optimizer.list_profiles())
    assert make_optimizer().performance_profiles["mine"].cpu_threshold == 55.0
    del profiles["mine"]
    assert "mine" not in profiles
    with pytest.raises(KeyError):
        del profiles["mine"]
    with pytest.raises(KeyError):
        profiles["mine"]


def test_components_are_those_of_one_monitor(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    monitor = optimizer.system_monitor._monitor
    assert optimizer.process_manager._monitor is monitor
    assert optimizer.predictive_analytics._monitor is monitor
    assert optimizer.process_manager.get_top_processes(3)
