//! What goes with age and numbers, and what never does.

use super::*;
use crate::store::{EventRow, prototype, unix_now};

fn touch(store: &Store) {
    store.append(Row::Event(EventRow {
        event_type: "test".into(),
        event_data: None,
        severity: None,
        component_name: None,
        timestamp: Some(unix_now()),
    }));
    store.flush(PATIENCE).unwrap();
}

/// An insert of one row, `at` Unix seconds old by the column that tells its age.
fn insert(table: &str, at: f64) -> String {
    let (columns, values) = match table {
        "saved_alerts" => (
            "timestamp, alert_type, metric_name, severity",
            format!("{at}, 'a', 'm', 'info'"),
        ),
        "saved_historical_metrics" => ("timestamp, metric_name", format!("{at}, 'm'")),
        "saved_notification_history" => ("sent_at, rule_name, channel", format!("{at}, 'r', 'c'")),
        "alert_escalations" => (
            "triggered_at, rule_name, escalation_level",
            format!("{at}, 'r', 'info'"),
        ),
        "ml_predictions" => ("timestamp, model_type", format!("{at}, 'm'")),
        "saved_anomalies"
        | "saved_performance_insights"
        | "saved_trend_analysis"
        | "saved_performance_forecasts" => ("timestamp", at.to_string()),
        "system_patterns" => (
            "created_at, pattern_type, pattern_id",
            format!("datetime({at}, 'unixepoch'), 'p', 'p'"),
        ),
        // Written by a prototype that had seconds there.
        "performance_baselines" => ("created_at, metric_name", format!("{at}, 'm'")),
        _ => ("created_at", format!("datetime({at}, 'unixepoch')")),
    };
    format!("INSERT INTO {table} ({columns}) VALUES ({values})")
}

#[test]
fn rows_of_every_table_that_ages_go_and_young_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings::new(folder.path());
    let store = Store::open(settings.clone()).unwrap();
    let connection = crate::store::open_beside(store.path()).unwrap();
    let now = unix_now();
    let ageing: Vec<String> = prototype::tables()
        .into_iter()
        .filter(|table| table.stamp.is_some())
        .map(|table| table.name)
        .collect();
    assert_eq!(ageing.len(), 14, "{ageing:?}");
    for table in &ageing {
        for at in [now - 40.0 * 86_400.0, now - 3600.0] {
            connection.execute_batch(&insert(table, at)).unwrap();
        }
    }
    connection
        .execute_batch(
            "INSERT INTO tools (name, created_at) VALUES ('htop', '2001-01-01 00:00:00');
             INSERT INTO custom_alert_rules (name, metric_name, condition, threshold, severity, \
             created_at) VALUES ('r', 'm', '>', 1, 'info', 5.0);
             INSERT INTO alert_rules (rule_name, metric_name, threshold, severity, created_at)
             VALUES ('r', 'm', 1, 'info', '2001-01-01 00:00:00');
             INSERT INTO saved_performance_history (date, created_at)
             VALUES ('2001-01-01', '2001-01-01 00:00:00');",
        )
        .unwrap();
    drop(connection);
    store.close().unwrap();
    // Opening brings the upkeep.
    let store = Store::open(settings).unwrap();
    touch(&store);
    let connection = crate::store::open_beside(store.path()).unwrap();
    for table in &ageing {
        let left: i64 = one(&connection, &format!("SELECT count(*) FROM {table}"), []);
        assert_eq!(left, 1, "{table}");
    }
    for table in [
        "tools",
        "custom_alert_rules",
        "alert_rules",
        "saved_performance_history",
    ] {
        let left: i64 = one(&connection, &format!("SELECT count(*) FROM {table}"), []);
        assert_eq!(left, 1, "{table}");
    }
    assert_eq!(store.health().cause, None);
}

#[test]
fn a_table_of_ones_own_rows_has_a_bound() {
    let (_folder, store, connection) = stored([]);
    connection
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20100) \
             INSERT INTO saved_historical_metrics (metric_name, timestamp, value) \
             SELECT 'm', 1700000000.0 + i, i FROM n",
        )
        .unwrap();
    let folder = store.path().parent().unwrap().to_path_buf();
    store.close().unwrap();
    let store = Store::open(StoreSettings {
        retention: Duration::from_secs(200 * 365 * 86_400),
        ..StoreSettings::new(folder)
    })
    .unwrap();
    touch(&store);
    let oldest: f64 = one(&connection, "SELECT min(value) FROM historical_metrics", []);
    assert_eq!(oldest, 101.0);
}

#[test]
fn the_size_cap_takes_ones_own_rows_where_they_are_the_most() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings {
        max_bytes: 2 << 20,
        ..StoreSettings::new(folder.path())
    };
    let store = Store::open(settings.clone()).unwrap();
    let connection = crate::store::open_beside(store.path()).unwrap();
    connection
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) \
             INSERT INTO recommendation_history (query, system_context) \
             SELECT i, printf('%01000d', i) FROM n",
        )
        .unwrap();
    drop(connection);
    store.close().unwrap();
    let store = Store::open(settings).unwrap();
    touch(&store);
    assert_eq!(store.health().cause, None);
    let connection = crate::store::open_beside(store.path()).unwrap();
    let left: i64 = one(
        &connection,
        "SELECT count(*) FROM recommendation_history",
        [],
    );
    assert!((100..2000).contains(&left), "{left}");
    let newest: String = one(
        &connection,
        "SELECT query FROM recommendation_history ORDER BY id DESC LIMIT 1",
        [],
    );
    assert_eq!(newest, "4000");
}
