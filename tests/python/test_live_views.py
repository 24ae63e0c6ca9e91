"""The prototype's attributes of a monitor are live, and its inner methods do the real thing."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import Any

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import (
    InvalidArgumentError,
    InvalidStateError,
    SystemMetrics,
    SystemState,
    UnifiedSystemMonitor,
)

PARTS = ["metrics", "alerts", "recommendations", "predictions", "insights"]


@contextmanager
def unraisable(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    told: list[BaseException] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(what.exc_value))
    yield told


def rows(monitor: UnifiedSystemMonitor, sql: str) -> list[tuple[Any, ...]]:
    monitor.flush()
    with closing(sqlite3.connect(str(monitor.unified_db))) as connection:
        return connection.execute(sql).fetchall()


# state_history


def test_the_history_grows_while_it_is_held(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    history = monitor.state_history
    assert len(history) == 0
    assert not history
    assert history == []
    monitor.collect()
    monitor.collect()
    assert len(history) == 2
    assert history[-1] is history[-1]
    assert history[-1] is monitor.current_state
    assert history[-1] in history
    assert history[:1] == [history[0]]
    assert list(reversed(history)) == history[::-1]
    assert history == list(history) == history.copy()
    more = [SystemState(timestamp=1.0)]
    assert history + more == [*history, *more]
    with pytest.raises(IndexError):
        history[2]
    assert not hasattr(history, "append")
    monitor.max_history_size = 1
    monitor.collect()
    assert len(history) == 1


# cache


def test_the_cache_shows_the_parts_of_the_newest_state(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    cache, times = monitor.cache, monitor.cache_timestamps
    assert (dict(cache), dict(times)) == ({}, {})
    state = monitor.collect()
    assert set(cache) <= set(PARTS)
    assert cache["metrics"] == state.metrics
    assert times["metrics"] == state.timestamp
    assert set(cache) == set(times)
    monitor.process_extra(monitor.processes()[0].pid)
    assert any(key.startswith("process_extra") for key in cache)


def test_what_is_cleared_is_away_until_the_next_state(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    monitor.process_extra(monitor.processes()[0].pid)
    monitor.cache["own"] = 5
    monitor.cache.clear()
    assert dict(monitor.cache) == {}
    with pytest.raises(KeyError):
        del monitor.cache["metrics"]
    monitor.collect()
    assert "metrics" in monitor.cache
    assert "own" not in monitor.cache
    del monitor.cache_timestamps["metrics"]
    assert "metrics" not in monitor.cache


def test_a_value_is_served_while_it_is_young(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(cache_duration=1000.0)
    calls: list[int] = []

    def get() -> int:
        calls.append(1)
        return len(calls)

    assert monitor._get_cached_or_fresh("own", get) == 1
    assert monitor._get_cached_or_fresh("own", get) == 1
    monitor.cache_timestamps["own"] -= 2000
    assert monitor._get_cached_or_fresh("own", get) == 2
    monitor.cache.clear()
    assert monitor._get_cached_or_fresh("own", get) == 3
    monitor.cache["own"] = "written"
    assert monitor._get_cached_or_fresh("own", get) == "written"


def test_a_sample_is_not_fresh_beyond_the_interval(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(cache_duration=1000.0, refresh_interval=0.05)
    monitor.collect()
    monitor.cache_timestamps["metrics"] -= 10
    assert monitor._get_cached_or_fresh("metrics", lambda: "new") == "new"


def test_a_getter_that_fails_is_told_and_the_older_value_served(
    make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = make_monitor(cache_duration=10.0)

    def fail() -> None:
        raise ZeroDivisionError("it fell")

    with unraisable(monkeypatch) as told:
        assert monitor._get_cached_or_fresh("own", fail) is None
        monitor.cache["own"] = 1
        monitor.cache_timestamps["own"] -= 100
        assert monitor._get_cached_or_fresh("own", fail) == 1
    assert [str(error) for error in told] == ["it fell", "it fell"]
    found = rows(monitor, "SELECT event_data, severity, component_name FROM integration_events")
    assert ("own: ZeroDivisionError: it fell", "high", "unified_monitor") in found


# callbacks


def test_a_list_of_callbacks_can_be_assigned(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    states: list[SystemState] = []
    monitor.callbacks["state_update"] = [states.append]
    state = monitor.collect()
    until(lambda: states)
    assert states[0] == state
    with pytest.raises(KeyError):
        monitor.callbacks["no_such_event"]
    with pytest.raises(TypeError, match="callable"):
        monitor.callbacks["state_update"] = [5]  # type: ignore[list-item]
    del monitor.callbacks["state_update"]
    assert monitor.callbacks["state_update"] == []


def test_callbacks_are_triggered_here_and_each_for_itself(
    make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = make_monitor()
    seen: list[tuple[Any, threading.Thread]] = []

    def fail(_data: object) -> None:
        raise ValueError("a callback's own")

    monitor.add_callback("security_issue", fail)
    monitor.add_callback("security_issue", lambda d: seen.append((d, threading.current_thread())))
    with unraisable(monkeypatch) as told:
        monitor._trigger_callbacks("security_issue", {"a": 1})
    assert seen == [({"a": 1}, threading.current_thread())]
    assert [str(error) for error in told] == ["a callback's own"]
    assert monitor.callback_errors == 1
    with pytest.raises(InvalidArgumentError, match="no_such_event"):
        monitor._trigger_callbacks("no_such_event", None)


# thread_pool


def test_the_pool_has_as_many_threads_as_the_settings_say(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(max_threads=2)
    pool = monitor.thread_pool
    assert monitor.thread_pool is pool
    assert pool._max_workers == 2
    assert pool.submit(pow, 2, 5).result(timeout=20) == 32
    last = pool.submit(pow, 2, 6)
    monitor.config.max_threads = 3
    assert monitor.thread_pool is not pool
    assert monitor.thread_pool._max_workers == 3
    assert last.result(timeout=20) == 64


def test_closing_ends_the_pool(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(max_threads=1)
    hold, running = threading.Event(), threading.Event()

    def work() -> bool:
        running.set()
        return hold.wait(20)

    begun: Future[bool] = monitor.thread_pool.submit(work)
    waiting = monitor.thread_pool.submit(pow, 2, 5)
    assert running.wait(20)
    monitor.close()
    assert waiting.cancelled()
    hold.set()
    assert begun.result(timeout=20)
    with pytest.raises(InvalidStateError, match="closed"):
        _ = monitor.thread_pool


# scores


def test_the_scores_of_a_dict_are_those_of_the_formula(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    half = {"cpu_percent": 50.0, "memory_percent": 50.0, "disk_percent": 50.0}
    assert monitor._calculate_health_score(half) == pytest.approx(50.0)
    assert monitor._calculate_health_score({**half, "disk_percent": 0.0}) == pytest.approx(60.0)
    # What is not known takes no part; nothing known is no score.
    assert monitor._calculate_health_score({"memory_percent": 10.0}) == pytest.approx(90.0)
    for unknown in ({}, {"cpu_percent": None}, {"cpu_percent": float("nan")}):
        score = monitor._calculate_health_score(unknown)
        assert score != score
    idle = {"load_average": (0.0, 0.0, 0.0)}
    assert monitor._calculate_performance_score(idle) == pytest.approx(100.0)
    busy = {"load_average": (1e6, 1e6, 1e6)}
    assert monitor._calculate_performance_score(busy) < 100.0
    assert monitor._calculate_health_score(None) == 0.0
    assert monitor._calculate_performance_score(None) == 0.0


def test_the_scores_of_a_state_are_its_own(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    unknown = monitor._calculate_security_score(SystemState(timestamp=0.0))
    assert unknown != unknown
    first, second = monitor.collect(), monitor.collect()
    for state in (first, second):
        assert monitor._calculate_health_score(state.metrics) == state.health_score
        assert monitor._calculate_performance_score(state.metrics) == state.performance_score
        assert monitor._calculate_security_score(state) == state.security_score


# rows


def test_what_is_tracked_is_counted_and_stored(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor._track_performance("mine", "work", 0.5)
    monitor._track_performance("mine", "work", 1.5)
    assert monitor._get_performance_metrics()["mine"] == {
        "avg_execution_time": 1.0,
        "operation_count": 2,
    }
    found = rows(
        monitor,
        "SELECT operation_name, execution_time FROM performance_metrics"
        " WHERE component_name = 'mine' ORDER BY id",
    )
    assert found == [("work", 0.5), ("work", 1.5)]
    with pytest.raises(InvalidArgumentError, match="seconds"):
        monitor._track_performance("mine", "work", float("nan"))
    monitor._log_integration_event("note", "a text", "low", "mine")
    events = rows(
        monitor,
        "SELECT event_type, event_data, severity FROM integration_events"
        " WHERE component_name = 'mine'",
    )
    assert events == [("note", "a text", "low")]


def test_a_state_made_by_hand_is_stored_once(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    sampled = monitor.collect()
    made = SystemState(
        timestamp=5.0,
        metrics=SystemMetrics(**{**dict(sampled.metrics or {}), "timestamp": 5.0}),
        alerts=[{"severity": "critical"}],
        health_score=float("nan"),
        security_score=70.0,
    )
    monitor._save_system_state(made)
    # The engine's own is there without it.
    monitor._save_system_state(sampled)
    found = rows(
        monitor,
        "SELECT timestamp, health_score, security_score, metrics_data, alerts_data,"
        " predictions_data FROM unified_system_states ORDER BY timestamp",
    )
    assert [row[0] for row in found] == [5.0, sampled.timestamp]
    _, health, security, metrics, alerts, predictions = found[0]
    assert (health, security, predictions) == (None, 70.0, None)
    assert json.loads(metrics)["timestamp"] == 5.0
    assert json.loads(alerts) == [{"severity": "critical"}]


# the rest


def test_the_current_state_can_be_assigned_until_the_next_sample(
    make_monitor: MakeMonitor,
) -> None:
    monitor = make_monitor()
    monitor.collect()
    made = SystemState(timestamp=1.0, health_score=12.0)
    monitor.current_state = made
    assert monitor.current_state is made
    assert monitor.get_comprehensive_report()["system_state"]["health_score"] == 12.0
    monitor.collect()
    assert monitor.current_state.metrics is not None
    assert monitor.get_comprehensive_report()["system_state"]["metrics"] is not None
    with pytest.raises(TypeError, match="SystemState"):
        monitor.current_state = {"timestamp": 1.0}  # type: ignore[assignment]


def test_the_loop_returns_when_monitoring_ends(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor._monitoring_loop()
    monitor.start_monitoring()
    loop = threading.Thread(target=monitor._monitoring_loop)
    loop.start()
    known = monitor.monitoring_thread
    assert known is not None
    known.join(timeout=0.01)
    assert known.is_alive()
    assert loop.is_alive()
    monitor.stop_monitoring()
    loop.join(timeout=20)
    known.join(timeout=20)
    assert not loop.is_alive()
    assert not known.is_alive()


def test_the_database_has_its_tables_when_it_was_made(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor._init_unified_database()
    tables = {name for (name,) in rows(monitor, "SELECT name FROM sqlite_master")}
    assert {"unified_system_states", "performance_metrics", "integration_events"} <= tables
    make_monitor(store_enabled=False)._init_unified_database()


def test_a_console_can_be_assigned(
    make_monitor: MakeMonitor, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    from rich.console import Console

    monitor = make_monitor()
    assert monitor.console is monitor.console
    out = io.StringIO()
    monitor.console = Console(file=out, width=120)
    monitor.display_unified_status()
    assert "alert_manager" in out.getvalue()
    assert capsys.readouterr().out == ""


def test_ten_pieces_of_advice_at_most(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    advice = monitor._generate_comprehensive_recommendations()
    assert advice == monitor.get_comprehensive_report()["recommendations"]
    assert len(advice) <= 10
