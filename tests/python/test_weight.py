"""What it costs to have it: references, threads, memory, the import."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import psutil
from conftest import MakeMonitor, RunPython

HEAVY = ["dataclasses", "inspect", "typing", "json", "asyncio", "concurrent.futures", "threading"]


def test_the_import_brings_nothing_heavy(run_python: RunPython) -> None:
    # Isolated and without site: only what the package itself imports is seen.
    folder = Path(__import__("unified_system_monitor").__file__).parent.parent
    result = run_python(
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "import unified_system_monitor\n"
        f"print([name for name in {HEAVY} if name in sys.modules])",
        "-I",
        "-S",
    )
    assert (result.stdout.strip(), result.stderr) == ("[]", "")


def test_monitors_leave_no_memory_threads_or_files_behind(make_monitor: MakeMonitor) -> None:
    process = psutil.Process()

    def live_once() -> None:
        monitor = make_monitor()
        monitor.add_callback("state_update", lambda _state: None)
        monitor.start_monitoring()
        monitor.wait(timeout=20)
        monitor.snapshot()
        monitor.close()

    for _ in range(5):
        live_once()
    gc.collect()
    resident = process.memory_info().rss
    threads = process.num_threads()
    files = len(os.listdir("/proc/self/fd"))
    for _ in range(40):
        live_once()
    gc.collect()
    assert process.num_threads() <= threads
    assert len(os.listdir("/proc/self/fd")) <= files
    # A leaked monitor would keep its history, its queues and a sample: 100 KiB and more each.
    assert process.memory_info().rss - resident < 3 * 1024 * 1024


def test_reading_leaves_no_memory_behind(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.collect()
    process = psutil.Process()

    def read(times: int) -> None:
        for _ in range(times):
            monitor.snapshot()
            monitor.processes()
            monitor.live.asdict()
            monitor.live.all()
            assert monitor.state_history
            monitor.get_comprehensive_report()
            try:
                monitor.top_processes(by="colour")
            except ValueError:
                pass

    read(50)
    gc.collect()
    resident = process.memory_info().rss
    read(300)
    gc.collect()
    assert process.memory_info().rss - resident < 2 * 1024 * 1024
