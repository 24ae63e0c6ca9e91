"""A monitor's place taken by a past that is made up, for components that read the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unified_system_monitor import IntegrationConfig, SystemMetrics, SystemState


def metrics(timestamp: float, **changed: Any) -> SystemMetrics:
    """A quiet machine, but for what is given."""
    values: dict[str, Any] = {
        "cpu_percent": 10.0,
        "memory_percent": 40.0,
        "memory_used_gb": 4.0,
        "memory_total_gb": 10.0,
        "disk_percent": 50.0,
        "disk_used_gb": 50.0,
        "disk_total_gb": 100.0,
        "network_sent_mb": 1.0,
        "network_recv_mb": 2.0,
        "network_sent_rate": 0.1,
        "network_recv_rate": 0.2,
        "process_count": 100,
        "load_average": (0.5, 0.4, 0.3),
    }
    return SystemMetrics(timestamp, **{**values, **changed})


class PastMachine:
    """What components ask a monitor whose database is switched off."""

    monitoring_active = True
    unified_db = None

    def __init__(self, past: Sequence[SystemMetrics], **found: Any) -> None:
        self.config = IntegrationConfig(store_enabled=False, refresh_interval=1.0)
        self.state_history = [SystemState(one.timestamp, one) for one in past]
        self.predictions: dict[str, Any] = found.get("predictions", {})
        self.anomalies: list[Any] = found.get("anomalies", [])
        self.insights: list[Any] = found.get("insights", [])
        self.alerts: list[Any] = []

    @property
    def current_state(self) -> SystemState:
        """The last one."""
        return self.state_history[-1] if self.state_history else SystemState(0.0)


def part_of(kind: Any, machine: PastMachine, **config: Any) -> Any:
    """Make a component that answers through such a machine."""
    made = kind(config=config)
    made._given = machine
    return made
