//! Events and their callbacks.

use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, OnceLock};

use usm_core::judge::Insight;
use usm_core::{Error, Event, EventData, EventKind, EventSet, State};

use crate::callback::{self, UserData};
use crate::event_data::EventTexts;
use crate::failure::Failure;
use crate::finding_alerts::{ALERT, usm_alert};
use crate::finding_anomalies::{ANOMALY, usm_anomaly};
use crate::findings::{self, Found, usm_findings};
use crate::guard::{guard, guard_value};
use crate::handle::{Held, Lent, Opaque, open, out, out_pointer};
use crate::metrics::{fill, usm_metrics};
use crate::monitor::{at, usm_monitor};
use crate::plain;
use crate::status::usm_status;
use crate::text;

/// A new state was published; every tick.
pub const USM_EVENT_STATE_UPDATE: u32 = 0;
/// An alert began to fire, grew worse, or nobody has answered it.
pub const USM_EVENT_ALERT_TRIGGERED: u32 = 1;
/// An advice that was not in the previous state.
pub const USM_EVENT_RECOMMENDATION_GENERATED: u32 = 2;
/// A metric left its normal range, and no other with the same cause had before.
pub const USM_EVENT_PERFORMANCE_ANOMALY: u32 = 3;
/// A security finding that is news, or a weak kernel setting that was not there before.
pub const USM_EVENT_SECURITY_ISSUE: u32 = 4;
/// The monitor was started.
pub const USM_EVENT_MONITOR_STARTED: u32 = 5;
/// The monitor was stopped.
pub const USM_EVENT_MONITOR_STOPPED: u32 = 6;
/// A setting was changed while the monitor runs.
pub const USM_EVENT_CONFIG_CHANGED: u32 = 7;
/// The database can't be written; rows wait in memory.
pub const USM_EVENT_STORE_DEGRADED: u32 = 8;
/// The database can be written again.
pub const USM_EVENT_STORE_RECOVERED: u32 = 9;
/// A sample could not be taken; the monitor goes on trying.
pub const USM_EVENT_SAMPLING_FAILED: u32 = 10;
/// An alert that fired has ended.
pub const USM_EVENT_ALERT_RESOLVED: u32 = 11;
/// Something is the matter that was not in the previous state.
pub const USM_EVENT_INSIGHT_OPENED: u32 = 12;
/// It is over.
pub const USM_EVENT_INSIGHT_CLOSED: u32 = 13;
/// What usm_event_kind() returns for what is not an event.
pub const USM_EVENT_NONE: u32 = 0xFFFF_FFFF;

/// Mask of every kind of event, those of later versions included.
pub const USM_EVENTS_ALL: u32 = 0xFFFF_FFFF;

/// Something that happened. As a callback sees it, it is borrowed, and gone when the callback
/// returns: calls with it are refused from then on. One that was fetched by
/// usm_event_stream_next() is the program's. Any thread may look at it.
pub struct usm_event {
    _opaque: (),
}

impl Opaque for usm_event {
    type Value = Seen;
    const MAGIC: u64 = 0x7573_6d20_6576_6e74;
    const NAME: &'static str = "usm_event";
}

/// The event, and what was made of it once it was asked for.
pub(crate) struct Seen {
    pub(crate) event: Event,
    json: OnceLock<CString>,
    findings: OnceLock<Lent<usm_findings>>,
    pub(crate) texts: EventTexts,
}

impl Seen {
    /// A copy, mostly of pointers, which a thread that still looks when the callback returns
    /// keeps.
    pub(crate) fn of(event: &Event) -> Seen {
        Seen {
            event: event.clone(),
            json: OnceLock::new(),
            findings: OnceLock::new(),
            texts: EventTexts::default(),
        }
    }
}

/// Called for each event of a subscription, one after the other, on a thread of the
/// library's that belongs to the subscription. It may take its time: events queue up
/// meanwhile ("event_queue_size"), and from a full queue the oldest is dropped and counted.
/// It may call every function of the library, usm_monitor_unsubscribe() and
/// usm_monitor_free() included. It must return normally.
///
/// - event: the event, borrowed until the callback returns.
/// - user_data: what was given to usm_monitor_subscribe().
///
/// Returns: 0 when all went well; any other number is counted as a failure (`events.failed`
/// in the state), and the next event is told all the same.
pub type usm_event_callback =
    Option<unsafe extern "C-unwind" fn(event: *const usm_event, user_data: *mut c_void) -> i32>;

/// Called once for user data that the library needs no longer, on the thread that called it
/// last or, when it was never called, on the one that handed it over. It must return normally.
///
/// - user_data: what was given with it.
pub type usm_destroy_callback = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>;

/// Subscribes a callback to events of a monitor. The first call may come before this
/// function returns.
///
/// - kinds_mask: bits USM_EVENT_BIT(USM_EVENT_...), or USM_EVENTS_ALL; not 0.
/// - callback: called for each event.
/// - user_data: handed to the callback; may be NULL.
/// - destroy: called exactly once with user_data when the callback will not be called any
///   more: on the callback's thread after its last call, or on this one before this function
///   returns when it fails, for whatever reason. NULL when there is nothing to be done. It
///   is not called for a callback that never returns, nor in a child after fork().
/// - subscription: takes the number for usm_monitor_unsubscribe(), never 0; NULL when the
///   subscription shall last as long as the monitor.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_INTERNAL when no thread can be
/// started; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_subscribe(
    monitor: *mut usm_monitor,
    kinds_mask: u32,
    callback: usm_event_callback,
    user_data: *mut c_void,
    destroy: usm_destroy_callback,
    subscription: *mut u64,
) -> usm_status {
    guard(|| {
        // First, so that every way out ends it.
        let user_data = UserData::new(user_data, destroy);
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { at(monitor)? };
        let callback = callback.ok_or_else(|| Failure::null("callback"))?;
        if kinds_mask == 0 {
            return Err(Error::invalid("kinds_mask", 0, "at least one bit").into());
        }
        let subscription = match subscription.is_null() {
            true => None,
            // SAFETY: by the contract of the header: a variable of the caller's.
            false => Some(unsafe { out(subscription, "subscription")? }),
        };
        let number = monitor.subscribe(
            EventSet::from_bits(kinds_mask),
            Box::new(move |event| {
                let seen = Lent::<usm_event>::new(Seen::of(event));
                let seen = seen.map_err(|failure| failure.to_string())?;
                let answer = callback::call("a callback given to usm_monitor_subscribe()", || {
                    // SAFETY: the caller's function with the caller's pointer; the event
                    // lives until it returns.
                    unsafe { callback(seen.as_pointer(), user_data.pointer()) }
                });
                match answer {
                    0 => Ok(()),
                    other => Err(format!("it returned {other}")),
                }
            }),
        )?;
        if let Some(subscription) = subscription {
            subscription.write(number);
        }
        Ok(())
    })
}

/// Ends a subscription. When it returns, the callback is not running, will not be called
/// again, and its user data is destroyed. Called from inside that callback it returns at
/// once, and the user data is destroyed after the callback has returned.
///
/// - subscription: number from usm_monitor_subscribe().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when there is no such subscription (any more);
/// USM_ERR_FORKED.
/// Threads: any. Two callbacks must not end each other's subscription: each would wait for
/// the other.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_unsubscribe(
    monitor: *mut usm_monitor,
    subscription: u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        match unsafe { at(monitor)? }.unsubscribe(subscription)? {
            true => Ok(()),
            false => {
                let allowed = "the number of a subscription that is open";
                Err(Error::invalid("subscription", subscription, allowed).into())
            }
        }
    })
}

/// The kind of an event: USM_EVENT_..., or a number that this header does not know from a
/// newer library.
///
/// Returns: the kind; USM_EVENT_NONE when `event` is NULL or not an event.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_kind(event: *const usm_event) -> u32 {
    // SAFETY: by the contract of the header: NULL, or the event of a running callback.
    guard_value(USM_EVENT_NONE, || Ok(unsafe { look(event)? }.kind as u32))
}

/// When an event happened, seconds since 1970.
///
/// Returns: the time; NaN when `event` is NULL or not an event.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_timestamp(event: *const usm_event) -> f64 {
    // SAFETY: by the contract of the header: NULL, or the event of a running callback.
    guard_value(f64::NAN, || Ok(unsafe { look(event)? }.timestamp))
}

/// Copies the numbers of the state that an event of kind USM_EVENT_STATE_UPDATE brings.
///
/// - metrics: filled; see usm_monitor_metrics().
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_metrics(
    event: *const usm_event,
    metrics: *mut usm_metrics,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let event = unsafe { look(event)? };
        let EventData::State(state) = &event.data else {
            let kind = event.kind.name();
            return Err(Error::InvalidState(format!("a {kind} event has no metrics")).into());
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { fill(metrics, state) }
    })
}

/// Lends what an event brings as findings: the alert, the anomaly with its incident, the
/// insight, the security finding, the weak setting or the advice, and nothing else; of
/// USM_EVENT_STATE_UPDATE all findings of the state. They are made at the first call; a callback
/// that does not ask does not pay.
///
/// - findings: takes borrowed findings that live as long as the event;
///   usm_findings_free() must not be called for them.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event that brings none of these;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_findings(
    event: *const usm_event,
    findings: *mut *const usm_findings,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let findings = unsafe { out_pointer(findings.cast::<*mut usm_findings>(), "findings")? };
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let seen = unsafe { open(event, "event")? };
        *findings = findings_of(&seen)?.as_pointer().cast_mut();
        Ok(())
    })
}

/// Copies the alert of USM_EVENT_ALERT_TRIGGERED or USM_EVENT_ALERT_RESOLVED.
///
/// - alert: filled as far as its struct_size goes; see usm_alert_init(). Its texts live until
///   the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_alert(
    event: *const usm_event,
    alert: *mut usm_alert,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let shown = unsafe { open(event, "event")? };
        let EventData::Alert(seen) = &shown.event.data else {
            return Err(brings_none(&shown.event, "alert"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
        let texts = plain::element(&found.alerts, "alert", 0)?;
        let make = |struct_size| usm_alert::of(seen, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(alert, "alert", ALERT, make) }
    })
}

/// Copies the metric that left its normal range, of USM_EVENT_PERFORMANCE_ANOMALY. What moved
/// with it and which processes did is in the incident of usm_event_findings().
///
/// - anomaly: filled as far as its struct_size goes; see usm_anomaly_init(). Its text lives until
///   the event ends.
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE for an event of another kind;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_anomaly(
    event: *const usm_event,
    anomaly: *mut usm_anomaly,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let shown = unsafe { open(event, "event")? };
        let EventData::Anomaly(news) = &shown.event.data else {
            return Err(brings_none(&shown.event, "anomaly"));
        };
        // SAFETY: its texts end with the event, as the header says.
        let found = unsafe { findings::look(findings_of(&shown)?.as_pointer())? };
        let texts = plain::element(&found.anomalies, "anomaly", 0)?;
        let make = |struct_size| usm_anomaly::of(&news.anomaly, texts, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(anomaly, "anomaly", ANOMALY, make) }
    })
}

/// Gives an event as JSON: `kind` by its name, `timestamp` and `data`. It is made at the
/// first call; a callback that does not ask does not pay.
///
/// - json: takes a borrowed text that lives as long as the event.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any, as long as the event lives.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_event_json(
    event: *const usm_event,
    json: *mut *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json.cast::<*mut c_char>(), "json")? };
        // SAFETY: by the contract of the header: NULL, or the event of a running callback.
        let seen = unsafe { open(event, "event")? };
        let text = match seen.json.get() {
            Some(text) => text,
            None => {
                let made = text::c_text(text::json(&seen.event)?)?;
                seen.json.get_or_init(|| made)
            }
        };
        *json = text.as_ptr().cast_mut();
        Ok(())
    })
}

/// The name of a kind of event, e.g. "state_update"; "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_event_kind_name(kind: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || {
        let known = NAMES.iter().find(|(number, _)| *number == kind);
        Ok(known.map_or(c"unknown", |(_, name)| name).as_ptr())
    })
}

/// The names with a NUL byte at their end; a test compares them with the core's.
const NAMES: [(u32, &std::ffi::CStr); EventKind::ALL.len()] = [
    (USM_EVENT_STATE_UPDATE, c"state_update"),
    (USM_EVENT_ALERT_TRIGGERED, c"alert_triggered"),
    (
        USM_EVENT_RECOMMENDATION_GENERATED,
        c"recommendation_generated",
    ),
    (USM_EVENT_PERFORMANCE_ANOMALY, c"performance_anomaly"),
    (USM_EVENT_SECURITY_ISSUE, c"security_issue"),
    (USM_EVENT_MONITOR_STARTED, c"monitor_started"),
    (USM_EVENT_MONITOR_STOPPED, c"monitor_stopped"),
    (USM_EVENT_CONFIG_CHANGED, c"config_changed"),
    (USM_EVENT_STORE_DEGRADED, c"store_degraded"),
    (USM_EVENT_STORE_RECOVERED, c"store_recovered"),
    (USM_EVENT_SAMPLING_FAILED, c"sampling_failed"),
    (USM_EVENT_ALERT_RESOLVED, c"alert_resolved"),
    (USM_EVENT_INSIGHT_OPENED, c"insight_opened"),
    (USM_EVENT_INSIGHT_CLOSED, c"insight_closed"),
];

/// # Safety
/// As for [`open`].
unsafe fn look(event: *const usm_event) -> Result<Held<Event>, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { open(event, "event")? }.map(|seen| &seen.event))
}

/// What an event brings, as findings.
pub(crate) fn findings_of(seen: &Seen) -> Result<&Lent<usm_findings>, Failure> {
    if let Some(made) = seen.findings.get() {
        return Ok(made);
    }
    let state = match &seen.event.data {
        EventData::State(state) => state.clone(),
        EventData::Alert(alert) => Arc::new(State {
            alerts: [alert.clone()].into(),
            ..State::default()
        }),
        EventData::Anomaly(news) => Arc::new(State {
            anomalies: [news.anomaly.clone()].into(),
            incidents: news.incident.iter().cloned().collect(),
            ..State::default()
        }),
        EventData::Insight(insight) => Arc::new(State {
            insights: [Insight::clone(insight)].into(),
            ..State::default()
        }),
        EventData::Security(finding) => Arc::new(State {
            security: [finding.clone()].into(),
            ..State::default()
        }),
        EventData::Hardening(finding) => Arc::new(State {
            hardening: [finding.clone()].into(),
            ..State::default()
        }),
        EventData::Advice(advice) => Arc::new(State {
            recommendations: [advice.clone()].into(),
            ..State::default()
        }),
        _ => return Err(brings_none(&seen.event, "findings")),
    };
    let made = Lent::new(Found::of(state))?;
    Ok(seen.findings.get_or_init(|| made))
}

pub(crate) fn brings_none(event: &Event, what: &str) -> Failure {
    let kind = event.kind.name();
    Error::InvalidState(format!("a {kind} event brings no {what}")).into()
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use usm_core::AnomalyNews;
    use usm_core::judge::{Anomaly, Incident, Severity};
    use usm_core::series::SeriesKey;

    use super::*;
    use crate::finding_incidents::usm_findings_incident_count;
    use crate::status::{USM_ERR_INVALID_STATE, USM_OK};

    fn anomaly() -> Anomaly {
        Anomaly {
            series: SeriesKey {
                metric: "cpu_percent".into(),
                labels: Vec::new(),
            },
            score: None,
            worst_score: 0.9,
            value: Some(7.0),
            expected: Some((1.0, 2.0)),
            since: 10.0,
            updated_at: 20.0,
            incident: Some(4),
        }
    }

    fn incident() -> Incident {
        Incident {
            id: 4,
            severity: Severity::High,
            summary: "the processors are busy".into(),
            since: 10.0,
            updated_at: 20.0,
            closed_at: None,
            anomalies: vec![anomaly()],
            culprits: Vec::new(),
        }
    }

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

    #[test]
    fn an_anomaly_comes_with_its_incident() {
        let data = EventData::Anomaly(Box::new(AnomalyNews {
            anomaly: anomaly(),
            incident: Some(incident()),
        }));
        with_event(EventKind::PerformanceAnomaly, data, |event| {
            let mut count = 0;
            let (mut findings, mut again) = (std::ptr::null(), std::ptr::null());
            // SAFETY: the event, the struct and the variables are this test's own; zero is a
            // value for plain numbers and pointers.
            unsafe {
                let mut seen: usm_anomaly = std::mem::zeroed();
                seen.struct_size = size_of::<usm_anomaly>() as u32;
                assert_eq!(usm_event_anomaly(event, &mut seen), USM_OK);
                assert_eq!((seen.incident, seen.value), (4, 7.0));
                assert!(seen.score.is_nan());
                assert_eq!(CStr::from_ptr(seen.series), c"cpu_percent");

                assert_eq!(usm_event_findings(event, &mut findings), USM_OK);
                assert_eq!(usm_event_findings(event, &mut again), USM_OK);
                assert_eq!(findings, again);
                assert_eq!(usm_findings_incident_count(findings, &mut count), USM_OK);
                assert_eq!(count, 1);

                let mut alert: usm_alert = std::mem::zeroed();
                alert.struct_size = size_of::<usm_alert>() as u32;
                let refused = usm_event_alert(event, &mut alert);
                assert_eq!(refused, USM_ERR_INVALID_STATE);
                assert_eq!(alert.struct_size, size_of::<usm_alert>() as u32);
            }
        });
    }

    #[test]
    fn an_event_without_findings_says_so() {
        for data in [EventData::None, EventData::Text("no /proc".into())] {
            with_event(EventKind::SamplingFailed, data, |event| {
                let mut findings = std::ptr::null();
                // SAFETY: the event and the variable are this test's own.
                let answer = unsafe { usm_event_findings(event, &mut findings) };
                assert_eq!(answer, USM_ERR_INVALID_STATE);
                assert!(findings.is_null());
            });
        }
    }

    #[test]
    fn numbers_and_names_are_those_of_the_core() {
        for (kind, (number, name)) in EventKind::ALL.into_iter().zip(NAMES) {
            assert_eq!((kind as u32, kind.name()), (number, name.to_str().unwrap()));
        }
    }
}
