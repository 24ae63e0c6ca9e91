"""The newest values, read cheaply, and everything at once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

import pytest
from conftest import MakeMonitor, until
from unified_system_monitor import Process, SystemState, UnifiedSystemMonitor, _native


def test_live_has_an_attribute_for_each_metric_of_the_engine(monitor: UnifiedSystemMonitor) -> None:
    monitor.stop_monitoring()
    metrics = monitor.snapshot()["metrics"]
    attributes = {name for name in dir(monitor.live) if not name.startswith("_")}
    assert attributes - {"asdict", "all"} == set(monitor.live.all())
    assert set(metrics) < attributes
    for name, value in monitor.live.all().items():
        assert getattr(monitor.live, name) == value
        assert metrics.get(name, value) == value
    main = monitor.live.asdict()
    assert main.items() <= monitor.live.all().items()
    assert len(main) >= 18
    assert main["cpu_percent"] is not None
    assert repr(monitor.live).startswith("<Live {'timestamp':")


def test_live_is_empty_before_the_first_sample_and_follows(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    live = monitor.live
    assert live.cpu_percent is None
    assert live.sequence == 0
    assert live.asdict()["memory_percent"] is None
    state = monitor.collect()
    assert state.metrics is not None
    assert live.cpu_percent == state.metrics.cpu_percent
    assert live.health_score == state.health_score
    assert live.sequence >= 1
    with pytest.raises(AttributeError):
        live.cpu_percent = 1.0  # type: ignore[misc]


def test_a_snapshot_is_plain_data_with_everything(monitor: UnifiedSystemMonitor) -> None:
    snapshot = monitor.snapshot()
    sample = snapshot["sample"]
    assert {"cpu", "memory", "disks", "network", "processes", "host"} <= set(sample)
    assert len(sample["cpu"]["cores"]) == sample["host"]["logical_cpus"]
    assert sample["processes"]["total"] == len(sample["processes"]["list"])
    assert json.loads(json.dumps(snapshot))["sequence"] == snapshot["sequence"]
    assert {"source", "availability"} <= set(monitor.sources()[0])


@pytest.mark.parametrize("by", ["cpu", "memory", "io", "threads", "age"])
def test_top_processes_are_ordered(monitor: UnifiedSystemMonitor, by: str) -> None:
    monitor.stop_monitoring()
    every = monitor.processes()
    assert [process.pid for process in every] == sorted(process.pid for process in every)
    top = monitor.top_processes(len(every), by=by)
    assert sorted(top) == sorted(every)
    assert monitor.top_processes(3, by=by) == top[:3]
    assert monitor.top_processes(0, by=by) == []
    keys: dict[str, Callable[[Process], float | None]] = {
        "cpu": lambda p: p.cpu_core_percent,
        "memory": lambda p: p.rss_bytes,
        "io": lambda p: (
            None
            if p.read_bytes_per_sec is None and p.write_bytes_per_sec is None
            else (p.read_bytes_per_sec or 0) + (p.write_bytes_per_sec or 0)
        ),
        "threads": lambda p: p.threads,
        "age": lambda p: -p.start_time_ticks,
    }
    values = [keys[by](process) for process in top]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    # What is not known goes last.
    assert values[: len(known)] == known


def test_threads_read_while_others_sample_and_change(monitor: UnifiedSystemMonitor) -> None:
    end = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            last = 0.0
            while not end.is_set():
                state = monitor.current_state
                assert state.timestamp >= last
                last = state.timestamp
                assert monitor.live.all()["sequence"] >= 1
                assert monitor.state_history
                monitor.top_processes(1)
        except BaseException as error:
            failures.append(error)

    def change() -> None:
        try:
            for _ in range(20):
                monitor.collect()
                monitor.config.cache_duration += 1
                monitor.stop_monitoring()
                monitor.start_monitoring()
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    changers = [threading.Thread(target=change) for _ in range(2)]
    for thread in (*readers, *changers):
        thread.start()
    for thread in changers:
        thread.join()
    end.set()
    for thread in readers:
        thread.join()
    assert failures == []


def test_the_interpreter_is_free_while_one_waits(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()

    def wait() -> None:
        with pytest.raises(TimeoutError):
            monitor.wait(timeout=1.0)

    waiter = threading.Thread(target=wait)
    waiter.start()
    turns = 0
    while waiter.is_alive():
        turns += 1
    waiter.join()
    # With the interpreter held for each slice of 0.1 s there would be ten turns or so.
    assert turns > 1000


def test_states_come_asynchronously_until_the_stop(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()

    async def read() -> list[SystemState]:
        states = []
        async for state in monitor.states():
            states.append(state)
            if len(states) == 3:
                monitor.stop_monitoring()
        return states

    async def both() -> tuple[list[SystemState], list[SystemState]]:
        readers = asyncio.gather(read(), read())
        await asyncio.sleep(0)
        monitor.start_monitoring()
        first, second = await readers
        return first, second

    first, second = asyncio.run(asyncio.wait_for(both(), 30))
    assert len(first) >= 3
    assert first[0] == second[0]
    stamps = [state.timestamp for state in first]
    assert stamps == sorted(set(stamps))
    # No subscription is left behind.
    assert not any(monitor._states.subscribers.values())


def test_an_asynchronous_reader_ends_with_the_monitor(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()

    async def read() -> int:
        return len([state async for state in monitor.states()])

    async def both() -> int:
        reader = asyncio.ensure_future(read())
        await asyncio.sleep(0.05)
        await asyncio.get_running_loop().run_in_executor(None, monitor.close)
        return await reader

    assert asyncio.run(asyncio.wait_for(both(), 30)) == 0


def test_closing_ends_the_waits_of_other_threads(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            monitor.wait()
        except BaseException as error:
            ended.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    until(waiter.is_alive)
    monitor.close()
    waiter.join(20)
    assert not waiter.is_alive()
    assert "closed" in str(ended[0])


def test_the_native_classes_can_not_be_made_by_hand() -> None:
    for native in (_native.Live, _native.Event, _native.EventStream):
        with pytest.raises(TypeError):
            native()
