//! What was found in a state: alerts, anomalies, incidents, insights, forecasts, security.

use std::ffi::c_char;
use std::sync::Arc;

use serde_json::json;
use usm_core::State;

use crate::failure::Failure;
use crate::finding_advice::{AdviceTexts, WeakSettingTexts};
use crate::finding_alerts::AlertTexts;
use crate::finding_anomalies::AnomalyTexts;
use crate::finding_forecasts::ForecastTexts;
use crate::finding_incidents::IncidentTexts;
use crate::finding_insights::InsightTexts;
use crate::finding_security::SecurityTexts;
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Opaque, free, new_handle, open, out, out_pointer};
use crate::history_state::{state_of, usm_state};
use crate::monitor::{in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// What was found in one state of a host. Made by usm_monitor_findings() or
/// usm_state_findings(), ended by usm_findings_free(); usm_event_findings() lends one. It never
/// changes, and any number of threads may read it. The texts of its structs are borrowed: they
/// live as long as the findings.
pub struct usm_findings {
    _opaque: (),
}

impl Opaque for usm_findings {
    type Value = Found;
    const MAGIC: u64 = 0x7573_6d20_6669_6e64;
    const NAME: &'static str = "usm_findings";
}

/// The findings, and their texts as C has them.
pub(crate) struct Found {
    pub(crate) state: Arc<State>,
    pub(crate) alerts: Vec<AlertTexts>,
    pub(crate) anomalies: Vec<AnomalyTexts>,
    pub(crate) incidents: Vec<IncidentTexts>,
    pub(crate) insights: Vec<InsightTexts>,
    pub(crate) forecasts: ForecastTexts,
    pub(crate) security: Vec<SecurityTexts>,
    pub(crate) hardening: Vec<WeakSettingTexts>,
    pub(crate) advice: Vec<AdviceTexts>,
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Found>();
};

impl Found {
    pub(crate) fn of(state: Arc<State>) -> Found {
        let alerts = state.alerts.iter();
        Found {
            alerts: alerts.map(|alert| AlertTexts::of(alert)).collect(),
            anomalies: state.anomalies.iter().map(AnomalyTexts::of).collect(),
            incidents: state.incidents.iter().map(IncidentTexts::of).collect(),
            insights: state.insights.iter().map(InsightTexts::of).collect(),
            forecasts: ForecastTexts::of(&state.predictions),
            security: state.security.iter().map(SecurityTexts::of).collect(),
            hardening: state.hardening.iter().map(WeakSettingTexts::of).collect(),
            advice: state.recommendations.iter().map(AdviceTexts::of).collect(),
            state,
        }
    }
}

/// Gives what was found in the newest state of a monitor. The findings stay as they are while
/// the monitor goes on, and outlive it.
///
/// - findings: takes the findings, to be ended by usm_findings_free().
///
/// Returns: USM_OK, also before the first sample, when there are none;
/// USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_findings(
    monitor: *const usm_monitor,
    findings: *mut *mut usm_findings,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let findings = unsafe { out_pointer(findings, "findings")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        *findings = new_handle(Found::of(monitor.state()))?;
        Ok(())
    })
}

/// Gives what was found in a state. One that a database gave holds no findings: those of the
/// past are in usm_monitor_findings_json().
///
/// - findings: takes the findings, to be ended by usm_findings_free(); they outlive the state.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_findings(
    state: *const usm_state,
    findings: *mut *mut usm_findings,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let findings = unsafe { out_pointer(findings, "findings")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = unsafe { state_of(state)? };
        *findings = new_handle(Found::of(state.clone()))?;
        Ok(())
    })
}

/// Ends findings, and the texts that were borrowed from them.
///
/// - findings: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_free(findings: *mut *mut usm_findings) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(findings, "findings") });
}

/// Gives all findings as a JSON object, with what the structs do not have: "sequence" and
/// "timestamp" of the state, "alerts", "anomalies", "incidents", "predictions", "correlations",
/// "insights", "security", "hardening" and "recommendations".
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_findings_json(
    findings: *const usm_findings,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let state = &unsafe { look(findings)? }.state;
        *json = text::give(text::json(&json!({
            "sequence": state.sequence,
            "timestamp": state.timestamp,
            "alerts": state.alerts,
            "anomalies": state.anomalies,
            "incidents": state.incidents,
            "predictions": state.predictions,
            "correlations": state.correlations,
            "insights": state.insights,
            "security": state.security,
            "hardening": state.hardening,
            "recommendations": state.recommendations,
        }))?)?;
        Ok(())
    })
}

/// The findings behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn look(findings: *const usm_findings) -> Result<Held<Found>, Failure> {
    // SAFETY: by this function's contract.
    unsafe { open(findings, "findings") }
}

/// Tells how many there are of a kind.
///
/// # Safety
/// As for [`open`] and [`out`].
pub(crate) unsafe fn tell_count(
    findings: *const usm_findings,
    count: *mut usize,
    of: impl FnOnce(&Found) -> usize,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let found = unsafe { look(findings)? };
    // SAFETY: by this function's contract.
    unsafe { out(count, "count")? }.write(of(&found));
    Ok(())
}

/// The numbers of a range that may not be known.
pub(crate) fn range(of: Option<(f64, f64)>) -> (f64, f64) {
    of.unwrap_or((f64::NAN, f64::NAN))
}

#[cfg(test)]
mod tests;
