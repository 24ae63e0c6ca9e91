"""What Python pays for the newest state, the import and the memory, beside a bare interpreter.

usage: python tests/bench_python.py, with the package installed; medians of 9 runs
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import timeit
from pathlib import Path

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

RUNS = 9


def nanoseconds(statement: str, names: dict[str, object], number: int = 100_000) -> float:
    """Return the median time of a statement, less that of an empty loop."""
    timer, empty = timeit.Timer(statement, globals=names), timeit.Timer("pass")
    times = [timer.timeit(number) - empty.timeit(number) for _ in range(RUNS)]
    return statistics.median(times) / number * 1e9


def of_interpreter(code: str) -> tuple[float, float]:
    """Return the median time in ms and the resident memory in MB of an interpreter."""
    tail = (
        "\nimport os, time; pages = int(open('/proc/self/statm').read().split()[1])"
        "\nprint(time.process_time(), pages * os.sysconf('SC_PAGE_SIZE'))"
    )
    lines = [
        subprocess.run(  # noqa: S603 -- our own interpreter
            [sys.executable, "-c", code + tail], check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(RUNS)
    ]
    medians = [statistics.median(float(line[at]) for line in lines) for at in (0, 1)]
    return medians[0] * 1e3, medians[1] / 1e6


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        config = IntegrationConfig(refresh_interval=1.0, data_dir=str(Path(folder) / "data"))
        with UnifiedSystemMonitor(config) as monitor:
            monitor.start_monitoring()
            monitor.wait(20)
            names = {"monitor": monitor, "live": monitor.live}
            for statement in (
                "live.cpu_percent",
                "monitor.live.cpu_percent",
                "live.asdict()",
                "live.all()",
                "monitor.current_state",
            ):
                print(f"{statement:<28} {nanoseconds(statement, names):9.0f} ns")
            snapshot = nanoseconds("monitor.snapshot()", names, 200)
            print(f"{'monitor.snapshot()':<28} {snapshot / 1e3:9.0f} us")
    bare_ms, bare_mb = of_interpreter("")
    with_ms, with_mb = of_interpreter("import unified_system_monitor")
    print(f"import: +{with_ms - bare_ms:.1f} ms, +{with_mb - bare_mb:.1f} MB over {bare_mb:.1f} MB")


main()
