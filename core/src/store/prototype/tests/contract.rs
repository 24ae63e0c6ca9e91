//! Every table of the prototype, with its columns in order.

use super::*;

/// As the contract lists them, after `id`.
const COLUMNS: [(&str, &str); 27] = [
    (
        "system_metrics",
        "timestamp cpu_percent memory_percent memory_used_gb memory_total_gb disk_percent \
         disk_used_gb disk_total_gb network_sent_mb network_recv_mb network_sent_rate \
         network_recv_rate process_count load_average_1 load_average_5 load_average_15 \
         temperature battery_percent battery_plugged created_at",
    ),
    (
        "system_alerts",
        "timestamp alert_type metric_name metric_value threshold severity message acknowledged \
         created_at",
    ),
    (
        "performance_history",
        "date avg_cpu_percent max_cpu_percent avg_memory_percent max_memory_percent \
         avg_disk_percent max_disk_percent total_network_sent_gb total_network_recv_gb \
         peak_process_count",
    ),
    (
        "tools",
        "name description category install_command doc_url tags confidence_score",
    ),
    (
        "tool_analytics",
        "tool_name install_count usage_count success_rate user_rating last_used",
    ),
    (
        "recommendation_history",
        "query recommended_tools system_context user_feedback",
    ),
    (
        "alerts",
        "timestamp alert_type metric_name metric_value threshold severity message acknowledged \
         acknowledged_by acknowledged_at created_at",
    ),
    (
        "alert_rules",
        "rule_name metric_name threshold severity enabled description",
    ),
    (
        "notification_settings",
        "alert_type enabled notification_method",
    ),
    (
        "trend_analysis",
        "metric_name current_value trend_direction trend_strength change_rate prediction_1h \
         prediction_6h prediction_24h confidence timestamp",
    ),
    (
        "anomalies",
        "metric_name timestamp value expected_value deviation severity anomaly_type confidence",
    ),
    (
        "performance_forecasts",
        "metric_name forecast_horizon predicted_value confidence_lower confidence_upper \
         trend_analysis recommendations timestamp",
    ),
    ("historical_metrics", "metric_name value timestamp"),
    (
        "custom_alert_rules",
        "name description metric_name condition threshold severity enabled escalation_enabled \
         escalation_delay escalation_levels notification_channels custom_message created_at \
         last_triggered",
    ),
    (
        "complex_alert_rules",
        "name description conditions operator severity enabled escalation_enabled \
         escalation_delay escalation_levels notification_channels custom_message created_at \
         last_triggered",
    ),
    (
        "alert_escalations",
        "alert_id rule_name escalation_level triggered_at message notification_sent acknowledged \
         acknowledged_by acknowledged_at",
    ),
    (
        "notification_history",
        "rule_name alert_id channel message sent_at success error_message",
    ),
    (
        "ml_models",
        "model_type model_name accuracy training_date features parameters status",
    ),
    (
        "ml_predictions",
        "timestamp model_type prediction confidence features_used metadata",
    ),
    (
        "system_patterns",
        "pattern_type pattern_id description confidence features frequency severity",
    ),
    (
        "feature_engineering",
        "feature_name feature_type calculation_method parameters status",
    ),
    (
        "correlations",
        "metric1 metric2 correlation_type correlation_value p_value significance sample_size",
    ),
    (
        "performance_insights",
        "insight_type metric_name description severity confidence recommendations timestamp",
    ),
    (
        "system_correlations",
        "correlation_id metrics correlation_strength correlation_type description impact_level \
         recommendations",
    ),
    (
        "performance_baselines",
        "metric_name baseline_type baseline_value standard_deviation sample_count time_period",
    ),
    (
        "unified_system_states",
        "timestamp health_score performance_score security_score metrics_data alerts_data \
         recommendations_data predictions_data insights_data",
    ),
    (
        "performance_metrics",
        "component_name operation_name execution_time memory_usage cpu_usage timestamp",
    ),
];

#[test]
fn every_table_has_the_contracts_columns_in_order_and_when_a_row_was_written() {
    let connection = empty();
    for (table, expected) in COLUMNS {
        let mut expected: Vec<&str> = expected.split(' ').collect();
        expected.insert(0, "id");
        if !expected.contains(&"created_at") {
            expected.push("created_at");
        }
        let statement = connection
            .prepare(&format!("SELECT * FROM {table}"))
            .unwrap();
        let names: Vec<&str> = statement.column_names().collect();
        assert_eq!(names, expected, "{table}");
    }
}

#[test]
fn system_metrics_has_the_contracts_column_numbers() {
    let connection = empty();
    let statement = connection.prepare("SELECT * FROM system_metrics").unwrap();
    for (number, name) in [
        (0, "id"),
        (1, "timestamp"),
        (6, "disk_percent"),
        (13, "process_count"),
        (16, "load_average_15"),
        (19, "battery_plugged"),
        (20, "created_at"),
    ] {
        assert_eq!(statement.column_name(number).unwrap(), name);
    }
    assert_eq!(statement.column_count(), 21);
}

#[test]
fn an_empty_file_answers_every_table_without_a_row() {
    let connection = empty();
    for (table, _) in COLUMNS {
        let rows: i64 = one(&connection, &format!("SELECT count(*) FROM {table}"), []);
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn nothing_in_the_schema_needs_a_newer_sqlite_than_3_31() {
    let connection = empty();
    let texts = all(
        &connection,
        "SELECT lower(sql) FROM sqlite_schema WHERE sql IS NOT NULL",
    );
    assert!(texts.len() > 60);
    for row in &texts {
        let Value::Text(sql) = &row[0] else {
            panic!("{row:?}")
        };
        for newer in [
            "->",
            "iif(",
            "returning",
            "distinct from",
            "unixepoch(",
            "strict",
            "materialized",
            "full join",
            "right join",
            "format(",
            "sqlite_schema",
            "generated",
            "math",
            "jsonb",
        ] {
            assert!(!sql.contains(newer), "{newer}: {sql}");
        }
    }
}

#[test]
fn what_nobody_of_ours_wrote_makes_no_table_unreadable() {
    let connection = empty();
    let odd = [
        "no JSON",
        "",
        "{}",
        "[]",
        "5",
        "null",
        "\"x\"",
        "[{\"a\": 1}, 2]",
        "{\"cpu_percent\": \"x\", \"load_average\": 5, \"1h\": 5, \"6h\": \"x\", \"24h\": [1]}",
        "{\"1h\": {\"cpu_percent\": 5, \"disk_percent\": \"x\", \"memory_percent\": {\"outcome\": 1}}}",
        "{\"fired_at\": \"x\", \"series\": 5, \"expected\": \"x\", \"kind\": \"correlated\"}",
        "{\"fired_at\": 1, \"series\": {\"metric\": [], \"labels\": {\"a\": 1}}, \"evidence\": {}}",
        "{\"fired_at\": 1e999, \"series\": {\"metric\": null, \"labels\": [1, \"x\", []]}}",
    ];
    for (number, text) in odd.iter().enumerate() {
        for stamp in ["1.0", "'x'", "9e999", "-1e300"] {
            connection
                .execute(
                    &format!(
                        "INSERT INTO unified_system_states (timestamp, metrics_data, alerts_data, \
                         predictions_data, created_at) VALUES ({stamp}, ?1, ?1, ?1, {stamp})"
                    ),
                    [text],
                )
                .unwrap();
        }
        for kind in ["alert", "anomaly", "insight"] {
            connection
                .execute(
                    "INSERT INTO findings (kind, key, opened_at, updated_at, data) \
                     VALUES (?1, ?2, 9e999, 1.0, ?3)",
                    (kind, format!("{number}"), text),
                )
                .unwrap();
        }
        connection
            .execute(
                "INSERT INTO requests (made_at, data) VALUES (1, ?1)",
                [text],
            )
            .unwrap();
        for (table, _) in COLUMNS {
            let mut statement = connection
                .prepare(&format!("SELECT * FROM {table}"))
                .unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(_row) = rows
                .next()
                .unwrap_or_else(|error| panic!("{table} after {text}: {error}"))
            {}
        }
    }
}
