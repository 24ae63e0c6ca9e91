"""A prototype's folder through ``unified_system_monitor.migrate``."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from unified_system_monitor import History, InvalidArgumentError, NotFoundError, migrate

ROWS = 500


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A prototype's folder: metrics of 500 moments and a rule."""
    folder = tmp_path / "db"
    folder.mkdir()
    start = time.time() - 10.0 * ROWS
    metrics = sqlite3.connect(folder / "system_metrics.db")
    metrics.execute(
        "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT"
        " NULL, cpu_percent REAL, memory_percent REAL, created_at DATETIME DEFAULT"
        " CURRENT_TIMESTAMP)"
    )
    metrics.executemany(
        "INSERT INTO system_metrics (timestamp, cpu_percent, memory_percent) VALUES (?, ?, 50)",
        [(start + 10.0 * n, n % 100) for n in range(ROWS)],
    )
    metrics.commit()
    metrics.close()
    rules = sqlite3.connect(folder / "system_alerts.db")
    rules.executescript(
        "CREATE TABLE alert_rules (id INTEGER PRIMARY KEY AUTOINCREMENT, rule_name TEXT UNIQUE"
        " NOT NULL, metric_name TEXT NOT NULL, threshold REAL NOT NULL, severity TEXT NOT NULL,"
        " enabled BOOLEAN DEFAULT TRUE, description TEXT, created_at DATETIME DEFAULT"
        " CURRENT_TIMESTAMP);"
        "INSERT INTO alert_rules (rule_name, metric_name, threshold, severity)"
        " VALUES ('Many processes', 'process_count', 500, 'warning')"
    )
    rules.close()
    return folder


def tables(report: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    """Count found, imported, already there and skipped of each table's ways."""
    return {
        (table["table"], table["into"]): (
            table["found"],
            table["imported"],
            table["already_there"],
            table["skipped"],
        )
        for file in report["files"]
        for table in file["tables"]
    }


def test_it_comes_in_once_and_is_found(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shares: list[float] = []
    report = migrate(folder, data, progress=shares.append)
    assert report["complete"]
    assert not report["dry_run"]
    assert tables(report) == {
        ("system_metrics", "unified_system_states"): (ROWS, ROWS, 0, 0),
        ("system_metrics", "history"): (ROWS, ROWS, 0, 0),
        ("alert_rules", "alert_rules"): (1, 1, 0, 0),
    }
    assert report["imported"] == 2 * ROWS + 1
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with sqlite3.connect(data / "system_metrics.db") as connection:
        rows = connection.execute("SELECT count(*), sum(cpu_percent) FROM system_metrics")
        assert rows.fetchone() == (ROWS, 5 * 4950)
    with History(data / "unified_system.db") as history:
        table = history.query("cpu_percent", since=time.time() - 7200)
        assert len(table.times) > 0
    again = migrate(str(folder), str(data))
    assert again["imported"] == 0
    assert tables(again)[("system_metrics", "history")] == (ROWS, 0, ROWS, 0)


def test_a_dry_run_writes_nothing(folder: Path, tmp_path: Path) -> None:
    report = migrate(folder, tmp_path / "data", dry_run=True)
    assert report["imported"] == 2 * ROWS + 1
    assert not (tmp_path / "data").exists()


def test_an_exception_of_the_callback_ends_it_and_it_can_be_gone_on_with(
    folder: Path, tmp_path: Path
) -> None:
    def stop(share: float) -> None:
        raise KeyError(share)

    with pytest.raises(KeyError):
        migrate(folder, tmp_path / "data", progress=stop)
    report = migrate(folder, tmp_path / "data")
    assert report["complete"]
    found, imported, there, skipped = tables(report)[("system_metrics", "unified_system_states")]
    assert (found, imported + there, skipped) == (ROWS, ROWS, 0)


def test_beside_a_monitor_of_this_process_rows_come_and_samples_wait(
    folder: Path, tmp_path: Path, monitor: Any
) -> None:
    report = migrate(folder, tmp_path / "data")
    assert not report["complete"]
    counts = tables(report)
    assert counts[("system_metrics", "unified_system_states")] == (ROWS, ROWS, 0, 0)
    assert counts[("system_metrics", "history")] == (ROWS, 0, 0, ROWS)
    errors = [table["error"] for file in report["files"] for table in file["tables"]]
    assert any(error and "stop the monitor" in error for error in errors)
    monitor.stop_monitoring()
    monitor.close()
    report = migrate(folder, tmp_path / "data")
    assert report["complete"]
    assert tables(report)[("system_metrics", "history")] == (ROWS, ROWS, 0, 0)


def test_a_wrong_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        migrate(tmp_path / "nowhere", tmp_path / "data")
    with pytest.raises(InvalidArgumentError, match="system_metrics"):
        migrate(tmp_path, tmp_path / "data")
    assert not (tmp_path / "data").exists()
