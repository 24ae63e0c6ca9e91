"""The prototype's public face as a table: what a script written for it may rely on.

Signatures are written as Python writes them. A parameter without a default may have one here;
one with a default has that very default. Further parameters and fields come after those of the
prototype and are optional.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

REQUIRED = inspect.Parameter.empty


class Argument(NamedTuple):
    """One parameter or field."""

    name: str
    default: Any


def arguments(signature: str) -> tuple[str, list[Argument]]:
    """Read ``name(first, second=2)``."""
    made = ast.parse(f"def {signature}: ...").body[0]
    assert isinstance(made, ast.FunctionDef)
    names = [one.arg for one in made.args.args]
    defaults = [ast.literal_eval(one) for one in made.args.defaults]
    missing: list[Any] = [REQUIRED] * (len(names) - len(defaults))
    return made.name, [Argument(*pair) for pair in zip(names, missing + defaults)]


def differences(made: Callable[..., Any], wanted: list[Argument]) -> list[str]:
    """Return in what a callable differs from the arguments that it has to take."""
    there = [one for one in inspect.signature(made).parameters.values() if one.name != "self"]
    found: list[str] = []
    for place, argument in enumerate(wanted):
        if place >= len(there) or there[place].name != argument.name:
            found.append(f"{argument.name} is not parameter {place + 1}")
        elif argument.default is REQUIRED:
            continue
        elif there[place].default != argument.default:
            found.append(f"{argument.name} has the default {there[place].default!r}")
    for further in there[len(wanted) :]:
        is_open = further.kind in (further.VAR_POSITIONAL, further.VAR_KEYWORD)
        if further.default is REQUIRED and not is_open:
            found.append(f"{further.name} is required")
    return found


# Modules: name → what can be imported of it.

COMPONENT_CLASSES = [
    "SystemMonitor",
    "EnhancedToolRecommender",
    "AlertManager",
    "MonitoringDashboard",
    "PredictiveAnalytics",
    "AdvancedProcessManager",
    "CustomAlertRules",
    "ExportReporting",
    "MachineLearningIntegration",
    "AdvancedAnalytics",
]

MODULES: dict[str, list[str]] = {
    "unified_system_monitor": [
        "SystemState",
        "IntegrationConfig",
        "UnifiedSystemMonitor",
        "main",
        "RICH_AVAILABLE",
        *COMPONENT_CLASSES,
    ],
    "performance_optimizer": [
        "OptimizationTarget",
        "OptimizationAction",
        "PerformanceProfile",
        "PerformanceOptimizer",
        "main",
        "RICH_AVAILABLE",
        "SystemMonitor",
        "AdvancedProcessManager",
        "PredictiveAnalytics",
    ],
    "phase6_cli": ["Phase6CLI", "main", "RICH_AVAILABLE"],
    "test_phase6": ["Phase6Tester", "main"],
    "system_monitor": ["SystemMetrics", "SystemMonitor", "PSUTIL_AVAILABLE", "RICH_AVAILABLE"],
    "enhanced_tool_recommender": ["ToolRecommendation", "EnhancedToolRecommender"],
    "alert_manager": ["AlertSeverity", "Alert", "AlertManager"],
    "monitoring_dashboard": ["DashboardState", "MonitoringDashboard", "CURSES_AVAILABLE"],
    "predictive_analytics": [
        "TrendAnalysis",
        "AnomalyDetection",
        "PerformanceForecast",
        "PredictiveAnalytics",
    ],
    "advanced_process_manager": ["ProcessInfo", "ProcessAction", "AdvancedProcessManager"],
    "custom_alert_rules": [
        "AlertCondition",
        "EscalationLevel",
        "CustomAlertRule",
        "ComplexAlertRule",
        "AlertEscalation",
        "CustomAlertRules",
    ],
    "export_reporting": ["ReportConfig", "ExportData", "ExportReporting"],
    "machine_learning_integration": [
        "MLModel",
        "MLPrediction",
        "SystemPattern",
        "MachineLearningIntegration",
        "SKLEARN_AVAILABLE",
    ],
    "advanced_analytics": [
        "CorrelationAnalysis",
        "PerformanceInsight",
        "SystemCorrelation",
        "AdvancedAnalytics",
        "SCIPY_AVAILABLE",
    ],
}

# Dataclasses: module → fields in their order, with their defaults.

RECORDS: dict[str, list[str]] = {
    "unified_system_monitor": [
        "SystemState(timestamp, metrics=None, alerts=None, recommendations=None,"
        " predictions=None, insights=None, health_score=0.0, performance_score=0.0,"
        " security_score=0.0)",
        "IntegrationConfig(enable_monitoring=True, enable_analytics=True, enable_ml=True,"
        " enable_export=True, enable_dashboard=True, enable_alerts=True,"
        " enable_process_management=True, refresh_interval=2.0, max_threads=4,"
        " cache_duration=30.0, log_level='INFO')",
    ],
    "performance_optimizer": [
        "OptimizationTarget(target_type, current_value, target_value, priority, description,"
        " optimization_method, estimated_impact)",
        "OptimizationAction(action_type, target_id, description, priority, estimated_benefit,"
        " risk_level, execution_time)",
        "PerformanceProfile(profile_name, cpu_threshold, memory_threshold, disk_threshold,"
        " network_threshold, optimization_rules, auto_optimize, created_at)",
    ],
    "system_monitor": [
        "SystemMetrics(timestamp, cpu_percent, memory_percent, memory_used_gb, memory_total_gb,"
        " disk_percent, disk_used_gb, disk_total_gb, network_sent_mb, network_recv_mb,"
        " network_sent_rate, network_recv_rate, process_count, load_average, temperature=None,"
        " battery_percent=None, battery_plugged=None)",
    ],
    "enhanced_tool_recommender": [
        "ToolRecommendation(name, description, category, install_command, doc_url, tags,"
        " confidence_score, reason, system_impact, alternatives=None)",
    ],
    "alert_manager": [
        "Alert(id, timestamp, alert_type, metric_name, metric_value, threshold, severity,"
        " message, acknowledged=False, acknowledged_by=None, acknowledged_at=None)",
    ],
    "monitoring_dashboard": [
        "DashboardState(current_view='overview', refresh_rate=2, show_help=False, paused=False,"
        " sort_by='cpu', sort_reverse=True, selected_process=None, filter_text='')",
    ],
    "predictive_analytics": [
        "TrendAnalysis(metric_name, current_value, trend_direction, trend_strength, change_rate,"
        " prediction_1h, prediction_6h, prediction_24h, confidence)",
        "AnomalyDetection(metric_name, timestamp, value, expected_value, deviation, severity,"
        " anomaly_type, confidence)",
        "PerformanceForecast(metric_name, forecast_horizon, predicted_value,"
        " confidence_interval, trend_analysis, recommendations)",
    ],
    "advanced_process_manager": [
        "ProcessInfo(pid, name, status, cpu_percent, memory_percent, memory_mb, num_threads,"
        " create_time, parent_pid, children, cmdline, username, nice, io_counters, num_fds)",
        "ProcessAction(pid, action, reason, timestamp, success, error_message)",
    ],
    "custom_alert_rules": [
        "CustomAlertRule(id, name, description, metric_name, condition, threshold, severity,"
        " enabled, escalation_enabled, escalation_delay, escalation_levels,"
        " notification_channels, custom_message, created_at, last_triggered)",
        "ComplexAlertRule(id, name, description, conditions, operator, severity, enabled,"
        " escalation_enabled, escalation_delay, escalation_levels, notification_channels,"
        " custom_message, created_at, last_triggered)",
        "AlertEscalation(id, alert_id, rule_name, escalation_level, triggered_at, message,"
        " notification_sent, acknowledged, acknowledged_by, acknowledged_at)",
    ],
    "export_reporting": [
        "ReportConfig(report_type, time_range, start_time, end_time, metrics, format,"
        " include_charts, include_recommendations)",
        "ExportData(data_type, timestamp, data, metadata)",
    ],
    "machine_learning_integration": [
        "MLModel(model_type, model_name, accuracy, training_date, features, parameters, status)",
        "MLPrediction(timestamp, model_type, prediction, confidence, features_used, metadata)",
        "SystemPattern(pattern_type, pattern_id, description, confidence, features, frequency,"
        " severity)",
    ],
    "advanced_analytics": [
        "CorrelationAnalysis(metric1, metric2, correlation_type, correlation_value, p_value,"
        " significance, sample_size)",
        "PerformanceInsight(insight_type, metric_name, description, severity, confidence,"
        " recommendations, timestamp)",
        "SystemCorrelation(correlation_id, metrics, correlation_strength, correlation_type,"
        " description, impact_level, recommendations)",
    ],
}

# Enumerations: module → class → members.

ENUMS: dict[str, dict[str, dict[str, str]]] = {
    "alert_manager": {
        "AlertSeverity": {"INFO": "info", "WARNING": "warning", "CRITICAL": "critical"}
    },
    "custom_alert_rules": {
        "AlertCondition": {
            "GREATER_THAN": ">",
            "LESS_THAN": "<",
            "EQUAL_TO": "==",
            "NOT_EQUAL_TO": "!=",
            "GREATER_EQUAL": ">=",
            "LESS_EQUAL": "<=",
            "CONTAINS": "contains",
            "NOT_CONTAINS": "not_contains",
        },
        "EscalationLevel": {
            "INFO": "info",
            "WARNING": "warning",
            "CRITICAL": "critical",
            "EMERGENCY": "emergency",
        },
    },
}


class Face(NamedTuple):
    """A class with behaviour."""

    module: str
    init: str
    """How it is made: its name is the class's."""
    methods: list[str]
    attributes: list[str]
    on_monitor: str | None = None
    """Attribute of the monitor that has one."""


_OLD_RULE_TAIL = (
    "severity, escalation_enabled=False, escalation_delay=5, escalation_levels=None,"
    " notification_channels=None, custom_message=None"
)

FACES = [
    Face(
        "unified_system_monitor",
        "UnifiedSystemMonitor(config=None)",
        [
            "start_monitoring()",
            "stop_monitoring()",
            "get_comprehensive_report()",
            "add_callback(event_type, callback)",
            "display_unified_status()",
            "_get_component_status()",
            "_get_performance_metrics()",
            "_collect_system_state()",
            "_get_cached_or_fresh(key, getter)",
            "_calculate_health_score(metrics)",
            "_calculate_performance_score(metrics)",
            "_calculate_security_score(state)",
            "_generate_comprehensive_recommendations()",
            "_get_alerts_summary()",
            "_get_predictions_summary()",
            "_get_insights_summary()",
            "_trigger_callbacks(event, data)",
            "_save_system_state(state)",
            "_track_performance(component, operation, seconds)",
            "_log_integration_event(event_type, text, severity, component)",
            "_monitoring_loop()",
            "_init_unified_database()",
        ],
        [
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
        ],
    ),
    Face(
        "performance_optimizer",
        "PerformanceOptimizer(config=None)",
        [
            "analyze_system_performance()",
            "_analyze_process_performance()",
            "generate_optimization_plan(targets)",
            "_generate_cpu_optimizations(target)",
            "_generate_memory_optimizations(target)",
            "_generate_disk_optimizations(target)",
            "_generate_process_optimizations(target)",
            "execute_optimization_actions(actions)",
            "_execute_single_action(action)",
            "_execute_kill_process(action)",
            "_execute_suspend_process(action)",
            "_execute_memory_cleanup(action)",
            "_execute_disk_cleanup(action)",
            "display_optimization_status()",
            "_save_optimization_target(target)",
            "_save_optimization_action(action)",
            "_update_action_status(action, success)",
            "_save_performance_profile(profile)",
            "_log_optimization_history(results)",
            "_load_performance_profiles()",
            "_create_default_profile()",
            "_init_database()",
        ],
        [
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
        ],
    ),
    Face(
        "phase6_cli",
        "Phase6CLI()",
        [
            "run(args=None)",
            "_handle_monitor(args)",
            "_handle_status(args)",
            "_handle_optimize(args)",
            "_handle_report(args)",
            "_handle_config(args)",
        ],
        ["console", "config", "unified_monitor", "optimizer", "parser"],
    ),
    Face(
        "test_phase6",
        "Phase6Tester()",
        [
            "run_all_tests()",
            "display_results()",
            "test_unified_monitoring()",
            "test_performance_optimization()",
            "test_integration()",
            "test_configuration()",
            "test_performance_metrics()",
        ],
        [],
    ),
    Face(
        "system_monitor",
        "SystemMonitor(db_path=None, config=None)",
        [
            "collect_metrics()",
            "save_metrics(metrics)",
            "save_alerts(alerts)",
            "check_alerts(metrics)",
            "get_system_summary()",
            "display_metrics(metrics=None)",
            "start_monitoring(interval=5, save_to_db=True)",
            "stop_monitoring()",
        ],
        [
            "console",
            "thresholds",
            "db_path",
            "is_monitoring",
            "monitoring_thread",
            "last_metrics",
            "metrics_history",
        ],
        "system_monitor",
    ),
    Face(
        "enhanced_tool_recommender",
        "EnhancedToolRecommender(db_path=None, system_monitor=None)",
        [
            "recommend_tools(query, context=None)",
            "get_system_context()",
            "display_recommendations(recommendations, query='')",
            "log_recommendation(query, recommendations, context)",
            "get_tool_analytics()",
        ],
        ["console", "category_triggers", "performance_triggers", "db_path", "system_monitor"],
        "tool_recommender",
    ),
    Face(
        "alert_manager",
        "AlertManager(db_path=None, config=None)",
        [
            "check_metrics(metrics)",
            "save_alerts(alerts)",
            "get_active_alerts()",
            "acknowledge_alert(alert_id, acknowledged_by='user')",
            "get_alert_summary()",
            "create_alert_rule(rule_name, metric_name, threshold, severity, description='')",
            "enable_alert_rule(rule_name, enabled=True)",
            "get_alert_rules()",
            "add_alert_callback(callback)",
            "notify_alerts(alerts)",
            "display_alerts(alerts=None)",
            "display_alert_rules()",
        ],
        ["console", "thresholds", "db_path", "recent_alerts"],
        "alert_manager",
    ),
    Face(
        "predictive_analytics",
        "PredictiveAnalytics(db_path=None, config=None)",
        [
            "collect_metrics()",
            "analyze_trends()",
            "detect_anomalies()",
            "generate_forecasts()",
            "generate_forecast(metrics)",
            "display_analytics(trends, anomalies, forecasts)",
            "run_analysis()",
        ],
        ["console", "forecast_horizons", "metric_history", "anomaly_models", "db_path"],
        "predictive_analytics",
    ),
    Face(
        "advanced_process_manager",
        "AdvancedProcessManager(config=None)",
        [
            "get_process_info(pid)",
            "get_top_processes(limit=20, sort_by='cpu')",
            "find_resource_hogs(cpu_threshold=None, memory_threshold=None)",
            "kill_process(pid, force=False)",
            "suspend_process(pid)",
            "resume_process(pid)",
            "restart_process(pid)",
            "optimize_resources(aggressive=False)",
            "get_process_tree(root_pid=1, max_depth=3)",
            "get_system_summary()",
            "display_processes(processes, title='Process List')",
            "display_process_tree(root_pid=1)",
            "display_action_history()",
        ],
        ["console", "action_history"],
        "process_manager",
    ),
    Face(
        "custom_alert_rules",
        "CustomAlertRules(db_path=None, config=None)",
        [
            f"create_custom_rule(name, description, metric_name, condition, threshold,"
            f" {_OLD_RULE_TAIL})",
            f"create_complex_rule(name, description, conditions, operator, {_OLD_RULE_TAIL})",
            "get_custom_rules()",
            "get_complex_rules()",
            "check_custom_rules(metrics)",
            "check_complex_rules(metrics)",
            "display_rules()",
        ],
        ["console", "alert_manager", "notification_channels", "db_path"],
        "custom_alerts",
    ),
    Face(
        "export_reporting",
        "ExportReporting(config=None)",
        [
            "export_system_metrics(start_time=None, end_time=None, format='json')",
            "export_alerts(start_time=None, end_time=None, format='json')",
            "export_predictive_data(start_time=None, end_time=None, format='json')",
            "generate_system_health_report(time_range='24h', include_recommendations=True)",
            "generate_performance_trend_report(time_range='7d')",
            "display_export_options()",
        ],
        ["console"],
        "export_reporter",
    ),
    Face(
        "machine_learning_integration",
        "MachineLearningIntegration(config=None)",
        [
            "collect_training_data(time_range='7d')",
            "train_anomaly_detection_model(time_range='7d')",
            "train_performance_prediction_model(time_range='7d')",
            "detect_anomalies(metrics)",
            "predict_performance(metrics)",
            "identify_patterns(time_range='7d')",
            "generate_ml_recommendations(metrics, predictions=None)",
            "get_model_status()",
            "display_ml_status()",
        ],
        ["console", "models", "scalers", "feature_names"],
        "ml_integration",
    ),
    Face(
        "advanced_analytics",
        "AdvancedAnalytics(config=None)",
        [
            "analyze_correlations(time_range='7d')",
            "generate_performance_insights(time_range='7d')",
            "identify_system_correlations(time_range='7d')",
            "calculate_performance_baselines(time_range='7d')",
            "detect_performance_anomalies(current_metrics, baselines=None)",
            "display_analytics_summary()",
        ],
        ["console"],
        "advanced_analytics",
    ),
    Face("monitoring_dashboard", "MonitoringDashboard(config=None)", ["run()"], ["console"]),
]

# Parameters whose names the contract does not tell: only their place and default count.

UNNAMED = {
    ("PerformanceOptimizer", "_generate_cpu_optimizations"),
    ("PerformanceOptimizer", "_generate_memory_optimizations"),
    ("PerformanceOptimizer", "_generate_disk_optimizations"),
    ("PerformanceOptimizer", "_generate_process_optimizations"),
    ("PerformanceOptimizer", "_execute_single_action"),
    ("PerformanceOptimizer", "_execute_kill_process"),
    ("PerformanceOptimizer", "_execute_suspend_process"),
    ("PerformanceOptimizer", "_execute_memory_cleanup"),
    ("PerformanceOptimizer", "_execute_disk_cleanup"),
    ("PerformanceOptimizer", "_save_optimization_target"),
    ("PerformanceOptimizer", "_save_optimization_action"),
    ("Phase6CLI", "_handle_monitor"),
    ("Phase6CLI", "_handle_status"),
    ("Phase6CLI", "_handle_optimize"),
    ("Phase6CLI", "_handle_report"),
    ("Phase6CLI", "_handle_config"),
    ("UnifiedSystemMonitor", "_trigger_callbacks"),
    ("UnifiedSystemMonitor", "_track_performance"),
    ("UnifiedSystemMonitor", "_log_integration_event"),
    ("EnhancedToolRecommender", "display_recommendations"),
    ("EnhancedToolRecommender", "log_recommendation"),
    ("AlertManager", "add_alert_callback"),
    ("PredictiveAnalytics", "generate_forecast"),
    ("AdvancedProcessManager", "display_processes"),
}

# Databases: file → table → columns in their order, after `id`. A `created_at` may follow.

_STAMP = "created_at"
_DATABASES: dict[str, dict[str, str]] = {
    "unified_system.db": {
        "unified_system_states": "timestamp health_score performance_score security_score"
        " metrics_data alerts_data recommendations_data predictions_data insights_data"
        " created_at",
        "performance_metrics": "component_name operation_name execution_time memory_usage"
        " cpu_usage timestamp created_at",
        "integration_events": "event_type event_data severity component_name timestamp created_at",
    },
    "system_metrics.db": {
        "system_metrics": "timestamp cpu_percent memory_percent memory_used_gb memory_total_gb"
        " disk_percent disk_used_gb disk_total_gb network_sent_mb network_recv_mb"
        " network_sent_rate network_recv_rate process_count load_average_1 load_average_5"
        " load_average_15 temperature battery_percent battery_plugged created_at",
        "system_alerts": "timestamp alert_type metric_name metric_value threshold severity"
        " message acknowledged created_at",
        "performance_history": "date avg_cpu_percent max_cpu_percent avg_memory_percent"
        " max_memory_percent avg_disk_percent max_disk_percent total_network_sent_gb"
        " total_network_recv_gb peak_process_count",
    },
    "tool_analytics.db": {
        "tools": "name description category install_command doc_url tags confidence_score",
        "tool_analytics": "tool_name install_count usage_count success_rate user_rating last_used",
        "recommendation_history": "query recommended_tools system_context user_feedback",
    },
    "system_alerts.db": {
        "alerts": "timestamp alert_type metric_name metric_value threshold severity message"
        " acknowledged acknowledged_by acknowledged_at created_at",
        "alert_rules": "rule_name metric_name threshold severity enabled description",
        "notification_settings": "alert_type enabled notification_method",
    },
    "predictive_analytics.db": {
        # Dataclass fields and `timestamp`.
        "trend_analysis": "metric_name current_value trend_direction trend_strength change_rate"
        " prediction_1h prediction_6h prediction_24h confidence timestamp",
        "anomalies": "metric_name timestamp value expected_value deviation severity"
        " anomaly_type confidence",
        "performance_forecasts": "metric_name forecast_horizon predicted_value confidence_lower"
        " confidence_upper trend_analysis recommendations timestamp",
        "historical_metrics": "metric_name value timestamp",
    },
    "custom_alert_rules.db": {
        "custom_alert_rules": "name description metric_name condition threshold severity enabled"
        " escalation_enabled escalation_delay escalation_levels notification_channels"
        " custom_message created_at last_triggered",
        "complex_alert_rules": "name description conditions operator severity enabled"
        " escalation_enabled escalation_delay escalation_levels notification_channels"
        " custom_message created_at last_triggered",
        "alert_escalations": "alert_id rule_name escalation_level triggered_at message"
        " notification_sent acknowledged acknowledged_by acknowledged_at",
        "notification_history": "rule_name alert_id channel message sent_at success error_message",
    },
    "ml_integration.db": {
        "ml_models": "model_type model_name accuracy training_date features parameters status",
        "ml_predictions": "timestamp model_type prediction confidence features_used metadata",
        "system_patterns": "pattern_type pattern_id description confidence features frequency"
        " severity",
        "feature_engineering": "feature_name feature_type calculation_method parameters status",
    },
    "advanced_analytics.db": {
        "correlations": "metric1 metric2 correlation_type correlation_value p_value significance"
        " sample_size",
        "performance_insights": "insight_type metric_name description severity confidence"
        " recommendations timestamp",
        "system_correlations": "correlation_id metrics correlation_strength correlation_type"
        " description impact_level recommendations",
        "performance_baselines": "metric_name baseline_type baseline_value standard_deviation"
        " sample_count time_period",
    },
    "performance_optimizer.db": {
        "optimization_targets": "target_type current_value target_value priority description"
        " optimization_method estimated_impact created_at",
        "optimization_actions": "action_type target_id description priority estimated_benefit"
        " risk_level execution_time status created_at",
        "performance_profiles": "profile_name cpu_threshold memory_threshold disk_threshold"
        " network_threshold optimization_rules auto_optimize created_at",
        "optimization_history": "optimization_type target_component before_value after_value"
        " improvement_percentage execution_time status created_at",
    },
}
DATABASES = {
    file: {table: ["id", *columns.split()] for table, columns in tables.items()}
    for file, tables in _DATABASES.items()
}


def has_columns(there: list[str], wanted: list[str]) -> bool:
    """Whether a table's columns are the wanted ones, in their order."""
    return there == wanted or (_STAMP not in wanted and there == [*wanted, _STAMP])
