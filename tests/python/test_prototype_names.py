"""Every attribute and method that the prototype had is there, with its parameters."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeMonitor, MakeOptimizer
from unified_system_monitor import (
    AdvancedProcessManager,
    ExportReporting,
    MonitoringDashboard,
    SystemMonitor,
)

MONITOR = {
    "start_monitoring": [],
    "stop_monitoring": [],
    "get_comprehensive_report": [],
    "add_callback": ["event_type", "callback"],
    "display_unified_status": [],
    "_get_component_status": [],
    "_get_performance_metrics": [],
    "_collect_system_state": [],
    "_get_cached_or_fresh": ["key", "getter"],
    "_calculate_health_score": ["metrics"],
    "_calculate_performance_score": ["metrics"],
    "_calculate_security_score": ["state"],
    "_generate_comprehensive_recommendations": [],
    "_get_alerts_summary": [],
    "_get_predictions_summary": [],
    "_get_insights_summary": [],
    "_trigger_callbacks": ["event_type", "data"],
    "_save_system_state": ["state"],
    "_track_performance": ["component", "operation", "execution_time"],
    "_log_integration_event": ["event_type", "event_data", "severity", "component"],
    "_monitoring_loop": [],
    "_init_unified_database": [],
}
MONITOR_ATTRIBUTES = [
    "console",
    "config",
    "system_monitor",
    "tool_recommender",
    "alert_manager",
    "predictive_analytics",
    "process_manager",
    "custom_alerts",
    "export_reporter",
    "ml_integration",
    "advanced_analytics",
    "current_state",
    "state_history",
    "max_history_size",
    "cache",
    "cache_timestamps",
    "thread_pool",
    "callbacks",
    "monitoring_active",
    "monitoring_thread",
    "unified_db",
]
OPTIMIZER = {
    "analyze_system_performance": [],
    "_analyze_process_performance": [],
    "generate_optimization_plan": ["targets"],
    "_generate_cpu_optimizations": ["target"],
    "_generate_memory_optimizations": ["target"],
    "_generate_disk_optimizations": ["target"],
    "_generate_process_optimizations": ["target"],
    "execute_optimization_actions": ["actions"],
    "_execute_single_action": ["action"],
    "_execute_kill_process": ["action"],
    "_execute_suspend_process": ["action"],
    "_execute_memory_cleanup": ["action"],
    "_execute_disk_cleanup": ["action"],
    "display_optimization_status": [],
    "_save_optimization_target": ["target"],
    "_save_optimization_action": ["action"],
    "_update_action_status": ["action", "success"],
    "_save_performance_profile": ["profile"],
    "_log_optimization_history": ["results"],
    "_load_performance_profiles": [],
    "_create_default_profile": [],
    "_init_database": [],
}
OPTIMIZER_ATTRIBUTES = [
    "console",
    "config",
    "system_monitor",
    "process_manager",
    "predictive_analytics",
    "optimization_dir",
    "auto_optimize",
    "optimization_threshold",
    "optimizer_db",
    "performance_profiles",
    "current_profile",
    "optimization_history",
    "max_history_size",
]
COMPONENTS: list[tuple[type[Any], dict[str, list[str]], list[str]]] = [
    (
        SystemMonitor,
        {
            "__init__": ["db_path", "config"],
            "collect_metrics": [],
            "save_metrics": ["metrics"],
            "save_alerts": ["alerts"],
            "check_alerts": ["metrics"],
            "get_system_summary": [],
            "display_metrics": ["metrics"],
            "start_monitoring": ["interval", "save_to_db"],
            "stop_monitoring": [],
        },
        [
            "console",
            "config",
            "thresholds",
            "db_path",
            "is_monitoring",
            "monitoring_thread",
            "last_metrics",
            "metrics_history",
        ],
    ),
    (
        AdvancedProcessManager,
        {
            "__init__": ["config"],
            "get_process_info": ["pid"],
            "get_top_processes": ["limit", "sort_by"],
            "find_resource_hogs": ["cpu_threshold", "memory_threshold"],
            "kill_process": ["pid", "force"],
            "suspend_process": ["pid"],
            "resume_process": ["pid"],
            "restart_process": ["pid"],
            "optimize_resources": ["aggressive"],
            "get_process_tree": ["root_pid", "max_depth"],
            "get_system_summary": [],
            "display_processes": ["processes", "title"],
            "display_process_tree": ["root_pid"],
            "display_action_history": [],
        },
        [
            "console",
            "config",
            "kill_timeout",
            "suspend_timeout",
            "max_processes",
            "cpu_threshold",
            "memory_threshold",
            "io_threshold",
            "action_history",
        ],
    ),
    (
        ExportReporting,
        {
            "__init__": ["config"],
            "export_system_metrics": ["start_time", "end_time", "format"],
            "export_alerts": ["start_time", "end_time", "format"],
            "export_predictive_data": ["start_time", "end_time", "format"],
            "generate_system_health_report": ["time_range", "include_recommendations"],
            "generate_performance_trend_report": ["time_range"],
            "display_export_options": [],
        },
        ["console", "config", "export_dir", "report_dir", "system_monitor", "alert_manager"],
    ),
    (
        MonitoringDashboard,
        {"__init__": ["config"], "run": []},
        ["config", "state", "running", "metrics", "alerts", "processes", "recommendations"],
    ),
]


def positional(method: Any) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(method).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind in kinds]


@pytest.mark.parametrize("name", MONITOR)
def test_a_monitor_has_its_methods(make_monitor: MakeMonitor, name: str) -> None:
    assert positional(getattr(make_monitor(), name)) == MONITOR[name]


@pytest.mark.parametrize("name", MONITOR_ATTRIBUTES)
def test_a_monitor_has_its_attributes(make_monitor: MakeMonitor, name: str) -> None:
    assert hasattr(make_monitor(), name)


@pytest.mark.parametrize("name", OPTIMIZER)
def test_an_optimizer_has_its_methods(make_optimizer: MakeOptimizer, name: str) -> None:
    assert positional(getattr(make_optimizer(), name)) == OPTIMIZER[name]


@pytest.mark.parametrize("name", OPTIMIZER_ATTRIBUTES)
def test_an_optimizer_has_its_attributes(make_optimizer: MakeOptimizer, name: str) -> None:
    assert hasattr(make_optimizer(), name)


@pytest.mark.parametrize(("kind", "methods", "attributes"), COMPONENTS)
def test_a_component_is_as_it_was(
    kind: type[Any],
    methods: dict[str, list[str]],
    attributes: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USM_DATA_DIR", str(tmp_path))
    made = kind()
    for name, wanted in methods.items():
        assert positional(getattr(made, name)) == wanted, name
    for name in attributes:
        assert hasattr(made, name), name
