//! What one may ask the monitor of its judgement: alerts and findings of the past, when a rule
//! would have fired, whether a channel works, forecasts of any series.

use std::ffi::{c_char, c_void};

use serde_json::{Value, json};
use usm_core::Error;
use usm_core::store::{FindingFilter, FindingRow};

use crate::failure::Failure;
use crate::finding_numbers::finding_kind_of;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::history_query::end_of;
use crate::monitor::{give_json, in_own_process, usm_monitor};
use crate::progress::{Caller, usm_progress_callback};
use crate::status::usm_status;
use crate::text;

/// More horizons are not asked for at once.
const MOST_HORIZONS: usize = 10_000;

/// The progress of a back-test is told in thousandths.
const STEPS: f64 = 1000.0;

/// Gives the alerts that lasted in a range of time as a JSON array, oldest first.
///
/// - since: seconds since 1970; 0 for the beginning.
/// - until: seconds since 1970; 0 for the end.
/// - limit: most of them, the newest; 0 for all.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_INVALID_STATE when
/// "store_enabled" is off; USM_ERR_TIMED_OUT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_alert_history_json(
    monitor: *const usm_monitor,
    since: f64,
    until: f64,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe {
        give_json(monitor, json, |monitor| {
            text::json(&monitor.alert_history(since, end_of(until), most(limit))?)
        })
    })
}

/// Gives findings of the past as a JSON array of objects with "kind", "key", "opened_at",
/// "updated_at", "closed_at" (null while it lasts), "severity", "title" and "data", the finding
/// itself.
///
/// - kind: USM_FINDING_...
/// - since: that lasted at or after this time, seconds since 1970; 0 for the beginning.
/// - until: that began before this time; 0 for the end.
/// - open_only: any number but 0 leaves out those that have ended.
/// - limit: most of them, the newest; 0 for all.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_monitor_alert_history_json().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_findings_json(
    monitor: *const usm_monitor,
    kind: u32,
    since: f64,
    until: f64,
    open_only: i32,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &usm_core::Monitor| {
        let filter = FindingFilter {
            kind: finding_kind_of(kind)?,
            since,
            until: end_of(until),
            open_only: open_only != 0,
            limit: most(limit),
        };
        let rows = monitor.findings(&filter)?;
        let rows: Result<Vec<Value>, Failure> = rows.iter().map(described).collect();
        text::json(&rows?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// Says when a rule would have fired in a range of the history, as a JSON object: "samples"
/// that were looked at, of them "without_data", their "range", the "alerts",
/// "firing_percent" of the time, and "notes".
///
/// - name_or_toml: name of a rule that there is, or a rule as for usm_monitor_set_alert_rule().
/// - since: seconds since 1970; 0 for the beginning.
/// - until: seconds since 1970; 0 for the end.
/// - progress: told of the progress in thousandths, on this thread; NULL for none. What it
///   returns may end the test.
/// - user_data: handed to the callback; may be NULL.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_monitor_set_alert_rule() and usm_history_query(); USM_ERR_INVALID_STATE when
/// the callback has ended it, or the monitor keeps no history.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_test_alert_rule_json(
    monitor: *const usm_monitor,
    name_or_toml: *const c_char,
    since: f64,
    until: f64,
    progress: usm_progress_callback,
    user_data: *mut c_void,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let rule = unsafe { text::read(name_or_toml, "name_or_toml")? };
        let what = rule.lines().next().unwrap_or_default();
        let caller = Caller::new(progress, user_data);
        let mut tell =
            |done: f64| !caller.tell("testing", what, (done * STEPS) as u64, STEPS as u64);
        let found = monitor.test_alert_rule(rule, since, end_of(until), &mut tell)?;
        *json = text::give(text::json(&found)?)?;
        Ok(())
    })
}

/// Gives the channels that there are as a JSON object: name to kind ("console", "webhook" ...).
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT, also for a channel that can't be understood;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_alert_channels_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &usm_core::Monitor| {
        let channels = monitor.alert_channels()?.into_iter();
        let by_name = channels.map(|(name, kind)| (name, Value::String(kind)));
        text::json(&Value::Object(by_name.collect()))
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// Sends a message of test to a channel, waits for what becomes of it, and gives that as a JSON
/// object: "ok", "attempts", "error" and the like.
///
/// - channel: its name; see usm_monitor_alert_channels_json().
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK, also when the message did not arrive: "ok" is false then;
/// USM_ERR_INVALID_ARGUMENT for a name that there is not; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any; it waits for the channel.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_test_alert_channel_json(
    monitor: *const usm_monitor,
    channel: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &usm_core::Monitor| {
        // SAFETY: by the contract of the header: NULL or a text.
        let channel = unsafe { text::read(channel, "channel")? };
        text::json(&monitor.test_alert_channel(channel)?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// Gives who was told of what as a JSON array, oldest first: alert, channel, what was told,
/// whether it arrived, tries, error, times.
///
/// - since: seconds since 1970; 0 for the beginning.
/// - limit: most of them, the newest; 0 for all.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_monitor_alert_history_json().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_notifications_json(
    monitor: *const usm_monitor,
    since: f64,
    limit: usize,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe {
        give_json(monitor, json, |monitor| {
            text::json(&monitor.notifications(since, most(limit))?)
        })
    })
}

/// Gives forecasts worked out of the history as a JSON array: one object for each series that
/// the selector names and each horizon. Those of the main metrics are in the findings, too.
///
/// - selector: e.g. "memory_percent" or "filesystem_used_percent{mount=\"/\"}".
/// - horizons: seconds ahead, more than 0, at most 604800 (7 days); may be NULL with a count
///   of 0.
/// - horizon_count: how many there are; 0 stands for 15 minutes, 1, 6 and 24 hours and 7 days.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_history_query().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_forecast_json(
    monitor: *const usm_monitor,
    selector: *const c_char,
    horizons: *const f64,
    horizon_count: usize,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |monitor: &usm_core::Monitor| {
        // SAFETY: by the contract of the header: NULL or a text.
        let selector = unsafe { text::read(selector, "selector")? };
        // SAFETY: by the contract of the header: NULL or an array of the caller's.
        let horizons = unsafe { horizons_of(horizons, horizon_count)? };
        text::json(&monitor.forecast(selector, horizons)?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, ask) })
}

/// # Safety
/// `array` is NULL or has `count` numbers, which stay as they are during `'a`.
unsafe fn horizons_of<'a>(array: *const f64, count: usize) -> Result<&'a [f64], Failure> {
    if count == 0 {
        return Ok(&usm_core::judge::forecast::HORIZONS);
    }
    if array.is_null() {
        return Err(Failure::null("horizons"));
    }
    if !array.is_aligned() {
        return Err(Failure::unaligned("horizons"));
    }
    if count > MOST_HORIZONS {
        let allowed = format!("0 to {MOST_HORIZONS}");
        return Err(Error::invalid("horizon_count", count, allowed).into());
    }
    // SAFETY: neither NULL nor unaligned, and of `count` numbers by this function's contract.
    Ok(unsafe { std::slice::from_raw_parts(array, count) })
}

/// How many at most, where 0 stands for all.
fn most(limit: usize) -> usize {
    match limit {
        0 => usize::MAX,
        limit => limit,
    }
}

/// A row with its data as JSON instead of a text of JSON.
fn described(row: &FindingRow) -> Result<Value, Failure> {
    let data: Value = serde_json::from_str(&row.data).map_err(|error| {
        Error::Internal(format!(
            "data of the {} {}: {error}",
            row.kind.name(),
            row.key
        ))
    })?;
    Ok(json!({
        "kind": row.kind,
        "key": row.key,
        "opened_at": row.opened_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
        "severity": row.severity,
        "title": row.title,
        "data": data,
    }))
}
