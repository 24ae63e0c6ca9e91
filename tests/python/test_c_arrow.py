"""The Arrow streams of the C library, read by other people's readers: pyarrow and nanoarrow."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from c_library import CError, Library, Stream, find, kept

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
na = pytest.importorskip("nanoarrow", reason="nanoarrow is not installed")
allocate_c_array_stream = pytest.importorskip(
    "nanoarrow.c_array_stream", reason="nanoarrow is not installed"
).allocate_c_array_stream

BEGIN = 1_795_000_000
MANY = 100_000
CORE = 'core_busy_percent{core="0"}'
READ = 'device_read_bytes_total{device="sda"}'


@pytest.fixture(scope="session")
def library() -> Library:
    """The library; USM_LIBRARY or cargo says where it is."""
    found = find()
    if isinstance(found, str):
        pytest.skip(found)
    return Library(found)


@pytest.fixture(scope="session")
def recording(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of four rows with gaps, brought in from text."""
    return imported(
        library,
        tmp_path_factory.mktemp("few"),
        [
            f'timestamp,cpu_percent,"{CORE}","{READ}"'.replace('="', '=""').replace('"}', '""}'),
            f"{BEGIN}.25,1.5,,0",
            f"{BEGIN + 1},,20.5,500000000",
            f"{BEGIN + 2},3.5,,1000000000",
            f"{BEGIN + 3},0,40,",
        ],
    )


@pytest.fixture(scope="session")
def large(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of many rows, of which each tenth lacks its value of memory."""
    lines = ["timestamp,cpu_percent,memory_percent"]
    lines += [f"{BEGIN + n},{n % 200 / 2},{'' if n % 10 == 0 else n % 100}" for n in range(MANY)]
    return imported(library, tmp_path_factory.mktemp("many"), lines)


@pytest.fixture
def state(library: Library, tmp_path: Path) -> Iterator[ctypes.c_void_p]:
    """A state of this host."""
    config = library.handle("usm_config_new")
    library.call("usm_config_set_text", config, b"data_dir", str(tmp_path).encode())
    library.call("usm_config_set_bool", config, b"store_enabled", 0)
    monitor = library.handle("usm_monitor_new", config)
    library.call("usm_monitor_collect", monitor, None)
    state = library.handle("usm_monitor_state", monitor)
    library.free("monitor", monitor)
    library.free("config", config)
    yield state
    library.free("state", state)


def imported(library: Library, folder: Path, lines: list[str]) -> Path:
    text, made = folder / "table.csv", folder / "table.usm"
    text.write_text("\n".join(lines) + "\n")
    library.call("usm_recording_import", str(text).encode(), 0, str(made).encode(), None)
    return made


def by_pyarrow(stream: Stream) -> Any:
    """Read it all with pyarrow, and have it check what it got."""
    read = pa.RecordBatchReader._import_from_c(stream.address).read_all()
    assert not stream.release, "the reader has moved it away"
    read.validate(full=True)
    return read


def by_nanoarrow(stream: Stream) -> Any:
    """Read it all with nanoarrow, and have it check what it got."""
    return na.Array(in_nanoarrow(stream))


def in_nanoarrow(stream: Stream) -> Any:
    """Move a stream to where nanoarrow has its own."""
    own = allocate_c_array_stream()
    stream.move_to(own._addr())
    return own


def columns_of(array: Any) -> dict[str, list[Any]]:
    """The columns of a struct array of nanoarrow's."""
    names = [field.name for field in array.schema.fields]
    return {name: array.child(at).to_pylist() for at, name in enumerate(names)}


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def few_values() -> dict[str, list[Any]]:
    return {
        "time": [moment(BEGIN + 0.25), moment(BEGIN + 1), moment(BEGIN + 2), moment(BEGIN + 3)],
        "cpu_percent": [1.5, None, 3.5, 0.0],
        CORE: [None, 20.5, None, 40.0],
        READ: [0.0, 5e8, 1e9, None],
    }


def stream_of(library: Library, recording: Path, *select: str, long: bool = False) -> Stream:
    """A stream of a table that is freed already."""
    table = library.table(recording, *(select or ("cpu_percent", CORE, READ)))
    name = "usm_table_arrow_stream_long" if long else "usm_table_arrow_stream"
    stream = library.stream(name, table)
    library.free("table", table)
    return stream


def test_a_table_arrives_in_pyarrow(library: Library, recording: Path) -> None:
    read = by_pyarrow(stream_of(library, recording))
    assert read.to_pydict() == few_values()
    assert read.schema.field("time").type == pa.timestamp("us", "UTC")
    assert [column.null_count for column in read.columns] == [0, 1, 2, 1]
    core = read.schema.field(CORE)
    assert core.type == pa.float64()
    assert core.nullable
    assert core.metadata == {
        b"metric": b"core_busy_percent",
        b"labels": b'{"core":"0"}',
        b"unit": b"percent",
        b"kind": b"gauge",
    }
    assert read.schema.field(READ).metadata[b"kind"] == b"counter"
    assert read.schema.field(READ).metadata[b"unit"] == b"bytes"
    assert json.loads(read.schema.metadata[b"tiers"]) == ["raw"]
    assert json.loads(read.schema.metadata[b"notes"]) == []


def test_a_table_arrives_in_nanoarrow(library: Library, recording: Path) -> None:
    read = by_nanoarrow(stream_of(library, recording))
    assert columns_of(read) == few_values()
    core = read.schema.field(2)
    assert core.type == na.Type.DOUBLE
    assert dict(core.metadata.items())[b"unit"] == b"percent"
    assert dict(core.metadata.items())[b"labels"] == b'{"core":"0"}'
    assert dict(read.schema.metadata.items())[b"tiers"] == b'["raw"]'


def test_the_long_form_has_categories(library: Library, recording: Path) -> None:
    wanted = [
        (BEGIN + 0.25, "cpu_percent", None, None, 1.5),
        (BEGIN + 2, "cpu_percent", None, None, 3.5),
        (BEGIN + 3, "cpu_percent", None, None, 0.0),
        (BEGIN + 1, "core_busy_percent", "0", None, 20.5),
        (BEGIN + 3, "core_busy_percent", "0", None, 40.0),
        (BEGIN + 0.25, "device_read_bytes_total", None, "sda", 0.0),
        (BEGIN + 1, "device_read_bytes_total", None, "sda", 5e8),
        (BEGIN + 2, "device_read_bytes_total", None, "sda", 1e9),
    ]
    read = by_pyarrow(stream_of(library, recording, long=True))
    assert read.column_names == ["time", "metric", "core", "device", "value"]
    text = pa.dictionary(pa.int32(), pa.string())
    assert [read.schema.field(name).type for name in ("metric", "core", "device")] == [text] * 3
    rows = [tuple(row.values()) for row in read.to_pylist()]
    assert rows == [(moment(time), *rest) for time, *rest in wanted]
    again = columns_of(by_nanoarrow(stream_of(library, recording, long=True)))
    assert again["metric"] == [row[1] for row in wanted]
    assert again["core"] == [row[2] for row in wanted]
    assert again["value"] == [row[4] for row in wanted]


def test_processes_are_those_of_the_state(library: Library, state: ctypes.c_void_p) -> None:
    text = ctypes.c_void_p()
    library.call("usm_state_json", state, ctypes.byref(text))
    assert text.value is not None
    said = json.loads(ctypes.string_at(text.value))["sample"]["processes"]["list"]
    library.c.usm_string_free(text)
    name = "usm_state_processes_arrow_stream"
    read = by_pyarrow(library.stream(name, state)).to_pylist()
    assert [row["pid"] for row in read] == [one["pid"] for one in said]
    for row, one in zip(read, said, strict=True):
        assert row["name"] == one["details"]["name"]
        assert row["command_line"] == one["details"]["command_line"]
        for field in ("rss_bytes", "state", "threads", "cpu_core_percent", "read_bytes_total"):
            assert row[field] == one[field]
    own = next(row for row in read if row["pid"] == os.getpid())
    assert own["uid"] == os.geteuid()
    assert own["start_time"] < datetime.now(timezone.utc)
    again = columns_of(by_nanoarrow(library.stream(name, state)))
    assert again["pid"] == [row["pid"] for row in read]
    assert again["name"] == [row["name"] for row in read]
    assert again["is_kernel_thread"] == [row["is_kernel_thread"] for row in read]
    assert again["nice"] == [row["nice"] for row in read]


@pytest.mark.parametrize("read", [by_pyarrow, by_nanoarrow])
def test_a_table_without_rows_has_its_columns(
    library: Library, recording: Path, read: Callable[[Stream], Any]
) -> None:
    table = library.table(recording, "cpu_percent", CORE, since=BEGIN + 1e6)
    for name in ("usm_table_arrow_stream", "usm_table_arrow_stream_long"):
        empty = read(library.stream(name, table))
        assert len(empty) == 0
    library.free("table", table)


def test_many_rows_arrive(library: Library, large: Path) -> None:
    read = by_pyarrow(stream_of(library, large, "cpu_percent", "memory_percent"))
    assert read.num_rows == MANY
    assert read["cpu_percent"].to_pylist() == [n % 200 / 2 for n in range(MANY)]
    memory = read["memory_percent"]
    assert memory.null_count == MANY // 10
    assert memory.to_pylist()[:12] == [None, *range(1, 10), None, 11]
    times = read["time"].cast(pa.int64()).to_pylist()
    assert times == [(BEGIN + n) * 1_000_000 for n in range(MANY)]
    again = columns_of(by_nanoarrow(stream_of(library, large, "cpu_percent", "memory_percent")))
    assert again["memory_percent"] == memory.to_pylist()
    assert again["cpu_percent"][-1] == (MANY - 1) % 200 / 2


def test_what_was_read_outlives_stream_reader_and_table(library: Library, recording: Path) -> None:
    stream = stream_of(library, recording)
    reader = pa.RecordBatchReader._import_from_c(stream.address)
    schema = reader.schema
    batch = reader.read_next_batch()
    reader.close()
    column = batch.column(1)
    del reader, batch
    assert column.to_pylist() == few_values()["cpu_percent"]
    assert schema.field(2).metadata[b"metric"] == b"core_busy_percent"


def test_a_reader_may_leave_at_any_time(library: Library, recording: Path) -> None:
    opened = stream_of(library, recording)
    pa.RecordBatchReader._import_from_c(opened.address).close()
    reader = in_nanoarrow(stream_of(library, recording))
    assert reader.get_schema().n_children == 4
    reader.release()
    assert not reader.is_valid()
    unread = stream_of(library, recording)
    unread.release(unread.address)
    assert not unread.release


def test_a_stream_may_be_moved_and_is_released_once(library: Library, recording: Path) -> None:
    stream = stream_of(library, recording)
    release, get_schema = kept(stream.release), kept(stream.get_schema)
    moved = Stream()
    stream.move_to(moved.address)
    assert by_pyarrow(moved).to_pydict() == few_values()
    # The place that it was moved from is released: nothing is done, and nothing given.
    release(stream.address)
    again = stream_of(library, recording)
    release(again.address)
    assert not again.release
    release(again.address)
    schema = ctypes.create_string_buffer(72)
    assert get_schema(again.address, ctypes.addressof(schema)) != 0
    assert bytes(schema) == bytes(72)
    assert again.get_last_error(again.address) is None


def test_an_error_says_what_is_wrong(library: Library, recording: Path) -> None:
    stream = stream_of(library, recording)
    assert stream.get_last_error(stream.address) is None
    assert stream.get_next(stream.address, None) == 22
    assert stream.get_last_error(stream.address) == b"the place for the result is NULL"
    # Nothing is lost by it.
    assert by_pyarrow(stream).to_pydict() == few_values()


def test_a_refused_call_leaves_a_released_stream(library: Library) -> None:
    stream = Stream()
    ctypes.memset(stream.address, 0xEE, ctypes.sizeof(Stream))
    with pytest.raises(CError, match="NULL") as refused:
        library.call("usm_table_arrow_stream", None, ctypes.byref(stream))
    assert refused.value.status == -1
    assert not stream.release
    with pytest.raises(pa.ArrowInvalid, match="released"):
        pa.RecordBatchReader._import_from_c(stream.address)
