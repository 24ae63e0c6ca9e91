//! Which tool would show more of a problem, and what became of advice.

use std::ffi::c_char;

use usm_core::tools::USUAL_LIMIT;

use crate::guard::guard;
use crate::monitor::{give_json, in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Gives the tools that would show more of a problem as a JSON array, best first: what each
/// shows, whether it is here, how it is had on this distribution, how to run it, and why it is
/// named. Nothing is run and nothing installed. That they were shown is remembered: one that is
/// installed afterwards counts as taken.
///
/// - query: a question in plain words, e.g. "which process writes to the disk", to which what is
///   wrong here now is added, by the newest state; NULL for that alone.
/// - limit: most of them; 0 for the usual number.
/// - json: takes the text, to be freed by usm_string_free(); an empty array when no tool is known
///   for the question and nothing is wrong.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_TIMED_OUT when the
/// folders of PATH do not answer within the setting "call_timeout"; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_recommend_tools_json(
    monitor: *const usm_monitor,
    query: *const c_char,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &usm_core::Monitor| {
        // SAFETY: by the contract of the header: NULL or a text.
        let query = unsafe { text::read_optional(query, "query")? };
        let limit = if limit == 0 { USUAL_LIMIT } else { limit };
        text::json(&monitor.recommend_tools(query, limit)?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// Takes note of what became of a recommended tool: such tools come earlier or later from now
/// on.
///
/// - name: of the tool.
/// - is_taken: 0 when it was turned down, any other number when it was used.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that no tool has; USM_ERR_INVALID_UTF8;
/// USM_ERR_TIMED_OUT as for usm_monitor_recommend_tools_json(); USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_answer_tool(
    monitor: *mut usm_monitor,
    name: *const c_char,
    is_taken: i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let name = unsafe { text::read(name, "name")? };
        Ok(monitor.answer_tool(name, is_taken != 0)?)
    })
}

/// Gives how often tools were recommended, and what there is to recommend, as a JSON object.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_TIMED_OUT as for
/// usm_monitor_recommend_tools_json(); USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_tool_analytics_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe {
        give_json(monitor, json, |monitor| {
            text::json(&monitor.tool_analytics()?)
        })
    })
}

/// Takes note that an advice ("recommendations" in usm_findings_json()) was followed or turned
/// down: of those that matter as much, the kinds that are followed come first from now on.
///
/// - id: of the advice.
/// - is_taken: 0 when it was turned down, any other number when it was followed.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an id that no advice of the newest state has;
/// USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_answer_advice(
    monitor: *mut usm_monitor,
    id: *const c_char,
    is_taken: i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let id = unsafe { text::read(id, "id")? };
        Ok(monitor.answer_advice(id, is_taken != 0)?)
    })
}
