"""Python's own sqlite3 on the monitor's file, in the process that monitors."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor


def rows(path: str) -> int:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM unified_system_states").fetchone()
        return int(count)


def test_a_script_may_open_and_close_the_file_and_always_reads_what_is_current(
    tmp_path: Path,
) -> None:
    config = IntegrationConfig(
        refresh_interval=0.05, commit_interval=0.1, data_dir=str(tmp_path / "data")
    )
    with UnifiedSystemMonitor(config) as monitor:
        path = monitor.unified_db
        assert path is not None
        monitor.start_monitoring()
        seen = 0
        for _ in range(10):
            for _ in range(3):
                monitor.wait()
            monitor.flush()
            now = rows(path)
            assert now >= seen + 3
            assert Path(path + "-wal").exists()
            seen = now
        monitor.stop_monitoring()
        monitor.flush()
        seen = rows(path)
    assert rows(path) == seen


def test_many_threads_that_read_and_write_beside_the_monitor_do_no_harm(tmp_path: Path) -> None:
    config = IntegrationConfig(
        refresh_interval=0.02, commit_interval=0.02, data_dir=str(tmp_path / "data")
    )
    with UnifiedSystemMonitor(config) as monitor:
        path = monitor.unified_db
        assert path is not None
        monitor.start_monitoring()
        monitor.wait()
        monitor.flush()
        wrong: list[BaseException] = []

        def write() -> None:
            try:
                for _ in range(40):
                    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
                        connection.execute(
                            "INSERT INTO integration_events (event_type, timestamp)"
                            " VALUES ('script', 0)"
                        )
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        monitor.stop_monitoring()
        monitor.flush()
        health = monitor.store_health
        assert health is not None
        assert health["rows_dropped"] == 0
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT count(*) FROM integration_events WHERE event_type = 'script'"
        assert connection.execute(query).fetchone() == (160,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
