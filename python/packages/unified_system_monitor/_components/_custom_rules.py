"""``CustomAlertRules``: rules of one's own by the prototype's names.

A rule over metrics of the engine is given to the engine too, which evaluates it at each
sample. A program that has metrics of its own holds the rules against them with
:meth:`CustomAlertRules.check_custom_rules`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from .. import _native
from .._errors import InvalidStateError
from .._when import refused
from . import _tables
from ._alert_manager import AlertManager, DuplicateRuleError
from ._alert_values import AlertSeverity
from ._component import Component
from ._conditions import condition_of, engine_condition, holds, joined
from ._custom_store import CustomStore
from ._custom_values import (
    AlertCondition,
    AlertEscalation,
    ComplexAlertRule,
    CustomAlertRule,
    EscalationLevel,
)
from ._escalating import follow
from ._metric_names import known_number, plain_metrics
from ._rule_parts import check_threshold, common_settings, not_configured, print_alert

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Any

    from typing_extensions import Self

    from .._monitor import UnifiedSystemMonitor
    from ._custom_store import AnyRule
    from ._rule_parts import _Channel


COOLDOWN = 300.0
"""Seconds for which a rule that held does not alert again, unless the config says otherwise."""


class _Open(NamedTuple):
    """A rule that holds."""

    alert_id: int
    since: float
    steps: int
    acknowledged: bool


class CustomAlertRules(Component):
    """Rules over one metric and over several, with channels and escalation."""

    _file = "custom_alert_rules.db"

    def __init__(
        self,
        db_path: str | os.PathLike[str] | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(db_path, config)
        self.cooldown = float(self.config.get("cooldown", COOLDOWN))
        """Seconds between two alerts of a rule."""
        self.notification_channels: dict[str, _Channel] = {
            "console": print_alert,
            "email": not_configured("email"),
            "slack": not_configured("slack"),
            "webhook": not_configured("webhook"),
        }
        """Who is told, by name: callables of the rule and the alert."""
        self.alert_manager = AlertManager(db_path, config)
        """The alerts of the same monitor."""
        self._store: CustomStore | None = None
        self._open: dict[str, _Open] = {}
        self._last_id = 0
        self._follows: int | None = None

    @classmethod
    def _of(cls, monitor: UnifiedSystemMonitor) -> Self:
        made = super()._of(monitor)
        made.alert_manager = monitor.alert_manager
        return made

    # Rules.

    def create_custom_rule(
        self,
        name: str,
        description: str = "",
        metric_name: str = "",
        condition: AlertCondition | str = AlertCondition.GREATER_THAN,
        threshold: Any = None,
        severity: AlertSeverity | str = AlertSeverity.WARNING,
        escalation_enabled: bool = False,
        escalation_delay: float = 5,
        escalation_levels: Sequence[EscalationLevel] | None = None,
        notification_channels: Sequence[str] | None = None,
        custom_message: str | None = None,
    ) -> CustomAlertRule:
        """Keep a rule over one metric; a name that is taken raises."""
        rule = CustomAlertRule(
            id=None,
            name=self._free(name),
            description=description,
            metric_name=metric_name,
            condition=condition_of(condition),
            threshold=threshold,
            severity=AlertSeverity.of(severity),
            **common_settings(
                escalation_enabled,
                escalation_delay,
                escalation_levels,
                notification_channels,
                custom_message,
            ),
        )
        if not metric_name:
            raise refused("metric_name", repr(metric_name), "the name of a metric")
        check_threshold(rule.condition, threshold)
        self._give(rule, engine_condition(metric_name, rule.condition, threshold))
        self._files().add(rule)
        return rule

    def create_complex_rule(
        self,
        name: str,
        description: str = "",
        conditions: Sequence[dict[str, Any]] = (),
        operator: str = "AND",
        severity: AlertSeverity | str = AlertSeverity.WARNING,
        escalation_enabled: bool = False,
        escalation_delay: float = 5,
        escalation_levels: Sequence[EscalationLevel] | None = None,
        notification_channels: Sequence[str] | None = None,
        custom_message: str | None = None,
    ) -> ComplexAlertRule:
        """Keep a rule over several metrics, joined by ``AND`` or ``OR``."""
        word = str(operator).upper()
        if word not in ("AND", "OR"):
            raise refused("operator", repr(operator), "AND or OR")
        if not conditions:
            raise refused("conditions", "[]", "at least one condition")
        plain: list[dict[str, Any]] = []
        for one in conditions:
            kind, threshold = condition_of(one["condition"]), one["threshold"]
            check_threshold(kind, threshold)
            metric = str(one["metric_name"])
            plain.append({"metric_name": metric, "condition": kind.value, "threshold": threshold})
        rule = ComplexAlertRule(
            id=None,
            name=self._free(name),
            description=description,
            conditions=plain,
            operator=word,
            severity=AlertSeverity.of(severity),
            **common_settings(
                escalation_enabled,
                escalation_delay,
                escalation_levels,
                notification_channels,
                custom_message,
            ),
        )
        parts = [
            engine_condition(one["metric_name"], condition_of(one["condition"]), one["threshold"])
            for one in plain
        ]
        known = [part for part in parts if part is not None]
        # Of a rule that the engine knows only in part it would tell something else.
        self._give(rule, f" {word.lower()} ".join(known) if len(known) == len(parts) else None)
        self._files().add(rule)
        return rule

    def get_custom_rules(self) -> list[CustomAlertRule]:
        """Return the rules over one metric, newest first."""
        return self._files().custom()

    def get_complex_rules(self) -> list[ComplexAlertRule]:
        """Return the rules over several metrics, newest first."""
        return self._files().complex()

    def enable_rule(self, name: str, enabled: bool = True) -> bool:
        """Switch a rule on or off; ``False`` when there is none of that name."""
        if not self._files().enable(name, enabled):
            return False
        if name in self._engine_names():
            self._monitor.enable_alert_rule(name, enabled)
        self._open.pop(name, None)
        return True

    def delete_rule(self, name: str) -> bool:
        """Remove a rule; ``False`` when there is none of that name."""
        if not self._files().delete(name):
            return False
        if name in self._engine_names():
            self._monitor.remove_alert_rule(name)
        self._open.pop(name, None)
        return True

    # Checking.

    def check_custom_rules(self, metrics: Any) -> list[dict[str, Any]]:
        """Hold the rules over one metric against metrics; return those that begin to hold.

        A metric that is absent or ``None`` neither begins nor ends anything. Each check also
        takes the escalations further that are due.
        """
        values = plain_metrics(metrics)
        now = known_number(values.get("timestamp")) or time.time()
        found: list[dict[str, Any]] = []
        for rule in self.get_custom_rules():
            value = values.get(rule.metric_name)
            alert = {
                "rule_name": rule.name,
                "metric_name": rule.metric_name,
                "current_value": value,
                "threshold": rule.threshold,
                "condition": rule.condition.value,
                "severity": rule.severity,
                "message": rule.custom_message
                or f"{rule.name}: {rule.metric_name} is {value}, {rule.condition.value} "
                f"{rule.threshold}",
                "timestamp": now,
            }
            does = holds(value, rule.condition, rule.threshold)
            if rule.enabled and self._follow(rule, does, alert, now):
                found.append(alert)
        return found

    def check_complex_rules(self, metrics: Any) -> list[dict[str, Any]]:
        """Hold the rules over several metrics against metrics; return those that begin to hold.

        A rule whose metrics are absent does not hold.
        """
        values = plain_metrics(metrics)
        now = known_number(values.get("timestamp")) or time.time()
        found: list[dict[str, Any]] = []
        for rule in self.get_complex_rules():
            held = [
                holds(
                    values.get(one["metric_name"]), condition_of(one["condition"]), one["threshold"]
                )
                for one in rule.conditions
            ]
            words = f" {rule.operator} ".join(
                f"{one['metric_name']} {one['condition']} {one['threshold']}"
                for one in rule.conditions
            )
            alert = {
                "rule_name": rule.name,
                "conditions": rule.conditions,
                "operator": rule.operator,
                "severity": rule.severity,
                "message": rule.custom_message or f"{rule.name}: {words}",
                "timestamp": now,
            }
            does = joined(rule.operator, held)
            if rule.enabled and self._follow(rule, does, alert, now):
                found.append(alert)
        return found

    def acknowledge_rule(self, name: str, acknowledged_by: str = "user") -> bool:
        """Take note of a rule that holds: it does not escalate any more."""
        known = self._open.get(name)
        if known is None:
            return False
        self._open[name] = known._replace(acknowledged=True)
        self._files().acknowledge(name, acknowledged_by, time.time())
        return True

    def get_escalations(self) -> list[AlertEscalation]:
        """Return the steps of escalations so far, oldest first."""
        return self._files().escalations()

    def get_notification_history(self) -> list[dict[str, Any]]:
        """Return the attempts to tell channels, oldest first."""
        return self._files().notifications()

    def display_rules(self) -> None:
        """Print the rules."""
        rows: list[tuple[object, ...]] = [
            (
                rule.name,
                f"{rule.metric_name} {rule.condition.value} {rule.threshold}",
                rule.severity.value,
                "on" if rule.enabled else "off",
            )
            for rule in self.get_custom_rules()
        ]
        for complex_rule in self.get_complex_rules():
            words = f" {complex_rule.operator} ".join(
                f"{one['metric_name']} {one['condition']} {one['threshold']}"
                for one in complex_rule.conditions
            )
            state = "on" if complex_rule.enabled else "off"
            rows.append((complex_rule.name, words, complex_rule.severity.value, state))
        _tables.show("Rules", ("Rule", "Condition", "Severity", "State"), rows)

    # Private.

    def _files(self) -> CustomStore:
        path = self.db_path
        if self._store is None or self._store.path != path:
            self._store = CustomStore(path)
            rules: list[AnyRule] = [*self._store.custom(), *self._store.complex()]
            if any(rule.escalation_enabled for rule in rules):
                self._follow_engine()
        return self._store

    def _follow_engine(self) -> None:
        monitor = self._monitor
        if self._follows != id(monitor):
            self._follows = id(monitor)
            follow(self, monitor)

    def _engine_escalated(self, step: AlertEscalation) -> None:
        if step.rule_name in self._files().names():
            self._files().escalated(step)

    def _engine_names(self) -> set[str]:
        return {rule.name for rule in self._monitor.alert_rules()}

    def _free(self, name: str) -> str:
        if not name:
            raise refused("name", repr(name), "a name")
        if name in self._files().names() or name in self._engine_names():
            raise DuplicateRuleError(f"name: {name!r} is not allowed: it exists already")
        return name

    def _give(self, rule: AnyRule, when: str | None) -> None:
        """Have the engine evaluate a rule, where it measures what the rule is about."""
        if when is None:
            return
        channels = self._monitor.alert_channels()
        fields: dict[str, Any] = {
            "name": rule.name,
            "description": rule.description,
            "when": when,
            "severity": rule.severity.value,
            "cooldown": f"{self.cooldown:g}s",
            "channels": [name for name in rule.notification_channels if name in channels],
            "message": rule.custom_message,
        }
        if rule.escalation_enabled:
            self._follow_engine()
            fields["escalate"] = [
                {"after": f"{rule.escalation_delay * place:g}m", "severity": level.value}
                for place, level in enumerate(rule.escalation_levels, 1)
            ]
        self._monitor.add_alert_rule(fields)

    def _follow(self, rule: AnyRule, does: bool | None, alert: dict[str, Any], now: float) -> bool:
        """Take a rule's life further; true when it begins to hold."""
        known = self._open.get(rule.name)
        if does is None:
            return False
        if not does:
            self._open.pop(rule.name, None)
            return False
        if known is not None:
            self._escalate(rule, known, alert, now)
            return False
        last = rule.last_triggered
        # A clock that was set back must not silence it for long.
        if last is not None and abs(now - last) < self.cooldown:
            return False
        self._last_id = max(self._last_id, int(now * 1000)) + 1
        self._open[rule.name] = _Open(self._last_id, now, 0, acknowledged=False)
        self._files().triggered(rule, now)
        self._tell(rule, alert, self._last_id, now)
        return True

    def _escalate(self, rule: AnyRule, known: _Open, alert: dict[str, Any], now: float) -> None:
        delay = rule.escalation_delay * 60.0
        while rule.escalation_enabled and not known.acknowledged:
            if known.steps >= len(rule.escalation_levels):
                return
            if now - known.since < delay * (known.steps + 1):
                return
            level = rule.escalation_levels[known.steps]
            message = f"{level.value}: {alert['message']}"
            sent = self._tell(rule, {**alert, "message": message}, known.alert_id, now)
            step = AlertEscalation(None, known.alert_id, rule.name, level, now, message, sent)
            self._files().escalated(step)
            known = known._replace(steps=known.steps + 1)
            self._open[rule.name] = known

    def _tell(self, rule: AnyRule, alert: dict[str, Any], alert_id: int, now: float) -> bool:
        """Tell the rule's channels; true when at least one could be told."""
        told = False
        for name in rule.notification_channels:
            error: str | None = None
            channel = self.notification_channels.get(name)
            if channel is None:
                error = f"there is no channel {name!r}"
            else:
                try:
                    channel(rule, alert)
                    told = True
                except Exception as problem:
                    error = f"{type(problem).__name__}: {problem}"
                    if not isinstance(problem, InvalidStateError):
                        _native.report_unraisable(problem, channel)
            self._files().told(rule.name, alert_id, name, alert["message"], now, error)
        return told
