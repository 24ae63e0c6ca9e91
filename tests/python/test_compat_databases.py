"""The prototype's databases, read with SQLite alone: every file, table and column, true rows."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from conftest import MakeMonitor, MakeOptimizer, until
from contract_tables import DATABASES, RECORDS, arguments, has_columns
from unified_system_monitor import IntegrationConfig, SystemState, UnifiedSystemMonitor

TABLES = [(file, table) for file, tables in DATABASES.items() for table in tables]
MONITORS = [(file, table) for file, table in TABLES if file != "performance_optimizer.db"]

READ_ALL = """
import json, sqlite3, sys
folder, wanted = sys.argv[1], json.loads(sys.argv[2])
found = []
for file, table in wanted:
    connection = sqlite3.connect(folder + "/" + file)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    found.append([file, table, columns, rows])
    connection.close()
print(json.dumps(found))
"""


class Watched(NamedTuple):
    """A monitor that has run for a while, and its folder."""

    monitor: UnifiedSystemMonitor
    folder: Path

    def rows(self, file: str, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """Read one of the files, as a script does."""
        with closing(sqlite3.connect(self.folder / file)) as connection:
            return list(connection.execute(sql, values))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Watch for a while, with an alert that fires, and ask every component once."""
    folder = tmp_path_factory.mktemp("watched")
    config = IntegrationConfig(data_dir=folder, refresh_interval=0.05)
    with UnifiedSystemMonitor(config) as monitor:
        monitor.alert_manager.create_alert_rule("always", "memory_percent", 0.0, "critical")
        monitor.start_monitoring()
        until(lambda: len(monitor.state_history) >= 30)
        until(lambda: any(alert.fired_at for alert in monitor.alerts))
        monitor.predictive_analytics.run_analysis()
        monitor.ml_integration.train_anomaly_detection_model()
        monitor.ml_integration.collect_training_data()
        monitor.advanced_analytics.calculate_performance_baselines()
        recommender = monitor.tool_recommender
        context = recommender.get_system_context()
        recommender.log_recommendation("disk", recommender.recommend_tools("disk"), context)
        monitor.flush()
        yield Watched(monitor, folder)


def newest(watched: Watched) -> tuple[tuple[Any, ...], SystemState]:
    """Return the newest stored row and the state that it is of."""
    states = {state.timestamp: state for state in watched.monitor.state_history}
    for row in watched.rows(
        "system_metrics.db", "SELECT * FROM system_metrics ORDER BY timestamp DESC LIMIT 200"
    ):
        if row[1] in states:
            return row, states[row[1]]
    raise AssertionError("no stored row is of a state that is remembered")


@pytest.mark.parametrize(("file", "table"), MONITORS)
def test_every_table_has_the_columns_in_their_order(
    watched: Watched, file: str, table: str
) -> None:
    columns = [row[1] for row in watched.rows(file, f"PRAGMA table_info({table})")]
    assert has_columns(columns, DATABASES[file][table]), columns


def test_another_process_finds_every_table_in_its_file(watched: Watched) -> None:
    result = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(watched.folder), json.dumps(MONITORS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    counts: dict[str, int] = {}
    for file, table, columns, rows in json.loads(result.stdout):
        assert has_columns(columns, DATABASES[file][table]), (file, table, columns)
        counts[table] = rows
    for table in (
        "unified_system_states",
        "performance_metrics",
        "integration_events",
        "system_metrics",
        "system_alerts",
        "performance_history",
        "tools",
        "recommendation_history",
        "alerts",
        "alert_rules",
        "historical_metrics",
        "ml_models",
        "feature_engineering",
        "performance_baselines",
    ):
        assert counts[table] > 0, table


def test_the_number_of_a_metrics_column_is_that_of_the_contract(watched: Watched) -> None:
    row, state = newest(watched)
    metrics = state.metrics
    assert metrics is not None
    wanted = (
        metrics.timestamp,
        metrics.cpu_percent,
        metrics.memory_percent,
        metrics.memory_used_gb,
        metrics.memory_total_gb,
        metrics.disk_percent,
        metrics.disk_used_gb,
        metrics.disk_total_gb,
        metrics.network_sent_mb,
        metrics.network_recv_mb,
        metrics.network_sent_rate,
        metrics.network_recv_rate,
        metrics.process_count,
        *(metrics.load_average or (None, None, None)),
        metrics.temperature,
        metrics.battery_percent,
        None if metrics.battery_plugged is None else int(metrics.battery_plugged),
    )
    assert row[1:20] == pytest.approx(wanted, nan_ok=False)
    assert type(row[0]) is int
    made = time.strptime(row[20], "%Y-%m-%d %H:%M:%S")
    assert abs(time.mktime(made) - time.timezone - row[1]) < 3600 * 1.01


def test_the_metrics_are_true(watched: Watched) -> None:
    row, _ = newest(watched)
    assert row[5] == pytest.approx(psutil.virtual_memory().total / 1024**3)
    assert row[8] == pytest.approx(psutil.disk_usage("/").total / 1024**3, rel=0.2)
    assert row[13] == pytest.approx(len(psutil.pids()), rel=0.5, abs=20)
    assert 0.0 <= row[2] <= 100.0
    sent = psutil.net_io_counters().bytes_sent / 1024**2
    assert row[9] is None or 0.0 <= row[9] <= sent + 1.0


def test_the_rows_are_current(watched: Watched) -> None:
    before = watched.monitor.wait(timeout=20).timestamp
    # With the next one it is on its way to the database.
    watched.monitor.wait(timeout=20)
    watched.monitor.flush()
    for file, sql in (
        ("unified_system.db", "SELECT max(timestamp) FROM unified_system_states"),
        ("system_metrics.db", "SELECT max(timestamp) FROM system_metrics"),
        ("predictive_analytics.db", "SELECT max(timestamp) FROM historical_metrics"),
    ):
        ((last,),) = watched.rows(file, sql)
        assert last >= before, file


def test_a_state_is_stored_as_the_contract_says(watched: Watched) -> None:
    (_, state) = newest(watched)
    ((health, performance, security, metrics, alerts, created_at),) = watched.rows(
        "unified_system.db",
        "SELECT health_score, performance_score, security_score, metrics_data, alerts_data, "
        "created_at FROM unified_system_states WHERE timestamp = ?",
        (state.timestamp,),
    )
    scores = (state.health_score, state.performance_score, state.security_score)
    assert (health, performance, security) == pytest.approx(scores)
    _, fields = arguments(RECORDS["system_monitor"][0])
    assert list(json.loads(metrics)) == [field.name for field in fields]
    _, fields = arguments(RECORDS["alert_manager"][0])
    kept = json.loads(alerts)
    assert kept, "an alert fires"
    for alert in kept:
        assert {field.name for field in fields} <= set(alert)
        assert alert["severity"] in ("info", "warning", "critical")
    assert created_at == pytest.approx(time.time(), abs=3600)


def test_each_cycle_left_its_time(watched: Watched) -> None:
    found = watched.rows(
        "unified_system.db",
        "SELECT execution_time, memory_usage, cpu_usage, timestamp FROM performance_metrics "
        "WHERE component_name = 'unified_monitor' AND operation_name = 'state_collection'",
    )
    assert len(found) >= 10
    for seconds, _, _, at in found:
        assert 0.0 < seconds < 60.0
        assert at == pytest.approx(time.time(), abs=3600)


def test_the_history_is_that_of_the_metrics(watched: Watched) -> None:
    row, _ = newest(watched)
    kept = dict(
        watched.rows(
            "predictive_analytics.db",
            "SELECT metric_name, value FROM historical_metrics WHERE timestamp = ?",
            (row[1],),
        )
    )
    wanted = {
        "cpu_percent": row[2],
        "memory_percent": row[3],
        "disk_percent": row[6],
        "network_sent_mb": row[9],
        "network_recv_mb": row[10],
        "load_average_1": row[14],
        "process_count": row[13],
    }
    assert kept == pytest.approx({name: v for name, v in wanted.items() if v is not None})


def test_a_day_is_summed_up(watched: Watched) -> None:
    watched.monitor.stop_monitoring()
    watched.monitor.flush()
    found = watched.rows("system_metrics.db", "SELECT * FROM performance_history ORDER BY date")
    days: dict[str, list[tuple[Any, ...]]] = {}
    for row in watched.rows("system_metrics.db", "SELECT * FROM system_metrics"):
        day = time.strftime("%Y-%m-%d", time.localtime(row[1]))
        days.setdefault(day, []).append(row)
    assert [row[1] for row in found] == sorted(days)
    for row in found:
        of_day = days[row[1]]
        for place, column in ((2, 2), (4, 3), (6, 6)):
            values = [one[column] for one in of_day if one[column] is not None]
            assert row[place] == pytest.approx(sum(values) / len(values))
            assert row[place + 1] == max(values)
        assert row[10] == max(one[13] for one in of_day)
    watched.monitor.start_monitoring()


def test_an_alert_is_the_same_in_both_files_and_in_the_manager(watched: Watched) -> None:
    manager = watched.monitor.alert_manager
    columns = (
        "id, timestamp, alert_type, metric_name, metric_value, threshold, severity, message, "
        "acknowledged"
    )
    select = f"SELECT {columns} FROM {{}} WHERE alert_type = 'always'"
    (first,) = watched.rows("system_alerts.db", select.format("alerts"))
    (second,) = watched.rows("system_metrics.db", select.format("system_alerts"))
    assert first == second
    (alert,) = [one for one in manager.get_active_alerts() if one.alert_type == "always"]
    assert first[0:2] == (alert.id, pytest.approx(alert.timestamp))
    assert first[2:4] == ("always", "memory_percent")
    assert first[6] == "critical"
    # The value in it is that of the newest sample.
    assert first[7].startswith("always: memory_percent is ")
    assert alert.message.startswith("always: memory_percent is ")
    assert first[8] == 0
    assert first[5] == 0.0


def test_an_alert_that_is_over_is_no_active_one_for_sql_either(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    manager = monitor.alert_manager
    for name in ("stays", "goes"):
        manager.create_alert_rule(name, "memory_percent", 0.0, "warning")
    monitor.start_monitoring()

    def active(*names: str) -> bool:
        return {one.alert_type for one in manager.get_active_alerts()} >= set(names)

    until(lambda: active("stays", "goes"))
    manager.enable_alert_rule("goes", False)
    until(lambda: not active("goes"))
    monitor.stop_monitoring()
    monitor.flush()
    with closing(sqlite3.connect(str(manager.db_path))) as connection:
        sql = "SELECT alert_type FROM alerts WHERE acknowledged = 0"
        assert {name for (name,) in connection.execute(sql)} == {
            one.alert_type for one in manager.get_active_alerts()
        }
        (over,) = connection.execute("SELECT * FROM alerts WHERE alert_type = 'goes'")
    assert over[8:10] == (1, "resolved")


def test_the_seeded_rules_are_there_from_the_first_moment(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    monitor.flush()
    path = Path(str(monitor.unified_db)).with_name("system_alerts.db")
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rule_name, metric_name, threshold, severity, enabled FROM alert_rules"
        rules = {name: tuple(rest) for name, *rest in connection.execute(sql)}
    for about, metric, warning, critical in (
        ("CPU", "cpu_percent", 70, 90),
        ("Memory", "memory_percent", 80, 95),
        ("Disk", "disk_percent", 85, 95),
        ("Temperature", "temperature", 70, 85),
    ):
        assert rules[f"{about} Warning"] == (metric, warning, "warning", 1)
        assert rules[f"{about} Critical"] == (metric, critical, "critical", 1)


def test_the_seeded_tools_are_there(watched: Watched) -> None:
    found = dict(watched.rows("tool_analytics.db", "SELECT name, category FROM tools"))
    for category, names in {
        "monitoring": ("htop", "nvitop", "iotop", "glances"),
        "storage": ("ncdu",),
        "development": ("git", "docker"),
        "productivity": ("fzf", "ripgrep", "tmux", "zsh"),
        "security": ("nmap",),
        "utilities": ("jq", "tree", "wget", "curl"),
    }.items():
        for name in names:
            assert name in found, f"{category}: {name}"


def test_what_a_script_of_the_prototypes_time_saves_is_a_state(watched: Watched) -> None:
    at = time.time() - 7200.0
    columns = DATABASES["system_metrics.db"]["system_metrics"][1:-1]
    values = [at, 12.5, 50.0, 4.0, 8.0, 60.0, 60.0, 100.0, 1.0, 2.0, 0.1, 0.2, 99, 1.0, 2.0, 3.0]
    with closing(sqlite3.connect(watched.folder / "system_metrics.db")) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS system_metrics (id INTEGER PRIMARY KEY)")
        connection.execute(
            f"INSERT INTO system_metrics ({', '.join(columns)}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            [*values, None, None, None],
        )
    ((*found, created_at),) = watched.rows(
        "system_metrics.db", "SELECT * FROM system_metrics WHERE timestamp = ?", (at,)
    )
    assert found[1:] == [*values, None, None, None]
    assert created_at is not None
    (state,) = watched.monitor.stored_states(at - 1, at + 1)
    metrics = json.loads(state["metrics_data"])
    assert (metrics["cpu_percent"], metrics["temperature"]) == (12.5, None)


def test_an_alert_is_acknowledged_by_sql_through_the_engine(watched: Watched) -> None:
    monitor = watched.monitor
    ((number,),) = watched.rows(
        "system_alerts.db", "SELECT id FROM alerts WHERE alert_type = 'always'"
    )
    with closing(sqlite3.connect(watched.folder / "system_alerts.db")) as connection, connection:
        connection.execute(
            "UPDATE alerts SET acknowledged = 1, acknowledged_by = 'script', acknowledged_at = ? "
            "WHERE id = ?",
            (time.time(), number),
        )
    until(
        lambda: [one for one in monitor.alerts if one.id == number and one.acknowledged is not None]
    )
    (alert,) = [one for one in monitor.alerts if one.id == number]
    assert alert.acknowledged is not None
    assert alert.acknowledged.by == "script"


def test_the_files_are_links_to_one_database_for_the_user_alone(watched: Watched) -> None:
    for file in DATABASES:
        path = watched.folder / file
        if file in ("unified_system.db", "performance_optimizer.db"):
            assert not path.is_symlink()
            continue
        assert path.readlink() == Path("unified_system.db")
        assert path.stat().st_mode & 0o077 == 0


def test_a_reader_that_stays_open_sees_each_new_row(watched: Watched) -> None:
    with closing(sqlite3.connect(watched.folder / "system_metrics.db")) as connection:
        (before,) = connection.execute("SELECT max(timestamp) FROM system_metrics").fetchone()
        state = watched.monitor.wait(timeout=20)
        watched.monitor.wait(timeout=20)
        watched.monitor.flush()
        (after,) = connection.execute("SELECT max(timestamp) FROM system_metrics").fetchone()
    assert after > before
    assert after >= state.timestamp
    health = watched.monitor.store_health
    assert health is not None
    assert health["status"] == "ok"


@pytest.mark.parametrize(
    ("kind", "file", "use"),
    [
        ("SystemMonitor", "system_metrics.db", lambda one: one.save_metrics(one.collect_metrics())),
        ("EnhancedToolRecommender", "tool_analytics.db", lambda one: one.get_tool_analytics()),
        ("AlertManager", "system_alerts.db", lambda one: one.get_active_alerts()),
        ("PredictiveAnalytics", "predictive_analytics.db", lambda one: one.collect_metrics()),
        ("CustomAlertRules", "custom_alert_rules.db", lambda one: one.get_custom_rules()),
    ],
)
def test_a_file_of_ones_own_has_the_same_tables(
    tmp_path: Path, kind: str, file: str, use: Callable[[Any], object]
) -> None:
    path = tmp_path / "mine.db"
    component = getattr(import_module("unified_system_monitor"), kind)(str(path))
    assert component.db_path == str(path)
    use(component)
    with closing(sqlite3.connect(path)) as connection:
        for table, wanted in DATABASES[file].items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            assert has_columns(columns, wanted), (table, columns)


def test_the_optimizers_tables_have_the_columns_and_its_rows(make_optimizer: MakeOptimizer) -> None:
    optimizer = make_optimizer()
    targets = optimizer.analyze_system_performance()
    optimizer.generate_optimization_plan(targets)
    with closing(sqlite3.connect(optimizer.optimizer_db)) as connection:
        for table, wanted in DATABASES["performance_optimizer.db"].items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            assert columns[: len(wanted)] == wanted or has_columns(columns, wanted), columns
        kept = list(connection.execute("SELECT target_type, description FROM optimization_targets"))
        assert kept == [(target.target_type, target.description) for target in targets]
        (profile,) = connection.execute(
            "SELECT * FROM performance_profiles WHERE profile_name = 'balanced'"
        ).fetchall()
        assert profile[1:6] == ("balanced", 80.0, 85.0, 90.0, 70.0)
        # Rules of later versions come after those of the prototype.
        rules = json.loads(profile[6])[:3]
        assert [(rule["type"], rule["action"], rule["threshold"]) for rule in rules] == [
            ("cpu", "kill_process", 90),
            ("memory", "cleanup_memory", 85),
            ("disk", "cleanup_disk", 95),
        ]
        assert [rule["priority"] for rule in rules] == ["high", "medium", "high"]
        assert profile[7] == 0
