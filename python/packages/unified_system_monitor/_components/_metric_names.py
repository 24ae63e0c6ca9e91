"""The prototype's names of metrics and the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Name(NamedTuple):
    """A metric of the engine, and by what its value is divided to be the prototype's."""

    metric: str
    divisor: float = 1.0


_GIB = 1024.0**3
_MIB = 1024.0**2

NAMES = {
    "cpu_percent": Name("cpu_percent"),
    "memory_percent": Name("memory_percent"),
    "memory_used_gb": Name("memory_used_bytes", _GIB),
    "memory_total_gb": Name("memory_total_bytes", _GIB),
    "disk_percent": Name("disk_percent"),
    "disk_used_gb": Name("disk_used_bytes", _GIB),
    "disk_total_gb": Name("disk_total_bytes", _GIB),
    "network_sent_mb": Name("network_sent_bytes_total", _MIB),
    "network_recv_mb": Name("network_received_bytes_total", _MIB),
    "network_sent_rate": Name("network_sent_bytes_per_sec", _MIB),
    "network_recv_rate": Name("network_received_bytes_per_sec", _MIB),
    "process_count": Name("process_count"),
    "load_average_1": Name("load_average_1"),
    "load_average_5": Name("load_average_5"),
    "load_average_15": Name("load_average_15"),
    "temperature": Name("temperature_celsius"),
    "battery_percent": Name("battery_percent"),
    "battery_plugged": Name("battery_plugged"),
}
"""Prototype's name → the engine's."""

_BACK = {name.metric: mine for mine, name in NAMES.items() if name.divisor == 1.0}

_LOADS = ("load_average_1", "load_average_5", "load_average_15")


def prototype_name(metric: str) -> str:
    """Return the prototype's name of a metric of the engine, or the metric's own."""
    return _BACK.get(metric, metric)


def plain_metrics(metrics: Any) -> dict[str, Any]:
    """Return metrics as a dict: of ``SystemMetrics``, of any dataclass or of a mapping.

    The three load averages have a name each in it.
    """
    given: Mapping[str, Any]
    if hasattr(metrics, "keys"):
        given = {name: metrics[name] for name in metrics.keys()}  # noqa: SIM118
    else:
        given = vars(metrics)
    plain = dict(given)
    loads = plain.get("load_average")
    if isinstance(loads, (list, tuple)):
        for name, value in zip(_LOADS, loads):
            plain.setdefault(name, value)
    return plain


def known_number(value: Any) -> float | None:
    """Return a number as it is; anything else, NaN and infinities as ``None``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    return number if number - number == 0.0 else None
