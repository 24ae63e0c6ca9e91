//! The prototype's comprehensive report: eight sections. Nothing is invented: forecasts that
//! are not made yet are `available: false`.

use serde_json::{Map, Value, json};

use super::Monitor;
use crate::judge::Severity;
use crate::state::State;
use crate::sys;
use crate::tree::to_tree;

/// Most recommendations in a report.
const MOST_RECOMMENDATIONS: usize = 10;

pub(super) fn comprehensive(monitor: &Monitor) -> Value {
    let state = monitor.state();
    let record = state.record();
    let recommendations: Vec<&str> = state
        .recommendations
        .iter()
        .take(MOST_RECOMMENDATIONS)
        .map(|advice| advice.text.as_str())
        .collect();
    json!({
        "timestamp": sys::moment().unix_seconds,
        "system_state": section(to_tree(&record)),
        "component_status": component_status(monitor),
        "performance_metrics": performance_metrics(monitor),
        "recommendations": recommendations,
        "alerts_summary": alerts_summary(&state),
        "predictions": predictions_summary(&state),
        "insights": insights_summary(&state),
    })
}

fn component_status(monitor: &Monitor) -> Value {
    let status = monitor.component_status().into_iter();
    Value::Object(
        status
            .map(|c| (c.name, section(to_tree(&c.status))))
            .collect(),
    )
}

/// component → mean time of its operations and their number, over the last hour.
pub(super) fn performance_metrics(monitor: &Monitor) -> Value {
    let mut components: Map<String, Value> = Map::new();
    for timing in monitor.timings() {
        let entry = components
            .entry(timing.component)
            .or_insert_with(|| json!({"avg_execution_time": 0.0, "operation_count": 0}));
        let count = entry["operation_count"].as_u64().unwrap_or(0);
        let seconds = entry["avg_execution_time"].as_f64().unwrap_or(0.0) * count as f64;
        let all = count + timing.operation_count;
        let sum = seconds + timing.avg_execution_time * timing.operation_count as f64;
        entry["avg_execution_time"] = json!(sum / all as f64);
        entry["operation_count"] = json!(all);
    }
    Value::Object(components)
}

/// How many alerts fire, by severity: the prototype's four words always, and each other word
/// that an alert has.
fn alerts_summary(state: &State) -> Value {
    let mut counts: Map<String, Value> = Map::new();
    for name in ["total", "critical", "high", "medium", "low"] {
        counts.insert(name.into(), json!(0));
    }
    let mut add = |name: &str| {
        let count = counts.entry(name).or_insert_with(|| json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
    };
    for alert in state.alerts.iter() {
        if alert.fired_at.is_none() {
            continue;
        }
        add("total");
        add(alert.severity.name());
    }
    Value::Object(counts)
}

fn predictions_summary(state: &State) -> Value {
    let horizons = &state.predictions.horizons;
    if horizons.is_empty() {
        return json!({ "available": false });
    }
    let names: Vec<&str> = horizons.iter().map(|(name, _)| name.as_str()).collect();
    json!({
        "available": true,
        "prediction_count": horizons.iter().map(|(_, all)| all.len()).sum::<usize>(),
        "horizons": names,
    })
}

fn insights_summary(state: &State) -> Value {
    let open = || {
        state
            .insights
            .iter()
            .filter(|insight| insight.closed_at.is_none())
    };
    json!({
        "total": open().count(),
        "high_severity": open().filter(|insight| insight.severity >= Severity::High).count(),
    })
}

/// One section that fails does not take the others with it.
fn section(value: serde_json::Result<Value>) -> Value {
    value.unwrap_or_else(|error| json!({ "error": error.to_string() }))
}
