"""A status bar: one line each interval, for a terminal, tmux, i3bar or a pipe.

``python examples/status_bar.py``; with ``--json`` it is a ``status_command`` for i3bar.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

GOOD, FAIR, BAD, UNKNOWN = range(4)
TERMINAL_COLOURS = ("\033[32m", "\033[33m", "\033[1;31m", "\033[2m")
BAR_COLOURS = ("#8ec07c", "#fabd2f", "#fb4934", "#928374")

Block = tuple[str, int, str]
"""Name, how it looks, text."""


def judged(value: float | None, fair: float, bad: float) -> int:
    if value is None:
        return UNKNOWN
    return GOOD if value < fair else FAIR if value < bad else BAD


def number(value: float | None) -> str:
    """Show what can't be read as such: never as a made-up 0."""
    return "?" if value is None else f"{value:.0f}"


def size(value: float | None) -> str:
    if value is None:
        return "?"
    for unit in "BKMG":
        if value < 999.5:
            return f"{value:.1f}{unit}" if value < 9.95 and unit != "B" else f"{value:.0f}{unit}"
        value /= 1024
    return f"{value:.0f}T"


def known_sum(*values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def health(monitor: UnifiedSystemMonitor) -> Block:
    """Show the worst alert that fires and how many others do; where there is none, the health."""
    firing = [alert for alert in monitor.alerts if alert.status == "firing"]
    if not firing:
        score = monitor.live.health_score
        look = judged(None if score is None else 100 - score, 40, 70)
        return "health", look, f"health {number(score)}"
    others = f" +{len(firing) - 1}" if len(firing) > 1 else ""
    is_bad = firing[0].severity in ("critical", "emergency")
    return "alerts", BAD if is_bad else FAIR, f"! {firing[0].rule:.20}{others}"


def blocks(monitor: UnifiedSystemMonitor) -> list[Block]:
    m = monitor.live  # Each attribute is that of the newest state; no dict is made.
    cpu, memory, io = (
        m.pressure_cpu_some_percent,
        m.pressure_memory_some_percent,
        m.pressure_io_some_percent,
    )
    # A queue for processors is usual; for memory and disks it is not.
    waits = [w for w in (None if cpu is None else cpu / 3, memory, io) if w is not None]
    disks = size(known_sum(m.disk_read_bytes_per_sec, m.disk_write_bytes_per_sec))
    received, sent = m.network_received_bytes_per_sec, m.network_sent_bytes_per_sec
    found = [
        health(monitor),
        ("cpu", judged(m.cpu_percent, 70, 95), f"cpu {number(m.cpu_percent)}%"),
        ("memory", judged(m.memory_percent, 80, 95), f"mem {number(m.memory_percent)}%"),
        (
            "pressure",
            judged(max(waits, default=None), 10, 30),
            f"wait {number(cpu)}/{number(memory)}/{number(io)}%",
        ),
        ("disk", judged(m.disk_percent, 85, 95), f"disk {number(m.disk_percent)}% {disks}"),
        ("network", GOOD, f"net {size(received)} {size(sent)}"),
    ]
    for top in monitor.top_processes(1):
        found.append(("top", GOOD, f"{top.name:.10} {number(top.cpu_core_percent)}%"))
    return found


def line(found: list[Block], in_terminal: bool) -> str:
    if not in_terminal:
        return "  ".join(text for _, _, text in found) + "\n"
    texts = "  ".join(f"{TERMINAL_COLOURS[look]}{text}\033[0m" for _, look, text in found)
    # Again on the same line, which is cut at the terminal's width and not wrapped.
    return f"\r\033[K\033[?7l{texts}\033[?7h"


def bar(found: list[Block]) -> str:
    """Speak the protocol of i3bar: an array without an end, a line of it for each interval."""
    shown = [
        {"name": name, "color": BAR_COLOURS[look], "full_text": text} for name, look, text in found
    ]
    return json.dumps(shown) + ",\n"


def seconds(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 3600:
        raise ValueError
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="the protocol of i3bar and swaybar")
    parser.add_argument(
        "--interval", type=seconds, default=1.0, help="seconds from line to line, 0.1 to 3600"
    )
    parser.add_argument("--lines", type=int, default=0, help="ends after so many; else by Ctrl-C")
    options = parser.parse_args()
    # Blocked here and so in every thread made later, they only end the pause between two lines.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    # A reader that goes away ends us, as it ends other programs.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    # A bar needs no past: without a store no file is written.
    config = IntegrationConfig(refresh_interval=options.interval, store_enabled=False)
    with UnifiedSystemMonitor(config) as monitor:
        monitor.start_monitoring()
        monitor.wait()
        in_terminal = not options.json and sys.stdout.isatty()
        if options.json:
            print('{"version":1}\n[')
        written = 0
        while True:
            found = blocks(monitor)
            sys.stdout.write(bar(found) if options.json else line(found, in_terminal))
            sys.stdout.flush()
            written += 1
            # The next state is due a little later.
            if written == options.lines or signal.sigtimedwait(ends, 0.9 * options.interval):
                break
            monitor.wait(timeout=60)
        if options.json or in_terminal:
            print("[]]" if options.json else "")


if __name__ == "__main__":
    main()
