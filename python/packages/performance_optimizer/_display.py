"""The status as text: a table where rich is installed, one line elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unified_system_monitor import RICH_AVAILABLE

if TYPE_CHECKING:
    from ._optimizer import PerformanceOptimizer

_HEAD = ("Component", "Status", "Current Value", "Target Value", "Optimization")
_METHODS = {
    "CPU": "process_optimization",
    "Memory": "memory_cleanup",
    "Disk": "disk_cleanup",
}


def display(optimizer: PerformanceOptimizer) -> None:
    """Print CPU, memory and disk beside the thresholds of the profile in force."""
    rows = _rows(optimizer)
    if not RICH_AVAILABLE:
        print("; ".join(f"{row[0]} {row[1]} {row[2]} (target {row[3]})" for row in rows))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    profile = optimizer.current_profile
    table = Table(title="Performance Optimization Status")
    for head in _HEAD:
        table.add_column(head)
    for row in rows:
        # As text, so that nothing in it is taken for markup.
        table.add_row(*map(Text, row))
    out = Console()
    out.print(table)
    out.print(Text(f"Profile: {profile.profile_name}"))


def _rows(optimizer: PerformanceOptimizer) -> list[tuple[str, ...]]:
    metrics = optimizer.system_monitor.collect_metrics()
    profile = optimizer.current_profile
    values = {
        "CPU": (metrics.cpu_percent, profile.cpu_threshold),
        "Memory": (metrics.memory_percent, profile.memory_threshold),
        "Disk": (metrics.disk_percent, profile.disk_threshold),
    }
    rows: list[tuple[str, ...]] = []
    for name, (value, threshold) in values.items():
        high = value is not None and value > threshold
        status = "unknown" if value is None else "high" if high else "normal"
        shown = "unknown" if value is None else f"{value:.1f}%"
        rows.append((name, status, shown, f"{threshold:.0f}%", _METHODS[name] if high else "-"))
    return rows
