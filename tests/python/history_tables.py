"""Tables made by hand, as the engine would give them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from unified_system_monitor import HistoryTable, _native

NAN = float("nan")
HOSTILE = '</text><script>alert("x")</script>&\u202e\x1b[2J'


def packed(values: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def column(
    values: Sequence[float],
    metric: str = "cpu_percent",
    unit: str = "percent",
    kind: str = "gauge",
    **labels: str,
) -> tuple[str, list[tuple[str, str]], str, str, bytes]:
    return metric, list(labels.items()), unit, kind, packed(values)


def table(
    times: Sequence[float],
    *columns: tuple[str, list[tuple[str, str]], str, str, bytes],
    step: float | None = None,
    tiers: Sequence[str] = ("raw",),
    notes: Sequence[str] = (),
) -> HistoryTable:
    parts = (step, list(tiers), list(notes), packed(times), list(columns))
    return HistoryTable(_native.Table(parts))


def usual() -> HistoryTable:
    """Four rows of two series, one of which has a gap."""
    return table(
        [1000.0, 1010.0, 1020.0, 1030.5],
        column([1.0, NAN, 3.0, 0.5]),
        column([0.0, 5e8, 1e9, 2e9], "device_read_bytes_total", "bytes", "counter", device="sda"),
        notes=["a block was torn"],
    )
