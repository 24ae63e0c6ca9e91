//! One incident for one cause: anomalies that come together, and which processes moved with
//! them.

mod describe;
mod group;
mod harm;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::group::Resource;
use super::process_use::{LONGEST_STEP_SECONDS, ProcessUse};
use super::{Anomaly, Observation, Severity};

/// A process whose usage moved with an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Process id.
    pub pid: i32,
    /// When it started, in ticks since boot: with the pid its identity.
    pub start_time_ticks: u64,
    /// Name.
    pub name: String,
    /// User; `None` when not known.
    pub user: Option<String>,
    /// What of it moved, e.g. `process_cpu_core_percent`.
    pub metric: String,
    /// Its share of what changed on the machine, percent; all of an incident add up to at
    /// most 100.
    pub share_percent: f64,
    /// In words, with the numbers.
    pub text: String,
}

/// Anomalies with one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number: never used again. The Unix second at which it was opened, or the next
    /// that is free.
    pub id: u64,
    /// How much it matters.
    pub severity: Severity,
    /// What happens, in a sentence with numbers.
    pub summary: String,
    /// Since when, Unix seconds.
    pub since: f64,
    /// When its words or numbers last changed in more than a little.
    pub updated_at: f64,
    /// When it ended; `None` while it lasts.
    pub closed_at: Option<f64>,
    /// The metrics, the one that moved first in front.
    pub anomalies: Vec<Anomaly>,
    /// The processes that moved with it, most first.
    pub culprits: Vec<Culprit>,
}

/// Most incidents at once; what comes then belongs to the newest.
const MOST_OPEN: usize = 16;
/// Most metrics of an incident that are listed.
const MOST_ANOMALIES: usize = 32;
/// What begins within this is one event, whatever it is of.
const COINCIDENCE_SECONDS: f64 = 10.0;
/// A cause moves what depends on it within this.
const CHAIN_SECONDS: f64 = 120.0;
/// More of the same resource belongs to the incident that lasts, for so long after it grew.
const SAME_RESOURCE_SECONDS: f64 = 1800.0;
/// It is over when nothing has been unusual for so long.
const CALM_SECONDS: f64 = 60.0;
/// Words and numbers are looked at so often.
const REFRESH_SECONDS: f64 = 10.0;
/// What the processes use now is a mean with this time constant.
const USE_SECONDS: f64 = 10.0;
/// So long what was before an incident stays what things are held against.
const MOST_STANDING_SECONDS: f64 = 1800.0;

/// Memory of the incidents.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct IncidentJudge {
    open: Vec<Open>,
    last_id: u64,
    processes: ProcessUse,
    last_monotonic: Option<f64>,
    /// How long there has been an incident without a break.
    standing_seconds: f64,
    /// What was said last.
    #[serde(skip)]
    said: Arc<[Incident]>,
}

/// An incident that lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Open {
    incident: Incident,
    /// Of what its metrics are, in the order in which they came.
    resources: Vec<Resource>,
    /// When the last of its metrics began to be unusual, Unix seconds.
    grown_at: f64,
    calm_seconds: f64,
    seconds_to_refresh: f64,
    /// Numbers that its words were made of.
    shown: Vec<f64>,
    /// What the first of its culprits used then.
    shown_use: f64,
}

impl IncidentJudge {
    /// The incidents that last, and those that ended with this sample. Gives each anomaly
    /// the number of its incident.
    pub(crate) fn judge(
        &mut self,
        seen: &Observation<'_>,
        anomalies: Arc<[Anomaly]>,
    ) -> (Arc<[Incident]>, Arc<[Anomaly]>) {
        let elapsed = self.elapsed(seen.monotonic_seconds);
        self.standing_seconds = match self.open.is_empty() {
            true => 0.0,
            false => self.standing_seconds + elapsed,
        };
        let stands = !self.open.is_empty() && self.standing_seconds < MOST_STANDING_SECONDS;
        self.processes.see(seen, USE_SECONDS, stands);
        if anomalies.is_empty() && self.open.is_empty() {
            if !self.said.is_empty() {
                self.said = Arc::default();
            }
            return (self.said.clone(), anomalies);
        }
        let numbers: Vec<u64> = anomalies.iter().map(|a| self.take_up(a, seen)).collect();
        let mut is_news = self.said.len() != self.open.len();
        for open in &mut self.open {
            let active = || {
                let all = anomalies.iter().zip(&numbers);
                all.filter(|(_, number)| **number == open.incident.id)
                    .map(|(anomaly, _)| anomaly)
            };
            open.calm_seconds = match active().next() {
                Some(_) => 0.0,
                None => open.calm_seconds + elapsed,
            };
            if open.calm_seconds >= CALM_SECONDS {
                open.incident.closed_at = Some(seen.unix_seconds);
                open.incident.updated_at = seen.unix_seconds;
                is_news = true;
                continue;
            }
            open.seconds_to_refresh -= elapsed;
            if open.seconds_to_refresh <= 0.0 {
                open.seconds_to_refresh = REFRESH_SECONDS;
                let active: Vec<&Anomaly> = active().collect();
                is_news |= describe::refresh(open, &active, &self.processes, seen);
            }
        }
        if is_news {
            self.said = self.open.iter().map(|open| open.incident.clone()).collect();
            self.open.retain(|open| open.incident.closed_at.is_none());
        }
        (self.said.clone(), numbered(anomalies, &numbers))
    }

    fn elapsed(&mut self, now: f64) -> f64 {
        let last = self.last_monotonic.replace(now);
        // The clock begins anew with the machine.
        last.map_or(0.0, |last| (now - last).clamp(0.0, LONGEST_STEP_SECONDS))
    }

    /// The number of the incident that an anomaly is part of; a new one if it is of none.
    fn take_up(&mut self, anomaly: &Anomaly, seen: &Observation<'_>) -> u64 {
        let known = self.open.iter().find(|open| open.has(anomaly));
        if let Some(open) = known {
            return open.incident.id;
        }
        let place = match self.open.iter().rposition(|open| open.takes(anomaly)) {
            Some(place) => place,
            None if self.open.len() < MOST_OPEN => self.open_one(anomaly, seen),
            None => self.open.len() - 1,
        };
        let open = &mut self.open[place];
        open.add(anomaly);
        open.incident.id
    }

    fn open_one(&mut self, anomaly: &Anomaly, seen: &Observation<'_>) -> usize {
        let now = seen.unix_seconds.max(0.0) as u64;
        self.last_id = now.max(self.last_id.saturating_add(1));
        self.open.push(Open {
            incident: Incident {
                id: self.last_id,
                severity: Severity::Low,
                summary: String::new(),
                since: anomaly.since,
                updated_at: seen.unix_seconds,
                closed_at: None,
                anomalies: Vec::new(),
                culprits: Vec::new(),
            },
            resources: Vec::new(),
            grown_at: anomaly.since,
            calm_seconds: 0.0,
            seconds_to_refresh: 0.0,
            shown: Vec::new(),
            shown_use: 0.0,
        });
        self.open.len() - 1
    }
}

impl Open {
    fn has(&self, anomaly: &Anomaly) -> bool {
        let mut members = self.incident.anomalies.iter();
        members.any(|member| member.series == anomaly.series)
    }

    /// The anomaly is part of it: it began with it, or it is of what it moves.
    fn takes(&self, anomaly: &Anomaly) -> bool {
        let gap = (anomaly.since - self.grown_at)
            .abs()
            .min((anomaly.since - self.incident.since).abs());
        if gap <= COINCIDENCE_SECONDS {
            return true;
        }
        let resource = Resource::of(&anomaly.series.metric);
        if gap <= CHAIN_SECONDS && self.resources.iter().any(|own| own.may_move(resource)) {
            return true;
        }
        gap <= SAME_RESOURCE_SECONDS
            && self.resources.contains(&resource)
            && !self.is_of_another(anomaly, resource)
    }

    /// It is of another disk, mount or interface than all of this incident.
    fn is_of_another(&self, anomaly: &Anomaly, resource: Resource) -> bool {
        if anomaly.series.labels.is_empty() || resource == Resource::Processors {
            return false;
        }
        let members = &self.incident.anomalies;
        let mut labelled = members
            .iter()
            .filter(|member| !member.series.labels.is_empty())
            .filter(|member| Resource::of(&member.series.metric) == resource)
            .peekable();
        labelled.peek().is_some()
            && labelled.all(|member| member.series.labels != anomaly.series.labels)
    }

    fn add(&mut self, anomaly: &Anomaly) {
        let resource = Resource::of(&anomaly.series.metric);
        if !self.resources.contains(&resource) {
            self.resources.push(resource);
        }
        self.grown_at = self.grown_at.max(anomaly.since);
        self.incident.since = self.incident.since.min(anomaly.since);
        if self.incident.anomalies.len() < MOST_ANOMALIES {
            let mut member = anomaly.clone();
            member.incident = Some(self.incident.id);
            self.incident.anomalies.push(member);
        }
        // Its words are made anew.
        self.seconds_to_refresh = 0.0;
        self.shown.clear();
    }
}

/// The anomalies with their incidents.
fn numbered(mut anomalies: Arc<[Anomaly]>, numbers: &[u64]) -> Arc<[Anomaly]> {
    let number = |(anomaly, number): (&mut Anomaly, &u64)| anomaly.incident = Some(*number);
    if let Some(own) = Arc::get_mut(&mut anomalies) {
        own.iter_mut().zip(numbers).for_each(number);
        return anomalies;
    }
    let mut copies = anomalies.to_vec();
    copies.iter_mut().zip(numbers).for_each(number);
    copies.into()
}
