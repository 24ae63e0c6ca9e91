//! What an event brings, as plain structs and texts.

use std::ffi::{CString, c_char};

use once_cell::race::OnceBox;
use usm_core::{Event, EventData};

use crate::event::{brings_none, findings_of, usm_event};
use crate::failure::Failure;
use crate::finding_advice::{ADVICE, WEAK_SETTING, usm_advice, usm_weak_setting};
use crate::finding_insights::{INSIGHT, usm_insight};
use crate::finding_security::{FINDING, usm_security_finding};
use crate::findings;
use crate::guard::guard;
use crate::handle::{new_handle, open, out, out_pointer};
use crate::history_state::{Moment, usm_state};
use crate::plain::{self, element};
use crate::state_health::{STORE_HEALTH, usm_store_health, with_store_texts};
use crate::state_part::TextRows;
use crate::status::usm_status;
use crate::text;

/// Texts of an event as C has them, made when they are first asked for.
#[derive(Default)]
pub(crate) struct EventTexts {
    settings: OnceBox<Vec<CString>>,
    reason: TextRows<1>,
    store: TextRows<3>,
}

/// Gives the state that an event of kind USM_EVENT_STATE_UPDATE brings.
///
/// - state: takes the state, to be ended by usm_state_free(); it outlives the event.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_state(
    event: *const usm_event,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::State(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "state"));
        };
        *state = new_handle(Moment::sampled(brought.clone()))?;
        Ok(())
    })
}

/// Copies the insight of USM_EVENT_INSIGHT_OPENED or USM_EVENT_INSIGHT_CLOSED. The numbers that
/// it stands on are in usm_event_findings().
///
/// - insight: filled as far as its struct_size goes; see usm_insight_init(). Its texts live
///   until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_insight(
    event: *const usm_event,
    insight: *mut usm_insight,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Insight(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "insight"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
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
///   live until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_security(
    event: *const usm_event,
    security: *mut usm_security_finding,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Security(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "security finding"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
        let texts = element(&found.security, "security", 0)?;
        let make = |struct_size| usm_security_finding::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(security, "security", FINDING, make) }
    })
}

/// Copies the weak setting of the kernel of USM_EVENT_SECURITY_ISSUE.
///
/// - setting: filled as far as its struct_size goes; see usm_weak_setting_init(). Its texts live
///   until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_weak_setting(
    event: *const usm_event,
    setting: *mut usm_weak_setting,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Hardening(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "weak setting"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
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
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_advice(
    event: *const usm_event,
    advice: *mut usm_advice,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Advice(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "advice"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
        let texts = element(&found.advice, "advice", 0)?;
        let make = |struct_size| usm_advice::of(brought, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(advice, "advice", ADVICE, make) }
    })
}

/// Copies how the database does, of USM_EVENT_STORE_DEGRADED or USM_EVENT_STORE_RECOVERED.
///
/// - health: filled as far as its struct_size goes; see usm_store_health_init(). Its texts live
///   until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_store(
    event: *const usm_event,
    health: *mut usm_store_health,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Store(brought) = &shown.event.data else {
            return Err(brings_none(&shown.event, "health of a database"));
        };
        let kept = &shown.texts.store;
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
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_setting_count(
    event: *const usm_event,
    count: *mut usize,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let settings = settings_of(&shown.event)?;
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        unsafe { out(count, "count")? }.write(settings.len());
        Ok(())
    })
}

/// Gives the name of a setting that changed, of USM_EVENT_CONFIG_CHANGED. Its new value:
/// usm_monitor_get_text() and its like.
///
/// - index: 0 to usm_event_setting_count() - 1.
/// - name: takes a borrowed text that lives until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT for an index beyond the end.
/// Threads: any, as long as the event lives.
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
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let settings = settings_of(&shown.event)?;
        let kept = &shown.texts.settings;
        let make = || Box::new(settings.iter().map(|name| text::kept(name)).collect());
        *name = element(kept.get_or_init(make), "index", index)?
            .as_ptr()
            .cast_mut();
        Ok(())
    })
}

/// Gives in words why the sample of USM_EVENT_SAMPLING_FAILED could not be taken.
///
/// - reason: takes a borrowed text that lives until the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_reason(
    event: *const usm_event,
    reason: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let reason = unsafe { out_pointer(reason.cast::<*mut c_char>(), "reason")? };
        // SAFETY: by the contract of the header: NULL or an event.
        let shown = unsafe { open(event, "event")? };
        let EventData::Text(text) = &shown.event.data else {
            return Err(brings_none(&shown.event, "reason"));
        };
        let kept = &shown.texts.reason;
        let [text] = kept.row(1, 0, [Some(text)]);
        *reason = text.cast_mut();
        Ok(())
    })
}

/// The names of the settings that changed.
fn settings_of(event: &Event) -> Result<&[String], Failure> {
    match &event.data {
        EventData::Settings(names) => Ok(names),
        _ => Err(brings_none(event, "settings")),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use usm_core::judge::{
        Advice, AdviceSource, HardeningFinding, Insight, InsightKind, SecurityFinding,
        SecurityKind, Severity,
    };
    use usm_core::state::{StoreHealth, StoreStatus};
    use usm_core::{EventKind, State};

    use super::*;
    use crate::event::Seen;
    use crate::finding_advice::{
        USM_ADVICE_FORECAST, usm_findings_recommendation_at, usm_findings_weak_setting_count,
    };
    use crate::finding_numbers::USM_SEVERITY_HIGH;
    use crate::handle::Lent;
    use crate::history_state::{usm_state_free, usm_state_metrics};
    use crate::state_health::USM_STORE_DEGRADED;
    use crate::status::{USM_ERR_INVALID_STATE, USM_OK};

    /// What a callback for this event would see.
    fn with_event(kind: EventKind, data: EventData, see: impl FnOnce(*const usm_event)) {
        let event = Event {
            kind,
            timestamp: 20.0,
            data,
        };
        let seen = Lent::<usm_event>::new(Seen::of(&event)).unwrap();
        see(seen.as_pointer());
    }

    /// A struct made ready for a call.
    fn ready<T: Copy>() -> T {
        let mut one = std::mem::MaybeUninit::<T>::zeroed();
        // SAFETY: zero is a value for plain numbers and pointers, and a `u32` comes first.
        unsafe {
            one.as_mut_ptr().cast::<u32>().write(size_of::<T>() as u32);
            one.assume_init()
        }
    }

    /// # Safety
    /// The text is one of the event's.
    unsafe fn text_of<'a>(text: *const c_char) -> &'a str {
        // SAFETY: by this function's contract.
        unsafe { CStr::from_ptr(text) }.to_str().unwrap()
    }

    #[test]
    fn an_insight_comes_with_its_words() {
        let insight = Insight {
            id: "cpu_bound".into(),
            kind: InsightKind::CpuBound,
            severity: Severity::High,
            confidence: 0.75,
            text: "busy".into(),
            evidence: Vec::new(),
            advice: vec!["wait".into()],
            opened_at: 10.0,
            updated_at: 15.0,
            closed_at: None,
        };
        let data = EventData::Insight(Box::new(insight));
        with_event(EventKind::InsightOpened, data, |event| {
            let mut seen = ready::<usm_insight>();
            // SAFETY: the event and the struct are this test's own.
            unsafe {
                assert_eq!(usm_event_insight(event, &mut seen), USM_OK);
                assert_eq!((seen.severity, seen.confidence), (USM_SEVERITY_HIGH, 0.75));
                assert_eq!(
                    (text_of(seen.id), text_of(seen.text)),
                    ("cpu_bound", "busy")
                );
                assert_eq!((seen.advice_count, seen.closed_at.is_nan()), (1, true));
                let mut other = ready::<usm_advice>();
                let refused = usm_event_advice(event, &mut other);
                assert_eq!(refused, USM_ERR_INVALID_STATE);
                assert!(other.id.is_null());
            }
        });
    }

    #[test]
    fn a_security_issue_is_a_finding_or_a_weak_setting() {
        let finding = SecurityFinding {
            id: "setuid:/x".into(),
            kind: SecurityKind::Setuid,
            severity: Severity::High,
            subject: "/x".into(),
            text: "new".into(),
            evidence: Vec::new(),
            advice: "look".into(),
            since: 5.0,
            known: false,
            allowed: false,
            raised: Some(6.0),
        };
        with_event(
            EventKind::SecurityIssue,
            EventData::Security(finding),
            |event| {
                let mut seen = ready::<usm_security_finding>();
                let mut weak = ready::<usm_weak_setting>();
                // SAFETY: the event and the structs are this test's own.
                unsafe {
                    assert_eq!(usm_event_security(event, &mut seen), USM_OK);
                    assert_eq!((text_of(seen.id), seen.raised_at), ("setuid:/x", 6.0));
                    let refused = usm_event_weak_setting(event, &mut weak);
                    assert_eq!(refused, USM_ERR_INVALID_STATE);
                }
            },
        );
        let finding = HardeningFinding {
            setting: "kernel.kptr_restrict".into(),
            value: "0".into(),
            wanted: "1".into(),
            risk: "addresses show".into(),
            loss: 5.0,
            severity: Severity::High,
        };
        with_event(
            EventKind::SecurityIssue,
            EventData::Hardening(finding),
            |event| {
                let mut seen = ready::<usm_weak_setting>();
                let (mut findings, mut count) = (std::ptr::null(), 0);
                // SAFETY: the event, the struct and the variables are this test's own.
                unsafe {
                    assert_eq!(usm_event_weak_setting(event, &mut seen), USM_OK);
                    assert_eq!(text_of(seen.setting), "kernel.kptr_restrict");
                    assert_eq!((text_of(seen.value), text_of(seen.wanted)), ("0", "1"));
                    assert_eq!((text_of(seen.risk), seen.loss), ("addresses show", 5.0));
                    let answer = crate::event::usm_event_findings(event, &mut findings);
                    assert_eq!(answer, USM_OK);
                    usm_findings_weak_setting_count(findings, &mut count);
                    assert_eq!(count, 1);
                }
            },
        );
    }

    #[test]
    fn advice_says_what_it_comes_from() {
        let advice = Advice {
            id: "disk_full:/var".into(),
            text: "make room".into(),
            severity: Severity::High,
            benefit: None,
            source: AdviceSource::Forecast,
        };
        with_event(
            EventKind::RecommendationGenerated,
            EventData::Advice(advice),
            |event| {
                let (mut seen, mut again) = (ready::<usm_advice>(), ready::<usm_advice>());
                let mut findings = std::ptr::null();
                // SAFETY: the event, the structs and the variable are this test's own.
                unsafe {
                    assert_eq!(usm_event_advice(event, &mut seen), USM_OK);
                    assert_eq!(text_of(seen.id), "disk_full:/var");
                    assert_eq!(text_of(seen.text), "make room");
                    assert_eq!(seen.source, USM_ADVICE_FORECAST);
                    assert!(seen.benefit.is_null());
                    let answer = crate::event::usm_event_findings(event, &mut findings);
                    assert_eq!(answer, USM_OK);
                    let answer = usm_findings_recommendation_at(findings, 0, &mut again);
                    assert_eq!((answer, again.id), (USM_OK, seen.id));
                }
            },
        );
    }

    #[test]
    fn a_degraded_database_says_why() {
        let health = StoreHealth {
            status: StoreStatus::Degraded,
            cause: Some("disk full".into()),
            since: Some(3.0),
            rows_written: 1,
            rows_waiting: 2,
            rows_dropped: 3,
            bytes: 4,
            last_commit: None,
            last_commit_seconds: None,
            last_commit_rows: 5,
            set_aside: Some("/d/old.db".into()),
            retention_lost: true,
            warning: None,
        };
        let data = EventData::Store(health.into());
        with_event(EventKind::StoreDegraded, data, |event| {
            let mut seen = ready::<usm_store_health>();
            // SAFETY: the event and the struct are this test's own.
            unsafe {
                assert_eq!(usm_event_store(event, &mut seen), USM_OK);
                assert_eq!((seen.status, seen.since), (USM_STORE_DEGRADED, 3.0));
                assert_eq!(text_of(seen.cause), "disk full");
                assert_eq!(text_of(seen.set_aside), "/d/old.db");
                assert!(seen.warning.is_null() && seen.last_commit.is_nan());
                assert_eq!((seen.rows_written, seen.rows_waiting), (1, 2));
                assert_eq!((seen.rows_dropped, seen.bytes), (3, 4));
                assert_eq!((seen.last_commit_rows, seen.retention_lost), (5, 1));
            }
        });
    }

    #[test]
    fn the_state_of_an_update_outlives_it() {
        let state = State {
            sequence: 7,
            ..State::default()
        };
        let mut taken = std::ptr::null_mut();
        let data = EventData::State(state.into());
        with_event(EventKind::StateUpdate, data, |event| {
            // SAFETY: the event and the variable are this test's own.
            assert_eq!(unsafe { usm_event_state(event, &mut taken) }, USM_OK);
        });
        let mut metrics = ready::<crate::metrics::usm_metrics>();
        // SAFETY: the state was given just now, and is freed here.
        unsafe {
            assert_eq!(usm_state_metrics(taken, &mut metrics), USM_OK);
            usm_state_free(&mut taken);
        }
        assert_eq!(metrics.sequence, 7);
    }
}
