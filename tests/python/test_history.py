"""Questions to what was recorded."""

from __future__ import annotations

import datetime as dt
import math
import threading
from pathlib import Path
from typing import Any

import pytest
from recordings import Recorded
from unified_system_monitor import (
    History,
    HistoryTable,
    InvalidArgumentError,
    InvalidStateError,
    NotFoundError,
    StoreError,
)

TIERS = ["raw", "10s", "1min", "10min"]


def test_rows_are_the_samples_as_they_were_taken(history: History, recorded: Recorded) -> None:
    answer = history.query("cpu_percent")
    assert isinstance(answer, HistoryTable)
    assert answer.names == ["cpu_percent"]
    assert answer.columns[0].unit == "percent"
    assert (answer.step, answer.tiers) == (None, ["raw"])
    seen = {
        state.timestamp: state.metrics.cpu_percent for state in recorded.states if state.metrics
    }
    found = dict(zip(answer.times, answer.columns[0].values))
    known = {when: value for when, value in seen.items() if value is not None}
    assert len(known) >= 15
    assert {when: found.get(when) for when in known} == known


def test_a_step_gathers_rows(history: History) -> None:
    raw = history.query("cpu_percent")
    by_step = {
        how: history.query("cpu_percent", step="1s", aggregate=how)
        for how in ("mean", "min", "max", "last", "count", "p50")
    }
    for answer in by_step.values():
        assert answer.step == 1.0
        assert all(when == int(when) for when in answer.times)
        assert [b - a for a, b in zip(answer.times, answer.times[1:])] == [1.0] * (len(answer) - 1)
    for row, begin in enumerate(by_step["mean"].times):
        inside = [v for when, v in raw if begin <= when < begin + 1 and v is not None]
        cell = {how: answer.columns[0][row] for how, answer in by_step.items()}
        if not inside:
            assert cell["mean"] is None
            continue
        assert cell["min"] == min(inside)
        assert cell["max"] == max(inside)
        assert cell["last"] == inside[-1]
        assert cell["count"] == len(inside)
        assert cell["mean"] == pytest.approx(sum(inside) / len(inside))
        half = cell["p50"]
        assert half is not None
        assert min(inside) <= half <= max(inside)


def test_times_of_every_kind_ask_the_same(history: History, recorded: Recorded) -> None:
    middle = recorded.states[len(recorded.states) // 2].timestamp
    # To the microsecond, as a datetime has it.
    wanted = history.query("cpu_percent", since=middle - 0.5, until=middle)
    assert 0 < len(wanted) < recorded.summary.samples
    assert all(middle - 0.5 <= when < middle for when in wanted.times)
    zone = dt.timezone(dt.timedelta(hours=5))
    moments = [dt.datetime.fromtimestamp(middle - ago, zone) for ago in (0.5, 0.0)]
    for since, end in (
        moments,
        [when.astimezone().replace(tzinfo=None) for when in moments],
        [when.isoformat() for when in moments],
        [when.astimezone().replace(tzinfo=None).isoformat(" ") for when in moments],
        [repr(middle - 0.5), repr(middle)],
    ):
        answer = history.query("cpu_percent", since=since, until=end)
        # A datetime may be a microsecond beside the number.
        assert abs(len(answer) - len(wanted)) <= 1
        assert set(answer.times[1:-1]) <= set(wanted.times)
    everything = history.query("cpu_percent")
    assert history.query("cpu_percent", since=dt.timedelta(days=1)) == everything
    assert history.query("cpu_percent", since="1d", until="now") == everything
    assert history.query("cpu_percent", step=0.5) == history.query(
        "cpu_percent", step=dt.timedelta(milliseconds=500)
    )


def test_several_series_labels_groups_and_the_greatest(history: History) -> None:
    two = history.query(["cpu_percent", "memory_used_bytes"])
    assert two.names == ["cpu_percent", "memory_used_bytes"]
    assert [column.unit for column in two.columns] == ["percent", "bytes"]
    cores = history.query("core_busy_percent")
    assert len(cores.columns) >= 1
    assert {tuple(column.labels) for column in cores.columns} == {("core",)}
    one = history.query('core_busy_percent{core="0"}')
    assert one.names == ['core_busy_percent{core="0"}']
    assert one.columns[0] == history.query(one.names).columns[0]
    total = history.query("core_busy_percent", by=[], combine="sum")
    assert len(total.columns) == 1
    assert total.columns[0].labels == {}
    by_core = history.query("core_busy_percent", by="core")
    assert [c.values for c in by_core.columns] == [c.values for c in cores.columns]
    processes = history.query("process_rss_bytes", top=2)
    assert len(processes.columns) == 2
    assert {"pid", "name", "user"} >= set(processes.columns[0].labels) >= {"pid", "name"}
    greatest = max(c.mean or 0.0 for c in history.query("process_rss_bytes").columns)
    assert max(c.mean or 0.0 for c in processes.columns) == greatest


def test_the_rate_of_a_counter_is_never_negative(history: History) -> None:
    counters = [s for s in history.series() if s.kind == "counter" and not s.labels]
    assert counters
    answer = history.query([counter.name for counter in counters], rate=True)
    known = [value for column in answer.columns for value in column.values if value is not None]
    assert known
    assert min(known) >= 0.0


def test_what_there_is_can_be_listed(history: History, recorded: Recorded) -> None:
    extents = history.extents()
    assert extents[0].tier == "raw"
    assert [extent.tier for extent in extents] == TIERS[: len(extents)]
    assert extents[0].rows == recorded.summary.samples
    assert extents[0].bytes > 0
    assert (extents[0].first, extents[0].last) == (recorded.summary.first, recorded.summary.last)
    series = {info.name: info for info in history.series()}
    cpu = series["cpu_percent"]
    assert (cpu.metric, cpu.labels, cpu.unit, cpu.kind) == ("cpu_percent", {}, "percent", "gauge")
    assert len(cpu.help) > 10
    assert series['core_busy_percent{core="0"}'].labels == {"core": "0"}
    # Every one of them can be asked for by its name.
    answer = history.query(list(series))
    assert set(answer.names) <= set(series)
    assert history.series(until=recorded.states[0].timestamp - 3600) == []


def test_a_question_that_makes_no_sense_is_refused_by_name(history: History) -> None:
    ask: list[tuple[str, dict[str, Any]]] = [
        ("cpu_precent", {}),
        ("core_busy_percent{kore='0'}", {}),
        ("cpu_percent{", {}),
        ("", {}),
    ]
    for select, arguments in ask:
        with pytest.raises(InvalidArgumentError):
            history.query(select, **arguments)
    with pytest.raises(InvalidArgumentError, match="cpu_percent"):
        history.query("cpu_precent")
    for name, value in {
        "step": "1x", "since": "soon", "until": [], "aggregate": "meen", "combine": "p101",
        "tier": "2min", "top": -1, "by": [1],
    }.items():  # fmt: skip
        with pytest.raises(InvalidArgumentError, match=name) as caught:
            history.query("core_busy_percent", **{name: value})  # type: ignore[arg-type]
        assert caught.value.allowed, name
    for step in (-1.0, 0.0, math.nan, math.inf):
        with pytest.raises(InvalidArgumentError, match="step"):
            history.query("cpu_percent", step=step)


def test_files_that_are_no_history_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        History(tmp_path / "absent.usm")
    assert caught.value.filename == str(tmp_path / "absent.usm")
    text = tmp_path / "text.usm"
    text.write_text("this is no database\n" * 1000)
    with pytest.raises(StoreError):
        History(text)
    with pytest.raises(FileNotFoundError):
        next(iter(History(tmp_path / "absent.usm").replay()))


def test_a_history_that_is_closed_says_so(recorded: Recorded) -> None:
    closed = History(recorded.path)
    assert repr(closed) == f"<History {str(recorded.path)!r}>"
    closed.close()
    closed.close()
    with pytest.raises(InvalidStateError, match="closed"):
        closed.extents()
    assert "(closed)" in repr(closed)


def test_threads_may_ask_the_same_history(history: History) -> None:
    wanted = history.query("cpu_percent")
    answers: list[HistoryTable] = []

    def ask() -> None:
        for _ in range(5):
            answers.append(history.query("cpu_percent"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [wanted] * 20
