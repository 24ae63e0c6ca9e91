//! What a program tells its monitor, to be kept with what the monitor sees.

use std::ffi::c_char;

use usm_core::Error;
use usm_core::store::StateRow;

use crate::guard::guard;
use crate::monitor::{in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Notes how long an operation of the program's own took: it counts in
/// usm_monitor_components_json(), and is a row of `performance_metrics` where something is stored.
///
/// - component: which part of the program, at most 128 bytes.
/// - operation: what it did, at most 128 bytes.
/// - seconds: how long, 0 or more.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_note_timing(
    monitor: *mut usm_monitor,
    component: *const c_char,
    operation: *const c_char,
    seconds: f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (component, operation) = unsafe {
            (
                text::read(component, "component")?,
                text::read(operation, "operation")?,
            )
        };
        Ok(monitor.note_timing(component, operation, seconds)?)
    })
}

/// Notes something that happened, as a row of `integration_events`; without a store it is
/// forgotten.
///
/// - event_type: its kind in a word of the program's own, at most 128 bytes.
/// - message: what happened, at most 65536 bytes.
/// - severity: how bad, e.g. "info", at most 128 bytes.
/// - component: which part of the program says it, at most 128 bytes.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_note_event(
    monitor: *mut usm_monitor,
    event_type: *const c_char,
    message: *const c_char,
    severity: *const c_char,
    component: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (event_type, message, severity, component) = unsafe {
            (
                text::read(event_type, "event_type")?,
                text::read(message, "message")?,
                text::read(severity, "severity")?,
                text::read(component, "component")?,
            )
        };
        Ok(monitor.note_event(event_type, message, severity, component)?)
    })
}

/// Notes a state that was not taken by this monitor, as a row of `unified_system_states`; without
/// a store it is forgotten.
///
/// - json: an object: "timestamp", seconds since 1970, and "health_score", "performance_score",
///   "security_score", "metrics_data", "alerts_data", "recommendations_data",
///   "predictions_data" and "insights_data", each of which may be null or left out. The last
///   five are texts that are JSON themselves.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no such object; USM_ERR_INVALID_UTF8;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_note_state_json(
    monitor: *mut usm_monitor,
    json: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let json = unsafe { text::read(json, "json")? };
        let state: StateRow = serde_json::from_str(json)
            .map_err(|error| Error::invalid("json", error, "an object that describes a state"))?;
        Ok(monitor.note_state(state)?)
    })
}
