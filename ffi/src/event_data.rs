//! What an event brings, as plain structs and texts.

use std::ffi::{CString, c_char};

use usm_core::EventData;

use crate::event::{brings_none, findings_of, look, seen_of, usm_event};
use crate::failure::Failure;
use crate::finding_advice::{ADVICE, WEAK_SETTING, usm_advice, usm_weak_setting};
use crate::finding_insights::{INSIGHT, usm_insight};
use crate::finding_security::{FINDING, usm_security_finding};
use crate::guard::guard;
use crate::handle::{new_handle, out, out_pointer};
use crate::history_state::{Moment, usm_state};
use crate::plain::{self, element};
use crate::state_health::{STORE_HEALTH, usm_store_health, with_store_texts};
use crate::state_part::TextRows;
use crate::status::usm_status;
use crate::text;

/// Texts of an event as C has them, made when they are first asked for; they live until the
/// callback returns.
#[derive(Default)]
pub(crate) struct EventTexts {
    settings: once_cell::race::OnceBox<Vec<CString>>,
    reason: TextRows<1>,
    store: TextRows<3>,
}

/// Gives the state that an event of kind USM_EVENT_STATE_UPDATE brings.
///
/// - state: takes the state, to be ended by usm_state_free(); it outlives the callback.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_state(
    event: *const usm_event,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::State(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "state") });
        };
        *state = new_handle(Moment::sampled(brought.clone()));
        Ok(())
    })
}

/// Copies the insight of USM_EVENT_INSIGHT_OPENED or USM_EVENT_INSIGHT_CLOSED. The numbers that
/// it stands on are in usm_event_findings().
///
/// - insight: filled as far as its struct_size goes; see usm_insight_init(). Its texts live
///   until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_insight(
    event: *const usm_event,
    insight: *mut usm_insight,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Insight(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "insight") });
        };
        // SAFETY: as above.
        let found = unsafe { findings_of(event)? }.value();
        let texts = element(&found.insights, "insight", 0)?;
        let make = |struct_size| usm_insight::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(insight, "insight", INSIGHT, make) }
    })
}

/// Copies the finding of USM_EVENT_SECURITY_ISSUE, unless it is a weak setting of the kernel:
/// that is usm_event_weak_setting(). The texts that say so are in usm_event_findings().
///
/// - security: filled as far as its struct_size goes; see usm_security_finding_init(). Its texts
///   live until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_security(
    event: *const usm_event,
    security: *mut usm_security_finding,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Security(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "security finding") });
        };
        // SAFETY: as above.
        let found = unsafe { findings_of(event)? }.value();
        let texts = element(&found.security, "security", 0)?;
        let make = |struct_size| usm_security_finding::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(security, "security", FINDING, make) }
    })
}

/// Copies the weak setting of the kernel of USM_EVENT_SECURITY_ISSUE.
///
/// - setting: filled as far as its struct_size goes; see usm_weak_setting_init(). Its texts live
///   until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_weak_setting(
    event: *const usm_event,
    setting: *mut usm_weak_setting,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Hardening(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "weak setting") });
        };
        // SAFETY: as above.
        let found = unsafe { findings_of(event)? }.value();
        let texts = element(&found.hardening, "setting", 0)?;
        let make = |struct_size| usm_weak_setting::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(setting, "setting", WEAK_SETTING, make) }
    })
}

/// Copies the advice of USM_EVENT_RECOMMENDATION_GENERATED.
///
/// - advice: filled as far as its struct_size goes; see usm_advice_init(). Its texts live until
///   the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_advice(
    event: *const usm_event,
    advice: *mut usm_advice,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Advice(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "advice") });
        };
        // SAFETY: as above.
        let found = unsafe { findings_of(event)? }.value();
        let texts = element(&found.advice, "advice", 0)?;
        let make = |struct_size| usm_advice::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(advice, "advice", ADVICE, make) }
    })
}

/// Copies how the database does, of USM_EVENT_STORE_DEGRADED or USM_EVENT_STORE_RECOVERED.
///
/// - health: filled as far as its struct_size goes; see usm_store_health_init(). Its texts live
///   until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_store(
    event: *const usm_event,
    health: *mut usm_store_health,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Store(brought) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "health of a database") });
        };
        // SAFETY: as above.
        let kept = &unsafe { seen_of(event)? }.texts.store;
        let brought = Some(&**brought);
        let texts = with_store_texts(brought, |texts| kept.row(1, 0, texts));
        let make = |struct_size| usm_store_health::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(health, "health", STORE_HEALTH, make) }
    })
}

/// Tells how many settings changed, of USM_EVENT_CONFIG_CHANGED.
///
/// - count: takes the number.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_setting_count(
    event: *const usm_event,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let settings = unsafe { settings_of(event)? };
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(count, "count")? }.write(settings.len());
        Ok(())
    })
}

/// Gives the name of a setting that changed, of USM_EVENT_CONFIG_CHANGED. Its new value:
/// usm_monitor_get_text() and its like.
///
/// - index: 0 to usm_event_setting_count() - 1.
/// - name: takes a borrowed text that lives until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT for an index beyond the end.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_setting_at(
    event: *const usm_event,
    index: usize,
    name: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let name = unsafe { out_pointer(name.cast::<*mut c_char>(), "name")? };
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let settings = unsafe { settings_of(event)? };
        // SAFETY: as above.
        let kept = &unsafe { seen_of(event)? }.texts.settings;
        let make = || Box::new(settings.iter().map(|name| text::kept(name)).collect());
        *name = element(kept.get_or_init(make), "index", index)?
            .as_ptr()
            .cast_mut();
        Ok(())
    })
}

/// Gives in words why the sample of USM_EVENT_SAMPLING_FAILED could not be taken.
///
/// - reason: takes a borrowed text that lives until the callback returns.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while the callback runs.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_reason(
    event: *const usm_event,
    reason: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let reason = unsafe { out_pointer(reason.cast::<*mut c_char>(), "reason")? };
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let EventData::Text(text) = &unsafe { look(event)? }.data else {
            // SAFETY: as above.
            return Err(unsafe { brings_none(event, "reason") });
        };
        // SAFETY: as above.
        let kept = &unsafe { seen_of(event)? }.texts.reason;
        let [text] = kept.row(1, 0, [Some(text)]);
        *reason = text.cast_mut();
        Ok(())
    })
}

/// The names of the settings that changed.
///
/// # Safety
/// As for [`look`].
unsafe fn settings_of<'a>(event: *const usm_event) -> Result<&'a [String], Failure> {
    // SAFETY: by this function's contract.
    match &unsafe { look(event)? }.data {
        EventData::Settings(names) => Ok(names),
        // SAFETY: by this function's contract.
        _ => Err(unsafe { brings_none(event, "settings") }),
    }
}
