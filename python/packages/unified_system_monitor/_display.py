"""The status as text: a table where rich is installed, plain lines elsewhere."""

from __future__ import annotations

import importlib.util
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._monitor import UnifiedSystemMonitor

RICH_AVAILABLE = importlib.util.find_spec("rich") is not None

_HEAD = ("Component", "Status", "Health Score", "Performance", "Last Update")


def console() -> Any:
    """Return a rich console, or ``None`` where rich is not installed."""
    if not RICH_AVAILABLE:
        return None
    from rich.console import Console

    return Console()


def display(monitor: UnifiedSystemMonitor) -> None:
    """Print nine components and the three scores."""
    rows = _rows(monitor)
    scores = _scores(monitor)
    if not RICH_AVAILABLE:
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
        for row in (_HEAD, *rows):
            print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
        print(scores)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Unified System Status")
    for head in _HEAD:
        table.add_column(head)
    for row in rows:
        # As text, so that nothing in it is taken for markup.
        table.add_row(*map(Text, row))
    out = monitor.console
    out.print(table)
    out.print(Text(scores))


def _rows(monitor: UnifiedSystemMonitor) -> list[tuple[str, ...]]:
    state = monitor.current_state
    sampled = state.metrics is not None
    at = time.strftime("%H:%M:%S", time.localtime(state.timestamp)) if sampled else "never"
    timings = monitor._get_performance_metrics()
    rows: list[tuple[str, ...]] = []
    for name, status in monitor._get_component_status().items():
        timing = timings.get("unified_monitor" if name == "system_monitor" else name)
        active = status == "active"
        health = _percent(state.health_score) if active and sampled else "N/A"
        speed = f"{timing['avg_execution_time'] * 1000:.1f} ms" if timing else "N/A"
        rows.append((name, status, health, speed, at if active else "N/A"))
    return rows


def _scores(monitor: UnifiedSystemMonitor) -> str:
    state = monitor.current_state
    return (
        f"System Health: {_percent(state.health_score)}  "
        f"Performance: {_percent(state.performance_score)}  "
        f"Security: {_percent(state.security_score)}"
    )


def _percent(score: float) -> str:
    # NaN, the score that is not known, is the one number that differs from itself.
    return f"{score:.1f}%" if score == score else "unknown"
