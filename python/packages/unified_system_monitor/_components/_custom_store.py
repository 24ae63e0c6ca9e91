"""Where rules of one's own are, their escalations, and who was told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar, Union

from ._alert_values import AlertSeverity
from ._conditions import condition_of
from ._custom_values import (
    AlertCondition,
    AlertEscalation,
    ComplexAlertRule,
    CustomAlertRule,
    EscalationLevel,
)
from ._files import File, insert, log

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

AnyRule = Union[CustomAlertRule, ComplexAlertRule]
_Rule = TypeVar("_Rule", CustomAlertRule, ComplexAlertRule)

_KINDS: dict[type[Any], str] = {
    CustomAlertRule: "custom_alert_rules",
    ComplexAlertRule: "complex_alert_rules",
}
_TABLES = (
    "custom_alert_rules",
    "complex_alert_rules",
    "alert_escalations",
    "notification_history",
)


class CustomStore:
    """That file."""

    def __init__(self, path: str | None) -> None:
        self._file = File(path, _TABLES)

    @property
    def path(self) -> str | None:
        """Where it is."""
        return self._file.path

    def names(self) -> set[str]:
        """Return the names that are taken."""
        rows = self._file.rows(
            "SELECT name FROM custom_alert_rules UNION SELECT name FROM complex_alert_rules"
        )
        return {row["name"] for row in rows}

    def add(self, rule: AnyRule) -> None:
        """Keep a rule and give it its number."""
        values = {name: _kept(value) for name, value in rule.items() if name != "id"}
        with self._file.work() as connection:
            rule.id = insert(connection, _KINDS[type(rule)], values)

    def custom(self) -> list[CustomAlertRule]:
        """Return the rules over one metric, newest first."""
        return self._rules(
            CustomAlertRule, lambda row: {"condition": condition_of(row["condition"])}
        )

    def complex(self) -> list[ComplexAlertRule]:
        """Return the rules over several metrics, newest first."""
        return self._rules(
            ComplexAlertRule, lambda row: {"conditions": json.loads(row["conditions"])}
        )

    def _rules(
        self, kind: type[_Rule], own: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> list[_Rule]:
        table = _KINDS[kind]
        rules: list[_Rule] = []
        for row in self._file.rows(f"SELECT * FROM {table} ORDER BY created_at DESC, id DESC"):  # noqa: S608
            try:
                rules.append(kind(**{**_read(row, kind), **own(row)}))
            except (ValueError, TypeError) as problem:
                # Another program's: the other rules go on.
                log("%s: rule %r can't be read: %s", table, row["name"], problem)
        return rules

    def triggered(self, rule: AnyRule, at: float) -> None:
        """Note when a rule last held."""
        rule.last_triggered = at
        self._file.run(
            f"UPDATE {_KINDS[type(rule)]} SET last_triggered = ? WHERE name = ?",  # noqa: S608
            (at, rule.name),
        )

    def enable(self, name: str, enabled: bool) -> bool:
        """Switch a rule; false when there is none of that name."""
        return (
            sum(
                self._file.run(f"UPDATE {table} SET enabled = ? WHERE name = ?", (enabled, name))  # noqa: S608
                for table in _KINDS.values()
            )
            > 0
        )

    def delete(self, name: str) -> bool:
        """Remove a rule; false when there is none of that name."""
        return (
            sum(
                self._file.run(f"DELETE FROM {table} WHERE name = ?", (name,))  # noqa: S608
                for table in _KINDS.values()
            )
            > 0
        )

    def escalated(self, step: AlertEscalation) -> None:
        """Keep a step of an escalation and give it its number."""
        values = {name: _kept(value) for name, value in step.items() if name != "id"}
        with self._file.work() as connection:
            step.id = insert(connection, "alert_escalations", values)
            self._file.prune(connection, "alert_escalations")

    def escalations(self) -> list[AlertEscalation]:
        """Return the steps, oldest first."""
        rows = self._file.rows("SELECT * FROM alert_escalations ORDER BY id")
        return [
            AlertEscalation(
                **{
                    **{name: row[name] for name in AlertEscalation.__match_args__},
                    "escalation_level": EscalationLevel(row["escalation_level"]),
                    "notification_sent": bool(row["notification_sent"]),
                    "acknowledged": bool(row["acknowledged"]),
                }
            )
            for row in rows
        ]

    def acknowledge(self, rule_name: str, by: str, at: float) -> None:
        """Take note of the steps of a rule."""
        self._file.run(
            "UPDATE alert_escalations SET acknowledged = 1, acknowledged_by = ?, "
            "acknowledged_at = ? WHERE rule_name = ? AND NOT acknowledged",
            (by, at, rule_name),
        )

    def told(
        self,
        rule_name: str,
        alert_id: int,
        channel: str,
        message: str,
        at: float,
        error: str | None,
    ) -> None:
        """Note an attempt to tell a channel."""
        values = {
            "rule_name": rule_name,
            "alert_id": alert_id,
            "channel": channel,
            "message": message,
            "sent_at": at,
            "success": error is None,
            "error_message": error,
        }
        with self._file.work() as connection:
            insert(connection, self._file.table("notification_history"), values)
            self._file.prune(connection, "notification_history")

    def notifications(self) -> list[dict[str, Any]]:
        """Return the attempts, oldest first."""
        table = self._file.table("notification_history")
        rows = self._file.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608
        return [{**row, "success": bool(row["success"])} for row in rows]


def _kept(value: Any) -> Any:
    if isinstance(value, (AlertCondition, AlertSeverity, EscalationLevel)):
        return value.value
    if isinstance(value, list):
        return json.dumps([_kept(one) for one in value])
    return value


def _read(row: dict[str, Any], kind: type[AnyRule]) -> dict[str, Any]:
    levels = json.loads(row["escalation_levels"] or "[]")
    return {
        **{name: row.get(name) for name in kind.__match_args__},
        "description": row["description"] or "",
        "severity": AlertSeverity.of(row["severity"]),
        "enabled": bool(row["enabled"]),
        "escalation_enabled": bool(row["escalation_enabled"]),
        "escalation_levels": [EscalationLevel(str(level).lower()) for level in levels],
        "notification_channels": json.loads(row["notification_channels"] or "[]"),
    }
