//! The anomalies among the findings.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::judge::Anomaly;

use crate::findings::{look, range, tell_count, usm_findings};
use crate::forecast::number;
use crate::guard::guard;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// A metric that is outside of its normal range. The text lives as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_anomaly {
    /// sizeof(usm_anomaly) in the caller's program, as usm_anomaly_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Number of the incident that it is part of; 0 when it is part of none.
    pub incident: u64,
    /// 0 (as ever) to 1 (never seen), of the newest value; NaN when that is not known.
    pub score: f64,
    /// Highest score since it began.
    pub worst_score: f64,
    /// Newest value; NaN when it is not known.
    pub value: f64,
    /// Lower end of what would be normal; NaN when that is not known.
    pub expected_low: f64,
    /// Its upper end.
    pub expected_high: f64,
    /// Since when it is outside, seconds since 1970.
    pub since: f64,
    /// When it was last looked at.
    pub updated_at: f64,
    /// The series, e.g. "cpu_percent".
    pub series: *const c_char,
}

pub(crate) const ANOMALY: PlainSize = PlainSize {
    least: offset_of!(usm_anomaly, expected_low),
    allowed: "sizeof(usm_anomaly); call usm_anomaly_init() first",
};

/// Tells how many anomalies there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_anomaly_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.anomalies.len()) })
}

/// Copies a metric that is outside of its normal range, the worst one first.
///
/// - index: 0 to the number of anomalies - 1.
/// - anomaly: filled as far as its struct_size goes; see usm_anomaly_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_anomaly_at(
    findings: *const usm_findings,
    index: usize,
    anomaly: *mut usm_anomaly,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let anomaly_found = element(&found.state.anomalies, "index", index)?;
        let texts = element(&found.anomalies, "index", index)?;
        let make = |struct_size| usm_anomaly::of(anomaly_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(anomaly, "anomaly", ANOMALY, make) }
    })
}

/// The texts of an anomaly.
pub(crate) struct AnomalyTexts {
    series: CString,
}

impl AnomalyTexts {
    pub(crate) fn of(anomaly: &Anomaly) -> AnomalyTexts {
        AnomalyTexts {
            series: text::kept(&anomaly.series.to_string()),
        }
    }
}

impl usm_anomaly {
    pub(crate) fn of(anomaly: &Anomaly, texts: &AnomalyTexts, struct_size: u32) -> usm_anomaly {
        let (expected_low, expected_high) = range(anomaly.expected);
        usm_anomaly {
            struct_size,
            reserved: 0,
            incident: anomaly.incident.unwrap_or(0),
            score: anomaly.score.unwrap_or(f64::NAN),
            worst_score: anomaly.worst_score,
            value: number(anomaly.value),
            expected_low,
            expected_high,
            since: anomaly.since,
            updated_at: anomaly.updated_at,
            series: texts.series.as_ptr(),
        }
    }
}
