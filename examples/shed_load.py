"""A service that sheds load when the machine runs short.

Rules on pressure (PSI: how much of the time work had to wait) fire, and a growing share of the
requests is refused at the door until they clear, so that those which are let in are still
answered in time: ``python examples/shed_load.py --load --seconds 12``, and once more with
``--no-shedding``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

if TYPE_CHECKING:
    from unified_system_monitor import AlertRecord

RULES = {
    "cpu": ("pressure_cpu_some_stalled_percent > 70 clear 40", "work waits for processors"),
    "memory": ("pressure_memory_some_stalled_percent > 10 clear 5", "work waits for memory"),
    "io": ("pressure_io_full_stalled_percent > 30 clear 15", "all work waits for disks"),
}


class Pool:
    """The workers, and the requests that wait for them: synthetic ones, a little work each."""

    def __init__(self, workers: int) -> None:
        self.waiting: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        self._times: list[float] = []
        self._threads = [threading.Thread(target=self._work) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def answered(self) -> list[float]:
        """Return the seconds from arrival to answer of what was answered since the last call."""
        times, self._times = self._times, []
        return times

    def close(self) -> None:
        while not self.waiting.empty():
            self.waiting.get()
        for _ in self._threads:
            self.waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        data = b"x" * 1_000_000  # Large enough that the other thread runs at the same time.
        while (arrived := self.waiting.get()) is not None:
            hashlib.sha256(data).digest()
            self._times.append(time.monotonic() - arrived)


class Door:
    """Decides which requests are let in. Told by the monitor's thread, asked by the service's."""

    def __init__(self) -> None:
        # One call changes it and another only asks: the interpreter's lock is enough.
        self.firing: set[str] = set()
        self.refused_percent = 0
        self.debt = 0

    def on_triggered(self, alert: AlertRecord) -> None:
        if alert.rule.startswith("shed_load"):
            self.firing.add(alert.rule)
            print(f"* short: {alert.message}", flush=True)

    def on_resolved(self, alert: AlertRecord) -> None:
        if alert.rule.startswith("shed_load"):
            self.firing.discard(alert.rule)
            print(f"* over: {alert.message}", flush=True)

    def adapt(self) -> None:
        """Refuse more the longer it lasts, and less again when it is over: feel the way."""
        self.refused_percent += 30 if self.firing else -15
        self.refused_percent = min(max(self.refused_percent, 0), 90)

    def lets_in(self) -> bool:
        """Refuse evenly, not in bursts."""
        self.debt += self.refused_percent
        is_refused = self.debt >= 100
        self.debt %= 100
        return not is_refused


class Load:
    """Makes the machine short: child processes that spin, and some memory."""

    def __init__(self) -> None:
        self._memory = bytearray(b"x") * (128 << 20)
        # Each ends with us, however we end.
        spin = [sys.executable, "-c", "import os\np = os.getppid()\nwhile os.getppid() == p: pass"]
        self._children = [subprocess.Popen(spin) for _ in range(3 * (os.cpu_count() or 1))]

    def close(self) -> None:
        self._memory = bytearray()
        for child in self._children:
            child.kill()
            child.wait()
        self._children = []


def serve(monitor: UnifiedSystemMonitor, door: Door, options: argparse.Namespace) -> None:
    pool, load = Pool(2), None
    try:
        arrives = time.monotonic()
        next_line = arrives + 1
        second = refused = 0
        while not signal.sigtimedwait({signal.SIGINT, signal.SIGTERM}, 0.002):
            # They come when they come, however busy we are. A server would answer 503 at once.
            while arrives <= time.monotonic():
                if options.no_shedding or door.lets_in():
                    pool.waiting.put(arrives)
                else:
                    refused += 1
                arrives += 0.005
            if time.monotonic() < next_line:
                continue
            next_line = time.monotonic() + 1
            second += 1
            door.adapt()
            times, wait = pool.answered(), monitor.live.pressure_cpu_some_percent
            print(
                f"{second:3} s  answered {len(times):3}  refused {refused:3}  "
                f"waiting {pool.waiting.qsize():4}  slowest {max(times, default=0) * 1e3:5.0f} ms  "
                f"cpu wait {'?' if wait is None else format(wait, '.0f'):>3} %",
                flush=True,
            )
            refused = 0
            if options.load and second == 2:
                load = Load()
            if load and second == 7:
                load.close()
            if second == options.seconds:
                break
    finally:
        if load:
            load.close()
        pool.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--load", action="store_true", help="spin in child processes from second 2 to second 7"
    )
    parser.add_argument(
        "--no-shedding", action="store_true", help="let every request in, to compare"
    )
    parser.add_argument("--seconds", type=int, default=0, help="ends after so long; else by Ctrl-C")
    parser.add_argument("--when", help="the condition, e.g. 'memory_percent > 90 clear 85'")
    options = parser.parse_args()
    # Blocked here and so in every thread made later: Ctrl-C ends the wait in serve().
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    door = Door()
    # How soon it is told hangs on the interval only: "stalled" is of the time since the last
    # sample. Without a store the rules are gone when the program is.
    config = IntegrationConfig(refresh_interval=0.2, store_enabled=False)
    with UnifiedSystemMonitor(config) as monitor:
        rules = {"by --when": (options.when, "{series} is")} if options.when else RULES
        for name, (condition, what) in rules.items():
            # It fires after half a second above its limit, so that a hiccup does not count, and
            # clears after a second below another one.
            message = what + (" {value}" if options.when else " {value} of the time")
            monitor.add_alert_rule(
                name=f"shed_load {name}",
                when=condition,
                for_="500ms",
                clear_for="1s",
                cooldown="0s",
                flapping=False,
                message=message,
            )
        monitor.add_callback("alert_triggered", door.on_triggered)
        monitor.add_callback("alert_resolved", door.on_resolved)
        monitor.start_monitoring()
        serve(monitor, door, options)


if __name__ == "__main__":
    main()
