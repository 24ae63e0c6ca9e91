//! What a monitor keeps, and what it tells of itself.

use std::ffi::c_char;

use usm_core::{Error, Monitor};

use crate::folder::of_path;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::history_query::end_of;
use crate::monitor::{give_json, in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Tells the database in which a monitor keeps what it sees.
///
/// - path: takes the path, to be freed by usm_string_free(), or NULL for a monitor that stores
///   nothing.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_store_path(
    monitor: *const usm_monitor,
    path: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let path = unsafe { out_pointer(path, "path")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        if let Some(found) = monitor.store_path() {
            *path = text::give(of_path(&found))?;
        }
        Ok(())
    })
}

/// Gives the states that a monitor's database holds as a JSON array, the newest first: objects
/// as usm_monitor_note_state_json() takes them.
///
/// - since: from this time on, seconds since 1970; 0 for the beginning.
/// - until: to before this time, seconds since 1970; 0 for the end.
/// - limit: how many at most.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no time; USM_ERR_INVALID_STATE for a
/// monitor that stores nothing; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_stored_states_json(
    monitor: *const usm_monitor,
    since: f64,
    until: f64,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    let stored = |monitor: &Monitor| {
        for (name, time) in [("since", since), ("until", until)] {
            if time.is_nan() {
                return Err(Error::invalid(name, time, "seconds since 1970").into());
            }
        }
        let end = end_of(until);
        text::json(&monitor.stored_states(since, end, limit)?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, stored) })
}

/// Gives the states that a monitor keeps in memory ("history_size") as a JSON array, the oldest
/// first.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_recent_states_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    let recent = |monitor: &Monitor| text::json(&monitor.history());
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, recent) })
}

/// Gives the parts of a monitor as a JSON object: "components", which of them work, and
/// "timings", how long their operations and those of usm_monitor_note_timing() take.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_components_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    let parts = |monitor: &Monitor| {
        text::json(&serde_json::json!({
            "components": monitor.component_status(),
            "timings": monitor.timings(),
        }))
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, parts) })
}

/// Reads what is too dear to be read of every process: its memory with shared pages counted by
/// share (PSS), and its open files.
///
/// - pid: the process.
/// - pss_bytes: takes the memory; NaN when it can't be read. NULL when it is not wanted.
/// - open_files: takes their number; NaN when it can't be read. NULL when it is not wanted.
///
/// Returns: USM_OK, also when neither can be read; USM_ERR_NOT_FOUND when there is no such
/// process; USM_ERR_INVALID_ARGUMENT; USM_ERR_UNSUPPORTED; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_process_extra(
    monitor: *const usm_monitor,
    pid: i32,
    pss_bytes: *mut f64,
    open_files: *mut f64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        let extra = monitor.process_extra(pid)?;
        let wanted = [
            (pss_bytes, "pss_bytes", extra.pss_bytes),
            (open_files, "open_files", extra.open_files),
        ];
        for (variable, argument, value) in wanted {
            if !variable.is_null() {
                let value = value.map_or(f64::NAN, |value| value as f64);
                // SAFETY: by the contract of the header: a variable of the caller's.
                unsafe { out(variable, argument)? }.write(value);
            }
        }
        Ok(())
    })
}
