//! Trends and forecasts: the newest that the monitor has written, in the prototype's units.

use super::columns::{CREATED_AT, column};
use super::judged::{in_unit, named_by_unit};
use super::view::{FAR_ABOVE, Saved, View};

/// How many states back forecasts are looked for: a program may have written rows of its own.
const STATES_BACK: u32 = 100;

/// A forecast a row, of those that say something, for the two views after it.
pub(super) fn forecasts() -> View {
    let columns = [
        "timestamp",
        "created_at",
        "name",
        "now",
        "hours",
        "value",
        "low",
        "high",
        "skill",
        "outcome",
    ];
    let now = "CASE metric.key \
               WHEN 'network_sent_bytes_per_sec' \
               THEN json_extract(metrics_data, '$.network_sent_rate') \
               WHEN 'network_received_bytes_per_sec' \
               THEN json_extract(metrics_data, '$.network_recv_rate') \
               WHEN 'load_average_1' THEN json_extract(metrics_data, '$.load_average[0]') \
               WHEN 'temperature_celsius' THEN json_extract(metrics_data, '$.temperature') \
               ELSE json_extract(metrics_data, '$.' || metric.key) END";
    let value = |place: &str| {
        possible(&in_unit(
            "metric.key",
            &format!("json_extract(metric.value, '{place}')"),
        ))
    };
    let select = format!(
        "SELECT state.id * 1000 + row_number() OVER () AS id, state.timestamp AS timestamp, \
         state.created_at AS created_at, {} AS name, CASE WHEN json_valid(metrics_data) THEN {now} END AS now, \
         CASE horizon.key WHEN '1h' THEN 1 WHEN '6h' THEN 6 WHEN '24h' THEN 24 ELSE 168 END \
         AS hours, {} AS value, {} AS low, {} AS high, \
         json_extract(metric.value, '$.skill') AS skill, \
         json_extract(metric.value, '$.outcome') AS outcome \
         FROM (SELECT * FROM unified_system_states WHERE json_valid(predictions_data) AND \
         id > (SELECT max(id) FROM unified_system_states) - {STATES_BACK} \
         ORDER BY id DESC LIMIT 1) AS state, \
         json_each(state.predictions_data) AS horizon, json_each(horizon.value) AS metric \
         WHERE horizon.key IN ('1h', '6h', '24h', '7d') AND horizon.type = 'object' \
         AND metric.type = 'object' \
         AND json_extract(metric.value, '$.predicted_value') IS NOT NULL \
         AND json_extract(metric.value, '$.outcome') <> 'learning'",
        named_by_unit("metric.key"),
        value("$.predicted_value"),
        value("$.interval_95[0]"),
        value("$.interval_95[1]"),
    );
    View::new(
        "usm_forecasts",
        &columns.map(|name| column(name, "")),
        &select,
    )
}

/// SQL of a value kept where it can be.
fn possible(value: &str) -> String {
    format!(
        "max(0.0, CASE WHEN metric.key LIKE '%_percent' THEN min(100.0, {value}) ELSE {value} END)"
    )
}

/// Where a metric is and where it goes, by the forecast for the next hour.
pub(super) fn trend_analysis() -> Saved {
    let columns = vec![
        column("metric_name", "TEXT"),
        column("current_value", "REAL"),
        column("trend_direction", "TEXT"),
        column("trend_strength", "REAL"),
        column("change_rate", "REAL"),
        column("prediction_1h", "REAL"),
        column("prediction_6h", "REAL"),
        column("prediction_24h", "REAL"),
        column("confidence", "REAL"),
        column("timestamp", "REAL"),
        CREATED_AT,
    ];
    let at = |hours: u32| format!("max(CASE hours WHEN {hours} THEN value END)");
    let select = format!(
        "SELECT id, name, now, CASE WHEN abs(rate) < 0.1 THEN 'stable' WHEN rate > 0 \
         THEN 'increasing' ELSE 'decreasing' END, CASE WHEN abs(rate) < 0.1 THEN 0.1 \
         ELSE min(abs(rate) / 10.0, 1.0) END, rate, in_1h, in_6h, in_24h, \
         max(0.1, min(0.9, ifnull(skill, 0.1))), timestamp, datetime(created_at, 'unixepoch') \
         FROM (SELECT min(id) AS id, name, now, {0} - now AS rate, {0} AS in_1h, {1} AS in_6h, \
         {2} AS in_24h, max(CASE hours WHEN 1 THEN skill END) AS skill, timestamp, created_at \
         FROM usm_forecasts GROUP BY name) WHERE rate IS NOT NULL",
        at(1),
        at(6),
        at(24),
    );
    Saved {
        above: FAR_ABOVE,
        ..Saved::new("trend_analysis", columns, "timestamp", select)
    }
}

/// A forecast for each metric and horizon.
pub(super) fn performance_forecasts() -> Saved {
    let columns = vec![
        column("metric_name", "TEXT"),
        column("forecast_horizon", "TEXT"),
        column("predicted_value", "REAL"),
        column("confidence_lower", "REAL"),
        column("confidence_upper", "REAL"),
        column("trend_analysis", "TEXT"),
        column("recommendations", "TEXT"),
        column("timestamp", "REAL"),
        CREATED_AT,
    ];
    let select = "SELECT id, name, hours || 'h', value, low, high, \
         CASE WHEN outcome = 'forecast' AND now IS NOT NULL THEN \
         CASE WHEN abs(value - now) < 0.05 THEN 'stays' WHEN value > now \
         THEN 'rises by ' || printf('%.1f', value - now) \
         ELSE 'falls by ' || printf('%.1f', now - value) END || ' within ' || hours || ' h' \
         ELSE 'nothing better can be told than: the same as now' END, '[]', timestamp, \
         datetime(created_at, 'unixepoch') FROM usm_forecasts";
    Saved {
        above: FAR_ABOVE,
        ..Saved::new(
            "performance_forecasts",
            columns,
            "timestamp",
            select.to_owned(),
        )
    }
}
