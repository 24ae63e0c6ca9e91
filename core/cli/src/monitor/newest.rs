//! The newest state that the monitor of the data folder wrote down, for the commands that show
//! more than a look of their own can.

use serde_json::{Map, Value, json};
use usm_core::service;

use super::folder;
use crate::failure::Outcome;
use crate::found::Found;
use crate::options::GlobalOptions;
use crate::status::time_of;
use crate::words::ago;

/// Over how long the times of its operations are taken, seconds.
const TIMINGS_SECONDS: f64 = 3600.0;

/// Who monitors for the data folder, in words; `None` where nobody is known to.
pub(crate) fn who(found: &Found, global: &GlobalOptions) -> Outcome<Option<String>> {
    let status = service::status(&folder(global)?)?;
    Ok(match status.running_record() {
        Some(record) => Some(format!(
            "the monitor that runs since {} (process {})",
            time_of(record.started_at),
            record.pid()
        )),
        None if found.is_watched() => Some("a monitor in another program".into()),
        None => None,
    })
}

/// Lays the newest state over the sections of a report; answers who it is from.
pub(crate) fn lay_over(
    report: &mut Value,
    found: &Found,
    global: &GlobalOptions,
) -> Outcome<Option<String>> {
    let Some(who) = who(found, global)? else {
        return Ok(None);
    };
    let Some(row) = found.reader().latest_state()? else {
        return Ok(None);
    };
    let part = |text: &Option<String>| -> Value {
        let text = text.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(Value::Null)
    };
    let recommendations = part(&row.recommendations_data);
    let state = json!({
        "timestamp": row.timestamp,
        "metrics": part(&row.metrics_data),
        "alerts": part(&row.alerts_data),
        "recommendations": recommendations,
        "predictions": part(&row.predictions_data),
        "insights": part(&row.insights_data),
        "health_score": row.health_score,
        "performance_score": row.performance_score,
        "security_score": row.security_score,
    });
    let timings = found
        .reader()
        .performance_summary(found.now() - TIMINGS_SECONDS)?;
    let timings: Map<String, Value> = timings
        .into_iter()
        .map(|timing| {
            let section = json!({
                "avg_execution_time": timing.avg_execution_time,
                "operation_count": timing.operation_count,
            });
            (timing.component_name, section)
        })
        .collect();
    put(report, "system_state", state);
    put(report, "recommendations", recommendations);
    put(report, "performance_metrics", Value::Object(timings));
    Ok(Some(format!(
        "This is from {who}; its newest state that is written is of {}, {}.",
        time_of(row.timestamp),
        ago(row.timestamp, found.now())
    )))
}

/// In place of a section that the report has.
fn put(report: &mut Value, name: &str, section: Value) {
    if let Some(place) = report.get_mut(name) {
        *place = section;
    }
}
