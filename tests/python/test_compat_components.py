"""The prototype's modules, classes, methods, fields and return shapes, by the table of them."""

from __future__ import annotations

import copy
import dataclasses
import enum
import inspect
import json
import os
import pickle
import re
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from conftest import MakeMonitor, until
from contract_tables import (
    COMPONENT_CLASSES,
    ENUMS,
    FACES,
    MODULES,
    RECORDS,
    REQUIRED,
    UNNAMED,
    Face,
    arguments,
    differences,
)
from past_machine import PastMachine, metrics, part_of
from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

NAMES = [(module, name) for module, names in MODULES.items() for name in names]
SIGNATURES = [(module, one) for module, several in RECORDS.items() for one in several]
METHODS = [(face, method) for face in FACES for method in face.methods]
ON_MONITOR = [face for face in FACES if face.on_monitor is not None]


def of_class(face: Face) -> str:
    return arguments(face.init)[0]


def class_of(face: Face) -> Any:
    return getattr(import_module(face.module), of_class(face))


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnifiedSystemMonitor]:
    """Watch for a while."""
    config = IntegrationConfig(data_dir=tmp_path_factory.mktemp("watching"), refresh_interval=0.05)
    with UnifiedSystemMonitor(config) as monitor:
        monitor.start_monitoring()
        until(lambda: len(monitor.state_history) >= 25)
        monitor.flush()
        yield monitor


# Names.


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_name_can_be_imported(module: str, name: str) -> None:
    value = getattr(import_module(module), name)
    if name.endswith("_AVAILABLE"):
        assert isinstance(value, bool)
    else:
        assert callable(value)


@pytest.mark.parametrize("name", COMPONENT_CLASSES)
def test_a_component_is_one_class_wherever_it_is_imported_from(name: str) -> None:
    (module,) = [
        module
        for module, names in MODULES.items()
        if name in names and module not in ("unified_system_monitor", "performance_optimizer")
    ]
    made = getattr(import_module("unified_system_monitor"), name)
    assert getattr(import_module(module), name) is made


# Signatures.


@pytest.mark.parametrize("face", FACES, ids=of_class)
def test_every_class_is_made_as_it_was(face: Face) -> None:
    made = class_of(face)
    assert inspect.isclass(made)
    assert differences(made, arguments(face.init)[1]) == []


@pytest.mark.parametrize(
    ("face", "method"), METHODS, ids=[f"{of_class(f)}.{arguments(m)[0]}" for f, m in METHODS]
)
def test_every_method_takes_what_it_took(face: Face, method: str) -> None:
    name, wanted = arguments(method)
    made = getattr(class_of(face), name)
    assert callable(made)
    if (of_class(face), name) in UNNAMED:
        there = [one for one in inspect.signature(made).parameters.values() if one.name != "self"]
        assert len(there) >= len(wanted)
        for place, argument in enumerate(wanted):
            is_right = there[place].default == argument.default
            assert argument.default is REQUIRED or is_right, there[place]
        assert all(one.default is not REQUIRED for one in there[len(wanted) :])
        return
    assert differences(made, wanted) == []


@pytest.mark.parametrize("face", ON_MONITOR, ids=of_class)
def test_every_component_is_an_attribute_of_the_monitor(
    face: Face, watching: UnifiedSystemMonitor
) -> None:
    component = getattr(watching, str(face.on_monitor))
    assert isinstance(component, class_of(face))
    assert getattr(watching, str(face.on_monitor)) is component


@pytest.mark.parametrize(
    ("name", "attribute"),
    [(face.on_monitor or "", name) for face in ON_MONITOR for name in face.attributes],
)
def test_every_attribute_of_a_component_is_there(
    name: str, attribute: str, watching: UnifiedSystemMonitor
) -> None:
    assert hasattr(getattr(watching, name), attribute)


@pytest.mark.parametrize("attribute", FACES[0].attributes)
def test_every_attribute_of_the_monitor_is_there(
    attribute: str, watching: UnifiedSystemMonitor
) -> None:
    assert hasattr(watching, attribute)


@pytest.mark.parametrize("attribute", FACES[1].attributes)
def test_every_attribute_of_the_optimizer_is_there(attribute: str, make_optimizer: Any) -> None:
    assert hasattr(make_optimizer(), attribute)


# Dataclasses and enumerations.


def record(module: str, signature: str) -> tuple[Any, list[Any], dict[str, Any]]:
    """Return a class, its contract's fields, and values for those that are required."""
    name, fields = arguments(signature)
    values = {field.name: f"some {field.name}" for field in fields if field.default is REQUIRED}
    return getattr(import_module(module), name), fields, values


by_record = pytest.mark.parametrize(
    ("module", "signature"), SIGNATURES, ids=[arguments(one)[0] for _, one in SIGNATURES]
)


@by_record
def test_every_dataclass_has_its_fields_in_their_order(module: str, signature: str) -> None:
    made, fields, values = record(module, signature)
    is_one = dataclasses.is_dataclass(made)
    assert is_one
    names = [field.name for field in fields]
    assert [field.name for field in dataclasses.fields(made)][: len(names)] == names
    assert differences(made, fields) == []
    if made is IntegrationConfig:
        return
    value = made(*values.values())
    assert [getattr(value, field.name) for field in fields] == [
        values.get(field.name, field.default) for field in fields
    ]


@by_record
def test_every_dataclass_behaves_like_one(module: str, signature: str) -> None:
    made, fields, values = record(module, signature)
    value = made(**values)
    assert value == made(**values)
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    plain = dataclasses.asdict(value)
    assert {field.name for field in fields} <= set(plain)
    json.dumps(plain, default=str)
    first = fields[0].name
    changed = dataclasses.replace(value)
    assert changed == value
    if made is not IntegrationConfig:
        setattr(changed, first, "another")
        assert changed != value
        assert f"{first}='another'" in repr(changed)


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, some in ENUMS.items() for name in some]
)
def test_every_enumeration_has_its_members(module: str, name: str) -> None:
    made = getattr(import_module(module), name)
    assert issubclass(made, enum.Enum)
    assert {one.name: one.value for one in made} == ENUMS[module][name]


# What methods return.

METRICS = [field.name for field in arguments(RECORDS["system_monitor"][0])[1]]


def test_the_report_has_its_eight_sections(watching: UnifiedSystemMonitor) -> None:
    report = watching.get_comprehensive_report()
    assert {
        "timestamp",
        "system_state",
        "component_status",
        "performance_metrics",
        "recommendations",
        "alerts_summary",
        "predictions",
        "insights",
    } <= set(report)
    state = report["system_state"]
    fields = [field.name for field in arguments(RECORDS["unified_system_monitor"][0])[1]]
    assert set(fields) <= set(state)
    assert set(METRICS) <= set(state["metrics"])
    assert len(state["metrics"]["load_average"]) == 3
    status = report["component_status"]
    assert {face.on_monitor for face in ON_MONITOR} == set(status)
    assert set(status.values()) <= {"active", "disabled"}
    unified = report["performance_metrics"]["unified_monitor"]
    assert unified["avg_execution_time"] > 0
    assert isinstance(unified["operation_count"], int)
    assert isinstance(report["recommendations"], list)
    assert len(report["recommendations"]) <= 10
    assert {"total", "critical", "high", "medium", "low"} <= set(report["alerts_summary"])
    predictions = report["predictions"]
    assert predictions["available"] in (True, False)
    if predictions["available"]:
        assert {"prediction_count", "horizons"} <= set(predictions)
    assert {"total", "high_severity"} <= set(report["insights"])


def test_what_the_private_methods_return(watching: UnifiedSystemMonitor) -> None:
    monitor: Any = watching
    state = monitor._collect_system_state()
    assert type(state).__name__ == "SystemState"
    for score in (
        monitor._calculate_health_score(state.metrics),
        monitor._calculate_health_score(dataclasses.asdict(state.metrics)),
        monitor._calculate_performance_score(state.metrics),
        monitor._calculate_security_score(state),
    ):
        assert type(score) is float
        assert 0.0 <= score <= 100.0
    assert monitor._calculate_health_score(None) == 0.0
    assert monitor._calculate_performance_score(None) == 0.0
    assert monitor._get_cached_or_fresh("of a test", lambda: 5) == 5
    assert monitor._get_cached_or_fresh("of a test", lambda: 6) == 5
    texts = monitor._generate_comprehensive_recommendations()
    assert isinstance(texts, list)
    assert len(texts) <= 10


def test_the_health_score_is_that_of_the_formula(watching: UnifiedSystemMonitor) -> None:
    monitor: Any = watching
    given = metrics(1.0, cpu_percent=50.0, memory_percent=25.0, disk_percent=75.0)
    assert monitor._calculate_health_score(given) == pytest.approx(0.4 * 50 + 0.4 * 75 + 0.2 * 25)
    given = metrics(1.0, cpu_percent=100.0, memory_percent=100.0, disk_percent=100.0)
    assert monitor._calculate_health_score(given) == 0.0


def test_the_live_views_of_the_monitor(watching: UnifiedSystemMonitor) -> None:
    monitor: Any = watching
    assert isinstance(monitor.cache, dict) or hasattr(monitor.cache, "clear")
    assert set(monitor.callbacks) >= {
        "state_update",
        "alert_triggered",
        "recommendation_generated",
        "performance_anomaly",
        "security_issue",
    }
    assert monitor.state_history[-1].timestamp >= monitor.state_history[0].timestamp
    assert monitor.max_history_size == 1000
    assert monitor.thread_pool.submit(lambda: 7).result(timeout=20) == 7
    assert monitor.thread_pool is monitor.thread_pool
    assert monitor.monitoring_active is True
    assert monitor.monitoring_thread.is_alive()
    assert monitor.unified_db.endswith("unified_system.db")


def test_the_summary_of_the_system_monitor(watching: UnifiedSystemMonitor) -> None:
    component: Any = watching.system_monitor
    summary = component.get_system_summary()
    assert {"health_score", "status", "metrics", "alerts"} <= set(summary)
    assert type(summary["health_score"]) is int
    assert summary["status"] in ("healthy", "warning", "critical")
    assert set(METRICS) <= set(summary["metrics"])
    assert component.thresholds == {
        "cpu_warning": 70,
        "cpu_critical": 90,
        "memory_warning": 80,
        "memory_critical": 95,
        "disk_warning": 85,
        "disk_critical": 95,
    }
    high = metrics(1.0, cpu_percent=90.0, memory_percent=80.0, disk_percent=10.0)
    found = component.check_alerts(high)
    assert [(one["type"], one["severity"], one["threshold"]) for one in found] == [
        ("cpu", "critical", 90),
        ("memory", "warning", 80),
    ]
    assert all({"message", "value"} <= set(one) for one in found)


@pytest.mark.parametrize(
    ("cpu", "memory", "disk", "score", "status"),
    [
        (10, 10, 10, 100, "healthy"),
        (61, 71, 81, 65, "warning"),
        (81, 91, 91, 35, "critical"),
        (60, 70, 80, 100, "healthy"),
    ],
)
def test_the_health_score_of_the_system_monitor(
    cpu: float, memory: float, disk: float, score: int, status: str
) -> None:
    now = metrics(
        time.time(),
        cpu_percent=float(cpu),
        memory_percent=float(memory),
        disk_percent=float(disk),
    )
    kind = import_module("system_monitor").SystemMonitor
    summary = part_of(kind, PastMachine([now])).get_system_summary()
    assert (summary["health_score"], summary["status"]) == (score, status)


def test_the_shapes_of_the_recommender(watching: UnifiedSystemMonitor) -> None:
    recommender = watching.tool_recommender
    context = recommender.get_system_context()
    assert set(context) == {
        "timestamp",
        "performance_issues",
        "resource_usage",
        "recommendations",
    }
    assert set(context["resource_usage"]) == {
        "cpu_percent",
        "memory_percent",
        "disk_percent",
        "process_count",
    }
    found = recommender.recommend_tools("what uses my disk", context)
    assert 0 < len(found) <= 5
    confidences = [one.confidence_score for one in found]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0.0 < one <= 1.0 for one in confidences)
    assert set(recommender.category_triggers) == {
        "monitoring",
        "development",
        "productivity",
        "security",
        "utilities",
        "network",
        "storage",
        "multimedia",
    }
    triggers = {name: one["threshold"] for name, one in recommender.performance_triggers.items()}
    assert triggers == {"high_cpu": 80, "high_memory": 85, "low_disk": 90, "slow_system": 70}
    analytics = recommender.get_tool_analytics()
    assert set(analytics) >= {"top_tools", "category_distribution", "total_tools"}


def test_the_shapes_of_the_alert_manager(make_monitor: MakeMonitor) -> None:
    manager = make_monitor().alert_manager
    summary = manager.get_alert_summary()
    assert set(summary) >= {
        "total_alerts",
        "active_alerts",
        "severity_counts",
        "recent_alerts_24h",
    }
    alerts = manager.check_metrics(dataclasses.asdict(metrics(time.time(), cpu_percent=95.0)))
    assert [(one.id, one.alert_type, one.threshold) for one in alerts] == [
        (None, "CPU Critical", 90.0)
    ]
    manager.save_alerts(alerts)
    assert isinstance(alerts[0].id, int)
    assert manager.recent_alerts == alerts
    assert manager.get_active_alerts() == alerts
    told: list[Any] = []
    manager.add_alert_callback(told.append)
    manager.notify_alerts(alerts)
    assert told == [alerts]
    assert manager.thresholds["temperature_critical"] == 85
    for rule in manager.get_alert_rules():
        assert set(rule) == {
            "rule_name",
            "metric_name",
            "threshold",
            "severity",
            "enabled",
            "description",
        }


def test_the_shapes_of_predictive_analytics(watching: UnifiedSystemMonitor) -> None:
    component = watching.predictive_analytics
    found = component.run_analysis()
    assert set(found) == {"trends", "anomalies", "forecasts", "timestamp"}
    assert component.forecast_horizons == [1, 6, 24, 168]
    history = component.metric_history
    assert set(history) >= {
        "cpu_percent",
        "memory_percent",
        "disk_percent",
        "network_sent_mb",
        "network_recv_mb",
        "load_average_1",
        "process_count",
    }
    assert history["memory_percent"].maxlen == 1000
    for forecast in found["forecasts"]:
        assert forecast.forecast_horizon in ("1h", "6h", "24h", "168h")
        low, high = forecast.confidence_interval
        assert low <= forecast.predicted_value <= high
    for model in component.anomaly_models.values():
        assert set(model) == {"mean", "std", "min", "max", "last_values"}


def test_the_shapes_of_the_process_manager(watching: UnifiedSystemMonitor) -> None:
    manager: Any = watching.process_manager
    top = manager.get_top_processes(limit=5, sort_by="memory")
    assert len(top) == 5
    assert [one.memory_percent for one in top] == sorted(
        (one.memory_percent for one in top), reverse=True
    )
    mine = manager.get_process_info(os.getpid())
    assert mine.pid == os.getpid()
    assert all(type(pid) is int for pid in mine.children)
    assert mine.memory_mb > 1.0
    # The kernel's greatest number of a process is 2**22.
    assert manager.get_process_info(2**22 + 1) is None
    action = manager.suspend_process(2**22 + 1)
    assert (action.pid, action.action, action.success) == (2**22 + 1, "suspend", False)
    assert action.error_message
    assert manager.action_history[-1] == action
    assert set(manager.get_system_summary()) >= {
        "total_processes",
        "running_processes",
        "sleeping_processes",
        "total_cpu_percent",
        "total_memory_percent",
        "total_memory_mb",
        "resource_hogs_count",
        "action_history_count",
    }


def test_the_shapes_of_custom_alerts(make_monitor: MakeMonitor) -> None:
    custom = make_monitor().custom_alerts
    assert set(custom.notification_channels) >= {"console", "email", "slack", "webhook"}
    module = import_module("unified_system_monitor")
    rule = custom.create_custom_rule(
        "queue",
        "is long",
        "queue",
        module.AlertCondition.GREATER_THAN,
        3,
        module.AlertSeverity.WARNING,
    )
    assert rule.notification_channels == ["console"]
    assert [level.value for level in rule.escalation_levels] == ["warning", "critical"]
    assert rule.escalation_delay == 5
    custom.create_complex_rule(
        "both",
        "",
        [{"metric_name": "queue", "condition": ">", "threshold": 3}],
        "AND",
        module.AlertSeverity.CRITICAL,
    )
    (simple,) = custom.check_custom_rules({"queue": 4})
    assert set(simple) == {
        "rule_name",
        "metric_name",
        "current_value",
        "threshold",
        "condition",
        "severity",
        "message",
        "timestamp",
    }
    (both,) = custom.check_complex_rules({"queue": 4})
    assert set(both) == {
        "rule_name",
        "conditions",
        "operator",
        "severity",
        "message",
        "timestamp",
    }
    assert [one.name for one in custom.get_custom_rules()] == ["queue"]
    assert [one.name for one in custom.get_complex_rules()] == ["both"]


@pytest.mark.parametrize("form", ["json", "csv", "html"])
@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("export_system_metrics", "system_metrics"),
        ("export_alerts", "system_alerts"),
        ("export_predictive_data", "predictive_analytics"),
    ],
)
def test_what_an_export_says(
    watching: UnifiedSystemMonitor,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    what: str,
    form: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    reporter: Any = watching.export_reporter
    text = getattr(reporter, method)(format=form)
    assert isinstance(text, str)
    if what == "system_metrics":
        assert "Exported" in text
    else:
        assert "Exported" in text or "no " in text.lower()
    assert not text.startswith("Error")
    made = sorted(path.name for path in tmp_path.rglob(f"*.{form}"))
    if "Exported" in text:
        assert made
        assert all(re.match(rf"{what}_\d{{8}}_\d{{6}}", name) for name in made)
    assert getattr(reporter, method)(format="docx").startswith("Unsupported format: docx")


def test_what_reports_hold(
    watching: UnifiedSystemMonitor, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reporter: Any = watching.export_reporter
    for text, keys in (
        (
            reporter.generate_system_health_report(),
            {
                "report_type",
                "time_range",
                "generated_at",
                "current_metrics",
                "health_summary",
                "historical_data",
                "recommendations",
            },
        ),
        (
            reporter.generate_performance_trend_report(),
            {"report_type", "time_range", "generated_at", "trends", "historical_data"},
        ),
    ):
        path = tmp_path / text.split()[-1]
        report = json.loads(path.read_text(encoding="utf-8"))
        assert keys <= set(report)
    assert report["report_type"] == "performance_trends"
    assert report["time_range"] == "7d"
    for name in ("cpu", "memory", "disk"):
        assert set(report["trends"][name]) >= {"average", "max", "min", "trend"}


def test_the_shapes_of_machine_learning(watching: UnifiedSystemMonitor) -> None:
    learning = watching.ml_integration
    data = learning.collect_training_data()
    assert len(data) > 0
    assert {len(row) for row in data} == {12}
    assert len(learning.feature_names) == 12
    for text in (
        learning.train_anomaly_detection_model(),
        learning.train_performance_prediction_model(),
    ):
        assert isinstance(text, str)
        assert text
    metrics_now = watching.current_state.metrics
    anomalies = learning.detect_anomalies(metrics_now)
    assert {"is_anomaly", "confidence", "score", "features", "timestamp"} <= set(anomalies) or {
        "anomalies",
        "message",
    } == set(anomalies)
    predicted = learning.predict_performance(metrics_now)
    if "predictions" in predicted:
        assert predicted == {"predictions": {}, "message": predicted["message"]}
    else:
        for name in ("cpu_prediction", "memory_prediction"):
            assert predicted[name]["range"] in ("0-25%", "25-50%", "50-75%", "75-100%")
    assert isinstance(learning.generate_ml_recommendations(metrics_now), list)
    if learning.identify_patterns():
        assert len(learning.collect_training_data()) >= 50
    for one in learning.get_model_status().values():
        assert {"model_name", "accuracy", "status", "training_date"} <= set(one)


def test_the_shapes_of_advanced_analytics(watching: UnifiedSystemMonitor) -> None:
    analytics = watching.advanced_analytics
    for found in (
        analytics.analyze_correlations(),
        analytics.generate_performance_insights(),
        analytics.identify_system_correlations(),
    ):
        assert isinstance(found, list)
    baselines = analytics.calculate_performance_baselines()
    assert "memory_percent" in baselines
    for one in baselines.values():
        assert set(one) == {
            "mean",
            "median",
            "std",
            "min",
            "max",
            "percentile_95",
            "percentile_99",
            "sample_count",
        }
    mean = baselines["memory_percent"]["mean"]
    far = {"memory_percent": {**baselines["memory_percent"], "std": 1.0, "mean": mean - 10.0}}
    (anomaly,) = analytics.detect_performance_anomalies(
        metrics(time.time(), memory_percent=mean), far
    )
    assert set(anomaly) == {
        "metric_name",
        "current_value",
        "baseline_mean",
        "z_score",
        "severity",
        "description",
        "timestamp",
    }
    assert (anomaly["severity"], anomaly["z_score"]) == ("high", pytest.approx(10.0))


@pytest.mark.parametrize(
    ("component", "method", "arguments_"),
    [
        ("", "display_unified_status", ()),
        ("system_monitor", "display_metrics", ()),
        ("tool_recommender", "display_recommendations", ([],)),
        ("alert_manager", "display_alerts", ()),
        ("alert_manager", "display_alert_rules", ()),
        ("predictive_analytics", "display_analytics", ([], [], [])),
        ("process_manager", "display_processes", ([],)),
        ("process_manager", "display_process_tree", ()),
        ("process_manager", "display_action_history", ()),
        ("custom_alerts", "display_rules", ()),
        ("export_reporter", "display_export_options", ()),
        ("ml_integration", "display_ml_status", ()),
        ("advanced_analytics", "display_analytics_summary", ()),
    ],
)
def test_everything_can_be_displayed(
    watching: UnifiedSystemMonitor,
    capsys: pytest.CaptureFixture[str],
    component: str,
    method: str,
    arguments_: tuple[Any, ...],
) -> None:
    of = getattr(watching, component) if component else watching
    assert getattr(of, method)(*arguments_) is None
    assert capsys.readouterr().out.strip()
