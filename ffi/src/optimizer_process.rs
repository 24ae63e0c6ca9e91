//! One process that stands still, and where an optimizer keeps its journal.

use std::ffi::c_char;

use usm_core::act::ProcessId;
use usm_core::optimizer::Optimizer;

use crate::folder::of_path;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::optimizer::{at, give_optional_json, usm_optimizer};
use crate::status::usm_status;
use crate::text;

/// Lets a process go on: what an optimizer of this data folder has stopped or frozen and may be
/// taken back is taken back; one that somebody else has stopped is told to continue.
///
/// - pid: the process.
/// - start_time_ticks: its start, usm_process.start_time_ticks: with the pid it is the process
///   that is meant.
/// - json: takes what was done as usm_optimizer_rollback() tells it ("restored", "unchanged" for
///   one that does not stand still and so on), to be freed by usm_string_free(); NULL when it is
///   not wanted.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND when it has ended; USM_ERR_REFUSED outside the scope and
/// for what is protected; USM_ERR_PERMISSION_DENIED; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_resume_process(
    optimizer: *mut usm_optimizer,
    pid: i32,
    start_time_ticks: u64,
    json: *mut *mut c_char,
) -> usm_status {
    let process = ProcessId {
        pid,
        start_time_ticks,
    };
    let resume = |optimizer: &Optimizer| Ok(optimizer.resume_process(process)?);
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_optional_json(optimizer, json, resume) })
}

/// Tells the database in which an optimizer keeps its journal.
///
/// - path: takes the path, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_store_path(
    optimizer: *const usm_optimizer,
    path: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let path = unsafe { out_pointer(path, "path")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *path = text::give(of_path(unsafe { at(optimizer)? }.database()))?;
        Ok(())
    })
}
