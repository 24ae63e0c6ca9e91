//! The advice and the weak kernel settings among the findings.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::judge::{Advice, AdviceSource, HardeningFinding};

use crate::finding_numbers::severity_number;
use crate::findings::{look, tell_count, usm_findings};
use crate::guard::guard;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// It comes from the newest sample.
pub const USM_ADVICE_SAMPLE: u32 = 0;
/// It comes from a score that is low.
pub const USM_ADVICE_SCORE: u32 = 1;
/// It comes from an insight.
pub const USM_ADVICE_INSIGHT: u32 = 2;
/// It comes from an incident.
pub const USM_ADVICE_INCIDENT: u32 = 3;
/// It comes from a forecast of when something is used up.
pub const USM_ADVICE_FORECAST: u32 = 4;
/// It comes from a security finding.
pub const USM_ADVICE_SECURITY: u32 = 5;

/// Something that the user could do. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_advice {
    /// sizeof(usm_advice) in the caller's program, as usm_advice_init() sets it.
    pub struct_size: u32,
    /// How much it matters: USM_SEVERITY_...
    pub severity: u32,
    /// What it comes from: USM_ADVICE_...
    pub source: u32,
    /// 0.
    pub reserved: u32,
    /// Stable name, with the object it speaks of, e.g. "disk_full:/var"; what
    /// usm_monitor_answer_advice() takes.
    pub id: *const c_char,
    /// What is the matter, with its numbers, and what could be done.
    pub text: *const c_char,
    /// What it would bring, in words; NULL when nobody can tell.
    pub benefit: *const c_char,
}

pub(crate) const ADVICE: PlainSize = PlainSize {
    least: offset_of!(usm_advice, benefit),
    allowed: "sizeof(usm_advice); call usm_advice_init() first",
};

/// A weak setting of the kernel. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_weak_setting {
    /// sizeof(usm_weak_setting) in the caller's program, as usm_weak_setting_init() sets it.
    pub struct_size: u32,
    /// How much it matters: USM_SEVERITY_...
    pub severity: u32,
    /// Points that it costs of the security score.
    pub loss: f64,
    /// Name of the setting, as sysctl writes it.
    pub setting: *const c_char,
    /// Its value.
    pub value: *const c_char,
    /// Value that would be strong.
    pub wanted: *const c_char,
    /// What the weak value allows.
    pub risk: *const c_char,
}

pub(crate) const WEAK_SETTING: PlainSize = PlainSize {
    least: offset_of!(usm_weak_setting, wanted),
    allowed: "sizeof(usm_weak_setting); call usm_weak_setting_init() first",
};

/// Tells how many pieces of advice there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_recommendation_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.advice.len()) })
}

/// Copies a piece of advice, the most urgent one first.
///
/// - index: 0 to the number of them - 1.
/// - advice: filled as far as its struct_size goes; see usm_advice_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_recommendation_at(
    findings: *const usm_findings,
    index: usize,
    advice: *mut usm_advice,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let advice_found = element(&found.state.recommendations, "index", index)?;
        let texts = element(&found.advice, "index", index)?;
        let make = |struct_size| usm_advice::of(advice_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(advice, "advice", ADVICE, make) }
    })
}

/// Tells how many weak settings of the kernel there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_weak_setting_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.hardening.len()) })
}

/// Copies a weak setting of the kernel.
///
/// - index: 0 to the number of them - 1.
/// - setting: filled as far as its struct_size goes; see usm_weak_setting_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_weak_setting_at(
    findings: *const usm_findings,
    index: usize,
    setting: *mut usm_weak_setting,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let setting_found = element(&found.state.hardening, "index", index)?;
        let texts = element(&found.hardening, "index", index)?;
        let make = |struct_size| usm_weak_setting::of(setting_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(setting, "setting", WEAK_SETTING, make) }
    })
}

/// The texts of a piece of advice.
pub(crate) struct AdviceTexts {
    id: CString,
    text: CString,
    benefit: Option<CString>,
}

impl AdviceTexts {
    pub(crate) fn of(advice: &Advice) -> AdviceTexts {
        AdviceTexts {
            id: text::kept(&advice.id),
            text: text::kept(&advice.text),
            benefit: text::kept_optional(advice.benefit.as_ref()),
        }
    }
}

impl usm_advice {
    pub(crate) fn of(advice: &Advice, texts: &AdviceTexts, struct_size: u32) -> usm_advice {
        usm_advice {
            struct_size,
            severity: severity_number(advice.severity),
            source: source_number(advice.source),
            reserved: 0,
            id: texts.id.as_ptr(),
            text: texts.text.as_ptr(),
            benefit: text::pointer(texts.benefit.as_ref()),
        }
    }
}

fn source_number(source: AdviceSource) -> u32 {
    match source {
        AdviceSource::Sample => USM_ADVICE_SAMPLE,
        AdviceSource::Score => USM_ADVICE_SCORE,
        AdviceSource::Insight => USM_ADVICE_INSIGHT,
        AdviceSource::Incident => USM_ADVICE_INCIDENT,
        AdviceSource::Forecast => USM_ADVICE_FORECAST,
        AdviceSource::Security => USM_ADVICE_SECURITY,
    }
}

/// The texts of a weak setting.
pub(crate) struct WeakSettingTexts {
    setting: CString,
    value: CString,
    wanted: CString,
    risk: CString,
}

impl WeakSettingTexts {
    pub(crate) fn of(finding: &HardeningFinding) -> WeakSettingTexts {
        WeakSettingTexts {
            setting: text::kept(&finding.setting),
            value: text::kept(&finding.value),
            wanted: text::kept(&finding.wanted),
            risk: text::kept(&finding.risk),
        }
    }
}

impl usm_weak_setting {
    pub(crate) fn of(
        finding: &HardeningFinding,
        texts: &WeakSettingTexts,
        struct_size: u32,
    ) -> usm_weak_setting {
        usm_weak_setting {
            struct_size,
            severity: severity_number(finding.severity),
            loss: finding.loss,
            setting: texts.setting.as_ptr(),
            value: texts.value.as_ptr(),
            wanted: texts.wanted.as_ptr(),
            risk: texts.risk.as_ptr(),
        }
    }
}
