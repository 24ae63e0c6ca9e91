//! What one may ask the optimizer: how it stands, what it did and why, what could work here.

use std::ffi::c_char;
use std::path::Path;

use usm_core::optimizer::Optimizer;

use crate::guard::guard;
use crate::optimizer::{give_json, usm_optimizer};
use crate::optimizer_run::{usm_execute_options, with_options};
use crate::status::usm_status;
use crate::text;

/// Gives how the optimizer stands as JSON: auto-optimization, kill switch, profile, scope,
/// the changes in force, its last decision, its database.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_status_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, |optimizer| Ok(optimizer.status()?)) })
}

/// Gives the settings in force as a JSON object, such as usm_optimizer_new() takes.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_settings_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe {
        give_json(optimizer, json, |optimizer| {
            Ok(optimizer.settings().clone())
        })
    })
}

/// Gives the newest entries of the history as a JSON array, newest first: what was done and
/// what was left undone, and why.
///
/// - limit: most entries.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_history_json(
    optimizer: *const usm_optimizer,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, |optimizer| Ok(optimizer.history(limit)?)) })
}

/// Gives all that is known of an action as JSON: why, what, before, after, verdict, and each
/// change to the host.
///
/// - action_id: usm_action.id or usm_action_result.action_id.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when there is no such action; USM_ERR_STORE;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_explain_json(
    optimizer: *const usm_optimizer,
    action_id: i64,
    json: *mut *mut c_char,
) -> usm_status {
    let explain = |optimizer: &Optimizer| Ok(optimizer.explain(action_id)?);
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, explain) })
}

/// Gives what decides here whether an action can work, as a JSON object: privileges,
/// autogroup, swap, I/O schedulers, which control groups can be made, and why not.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_facts_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, |optimizer| Ok(optimizer.facts())) })
}

/// Gives what a disk cleanup would put aside as JSON, with sizes for each rule, biggest first,
/// and what stays and why. Nothing is changed.
///
/// - options: its callback is told of the progress and may cancel; the rest does not matter.
///   NULL for none.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK, also when it was cancelled, which the JSON tells;
/// USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_cleanup_preview_json(
    optimizer: *mut usm_optimizer,
    options: *const usm_execute_options,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |optimizer: &Optimizer| {
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { with_options(options, |options| Ok(optimizer.cleanup_preview(options)?)) }
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

/// Gives what disk cleanups have put aside and can restore, as a JSON array of objects with
/// "action_id", for usm_optimizer_rollback(), and "quarantine".
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_quarantines_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |optimizer: &Optimizer| {
        let rows = optimizer.quarantines()?.into_iter();
        let rows = rows.map(|(action_id, quarantine)| {
            serde_json::json!({ "action_id": action_id, "quarantine": quarantine })
        });
        Ok(rows.collect::<serde_json::Value>())
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

/// Measures a folder and gives as JSON which folders in it have grown since the last look:
/// "folder", "bytes" in it now, "since" (null at the first look), "grown" (an array of objects
/// with "path", "before_bytes", "after_bytes" and "per_day", most grown first) and
/// "unreadable", a number of folders.
///
/// - folder: where to look.
/// - options: as for usm_optimizer_cleanup_preview_json().
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_INVALID_UTF8;
/// USM_ERR_NOT_FOUND and the like for the folder; USM_ERR_INVALID_STATE when it was cancelled;
/// USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_growth_json(
    optimizer: *mut usm_optimizer,
    folder: *const c_char,
    options: *const usm_execute_options,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |optimizer: &Optimizer| {
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { text::read(folder, "folder")? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe {
            with_options(options, |options| {
                Ok(optimizer.growth(Path::new(folder), options)?)
            })
        }
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}
