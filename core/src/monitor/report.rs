//! The prototype's comprehensive report: eight sections. One whose part does not exist in
//! this version says `available: false`; nothing is invented.

use serde_json::{Map, Value, json};

use super::Monitor;
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
        "alerts_summary": not_built("alerts"),
        "predictions": not_built("predictions"),
        "insights": not_built("insights"),
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

fn not_built(what: &str) -> Value {
    json!({ "available": false, "reason": format!("{what} are not part of this version") })
}

/// One section that fails does not take the others with it.
fn section(value: serde_json::Result<Value>) -> Value {
    value.unwrap_or_else(|error| json!({ "error": error.to_string() }))
}
