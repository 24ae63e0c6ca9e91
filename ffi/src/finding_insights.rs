//! The insights among the findings: what is the matter, on what numbers, what could be done.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::judge::{Evidence, Insight};

use crate::failure::Failure;
use crate::finding_numbers::{insight_number, severity_number};
use crate::findings::{Found, look, tell_count, usm_findings};
use crate::forecast::number;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// What is the matter. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_insight {
    /// sizeof(usm_insight) in the caller's program, as usm_insight_init() sets it.
    pub struct_size: u32,
    /// How much it matters: USM_SEVERITY_...
    pub severity: u32,
    /// What kind of trouble: USM_INSIGHT_...
    pub kind: u32,
    /// 0.
    pub reserved: u32,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// Since when, seconds since 1970.
    pub opened_at: f64,
    /// When its words or numbers last changed.
    pub updated_at: f64,
    /// When it ended; NaN while it lasts.
    pub closed_at: f64,
    /// How many numbers it stands on; see usm_findings_insight_evidence_at().
    pub evidence_count: u64,
    /// How much could be done; see usm_findings_insight_advice_at().
    pub advice_count: u64,
    /// Stable name of the finding with what it speaks of, e.g. "leak_suspected:4711:12345".
    pub id: *const c_char,
    /// In a sentence or two, with the numbers.
    pub text: *const c_char,
}

pub(crate) const INSIGHT: PlainSize = PlainSize {
    least: offset_of!(usm_insight, updated_at),
    allowed: "sizeof(usm_insight); call usm_insight_init() first",
};

/// One number that an insight stands on. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_evidence {
    /// sizeof(usm_evidence) in the caller's program, as usm_evidence_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The number, averaged over the time that was judged; of two correlated metrics the
    /// coefficient and the lag.
    pub value: f64,
    /// What it is held against; NaN where there is nothing.
    pub against: f64,
    /// The series.
    pub series: *const c_char,
    /// Unit of the two numbers, e.g. "percent".
    pub unit: *const c_char,
}

const EVIDENCE: PlainSize = PlainSize {
    least: offset_of!(usm_evidence, against),
    allowed: "sizeof(usm_evidence); call usm_evidence_init() first",
};

/// Tells how many insights there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_insight_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.insights.len()) })
}

/// Copies an insight that lasts, or that ended with this state, the most severe one first.
///
/// - index: 0 to the number of insights - 1.
/// - insight: filled as far as its struct_size goes; see usm_insight_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_insight_at(
    findings: *const usm_findings,
    index: usize,
    insight: *mut usm_insight,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let (insight_found, texts) = found.insight(index)?;
        let make = |struct_size| usm_insight::of(insight_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(insight, "insight", INSIGHT, make) }
    })
}

/// Copies one of the numbers that an insight stands on.
///
/// - index: of the insight.
/// - evidence_index: 0 to usm_insight.evidence_count - 1.
/// - evidence: filled as far as its struct_size goes; see usm_evidence_init().
///
/// Returns: as usm_findings_insight_at().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_insight_evidence_at(
    findings: *const usm_findings,
    index: usize,
    evidence_index: usize,
    evidence: *mut usm_evidence,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let findings = unsafe { look(findings)? };
        let (insight, texts) = findings.insight(index)?;
        let found = element(&insight.evidence, "evidence_index", evidence_index)?;
        let (series, unit) = element(&texts.evidence, "evidence_index", evidence_index)?;
        let make = |struct_size| usm_evidence {
            struct_size,
            reserved: 0,
            value: found.value,
            against: number(found.against),
            series: series.as_ptr(),
            unit: unit.as_ptr(),
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(evidence, "evidence", EVIDENCE, make) }
    })
}

/// Gives something that could be done about an insight.
///
/// - index: of the insight.
/// - advice_index: 0 for what helps most, to usm_insight.advice_count - 1.
/// - advice: takes a borrowed text that lives as long as the findings.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_insight_advice_at(
    findings: *const usm_findings,
    index: usize,
    advice_index: usize,
    advice: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let advice = unsafe { out_pointer(advice.cast::<*mut c_char>(), "advice")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let findings = unsafe { look(findings)? };
        let (_, texts) = findings.insight(index)?;
        let text = element(&texts.advice, "advice_index", advice_index)?;
        *advice = text.as_ptr().cast_mut();
        Ok(())
    })
}

/// The texts of an insight.
pub(crate) struct InsightTexts {
    id: CString,
    text: CString,
    /// Series and unit of each number.
    evidence: Vec<(CString, CString)>,
    advice: Vec<CString>,
}

impl InsightTexts {
    pub(crate) fn of(insight: &Insight) -> InsightTexts {
        let texts = |evidence: &Evidence| {
            (
                text::kept(&evidence.series.to_string()),
                text::kept(&text::word(&evidence.unit)),
            )
        };
        InsightTexts {
            id: text::kept(&insight.id),
            text: text::kept(&insight.text),
            evidence: insight.evidence.iter().map(texts).collect(),
            advice: insight.advice.iter().map(|text| text::kept(text)).collect(),
        }
    }
}

impl Found {
    fn insight(&self, index: usize) -> Result<(&Insight, &InsightTexts), Failure> {
        Ok((
            element(&self.state.insights, "index", index)?,
            element(&self.insights, "index", index)?,
        ))
    }
}

impl usm_insight {
    pub(crate) fn of(insight: &Insight, texts: &InsightTexts, struct_size: u32) -> usm_insight {
        usm_insight {
            struct_size,
            severity: severity_number(insight.severity),
            kind: insight_number(insight.kind),
            reserved: 0,
            confidence: insight.confidence,
            opened_at: insight.opened_at,
            updated_at: insight.updated_at,
            closed_at: number(insight.closed_at),
            evidence_count: insight.evidence.len() as u64,
            advice_count: insight.advice.len() as u64,
            id: texts.id.as_ptr(),
            text: texts.text.as_ptr(),
        }
    }
}
