"""Answers of the history as Python objects: lists, frames, text and charts."""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import math
import pickle
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psutil
import pytest
from history_tables import HOSTILE, NAN, column, table, usual
from unified_system_monitor import HistoryColumn, HistoryTable

READ = 'device_read_bytes_total{device="sda"}'


def test_rows_columns_and_times_are_plain_python() -> None:
    answer = usual()
    assert len(answer) == 4
    assert answer.times == [1000.0, 1010.0, 1020.0, 1030.5]
    assert answer.names == ["cpu_percent", READ]
    assert answer.values == [[1.0, None, 3.0, 0.5], [0.0, 5e8, 1e9, 2e9]]
    assert list(answer)[1] == (1010.0, None, 5e8)
    assert answer[-1] == (1030.5, 0.5, 2e9)
    for part in (slice(1, 3), slice(None, None, 2), slice(-1, 0, -1), slice(9, 2), slice(3, 99)):
        assert answer[part] == list(answer)[part]
    assert answer.to_lists()[0] == [1000.0, 1.0, 0.0]
    assert answer.to_dict() == {
        "timestamp": answer.times,
        "cpu_percent": [1.0, None, 3.0, 0.5],
        READ: [0.0, 5e8, 1e9, 2e9],
    }
    assert answer.to_dicts()[1] == {"timestamp": 1010.0, "cpu_percent": None, READ: 5e8}
    assert (answer.step, answer.tiers, answer.notes) == (None, ["raw"], ["a block was torn"])
    with pytest.raises(IndexError):
        answer[4]


def test_many_rows_come_in_their_order() -> None:
    times = [float(n) for n in range(5000)]
    answer = table(times, column([n / 2 for n in times]))
    assert list(answer) == [(n, n / 2) for n in times]


def test_a_column_is_a_sequence_with_a_summary() -> None:
    cpu, read = usual().columns
    assert isinstance(cpu, HistoryColumn)
    assert (cpu.name, cpu.metric, cpu.labels) == ("cpu_percent", "cpu_percent", {})
    assert (cpu.unit, cpu.kind) == ("percent", "gauge")
    assert (read.metric, read.labels) == ("device_read_bytes_total", {"device": "sda"})
    assert (read.unit, read.kind) == ("bytes", "counter")
    assert list(cpu) == cpu.values == cpu[:]
    assert (len(cpu), cpu[0], cpu[1], cpu[-1]) == (4, 1.0, None, 0.5)
    assert (cpu.min, cpu.mean, cpu.max, cpu.last) == (0.5, 1.5, 3.0, 0.5)
    unknown = table([1.0], column([NAN])).columns[0]
    assert (unknown.min, unknown.mean, unknown.max, unknown.last) == (None,) * 4


def test_a_column_is_found_by_its_name_or_by_its_metric() -> None:
    answer = usual()
    assert answer["cpu_percent"] == answer.columns[0]
    assert answer.column(READ) == answer.column("device_read_bytes_total") == answer.column(1)
    two = table([1.0], column([1.0], "core", core="0"), column([2.0], "core", core="1"))
    assert two['core{core="1"}'].values == [2.0]
    with pytest.raises(KeyError, match="2 columns"):
        two.column("core")
    with pytest.raises(KeyError, match="no column of that name; there is core"):
        two["cores"]


def test_a_table_does_not_change() -> None:
    answer = usual()
    for thing in (answer, answer.columns[0]):
        for name in ("notes", "values", "_native", "new"):
            with pytest.raises(AttributeError, match="can't be changed"):
                setattr(thing, name, [])
    with pytest.raises(AttributeError, match="can't be changed"):
        del answer.times
    with pytest.raises(TypeError):
        answer[0] = (0.0,)  # type: ignore[index]
    answer.times.append(0.0)
    answer.columns[0].labels["a"] = "b"
    assert answer == usual()
    with pytest.raises(TypeError, match="asking a history"):
        HistoryTable([])  # type: ignore[arg-type]


def test_equal_tables_are_equal_with_their_gaps_and_others_are_not() -> None:
    assert usual() == usual()
    assert hash(usual()) == hash(usual())
    assert usual().columns[0] == usual().columns[0]
    base = table([1.0, 2.0], column([1.0, NAN]))
    for other in (
        table([1.0, 3.0], column([1.0, NAN])),
        table([1.0, 2.0], column([1.0, 2.0])),
        table([1.0, 2.0], column([1.0, NAN], unit="count")),
        table([1.0, 2.0], column([1.0, NAN], core="0")),
        table([1.0, 2.0], column([1.0, NAN]), step=1.0),
        table([1.0, 2.0], column([1.0, NAN]), tiers=["10s"]),
        table([1.0, 2.0], column([1.0, NAN]), notes=["x"]),
        table([1.0, 2.0]),
        3,
    ):
        assert base != other


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_tables_and_columns_survive_pickling(protocol: int) -> None:
    answer = usual()
    for again in (pickle.loads(pickle.dumps(answer, protocol)), copy.deepcopy(answer)):  # noqa: S301
        assert isinstance(again, HistoryTable)
        assert again == answer
        assert again.notes == answer.notes
    one = pickle.loads(pickle.dumps(answer.columns[1], protocol))  # noqa: S301
    assert isinstance(one, HistoryColumn)
    assert one == answer.columns[1]


def test_numpy_sees_the_very_memory_of_a_column() -> None:
    numpy = pytest.importorskip("numpy")
    answer = usual()
    first, again = numpy.asarray(answer.columns[0]), numpy.asarray(answer.columns[0])
    assert numpy.shares_memory(first, again)
    assert not first.flags.writeable
    numpy.testing.assert_array_equal(first, [1.0, NAN, 3.0, 0.5])
    # The array keeps what it is made of.
    del answer
    numpy.testing.assert_array_equal(first, [1.0, NAN, 3.0, 0.5])


def test_pandas_gets_a_frame_over_the_same_memory() -> None:
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    answer = usual()
    frame = answer.to_pandas()
    assert list(frame.columns) == answer.names
    assert frame.index.name == "time"
    assert frame.index[3] == pandas.Timestamp(1030.5, unit="s", tz="UTC")
    assert str(frame["cpu_percent"].dtype) == "float64"
    assert frame["cpu_percent"].isna().tolist() == [False, True, False, False]
    assert numpy.shares_memory(frame[READ].to_numpy(), numpy.asarray(answer[READ]))
    # A column can be replaced; what others see does not change.
    frame[READ] = 0.0
    own = answer.to_pandas(copy=True)
    own.iloc[0, 0] = 99.0
    assert answer == usual()
    twice = table([1.0], column([1.0]), column([2.0])).to_pandas()
    assert twice.to_numpy().tolist() == [[1.0, 2.0]]
    assert table([]).to_pandas().empty


def test_pyarrow_reads_the_table_without_a_copy() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    numpy = pytest.importorskip("numpy")
    answer = usual()
    arrow = answer.to_pyarrow()
    assert arrow.column_names == ["time", *answer.names]
    assert arrow.schema.field("time").type == pyarrow.timestamp("us", "UTC")
    assert arrow.schema.field(READ).metadata[b"unit"] == b"bytes"
    assert arrow["cpu_percent"].to_pylist() == [1.0, None, 3.0, 0.5]
    assert [when.timestamp() for when in arrow["time"].to_pylist()] == answer.times
    there = arrow[READ].chunk(0).to_numpy(zero_copy_only=True)
    assert numpy.shares_memory(there, numpy.asarray(answer[READ]))
    assert pyarrow.schema(answer) == arrow.schema
    assert pyarrow.RecordBatchReader.from_stream(answer).read_all() == arrow
    del answer
    assert arrow[READ].to_pylist() == [0.0, 5e8, 1e9, 2e9]
    assert table([]).to_pyarrow().num_rows == 0


def test_polars_reads_the_table() -> None:
    polars = pytest.importorskip("polars")
    answer = usual()
    frame = answer.to_polars()
    assert frame.columns == ["time", *answer.names]
    assert frame["cpu_percent"].to_list() == [1.0, None, 3.0, 0.5]
    assert frame["time"].dtype == polars.Datetime("us", "UTC")
    assert [when.timestamp() for when in frame["time"]] == answer.times
    assert polars.DataFrame(answer).equals(frame)


def test_nanoarrow_reads_the_table() -> None:
    nanoarrow = pytest.importorskip("nanoarrow")
    answer = usual()
    stream = nanoarrow.ArrayStream(answer)
    rows = stream.read_all().to_pylist()
    assert [row["cpu_percent"] for row in rows] == [1.0, None, 3.0, 0.5]
    fields = nanoarrow.c_schema(answer).children
    assert [field.name for field in fields] == ["time", *answer.names]


def test_a_capsule_that_nobody_reads_is_let_go() -> None:
    for _ in range(1000):
        answer = usual()
        answer.__arrow_c_stream__()
        answer.__arrow_c_schema__()


def test_who_has_read_a_table_does_not_keep_it() -> None:
    numpy = pytest.importorskip("numpy")
    process = psutil.Process()
    times = [float(n) for n in range(100_000)]

    def read(count: int) -> int:
        for _ in range(count):
            # 1.6 MB, and in one column of the gaps' bits too.
            answer = table(times, column([NAN, *times[1:]]))
            assert numpy.asarray(answer.columns[0])[-1] == 99_999.0
            answer.__arrow_c_stream__()
            for method in ("to_pandas", "to_polars", "to_pyarrow"):
                with contextlib.suppress(ImportError):
                    assert len(getattr(answer, method)()) == 100_000
        gc.collect()
        return process.memory_info().rss

    before = read(10)
    # All of them kept would be 48 MB.
    assert read(30) - before < 24e6


def test_parquet_keeps_values_and_names(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    usual().to_parquet(tmp_path / "a.parquet")
    back = parquet.read_table(tmp_path / "a.parquet")
    assert back.to_pydict() == usual().to_pyarrow().to_pydict()


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("to_pandas", (), "pandas"),
        ("to_polars", (), "polars"),
        ("to_pyarrow", (), "pyarrow"),
        ("to_parquet", ("a.parquet",), "pyarrow"),
    ],
)
def test_a_library_that_is_missing_is_named(
    method: str, arguments: tuple[str, ...], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [known for known in sys.modules if known.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"{method} needs {name}.*pip install {name}") as caught:
        getattr(usual(), method)(*arguments)
    assert caught.value.name == name


def test_the_repr_tells_size_range_and_shape() -> None:
    lines = repr(usual()).splitlines()
    assert lines[0].startswith("<HistoryTable: 4 rows x 2 series, 1970-01-01 ")
    assert lines[1].split()[0] == "cpu_percent"
    # The gap in the middle is one in the line too.
    assert re.search(r"[▁▂▃▄▅▆▇█] [▁▂▃▄▅▆▇█]+ +min 0.5 %  +mean 1.5 %", lines[1])
    assert "max 1.86 GiB" in lines[2]
    assert lines[3] == "  note: a block was torn"
    assert repr(table([])) == "<HistoryTable: 0 rows x 0 series, from raw>"
    many = table([1.0], *(column([1.0], "core", core=str(n)) for n in range(64)), step=60.0)
    assert len(repr(many).splitlines()) == 14
    assert repr(many).endswith("... and 52 more")
    assert "step 1m" in repr(many)
    assert repr(usual().columns[0]).startswith("<HistoryColumn cpu_percent  ")


class Page(HTMLParser):
    """What a browser would make of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(answer: HistoryTable) -> Page:
    seen = Page()
    seen.feed(answer._repr_html_())
    seen.close()
    assert seen.open == []
    return seen


def test_the_chart_is_sound_and_shows_each_series() -> None:
    seen = page(usual())
    # One for each unit.
    assert seen.tags.count("svg") == 2
    text = " ".join(seen.text)
    assert "cpu_percent" in text
    assert READ in text
    assert "a block was torn" in text
    assert {"0.5 %", "1.5 %", "3 %", "1.86 GiB"} <= set(seen.text)
    for chart in re.findall(r"<svg.*?</svg>", usual()._repr_html_(), re.DOTALL):
        ET.fromstring(chart)  # noqa: S314  (our own)


def test_the_chart_breaks_where_nothing_is_known() -> None:
    whole = table([float(n) for n in range(100)], column([float(n) for n in range(100)]))
    values = [float(n) if n < 40 or n > 60 else NAN for n in range(100)]
    broken = table([float(n) for n in range(100)], column(values))
    missing = [float(n) for n in range(100) if n < 40 or n > 60]
    jumped = table(missing, column(missing))
    assert page(whole).tags.count("polyline") == 1
    assert page(broken).tags.count("polyline") == 2
    assert page(jumped).tags.count("polyline") == 2


def test_names_from_the_host_are_nothing_but_text_in_the_chart() -> None:
    answer = table(
        [1.0, 2.0],
        column([1.0, 2.0], "process_rss_bytes", "bytes", name=HOSTILE),
        column([1.0, 2.0], "process_rss_bytes", "bytes", name='" onload="alert(1)'),
        notes=[HOSTILE],
    )
    seen = page(answer)
    assert set(seen.tags) <= {
        "div", "svg", "path", "text", "polyline", "polygon", "circle", "table", "caption",
        "thead", "tr", "th", "td", "span", "p",
    }  # fmt: skip
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    html = answer._repr_html_()
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert any("<script>" in text for text in seen.text)
    # Nor does the text for terminals carry control characters.
    assert "\x1b" not in repr(answer)
    assert not re.search(r"(href|src|url\()", html)


@pytest.mark.parametrize(
    "values",
    [
        [0.0],
        [0.0, 0.0],
        [5.0, 5.0, 5.0],
        [-3.0, 4.0],
        [1e-9, 2e-9],
        [1e18, 1e-3],
        [-1e15, -1e15],
        [math.inf, 1.0, 2.0],
        [NAN, NAN],
        [1.0, NAN, 2.0],
        [1e308, -1e308],
    ],
)
def test_a_chart_can_be_drawn_of_any_values(values: list[float]) -> None:
    for unit in ("percent", "bytes", "count", "seconds", "number", "flag", "bytes_per_second"):
        for times in (
            [float(n) for n in range(len(values))],
            [1.795e9 + 86400.0 * n for n in range(len(values))],
        ):
            answer = table(times, column(values, unit=unit))
            places = [value for name, value in page(answer).attributes if name in ("points", "d")]
            assert not any("nan" in str(place) or "inf" in str(place) for place in places)
            assert repr(answer)


def test_a_long_range_is_drawn_with_few_points() -> None:
    count = 200_000
    times = [1.795e9 + n for n in range(count)]
    values = [50.0] * count
    values[77_777] = 99.0
    answer = table(times, column(values))
    html = answer._repr_html_()
    assert len(html) < 30_000
    # The one peak is in the band around the line.
    assert page(answer).tags.count("polygon") == 1


def test_json_and_csv_name_the_series(tmp_path: Path) -> None:
    answer = usual()
    read: dict[str, Any] = json.loads(answer.to_json())
    assert read["times"] == answer.times
    assert [c["values"] for c in read["columns"]] == answer.values
    lines = answer.to_csv().splitlines()
    assert lines[0].startswith("timestamp,cpu_percent,")
    assert lines[2].startswith("1010,,") or lines[2].startswith("1010.0,,")
    answer.to_csv(tmp_path / "a.csv")
    answer.to_json(tmp_path / "a.json")
    assert (tmp_path / "a.csv").read_text() == answer.to_csv()
    assert json.loads((tmp_path / "a.json").read_text()) == read
    with pytest.raises(FileNotFoundError):
        answer.to_csv(tmp_path / "absent" / "a.csv")
