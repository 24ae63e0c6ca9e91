"""What it costs to have it: references, threads, memory, the import."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path

import psutil
from conftest import MakeMonitor, RunPython
from unified_system_monitor import _native

HEAVY = ["dataclasses", "inspect", "typing", "json", "asyncio", "concurrent.futures", "threading"]


def test_the_import_brings_nothing_heavy(run_python: RunPython) -> None:
    # Isolated and without site: only what the package itself imports is seen.
    folder = Path(_native.__file__).parent.parent
    result = run_python(
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "import unified_system_monitor\n"
        f"print([name for name in {HEAVY} if name in sys.modules])",
        "-I",
        "-S",
    )
    assert (result.stdout.strip(), result.stderr) == ("[]", "")


def test_monitors_leave_no_memory_threads_or_files_behind(run_python: RunPython) -> None:
    # In an interpreter of its own: what other tests have left would blur it.
    result = run_python(
        """
import gc, os
from pathlib import Path
from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

def live_once():
    monitor = UnifiedSystemMonitor(IntegrationConfig(refresh_interval=0.1))
    monitor.add_callback('state_update', lambda state: None)
    monitor.start_monitoring(); monitor.wait(20); monitor.snapshot(); monitor.close()

def weigh():
    gc.collect()
    pages = int(Path('/proc/self/statm').read_text().split()[1])
    return pages * 4, len(os.listdir('/proc/self/task')), len(os.listdir('/proc/self/fd'))

for _ in range(60): live_once()
before = weigh()
for _ in range(60): live_once()
after = weigh()
# A leaked monitor would keep its sample and its history: some 65 KiB each, 3900 in all; what
# the allocator keeps goes up and down by up to 1500.
assert after[0] - before[0] < 2560, (before, after)
assert after[1:] <= before[1:], (before, after)
""",
        timeout=120,
    )
    assert (result.returncode, result.stderr) == (0, "")


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
            with contextlib.suppress(ValueError):
                monitor.top_processes(by="colour")

    read(50)
    gc.collect()
    resident = process.memory_info().rss
    read(300)
    gc.collect()
    assert process.memory_info().rss - resident < 2 * 1024 * 1024
