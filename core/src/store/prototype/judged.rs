//! Anomalies, insights and what moves together, as the engine has found them.

use super::columns::{CREATED_AT, Column, column};
use super::view::{Saved, View};

/// SQL of a series' name with its labels, from JSON.
pub(super) fn series_text(data: &str, place: &str) -> String {
    format!(
        "json_extract({data}, '{place}.metric') || \
         CASE WHEN json_array_length({data}, '{place}.labels') > 0 THEN '{{' || \
         (SELECT group_concat(json_extract(label.value, '$[0]') || '=' || \
         json_quote(json_extract(label.value, '$[1]'))) \
         FROM json_each({data}, '{place}.labels') AS label WHERE label.type = 'array') || '}}' ELSE '' END"
    )
}

/// SQL of the prototype's name of a series whose unit is the same, or the series' own.
pub(super) fn named(series: &str) -> String {
    format!("replace({series}, 'temperature_celsius', 'temperature')")
}

/// SQL of the prototype's name of a series whose values are brought to its unit.
pub(super) fn named_by_unit(series: &str) -> String {
    format!(
        "CASE {series} WHEN 'network_sent_bytes_per_sec' THEN 'network_sent_rate' \
         WHEN 'network_received_bytes_per_sec' THEN 'network_recv_rate' ELSE {} END",
        named(series)
    )
}

/// SQL of a value in the prototype's unit.
pub(super) fn in_unit(series: &str, value: &str) -> String {
    format!(
        "{value} / CASE WHEN {series} IN ('network_sent_bytes_per_sec', \
         'network_received_bytes_per_sec') THEN 1048576.0 ELSE 1.0 END"
    )
}

const AGE: &str = "timestamp";
const SEVERITY: Column = column("severity", "TEXT");
const CONFIDENCE: Column = column("confidence", "REAL");
const METRIC: Column = column("metric_name", "TEXT");
const TIMESTAMP: Column = column("timestamp", "REAL");

fn delete(kind: &str) -> Option<String> {
    Some(format!(
        "DELETE FROM findings WHERE kind = '{kind}' AND rowid = OLD.id AND closed_at IS NOT NULL"
    ))
}

/// What was or is outside its range.
pub(super) fn anomalies() -> Saved {
    let columns = vec![
        METRIC,
        TIMESTAMP,
        column("value", "REAL"),
        column("expected_value", "REAL"),
        column("deviation", "REAL"),
        SEVERITY,
        column("anomaly_type", "TEXT"),
        CONFIDENCE,
        CREATED_AT,
    ];
    let parts = format!(
        "SELECT rowid AS id, {} AS series, updated_at, opened_at, \
         json_extract(data, '$.value') AS value, json_extract(data, '$.expected[0]') AS low, \
         json_extract(data, '$.expected[1]') AS high, \
         json_extract(data, '$.worst_score') AS score \
         FROM findings WHERE kind = 'anomaly' AND json_valid(data)",
        series_text("data", "$.series")
    );
    let select = format!(
        "SELECT id, {}, updated_at, {}, {}, {}, \
         CASE WHEN score >= 0.999 THEN 'critical' WHEN score >= 0.99 THEN 'high' \
         WHEN score >= 0.95 THEN 'medium' ELSE 'low' END, \
         CASE WHEN value IS NULL OR low IS NULL OR high IS NULL THEN 'unknown' \
         WHEN value > high THEN 'spike' WHEN value < low THEN 'drop' ELSE 'deviation' END, \
         min(score, 0.95), datetime(opened_at, 'unixepoch') FROM ({parts})",
        named_by_unit("series"),
        in_unit("series", "value"),
        in_unit("series", "(low + high) / 2.0"),
        in_unit("series", "abs(value - (low + high) / 2.0)"),
    );
    Saved {
        delete: delete("anomaly"),
        ..Saved::new("anomalies", columns, AGE, select)
    }
}

/// What was or is the matter.
pub(super) fn performance_insights() -> Saved {
    let columns = vec![
        column("insight_type", "TEXT"),
        METRIC,
        column("description", "TEXT"),
        SEVERITY,
        CONFIDENCE,
        column("recommendations", "TEXT"),
        TIMESTAMP,
        CREATED_AT,
    ];
    let select = format!(
        "SELECT rowid, CASE json_extract(data, '$.kind') WHEN 'leak_suspected' THEN 'trend' \
         WHEN 'disk_filling' THEN 'trend' WHEN 'memory_filling' THEN 'trend' \
         WHEN 'correlated' THEN 'anomaly' ELSE 'bottleneck' END, ifnull({}, ''), \
         json_extract(data, '$.text'), severity, json_extract(data, '$.confidence'), \
         json_extract(data, '$.advice'), updated_at, datetime(opened_at, 'unixepoch') \
         FROM findings WHERE kind = 'insight' AND json_valid(data)",
        named(&series_text("data", "$.evidence[0].series"))
    );
    Saved {
        delete: delete("insight"),
        ..Saved::new("performance_insights", columns, AGE, select)
    }
}

/// Insights of two metrics that move together, for the two views after it.
pub(super) fn pairs() -> View {
    let columns = ["first", "second", "r", "title", "opened_at"].map(|name| column(name, ""));
    let select = format!(
        "SELECT rowid AS id, {} AS first, {} AS second, \
         json_extract(data, '$.evidence[0].value') AS r, title, opened_at FROM findings \
         WHERE kind = 'insight' AND json_valid(data) AND \
         json_extract(data, '$.kind') = 'correlated'",
        named(&series_text("data", "$.evidence[0].series")),
        named(&series_text("data", "$.evidence[1].series"))
    );
    View::new("usm_pairs", &columns, &select)
}

/// Pairs of metrics.
pub(super) fn correlations() -> Saved {
    let columns = vec![
        column("metric1", "TEXT"),
        column("metric2", "TEXT"),
        column("correlation_type", "TEXT"),
        column("correlation_value", "REAL"),
        column("p_value", "REAL"),
        column("significance", "TEXT"),
        column("sample_size", "INTEGER"),
        CREATED_AT,
    ];
    let select = "SELECT id, first, second, 'pearson', r, NULL, CASE WHEN abs(r) >= 0.8 THEN 'strong' \
         WHEN abs(r) >= 0.6 THEN 'moderate' WHEN abs(r) >= 0.4 THEN 'weak' ELSE 'none' END, \
         NULL, datetime(opened_at, 'unixepoch') FROM usm_pairs";
    Saved::by_creation("correlations", columns, select.to_owned())
}

/// The same pairs in words.
pub(super) fn system_correlations() -> Saved {
    let columns = vec![
        column("correlation_id", "TEXT"),
        column("metrics", "TEXT"),
        column("correlation_strength", "REAL"),
        column("correlation_type", "TEXT"),
        column("description", "TEXT"),
        column("impact_level", "TEXT"),
        column("recommendations", "TEXT"),
        CREATED_AT,
    ];
    let select = "SELECT id, 'corr_' || first || '_' || second, json_array(first, second), r, 'pearson', \
         title, CASE WHEN abs(r) > 0.9 THEN 'high' WHEN abs(r) >= 0.8 THEN 'medium' \
         ELSE 'low' END, '[]', datetime(opened_at, 'unixepoch') FROM usm_pairs";
    Saved::by_creation("system_correlations", columns, select.to_owned())
}
