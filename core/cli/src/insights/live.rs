//! A look of some seconds, without a monitor that has watched before.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use usm_core::judge::{Incident, Insight};
use usm_core::{Error, Monitor, State};

use super::Matter;
use crate::draw::number;
use crate::failure::Outcome;
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::progress::ProgressLine;
use crate::when::now;

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How long to wait for a state beyond its interval.
const PATIENCE: Duration = Duration::from_secs(15);

/// A second is often enough.
const LONGEST_INTERVAL: f64 = 1.0;

pub(super) fn watch(seconds: f64, correlations: bool, global: &GlobalOptions) -> Outcome<Matter> {
    let mut config = global.settings_without_store()?;
    config.refresh_interval = config.refresh_interval.min(LONGEST_INTERVAL);
    let patience = PATIENCE + Duration::from_secs_f64(config.refresh_interval);
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let monitor = Monitor::new(config)?;
    monitor.start()?;
    let begun = Instant::now();
    let mut seen = Seen::default();
    let (mut sequence, mut heard) = (0, begun);
    while !interrupt.came() && begun.elapsed().as_secs_f64() < seconds {
        match monitor.wait_for_state(sequence, LOOK) {
            Ok(state) => {
                (sequence, heard) = (state.sequence, Instant::now());
                seen.add(&state);
            }
            Err(Error::TimedOut { .. }) if heard.elapsed() < patience => {}
            Err(error) => return Err(error.into()),
        }
        line.share("watching", begun.elapsed().as_secs_f64() / seconds);
    }
    monitor.stop()?;
    line.erase();
    let watched = begun.elapsed().as_secs_f64();
    let mut matter = seen.matter(correlations);
    let mut note = format!(
        "Watched for {}: too short to know what is normal here.",
        number::lasting(watched)
    );
    if interrupt.came() {
        note.push_str(" It was interrupted: this is what was seen so far.");
    }
    matter.notes.push(note);
    Ok(matter)
}

/// What was seen in any state, as it was last.
#[derive(Debug, Default)]
struct Seen {
    insights: BTreeMap<String, Insight>,
    incidents: BTreeMap<u64, Incident>,
    last: State,
}

impl Seen {
    fn add(&mut self, state: &State) {
        for insight in state.insights.iter() {
            let key = format!("{}@{}", insight.id, insight.opened_at);
            self.insights.insert(key, insight.clone());
        }
        for incident in state.incidents.iter() {
            self.incidents.insert(incident.id, incident.clone());
        }
        self.last = state.clone();
    }

    fn matter(self, correlations: bool) -> Matter {
        let last = &self.last;
        let mut matter = Matter {
            insights: self.insights.into_values().collect(),
            incidents: self.incidents.into_values().collect(),
            anomalies: last.anomalies.to_vec(),
            correlations: correlations.then(|| last.correlations.to_vec()),
            now: now(),
            newest_state: (last.sequence > 0).then_some(last.timestamp),
            is_watched: true,
            notes: Vec::new(),
        };
        matter.arrange();
        matter
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::tests::{incident, insight};
    use super::*;

    #[test]
    fn what_was_seen_once_is_kept_as_it_was_last() {
        let mut seen = Seen::default();
        let state = |insights: Vec<Insight>| State {
            sequence: 1,
            timestamp: 5.0,
            insights: insights.into(),
            incidents: vec![incident()].into(),
            ..State::default()
        };
        seen.add(&state(vec![insight("a", None)]));
        seen.add(&state(vec![insight("a", Some(9.0)), insight("b", None)]));
        seen.add(&state(Vec::new()));
        let matter = seen.matter(false);
        let ids: Vec<_> = matter
            .insights
            .iter()
            .map(|i| (&*i.id, i.closed_at))
            .collect();
        // What lasts stands first.
        assert_eq!(ids, [("b", None), ("a", Some(9.0))]);
        assert_eq!(matter.incidents.len(), 1);
        assert_eq!(matter.correlations, None);
        assert!(!matter.is_calm());
    }
}
