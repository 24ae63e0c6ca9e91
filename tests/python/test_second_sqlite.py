"""Python's own sqlite3 on the monitor's file, in the process that monitors."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor


def newest(path: str) -> float:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        query = "SELECT max(timestamp) FROM unified_system_states"
        (stamp,) = connection.execute(query).fetchone()
        return float(stamp)


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
        for _ in range(10):
            states = [monitor.wait() for _ in range(2)]
            # The last one may not have been handed to the store yet.
            monitor.flush()
            assert newest(path) >= states[0].timestamp
            assert Path(path + "-wal").exists()
        monitor.stop_monitoring()
        monitor.flush()
        last = newest(path)
        assert last >= states[-1].timestamp
    assert newest(path) == last


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
