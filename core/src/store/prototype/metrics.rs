//! The prototype's metrics: of each sample, one by one, and by day. All of them are read out of
//! the states that the monitor has written.

use super::columns::{CREATED_AT, Column, column};
use super::view::{FAR_ABOVE, Saved, View};

/// Numbers, as a state has them; then those that need a word of their own.
const NUMBERS: [&str; 12] = [
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
];
const LOADS: [&str; 3] = ["load_average_1", "load_average_5", "load_average_15"];
const LAST: [&str; 3] = ["temperature", "battery_percent", "battery_plugged"];

/// What the prototype's analytics kept of each sample.
const HISTORICAL: [&str; 7] = [
    "cpu_percent",
    "memory_percent",
    "disk_percent",
    "network_sent_mb",
    "network_recv_mb",
    "load_average_1",
    "process_count",
];

/// Where a metric is in a state's JSON.
fn place(metric: &str) -> String {
    match LOADS.iter().position(|load| *load == metric) {
        Some(at) => format!("$.load_average[{at}]"),
        None => format!("$.{metric}"),
    }
}

fn value(metric: &str) -> String {
    format!("json_extract(metrics_data, '{}')", place(metric))
}

const OF_STATES: &str = "FROM unified_system_states WHERE json_valid(metrics_data)";
const WRITTEN: &str = "datetime(created_at, 'unixepoch')";

/// One row for each state with metrics; what can't be read is NULL.
pub(super) fn system_metrics() -> View {
    let metrics = || NUMBERS.iter().chain(&LOADS).chain(&LAST).copied();
    let mut columns = vec![column("timestamp", "REAL NOT NULL")];
    columns.extend(metrics().map(|name| column(name, "REAL")));
    columns.push(CREATED_AT);
    let values: String = metrics().map(|name| format!(", {}", value(name))).collect();
    let select = format!("SELECT id, timestamp{values}, {WRITTEN} {OF_STATES}");
    View::new("system_metrics", &columns, &select)
        .on("INSERT", &insert(metrics()))
        .on(
            "UPDATE",
            "SELECT RAISE(ABORT, 'system_metrics: what was measured can''t be changed')",
        )
        .on(
            "DELETE",
            "DELETE FROM unified_system_states WHERE id = OLD.id",
        )
}

/// A program's row becomes a state that has nothing but metrics.
fn insert<'a>(metrics: impl Iterator<Item = &'a str>) -> String {
    // `quote` keeps every digit, which `json_object` does not; a text or what is no number makes
    // it no JSON, which is refused.
    let number = |value: &str| format!("quote({value})");
    let pairs = metrics.filter(|name| !LOADS.contains(name)).map(|name| {
        let value = match name {
            "process_count" => number(
                "CASE typeof(NEW.process_count) WHEN 'real' \
                 THEN CAST(NEW.process_count AS INTEGER) ELSE NEW.process_count END",
            ),
            "battery_plugged" => "CASE WHEN NEW.battery_plugged IS NULL THEN 'null' \
                                  WHEN NEW.battery_plugged THEN 'true' ELSE 'false' END"
                .to_owned(),
            _ => number(&format!("NEW.{name}")),
        };
        format!(",\"{name}\":' || {value} || '")
    });
    let loads = LOADS.map(|load| number(&format!("NEW.{load}")));
    let all_known = LOADS.map(|load| format!("NEW.{load} IS NOT NULL"));
    let data = format!(
        "lower('{{\"timestamp\":' || {} || '{},\"load_average\":' || CASE WHEN {} THEN '[' || {} || ']' \
         ELSE 'null' END || '}}')",
        number("NEW.timestamp"),
        pairs.collect::<String>(),
        all_known.join(" AND "),
        loads.join(" || ',' || ")
    );
    format!(
        "INSERT INTO unified_system_states (id, timestamp, metrics_data, created_at) \
         VALUES (NEW.id, NEW.timestamp, {data}, \
         ifnull(CAST(strftime('%s', NEW.created_at) AS REAL), CAST(strftime('%s', 'now') AS REAL))); \
         SELECT RAISE(ABORT, 'system_metrics: a value is not a number') \
         FROM unified_system_states WHERE id = last_insert_rowid() AND \
         (NOT json_valid(metrics_data) OR instr(metrics_data, '9.0e+999'))"
    )
}

/// Seven metrics of each sample, a row each.
pub(super) fn historical_metrics() -> Saved {
    let columns = vec![
        column("metric_name", "TEXT NOT NULL"),
        column("value", "REAL"),
        column("timestamp", "REAL NOT NULL"),
        CREATED_AT,
    ];
    let arms: Vec<String> = HISTORICAL
        .iter()
        .enumerate()
        .map(|(at, metric)| {
            let value = value(metric);
            format!(
                "SELECT id * 8 + {at}, '{metric}', {value}, timestamp, {WRITTEN} {OF_STATES} \
                 AND {value} IS NOT NULL"
            )
        })
        .collect();
    Saved {
        above: FAR_ABOVE,
        ..Saved::new(
            "historical_metrics",
            columns,
            "timestamp",
            arms.join(" UNION ALL "),
        )
    }
}

const BY_DAY: [Column; 10] = [
    column("date", "TEXT NOT NULL"),
    column("avg_cpu_percent", "REAL"),
    column("max_cpu_percent", "REAL"),
    column("avg_memory_percent", "REAL"),
    column("max_memory_percent", "REAL"),
    column("avg_disk_percent", "REAL"),
    column("max_disk_percent", "REAL"),
    column("total_network_sent_gb", "REAL"),
    column("total_network_recv_gb", "REAL"),
    column("peak_process_count", "INTEGER"),
];

/// One row for each local day that the states are of. The network's totals are the sum of what
/// the counters grew by; where they fell (a restart, an interface that went) nothing is added.
pub(super) fn performance_history() -> Saved {
    let grown = |metric: &str| {
        let value = value(metric);
        let before = format!("lag({value}) OVER (ORDER BY timestamp)");
        format!("CASE WHEN {value} >= {before} THEN {value} - {before} END AS {metric}")
    };
    let plain: String = [
        "cpu_percent",
        "memory_percent",
        "disk_percent",
        "process_count",
    ]
    .iter()
    .map(|metric| format!(", {} AS {metric}", value(metric)))
    .collect();
    let select = format!(
        "SELECT CAST(julianday(day) - 2440587.5 AS INTEGER), day, avg(cpu_percent), \
         max(cpu_percent), avg(memory_percent), max(memory_percent), avg(disk_percent), \
         max(disk_percent), sum(network_sent_mb) / 1024.0, sum(network_recv_mb) / 1024.0, \
         max(process_count), datetime(max(created_at), 'unixepoch') \
         FROM (SELECT date(timestamp, 'unixepoch', 'localtime') AS day, created_at{plain}, {}, {} \
         {OF_STATES}) WHERE day IS NOT NULL GROUP BY day",
        grown("network_sent_mb"),
        grown("network_recv_mb")
    );
    let columns = [&BY_DAY[..], &[CREATED_AT]].concat();
    Saved {
        stamp: None,
        ..Saved::new("performance_history", columns, "date", select)
    }
}
