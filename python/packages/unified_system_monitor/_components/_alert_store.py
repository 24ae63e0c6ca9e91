"""The file of alerts that programs saved themselves, and of rules over their own metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._alert_values import Alert, AlertSeverity
from ._files import File

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

_TABLES = {
    "alerts": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "timestamp REAL NOT NULL",
        "alert_type TEXT NOT NULL",
        "metric_name TEXT NOT NULL",
        "metric_value REAL",
        "threshold REAL",
        "severity TEXT NOT NULL",
        "message TEXT",
        "acknowledged INTEGER DEFAULT 0",
        "acknowledged_by TEXT",
        "acknowledged_at REAL",
        "resolved_at REAL",
        "created_at REAL DEFAULT (strftime('%s', 'now'))",
    ),
    "alert_rules": (
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "rule_name TEXT UNIQUE NOT NULL",
        "metric_name TEXT NOT NULL",
        "threshold REAL NOT NULL",
        "severity TEXT NOT NULL",
        "enabled INTEGER DEFAULT 1",
        "description TEXT",
    ),
}

_FIRST_ID = 1_000_000_000
"""Saved alerts are numbered from here, so that the engine's numbers are others."""

_MOST_ROWS = 20_000

_SEEDED = (
    "CPU Warning",
    "CPU Critical",
    "Memory Warning",
    "Memory Critical",
    "Disk Warning",
    "Disk Critical",
    "Temperature Warning",
    "Temperature Critical",
)
"""Rules that the prototype put into every file; they are the engine's now."""


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
        with self._file.work() as connection:
            # Nobody else shall take the same numbers meanwhile.
            connection.execute("BEGIN IMMEDIATE")
            (last,) = connection.execute("SELECT ifnull(max(id), 0) FROM alerts").fetchone()
            number = max(last, _FIRST_ID)
            for alert in alerts:
                number += 1
                connection.execute(
                    "INSERT INTO alerts (id, timestamp, alert_type, metric_name, metric_value, "
                    "threshold, severity, message, acknowledged, acknowledged_by, "
                    "acknowledged_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        number,
                        alert.timestamp,
                        alert.alert_type,
                        alert.metric_name,
                        alert.metric_value,
                        alert.threshold,
                        AlertSeverity.of(alert.severity).value,
                        alert.message,
                        alert.acknowledged,
                        alert.acknowledged_by,
                        alert.acknowledged_at,
                    ),
                )
                alert.id = number
            connection.execute("DELETE FROM alerts WHERE id <= ?", (number - _MOST_ROWS,))

    def active(self) -> list[Alert]:
        """Return those that nobody has acknowledged and that are not over."""
        rows = self._file.rows(
            "SELECT id, timestamp, alert_type, metric_name, metric_value, threshold, severity, "
            "message FROM alerts WHERE NOT acknowledged AND resolved_at IS NULL "
            "ORDER BY timestamp DESC, id DESC"
        )
        return [Alert(**{**row, "severity": AlertSeverity.of(row["severity"])}) for row in rows]

    def acknowledge(self, number: int, by: str, now: float) -> bool:
        """Take note of one; false when there is none of that number."""
        return (
            self._file.run(
                "UPDATE alerts SET acknowledged = 1, acknowledged_by = ?, acknowledged_at = ? "
                "WHERE id = ?",
                (by, now, number),
            )
            > 0
        )

    def resolve(self, metrics: Collection[str], now: float) -> None:
        """End those of metrics that are normal again."""
        rows = self._file.rows("SELECT id, metric_name FROM alerts WHERE resolved_at IS NULL")
        over = [(now, row["id"]) for row in rows if row["metric_name"] in metrics]
        if over:
            with self._file.work() as connection:
                connection.executemany("UPDATE alerts SET resolved_at = ? WHERE id = ?", over)

    def severities(self) -> dict[str, int]:
        """Count all by severity."""
        rows = self._file.rows("SELECT severity, count(*) AS number FROM alerts GROUP BY severity")
        return {row["severity"]: row["number"] for row in rows}

    def since(self, time: float) -> int:
        """Count those since a time."""
        rows = self._file.rows(
            "SELECT count(*) AS number FROM alerts WHERE timestamp >= ?", (time,)
        )
        return int(rows[0]["number"])

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
        if name in _SEEDED:
            return False
        return (
            self._file.run(
                "UPDATE alert_rules SET enabled = ? WHERE rule_name = ?", (enabled, name)
            )
            > 0
        )

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules."""
        rows = self._file.rows(
            "SELECT rule_name, metric_name, threshold, severity, enabled, description "
            "FROM alert_rules"
        )
        return [
            {
                **row,
                "enabled": bool(row["enabled"]),
                "description": row["description"] or "",
            }
            for row in rows
            if row["rule_name"] not in _SEEDED
        ]
