"""``SystemMonitor``: samples by the prototype's names."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from .._errors import InvalidStateError, StoreError, TimedOutError
from .._when import refused
from . import _tables
from ._component import Component
from ._files import insert, log
from ._metric_names import known_number, plain_metrics

if TYPE_CHECKING:
    import os

    from .._records import SystemMetrics

_THRESHOLDS = {
    "cpu_warning": 70.0,
    "cpu_critical": 90.0,
    "memory_warning": 80.0,
    "memory_critical": 95.0,
    "disk_warning": 85.0,
    "disk_critical": 95.0,
}
_WORDS = {"critical": "critical", "warning": "high"}
_LABELS = {"cpu": "CPU usage", "memory": "Memory usage", "disk": "Disk usage"}

# Points that the summary takes off: above which percent how many, the worst first.
_PENALTIES = {
    "cpu": ((80.0, 20), (60.0, 10)),
    "memory": ((90.0, 25), (70.0, 15)),
    "disk": ((90.0, 20), (80.0, 10)),
}

_COLUMNS = (
    "timestamp",
    "cpu_percent",
    "memory_percent",
    "memory_used_gb",
    "memory_total_gb",
    "disk_percent",
    "disk_used_gb",
    "disk_total_gb",
    "network_sent_mb",
    "network_recv_mb",
    "network_sent_rate",
    "network_recv_rate",
    "process_count",
    "load_average_1",
    "load_average_5",
    "load_average_15",
    "temperature",
    "battery_percent",
    "battery_plugged",
)
_MOST_KEPT = 1000
_REPEAT_AFTER = 300.0
"""Seconds for which an alert is not stored again, unless it grows worse."""


class SystemMonitor(Component):
    """Samples the host, and says what is high in a sample.

    Where a monitor is active for the same data folder, its samples serve; they are in
    ``system_metrics`` without anybody saving them.
    """

    _file = "system_metrics.db"
    _tables = ("system_metrics", "system_alerts", "performance_history")

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(db_path, config)
        self.thresholds: dict[str, float] = {
            name: float(self.config.get(name, usual)) for name, usual in _THRESHOLDS.items()
        }
        """From which percent on something is high."""
        self.is_monitoring = False
        """Whether :meth:`start_monitoring` runs."""
        self.monitoring_thread: threading.Thread | None = None
        """The thread in which it does."""
        self.last_metrics: SystemMetrics | None = None
        """The newest sample that was taken by this object."""
        self.metrics_history: list[SystemMetrics] = []
        """The last thousand of them."""
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._told: dict[str, tuple[bool, float]] = {}

    # Samples.

    def collect_metrics(self) -> SystemMetrics:
        """Take a sample now and return its metrics."""
        metrics = self._monitor.collect().metrics
        if metrics is None:
            raise InvalidStateError("nothing is sampled: enable_monitoring is false")
        self.last_metrics = metrics
        self.metrics_history.append(metrics)
        del self.metrics_history[:-_MOST_KEPT]
        return metrics

    def save_metrics(self, metrics: SystemMetrics) -> None:
        """Store a sample in ``system_metrics``.

        What the engine has sampled is there already, as soon as this returns.
        """
        monitor = self._monitor
        if self._is_own_file() or monitor._state_of(metrics) is None:
            plain = plain_metrics(metrics)
            self._insert("system_metrics", [{k: _stored(plain.get(k)) for k in _COLUMNS}])
        elif monitor.config.store_enabled:
            monitor.flush()

    # What is high.

    def check_alerts(self, metrics: SystemMetrics | dict[str, Any]) -> list[dict[str, Any]]:
        """Return an alert for each of CPU, memory and disk that is at a threshold or above."""
        plain = plain_metrics(metrics)
        alerts = []
        for kind, label in _LABELS.items():
            value = known_number(plain.get(f"{kind}_percent"))
            if value is None:
                continue
            for severity in ("critical", "warning"):
                threshold = self.thresholds[f"{kind}_{severity}"]
                if value >= threshold:
                    alerts.append(
                        {
                            "type": kind,
                            "severity": severity,
                            "message": f"{label} {_WORDS[severity]}: {value:.1f}%",
                            "value": value,
                            "threshold": threshold,
                        }
                    )
                    break
        return alerts

    def save_alerts(self, alerts: list[dict[str, Any]]) -> None:
        """Store alerts of :meth:`check_alerts` in ``system_alerts``."""
        now = time.time()
        rows = [
            {
                "timestamp": alert.get("timestamp", now),
                "alert_type": alert["type"],
                "metric_name": alert.get("metric_name", alert["type"]),
                "metric_value": alert["value"],
                "threshold": alert["threshold"],
                "severity": alert["severity"],
                "message": alert["message"],
            }
            for alert in alerts
        ]
        if rows:
            self._insert("system_alerts", rows)

    def get_system_summary(self) -> dict[str, Any]:
        """Return ``health_score``, ``status``, ``metrics`` and ``alerts`` of a sample.

        This score takes fixed points off for what is high: a quick look. The one of a
        ``SystemState`` falls with every percent in use.
        """
        from dataclasses import asdict

        metrics = self._metrics()
        if metrics is None:
            raise InvalidStateError("nothing is sampled: enable_monitoring is false")
        score = 100
        for kind, steps in _PENALTIES.items():
            value = known_number(metrics[f"{kind}_percent"])
            if value is not None:
                score -= next((points for above, points in steps if value > above), 0)
        status = "healthy" if score > 70 else "warning" if score > 40 else "critical"
        return {
            "health_score": score,
            "status": status,
            "metrics": asdict(metrics),
            "alerts": self.check_alerts(metrics),
        }

    # Going on.

    def start_monitoring(self, interval: float = 5, save_to_db: bool = True) -> None:
        """Sample every ``interval`` seconds until :meth:`stop_monitoring` or Ctrl-C.

        It returns then, and not before: a script that has nothing else to do ends with it, and
        who has runs it in a thread, or uses ``UnifiedSystemMonitor``. An alert is printed when it
        begins or grows worse, and with ``save_to_db`` stored as the samples are; one that lasts
        again after five minutes. What can't be stored is logged, and sampling goes on.
        """
        pause = known_number(interval)
        if pause is None or pause <= 0:
            raise refused("interval", interval, "seconds, above 0")
        # A forked child is told so, before a lock that the parent may have held.
        self._monitor._engine.check_process()
        with self._starting:
            if self.is_monitoring:
                self._say("Monitoring already running")
                return
            self.is_monitoring = True
            self.monitoring_thread = threading.current_thread()
            self._stopped.clear()
        self._say(f"Starting system monitoring (interval: {interval}s)")
        try:
            due = time.monotonic()
            # Scripts end it by the attribute, too.
            while self.is_monitoring and not self._stopped.is_set():
                self._cycle(save_to_db)
                # What was missed is not made up for.
                due = max(due + pause, time.monotonic())
                self._stopped.wait(due - time.monotonic())
        except KeyboardInterrupt:
            self._say("Monitoring stopped by user")
        finally:
            self.is_monitoring = False
            self.monitoring_thread = None

    def stop_monitoring(self) -> None:
        """End :meth:`start_monitoring`, and wait until it has ended."""
        thread = self.monitoring_thread
        self._stopped.set()
        if thread is not None and thread is not threading.current_thread():
            while self.is_monitoring and thread.is_alive():
                time.sleep(0.01)

    def display_metrics(self, metrics: SystemMetrics | None = None) -> None:
        """Print a sample, the given one or a new one."""
        found = plain_metrics(self._metrics() if metrics is None else metrics)
        number = _tables.number
        loads = (known_number(found.get(f"load_average_{minutes}")) for minutes in (1, 5, 15))
        plugged = found.get("battery_plugged")
        power = "" if plugged is None else ", plugged in" if plugged else ", on battery"
        rows = [
            ("CPU", number(found.get("cpu_percent"), "%"), self._state_word(found, "cpu")),
            ("Memory", _amount(found, "memory"), self._state_word(found, "memory")),
            ("Disk", _amount(found, "disk"), self._state_word(found, "disk")),
            ("Network sent", _traffic(found, "sent"), ""),
            ("Network received", _traffic(found, "recv"), ""),
            ("Processes", found.get("process_count"), ""),
            ("Load average", ", ".join("-" if v is None else f"{v:.2f}" for v in loads), ""),
            ("Temperature", number(found.get("temperature"), " °C"), ""),
            ("Battery", number(found.get("battery_percent"), "%") + power, ""),
        ]
        _tables.show("System Metrics", ("Metric", "Value", "Status"), rows)

    # Private.

    def _cycle(self, save_to_db: bool) -> None:
        metrics = self.collect_metrics()
        news = self._news(self.check_alerts(metrics))
        for alert in news:
            self._say(alert["message"])
        if not save_to_db:
            return
        try:
            self.save_metrics(metrics)
            self.save_alerts(news)
        except (StoreError, TimedOutError) as problem:
            log("a sample is not stored: %s", problem)

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def _is_own_file(self) -> bool:
        """Whether the file is one that the caller named, not the monitor's own by this name."""
        if self._db_path is None:
            return False
        unified = self._monitor.unified_db
        return unified is None or not _is_within(self._db_path, unified)

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        file = self._kept()
        with file.work() as connection:
            for row in rows:
                insert(connection, table, row)
            file.prune(connection, table)

    def _news(self, alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        now = time.monotonic()
        news = []
        for alert in alerts:
            is_critical = alert["severity"] == "critical"
            was_critical, at = self._told.get(alert["type"], (False, -_REPEAT_AFTER))
            if now - at >= _REPEAT_AFTER or (is_critical and not was_critical):
                self._told[alert["type"]] = (is_critical, now)
                news.append(alert)
        return news

    def _state_word(self, metrics: dict[str, Any], kind: str) -> str:
        value = known_number(metrics.get(f"{kind}_percent"))
        if value is None:
            return "unknown"
        for severity in ("critical", "warning"):
            if value >= self.thresholds[f"{kind}_{severity}"]:
                return severity
        return "normal"


def _is_within(path: str, unified: str) -> bool:
    """Whether this is the monitor's database by another name."""
    import os

    return os.path.realpath(path) == os.path.realpath(unified)


def _stored(value: Any) -> float | int | None:
    return int(value) if isinstance(value, bool) else known_number(value)


def _amount(metrics: dict[str, Any], kind: str) -> str:
    used, total = metrics.get(f"{kind}_used_gb"), metrics.get(f"{kind}_total_gb")
    percent = _tables.number(metrics.get(f"{kind}_percent"), "%")
    return f"{percent} ({_tables.number(used)} of {_tables.number(total, ' GiB')})"


def _traffic(metrics: dict[str, Any], way: str) -> str:
    rate = metrics.get(f"network_{way}_rate")
    total = _tables.number(metrics.get(f"network_{way}_mb"), " MiB")
    return f"{'-' if rate is None else f'{rate:.2f}'} MiB/s ({total} since boot)"
