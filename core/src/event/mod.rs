//! Typed events and their way to the subscribers: each has its own bounded queue, and a
//! callback its own thread, so that a slow one delays neither the sampling nor the others.

mod bus;
mod callback;
mod stream;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::error::{Error, Result};
use crate::judge::{Advice, Anomaly, HardeningFinding, Incident, Insight, SecurityFinding};
use crate::state::{State, StoreHealth};

pub(crate) use bus::EventBus;
pub use callback::Callback;
pub use stream::EventStream;

/// What happened. Numbers and names are part of the ABI and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u32)]
pub enum EventKind {
    /// A new state was published; every tick.
    StateUpdate = 0,
    /// An alert began to fire, grew worse, or nobody has answered it.
    AlertTriggered = 1,
    /// An advice that was not in the previous state.
    RecommendationGenerated = 2,
    /// A metric left its normal range, and no other with the same cause had before.
    PerformanceAnomaly = 3,
    /// A security finding that is news, or a weak kernel setting that was not there in the
    /// previous state.
    SecurityIssue = 4,
    /// The monitor was started.
    MonitorStarted = 5,
    /// The monitor was stopped.
    MonitorStopped = 6,
    /// A setting was changed while the monitor runs.
    ConfigChanged = 7,
    /// The database can't be written; rows wait in memory.
    StoreDegraded = 8,
    /// The database can be written again.
    StoreRecovered = 9,
    /// A sample could not be taken; the monitor goes on trying.
    SamplingFailed = 10,
    /// An alert that fired has ended.
    AlertResolved = 11,
    /// Something is the matter that was not in the previous state.
    InsightOpened = 12,
    /// It is over.
    InsightClosed = 13,
}

impl EventKind {
    /// Every kind there is.
    pub const ALL: [EventKind; 14] = [
        EventKind::StateUpdate,
        EventKind::AlertTriggered,
        EventKind::RecommendationGenerated,
        EventKind::PerformanceAnomaly,
        EventKind::SecurityIssue,
        EventKind::MonitorStarted,
        EventKind::MonitorStopped,
        EventKind::ConfigChanged,
        EventKind::StoreDegraded,
        EventKind::StoreRecovered,
        EventKind::SamplingFailed,
        EventKind::AlertResolved,
        EventKind::InsightOpened,
        EventKind::InsightClosed,
    ];

    /// Its name, e.g. `state_update`.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::StateUpdate => "state_update",
            EventKind::AlertTriggered => "alert_triggered",
            EventKind::RecommendationGenerated => "recommendation_generated",
            EventKind::PerformanceAnomaly => "performance_anomaly",
            EventKind::SecurityIssue => "security_issue",
            EventKind::MonitorStarted => "monitor_started",
            EventKind::MonitorStopped => "monitor_stopped",
            EventKind::ConfigChanged => "config_changed",
            EventKind::StoreDegraded => "store_degraded",
            EventKind::StoreRecovered => "store_recovered",
            EventKind::SamplingFailed => "sampling_failed",
            EventKind::AlertResolved => "alert_resolved",
            EventKind::InsightOpened => "insight_opened",
            EventKind::InsightClosed => "insight_closed",
        }
    }

    /// The kind of that name.
    ///
    /// # Errors
    /// `InvalidArgument` that lists the names there are.
    pub fn named(name: &str) -> Result<EventKind> {
        EventKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                let names = EventKind::ALL.map(EventKind::name).join(", ");
                Error::invalid("event", name, format!("one of {names}"))
            })
    }
}

/// A set of event kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSet(u32);

impl EventSet {
    /// Every kind, those of later versions included.
    pub const ALL: EventSet = EventSet(u32::MAX);

    /// The set as bits: bit *n* is the kind with number *n*.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set of these bits.
    pub fn from_bits(bits: u32) -> EventSet {
        EventSet(bits)
    }

    /// Whether a kind is in the set.
    pub fn contains(self, kind: EventKind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }
}

impl From<EventKind> for EventSet {
    fn from(kind: EventKind) -> EventSet {
        EventSet(1 << kind as u32)
    }
}

impl FromIterator<EventKind> for EventSet {
    fn from_iter<I: IntoIterator<Item = EventKind>>(kinds: I) -> EventSet {
        EventSet(
            kinds
                .into_iter()
                .fold(0, |bits, kind| bits | (1 << kind as u32)),
        )
    }
}

/// What an event carries beside its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventData {
    /// With `state_update`.
    State(Arc<State>),
    /// With `recommendation_generated`.
    Advice(Advice),
    /// With `alert_triggered` and `alert_resolved`.
    Alert(Arc<Alert>),
    /// With `performance_anomaly`.
    Anomaly(Box<AnomalyNews>),
    /// With `insight_opened` and `insight_closed`.
    Insight(Box<Insight>),
    /// With `security_issue`, of a weak kernel setting.
    Hardening(HardeningFinding),
    /// With `security_issue`, of all else.
    Security(SecurityFinding),
    /// With `store_degraded` and `store_recovered`.
    Store(Arc<StoreHealth>),
    /// With `config_changed`: the names of the settings.
    Settings(Vec<String>),
    /// With `sampling_failed`: the reason.
    Text(String),
    /// With `monitor_started` and `monitor_stopped`.
    None,
}

/// A metric that left its normal range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnomalyNews {
    /// The metric with its score, its value and the range that would be normal.
    pub anomaly: Anomaly,
    /// What else moves with it and which processes do; `None` where it stands alone.
    pub incident: Option<Incident>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When, Unix seconds.
    pub timestamp: f64,
    /// More of it.
    #[serde(with = "none_is_null")]
    pub data: EventData,
}

/// Nothing carried is `null` in JSON.
mod none_is_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::EventData;

    pub(super) fn serialize<S: Serializer>(data: &EventData, to: S) -> Result<S::Ok, S::Error> {
        let carried = (*data != EventData::None).then_some(data);
        carried.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<EventData, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(EventData::None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_number() {
        for (number, kind) in EventKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert_eq!(EventKind::named(kind.name()).unwrap(), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert!(EventSet::ALL.contains(kind));
        }
        let error = EventKind::named("state_updated").unwrap_err().to_string();
        assert!(
            error.contains("state_updated") && error.contains("state_update,"),
            "{error}"
        );
    }

    #[test]
    fn what_an_event_carries_survives_json_and_nothing_is_null() {
        for data in [EventData::None, EventData::Text("why".into())] {
            let event = Event {
                kind: EventKind::SamplingFailed,
                timestamp: 1.5,
                data,
            };
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["data"].is_null(), event.data == EventData::None);
            assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: EventSet = [EventKind::StateUpdate, EventKind::StoreDegraded]
            .into_iter()
            .collect();
        assert!(set.contains(EventKind::StoreDegraded));
        assert!(!set.contains(EventKind::SecurityIssue));
        assert_eq!(EventSet::from_bits(set.bits()), set);
    }
}
