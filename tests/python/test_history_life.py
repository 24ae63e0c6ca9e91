"""The history of a running monitor; the end of the interpreter, and fork."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from conftest import MakeMonitor, RunPython, until
from recordings import same
from unified_system_monitor import (
    History,
    InvalidStateError,
    UnifiedSystemMonitor,
)


def test_a_monitor_answers_of_what_it_has_just_sampled(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=0.05, commit_interval=60.0)
    assert monitor.history_extents() == []
    assert len(monitor.history("cpu_percent")) == 0
    monitor.start_monitoring()
    for _ in range(5):
        state = monitor.wait(timeout=20)
    monitor.stop_monitoring()
    answer = monitor.history(["cpu_percent", "memory_used_bytes"], since="5m")
    assert state.timestamp in answer.times
    assert monitor.history("cpu_percent", since=None).times == answer.times
    assert same(monitor.state_at(state.timestamp), state, alone=True)
    assert "cpu_percent" in {info.name for info in monitor.series()}
    assert monitor.history_extents()[0].tier == "raw"
    assert monitor.unified_db is not None
    with History(monitor.unified_db) as history:
        assert history.query(["cpu_percent", "memory_used_bytes"]) == answer
    monitor.close()
    with pytest.raises(InvalidStateError, match="closed"):
        monitor.history("cpu_percent")


def test_a_gap_is_none_in_lists_and_not_a_number_in_frames(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor(refresh_interval=0.05)
    for _ in range(2):
        monitor.start_monitoring()
        monitor.wait(timeout=20)
        monitor.wait(timeout=20)
        monitor.stop_monitoring()
        time.sleep(1.0)
    answer = monitor.history("memory_percent", step=0.1)
    values = answer.columns[0].values
    # A second between the two, of which the edges may hold something.
    assert values.count(None) >= 8
    assert values[0] is not None
    assert values[-1] is not None
    pandas = pytest.importorskip("pandas")
    assert pandas.isna(answer.to_pandas()["memory_percent"]).sum() == values.count(None)
    pytest.importorskip("pyarrow")
    assert answer.to_pyarrow()["memory_percent"].null_count == values.count(None)
    pytest.importorskip("polars")
    assert answer.to_polars()["memory_percent"].null_count() == values.count(None)


def test_without_a_database_there_is_no_history(make_monitor: MakeMonitor) -> None:
    for settings in ({"store_enabled": False}, {"history_enabled": False}):
        monitor = make_monitor(**settings)
        with pytest.raises(InvalidStateError):
            monitor.history("cpu_percent")
        with pytest.raises(InvalidStateError):
            monitor.state_at("now")


def test_history_reads_while_a_monitor_writes(monitor: UnifiedSystemMonitor) -> None:
    assert monitor.unified_db is not None
    with History(monitor.unified_db) as history:
        monitor.flush()
        before = history.extents()[0].rows

        def has_grown() -> bool:
            monitor.flush()
            return history.extents()[0].rows > before + 3

        until(has_grown)
        connection = sqlite3.connect(monitor.unified_db)
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        connection.close()


HEAD = """
import os, sys, threading, time
from unified_system_monitor import ForkedError, History, IntegrationConfig, StoreError, record
path = os.environ['USM_DATA_DIR'] + '.usm'
recorder = record(path, IntegrationConfig(refresh_interval=0.02, commit_interval=0.1))
while not any(extent.rows >= 2 for extent in History(path).extents()): recorder.wait(20)
"""


@pytest.mark.parametrize(
    "work",
    [
        "",
        "recorder.finish()",
        "iterator = History(path).replay(); next(iterator)",
        """
def work():
    while True: recorder.wait()
threading.Thread(target=work, daemon=True).start(); time.sleep(0.1)
""",
        """
history = History(path)
def work():
    while True: history.query('cpu_percent').to_dicts(); list(history.replay())
for _ in range(3): threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
""",
    ],
)
def test_the_exit_finishes_what_is_recorded(
    run_python: RunPython, tmp_path: Path, work: str
) -> None:
    result = run_python(HEAD + work)
    assert (result.returncode, result.stderr) == (0, "")
    recordings = [file.name for file in tmp_path.iterdir() if file.suffix == ".usm"]
    assert recordings == ["child.usm"]
    with History(tmp_path / "child.usm") as history:
        assert history.extents()[0].rows >= 2


def test_a_forked_child_is_told_so(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
history = History(path); replay = history.replay(); next(replay)
pid = os.fork()
if pid == 0:
    calls = [lambda: history.query('cpu_percent'), history.extents, history.series,
             lambda: history.state_at('now'), lambda: next(replay), recorder.wait,
             lambda: recorder.current_state, lambda: history.extract(path + '-child')]
    for number, call in enumerate(calls):
        try: call()
        except ForkedError: pass
        else: raise AssertionError(number)
    assert not recorder.active
    history.close(); replay.close(); recorder.close()
    try: History(path)
    except StoreError as error: assert 'forked process' in str(error)
    else: raise AssertionError(path)
    with record(path + '-own', IntegrationConfig(refresh_interval=0.02)) as own: own.wait(20)
    assert History(path + '-own').extents()[0].rows >= 1
    sys.exit(7)
_, status = os.waitpid(pid, 0)
assert os.WEXITSTATUS(status) == 7, status
rows = history.extents()[0].rows
recorder.wait(20)
assert recorder.finish().samples >= rows
""",
        "-W",
        "ignore::DeprecationWarning",
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_ctrl_c_ends_a_wait_and_the_recording_is_whole(run_python: RunPython) -> None:
    result = run_python(
        HEAD
        + """
import signal
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    with recorder:
        while True: recorder.wait()
except KeyboardInterrupt: print(recorder.summary.samples > 2)
"""
    )
    assert (result.stdout, result.stderr, result.returncode) == ("True\n", "", 0)
