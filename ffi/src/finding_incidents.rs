//! The incidents among the findings, with what moved in each and which processes did.

use std::ffi::{CString, c_char};
use std::mem::offset_of;

use usm_core::judge::{Culprit, Incident};

use crate::failure::Failure;
use crate::finding_anomalies::{ANOMALY, AnomalyTexts, usm_anomaly};
use crate::finding_numbers::severity_number;
use crate::findings::{Found, look, tell_count, usm_findings};
use crate::forecast::number;
use crate::guard::guard;
use crate::plain::{self, PlainSize, element};
use crate::status::usm_status;
use crate::text;

/// Anomalies with one cause. The text lives as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_incident {
    /// sizeof(usm_incident) in the caller's program, as usm_incident_init() sets it.
    pub struct_size: u32,
    /// How much it matters: USM_SEVERITY_...
    pub severity: u32,
    /// Its number: never used again.
    pub id: u64,
    /// Since when, seconds since 1970.
    pub since: f64,
    /// When its words or numbers last changed in more than a little.
    pub updated_at: f64,
    /// When it ended; NaN while it lasts.
    pub closed_at: f64,
    /// How many metrics it is made of; see usm_findings_incident_anomaly_at().
    pub anomaly_count: u64,
    /// How many processes moved with it; see usm_findings_incident_culprit_at().
    pub culprit_count: u64,
    /// What happens, in a sentence with numbers.
    pub summary: *const c_char,
}

const INCIDENT: PlainSize = PlainSize {
    least: offset_of!(usm_incident, updated_at),
    allowed: "sizeof(usm_incident); call usm_incident_init() first",
};

/// A process whose usage moved with an incident. The texts live as long as the findings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_incident_culprit {
    /// sizeof(usm_incident_culprit) in the caller's program, as usm_incident_culprit_init()
    /// sets it.
    pub struct_size: u32,
    /// Process id.
    pub pid: i32,
    /// Start in clock ticks after boot; with the pid it identifies the process.
    pub start_time_ticks: u64,
    /// Its share of what changed on the machine, percent; all of an incident add up to at most
    /// 100.
    pub share_percent: f64,
    /// Name of its program.
    pub name: *const c_char,
    /// Its user; NULL when that is not known.
    pub user: *const c_char,
    /// What of it moved, e.g. "process_cpu_core_percent".
    pub metric: *const c_char,
    /// In words, with the numbers.
    pub text: *const c_char,
}

const CULPRIT: PlainSize = PlainSize {
    least: offset_of!(usm_incident_culprit, share_percent),
    allowed: "sizeof(usm_incident_culprit); call usm_incident_culprit_init() first",
};

/// Tells how many incidents there are.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_incident_count(
    findings: *const usm_findings,
    count: *mut usize,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { tell_count(findings, count, |found| found.incidents.len()) })
}

/// Copies an incident that lasts, or that ended with this state.
///
/// - index: 0 to the number of incidents - 1.
/// - incident: filled as far as its struct_size goes; see usm_incident_init().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an index beyond the end, or a struct_size that
/// no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_incident_at(
    findings: *const usm_findings,
    index: usize,
    incident: *mut usm_incident,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let found = unsafe { look(findings)? };
        let (incident_found, texts) = found.incident(index)?;
        let make = |struct_size| usm_incident::of(incident_found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(incident, "incident", INCIDENT, make) }
    })
}

/// Copies one of the metrics of an incident.
///
/// - index: of the incident.
/// - anomaly_index: 0 for the one that moved first.
/// - anomaly: filled as far as its struct_size goes; see usm_anomaly_init().
///
/// Returns: as usm_findings_incident_at().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_incident_anomaly_at(
    findings: *const usm_findings,
    index: usize,
    anomaly_index: usize,
    anomaly: *mut usm_anomaly,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let findings = unsafe { look(findings)? };
        let (incident, texts) = findings.incident(index)?;
        let found = element(&incident.anomalies, "anomaly_index", anomaly_index)?;
        let texts = element(&texts.anomalies, "anomaly_index", anomaly_index)?;
        let make = |struct_size| usm_anomaly::of(found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(anomaly, "anomaly", ANOMALY, make) }
    })
}

/// Copies one of the processes that moved with an incident.
///
/// - index: of the incident.
/// - culprit_index: 0 for the one that moved most.
/// - culprit: filled as far as its struct_size goes; see usm_incident_culprit_init().
///
/// Returns: as usm_findings_incident_at().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_incident_culprit_at(
    findings: *const usm_findings,
    index: usize,
    culprit_index: usize,
    culprit: *mut usm_incident_culprit,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let findings = unsafe { look(findings)? };
        let (incident, texts) = findings.incident(index)?;
        let found = element(&incident.culprits, "culprit_index", culprit_index)?;
        let texts = element(&texts.culprits, "culprit_index", culprit_index)?;
        let make = |struct_size| usm_incident_culprit::of(found, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(culprit, "culprit", CULPRIT, make) }
    })
}

/// The texts of an incident.
pub(crate) struct IncidentTexts {
    summary: CString,
    anomalies: Vec<AnomalyTexts>,
    culprits: Vec<CulpritTexts>,
}

struct CulpritTexts {
    name: CString,
    user: Option<CString>,
    metric: CString,
    text: CString,
}

impl IncidentTexts {
    pub(crate) fn of(incident: &Incident) -> IncidentTexts {
        IncidentTexts {
            summary: text::kept(&incident.summary),
            anomalies: incident.anomalies.iter().map(AnomalyTexts::of).collect(),
            culprits: incident.culprits.iter().map(CulpritTexts::of).collect(),
        }
    }
}

impl CulpritTexts {
    fn of(culprit: &Culprit) -> CulpritTexts {
        CulpritTexts {
            name: text::kept(&culprit.name),
            user: text::kept_optional(culprit.user.as_ref()),
            metric: text::kept(&culprit.metric),
            text: text::kept(&culprit.text),
        }
    }
}

impl Found {
    fn incident(&self, index: usize) -> Result<(&Incident, &IncidentTexts), Failure> {
        Ok((
            element(&self.state.incidents, "index", index)?,
            element(&self.incidents, "index", index)?,
        ))
    }
}

impl usm_incident {
    fn of(incident: &Incident, texts: &IncidentTexts, struct_size: u32) -> usm_incident {
        usm_incident {
            struct_size,
            severity: severity_number(incident.severity),
            id: incident.id,
            since: incident.since,
            updated_at: incident.updated_at,
            closed_at: number(incident.closed_at),
            anomaly_count: incident.anomalies.len() as u64,
            culprit_count: incident.culprits.len() as u64,
            summary: texts.summary.as_ptr(),
        }
    }
}

impl usm_incident_culprit {
    fn of(culprit: &Culprit, texts: &CulpritTexts, struct_size: u32) -> usm_incident_culprit {
        usm_incident_culprit {
            struct_size,
            pid: culprit.pid,
            start_time_ticks: culprit.start_time_ticks,
            share_percent: culprit.share_percent,
            name: texts.name.as_ptr(),
            user: text::pointer(texts.user.as_ref()),
            metric: texts.metric.as_ptr(),
            text: texts.text.as_ptr(),
        }
    }
}
