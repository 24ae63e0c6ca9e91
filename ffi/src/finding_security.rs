//! The security findings.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::judge::SecurityFinding;

use crate::finding_numbers::{security_number, severity_number};
use crate::findings::{look, tell_count, usm_findings};
use crate::forecast::number;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// Something about the machine's security that its user should know. The texts live as long as
/// the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_security_finding {
    /// sizeof(usm_security_finding) in the caller's program, as usm_security_finding_init()
    /// sets it.
    pub struct_size: u32,
    /// How much it matters: USM_SEVERITY_...
    pub severity: u32,
    /// What it is of: USM_SECURITY_...
    pub kind: u32,
    /// 1 when it was there when the machine was first looked at, or for long by now, and is
    /// taken for its normal state; else 0.
    pub is_known: i32,
    /// 1 when the setting "security_allow" allows it, or every machine has it: it is listed
    /// only; else 0.
    pub is_allowed: i32,
    /// 0.
    pub reserved: u32,
    /// When it was first seen, seconds since 1970.
    pub since: f64,
    /// When an event was raised for it; NaN when none was.
    pub raised_at: f64,
    /// How many texts say so; see usm_findings_security_evidence_at().
    pub evidence_count: u64,
    /// Stable name, e.g. "listener:tcp:0.0.0.0:8080"; what "security_allow" speaks of.
    pub id: *const c_char,
    /// What it is about: an address, a program, a folder, a setting.
    pub subject: *const c_char,
    /// What is the matter, with names and numbers.
    pub text: *const c_char,
    /// What could be done.
    pub advice: *const c_char,
}

pub(crate) const FINDING: PlainSize = PlainSize {
    least: offset_of!(usm_security_finding, raised_at),
    allowed: "sizeof(usm_security_finding); call usm_security_finding_init() first",
};

/// Tells how many security findings there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_security_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.security.len()) })
}

/// Copies a security finding, those that matter most first.
///
/// - index: 0 to the number of security findings - 1.
/// - security: filled as far as its struct_size goes; see usm_security_finding_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_security_at(
    findings: *const usm_findings,
    index: usize,
    security: *mut usm_security_finding,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let security_found = element(&found.state.security, "index", index)?;
        let texts = element(&found.security, "index", index)?;
        let make = |struct_size| usm_security_finding::of(security_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(security, "security", FINDING, make) }
    })
}

/// Gives something that says so, e.g. which file.
///
/// - index: of the security finding.
/// - evidence_index: 0 to usm_security_finding.evidence_count - 1.
/// - evidence: takes a borrowed text that lives as long as the findings.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_security_evidence_at(
    findings: *const usm_findings,
    index: usize,
    evidence_index: usize,
    evidence: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let evidence = unsafe { out_pointer(evidence.cast::<*mut c_char>(), "evidence")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let findings = unsafe { look(findings)? };
        let texts = element(&findings.security, "index", index)?;
        let text = element(&texts.evidence, "evidence_index", evidence_index)?;
        *evidence = text.as_ptr().cast_mut();
        Ok(())
    })
}

/// The texts of a security finding.
pub(crate) struct SecurityTexts {
    id: CString,
    subject: CString,
    text: CString,
    advice: CString,
    evidence: Vec<CString>,
}

impl SecurityTexts {
    pub(crate) fn of(finding: &SecurityFinding) -> SecurityTexts {
        SecurityTexts {
            id: text::kept(&finding.id),
            subject: text::kept(&finding.subject),
            text: text::kept(&finding.text),
            advice: text::kept(&finding.advice),
            evidence: finding
                .evidence
                .iter()
                .map(|line| text::kept(line))
                .collect(),
        }
    }
}

impl usm_security_finding {
    pub(crate) fn of(
        finding: &SecurityFinding,
        texts: &SecurityTexts,
        struct_size: u32,
    ) -> usm_security_finding {
        usm_security_finding {
            struct_size,
            severity: severity_number(finding.severity),
            kind: security_number(finding.kind),
            is_known: finding.known.into(),
            is_allowed: finding.allowed.into(),
            reserved: 0,
            since: finding.since,
            raised_at: number(finding.raised),
            evidence_count: finding.evidence.len() as u64,
            id: texts.id.as_ptr(),
            subject: texts.subject.as_ptr(),
            text: texts.text.as_ptr(),
            advice: texts.advice.as_ptr(),
        }
    }
}
