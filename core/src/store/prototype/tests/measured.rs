//! What was measured, against the engine's values.

use super::*;
use crate::state::SystemMetrics;
use crate::store::StateRow;

fn metrics(timestamp: f64) -> SystemMetrics {
    SystemMetrics {
        timestamp,
        cpu_percent: Some(0.1 + 0.2),
        memory_percent: Some(97.0),
        memory_used_gb: Some(1.0 / 3.0),
        memory_total_gb: Some(7.637_939_453_125),
        disk_percent: Some(0.0),
        disk_used_gb: Some(1e-9),
        disk_total_gb: Some(1e6),
        network_sent_mb: Some(123_456.789_012_345),
        network_recv_mb: Some(5.5),
        network_sent_rate: Some(0.25),
        network_recv_rate: Some(0.5),
        process_count: Some(311),
        load_average: Some((0.01, 2.5, 3.75)),
        temperature: Some(-3.5),
        battery_percent: Some(100.0),
        battery_plugged: Some(true),
    }
}

fn row(metrics: &SystemMetrics) -> Row {
    Row::State(StateRow {
        timestamp: metrics.timestamp,
        metrics_data: Some(serde_json::to_string(metrics).unwrap()),
        ..StateRow::default()
    })
}

fn real(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::Real)
}

fn expected(m: &SystemMetrics) -> Vec<Value> {
    let whole = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
    let loads = m.load_average;
    vec![
        Value::Real(m.timestamp),
        real(m.cpu_percent),
        real(m.memory_percent),
        real(m.memory_used_gb),
        real(m.memory_total_gb),
        real(m.disk_percent),
        real(m.disk_used_gb),
        real(m.disk_total_gb),
        real(m.network_sent_mb),
        real(m.network_recv_mb),
        real(m.network_sent_rate),
        real(m.network_recv_rate),
        whole(m.process_count.map(|count| count as i64)),
        real(loads.map(|l| l.0)),
        real(loads.map(|l| l.1)),
        real(loads.map(|l| l.2)),
        real(m.temperature),
        real(m.battery_percent),
        whole(m.battery_plugged.map(i64::from)),
    ]
}

#[test]
fn each_metric_is_what_the_engine_measured_and_what_is_unknown_is_null() {
    let known = metrics(1_700_000_000.25);
    let unknown = SystemMetrics {
        timestamp: 1_700_000_002.5,
        battery_plugged: Some(false),
        ..SystemMetrics::default()
    };
    // Neither a state before the first sample nor one that nobody can read is a row.
    let without = Row::State(StateRow::default());
    let broken = Row::State(StateRow {
        metrics_data: Some("no JSON".into()),
        ..StateRow::default()
    });
    let (_folder, _store, connection) = stored([row(&known), without, row(&unknown), broken]);
    let rows = all(
        &connection,
        "SELECT * FROM system_metrics ORDER BY timestamp",
    );
    assert_eq!(rows.len(), 2);
    for (row, metrics) in rows.iter().zip([known, unknown]) {
        assert_eq!(row[1..20], expected(&metrics));
        let Value::Text(written) = &row[20] else {
            panic!("{:?}", row[20])
        };
        assert_eq!(written.len(), "2026-01-31 12:34:56".len(), "{written}");
    }
}

/// The steps of a query, each as SQLite words it.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let steps = statement.query_map([], |row| row.get(3)).unwrap();
    steps.map(|step| step.unwrap()).collect()
}

#[test]
fn the_newest_metrics_are_found_by_the_index() {
    let connection = empty();
    let steps = plan(
        &connection,
        "SELECT * FROM system_metrics WHERE timestamp > 5 ORDER BY timestamp DESC LIMIT 10",
    );
    assert_eq!(
        steps,
        [
            "SEARCH unified_system_states USING INDEX usm_unified_system_states_timestamp \
          (timestamp>?)"
        ]
    );
    let steps = plan(
        &connection,
        "SELECT value, timestamp FROM historical_metrics WHERE metric_name = 'cpu_percent' \
         AND timestamp > 5",
    );
    let searches = steps
        .iter()
        .filter(|step| step.contains("unified_system_states"));
    for step in searches.clone() {
        assert!(step.starts_with("SEARCH"), "{steps:?}");
    }
    assert_eq!(searches.count(), 7);
}

#[test]
fn seven_metrics_of_each_sample_are_in_the_history_each_once() {
    let unknown = SystemMetrics {
        cpu_percent: Some(1.0),
        ..SystemMetrics::default()
    };
    let (_folder, _store, connection) = stored([row(&metrics(10.0)), row(&unknown)]);
    let rows = all(
        &connection,
        "SELECT metric_name, value FROM historical_metrics WHERE timestamp = 10.0 \
         ORDER BY metric_name",
    );
    let named = |name: &str, value: f64| vec![text(name), Value::Real(value)];
    assert_eq!(
        rows,
        [
            named("cpu_percent", 0.1 + 0.2),
            named("disk_percent", 0.0),
            named("load_average_1", 0.01),
            named("memory_percent", 97.0),
            named("network_recv_mb", 5.5),
            named("network_sent_mb", 123_456.789_012_345),
            vec![text("process_count"), Value::Integer(311)],
        ]
    );
    let numbers: i64 = one(
        &connection,
        "SELECT count(DISTINCT id) FROM historical_metrics",
        [],
    );
    assert_eq!(numbers, 8, "what is unknown is no row");
}

#[test]
fn a_day_is_summed_up_and_a_counter_that_falls_adds_nothing() {
    // Noon and later, wherever this runs.
    let noon = 1_700_000_000.0 - 1_700_000_000.0 % 86_400.0 + 43_200.0;
    let sample = |at: f64, cpu: f64, sent: Option<f64>| {
        row(&SystemMetrics {
            timestamp: at,
            cpu_percent: Some(cpu),
            network_sent_mb: sent,
            process_count: Some(at as u64 % 7),
            ..SystemMetrics::default()
        })
    };
    let (_folder, _store, connection) = stored([
        sample(noon, 10.0, Some(1024.0)),
        sample(noon + 1.0, 20.0, Some(3072.0)),
        sample(noon + 2.0, 60.0, Some(0.0)),
        sample(noon + 3.0, 30.0, None),
        sample(noon + 4.0, 30.0, Some(1024.0)),
        sample(noon + 5.0, 30.0, Some(2048.0)),
        sample(noon + 86_400.0 * 3.0, 50.0, None),
    ]);
    let rows = all(
        &connection,
        "SELECT avg_cpu_percent, max_cpu_percent, avg_memory_percent, total_network_sent_gb, \
         total_network_recv_gb FROM performance_history ORDER BY date",
    );
    assert_eq!(
        rows,
        [
            vec![
                Value::Real(30.0),
                Value::Real(60.0),
                Value::Null,
                Value::Real(3.0),
                Value::Null
            ],
            vec![
                Value::Real(50.0),
                Value::Real(50.0),
                Value::Null,
                Value::Null,
                Value::Null
            ],
        ]
    );
    let day: String = one(&connection, "SELECT min(date) FROM performance_history", []);
    let local: String = one(
        &connection,
        "SELECT date(?1, 'unixepoch', 'localtime')",
        [noon],
    );
    assert_eq!(day, local);
}
