//! What became of the actions: a report, as plain structs and as JSON.

use std::ffi::{CString, c_char};

use usm_core::optimizer::{ActionResult, ExecutionReport};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, open, out, out_pointer};
use crate::optimizer_numbers::{action_number, metric_number, verdict_number};
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// What usm_optimizer_execute() did. Ended by usm_execution_report_free(). It never changes,
/// and any number of threads may read it.
pub struct usm_execution_report {
    _opaque: (),
}

impl Opaque for usm_execution_report {
    type Value = Report;
    const MAGIC: u64 = 0x7573_6d20_7265_706f;
    const NAME: &'static str = "usm_execution_report";
}

/// The report, and its texts as C has them.
pub(crate) struct Report {
    report: ExecutionReport,
    texts: Vec<ResultTexts>,
}

struct ResultTexts {
    action: CString,
    target_id: CString,
    reason: CString,
    error: Option<CString>,
    changes: CString,
}

/// An execution in numbers.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_execution_summary {
    /// sizeof(usm_execution_summary) in the caller's program, as
    /// usm_execution_summary_init() sets it.
    pub struct_size: u32,
    /// 1 when nothing was changed: demo mode; else 0.
    pub dry_run: i32,
    /// 1 when the callback ended it early, else 0.
    pub cancelled: i32,
    /// 0.
    pub reserved: u32,
    /// Actions looked at.
    pub executed: u64,
    /// Done and kept; in demo mode, would be done.
    pub successful: u64,
    /// Refused, failed or taken back.
    pub failed: u64,
    /// Sum of the measured improvements of what was kept; in demo mode, of the estimates.
    pub total_benefit: f64,
    /// Seconds in all.
    pub execution_time: f64,
}

/// What became of one action. The texts are borrowed: they live as long as the report.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_action_result {
    /// sizeof(usm_action_result) in the caller's program, as usm_action_result_init() sets it.
    pub struct_size: u32,
    /// 1 when it was done (in demo mode: would be done) and not taken back; else 0.
    pub success: i32,
    /// What was done: USM_ACTION_...
    pub action_type: u32,
    /// What the values measure: USM_TARGET_METRIC_...
    pub metric: u32,
    /// What the measurement says: USM_VERDICT_...
    pub verdict: u32,
    /// 1 when it was taken back by itself, since it did not help; else 0.
    pub rolled_back: i32,
    /// 1 when nothing was changed: demo mode; else 0.
    pub dry_run: i32,
    /// 0.
    pub reserved: u32,
    /// Number in the database, for usm_optimizer_rollback() and usm_optimizer_explain_json().
    pub action_id: i64,
    /// The metric over a window before; NaN when it was not measured.
    pub before_value: f64,
    /// The metric over an equal window after; NaN when it was not measured.
    pub after_value: f64,
    /// How much better it is, negative when worse; NaN when it was not measured.
    pub improvement: f64,
    /// When a freeze or stop ends by itself, seconds since 1970; NaN when there is none.
    pub lease_until: f64,
    /// Bytes freed on disk at once; NaN for what is no disk cleanup.
    pub freed_bytes: f64,
    /// Bytes in quarantine, freed when they are purged; NaN for what is no disk cleanup.
    pub quarantined_bytes: f64,
    /// Seconds that it took.
    pub execution_time: f64,
    /// The action's description.
    pub action: *const c_char,
    /// Pid as text, "system_memory" or "system_disk".
    pub target_id: *const c_char,
    /// The verdict, refusal or failure in a sentence.
    pub reason: *const c_char,
    /// Why it failed or was refused; NULL when it was not.
    pub error: *const c_char,
    /// What was changed (in demo mode: would be), a line for each; empty when nothing.
    pub changes: *const c_char,
}

const SUMMARY: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_execution_summary, executed),
    allowed: "sizeof(usm_execution_summary); call usm_execution_summary_init() first",
};
const RESULT: PlainSize = PlainSize {
    least: std::mem::offset_of!(usm_action_result, action_id),
    allowed: "sizeof(usm_action_result); call usm_action_result_init() first",
};

/// Ends a report, and the texts that were borrowed from it.
///
/// - report: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_execution_report_free(report: *mut *mut usm_execution_report) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(report, "report") });
}

/// Copies the numbers of a report.
///
/// - summary: filled as far as its struct_size goes; see usm_execution_summary_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header
/// has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_execution_report_summary(
    report: *const usm_execution_report,
    summary: *mut usm_execution_summary,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = &unsafe { look(report)? }.report;
        let make = |struct_size| usm_execution_summary::of(found, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(summary, "summary", SUMMARY, make) }
    })
}

/// Tells how many results there are: one for each action, in the order given.
///
/// - size: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_execution_report_size(
    report: *const usm_execution_report,
    size: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(report)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(size, "size")? }.write(found.report.details.len());
        Ok(())
    })
}

/// Copies the result of an action.
///
/// - index: 0 for the first action.
/// - result: filled as far as its struct_size goes; see usm_action_result_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size
/// that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_execution_report_at(
    report: *const usm_execution_report,
    index: usize,
    result: *mut usm_action_result,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(report)? };
        let detail = element(&found.report.details, "index", index)?;
        let texts = element(&found.texts, "index", index)?;
        let make = |struct_size| usm_action_result::of(detail, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(result, "result", RESULT, make) }
    })
}

/// Gives a report as JSON.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_execution_report_json(
    report: *const usm_execution_report,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *json = text::give(text::json(&unsafe { look(report)? }.report)?)?;
        Ok(())
    })
}

/// # Safety
/// As for [`open`].
unsafe fn look(report: *const usm_execution_report) -> Result<Held<Report>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(report, "report") }
}

impl Report {
    pub(crate) fn new(report: ExecutionReport) -> Report {
        let texts = report.details.iter().map(ResultTexts::of).collect();
        Report { report, texts }
    }
}

impl ResultTexts {
    fn of(result: &ActionResult) -> ResultTexts {
        ResultTexts {
            action: text::kept(&result.action),
            target_id: text::kept(&result.target_id),
            reason: text::kept(&result.reason),
            error: text::kept_optional(result.error.as_ref()),
            changes: text::kept(&result.changes.join("\n")),
        }
    }
}

impl usm_execution_summary {
    fn of(report: &ExecutionReport, struct_size: u32) -> usm_execution_summary {
        usm_execution_summary {
            struct_size,
            dry_run: report.dry_run.into(),
            cancelled: report.cancelled.into(),
            reserved: 0,
            executed: report.executed as u64,
            successful: report.successful as u64,
            failed: report.failed as u64,
            total_benefit: report.total_benefit,
            execution_time: report.execution_time,
        }
    }
}

impl usm_action_result {
    fn of(result: &ActionResult, texts: &ResultTexts, struct_size: u32) -> usm_action_result {
        let bytes = |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64);
        usm_action_result {
            struct_size,
            success: result.success.into(),
            action_type: action_number(result.action_type),
            metric: metric_number(result.metric),
            verdict: verdict_number(result.verdict),
            rolled_back: result.rolled_back.into(),
            dry_run: result.dry_run.into(),
            reserved: 0,
            action_id: result.action_id,
            before_value: result.before_value.unwrap_or(f64::NAN),
            after_value: result.after_value.unwrap_or(f64::NAN),
            improvement: result.improvement.unwrap_or(f64::NAN),
            lease_until: result.lease_until.unwrap_or(f64::NAN),
            freed_bytes: bytes(result.freed_bytes),
            quarantined_bytes: bytes(result.quarantined_bytes),
            execution_time: result.execution_time,
            action: texts.action.as_ptr(),
            target_id: texts.target_id.as_ptr(),
            reason: texts.reason.as_ptr(),
            error: text::pointer(texts.error.as_ref()),
            changes: texts.changes.as_ptr(),
        }
    }
}
