"""The file of rules of one's own, of their escalations and of who was told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Union

from ._alert_values import AlertSeverity
from ._custom_values import (
    AlertCondition,
    AlertEscalation,
    ComplexAlertRule,
    CustomAlertRule,
    EscalationLevel,
)
from ._files import File

if TYPE_CHECKING:
    from typing import Any

AnyRule = Union[CustomAlertRule, ComplexAlertRule]

_TAIL = (
    "severity TEXT NOT NULL",
    "enabled INTEGER DEFAULT 1",
    "escalation_enabled INTEGER DEFAULT 0",
    "escalation_delay REAL DEFAULT 5",
    "escalation_levels TEXT",
    "notification_channels TEXT",
    "custom_message TEXT",
    "created_at REAL",
    "last_triggered REAL",
)
_HEAD = (
    "id INTEGER PRIMARY KEY AUTOINCREMENT",
    "name TEXT UNIQUE NOT NULL",
    "description TEXT",
)
_TABLES = {
    "custom_alert_rules": (
        *_HEAD,
        "metric_name TEXT NOT NULL",
        "condition TEXT NOT NULL",
        "threshold BLOB NOT NULL",
        *_TAIL,
    ),
    "complex_alert_rules": (
        *_HEAD,
        "conditions TEXT NOT NULL",
        "operator TEXT NOT NULL",
        *_TAIL,
    ),
    "alert_escalations": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "alert_id INTEGER",
        "rule_name TEXT NOT NULL",
        "escalation_level TEXT NOT NULL",
        "triggered_at REAL NOT NULL",
        "message TEXT",
        "notification_sent INTEGER DEFAULT 0",
        "acknowledged INTEGER DEFAULT 0",
        "acknowledged_by TEXT",
        "acknowledged_at REAL",
    ),
    "notification_history": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "rule_name TEXT NOT NULL",
        "alert_id INTEGER",
        "channel TEXT NOT NULL",
        "message TEXT",
        "sent_at REAL",
        "success INTEGER",
        "error_message TEXT",
    ),
}
_KINDS: dict[type[Any], str] = {
    CustomAlertRule: "custom_alert_rules",
    ComplexAlertRule: "complex_alert_rules",
}
_MOST_ROWS = 20_000


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
        columns, places = ", ".join(values), ", ".join("?" * len(values))
        table = _KINDS[type(rule)]
        with self._file.work() as connection:
            done = connection.execute(
                f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
                list(values.values()),
            )
            rule.id = done.lastrowid

    def custom(self) -> list[CustomAlertRule]:
        """Return the rules over one metric, newest first."""
        rows = self._file.rows("SELECT * FROM custom_alert_rules ORDER BY created_at DESC, id DESC")
        return [
            CustomAlertRule(
                **_read(row, CustomAlertRule, condition=AlertCondition(row["condition"]))
            )
            for row in rows
        ]

    def complex(self) -> list[ComplexAlertRule]:
        """Return the rules over several metrics, newest first."""
        rows = self._file.rows(
            "SELECT * FROM complex_alert_rules ORDER BY created_at DESC, id DESC"
        )
        return [
            ComplexAlertRule(
                **_read(row, ComplexAlertRule, conditions=json.loads(row["conditions"]))
            )
            for row in rows
        ]

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
        columns, places = ", ".join(values), ", ".join("?" * len(values))
        with self._file.work() as connection:
            done = connection.execute(
                f"INSERT INTO alert_escalations ({columns}) VALUES ({places})",  # noqa: S608
                list(values.values()),
            )
            step.id = done.lastrowid
            connection.execute(
                "DELETE FROM alert_escalations WHERE id <= ?", ((step.id or 0) - _MOST_ROWS,)
            )

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
        with self._file.work() as connection:
            done = connection.execute(
                "INSERT INTO notification_history (rule_name, alert_id, channel, message, "
                "sent_at, success, error_message) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (rule_name, alert_id, channel, message, at, error is None, error),
            )
            connection.execute(
                "DELETE FROM notification_history WHERE id <= ?",
                ((done.lastrowid or 0) - _MOST_ROWS,),
            )

    def notifications(self) -> list[dict[str, Any]]:
        """Return the attempts, oldest first."""
        rows = self._file.rows("SELECT * FROM notification_history ORDER BY id")
        return [{**row, "success": bool(row["success"])} for row in rows]


def _kept(value: Any) -> Any:
    if isinstance(value, (AlertCondition, AlertSeverity, EscalationLevel)):
        return value.value
    if isinstance(value, list):
        return json.dumps([_kept(one) for one in value])
    return value


def _read(row: dict[str, Any], kind: type[AnyRule], **own: Any) -> dict[str, Any]:
    levels = json.loads(row["escalation_levels"] or "[]")
    return {
        **{name: row[name] for name in kind.__match_args__},
        "description": row["description"] or "",
        "severity": AlertSeverity.of(row["severity"]),
        "enabled": bool(row["enabled"]),
        "escalation_enabled": bool(row["escalation_enabled"]),
        "escalation_levels": [EscalationLevel(level) for level in levels],
        "notification_channels": json.loads(row["notification_channels"] or "[]"),
        **own,
    }
