//! Which tool would show more of a problem.

use std::ffi::c_char;

use usm_core::Monitor;
use usm_core::tools::{Context, Feedback, HostTools, SeenProblem, USUAL_LIMIT, recommend};

use crate::guard::guard;
use crate::monitor::{give_json, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Gives the tools that would show more of a problem as a JSON array, best first: what each
/// shows, whether it is here, how it is had on this distribution, how to run it, and why it is
/// named. Nothing is run and nothing installed.
///
/// - query: a question in plain words, e.g. "which process writes to the disk"; NULL for what is
///   wrong here now, by the newest state.
/// - limit: most of them; 0 for the usual number.
/// - json: takes the text, to be freed by usm_string_free(); an empty array when no tool is known
///   for the question, or nothing is wrong.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any. It looks into the folders of PATH.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_recommend_tools_json(
    monitor: *const usm_monitor,
    query: *const c_char,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let query = unsafe { text::read_optional(query, "query")? };
        let ask = |monitor: &Monitor| {
            // What was asked stands for itself.
            let context = match query {
                Some(_) => Context::default(),
                None => seen(monitor),
            };
            let host = HostTools::look(&monitor.config().roots());
            let limit = if limit == 0 { USUAL_LIMIT } else { limit };
            let learned = Feedback::default();
            text::json(&recommend(query, &context, &host, &learned, limit))
        };
        // SAFETY: by the contract of the header: NULL, or a handle and a variable.
        unsafe { give_json(monitor, json, ask) }
    })
}

/// What is wrong by the newest state.
fn seen(monitor: &Monitor) -> Context {
    let state = monitor.state();
    let mut context = Context::of(&state.metrics, state.scores.performance.value);
    context.problems = state.insights.iter().filter_map(SeenProblem::of).collect();
    context
}
