//! What is news in a state, as events and as rows.

use std::sync::Arc;

use super::finding_log::FindingLog;
use super::memory::OpenFindings;
use super::shared::Shared;
use crate::alert::{Alert, Change};
use crate::event::{AnomalyNews, EventData, EventKind};
use crate::judge::{Advice, Anomaly, HardeningFinding, Insight};
use crate::state::State;
use crate::store::{EventRow, JudgedRow, Row};
use crate::sys;

/// Tells of one state after the other.
#[derive(Debug)]
pub(super) struct Teller {
    log: FindingLog,
}

impl Teller {
    pub(super) fn new(open: OpenFindings) -> Teller {
        let mut log = FindingLog::default();
        log.know(open);
        Teller { log }
    }

    /// The events of a new state: what is news against the previous one.
    pub(super) fn tell(
        &mut self,
        shared: &Shared,
        previous: &State,
        state: &Arc<State>,
        changes: &[Change],
    ) {
        let name = |advice: &Advice| advice.id.clone();
        for advice in news(&previous.recommendations, &state.recommendations, name) {
            shared.remember_event("recommendation_generated", "medium", advice.text.clone());
            shared.publish_event(
                EventKind::RecommendationGenerated,
                EventData::Advice(advice),
            );
        }
        let setting = |finding: &HardeningFinding| finding.setting.clone();
        for finding in news(&previous.hardening, &state.hardening, setting) {
            shared.remember_event("security_issue", "medium", finding.risk.to_string());
            shared.publish_event(EventKind::SecurityIssue, EventData::Hardening(finding));
        }
        let raised = state.security.iter();
        for finding in raised.filter(|finding| finding.is_raised_at(state.timestamp)) {
            let severity = finding.severity.name();
            shared.remember_event("security_issue", severity, finding.text.clone());
            let data = EventData::Security(finding.clone());
            shared.publish_event(EventKind::SecurityIssue, data);
        }
        for news in anomaly_news(previous, state) {
            shared.remember_event("performance_anomaly", "medium", text_of(&news));
            shared.publish_event(
                EventKind::PerformanceAnomaly,
                EventData::Anomaly(Box::new(news)),
            );
        }
        tell_insights(shared, previous, state);
        let host = state.sample.as_ref().and_then(|s| s.host.hostname.clone());
        for change in changes {
            tell_alert(shared, change);
            shared.alerts.notify(change, host.as_deref().unwrap_or(""));
        }
        self.remember(shared, state, changes);
        shared.publish_event(EventKind::StateUpdate, EventData::State(state.clone()));
    }

    /// The findings as they are now, into the database.
    fn remember(&mut self, shared: &Shared, state: &State, changes: &[Change]) {
        if shared.is_recording {
            return;
        }
        let now = state.timestamp;
        let ended = changes.iter().filter_map(|change| match change {
            Change::Resolved(alert) => Some(&**alert),
            _ => None,
        });
        // What is only pending has no number yet, and mostly never gets one.
        let lasting = state.alerts.iter().filter(|alert| alert.id > 0);
        let alerts = lasting.map(|alert| &**alert).chain(ended);
        for change in changes {
            self.log.write_again(&**change.alert());
        }
        let mut rows = self.log.follow::<Alert>(now, alerts);
        rows.extend(self.log.follow(now, state.anomalies.iter()));
        rows.extend(self.log.follow(now, state.incidents.iter()));
        rows.extend(self.log.follow(now, state.insights.iter()));
        rows.extend(self.log.follow(now, state.security.iter()));
        for row in rows {
            shared.append(Row::Judged(JudgedRow::Finding(row)));
        }
    }
}

/// Anomalies that are the first of their incident, or stand alone.
fn anomaly_news(previous: &State, state: &State) -> Vec<AnomalyNews> {
    let is_known = |anomaly: &Anomaly| {
        previous.anomalies.iter().any(|old| {
            (old.series == anomaly.series && old.since == anomaly.since)
                || (old.incident.is_some() && old.incident == anomaly.incident)
        })
    };
    let mut told = Vec::new();
    let mut all = Vec::new();
    for anomaly in state.anomalies.iter().filter(|anomaly| !is_known(anomaly)) {
        if anomaly.incident.is_some() && told.contains(&anomaly.incident) {
            continue;
        }
        told.push(anomaly.incident);
        let incident = anomaly.incident.and_then(|id| {
            let mut lasting = state.incidents.iter();
            lasting.find(|incident| incident.id == id).cloned()
        });
        all.push(AnomalyNews {
            anomaly: anomaly.clone(),
            incident,
        });
    }
    all
}

fn text_of(news: &AnomalyNews) -> String {
    match &news.incident {
        Some(incident) => incident.summary.clone(),
        None => {
            use super::finding_log::Lasting;
            news.anomaly.title()
        }
    }
}

fn tell_insights(shared: &Shared, previous: &State, state: &State) {
    let is_open = |insight: &&Insight| insight.closed_at.is_none();
    let same = |a: &Insight, b: &Insight| a.id == b.id && a.opened_at == b.opened_at;
    let had = |insight: &Insight| {
        let mut before = previous.insights.iter().filter(is_open);
        before.any(|old| same(old, insight))
    };
    for insight in state.insights.iter().filter(is_open).filter(|i| !had(i)) {
        shared.remember_event("insight_opened", "medium", insight.text.clone());
        let data = EventData::Insight(Box::new(insight.clone()));
        shared.publish_event(EventKind::InsightOpened, data);
    }
    for old in previous.insights.iter().filter(is_open) {
        let now = state.insights.iter().find(|insight| same(insight, old));
        if now.is_some_and(|insight| insight.closed_at.is_none()) {
            continue;
        }
        let mut closed = now.unwrap_or(old).clone();
        closed.closed_at = closed.closed_at.or(Some(state.timestamp));
        shared.remember_event("insight_closed", "low", closed.text.clone());
        shared.publish_event(
            EventKind::InsightClosed,
            EventData::Insight(Box::new(closed)),
        );
    }
}

fn tell_alert(shared: &Shared, change: &Change) {
    let (kind, alert) = match change {
        Change::Fired(alert) | Change::Escalated(alert) => (EventKind::AlertTriggered, alert),
        Change::Resolved(alert) => (EventKind::AlertResolved, alert),
        Change::Updated(_) => return,
    };
    let severity = match alert.severity {
        crate::alert::AlertSeverity::Info => "low",
        crate::alert::AlertSeverity::Warning => "medium",
        crate::alert::AlertSeverity::Critical => "high",
        crate::alert::AlertSeverity::Emergency => "critical",
    };
    shared.remember_event(kind.name(), severity, alert.message.clone());
    shared.publish_event(kind, EventData::Alert(alert.clone()));
}

impl Shared {
    /// Hands a row to the store, if there is one.
    pub(super) fn append(&self, row: Row) {
        if let Some(store) = &self.store {
            store.append(row);
        }
    }

    /// Something that happened, for the table of events.
    pub(super) fn remember_event(
        &self,
        event_type: &'static str,
        severity: &'static str,
        text: String,
    ) {
        if self.is_recording {
            return;
        }
        self.append(Row::Event(EventRow {
            event_type: event_type.into(),
            event_data: Some(text),
            severity: Some(severity.into()),
            component_name: Some("unified_monitor".into()),
            timestamp: Some(sys::moment().unix_seconds),
        }));
    }
}

/// The items of `now` whose name is not among those of `before`.
fn news<T: Clone, N: PartialEq>(before: &[T], now: &[T], name: impl Fn(&T) -> N) -> Vec<T> {
    now.iter()
        .filter(|item| !before.iter().any(|old| name(old) == name(item)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Incident, Severity};
    use crate::series::SeriesKey;

    fn anomaly(metric: &str, since: f64, incident: Option<u64>) -> Anomaly {
        Anomaly {
            series: SeriesKey {
                metric: metric.into(),
                labels: Vec::new(),
            },
            score: Some(0.9),
            worst_score: 0.9,
            value: Some(1.0),
            expected: None,
            since,
            updated_at: since,
            incident,
        }
    }

    fn state(anomalies: &[Anomaly]) -> State {
        let incident = Incident {
            id: 7,
            severity: Severity::High,
            summary: "the disk is slow".into(),
            since: 1.0,
            updated_at: 1.0,
            closed_at: None,
            anomalies: Vec::new(),
            culprits: Vec::new(),
        };
        State {
            anomalies: anomalies.into(),
            incidents: [incident].into(),
            ..State::default()
        }
    }

    fn told(before: &State, now: &State) -> Vec<(String, Option<u64>)> {
        let news = anomaly_news(before, now).into_iter();
        news.map(|news| (news.anomaly.series.metric, news.incident.map(|i| i.id)))
            .collect()
    }

    #[test]
    fn one_cause_is_told_once_whatever_joins_it_later() {
        let (first, second) = (anomaly("a", 1.0, Some(7)), anomaly("b", 2.0, Some(7)));
        let alone = anomaly("c", 2.0, None);
        let none = State::default();
        let one = state(std::slice::from_ref(&first));
        let both = state(&[first.clone(), second.clone()]);
        let all = state(&[first, second, alone]);
        assert_eq!(told(&none, &one), [("a".to_owned(), Some(7))]);
        assert!(told(&one, &one).is_empty());
        assert!(told(&one, &both).is_empty());
        assert_eq!(told(&both, &all), [("c".to_owned(), None)]);
        // Two that begin together are one cause, too.
        assert_eq!(told(&none, &both), [("a".to_owned(), Some(7))]);
    }

    #[test]
    fn the_same_metric_is_told_again_when_it_begins_anew() {
        let before = state(&[anomaly("a", 1.0, None)]);
        let again = state(&[anomaly("a", 90.0, None)]);
        assert!(told(&before, &before).is_empty());
        assert_eq!(told(&before, &again), [("a".to_owned(), None)]);
    }
}
