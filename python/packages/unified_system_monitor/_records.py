"""What a monitor tells in the prototype's shape: :class:`SystemState`, :class:`SystemMetrics`."""

from __future__ import annotations

from ._fields import Record, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@record
class SystemMetrics(Record):
    """The machine in seventeen numbers; what can't be read is ``None``.

    Read it by attribute (``m.cpu_percent``) or as a mapping (``m["cpu_percent"]``).
    """

    def __init__(
        self,
        timestamp: float,
        cpu_percent: float | None,
        memory_percent: float | None,
        memory_used_gb: float | None,
        memory_total_gb: float | None,
        disk_percent: float | None,
        disk_used_gb: float | None,
        disk_total_gb: float | None,
        network_sent_mb: float | None,
        network_recv_mb: float | None,
        network_sent_rate: float | None,
        network_recv_rate: float | None,
        process_count: int | None,
        load_average: tuple[float, float, float] | None,
        temperature: float | None = None,
        battery_percent: float | None = None,
        battery_plugged: bool | None = None,
    ) -> None:
        self.timestamp = timestamp
        """When the sample was read, Unix seconds."""
        self.cpu_percent = cpu_percent
        """Processors busy, percent of the machine."""
        self.memory_percent = memory_percent
        """Memory used, percent."""
        self.memory_used_gb = memory_used_gb
        """Memory used, GiB."""
        self.memory_total_gb = memory_total_gb
        """Memory of the machine, GiB."""
        self.disk_percent = disk_percent
        """Root file system used, percent as ``df`` shows it."""
        self.disk_used_gb = disk_used_gb
        """Root file system used, GiB."""
        self.disk_total_gb = disk_total_gb
        """Root file system's size, GiB."""
        self.network_sent_mb = network_sent_mb
        """Sent since boot on all interfaces, loopback included, MiB."""
        self.network_recv_mb = network_recv_mb
        """Received since boot on all interfaces, loopback included, MiB."""
        self.network_sent_rate = network_sent_rate
        """Sent on all interfaces, MiB per second."""
        self.network_recv_rate = network_recv_rate
        """Received on all interfaces, MiB per second."""
        self.process_count = process_count
        """Processes."""
        self.load_average = load_average
        """Load averages over 1, 5 and 15 minutes."""
        self.temperature = temperature
        """Temperature, degrees Celsius."""
        self.battery_percent = battery_percent
        """Charge of the battery, percent."""
        self.battery_plugged = battery_plugged
        """Mains are plugged in."""


@record
class SystemState(Record):
    """The machine at one moment, with what was concluded from it.

    Before the first sample everything is ``None`` and the scores are 0.0; a score that can't be
    computed later is NaN. ``alerts`` and ``insights`` are lists of dicts with the fields of the
    prototype's ``Alert`` and ``PerformanceInsight`` and further ones; ``predictions`` is a dict
    by horizon (``15min`` … ``7d``) and series, and ``None`` until something can be foretold.
    """

    def __init__(
        self,
        timestamp: float,
        metrics: SystemMetrics | None = None,
        alerts: list[dict[str, Any]] | None = None,
        recommendations: list[str] | None = None,
        predictions: dict[str, Any] | None = None,
        insights: list[dict[str, Any]] | None = None,
        health_score: float = 0.0,
        performance_score: float = 0.0,
        security_score: float = 0.0,
    ) -> None:
        self.timestamp = timestamp
        """When the sample was read, Unix seconds."""
        self.metrics = metrics
        """The seventeen metrics."""
        self.alerts = alerts
        """Alerts that are not over, worst first."""
        self.recommendations = recommendations
        """What could be done, in words, most urgent first."""
        self.predictions = predictions
        """Forecasts by horizon, with their intervals."""
        self.insights = insights
        """What is the matter, most severe first."""
        self.health_score = health_score
        """How much of the machine's resources is left, 0 to 100."""
        self.performance_score = performance_score
        """How little work has to wait, 0 to 100."""
        self.security_score = security_score
        """How few weak kernel settings and other security findings there are, 0 to 100."""


def state_of(values: tuple[Any, ...]) -> SystemState:
    """Make a state of the values that the engine gives, in the order of the fields."""
    timestamp, metrics, *rest = values
    return SystemState(timestamp, None if metrics is None else SystemMetrics(*metrics), *rest)
