//! Database folders as the prototype leaves them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

/// Its files, and the statements that make their tables.
const FILES: [(&str, &str); 9] = [
    (
        "unified_system.db",
        "CREATE TABLE unified_system_states (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         timestamp REAL NOT NULL, health_score REAL, performance_score REAL, \
         security_score REAL, metrics_data TEXT, alerts_data TEXT, recommendations_data TEXT, \
         predictions_data TEXT, insights_data TEXT, \
         created_at REAL DEFAULT (strftime('%s', 'now'))); \
         CREATE TABLE performance_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         component_name TEXT NOT NULL, operation_name TEXT NOT NULL, execution_time REAL, \
         memory_usage REAL, cpu_usage REAL, timestamp REAL, \
         created_at REAL DEFAULT (strftime('%s', 'now'))); \
         CREATE TABLE integration_events (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         event_type TEXT NOT NULL, event_data TEXT, severity TEXT, component_name TEXT, \
         timestamp REAL, created_at REAL DEFAULT (strftime('%s', 'now')))",
    ),
    (
        "performance_optimizer.db",
        "CREATE TABLE optimization_targets (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         target_type TEXT NOT NULL, current_value REAL, target_value REAL, priority TEXT, \
         description TEXT, optimization_method TEXT, estimated_impact TEXT, \
         created_at REAL DEFAULT (strftime('%s', 'now'))); \
         CREATE TABLE optimization_actions (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         action_type TEXT NOT NULL, target_id TEXT, description TEXT, priority TEXT, \
         estimated_benefit REAL, risk_level TEXT, execution_time REAL, \
         status TEXT DEFAULT 'pending', created_at REAL DEFAULT (strftime('%s', 'now'))); \
         CREATE TABLE performance_profiles (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         profile_name TEXT NOT NULL, cpu_threshold REAL, memory_threshold REAL, \
         disk_threshold REAL, network_threshold REAL, optimization_rules TEXT, \
         auto_optimize BOOLEAN, created_at REAL DEFAULT (strftime('%s', 'now'))); \
         CREATE TABLE optimization_history (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         optimization_type TEXT NOT NULL, target_component TEXT, before_value REAL, \
         after_value REAL, improvement_percentage REAL, execution_time REAL, status TEXT, \
         created_at REAL DEFAULT (strftime('%s', 'now')))",
    ),
    (
        "system_metrics.db",
        "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         timestamp REAL NOT NULL, cpu_percent REAL, memory_percent REAL, memory_used_gb REAL, \
         memory_total_gb REAL, disk_percent REAL, disk_used_gb REAL, disk_total_gb REAL, \
         network_sent_mb REAL, network_recv_mb REAL, network_sent_rate REAL, \
         network_recv_rate REAL, process_count INTEGER, load_average_1 REAL, \
         load_average_5 REAL, load_average_15 REAL, temperature REAL, battery_percent REAL, \
         battery_plugged INTEGER, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE system_alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL, \
         alert_type TEXT, metric_name TEXT, metric_value REAL, threshold REAL, severity TEXT, \
         message TEXT, acknowledged INTEGER DEFAULT 0, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE performance_history (id INTEGER PRIMARY KEY AUTOINCREMENT, date TEXT, \
         avg_cpu_percent REAL, max_cpu_percent REAL, avg_memory_percent REAL, \
         max_memory_percent REAL, avg_disk_percent REAL, max_disk_percent REAL, \
         total_network_sent_gb REAL, total_network_recv_gb REAL, peak_process_count INTEGER, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "system_alerts.db",
        "CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL NOT NULL, \
         alert_type TEXT NOT NULL, metric_name TEXT NOT NULL, metric_value REAL NOT NULL, \
         threshold REAL NOT NULL, severity TEXT NOT NULL, message TEXT NOT NULL, \
         acknowledged BOOLEAN DEFAULT FALSE, acknowledged_by TEXT, acknowledged_at REAL, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE alert_rules (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         rule_name TEXT UNIQUE NOT NULL, metric_name TEXT NOT NULL, threshold REAL NOT NULL, \
         severity TEXT NOT NULL, enabled BOOLEAN DEFAULT TRUE, description TEXT, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE notification_settings (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         alert_type TEXT NOT NULL, enabled BOOLEAN DEFAULT TRUE, \
         notification_method TEXT DEFAULT 'console', \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "custom_alert_rules.db",
        "CREATE TABLE custom_alert_rules (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         name TEXT UNIQUE NOT NULL, description TEXT, metric_name TEXT NOT NULL, \
         condition TEXT NOT NULL, threshold REAL NOT NULL, severity TEXT NOT NULL, \
         enabled BOOLEAN DEFAULT TRUE, escalation_enabled BOOLEAN DEFAULT FALSE, \
         escalation_delay INTEGER DEFAULT 5, escalation_levels TEXT, \
         notification_channels TEXT, custom_message TEXT, created_at REAL, \
         last_triggered REAL); \
         CREATE TABLE complex_alert_rules (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         name TEXT UNIQUE NOT NULL, description TEXT, conditions TEXT NOT NULL, \
         operator TEXT NOT NULL, severity TEXT NOT NULL, enabled BOOLEAN DEFAULT TRUE, \
         escalation_enabled BOOLEAN DEFAULT FALSE, escalation_delay INTEGER DEFAULT 5, \
         escalation_levels TEXT, notification_channels TEXT, custom_message TEXT, \
         created_at REAL, last_triggered REAL); \
         CREATE TABLE alert_escalations (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         alert_id INTEGER NOT NULL, rule_name TEXT NOT NULL, escalation_level TEXT NOT NULL, \
         triggered_at REAL NOT NULL, message TEXT, notification_sent BOOLEAN DEFAULT FALSE, \
         acknowledged BOOLEAN DEFAULT FALSE, acknowledged_by TEXT, acknowledged_at REAL); \
         CREATE TABLE notification_history (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         rule_name TEXT NOT NULL, alert_id INTEGER, channel TEXT NOT NULL, \
         message TEXT NOT NULL, sent_at REAL NOT NULL, success BOOLEAN NOT NULL, \
         error_message TEXT)",
    ),
    (
        "tool_analytics.db",
        "CREATE TABLE tools (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, \
         description TEXT, category TEXT, install_command TEXT, doc_url TEXT, tags TEXT, \
         confidence_score REAL, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE tool_analytics (id INTEGER PRIMARY KEY AUTOINCREMENT, tool_name TEXT, \
         install_count INTEGER DEFAULT 0, usage_count INTEGER DEFAULT 0, success_rate REAL, \
         user_rating REAL, last_used DATETIME, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE recommendation_history (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         query TEXT, recommended_tools TEXT, system_context TEXT, user_feedback TEXT, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "predictive_analytics.db",
        "CREATE TABLE historical_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         metric_name TEXT NOT NULL, value REAL NOT NULL, timestamp REAL NOT NULL, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE trend_analysis (id INTEGER PRIMARY KEY AUTOINCREMENT, metric_name TEXT, \
         current_value REAL, trend_direction TEXT, trend_strength REAL, change_rate REAL, \
         prediction_1h REAL, prediction_6h REAL, prediction_24h REAL, confidence REAL, \
         timestamp REAL, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE anomalies (id INTEGER PRIMARY KEY AUTOINCREMENT, metric_name TEXT, \
         timestamp REAL, value REAL, expected_value REAL, deviation REAL, severity TEXT, \
         anomaly_type TEXT, confidence REAL, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE performance_forecasts (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         metric_name TEXT, forecast_horizon TEXT, predicted_value REAL, confidence_lower REAL, \
         confidence_upper REAL, trend_analysis TEXT, recommendations TEXT, timestamp REAL, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "ml_integration.db",
        "CREATE TABLE ml_models (id INTEGER PRIMARY KEY AUTOINCREMENT, model_type TEXT, \
         model_name TEXT, accuracy REAL, training_date REAL, features TEXT, parameters TEXT, \
         status TEXT, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE ml_predictions (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp REAL, \
         model_type TEXT, prediction TEXT, confidence REAL, features_used TEXT, metadata TEXT, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE system_patterns (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         pattern_type TEXT, pattern_id TEXT, description TEXT, confidence REAL, features TEXT, \
         frequency REAL, severity TEXT, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE feature_engineering (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         feature_name TEXT, feature_type TEXT, calculation_method TEXT, parameters TEXT, \
         status TEXT, created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "advanced_analytics.db",
        "CREATE TABLE correlations (id INTEGER PRIMARY KEY AUTOINCREMENT, metric1 TEXT, \
         metric2 TEXT, correlation_type TEXT, correlation_value REAL, p_value REAL, \
         significance TEXT, sample_size INTEGER, created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE performance_insights (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         insight_type TEXT, metric_name TEXT, description TEXT, severity TEXT, \
         confidence REAL, recommendations TEXT, timestamp REAL, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE system_correlations (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         correlation_id TEXT, metrics TEXT, correlation_strength REAL, correlation_type TEXT, \
         description TEXT, impact_level TEXT, recommendations TEXT, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP); \
         CREATE TABLE performance_baselines (id INTEGER PRIMARY KEY AUTOINCREMENT, \
         metric_name TEXT, baseline_type TEXT, baseline_value REAL, standard_deviation REAL, \
         sample_count INTEGER, time_period TEXT, \
         created_at DATETIME DEFAULT CURRENT_TIMESTAMP)",
    ),
];

/// A folder with the prototype's files.
pub(super) struct Prototype {
    pub(super) folder: PathBuf,
}

impl Prototype {
    /// All nine, empty.
    pub(super) fn new(folder: &Path) -> Prototype {
        std::fs::create_dir_all(folder).unwrap();
        // Not in the midst of a lock.
        crate::store::prepare_process().unwrap();
        let prototype = Prototype {
            folder: folder.to_path_buf(),
        };
        for (name, sql) in FILES {
            prototype.sql(name, sql);
        }
        prototype
    }

    pub(super) fn open(&self, file: &str) -> Connection {
        crate::store::open_beside(self.folder.join(file)).unwrap()
    }

    pub(super) fn sql(&self, file: &str, sql: &str) {
        self.open(file).execute_batch(sql).unwrap();
    }

    /// As `SystemMonitor.save_metrics` writes them, one every `step` seconds; the processor
    /// is busy by the row's number, from 0 on, up to 99 %.
    pub(super) fn save_metrics(&self, from: f64, step: f64, count: usize) {
        let mut connection = self.open("system_metrics.db");
        let transaction = connection.transaction().unwrap();
        for n in 0..count {
            let load = n as f64 / 100.0;
            transaction
                .execute(
                    "INSERT INTO system_metrics (timestamp, cpu_percent, memory_percent, \
                     memory_used_gb, memory_total_gb, disk_percent, disk_used_gb, \
                     disk_total_gb, network_sent_mb, network_recv_mb, network_sent_rate, \
                     network_recv_rate, process_count, load_average_1, load_average_5, \
                     load_average_15, temperature, battery_percent, battery_plugged) \
                     VALUES (?1, ?2, 50.5, 8.0, 16.0, 71.25, 171.0, 240.0, 100.5, 200.5, 0.1, \
                     0.2, ?3, ?4, 0.5, 0.25, NULL, NULL, 0)",
                    params![
                        from + step * n as f64,
                        (n % 100) as f64,
                        200 + n as i64,
                        load
                    ],
                )
                .unwrap();
        }
        transaction.commit().unwrap();
    }

    /// As `PredictiveAnalytics.collect_metrics` writes them: a row for each metric.
    pub(super) fn save_history(&self, from: f64, step: f64, count: usize) {
        let mut connection = self.open("predictive_analytics.db");
        let transaction = connection.transaction().unwrap();
        for n in 0..count {
            for (metric, value) in [
                ("cpu_percent", (n % 100) as f64),
                ("memory_percent", 50.5),
                ("disk_percent", 71.25),
                ("network_sent_mb", 100.5),
                ("network_recv_mb", 200.5),
                ("load_average_1", 0.75),
                ("process_count", 321.0),
            ] {
                transaction
                    .execute(
                        "INSERT INTO historical_metrics (metric_name, value, timestamp) \
                         VALUES (?1, ?2, ?3)",
                        params![metric, value, from + step * n as f64],
                    )
                    .unwrap();
            }
        }
        transaction.commit().unwrap();
    }

    /// What the unified loop leaves: timings and events; its states are never stored.
    pub(super) fn run_loop(&self, from: f64, step: f64, count: usize) {
        let mut connection = self.open("unified_system.db");
        let transaction = connection.transaction().unwrap();
        for n in 0..count {
            let time = from + step * n as f64;
            transaction
                .execute(
                    "INSERT INTO performance_metrics (component_name, operation_name, \
                     execution_time, timestamp) VALUES ('unified_monitor', 'collect_state', \
                     ?1, ?2)",
                    params![1.0 + n as f64 / 1000.0, time],
                )
                .unwrap();
        }
        transaction
            .execute(
                "INSERT INTO integration_events (event_type, event_data, severity, \
                 component_name, timestamp) VALUES ('monitoring_started', \
                 '{\"config\": {}}', 'info', 'unified_monitor', ?1)",
                [from],
            )
            .unwrap();
        transaction.commit().unwrap();
    }

    /// What the optimizer leaves: the default profile once for each start that raced.
    pub(super) fn optimize(&self, now: f64) {
        let rules =
            r#"[{"type": "cpu", "action": "kill_process", "threshold": 90, "priority": "high"}]"#;
        let connection = self.open("performance_optimizer.db");
        for (name, cpu, created) in [
            ("balanced", 80.0, now - 500.0),
            ("balanced", 80.0, now - 499.0),
            ("night", 60.0, now - 400.0),
            ("night", 65.0, now - 300.0),
        ] {
            connection
                .execute(
                    "INSERT INTO performance_profiles (profile_name, cpu_threshold, \
                     memory_threshold, disk_threshold, network_threshold, optimization_rules, \
                     auto_optimize, created_at) VALUES (?1, ?2, 85, 90, 70, ?3, 0, ?4)",
                    params![name, cpu, rules, created],
                )
                .unwrap();
        }
        for n in 0..3 {
            connection
                .execute(
                    "INSERT INTO optimization_targets (target_type, current_value, \
                     target_value, priority, description, optimization_method, \
                     estimated_impact, created_at) VALUES ('cpu', ?1, 60, 'high', \
                     'CPU usage is high', 'process_optimization', 'high', ?2)",
                    params![90.0 + f64::from(n), now - 100.0 + f64::from(n)],
                )
                .unwrap();
            connection
                .execute(
                    "INSERT INTO optimization_actions (action_type, target_id, description, \
                     priority, estimated_benefit, risk_level, execution_time, status, \
                     created_at) VALUES ('kill_process', ?1, 'Kill it', 'high', 42.0, \
                     'medium', 1.0, 'completed', ?2)",
                    params![format!("{}", 4000 + n), now - 90.0 + f64::from(n)],
                )
                .unwrap();
        }
        connection
            .execute(
                "INSERT INTO optimization_history (optimization_type, target_component, \
                 before_value, after_value, improvement_percentage, execution_time, status, \
                 created_at) VALUES ('batch_optimization', 'system', 42.0, 42.0, 42.0, 1.5, \
                 'completed', ?1)",
                [now - 80.0],
            )
            .unwrap();
    }

    /// A row or two in every further table.
    pub(super) fn analyse(&self, now: f64) {
        for (file, sql) in [
            (
                "system_metrics.db",
                "INSERT INTO system_alerts (timestamp, alert_type, metric_name, metric_value, \
                 threshold, severity, message) VALUES ({now}, 'cpu', 'cpu_percent', 91.5, 90, \
                 'critical', 'CPU usage critical: 91.5%')",
            ),
            (
                "system_alerts.db",
                "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, \
                 threshold, severity, message, acknowledged, acknowledged_by, acknowledged_at) \
                 VALUES ({now}, 'CPU Warning', 'cpu_percent', 75.5, 70, 'warning', \
                 'CPU Warning: 75.5', 1, 'ops', {now}), \
                 ({now}, 'Memory Critical', 'memory_percent', 96.0, 95, 'critical', \
                 'Memory Critical: 96.0', 0, NULL, NULL); \
                 INSERT INTO alert_rules (rule_name, metric_name, threshold, severity, \
                 description) VALUES ('Many processes', 'process_count', 500, 'warning', 'ours'); \
                 INSERT INTO notification_settings (alert_type, enabled) VALUES ('cpu', 1)",
            ),
            (
                "custom_alert_rules.db",
                "INSERT INTO custom_alert_rules (name, description, metric_name, condition, \
                 threshold, severity, escalation_levels, notification_channels, created_at) \
                 VALUES ('hot', 'too hot', 'temperature', '>', 80, 'critical', \
                 '[\"warning\", \"critical\"]', '[\"console\"]', {now}); \
                 INSERT INTO complex_alert_rules (name, description, conditions, operator, \
                 severity, escalation_levels, notification_channels, created_at) VALUES \
                 ('both', 'cpu and memory', '[{\"metric_name\": \"cpu_percent\", \
                 \"condition\": \">\", \"threshold\": 80}]', 'AND', 'critical', '[]', \
                 '[\"console\"]', {now}); \
                 INSERT INTO alert_escalations (alert_id, rule_name, escalation_level, \
                 triggered_at, message) VALUES (0, 'hot', 'warning', {now}, 'too hot'); \
                 INSERT INTO notification_history (rule_name, alert_id, channel, message, \
                 sent_at, success) VALUES ('hot', 0, 'console', 'too hot', {now}, 1)",
            ),
            (
                "tool_analytics.db",
                "INSERT INTO tools (name, description, category, install_command, doc_url, \
                 tags, confidence_score) VALUES ('mytool', 'a tool of ours', 'utilities', \
                 'make install', 'https://example.org', 'a,b', 0.5); \
                 INSERT INTO tool_analytics (tool_name, usage_count) VALUES ('mytool', 3); \
                 INSERT INTO recommendation_history (query, recommended_tools, \
                 system_context) VALUES ('disk full', '[\"ncdu\"]', '{}')",
            ),
            (
                "predictive_analytics.db",
                "INSERT INTO trend_analysis (metric_name, current_value, trend_direction, \
                 timestamp) VALUES ('cpu_percent', 50, 'increasing', {now}); \
                 INSERT INTO anomalies (metric_name, timestamp, value, expected_value, \
                 deviation, severity, anomaly_type, confidence) VALUES ('cpu_percent', {now}, \
                 99, 20, 79, 'high', 'spike', 0.9); \
                 INSERT INTO performance_forecasts (metric_name, forecast_horizon, \
                 predicted_value, recommendations, timestamp) VALUES ('cpu_percent', '1h', 55, \
                 '[]', {now})",
            ),
            (
                "ml_integration.db",
                "INSERT INTO ml_models (model_type, model_name, training_date, features, \
                 parameters, status) VALUES ('anomaly_detection', 'IsolationForest', {now}, \
                 '[]', '{}', 'trained'); \
                 INSERT INTO ml_predictions (timestamp, model_type, prediction, confidence, \
                 features_used, metadata) VALUES ({now}, 'performance', '{}', 0.5, '[]', '{}'); \
                 INSERT INTO system_patterns (pattern_type, pattern_id, description, \
                 confidence, features, frequency, severity) VALUES ('normal_usage', \
                 'pattern_0', 'normal', 0.8, '{}', 0.5, 'low'); \
                 INSERT INTO feature_engineering (feature_name, parameters) VALUES ('cpu', '{}')",
            ),
            (
                "advanced_analytics.db",
                "INSERT INTO correlations (metric1, metric2, correlation_type, \
                 correlation_value, p_value, significance, sample_size) VALUES \
                 ('cpu_percent', 'load_average_1', 'pearson', 0.9, 0.001, 'strong', 100); \
                 INSERT INTO performance_insights (insight_type, metric_name, description, \
                 severity, confidence, recommendations, timestamp) VALUES ('bottleneck', \
                 'cpu_percent', 'high CPU', 'high', 0.9, '[\"add cores\"]', {now}); \
                 INSERT INTO system_correlations (correlation_id, metrics, \
                 correlation_strength, correlation_type, description, impact_level, \
                 recommendations) VALUES ('corr_a_b', '[\"a\", \"b\"]', 0.9, 'pearson', 'x', \
                 'medium', '[]'); \
                 INSERT INTO performance_baselines (metric_name, baseline_type, \
                 baseline_value, standard_deviation, sample_count, time_period) VALUES \
                 ('cpu_percent', 'mean', 20, 5, 100, '7d')",
            ),
        ] {
            self.sql(file, &sql.replace("{now}", &format!("{now}")));
        }
    }
}
