"""Every dataclass of the prototype: made by position, compared, copied, pickled, as JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import performance_optimizer
import pytest
import unified_system_monitor
from unified_system_monitor import AlertCondition, AlertSeverity, EscalationLevel, SystemMetrics

# Class, its fields in the prototype's order, how many of them have no default.
CLASSES: dict[str, tuple[str, int]] = {
    "SystemState": (
        "timestamp metrics alerts recommendations predictions insights health_score"
        " performance_score security_score",
        1,
    ),
    "IntegrationConfig": (
        "enable_monitoring enable_analytics enable_ml enable_export enable_dashboard"
        " enable_alerts enable_process_management refresh_interval max_threads cache_duration"
        " log_level",
        0,
    ),
    "SystemMetrics": (
        "timestamp cpu_percent memory_percent memory_used_gb memory_total_gb disk_percent"
        " disk_used_gb disk_total_gb network_sent_mb network_recv_mb network_sent_rate"
        " network_recv_rate process_count load_average temperature battery_percent"
        " battery_plugged",
        14,
    ),
    "ToolRecommendation": (
        "name description category install_command doc_url tags confidence_score reason"
        " system_impact alternatives",
        9,
    ),
    "Alert": (
        "id timestamp alert_type metric_name metric_value threshold severity message"
        " acknowledged acknowledged_by acknowledged_at",
        8,
    ),
    "TrendAnalysis": (
        "metric_name current_value trend_direction trend_strength change_rate prediction_1h"
        " prediction_6h prediction_24h confidence",
        9,
    ),
    "AnomalyDetection": (
        "metric_name timestamp value expected_value deviation severity anomaly_type confidence",
        8,
    ),
    "PerformanceForecast": (
        "metric_name forecast_horizon predicted_value confidence_interval trend_analysis"
        " recommendations",
        6,
    ),
    "ProcessInfo": (
        "pid name status cpu_percent memory_percent memory_mb num_threads create_time parent_pid"
        " children cmdline username nice io_counters num_fds",
        15,
    ),
    "ProcessAction": ("pid action reason timestamp success error_message", 6),
    "CustomAlertRule": (
        "id name description metric_name condition threshold severity enabled"
        " escalation_enabled escalation_delay escalation_levels notification_channels"
        " custom_message created_at last_triggered",
        7,
    ),
    "ComplexAlertRule": (
        "id name description conditions operator severity enabled escalation_enabled"
        " escalation_delay escalation_levels notification_channels custom_message created_at"
        " last_triggered",
        6,
    ),
    "AlertEscalation": (
        "id alert_id rule_name escalation_level triggered_at message notification_sent"
        " acknowledged acknowledged_by acknowledged_at",
        7,
    ),
    "ReportConfig": (
        "report_type time_range start_time end_time metrics format include_charts"
        " include_recommendations",
        8,
    ),
    "ExportData": ("data_type timestamp data metadata", 4),
    "MLModel": (
        "model_type model_name accuracy training_date features parameters status",
        7,
    ),
    "MLPrediction": (
        "timestamp model_type prediction confidence features_used metadata",
        6,
    ),
    "SystemPattern": (
        "pattern_type pattern_id description confidence features frequency severity",
        7,
    ),
    "CorrelationAnalysis": (
        "metric1 metric2 correlation_type correlation_value p_value significance sample_size",
        7,
    ),
    "PerformanceInsight": (
        "insight_type metric_name description severity confidence recommendations timestamp",
        7,
    ),
    "SystemCorrelation": (
        "correlation_id metrics correlation_strength correlation_type description impact_level"
        " recommendations",
        7,
    ),
    "DashboardState": (
        "current_view refresh_rate show_help paused sort_by sort_reverse selected_process"
        " filter_text",
        0,
    ),
    "OptimizationTarget": (
        "target_type current_value target_value priority description optimization_method"
        " estimated_impact",
        7,
    ),
    "OptimizationAction": (
        "action_type target_id description priority estimated_benefit risk_level execution_time",
        7,
    ),
    "PerformanceProfile": (
        "profile_name cpu_threshold memory_threshold disk_threshold network_threshold"
        " optimization_rules auto_optimize created_at",
        8,
    ),
}


def the_class(name: str) -> Any:
    package = performance_optimizer if hasattr(performance_optimizer, name) else None
    return getattr(package or unified_system_monitor, name)


def made(name: str) -> Any:
    """Make one by position, with no more than what has no default."""
    _, needed = CLASSES[name]
    return the_class(name)(*range(1, needed + 1))


@pytest.mark.parametrize("name", CLASSES)
def test_the_fields_are_the_prototypes_and_come_first(name: str) -> None:
    fields = CLASSES[name][0].split()
    assert dataclasses.is_dataclass(the_class(name))
    assert [field.name for field in dataclasses.fields(the_class(name))][: len(fields)] == fields
    value = made(name)
    for place, field in enumerate(fields[: CLASSES[name][1]]):
        assert getattr(value, field) == place + 1


@pytest.mark.parametrize("name", CLASSES)
def test_it_compares_by_value_and_can_be_changed(name: str) -> None:
    value, other = made(name), made(name)
    assert value == other
    assert value != 1
    assert repr(value).startswith(f"{name}(")
    first = dataclasses.fields(value)[0].name
    old = getattr(value, first)
    setattr(value, first, not old if isinstance(old, bool) else f"{old}x")
    assert value != other
    setattr(value, first, old)
    assert value == other


@pytest.mark.parametrize("name", CLASSES)
def test_it_survives_copies_and_pickle(name: str) -> None:
    value = made(name)
    copies = [copy.copy(value), copy.deepcopy(value), dataclasses.replace(value)]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copies.append(pickle.loads(pickle.dumps(value, protocol)))  # noqa: S301
    for one in copies:
        assert one == value
        assert one is not value
        assert type(one) is type(value)


@pytest.mark.parametrize("name", CLASSES)
def test_it_is_a_dict_and_json(name: str) -> None:
    value = made(name)
    fields = dataclasses.asdict(value)
    assert list(fields) == [field.name for field in dataclasses.fields(value)]
    assert json.loads(json.dumps(fields)) == json.loads(json.dumps(dataclasses.asdict(value)))
    assert len(dataclasses.astuple(value)) == len(fields)


def test_defaults_are_the_prototypes() -> None:
    state = made("SystemState")
    assert [state[name] for name in list(state)[1:6]] == [None] * 5
    assert (state.health_score, state.performance_score, state.security_score) == (0.0, 0.0, 0.0)
    alert = made("Alert")
    assert (alert.acknowledged, alert.acknowledged_by, alert.acknowledged_at) == (False, None, None)
    assert made("ToolRecommendation").alternatives is None
    board = made("DashboardState")
    assert (board.current_view, board.refresh_rate, board.sort_by) == ("overview", 2, "cpu")
    assert (board.show_help, board.paused, board.sort_reverse) == (False, False, True)


def test_metrics_are_read_by_attribute_and_as_a_mapping() -> None:
    values: list[Any] = [*map(float, range(13)), (1.0, 2.0, 3.0)]
    metrics = SystemMetrics(*values)
    assert metrics.cpu_percent == metrics["cpu_percent"] == metrics.get("cpu_percent") == 1.0
    assert metrics.get("no_such_field", 7) == 7
    assert "cpu_percent" in metrics and "no_such_field" not in metrics
    assert list(metrics)[:2] == ["timestamp", "cpu_percent"]
    assert dict(metrics) == {**metrics} == dataclasses.asdict(metrics)
    assert metrics.temperature is None and metrics["battery_plugged"] is None
    with pytest.raises(KeyError):
        _ = metrics["no_such_field"]


def test_a_whole_state_is_json() -> None:
    with unified_system_monitor.UnifiedSystemMonitor(
        unified_system_monitor.IntegrationConfig(store_enabled=False)
    ) as monitor:
        state = monitor.collect()
    fields = dataclasses.asdict(state)
    assert json.loads(json.dumps(fields))["metrics"]["memory_percent"] > 0
    assert pickle.loads(pickle.dumps(state)) == state  # noqa: S301


@pytest.mark.parametrize(
    ("word", "value", "text"),
    [
        (AlertSeverity.WARNING, "warning", "AlertSeverity.WARNING"),
        (AlertCondition.GREATER_EQUAL, ">=", "AlertCondition.GREATER_EQUAL"),
        (EscalationLevel.EMERGENCY, "emergency", "EscalationLevel.EMERGENCY"),
    ],
)
def test_an_enum_is_an_enum_and_in_json_its_value(word: Any, value: str, text: str) -> None:
    assert word.value == value
    assert str(word) == f"{word}" == text
    assert json.dumps({"word": word}) == json.dumps({"word": value})
    assert type(word)(value) is word
    assert pickle.loads(pickle.dumps(word)) is word  # noqa: S301
