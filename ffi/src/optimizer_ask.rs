//! What one may ask the optimizer: how it stands, what it did and why, what could work here.

use std::ffi::c_char;
use std::path::Path;

use usm_core::Error;
use usm_core::optimizer::{ExecuteOptions, Optimizer};

use crate::failure::Failure;
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

/// Gives what a disk cleanup would remove as JSON, with sizes for each rule, biggest first.
/// Nothing is changed.
///
/// - options: its callback is told of the progress and may cancel; the rest does not matter.
///   NULL for none.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_UNSUPPORTED where this
/// version can't do it; USM_ERR_FORKED.
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
        unsafe { with_options(options, |options| cleanup_preview(optimizer, options)) }
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

/// Gives the folders that grew most since the last look at a folder, biggest growth first, as
/// a JSON array. The first look at a folder gives none.
///
/// - folder: where to look.
/// - options: as for usm_optimizer_cleanup_preview_json().
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an option; USM_ERR_INVALID_UTF8;
/// USM_ERR_NOT_FOUND and the like for the folder; USM_ERR_UNSUPPORTED where this version
/// can't do it; USM_ERR_STORE; USM_ERR_FORKED.
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
                growth(optimizer, Path::new(folder), options)
            })
        }
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

// The two calls to connect when the core has them: `Optimizer::cleanup_preview(options)` and
// `Optimizer::growth(folder, options)`; what they answer goes out as it is serialised.

fn cleanup_preview(
    _optimizer: &Optimizer,
    _options: &ExecuteOptions<'_>,
) -> Result<serde_json::Value, Failure> {
    Err(Error::Unsupported("a preview of disk cleanups".into()).into())
}

fn growth(
    _optimizer: &Optimizer,
    _folder: &Path,
    _options: &ExecuteOptions<'_>,
) -> Result<serde_json::Value, Failure> {
    Err(Error::Unsupported("the folders that grew".into()).into())
}
