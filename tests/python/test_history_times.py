"""Moments and stretches of time in every kind that Python has for them."""

from __future__ import annotations

import datetime as dt
import math
import time
from decimal import Decimal
from fractions import Fraction

import pytest
from unified_system_monitor import InvalidArgumentError
from unified_system_monitor._when import seconds, unix_seconds

UTC = dt.timezone.utc
MOMENT = dt.datetime(2026, 11, 23, 14, 5, 0, 500_000, tzinfo=UTC)
UNIX = 1795442700.5


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/St_Johns"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    request.addfinalizer(time.tzset)
    name: str = request.param
    return name


def test_a_moment_is_the_same_in_every_kind(zone: str) -> None:
    local = MOMENT.astimezone()
    for when in (
        UNIX,
        Decimal("1795442700.5"),
        Fraction(2 * 1795442700 + 1, 2),
        "1795442700.5",
        MOMENT,
        local,
        # Without a zone: local time.
        local.replace(tzinfo=None),
        "2026-11-23T14:05:00.5Z",
        "2026-11-23 14:05:00.500+00:00",
        "2026-11-23T19:35:00.5+05:30",
        local.replace(tzinfo=None).isoformat(),
        local.replace(tzinfo=None).isoformat(" "),
    ):
        assert unix_seconds("since", when) == UNIX, (zone, when)
    midnight = dt.datetime(2026, 11, 23).timestamp()
    assert unix_seconds("since", dt.date(2026, 11, 23)) == midnight
    assert unix_seconds("since", "2026-11-23") == midnight
    assert unix_seconds("since", int(UNIX)) == int(UNIX)


@pytest.mark.usefixtures("zone")
def test_a_stamp_of_pandas_is_as_the_datetime_that_it_shows() -> None:
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    local = MOMENT.astimezone().replace(tzinfo=None)
    assert unix_seconds("since", pandas.Timestamp(MOMENT)) == UNIX
    assert unix_seconds("since", pandas.Timestamp(local)) == UNIX
    assert unix_seconds("since", numpy.float64(UNIX)) == UNIX
    assert unix_seconds("since", numpy.int64(17)) == 17.0
    assert seconds("step", pandas.Timedelta("90s")) == 90.0


def test_stretches_are_before_now() -> None:
    now = time.time()
    for stretch in ("1h", dt.timedelta(hours=1), "now-1h", "60m"):
        # Between the two readings of the clock some time passes.
        assert unix_seconds("since", stretch) == pytest.approx(now - 3600.0, abs=60.0)
    assert unix_seconds("until", "now") == pytest.approx(now, abs=60.0)


def test_a_width_is_the_same_in_every_kind() -> None:
    for width in (90, 90.0, "90s", "1m30s", "90", dt.timedelta(seconds=90), Decimal(90)):
        assert seconds("step", width) == 90.0


@pytest.mark.parametrize(
    "when", ["yesterdayish", "", "24x", "2026-13-45", [], object(), b"1", True, 10**400]
)
def test_what_is_no_time_is_refused_by_name(when: object) -> None:
    with pytest.raises(InvalidArgumentError, match="since") as caught:
        unix_seconds("since", when)  # type: ignore[arg-type]
    assert caught.value.field == "since"
    assert caught.value.allowed


@pytest.mark.parametrize("width", ["", "1x", "-1m", [], None, False, MOMENT])
def test_what_is_no_width_is_refused_by_name(width: object) -> None:
    with pytest.raises(InvalidArgumentError, match="step"):
        seconds("step", width)  # type: ignore[arg-type]


def test_a_number_that_is_none_stays_so() -> None:
    # Whether it is in the range of what can be asked is the engine's to say.
    assert math.isnan(unix_seconds("since", float("nan")))
