"""What the tests share: monitors with a data folder of their own, and fresh interpreters."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from performance_optimizer import PerformanceOptimizer
from recordings import Recorded
from unified_system_monitor import (
    History,
    IntegrationConfig,
    SystemState,
    UnifiedSystemMonitor,
    record,
)

MakeMonitor = Callable[..., UnifiedSystemMonitor]
MakeOptimizer = Callable[..., PerformanceOptimizer]
RunPython = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def make_monitor(tmp_path: Path) -> Iterator[MakeMonitor]:
    """Make monitors that live in ``tmp_path`` and are closed at the end."""
    made: list[UnifiedSystemMonitor] = []

    def make(**settings: Any) -> UnifiedSystemMonitor:
        settings = {"data_dir": tmp_path / "data", "refresh_interval": 0.1, **settings}
        monitor = UnifiedSystemMonitor(IntegrationConfig(**settings))
        made.append(monitor)
        return monitor

    yield make
    for monitor in made:
        monitor.close()


@pytest.fixture
def monitor(make_monitor: MakeMonitor) -> UnifiedSystemMonitor:
    """A monitor that was started and has a state."""
    monitor = make_monitor()
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    return monitor


@pytest.fixture
def make_optimizer(tmp_path: Path) -> Iterator[MakeOptimizer]:
    """Make optimizers that live in ``tmp_path`` and are closed at the end.

    Without a scope they may touch no process at all.
    """
    made: list[PerformanceOptimizer] = []

    def make(config: dict[str, Any] | None = None, **settings: Any) -> PerformanceOptimizer:
        settings = {
            "data_dir": tmp_path / "data",
            "scope": ("list", []),
            "verify_seconds": 0.3,
            **settings,
        }
        optimizer = PerformanceOptimizer(config, **settings)
        made.append(optimizer)
        return optimizer

    yield make
    for optimizer in made:
        optimizer.close()


@pytest.fixture
def hog() -> Iterator[int]:
    """Spin in a session of its own. Ask for it before an optimizer, so that it ends later."""
    command = ["sh", "-c", "while :; do :; done"]
    child = subprocess.Popen(command, start_new_session=True)
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Record this host for two seconds and more."""
    path = tmp_path_factory.mktemp("recorded") / "host.usm"
    states: list[SystemState] = []
    with record(path, IntegrationConfig(refresh_interval=0.05)) as recorder:
        begun = time.monotonic()
        while time.monotonic() < begun + 2.2 or len(states) < 20:
            states.append(recorder.wait(timeout=20))
        assert recorder.active
    assert not recorder.active
    assert recorder.summary is not None
    return Recorded(path, states, recorder.summary)


@pytest.fixture
def history(recorded: Recorded) -> Iterator[History]:
    """That recording, opened."""
    with History(recorded.path) as history:
        yield history


@pytest.fixture
def run_python(tmp_path: Path) -> RunPython:
    """Run code in a fresh interpreter, whose data folder is in ``tmp_path``."""

    def run(code: str, *options: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "USM_DATA_DIR": str(tmp_path / "child")}
        return subprocess.run(
            [sys.executable, "-W", "error", *options, "-c", code],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
            check=False,
        )

    return run


def until(condition: Callable[[], object], patience: float = 20) -> None:
    """Wait until something becomes true; a generous limit, for a busy machine."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
