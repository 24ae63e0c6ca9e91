"""The state as it was at a moment."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest
from recordings import Recorded, same
from unified_system_monitor import (
    History,
    InvalidArgumentError,
    NotFoundError,
    PastState,
    Process,
    SystemState,
)


def test_the_state_of_a_moment_is_that_which_was_seen(history: History, recorded: Recorded) -> None:
    for seen in (recorded.states[2], recorded.states[-1]):
        state = history.state_at(seen.timestamp)
        assert isinstance(state, PastState)
        assert isinstance(state, SystemState)
        assert same(state, seen)
        assert (state.asked, state.tier) == (seen.timestamp, "raw")
    between = recorded.states[-1].timestamp + 0.01
    assert history.state_at(between).timestamp <= between
    later = dt.datetime.fromtimestamp(between, dt.timezone.utc)
    assert history.state_at(later).timestamp == history.state_at(between).timestamp
    with pytest.raises(NotFoundError):
        history.state_at(recorded.states[0].timestamp - 3600.0)
    with pytest.raises(InvalidArgumentError, match="time"):
        history.state_at("the day before")


def test_a_moment_holds_the_processes_that_mattered(history: History, recorded: Recorded) -> None:
    state = history.state_at(recorded.states[-1].timestamp)
    processes = state.processes()
    assert processes
    assert all(isinstance(process, Process) for process in processes)
    assert [p.pid for p in processes] == sorted(p.pid for p in processes)
    largest = state.top_processes(2, by="memory")
    assert largest[0].rss_bytes == max(process.rss_bytes for process in processes)
    with pytest.raises(ValueError, match="n: -1"):
        state.top_processes(-1)
    snapshot = state.snapshot()
    assert state.metrics is not None
    assert snapshot["metrics"]["cpu_percent"] == state.metrics.cpu_percent
    assert snapshot["sample"]["memory"]


def test_a_moment_survives_pickling(history: History, recorded: Recorded) -> None:
    state = history.state_at(recorded.states[-1].timestamp)
    again = pickle.loads(pickle.dumps(state))  # noqa: S301
    assert type(again) is PastState
    assert repr(again) == repr(state)
    assert again.snapshot() == state.snapshot()
    assert again.top_processes(3, by="memory") == state.top_processes(3, by="memory")
    assert PastState(1.0).processes() == []
