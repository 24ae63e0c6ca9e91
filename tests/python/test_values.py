"""Records and settings as values: comparing, copying, pickling, dataclasses' functions."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor
from unified_system_monitor import (
    IntegrationConfig,
    InvalidArgumentError,
    Process,
    SystemMetrics,
    SystemState,
    UnifiedSystemMonitor,
)

METRICS = [
    "timestamp",
    "cpu_percent",
    "memory_percent",
    "memory_used_gb",
    "memory_total_gb",
    "disk_percent",
    "disk_used_gb",
    "disk_total_gb",
    "network_sent_mb",
    "network_recv_mb",
    "network_sent_rate",
    "network_recv_rate",
    "process_count",
    "load_average",
    "temperature",
    "battery_percent",
    "battery_plugged",
]
STATE = [
    "timestamp",
    "metrics",
    "alerts",
    "recommendations",
    "predictions",
    "insights",
    "health_score",
    "performance_score",
    "security_score",
]
CONFIG = [
    "enable_monitoring",
    "enable_analytics",
    "enable_ml",
    "enable_export",
    "enable_dashboard",
    "enable_alerts",
    "enable_process_management",
    "refresh_interval",
    "max_threads",
    "cache_duration",
    "log_level",
]


def test_fields_come_in_the_prototypes_order() -> None:
    assert [field.name for field in dataclasses.fields(SystemMetrics)] == METRICS
    assert [field.name for field in dataclasses.fields(SystemState)] == STATE
    assert [field.name for field in dataclasses.fields(IntegrationConfig)][:11] == CONFIG
    assert dataclasses.is_dataclass(SystemState)


def test_metrics_serve_attributes_and_mapping_access(monitor: UnifiedSystemMonitor) -> None:
    metrics = monitor.current_state.metrics
    assert metrics
    assert metrics["cpu_percent"] == metrics.cpu_percent == metrics.get("cpu_percent")
    assert metrics.get("no_such") is None
    assert metrics.get("no_such", 1) == 1
    assert list(metrics) == list(metrics.keys()) == METRICS
    assert dict(metrics) == dict(metrics.items()) == dataclasses.asdict(metrics)
    assert "cpu_percent" in metrics
    assert "items" not in metrics
    assert len(metrics) == 17
    with pytest.raises(KeyError, match="items"):
        metrics["items"]


def test_a_state_is_a_dict_of_dicts_and_json(monitor: UnifiedSystemMonitor) -> None:
    state = monitor.current_state
    plain = dataclasses.asdict(state)
    assert list(plain) == STATE
    assert list(plain["metrics"]) == METRICS
    assert isinstance(plain["metrics"]["load_average"], tuple)
    assert (
        json.loads(json.dumps(plain))["metrics"]["cpu_percent"] == plain["metrics"]["cpu_percent"]
    )


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_records_survive_pickling_and_copying(monitor: UnifiedSystemMonitor, protocol: int) -> None:
    values: list[Any] = [
        monitor.current_state,
        monitor.current_state.metrics,
        IntegrationConfig(refresh_interval=7.0, data_dir="/somewhere"),
        monitor.config,
        monitor.processes()[0],
    ]
    for value in values:
        assert pickle.loads(pickle.dumps(value, protocol)) == value  # noqa: S301
        assert copy.copy(value) == value
        assert copy.deepcopy(value) == value


def test_records_compare_and_print() -> None:
    assert SystemState(timestamp=1.0) == SystemState(1.0)
    assert SystemState(timestamp=1.0) != SystemState(2.0)
    assert SystemState(timestamp=1.0) != 1.0
    assert repr(SystemState(1.0)).startswith("SystemState(timestamp=1.0, metrics=None, ")
    assert dataclasses.replace(SystemState(1.0), health_score=5.0).health_score == 5.0
    with pytest.raises(TypeError, match="unhashable"):
        hash(SystemState(1.0))
    with pytest.raises(TypeError, match="timestamp"):
        SystemState()  # type: ignore[call-arg]
    state = SystemState(1.0)
    state.health_score = 50.0
    assert state == SystemState(1.0, health_score=50.0)


def test_settings_are_positional_in_the_prototypes_order() -> None:
    config = IntegrationConfig(
        False, False, False, False, False, False, False, 9.0, 8, 7.0, "DEBUG", max_history_size=6
    )
    assert [getattr(config, name) for name in CONFIG] == [False] * 7 + [9.0, 8, 7.0, "DEBUG"]
    assert config.max_history_size == 6
    assert eval(repr(config)) == config  # noqa: S307
    assert dataclasses.replace(config, max_threads=2).max_threads == 2
    assert dataclasses.replace(config, max_threads=2).max_history_size == 6
    assert dataclasses.asdict(config)["refresh_interval"] == 9.0
    assert IntegrationConfig(log_level="debug").log_level == "DEBUG"
    assert IntegrationConfig(data_dir=Path("/a/b")).data_dir == "/a/b"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("refresh_interval", -1.0, "0.01 to 86400 seconds"),
        ("refresh_interval", 0, "0.01 to 86400 seconds"),
        ("refresh_interval", math.nan, "0.01 to 86400 seconds"),
        ("refresh_interval", math.inf, "0.01 to 86400 seconds"),
        ("refresh_interval", "3", "0.01 to 86400 seconds"),
        ("refresh_interval", None, "0.01 to 86400 seconds"),
        ("refresh_interval", True, "0.01 to 86400 seconds"),
        ("max_threads", 0, "1 to 256 threads"),
        ("max_threads", -4, "1 to 256 threads"),
        ("max_threads", 1.5, "1 to 256 threads"),
        ("max_threads", 10**30, "1 to 256 threads"),
        ("max_threads", [4], "1 to 256 threads"),
        ("enable_ml", 1, "true or false"),
        ("log_level", "LOUD", "one of DEBUG, INFO"),
        ("proc_root", "", "the path of a folder"),
        ("proc_root", "a\0b", "the path of a folder"),
        ("data_dir", "\udcff", "the path of a folder"),
    ],
)
def test_a_bad_setting_is_refused_with_name_value_and_range(
    name: str, value: Any, allowed: str
) -> None:
    config = IntegrationConfig()
    for refused in (
        lambda: IntegrationConfig(**{name: value}),
        lambda: setattr(config, name, value),
        lambda: dataclasses.replace(config, **{name: value}),
    ):
        with pytest.raises(ValueError, match=allowed) as caught:
            refused()
        assert isinstance(caught.value, InvalidArgumentError)
        assert caught.value.field == name
        assert caught.value.value
        assert caught.value.allowed is not None
        assert allowed in caught.value.allowed
    assert config == IntegrationConfig()


def test_an_unknown_setting_is_refused_with_the_nearest_name() -> None:
    config = IntegrationConfig()
    with pytest.raises(AttributeError, match="did you mean refresh_interval"):
        config.refresh_intervall = 1.0
    with pytest.raises(TypeError, match="did you mean max_threads"):
        IntegrationConfig(max_thread=1)  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="can't be deleted"):
        del config.max_threads
    assert vars(config) == vars(IntegrationConfig())


def test_layers_read_a_file_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "usm.toml"
    file.write_text("refresh_interval = 7\nmax_threads = 2\n")
    monkeypatch.setenv("USM_MAX_THREADS", "3")
    config = IntegrationConfig.layered(file)
    assert (config.refresh_interval, config.max_threads) == (7.0, 3)
    with pytest.raises(FileNotFoundError) as caught:
        IntegrationConfig.layered(tmp_path / "absent.toml")
    assert caught.value.filename == str(tmp_path / "absent.toml")


def test_the_monitor_keeps_the_very_settings_and_follows_them(make_monitor: MakeMonitor) -> None:
    changes: list[Any] = []
    monitor = make_monitor(refresh_interval=3600.0)
    config = monitor.config
    second = UnifiedSystemMonitor(config)
    assert second.config is config
    assert second.config == config
    second.close()
    monitor.add_callback("config_changed", changes.append)
    monitor.start_monitoring()
    monitor.wait(timeout=20)
    config.refresh_interval = 0.05
    # With the old interval this would take an hour.
    monitor.wait(timeout=20)
    monitor.wait(timeout=20)
    other = IntegrationConfig(data_dir=config.data_dir, refresh_interval=0.5)
    monitor.config = other
    assert monitor.config is other
    config.refresh_interval = 9.0
    monitor.stop_monitoring()
    monitor.close()
    assert [change["settings"] for change in changes] == [["refresh_interval"]] * 2
    with pytest.raises(TypeError, match="IntegrationConfig"):
        monitor.config = {}  # type: ignore[assignment]
    with pytest.raises(TypeError, match="IntegrationConfig"):
        UnifiedSystemMonitor({})  # type: ignore[arg-type]


def test_dear_facts_are_read_for_a_chosen_process(monitor: UnifiedSystemMonitor) -> None:
    monitor.collect()
    extra = monitor.process_extra(os.getpid())
    assert extra["pss_bytes"] is not None and extra["pss_bytes"] > 1_000_000
    assert extra["open_files"] is not None and extra["open_files"] >= 3
    with pytest.raises(FileNotFoundError):
        monitor.process_extra(-1)


def test_a_process_is_a_named_tuple(monitor: UnifiedSystemMonitor) -> None:
    process = monitor.processes()[0]
    assert isinstance(process, Process)
    with pytest.raises(AttributeError):
        process.pid = 1  # type: ignore[misc]
    assert repr(process).startswith("Process(pid=")
