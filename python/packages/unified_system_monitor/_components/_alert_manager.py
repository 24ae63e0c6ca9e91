"""``AlertManager``: the engine's alerts and rules by the prototype's names."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

from .. import _native
from .._errors import InvalidArgumentError, StoreError
from . import _tables
from ._alert_store import AlertStore
from ._alert_values import Alert, AlertSeverity, alert_of
from ._component import Component
from ._files import log
from ._metric_names import NAMES, known_number, plain_metrics, prototype_name

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from .._findings import AlertRecord
    from .._records import SystemMetrics

    _Callback = Callable[[list[Alert]], object]

REPEAT_AFTER = 300.0
"""Seconds for which an alert of a metric is not repeated, unless it grows worse."""

_THRESHOLDS = {
    "cpu_warning": 70.0,
    "cpu_critical": 90.0,
    "memory_warning": 80.0,
    "memory_critical": 95.0,
    "disk_warning": 85.0,
    "disk_critical": 95.0,
    "temperature_warning": 70.0,
    "temperature_critical": 85.0,
}
_RECENT = 100
# A rule that is nothing but one comparison: "cpu_percent > 70% clear 60%".
_SIMPLE = re.compile(r"^\w+\s*(?:>=|<=|>|<)\s*\S+(?:\s+clear\s+\S+)?$")
_SIGN = re.compile(r"^(?:\{[^}]*\})?\s*(>=|<=|>|<)")
# The one of all file systems, which the prototype's was of the root's.
_DISK = "Disk"


class _Level(NamedTuple):
    """One severity of a rule, as the prototype's rule."""

    rule: dict[str, Any]
    is_below: bool = False
    is_simple: bool = True
    """Nothing else has to hold, so that metrics alone can be held against it."""


class DuplicateRuleError(InvalidArgumentError, sqlite3.IntegrityError):
    """There is a rule of that name already; also the error that the prototype raised."""


class AlertManager(Component):
    """Alerts: those that the engine raises, and those that a program finds and saves.

    Rules over metrics of the engine are the engine's: it evaluates them at each sample.
    Rules over other metrics are looked at by :meth:`check_metrics` only.
    """

    _file = "system_alerts.db"

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(db_path, config)
        self.thresholds: dict[str, float] = {
            name: float(self.config.get(name, usual)) for name, usual in _THRESHOLDS.items()
        }
        """Thresholds; those that the config changes are used instead of the rules'."""
        self.recent_alerts: list[Alert] = []
        """The last hundred alerts that were saved."""
        self.alert_callbacks: list[_Callback] = []
        self._told: dict[str, tuple[int, float]] = {}
        self._store: AlertStore | None = None
        self._follows: int | None = None

    # What fires.

    def check_metrics(self, metrics: dict[str, Any] | SystemMetrics) -> list[Alert]:
        """Hold the rules that are enabled against metrics: one alert per metric, the worst.

        Not saved: ``id`` is ``None``. What is ``None`` or NaN is skipped. An alert is repeated
        after 300 s at the earliest, or when it grows worse. Times are the metrics' own.
        """
        values = plain_metrics(metrics)
        now = known_number(values.get("timestamp")) or time.time()
        worst: dict[str, Alert] = {}
        cleared: set[str] = set()
        for level in self._levels():
            name = level.rule["metric_name"]
            value, limit = known_number(values.get(name)), self._limit(level.rule)
            if value is None or limit is None or not (level.is_simple and level.rule["enabled"]):
                continue
            if not (value <= limit if level.is_below else value >= limit):
                cleared.add(name)
                continue
            alert = _alert(level, now, value, limit)
            known = worst.get(name)
            if known is None or alert.severity.rank > known.severity.rank:
                worst[name] = alert
        self._files().resolve(cleared - worst.keys(), now)
        return [alert for alert in worst.values() if self._is_news(alert, now)]

    def save_alerts(self, alerts: Iterable[Alert]) -> None:
        """Keep alerts, and give each its ``id``."""
        alerts = list(alerts)
        self._files().save(alerts)
        self.recent_alerts = [*self.recent_alerts, *alerts][-_RECENT:]

    def get_active_alerts(self) -> list[Alert]:
        """Return the alerts that fire and that nobody has acknowledged, newest first."""
        firing = [
            alert_of(record)
            for record in self._firing()
            if record.acknowledged is None and record.fired_at is not None
        ]
        return sorted(firing + self._files().active(), key=lambda alert: -alert.timestamp)

    def acknowledge_alert(self, alert_id: int, acknowledged_by: str = "user") -> bool:
        """Take note of an alert; ``False`` when there is none of that number."""
        now = time.time()
        if self._files().acknowledge(alert_id, acknowledged_by, now):
            for alert in self.recent_alerts:
                if alert.id == alert_id:
                    alert.acknowledged, alert.acknowledged_at = True, now
                    alert.acknowledged_by = acknowledged_by
            return True
        try:
            self._monitor.acknowledge_alert(alert_id, acknowledged_by)
        except InvalidArgumentError:
            return False
        return True

    def get_alert_summary(self) -> dict[str, Any]:
        """Return ``total_alerts``, ``active_alerts``, ``severity_counts``, ``recent_alerts_24h``.

        The prototype's three severities are always counted, others when there is one.
        """
        since = time.time() - 86400.0
        past = [record for record in self._past() if record.fired_at is not None]
        counts = {severity.value: 0 for severity in AlertSeverity}
        for record in past:
            counts[record.severity] = counts.get(record.severity, 0) + 1
        for severity, number in self._files().severities().items():
            counts[severity] = counts.get(severity, 0) + number
        recent = sum(record.fired_at >= since for record in past if record.fired_at is not None)
        return {
            "total_alerts": sum(counts.values()),
            "active_alerts": len(self.get_active_alerts()),
            "severity_counts": counts,
            "recent_alerts_24h": recent + self._files().since(since),
        }

    # Rules.

    def create_alert_rule(
        self,
        rule_name: str,
        metric_name: str,
        threshold: float,
        severity: str | AlertSeverity,
        description: str = "",
    ) -> None:
        """Add a rule: an alert when a metric is at the threshold or above.

        A name that there is already raises an ``InvalidArgumentError`` that is a
        ``sqlite3.IntegrityError`` too.
        """
        level = AlertSeverity.of(severity)
        limit = known_number(threshold)
        if limit is None:
            raise InvalidArgumentError(f"threshold: {threshold!r} is not allowed: a number")
        taken = {rule["rule_name"] for rule in self.get_alert_rules()}
        if rule_name in taken or rule_name in {rule.name for rule in self._monitor.alert_rules()}:
            raise DuplicateRuleError(f"rule_name: {rule_name!r} is not allowed: it exists already")
        known = NAMES.get(metric_name)
        metric = metric_name if known is None else known.metric
        if not _is_measured(metric):
            self._files().add_rule(rule_name, metric_name, limit, level, description)
            return
        scaled = limit * (1.0 if known is None else known.divisor)
        self._monitor.add_alert_rule(
            name=rule_name,
            description=description,
            when=f"{metric} >= {scaled!r}",
            severity=level.value,
        )

    def enable_alert_rule(self, rule_name: str, enabled: bool = True) -> bool:
        """Switch a rule on or off; ``False`` when there is none of that name."""
        if self._files().enable_rule(rule_name, enabled):
            return True
        return self._enable_engines(rule_name, enabled)

    def get_alert_rules(self) -> list[dict[str, Any]]:
        """Return the rules that hold one metric against one threshold, by name."""
        return sorted((level.rule for level in self._levels()), key=lambda rule: rule["rule_name"])

    # Telling.

    def add_alert_callback(self, callback: _Callback) -> None:
        """Have ``callback`` called with lists of alerts.

        With those that the engine raises from now on, and what :meth:`notify_alerts` is given.
        """
        if not callable(callback):
            raise TypeError(f"a callback must be callable, not {type(callback).__name__}")
        self.alert_callbacks.append(callback)
        monitor = self._monitor
        if self._follows == id(monitor):
            return
        me = ref(self)

        def on_alert(record: AlertRecord) -> None:
            manager = me()
            if manager is not None:
                manager.notify_alerts([alert_of(record)])

        monitor.add_callback("alert_triggered", on_alert)
        self._follows = id(monitor)

    def notify_alerts(self, alerts: list[Alert]) -> None:
        """Call the callbacks; one that raises is told to ``sys.unraisablehook``."""
        for callback in tuple(self.alert_callbacks):
            try:
                callback(alerts)
            except Exception as error:
                _native.report_unraisable(error, callback)

    def display_alerts(self, alerts: list[Alert] | None = None) -> None:
        """Print the last ten alerts."""
        shown = (self.get_active_alerts() if alerts is None else alerts)[:10]
        rows = (
            (
                alert.id,
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(alert.timestamp)),
                alert.severity.value,
                alert.metric_name,
                _tables.number(alert.metric_value),
                alert.message,
            )
            for alert in shown
        )
        _tables.show("Alerts", ("Id", "Time", "Severity", "Metric", "Value", "Message"), rows)

    def display_alert_rules(self) -> None:
        """Print the rules."""
        rows = (
            (
                rule["rule_name"],
                rule["metric_name"],
                _tables.number(rule["threshold"]),
                rule["severity"],
                "on" if rule["enabled"] else "off",
            )
            for rule in self.get_alert_rules()
        )
        _tables.show("Alert Rules", ("Rule", "Metric", "Threshold", "Severity", "State"), rows)

    # Private.

    def _files(self) -> AlertStore:
        path = self.db_path
        if self._store is None or self._store.path != path:
            self._store = AlertStore(path)
            self._seed(self._store)
        return self._store

    def _seed(self, store: AlertStore) -> None:
        try:
            store.seed(level.rule for level in self._engines_levels())
        except StoreError as problem:
            log("alert_rules: the prototype's rules are not kept: %s", problem)

    def _firing(self) -> list[AlertRecord]:
        monitor = self._monitor
        if monitor.monitoring_active or not monitor.config.store_enabled:
            return monitor.alerts
        # Another process may monitor: what it last said, or the last sample here.
        monitor.flush()
        return [row.data for row in monitor.findings("alert", None, open_only=True)]

    def _past(self) -> list[AlertRecord]:
        monitor = self._monitor
        if not monitor.config.store_enabled:
            return monitor.alerts
        monitor.flush()
        return [row.data for row in monitor.findings("alert", None, limit=20_000)]

    def _levels(self) -> list[_Level]:
        return [_Level(rule) for rule in self._files().rules()] + self._engines_levels()

    def _engines_levels(self) -> list[_Level]:
        monitor = self._monitor
        conditions = {rule.name: str(rule.get("when", "")) for rule in monitor.alert_rules()}
        levels: list[_Level] = []
        for level in monitor._engine.alert_desk.levels():
            metric, condition = level["metric"], conditions.get(level["rule"], "")
            if metric is None or level["threshold"] is None or metric not in condition:
                continue
            sign = _SIGN.match(condition.partition(metric)[2])
            is_disk = level["rule"] == _DISK
            rule = {
                "rule_name": level["name"],
                "metric_name": "disk_percent" if is_disk else prototype_name(metric),
                "threshold": level["threshold"],
                "severity": level["severity"],
                "enabled": level["enabled"],
                "description": level["description"],
            }
            is_simple = is_disk or _SIMPLE.match(condition) is not None
            levels.append(_Level(rule, sign is not None and sign[1][0] == "<", is_simple))
        return levels

    def _limit(self, rule: dict[str, Any]) -> float | None:
        # "cpu_percent" at "warning" is the setting "cpu_warning".
        key = f"{rule['metric_name'].replace('_percent', '')}_{rule['severity']}"
        if key in self.config:
            return self.thresholds.get(key)
        return known_number(rule["threshold"])

    def _is_news(self, alert: Alert, now: float) -> bool:
        rank, at = self._told.get(alert.metric_name, (-1, 0.0))
        # A clock that was set back must not silence it for long.
        if alert.severity.rank <= rank and abs(now - at) < REPEAT_AFTER:
            return False
        self._told[alert.metric_name] = (alert.severity.rank, now)
        return True

    def _enable_engines(self, rule_name: str, enabled: bool) -> bool:
        desk = self._monitor._engine.alert_desk
        level = next((one for one in desk.levels() if one["name"] == rule_name), None)
        if level is None or level["rule"] == rule_name:
            try:
                self._monitor.enable_alert_rule(rule_name, enabled)
            except InvalidArgumentError:
                return False
            return True
        return self._enable_step(level, enabled)

    def _enable_step(self, level: dict[str, Any], enabled: bool) -> bool:
        rule = next(one for one in self._monitor.alert_rules() if one.name == level["rule"])
        steps = [dict(step) for step in rule.get("steps", [])]
        for step in steps:
            if step.get("severity") == level["severity"]:
                step["enabled"] = enabled
                self._monitor.add_alert_rule({**rule, "steps": steps})
                return True
        # The rule's own severity, which no step stands for.
        self._monitor.enable_alert_rule(rule.name, enabled)
        return True


def _alert(level: _Level, now: float, value: float, limit: float) -> Alert:
    rule = level.rule
    name = rule["metric_name"]
    words = "at or below" if level.is_below else "at or above"
    return Alert(
        id=None,
        timestamp=now,
        alert_type=rule["rule_name"],
        metric_name=name,
        metric_value=value,
        threshold=limit,
        severity=AlertSeverity.of(rule["severity"]),
        message=f"{rule['rule_name']}: {name} is {value:g}, {words} {limit:g}",
    )


def _is_measured(metric: str) -> bool:
    return metric in _native.metric_names()
