"""One exception for each kind of error, with what, where and why."""

from __future__ import annotations

import copy
import errno
import pickle
from pathlib import Path

import pytest
import unified_system_monitor as package
from conftest import MakeMonitor
from unified_system_monitor import _native

PYTHONS = {
    "InvalidArgument": ValueError,
    "NotFound": FileNotFoundError,
    "PermissionDenied": PermissionError,
    "Io": OSError,
    "Malformed": ValueError,
    "InvalidState": RuntimeError,
    "TimedOut": TimeoutError,
    "Forked": RuntimeError,
    "Unsupported": NotImplementedError,
}


def test_every_kind_has_an_exception_of_its_own() -> None:
    table = dict(_native.error_kinds())
    assert None not in table.values()
    assert len(set(table.values())) == len(table)
    for kind, name in table.items():
        assert name is not None
        exception = getattr(package, name)
        assert name in package.__all__
        assert issubclass(exception, package.MonitorError)
        assert issubclass(exception, PYTHONS.get(kind, package.MonitorError))
    every = {e.__name__ for e in package.MonitorError.__subclasses__()}
    assert every == set(table.values())


@pytest.mark.parametrize("exception", package.MonitorError.__subclasses__())
def test_every_exception_survives_pickling(exception: type[package.MonitorError]) -> None:
    if issubclass(exception, OSError) and exception.__name__ != "TimedOutError":
        error: BaseException = exception(errno.EIO, "Input/output error", "/a/file")
        assert error.filename == "/a/file"  # type: ignore[attr-defined]
    else:
        error = exception("something is the matter")
        error.note = "kept"  # type: ignore[attr-defined]
    for made in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
        assert type(made) is exception
        assert made.args == error.args
        assert vars(made) == vars(error)
        assert str(made) == str(error)


def test_a_missing_root_is_a_missing_file(make_monitor: MakeMonitor, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        make_monitor(proc_root=tmp_path / "absent")
    assert isinstance(caught.value, package.NotFoundError)
    assert caught.value.errno == errno.ENOENT
    assert str(caught.value.filename).startswith(str(tmp_path / "absent"))


def test_a_malformed_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "usm.toml"
    file.write_text("refresh_interval = \n")
    with pytest.raises(package.MalformedError, match="line 1") as caught:
        package.IntegrationConfig.layered(file)
    assert caught.value.path == str(file)


def test_a_wait_that_is_over_is_a_timeout(make_monitor: MakeMonitor) -> None:
    with pytest.raises(TimeoutError, match="waiting for a state") as caught:
        make_monitor().wait(timeout=0.05)
    assert isinstance(caught.value, package.TimedOutError)


def test_a_bad_argument_is_named(make_monitor: MakeMonitor) -> None:
    monitor = make_monitor()
    for bad in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="timeout"):
            monitor.wait(timeout=bad)
    with pytest.raises(ValueError, match="one of cpu, memory, io"):
        monitor.top_processes(by="colour")
    with pytest.raises(ValueError, match="n: -1"):
        monitor.top_processes(-1)
    with pytest.raises(ValueError, match="state_update, alert_triggered") as caught:
        monitor.add_callback("state_updated", print)
    assert isinstance(caught.value, package.InvalidArgumentError)
    assert caught.value.field == "event_type"
    with pytest.raises(ValueError, match="state_update"):
        monitor.remove_callback("state_updated", print)
    with pytest.raises(TypeError, match="callable"):
        monitor.add_callback("state_update", 3)  # type: ignore[arg-type]
