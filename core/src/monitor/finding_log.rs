//! What lasts over many samples, as rows: written when it begins, now and then while it
//! lasts, and when it ends.

use std::collections::HashMap;

use crate::alert::{Alert, AlertStatus};
use crate::judge::{Anomaly, Incident, Insight, SecurityFinding};
use crate::store::{FindingKind, FindingRow};

/// Seconds between two rows of a finding whose numbers change.
const UPDATE_EVERY: f64 = 60.0;

/// What has a beginning and an end.
pub(super) trait Lasting: serde::Serialize {
    const KIND: FindingKind;
    /// Its name among those of its kind, of this time that it lasts.
    fn key(&self) -> String;
    fn opened_at(&self) -> f64;
    fn updated_at(&self) -> f64;
    fn closed_at(&self) -> Option<f64>;
    fn severity(&self) -> Option<String>;
    fn title(&self) -> String;
}

/// What was written of the findings that last.
#[derive(Debug, Default)]
pub(super) struct FindingLog {
    open: HashMap<(FindingKind, String), FindingRow>,
}

impl FindingLog {
    /// Takes up those that lasted when the monitor ended.
    pub(super) fn know(&mut self, rows: impl IntoIterator<Item = FindingRow>) {
        for row in rows {
            self.open.insert((row.kind, row.key.clone()), row);
        }
    }

    /// What was written of it does not hold any more: its next row is due.
    pub(super) fn write_again<T: Lasting>(&mut self, one: &T) {
        if let Some(row) = self.open.get_mut(&(T::KIND, one.key())) {
            row.updated_at = f64::NEG_INFINITY;
        }
    }

    /// The rows to write, now that these are all of their kind.
    pub(super) fn follow<'a, T: Lasting + 'a>(
        &mut self,
        now: f64,
        all: impl IntoIterator<Item = &'a T>,
    ) -> Vec<FindingRow> {
        let mut rows = Vec::new();
        let mut seen = Vec::new();
        for one in all {
            let key = (T::KIND, one.key());
            let known = self.open.get(&key);
            let is_due = match (known, one.closed_at()) {
                (_, Some(_)) | (None, None) => true,
                (Some(known), None) => {
                    // A clock that was set back must not end it.
                    one.updated_at() != known.updated_at
                        && (one.updated_at() - known.updated_at).abs() >= UPDATE_EVERY
                }
            };
            if is_due && let Ok(data) = serde_json::to_string(one) {
                let row = FindingRow {
                    kind: T::KIND,
                    key: key.1.clone(),
                    opened_at: one.opened_at(),
                    updated_at: one.updated_at(),
                    closed_at: one.closed_at(),
                    severity: one.severity(),
                    title: Some(one.title()),
                    data,
                };
                match row.closed_at {
                    Some(_) => drop(self.open.remove(&key)),
                    None => drop(self.open.insert(key.clone(), row.clone())),
                }
                rows.push(row);
            }
            seen.push(key);
        }
        let is_gone = |key: &(FindingKind, String)| key.0 == T::KIND && !seen.contains(key);
        let gone: Vec<_> = self
            .open
            .keys()
            .filter(|key| is_gone(key))
            .cloned()
            .collect();
        rows.extend(gone.iter().filter_map(|key| {
            let row = self.open.remove(key)?;
            Some(FindingRow {
                closed_at: Some(now),
                updated_at: row.updated_at.max(row.opened_at),
                ..row
            })
        }));
        rows
    }
}

fn word(value: &impl serde::Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}

impl Lasting for Alert {
    const KIND: FindingKind = FindingKind::Alert;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn opened_at(&self) -> f64 {
        self.since
    }

    fn updated_at(&self) -> f64 {
        self.updated_at
    }

    fn closed_at(&self) -> Option<f64> {
        let ended = self.resolved_at.or(Some(self.updated_at));
        ended.filter(|_| self.status == AlertStatus::Resolved)
    }

    fn severity(&self) -> Option<String> {
        word(&self.severity)
    }

    fn title(&self) -> String {
        self.message.clone()
    }
}

impl Lasting for Anomaly {
    const KIND: FindingKind = FindingKind::Anomaly;

    fn key(&self) -> String {
        format!("{}@{:.3}", self.series, self.since)
    }

    fn opened_at(&self) -> f64 {
        self.since
    }

    fn updated_at(&self) -> f64 {
        self.updated_at
    }

    fn closed_at(&self) -> Option<f64> {
        None
    }

    fn severity(&self) -> Option<String> {
        None
    }

    fn title(&self) -> String {
        let number = |value: f64| format!("{value:.4}");
        let value = self.value.map_or("unknown".to_owned(), number);
        match self.expected {
            Some((low, high)) => {
                format!(
                    "{} is {value}, normal is {low:.4} to {high:.4}",
                    self.series
                )
            }
            None => format!("{} is {value}", self.series),
        }
    }
}

impl Lasting for Incident {
    const KIND: FindingKind = FindingKind::Incident;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn opened_at(&self) -> f64 {
        self.since
    }

    fn updated_at(&self) -> f64 {
        self.updated_at
    }

    fn closed_at(&self) -> Option<f64> {
        self.closed_at
    }

    fn severity(&self) -> Option<String> {
        word(&self.severity)
    }

    fn title(&self) -> String {
        self.summary.clone()
    }
}

impl Lasting for Insight {
    const KIND: FindingKind = FindingKind::Insight;

    fn key(&self) -> String {
        format!("{}@{:.3}", self.id, self.opened_at)
    }

    fn opened_at(&self) -> f64 {
        self.opened_at
    }

    fn updated_at(&self) -> f64 {
        self.updated_at
    }

    fn closed_at(&self) -> Option<f64> {
        self.closed_at
    }

    fn severity(&self) -> Option<String> {
        word(&self.severity)
    }

    fn title(&self) -> String {
        self.text.clone()
    }
}

impl Lasting for SecurityFinding {
    const KIND: FindingKind = FindingKind::Security;

    fn key(&self) -> String {
        format!("{}@{:.3}", self.id, self.since)
    }

    fn opened_at(&self) -> f64 {
        self.since
    }

    /// Its words change with the finding only.
    fn updated_at(&self) -> f64 {
        self.since
    }

    fn closed_at(&self) -> Option<f64> {
        None
    }

    fn severity(&self) -> Option<String> {
        word(&self.severity)
    }

    fn title(&self) -> String {
        self.text.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::SeriesKey;

    fn anomaly(since: f64, updated_at: f64) -> Anomaly {
        Anomaly {
            series: SeriesKey {
                metric: "cpu_percent".into(),
                labels: Vec::new(),
            },
            score: Some(0.99),
            worst_score: 0.99,
            value: Some(97.0),
            expected: Some((1.0, 20.0)),
            since,
            updated_at,
            incident: None,
        }
    }

    #[test]
    fn a_finding_is_written_at_its_beginning_each_minute_and_at_its_end() {
        let mut log = FindingLog::default();
        let mut written = Vec::new();
        for now in 0..150 {
            let one = anomaly(0.0, f64::from(now));
            written.extend(log.follow(f64::from(now), [&one]));
        }
        written.extend(log.follow::<Anomaly>(150.0, []));
        let times: Vec<(f64, Option<f64>)> = written
            .iter()
            .map(|row| (row.updated_at, row.closed_at))
            .collect();
        assert_eq!(
            times,
            [
                (0.0, None),
                (60.0, None),
                (120.0, None),
                (120.0, Some(150.0))
            ]
        );
        assert!(log.follow::<Anomaly>(151.0, []).is_empty());
    }

    #[test]
    fn what_lasted_when_the_monitor_ended_goes_on_or_is_closed() {
        let mut first = FindingLog::default();
        let (goes_on, ends) = (anomaly(1.0, 5.0), anomaly(2.0, 5.0));
        let rows = first.follow(5.0, [&goes_on, &ends]);
        assert_eq!(rows.len(), 2);
        let mut second = FindingLog::default();
        second.know(rows);
        let rows = second.follow(9.0, [&anomaly(1.0, 9.0)]);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].opened_at, rows[0].closed_at), (2.0, Some(9.0)));
    }

    #[test]
    fn kinds_do_not_end_each_other() {
        let mut log = FindingLog::default();
        let _ = log.follow(5.0, [&anomaly(1.0, 5.0)]);
        assert!(log.follow::<Insight>(6.0, []).is_empty());
    }
}
