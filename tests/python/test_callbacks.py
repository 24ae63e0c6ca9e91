"""Events on their way to callbacks."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import SystemState


def test_a_callback_gets_each_state_on_one_thread(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    states: list[SystemState] = []
    threads: set[threading.Thread] = set()

    def callback(state: SystemState) -> None:
        states.append(state)
        threads.add(threading.current_thread())

    monitor.add_callback("state_update", callback)
    monitor.start_monitoring()
    until(lambda: len(states) >= 3)
    monitor.stop_monitoring()
    monitor.close()
    assert len(threads) == 1
    assert threads != {threading.main_thread()}
    assert [state.timestamp for state in states] == [
        state.timestamp for state in monitor.state_history
    ]
    assert not next(iter(threads)).is_alive()


def test_other_events_carry_a_dict(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    told: list[dict[str, Any]] = []
    events = ["monitor_started", "monitor_stopped", "recommendation_generated", "security_issue"]
    for event in [*events, "config_changed"]:
        monitor.add_callback(event, told.append)
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    monitor.config.cache_duration = 5.0
    monitor.stop_monitoring()
    monitor.close()
    names = [payload["event"] for payload in told]
    assert names[0] == "monitor_started"
    assert names[-1] == "monitor_stopped"
    assert {"event": "config_changed", "settings": ["cache_duration"]}.items() <= next(
        payload for payload in told if payload["event"] == "config_changed"
    ).items()
    for payload in told:
        assert payload["timestamp"] > 0
        if payload["event"] in ("recommendation_generated",):
            assert payload["text"]


def test_a_raising_callback_is_told_and_counted_and_the_others_go_on(
    make_monitor: MakeMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", lambda args: unraisable.append(args.exc_value))
    monitor = make_monitor()
    states: list[SystemState] = []

    def bad(_state: SystemState) -> None:
        raise SystemExit("a test")

    monitor.add_callback("state_update", bad)
    monitor.add_callback("state_update", states.append)
    monitor.start_monitoring()
    until(lambda: len(states) >= 2)
    monitor.close()
    assert monitor.callback_errors == len(unraisable) >= 2
    assert all(isinstance(error, SystemExit) for error in unraisable)


def test_the_callbacks_are_a_live_view(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    states: list[SystemState] = []
    others: list[SystemState] = []
    # As scripts of the prototype do it.
    monitor.callbacks["state_update"].append(states.append)
    monitor.callbacks["state_update"] += [others.append]
    monitor.add_callback("monitor_stopped", print)
    assert monitor.callbacks["monitor_stopped"] == [print]
    assert monitor.remove_callback("monitor_stopped", print)
    assert not monitor.remove_callback("monitor_stopped", print)
    assert "monitor_stopped" not in monitor.callbacks
    monitor.start_monitoring()
    until(lambda: len(states) >= 1 and others)
    monitor.callbacks["state_update"].clear()
    with pytest.raises(TypeError, match="callable"):
        monitor.callbacks["state_update"].append(3)  # type: ignore[arg-type]


def test_a_callback_may_call_the_monitor_and_close_it(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    done = threading.Event()

    def callback(state: SystemState) -> None:
        assert monitor.current_state.timestamp >= state.timestamp
        assert monitor.collect().timestamp > state.timestamp
        monitor.stop_monitoring()
        monitor.close()
        done.set()

    monitor.add_callback("state_update", callback)
    monitor.start_monitoring()
    assert done.wait(20)
    assert not monitor.monitoring_active


def test_a_callback_that_does_not_return_delays_neither_stop_nor_close(
    make_monitor: MakeMonitor,
) -> None:
    monitor = make_monitor(event_queue_size=2)
    entered = threading.Event()
    release = threading.Event()

    def stuck(_state: SystemState) -> None:
        entered.set()
        release.wait()

    monitor.add_callback("state_update", stuck)
    monitor.start_monitoring()
    assert entered.wait(20)
    # Sampling goes on meanwhile, and what does not fit into the queue is counted.
    until(lambda: monitor.callback_drops > 0)
    assert monitor.stop_monitoring() == "Unified monitoring stopped"
    monitor.close()
    assert not monitor.monitoring_active
    release.set()


def test_threads_may_subscribe_at_once(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    states: list[SystemState] = []
    barrier = threading.Barrier(8)

    def subscribe() -> None:
        barrier.wait()
        monitor.add_callback("state_update", states.append)

    threads = [threading.Thread(target=subscribe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    named = [t for t in threading.enumerate() if t.name == "usm-callbacks"]
    assert len(named) == 1
    monitor.collect()
    until(lambda: len(states) % 8 == 0 and states)
