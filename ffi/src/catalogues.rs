//! What the library knows: its metrics and tools; and scores of numbers that a program has itself.

use std::ffi::c_char;

use serde_json::{Map, Value, json};
use usm_core::optimizer::OptimizerSettings;
use usm_core::sample::Roots;
use usm_core::series::catalog::metrics;
use usm_core::tools::{HostTools, Tool, tools};
use usm_core::{Error, Metrics, judge};

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::status::usm_status;
use crate::text;

/// Gives the names of all metrics that a history can hold, as a JSON array.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_metric_names_json(json: *mut *mut c_char) -> usm_status {
    let names = || metrics().iter().map(|metric| metric.name);
    // SAFETY: by the contract of the header: NULL or a variable of the caller's.
    guard(|| unsafe { give(json, || text::json(&names().collect::<Vec<_>>())) })
}

/// Gives all tools that the library may recommend as a JSON array of objects: "name",
/// "description", "category", "install_command" (how it is installed on this host, or null),
/// "doc_url", "tags" and "confidence_score".
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_tools_json(json: *mut *mut c_char) -> usm_status {
    let all = || {
        let host = HostTools::look(&Roots::default());
        let row = |tool: Tool| {
            json!({
                "name": tool.name(),
                "description": tool.description(),
                "category": tool.category().name(),
                "install_command": host.install_command(tool),
                "doc_url": tool.doc_url(),
                "tags": tool.tags().collect::<Vec<_>>().join(","),
                "confidence_score": tool.confidence(),
            })
        };
        text::json(&tools().map(row).collect::<Vec<_>>())
    };
    // SAFETY: by the contract of the header: NULL or a variable of the caller's.
    guard(|| unsafe { give(json, all) })
}

/// Gives the settings that an optimizer has when it is given none, as a JSON object by name.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_defaults_json(json: *mut *mut c_char) -> usm_status {
    // SAFETY: by the contract of the header: NULL or a variable of the caller's.
    guard(|| unsafe { give(json, || text::json(&OptimizerSettings::default())) })
}

/// Gives health and performance of numbers that the program has itself, as a monitor would score
/// them by these alone.
///
/// - metrics_json: an object by the names of usm_metrics' fields, e.g. {"cpu_percent": 71.5};
///   what is null or left out is not known.
/// - health: takes the score, 0 to 100; NaN when nothing of it is known.
/// - performance: takes the score, 0 to 100; NaN when nothing of it is known.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no such object or not a metric;
/// USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_scores_of(
    metrics_json: *const c_char,
    health: *mut f64,
    performance: *mut f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or variables of the caller's.
        let (health, performance) =
            unsafe { (out(health, "health")?, out(performance, "performance")?) };
        // SAFETY: by the contract of the header: NULL or a text.
        let metrics = metrics_of(unsafe { text::read(metrics_json, "metrics_json")? })?;
        let scores = judge::scores_of(&metrics);
        health.write(scores.health.value.unwrap_or(f64::NAN));
        performance.write(scores.performance.value.unwrap_or(f64::NAN));
        Ok(())
    })
}

fn metrics_of(json: &str) -> usm_core::Result<Metrics> {
    let internal = |error: serde_json::Error| Error::Internal(error.to_string());
    let wrong = |error: serde_json::Error| {
        Error::invalid("metrics_json", error, "a JSON object of metrics by name")
    };
    let given: Map<String, Value> = serde_json::from_str(json).map_err(wrong)?;
    let Value::Object(mut fields) = serde_json::to_value(Metrics::default()).map_err(internal)?
    else {
        return Err(Error::Internal("metrics without names".into()));
    };
    for (name, value) in given {
        if !fields.contains_key(&name) {
            return Err(Error::invalid("metrics_json", name, "the name of a metric"));
        }
        fields.insert(name, value);
    }
    serde_json::from_value(Value::Object(fields)).map_err(wrong)
}

/// # Safety
/// As for [`out_pointer`].
unsafe fn give(
    json: *mut *mut c_char,
    make: impl FnOnce() -> Result<String, Failure>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let json = unsafe { out_pointer(json, "json")? };
    *json = text::give(make()?)?;
    Ok(())
}
