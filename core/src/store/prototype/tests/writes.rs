//! What a prototype's script writes, and what becomes of it.

use super::findings::{alert, alert_row};
use super::*;
use crate::alert::Alert;
use crate::state::SystemMetrics;
use crate::store::{Request, StoreReader};

const ALERT: &str = "INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, \
                     threshold, severity, message) VALUES (?1, 'mine', 'queue', 5, 4.5, \
                     'warning', 'long')";

#[test]
fn metrics_that_a_script_inserts_are_a_state_as_the_monitor_writes_it() {
    let (_folder, store, connection) = stored([]);
    connection
        .execute(
            "INSERT INTO system_metrics (timestamp, cpu_percent, process_count, load_average_1, \
             load_average_5, load_average_15, battery_plugged, created_at) \
             VALUES (1700000000.123456, ?1, 7, 0.5, 1, 2, 1, '2023-11-14 22:13:21')",
            [0.1 + 0.2],
        )
        .unwrap();
    let row = StoreReader::open(store.path())
        .unwrap()
        .latest_state()
        .unwrap();
    let row = row.unwrap();
    assert_eq!(row.timestamp, 1_700_000_000.123_456);
    let metrics: SystemMetrics = serde_json::from_str(&row.metrics_data.unwrap()).unwrap();
    let expected = SystemMetrics {
        timestamp: 1_700_000_000.123_456,
        cpu_percent: Some(0.1 + 0.2),
        process_count: Some(7),
        load_average: Some((0.5, 1.0, 2.0)),
        battery_plugged: Some(true),
        ..SystemMetrics::default()
    };
    assert_eq!(metrics, expected);
    let back = all(
        &connection,
        "SELECT cpu_percent, memory_percent, battery_plugged, created_at FROM system_metrics",
    );
    let expected = [
        Value::Real(0.1 + 0.2),
        Value::Null,
        Value::Integer(1),
        text("2023-11-14 22:13:21"),
    ];
    assert_eq!(back, [expected]);
}

#[test]
fn metrics_that_are_no_numbers_are_refused_by_name() {
    let connection = empty();
    for bad in ["'abc'", "9e999", "x'00'"] {
        let sql = format!("INSERT INTO system_metrics (timestamp, temperature) VALUES (1, {bad})");
        let refusal = connection.execute(&sql, []).unwrap_err();
        assert!(refusal.to_string().contains("not a number"), "{refusal}");
    }
    let without = "INSERT INTO system_metrics (cpu_percent) VALUES (1)";
    let refusal = connection.execute(without, []).unwrap_err();
    assert!(refusal.to_string().contains("timestamp"), "{refusal}");
    let changed = "UPDATE system_metrics SET cpu_percent = 1";
    connection
        .execute("INSERT INTO system_metrics (timestamp) VALUES (1)", [])
        .unwrap();
    let refusal = connection.execute(changed, []).unwrap_err();
    assert!(
        refusal.to_string().contains("can't be changed"),
        "{refusal}"
    );
    let rows: i64 = one(&connection, "SELECT count(*) FROM system_metrics", []);
    assert_eq!(rows, 1);
}

#[test]
fn old_metrics_can_be_deleted() {
    let connection = empty();
    for second in 0..5 {
        let sql = "INSERT INTO system_metrics (timestamp) VALUES (?1)";
        connection.execute(sql, [second]).unwrap();
    }
    connection
        .execute("DELETE FROM system_metrics WHERE timestamp < 3", [])
        .unwrap();
    let left: i64 = one(
        &connection,
        "SELECT count(*) FROM unified_system_states",
        [],
    );
    assert_eq!(left, 2);
}

#[test]
fn a_scripts_own_alert_lives_beside_those_of_the_engine() {
    let (_folder, _store, connection) = stored([alert_row(&alert(7, Some(110.0)))]);
    connection.execute(ALERT, [120.0]).unwrap();
    connection
        .execute(
            "INSERT INTO system_alerts (id, timestamp, alert_type, metric_name, severity) \
             VALUES (7, 130.0, 'cpu', 'cpu_percent', 'critical')",
            [],
        )
        .unwrap();
    let rows = all(
        &connection,
        "SELECT id, alert_type, acknowledged FROM alerts ORDER BY timestamp",
    );
    let row = |id: i64, kind: &str| vec![Value::Integer(id), text(kind), Value::Integer(0)];
    assert_eq!(
        rows,
        [
            row(7, "rule 7"),
            row(1_000_000_001, "mine"),
            row(1_000_000_002, "cpu")
        ]
    );
    let written: String = one(
        &connection,
        "SELECT created_at FROM alerts WHERE alert_type = 'mine'",
        [],
    );
    assert_eq!(written.len(), 19, "{written}");
    connection
        .execute(
            "UPDATE alerts SET acknowledged = 1, acknowledged_by = 'kim', acknowledged_at = 5.0 \
             WHERE id = 1000000001",
            [],
        )
        .unwrap();
    let seen = all(
        &connection,
        "SELECT acknowledged, acknowledged_by, acknowledged_at, message FROM alerts \
         WHERE id = 1000000001",
    );
    assert_eq!(
        seen,
        [[
            Value::Integer(1),
            text("kim"),
            Value::Real(5.0),
            text("long")
        ]]
    );
    connection
        .execute("DELETE FROM system_alerts WHERE timestamp > 115", [])
        .unwrap();
    let left: i64 = one(&connection, "SELECT count(*) FROM alerts", []);
    assert_eq!(left, 1);
}

#[test]
fn acknowledging_an_alert_that_lasts_asks_the_monitor_and_counts_at_once() {
    let (_folder, store, connection) = stored([alert_row(&alert(7, Some(110.0)))]);
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let ear = heard.clone();
    store.set_request_watcher(Box::new(move |asked| ear.lock().unwrap().extend(asked)));
    let sql = "UPDATE alerts SET acknowledged = 1, acknowledged_by = 'kim', \
               acknowledged_at = 115.5 WHERE id = 7";
    connection.execute(sql, []).unwrap();
    // Twice is once.
    connection.execute(sql, []).unwrap();
    let seen = all(
        &connection,
        "SELECT acknowledged, acknowledged_by, acknowledged_at FROM alerts",
    );
    assert_eq!(seen, [[Value::Integer(1), text("kim"), Value::Real(115.5)]]);
    store.append(alert_row(&alert(8, None)));
    store.flush(PATIENCE).unwrap();
    store.close().unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].made_at, 115.5);
    let expected = Request::Acknowledge {
        id: 7,
        by: "kim".into(),
        note: None,
    };
    assert_eq!(heard[0].request, expected);
}

#[test]
fn acknowledging_an_alert_that_is_over_is_noted_in_it() {
    let over = Alert {
        resolved_at: Some(140.0),
        ..alert(7, Some(110.0))
    };
    let (_folder, _store, connection) = stored([alert_row(&over)]);
    // Nobody has to look at it any more: so it is none of those that a script takes for active.
    let seen = all(
        &connection,
        "SELECT acknowledged, acknowledged_by, acknowledged_at FROM alerts",
    );
    assert_eq!(
        seen,
        [[Value::Integer(1), text("resolved"), Value::Real(140.0)]]
    );
    connection
        .execute(
            "UPDATE alerts SET acknowledged = 1, acknowledged_by = 'kim', acknowledged_at = NULL",
            [],
        )
        .unwrap();
    let by: String = one(&connection, "SELECT acknowledged_by FROM alerts", []);
    assert_eq!(by, "kim");
    let asked: i64 = one(&connection, "SELECT count(*) FROM requests", []);
    assert_eq!(asked, 0);
    let data: String = one(&connection, "SELECT data FROM findings", []);
    let read: Alert = serde_json::from_str(&data).unwrap();
    let noted = read.acknowledged.clone().unwrap();
    assert_eq!((noted.by.as_str(), noted.note), ("kim", None));
    assert!(noted.at > 1.7e9, "now: {}", noted.at);
    assert_eq!(
        Alert {
            acknowledged: None,
            ..read
        },
        over
    );
}

#[test]
fn nothing_else_of_an_engines_alert_can_be_changed() {
    let (_folder, _store, connection) = stored([alert_row(&alert(7, Some(110.0)))]);
    for change in [
        "severity = 'info'",
        "metric_value = NULL",
        "message = 'x', acknowledged = 1",
    ] {
        let sql = format!("UPDATE alerts SET {change}");
        let refusal = connection.execute(&sql, []).unwrap_err();
        assert!(
            refusal.to_string().contains("only acknowledged"),
            "{refusal}"
        );
    }
    connection
        .execute("UPDATE system_alerts SET acknowledged = 1", [])
        .unwrap();
    let taken_back = "UPDATE alerts SET acknowledged = 0";
    let refusal = connection.execute(taken_back, []).unwrap_err();
    assert!(refusal.to_string().contains("not taken back"), "{refusal}");
}

#[test]
fn a_housekeeping_script_removes_what_is_over_and_what_lasts_stays() {
    let over = Alert {
        resolved_at: Some(140.0),
        ..alert(1, Some(110.0))
    };
    let (_folder, _store, connection) =
        stored([alert_row(&over), alert_row(&alert(2, Some(120.0)))]);
    connection.execute(ALERT, [115.0]).unwrap();
    connection
        .execute("DELETE FROM alerts WHERE timestamp < 1000", [])
        .unwrap();
    let left = all(&connection, "SELECT id FROM alerts");
    assert_eq!(left, [[Value::Integer(2)]]);
}

#[test]
fn rows_of_every_other_table_are_kept_as_they_were_written() {
    let connection = empty();
    let cases = [
        (
            "historical_metrics",
            "metric_name, value, timestamp",
            "'cpu_percent', 5.5, 10.0",
        ),
        (
            "performance_history",
            "date, avg_cpu_percent",
            "'2024-02-29', 5.5",
        ),
        (
            "notification_history",
            "rule_name, channel, success",
            "'r', 'console', 1",
        ),
        (
            "anomalies",
            "metric_name, value, anomaly_type",
            "'cpu_percent', 99.0, 'spike'",
        ),
        (
            "performance_insights",
            "insight_type, confidence",
            "'trend', 0.9",
        ),
        (
            "correlations",
            "metric1, metric2, p_value",
            "'a', 'b', 0.01",
        ),
        (
            "system_correlations",
            "correlation_id, metrics",
            "'corr_a_b', '[\"a\"]'",
        ),
        (
            "trend_analysis",
            "metric_name, prediction_24h",
            "'cpu_percent', 7.5",
        ),
        (
            "performance_forecasts",
            "forecast_horizon, confidence_upper",
            "'168h', 7.5",
        ),
        (
            "alert_rules",
            "rule_name, metric_name, threshold, severity",
            "'r', 'm', 1.5, 'info'",
        ),
        (
            "custom_alert_rules",
            "name, metric_name, condition, threshold, severity",
            "'r', 'm', '>', 'x', 'info'",
        ),
        ("tools", "name, tags", "'htop', 'a,b'"),
        (
            "ml_predictions",
            "timestamp, model_type, confidence",
            "1.5, 'm', 0.5",
        ),
        (
            "performance_baselines",
            "metric_name, sample_count",
            "'m', 5",
        ),
    ];
    for (table, columns, values) in cases {
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
        connection.execute(&insert, []).unwrap();
        let written = all(&connection, &format!("SELECT {columns} FROM {table}"));
        assert_eq!(
            written,
            all(&connection, &format!("SELECT {values}")),
            "{table}"
        );
        let when: Value = one(&connection, &format!("SELECT created_at FROM {table}"), []);
        assert_ne!(when, Value::Null, "{table}");
        let change = format!("UPDATE {table} SET created_at = '2024-01-01 00:00:00'");
        connection.execute(&change, []).unwrap();
        let when: String = one(&connection, &format!("SELECT created_at FROM {table}"), []);
        assert_eq!(when, "2024-01-01 00:00:00", "{table}");
        connection
            .execute(&format!("DELETE FROM {table}"), [])
            .unwrap();
        let left: i64 = one(&connection, &format!("SELECT count(*) FROM {table}"), []);
        assert_eq!(left, 0, "{table}");
    }
}

#[test]
fn a_rules_name_is_taken_once() {
    let connection = empty();
    for (table, columns, values) in [
        (
            "alert_rules",
            "rule_name, metric_name, threshold, severity",
            "'r', 'm', 1, 'info'",
        ),
        ("tools", "name", "'htop'"),
        (
            "complex_alert_rules",
            "name, conditions, operator, severity",
            "'r', '[]', 'AND', 'info'",
        ),
    ] {
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
        connection.execute(&insert, []).unwrap();
        let refusal = connection.execute(&insert, []).unwrap_err();
        assert!(refusal.to_string().contains("UNIQUE"), "{refusal}");
    }
}
