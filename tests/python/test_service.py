"""The monitor in the background and the saved settings, through the native functions."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import unified_system_monitor as usm
from unified_system_monitor import _native

COMMAND = [
    sys.executable,
    "-m",
    "unified_system_monitor",
    "monitor",
    "--foreground",
    "--refresh-interval",
    "0.2",
]
LONG = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "data"
    yield made
    _native.service_stop(made, LONG)


def test_it_is_started_shown_and_stopped(folder: Path) -> None:
    before = _native.service_status(folder)
    assert before["running"] is False
    assert before["pid"] is None
    assert not folder.exists()
    started = _native.service_start(folder, COMMAND, LONG)
    assert started["started"] is True
    assert started["already_running"] is False
    assert started["refresh_interval"] == 0.2
    again = _native.service_start(folder, COMMAND, LONG)
    assert again["already_running"] is True
    status = _native.service_status(folder)
    assert status["running"] is True
    assert status["pid"] == started["pid"] == again["pid"]
    assert status["version"] == _native.__version__
    assert Path(status["log"]).parent == folder
    assert abs(time.time() - status["started_at"]) < LONG
    # The keys are the same, whether one runs or not.
    assert status.keys() == before.keys()
    stopped = _native.service_stop(folder, LONG)
    assert stopped["stopped"] is True
    assert stopped["pid"] == status["pid"]
    assert _native.service_status(folder)["running"] is False
    assert _native.service_stop(folder, LONG)["stopped"] is False


def test_one_that_was_killed_is_told_and_no_zombie_stays(folder: Path) -> None:
    pid = _native.service_start(folder, COMMAND, LONG)["pid"]
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + LONG
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()
    status = _native.service_status(folder)
    assert status["running"] is False
    assert status["silence"]["pid"] == pid


def test_a_command_that_fails_says_why(folder: Path) -> None:
    with pytest.raises(usm.InvalidStateError, match="refresh_intervall"):
        _native.service_start(folder, [*COMMAND, "--set", "refresh_intervall=1"], LONG)
    with pytest.raises(usm.NotFoundError):
        _native.service_start(folder, ["/nonexistent/program"], LONG)
    with pytest.raises(usm.InvalidArgumentError):
        _native.service_start(folder, [], LONG)
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises(usm.InvalidArgumentError):
            _native.service_stop(folder, seconds)


def test_settings_are_saved_checked_and_forgotten(folder: Path) -> None:
    assert _native.saved_settings(folder) == {}
    assert _native.save_setting(folder, "refresh_interval", "5") == 5.0
    assert _native.save_setting(folder, "enable_ml", "Off") is False
    assert _native.saved_settings(folder) == {"enable_ml": False, "refresh_interval": 5.0}
    assert _native.settings_with_saved(folder)["refresh_interval"] == 5.0
    for name, text in (("refresh_interval", "0"), ("__class__", "x"), ("data_dir", str(folder))):
        with pytest.raises(usm.InvalidArgumentError):
            _native.save_setting(folder, name, text)
    assert sorted(_native.reset_settings(folder)) == ["enable_ml", "refresh_interval"]
    assert _native.reset_settings(folder) == []
    # The library that asks for defaults gets them.
    _native.save_setting(folder, "max_threads", "9")
    assert _native.default_settings()["max_threads"] == 4
