"""Where alerts are that programs saved themselves, and rules over their own metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._alert_values import Alert, AlertSeverity
from ._files import File, insert
from ._plain import columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

_TABLES = ("alerts", "alert_rules", "notification_settings")

_FIRST_ID = 1_000_000_000
"""Saved alerts are numbered from here, so that the engine's numbers are others."""

_RULE_COLUMNS = ("metric_name", "threshold", "severity", "enabled", "description")

RESOLVED = "resolved"
"""Who acknowledged an alert that is over, here and in the engine's view."""

SEEDED = (
    "CPU Warning",
    "CPU Critical",
    "Memory Warning",
    "Memory Critical",
    "Disk Warning",
    "Disk Critical",
    "Temperature Warning",
    "Temperature Critical",
)
"""Rules that the prototype put into every file; they are the engine's now.

The engine has its other rules in the table, too, with numbers below 0.
"""


class AlertStore:
    """That file."""

    def __init__(self, path: str | None) -> None:
        self._file = File(path, _TABLES)

    @property
    def path(self) -> str | None:
        """Where it is."""
        return self._file.path

    def save(self, alerts: Iterable[Alert]) -> None:
        """Keep alerts and give each its number."""
        table = self._file.table("alerts")
        with self._file.work() as connection:
            (last,) = connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608
            number = max(last or 0, _FIRST_ID)
            for alert in alerts:
                number += 1
                values = columns({name: alert[name] for name in Alert.__match_args__})
                insert(connection, table, {**values, "id": number})
                alert.id = number
            self._file.prune(connection, "alerts")

    def active(self) -> list[Alert]:
        """Return those that nobody has acknowledged and that are not over."""
        # The columns by name: an older file has further ones.
        names = ", ".join(Alert.__match_args__)
        rows = self._file.rows(
            f"SELECT {names} FROM {self._file.table('alerts')} "  # noqa: S608
            "WHERE NOT ifnull(acknowledged, 0) ORDER BY timestamp DESC, id DESC"
        )
        return [
            Alert(**{**row, "severity": AlertSeverity.of(row["severity"]), "acknowledged": False})
            for row in rows
        ]

    def acknowledge(self, number: int, by: str, now: float) -> bool:
        """Take note of one; false when there is none of that number."""
        table = self._file.table("alerts")
        set_to = "acknowledged = 1, acknowledged_by = ?, acknowledged_at = ?"
        sql = f"UPDATE {table} SET {set_to} WHERE id = ?"  # noqa: S608
        return self._file.run(sql, (by, now, number)) > 0

    def resolve(self, metrics: Collection[str], now: float) -> None:
        """End those of metrics that are normal again."""
        # The prototype's table has no other word for it.
        for alert in self.active():
            if alert.metric_name in metrics and alert.id is not None:
                self.acknowledge(alert.id, RESOLVED, now)

    def severities(self) -> dict[str, int]:
        """Count all by severity."""
        table = self._file.table("alerts")
        rows = self._file.rows(f"SELECT severity, count(*) FROM {table} GROUP BY 1")  # noqa: S608
        return {row["severity"]: row["count(*)"] for row in rows}

    def since(self, time: float) -> int:
        """Count those since a time."""
        table = self._file.table("alerts")
        rows = self._file.rows(f"SELECT count(*) FROM {table} WHERE timestamp >= ?", (time,))  # noqa: S608
        return int(rows[0]["count(*)"])

    def seed(self, rules: Iterable[dict[str, Any]]) -> None:
        """Have the prototype's rules in a file of one's own; the engine has them in its own."""
        known = {row["rule_name"] for row in self._file.rows("SELECT rule_name FROM alert_rules")}
        news = [
            rule for rule in rules if rule["rule_name"] in SEEDED and rule["rule_name"] not in known
        ]
        if news and not self._file.is_engines:
            with self._file.work() as connection:
                for rule in news:
                    insert(connection, "alert_rules", rule)

    def add_rule(
        self, name: str, metric: str, threshold: float, severity: AlertSeverity, description: str
    ) -> None:
        """Keep a rule."""
        self._file.run(
            "INSERT INTO alert_rules (rule_name, metric_name, threshold, severity, enabled, "
            "description) VALUES (?, ?, ?, ?, 1, ?)",
            (name, metric, threshold, severity.value, description),
        )

    def enable_rule(self, name: str, enabled: bool) -> bool:
        """Switch a rule; false when there is none of that name."""
        if name in SEEDED:
            return False
        sql = "UPDATE alert_rules SET enabled = ? WHERE rule_name = ? AND id > 0"
        return self._file.run(sql, (enabled, name)) > 0

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules."""
        rows = self._file.rows(
            "SELECT id, rule_name, metric_name, threshold, severity, enabled, description "
            "FROM alert_rules"
        )
        return [
            {
                "rule_name": row["rule_name"],
                **{name: row[name] for name in _RULE_COLUMNS},
                "enabled": bool(row["enabled"]),
                "description": row["description"] or "",
            }
            for row in rows
            if _is_programs(row)
        ]


def _is_programs(row: dict[str, Any]) -> bool:
    """Whether a rule of the table is none of the engine's."""
    return bool(row) and row["id"] > 0 and row["rule_name"] not in SEEDED
