"""Recording, replaying, extracting, and tables that come from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import until
from recordings import Recorded, same
from unified_system_monitor import (
    History,
    IntegrationConfig,
    InvalidArgumentError,
    InvalidStateError,
    Process,
    RecordingSummary,
    TimedOutError,
    import_table,
    record,
)


def test_a_recording_is_one_file_with_what_was_seen(recorded: Recorded) -> None:
    path, states, summary = recorded
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert summary.bytes == path.stat().st_size > 0
    assert summary.samples >= len(states)
    assert summary.first is not None
    assert summary.last is not None
    assert summary.first <= states[0].timestamp < states[-1].timestamp <= summary.last


def test_a_recording_is_never_written_over(recorded: Recorded, tmp_path: Path) -> None:
    before = recorded.path.read_bytes()
    with pytest.raises(InvalidArgumentError, match=re.escape(str(recorded.path))):
        record(recorded.path)
    with pytest.raises(OSError, match="absent"):
        record(tmp_path / "absent" / "a.usm")
    with pytest.raises(TypeError, match="IntegrationConfig"):
        record(tmp_path / "a.usm", {})  # type: ignore[arg-type]
    assert recorded.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_a_recorder_can_be_finished_twice_and_asked_at_work(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.usm", IntegrationConfig(refresh_interval=0.05))
    assert repr(recorder) == f"<Recorder {str(tmp_path / 'a.usm')!r} active>"
    state = recorder.wait(timeout=20)
    assert recorder.current_state.timestamp >= state.timestamp
    # It is read while it is written.
    until(lambda: History(recorder.path).extents())
    summary = recorder.finish()
    assert recorder.finish() == summary == recorder.summary
    recorder.close()
    assert summary.samples >= 1
    with pytest.raises(InvalidStateError):
        recorder.wait()
    with pytest.raises(InvalidStateError):
        _ = recorder.current_state
    assert "finished" in repr(recorder)


def test_a_wait_of_the_recorder_is_bounded(tmp_path: Path) -> None:
    with record(tmp_path / "a.usm", IntegrationConfig(refresh_interval=3600.0)) as recorder:
        recorder.wait(timeout=20)
        with pytest.raises(TimedOutError):
            recorder.wait(timeout=0.05)


def test_a_forgotten_recorder_is_finished_with_a_warning(tmp_path: Path) -> None:
    recorder = record(tmp_path / "a.usm", IntegrationConfig(refresh_interval=0.05))
    recorder.wait(timeout=20)
    with pytest.warns(ResourceWarning, match="unfinished <Recorder"):
        del recorder
    with History(tmp_path / "a.usm") as history:
        assert history.extents()[0].rows >= 1


def test_a_replay_gives_the_states_that_were_seen(history: History, recorded: Recorded) -> None:
    replay = history.replay()
    assert replay.samples == recorded.summary.samples
    states = list(replay)
    assert len(states) == recorded.summary.samples
    assert next(replay, None) is None
    by_time = {state.timestamp: state for state in states}
    for seen in recorded.states:
        assert same(by_time[seen.timestamp], seen)
    assert all(a.timestamp < b.timestamp for a, b in zip(states, states[1:]))
    assert {state.tier for state in states} == {"raw"}


def test_a_part_of_a_recording_is_replayed(history: History, recorded: Recorded) -> None:
    middle = recorded.states[len(recorded.states) // 2].timestamp
    with history.replay(since=middle) as replay:
        first = next(replay)
        assert first.timestamp == middle
        assert 0 < replay.__length_hint__() < recorded.summary.samples
        assert repr(replay) == f"<Replay 1 of {replay.samples} samples>"
    assert list(replay) == []
    assert all(state.timestamp < middle for state in history.replay(until=middle))


def test_a_range_becomes_a_recording_of_its_own(
    history: History, recorded: Recorded, tmp_path: Path
) -> None:
    shares: list[float] = []
    middle = recorded.states[len(recorded.states) // 2].timestamp
    part = tmp_path / "part.usm"
    summary = history.extract(part, until=middle, progress=shares.append)
    assert isinstance(summary, RecordingSummary)
    assert 0 < summary.samples < recorded.summary.samples
    assert summary.bytes == part.stat().st_size
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with History(part) as extracted:
        assert extracted.query("cpu_percent") == history.query("cpu_percent", until=middle)
        kept = [repr(state) for state in extracted.replay()]
        assert kept == [repr(state) for state in history.replay(until=middle)]
    with pytest.raises(InvalidArgumentError, match="part"):
        history.extract(part)


def test_names_can_be_masked(history: History, tmp_path: Path) -> None:
    target = tmp_path / "masked.usm"
    history.extract(target, mask_names=True)
    with History(target) as other:
        assert other.query("memory_used_bytes") == history.query("memory_used_bytes")
        named = {p.name for state in history.replay() for p in state.processes() if own(p)}
        masked = [p for state in other.replay() for p in state.processes() if own(p)]
        assert masked
        assert not named & {process.name for process in masked}
        assert {process.command_line for process in masked} == {None}


def own(process: Process) -> bool:
    """Whether its name tells something of the user; those of the kernel's threads do not."""
    return not process.is_kernel_thread


class _StopError(Exception):
    pass


@pytest.mark.parametrize("exception", [_StopError, KeyboardInterrupt])
def test_an_exception_in_progress_ends_the_work_and_leaves_no_file(
    history: History, tmp_path: Path, exception: type[BaseException]
) -> None:
    def stop(_share: float) -> None:
        raise exception

    with pytest.raises(exception):
        history.extract(tmp_path / "a.usm", progress=stop)
    with pytest.raises(exception):
        import_table(history.query("cpu_percent"), tmp_path / "b.usm", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_the_end_is_told_before_the_answer_and_may_still_be_refused(
    history: History, tmp_path: Path
) -> None:
    def stop(share: float) -> None:
        if share == 1.0:
            raise _StopError

    with pytest.raises(_StopError):
        history.extract(tmp_path / "a.usm", progress=stop)
    assert list(tmp_path.iterdir()) == []
    other = tmp_path / "b.usm"
    other.write_text("not ours")
    with pytest.raises(InvalidArgumentError):
        history.extract(other, progress=stop)
    assert other.read_text() == "not ours"


def formats() -> list[str]:
    return ["table", "csv", "json", "pyarrow", "polars", "pandas", "parquet"]


@pytest.mark.parametrize("kind", formats())
def test_a_table_becomes_a_recording(history: History, tmp_path: Path, kind: str) -> None:
    names = ["cpu_percent", "memory_used_bytes", 'core_busy_percent{core="0"}']
    answer = history.query(names)
    source: Any = answer
    if kind in ("csv", "json"):
        source = tmp_path / f"a.{kind}"
        getattr(answer, f"to_{kind}")(source)
    elif kind == "parquet":
        pytest.importorskip("pyarrow")
        source = tmp_path / "a.parquet"
        answer.to_parquet(source)
    elif kind != "table":
        pytest.importorskip("pyarrow")
        pytest.importorskip(kind)
        source = getattr(answer, f"to_{kind}")()
    summary = import_table(source, tmp_path / "a.usm")
    assert summary.samples == len(answer)
    with History(tmp_path / "a.usm") as brought:
        again = brought.query(names)
        assert again.times == pytest.approx(answer.times, abs=2e-6)
        assert again.values == answer.values


def test_a_table_that_can_not_be_understood_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("timestamp,cpu_percent\n1,2\nthree,4\n")
    with pytest.raises(InvalidArgumentError, match="3"):
        import_table(file, tmp_path / "a.usm")
    with pytest.raises(InvalidArgumentError, match="csv, json or parquet"):
        import_table(tmp_path / "a.xls", tmp_path / "a.usm")
    with pytest.raises(InvalidArgumentError, match="csv, json or parquet"):
        import_table(file, tmp_path / "a.usm", format="xls")
    with pytest.raises(FileNotFoundError):
        import_table(tmp_path / "absent.csv", tmp_path / "a.usm")
    assert not (tmp_path / "a.usm").exists()
    pyarrow = pytest.importorskip("pyarrow")
    for bad, match in ((3, "speaks Arrow"), (pyarrow.table({"a": [1]}), "timestamp or time")):
        with pytest.raises(InvalidArgumentError, match=match):
            import_table(bad, tmp_path / "a.usm")
