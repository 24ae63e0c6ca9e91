//! The alerts among the findings.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::alert::Alert;

use crate::finding_numbers::{alert_severity_number, alert_status_number};
use crate::findings::{look, tell_count, usm_findings};
use crate::forecast::number;
use crate::guard::guard;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// A rule that holds for a series. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_alert {
    /// sizeof(usm_alert) in the caller's program, as usm_alert_init() sets it.
    pub struct_size: u32,
    /// How bad it is now: USM_ALERT_SEVERITY_...
    pub severity: u32,
    /// Where it is in its life: USM_ALERT_PENDING, _FIRING, _NO_DATA or _RESOLVED.
    pub status: u32,
    /// 1 when it fires and clears so often that only the first change is told; else 0.
    pub is_flapping: i32,
    /// 1 when somebody took note of it; else 0.
    pub is_acknowledged: i32,
    /// Step of the escalation that was reached, from 0.
    pub escalation_step: u32,
    /// Its number, for usm_monitor_acknowledge_alert(); never used again. 0 while it is pending.
    pub id: u64,
    /// Newest value; NaN when it is not known.
    pub value: f64,
    /// What the value is held against at this severity; NaN where there is no such number.
    pub threshold: f64,
    /// Since when the condition holds, seconds since 1970.
    pub since: f64,
    /// Since when it fires; NaN when it has not yet.
    pub fired_at: f64,
    /// When it ended; NaN while it lasts.
    pub resolved_at: f64,
    /// When it was last evaluated.
    pub updated_at: f64,
    /// When somebody took note of it; NaN when nobody has.
    pub acknowledged_at: f64,
    /// Until when a silence covers it; NaN when none does.
    pub silenced_until: f64,
    /// Name of the rule.
    pub rule: *const c_char,
    /// The series, e.g. "filesystem_used_percent{mount=\"/\"}"; for a condition over several
    /// the first that decided.
    pub series: *const c_char,
    /// In words, with the numbers.
    pub message: *const c_char,
    /// Who took note of it; NULL when nobody has.
    pub acknowledged_by: *const c_char,
    /// What that one wrote; NULL when nothing.
    pub acknowledged_note: *const c_char,
}

pub(crate) const ALERT: PlainSize = PlainSize {
    least: offset_of!(usm_alert, since),
    allowed: "sizeof(usm_alert); call usm_alert_init() first",
};

/// Tells how many alerts there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_alert_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.alerts.len()) })
}

/// Copies an alert that is not over, the worst one first.
///
/// - index: 0 to the number of alerts - 1.
/// - alert: filled as far as its struct_size goes; see usm_alert_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_alert_at(
    findings: *const usm_findings,
    index: usize,
    alert: *mut usm_alert,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let alert_found = element(&found.state.alerts, "index", index)?;
        let texts = element(&found.alerts, "index", index)?;
        let make = |struct_size| usm_alert::of(alert_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(alert, "alert", ALERT, make) }
    })
}

/// The texts of an alert.
pub(crate) struct AlertTexts {
    rule: CString,
    series: CString,
    message: CString,
    acknowledged_by: Option<CString>,
    acknowledged_note: Option<CString>,
}

impl AlertTexts {
    pub(crate) fn of(alert: &Alert) -> AlertTexts {
        let acknowledged = alert.acknowledged.as_ref();
        AlertTexts {
            rule: text::kept(&alert.rule),
            series: text::kept(&alert.series.to_string()),
            message: text::kept(&alert.message),
            acknowledged_by: acknowledged.map(|said| text::kept(&said.by)),
            acknowledged_note: acknowledged
                .and_then(|said| text::kept_optional(said.note.as_ref())),
        }
    }
}

impl usm_alert {
    pub(crate) fn of(alert: &Alert, texts: &AlertTexts, struct_size: u32) -> usm_alert {
        let acknowledged = alert.acknowledged.as_ref();
        usm_alert {
            struct_size,
            severity: alert_severity_number(alert.severity),
            status: alert_status_number(alert.status),
            is_flapping: alert.is_flapping.into(),
            is_acknowledged: acknowledged.is_some().into(),
            escalation_step: alert.escalation_step,
            id: alert.id,
            value: number(alert.value),
            threshold: number(alert.threshold),
            since: alert.since,
            fired_at: number(alert.fired_at),
            resolved_at: number(alert.resolved_at),
            updated_at: alert.updated_at,
            acknowledged_at: number(acknowledged.map(|said| said.at)),
            silenced_until: number(alert.silenced_until),
            rule: texts.rule.as_ptr(),
            series: texts.series.as_ptr(),
            message: texts.message.as_ptr(),
            acknowledged_by: text::pointer(texts.acknowledged_by.as_ref()),
            acknowledged_note: text::pointer(texts.acknowledged_note.as_ref()),
        }
    }
}
