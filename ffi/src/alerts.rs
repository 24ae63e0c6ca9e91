//! Alerts through the monitor: their rules, and what somebody says to them.

use std::ffi::c_char;

use serde_json::{Map, Value};
use usm_core::Error;

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::monitor::{give_json, in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Gives the rules as a JSON array, by name: the built-in ones, changed and added to by the
/// rules' file (setting "alert_rules_file") and by those of the database. Each is a table as in that
/// file, e.g. {"name": "CPU", "when": "cpu_percent > 90%", "for": "5m", ...}.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_alert_rules_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, |monitor| text::json(&monitor.alert_rules()?)) })
}

/// Adds a rule, or puts it in the place of the one of its name, and keeps it in the database,
/// if there is one. It is in force from the next sample on, also in another process that
/// monitors.
///
/// - toml: the rule, as in a rules' file, a line for each field, e.g. name = "load",
///   when = "load_average_1 > 8" and for = "5m".
/// - json: takes the rule as it was understood, to be freed by usm_string_free(); NULL when it is
///   not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for what is no rule, with line, column and what was
/// probably meant, and for a channel that there is not; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_set_alert_rule(
    monitor: *mut usm_monitor,
    toml: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        let json = match json.is_null() {
            true => None,
            // SAFETY: by the contract of the header: a variable of the caller's.
            false => Some(unsafe { out_pointer(json, "json")? }),
        };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let rule = monitor.set_alert_rule(unsafe { text::read(toml, "toml")? })?;
        if let Some(json) = json {
            *json = text::give(text::json(&rule)?)?;
        }
        Ok(())
    })
}

/// Switches a rule on or off, also a built-in one, and keeps that in the database, if there is
/// one.
///
/// - name: of the rule.
/// - enabled: 0 is off, any other number is on.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that there is not, with the nearest
/// ones; USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_enable_alert_rule(
    monitor: *mut usm_monitor,
    name: *const c_char,
    enabled: i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let name = unsafe { text::read(name, "name")? };
        Ok(monitor.enable_alert_rule(name, enabled != 0)?)
    })
}

/// Removes a rule from the database: a built-in one, or one of the rules' file, is again as it
/// was.
///
/// - name: of the rule.
/// - removed: takes 1, or 0 where the database has none of this name; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
/// USM_ERR_INVALID_STATE when "store_enabled" is off; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_remove_alert_rule(
    monitor: *mut usm_monitor,
    name: *const c_char,
    removed: *mut i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let was = monitor.remove_alert_rule(unsafe { text::read(name, "name")? })?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { tell(removed, "removed", was.into()) }
    })
}

/// Takes note of an alert: its escalation ends. If another process monitors, it is asked to,
/// through the database.
///
/// - id: usm_alert.id.
/// - by: who takes note.
/// - note: in words; NULL for none.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a number that no alert has;
/// USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any, callbacks included.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_acknowledge_alert(
    monitor: *mut usm_monitor,
    id: u64,
    by: *const c_char,
    note: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let by = unsafe { text::read(by, "by")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let note = unsafe { text::read_optional(note, "note")? };
        Ok(monitor.acknowledge_alert(id, by, note)?)
    })
}

/// Tells nobody of some alerts for a time; they fire and end all the same.
///
/// - rule: name of the rule; `*` and `?` may stand in it.
/// - labels_json: labels that the series must have, as a JSON object, e.g. {"mount": "/mnt/d*"};
///   NULL for every series.
/// - seconds: for how long, more than 0, at most a year (31622400).
/// - by: who wants it.
/// - reason: why; NULL for none.
/// - id: takes the number of the silence, for usm_monitor_end_silence(); 0 when this monitor is
///   not active and the process that monitors was asked to, through the database. NULL when it
///   is not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_UTF8; USM_ERR_STORE;
/// USM_ERR_FORKED.
/// Threads: any, callbacks included.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_silence_alerts(
    monitor: *mut usm_monitor,
    rule: *const c_char,
    labels_json: *const c_char,
    seconds: f64,
    by: *const c_char,
    reason: *const c_char,
    id: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (rule, by) = unsafe { (text::read(rule, "rule")?, text::read(by, "by")?) };
        // SAFETY: by the contract of the header: NULL or a text.
        let labels = labels_of(unsafe { text::read_optional(labels_json, "labels_json")? })?;
        // SAFETY: by the contract of the header: NULL or a text.
        let reason = unsafe { text::read_optional(reason, "reason")? };
        let number = monitor.silence_alerts(rule, &labels, seconds, by, reason)?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { tell(id, "id", number.unwrap_or(0)) }
    })
}

/// Ends a silence.
///
/// - id: its number.
/// - ended: takes 1, or 0 for a number that there is not; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any, callbacks included.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_end_silence(
    monitor: *mut usm_monitor,
    id: u64,
    ended: *mut i32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let was = unsafe { in_own_process(monitor)? }.end_silence(id)?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { tell(ended, "ended", was.into()) }
    })
}

/// Gives the silences that are in force or still to come, as a JSON array.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_silences_json(
    monitor: *const usm_monitor,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(monitor, json, |monitor| text::json(&monitor.silences()?)) })
}

/// Writes something that the caller may not want.
///
/// # Safety
/// As for [`out`].
unsafe fn tell<T>(variable: *mut T, argument: &str, value: T) -> Result<(), Failure> {
    if !variable.is_null() {
        // SAFETY: by this function's contract.
        unsafe { out(variable, argument)? }.write(value);
    }
    Ok(())
}

/// Labels by name and pattern.
fn labels_of(json: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    let Some(json) = json else {
        return Ok(Vec::new());
    };
    let wrong = || Error::invalid("labels_json", json, "a JSON object whose values are texts");
    let labels: Map<String, Value> = serde_json::from_str(json).map_err(|_| wrong())?;
    let mut found = Vec::with_capacity(labels.len());
    for (name, pattern) in labels {
        let Value::String(pattern) = pattern else {
            return Err(wrong().into());
        };
        found.push((name, pattern));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_what_is_no_object_of_texts_is_refused() {
        let labels = labels_of(Some(r#"{"mount": "/mnt/*", "device": "sda"}"#)).unwrap();
        let wanted = [("mount", "/mnt/*"), ("device", "sda")];
        assert_eq!(labels, wanted.map(|(a, b)| (a.to_string(), b.to_string())));
        assert!(labels_of(None).unwrap().is_empty());
        assert!(labels_of(Some("{}")).unwrap().is_empty());
        for wrong in ["", "[]", "mount", r#"{"mount": 1}"#, r#"{"mount": null}"#] {
            assert!(labels_of(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
