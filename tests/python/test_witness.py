"""A second witness: psutil, on this machine, for the whole system and for every process."""

from __future__ import annotations

import time

import psutil
import pytest
from conftest import MakeMonitor
from unified_system_monitor import SystemState, UnifiedSystemMonitor

GIB = 1024.0**3
MIB = 1024.0**2


def test_the_system_is_as_psutil_sees_it(monitor: UnifiedSystemMonitor) -> None:
    state = monitor.collect()
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage("/")
    network = psutil.net_io_counters(nowrap=False)
    load = psutil.getloadavg()
    m = state.metrics
    assert m is not None
    assert m.memory_total_gb is not None
    assert m.memory_total_gb * GIB == memory.total
    # Other programs go on between the two readings: 5 points of a percentage.
    assert m.memory_percent == pytest.approx(memory.percent, abs=5)
    assert m.disk_total_gb is not None
    assert m.disk_total_gb * GIB == disk.total
    assert m.disk_percent == pytest.approx(disk.percent, abs=2)
    assert m.load_average == pytest.approx(load, abs=0.5)
    assert m.process_count == pytest.approx(len(psutil.pids()), rel=0.1, abs=5)
    assert m.network_recv_mb == pytest.approx(network.bytes_recv / MIB, rel=0.02, abs=5)
    assert m.network_sent_mb == pytest.approx(network.bytes_sent / MIB, rel=0.02, abs=5)
    live = monitor.live
    assert live.logical_cpus == psutil.cpu_count()
    assert live.swap_total_bytes == psutil.swap_memory().total
    host = monitor.snapshot()["sample"]["host"]
    assert host["boot_time_seconds"] == pytest.approx(psutil.boot_time(), abs=2)


def test_busy_processors_are_as_psutil_measures_them(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=60.0)
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    monitor.collect()
    psutil.cpu_percent()
    # Both measure from here to there: this thread busy for half a second, then idle.
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        pass
    time.sleep(0.5)
    state: SystemState = monitor.collect()
    witness = psutil.cpu_percent()
    assert state.metrics is not None
    # psutil counts iowait and guest time otherwise, and ticks are 10 ms.
    assert state.metrics.cpu_percent == pytest.approx(witness, abs=12)


def test_every_process_is_as_psutil_sees_it(monitor: UnifiedSystemMonitor) -> None:
    monitor.collect()
    ours = {process.pid: process for process in monitor.processes()}
    compared = 0
    differences: list[str] = []
    seen = 0
    for witness in psutil.process_iter():
        try:
            with witness.oneshot():
                name = witness.name()
                parent = witness.ppid()
                created = witness.create_time()
                threads = witness.num_threads()
                nice = witness.nice()
                user = witness.username()
                rss = witness.memory_info().rss
                times = witness.cpu_times()
        except psutil.Error:
            continue
        seen += 1
        process = ours.get(witness.pid)
        if process is None or not psutil.pid_exists(witness.pid):
            continue
        compared += 1
        checks = {
            # psutil completes names that the kernel cuts after 15 letters.
            "name": name.startswith(process.name) or process.name.startswith(name[:15]),
            "parent": parent == process.parent_pid,
            "created": abs(created - (process.start_time_seconds or 0)) < 1.5,
            "threads": abs(threads - (process.threads or 0)) <= max(2, threads // 5),
            "nice": nice == process.nice,
            "user": user == (process.user or str(process.uid)),
            # Within a fifth and 8 MiB: it goes on running between the two readings.
            "rss": abs(rss - (process.rss_bytes or 0)) <= rss // 5 + 8 * MIB,
            "cpu": abs(times.user + times.system - process.cpu_seconds_total) < 1.0,
        }
        differences += [
            f"{what} of {process}: {witness}" for what, same in checks.items() if not same
        ]
    assert compared >= 0.9 * seen > 0
    # A process that execs, forks or grows between the two readings differs honestly.
    assert len(differences) <= 0.02 * 8 * compared, "\n".join(differences)
