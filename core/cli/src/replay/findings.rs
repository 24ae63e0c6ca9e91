//! What changes in the judgement from state to state.

use std::collections::BTreeMap;

use serde::Serialize;
use usm_core::State;
use usm_core::judge::{Anomaly, Incident, Score, Severity};

use crate::words::{range_of, unit_of, value_of};

/// Seconds for which advice must be absent before it is over: what comes and goes each second
/// is one finding and not a thousand.
const HOLD_SECONDS: f64 = 10.0;

/// Seconds for which a score must be what it became: it swings with every short burst, of
/// which the advice tells already.
const SCORE_HOLD_SECONDS: f64 = 60.0;

/// Without any state for so many seconds, and so many times the usual distance, there is a
/// gap.
const GAP_SECONDS: f64 = 10.0;
const GAP_TIMES: f64 = 5.0;

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    AdviceBegan,
    AdviceEnded,
    HardeningBegan,
    HardeningEnded,
    AlertFired,
    AlertEnded,
    IncidentBegan,
    IncidentEnded,
    InsightBegan,
    InsightEnded,
    AnomalyBegan,
    AnomalyEnded,
    SecurityFound,
    ScoreFell,
    ScoreRose,
    Gap,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Finding {
    /// When, Unix seconds.
    pub(super) time: f64,
    pub(super) event: Event,
    /// Rule, setting or score.
    pub(super) id: String,
    pub(super) severity: Option<Severity>,
    pub(super) text: String,
    /// Of an end and of a gap: how long it lasted.
    pub(super) seconds: Option<f64>,
}

/// How good a score is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Band {
    Poor,
    Fair,
    Good,
}

impl Band {
    /// The colours of `usm status` change at these values.
    fn of(value: f64) -> Band {
        match value {
            v if v >= 80.0 => Band::Good,
            v if v >= 60.0 => Band::Fair,
            _ => Band::Poor,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Band::Poor => "poor",
            Band::Fair => "fair",
            Band::Good => "good",
        }
    }
}

/// A score as it was told last, and what it may be about to become.
#[derive(Debug)]
struct Told {
    band: Band,
    next: Option<(Band, f64, f64)>,
}

/// Something that is found in each state for a while.
#[derive(Debug)]
struct Lasting {
    began: f64,
    severity: Severity,
    /// Since when it is no longer found.
    missing: Option<f64>,
}

/// Compares each state with those before it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    scores: BTreeMap<&'static str, Told>,
    advice: BTreeMap<String, Lasting>,
    hardening: BTreeMap<String, Lasting>,
    incidents: BTreeMap<String, Lasting>,
    insights: BTreeMap<String, Lasting>,
    anomalies: BTreeMap<String, Lasting>,
    last: Option<f64>,
    usual_distance: Option<f64>,
}

impl Findings {
    /// What is new in this state.
    pub(super) fn of(&mut self, state: &State) -> Vec<Finding> {
        let mut out = Vec::new();
        self.gap(state.timestamp, &mut out);
        let scores = &state.scores;
        for (name, score) in [
            ("health", &scores.health),
            ("performance", &scores.performance),
            ("security", &scores.security),
        ] {
            self.score(name, score, state.timestamp, &mut out);
        }
        let found = state.recommendations.iter().map(|advice| Found {
            id: &advice.id,
            severity: advice.severity,
            text: advice.text.clone(),
        });
        let events = (Event::AdviceBegan, Event::AdviceEnded);
        lasting(&mut self.advice, found, events, state.timestamp, &mut out);
        let found = state.hardening.iter().map(|finding| Found {
            id: &finding.setting,
            severity: finding.severity,
            text: format!(
                "{} = {} (better {}): {}",
                finding.setting, finding.value, finding.wanted, finding.risk
            ),
        });
        let events = (Event::HardeningBegan, Event::HardeningEnded);
        lasting(
            &mut self.hardening,
            found,
            events,
            state.timestamp,
            &mut out,
        );
        self.judged(state, &mut out);
        out
    }

    /// What the models found: what is over by their own word is no longer found.
    fn judged(&mut self, state: &State, out: &mut Vec<Finding>) {
        let now = state.timestamp;
        let open = state.incidents.iter().filter(|one| one.closed_at.is_none());
        let ids: Vec<(String, &Incident)> = open.map(|one| (one.id.to_string(), one)).collect();
        let found = ids.iter().map(|(id, incident)| Found {
            id,
            severity: incident.severity,
            text: incident.summary.clone(),
        });
        let events = (Event::IncidentBegan, Event::IncidentEnded);
        lasting(&mut self.incidents, found, events, now, out);
        let open = state.insights.iter().filter(|one| one.closed_at.is_none());
        let found = open.map(|insight| Found {
            id: &insight.id,
            severity: insight.severity,
            text: insight.text.clone(),
        });
        let events = (Event::InsightBegan, Event::InsightEnded);
        lasting(&mut self.insights, found, events, now, out);
        // Those of an incident are told with it.
        let alone = state.anomalies.iter().filter(|one| one.incident.is_none());
        let ids: Vec<(String, &Anomaly)> = alone.map(|one| (one.series.to_string(), one)).collect();
        let found = ids.iter().map(|(id, anomaly)| Found {
            id,
            severity: Severity::Low,
            text: unusual(anomaly),
        });
        let events = (Event::AnomalyBegan, Event::AnomalyEnded);
        lasting(&mut self.anomalies, found, events, now, out);
        let raised = state.security.iter().filter(|one| one.is_raised_at(now));
        out.extend(raised.map(|finding| Finding {
            time: now,
            event: Event::SecurityFound,
            id: finding.id.clone(),
            severity: Some(finding.severity),
            text: finding.text.clone(),
            seconds: None,
        }));
    }

    /// What was about to end when there were no more states.
    pub(super) fn end(&mut self) -> Vec<Finding> {
        let mut out = Vec::new();
        for (of, event) in [
            (&mut self.advice, Event::AdviceEnded),
            (&mut self.hardening, Event::HardeningEnded),
            (&mut self.incidents, Event::IncidentEnded),
            (&mut self.insights, Event::InsightEnded),
            (&mut self.anomalies, Event::AnomalyEnded),
        ] {
            ended(of, event, f64::INFINITY, &mut out);
        }
        out
    }

    fn gap(&mut self, now: f64, out: &mut Vec<Finding>) {
        if let Some(last) = self.last.replace(now) {
            let distance = now - last;
            // Before the second distance nobody knows what is usual.
            let usual = *self.usual_distance.get_or_insert(distance);
            if distance > GAP_SECONDS && distance > GAP_TIMES * usual {
                out.push(Finding {
                    time: last,
                    event: Event::Gap,
                    id: "gap".into(),
                    severity: None,
                    text: "nothing was recorded".into(),
                    seconds: Some(distance),
                });
            } else if distance > 0.0 {
                self.usual_distance = Some(distance.min(0.9 * usual + 0.1 * distance));
            }
        }
    }

    fn score(&mut self, name: &'static str, score: &Score, now: f64, out: &mut Vec<Finding>) {
        let Some(value) = score.value else { return };
        let band = Band::of(value);
        let told = self.scores.entry(name).or_insert(Told { band, next: None });
        if band == told.band {
            told.next = None;
            return;
        }
        let (next, since, first) = match told.next {
            Some(next) if next.0 == band => next,
            _ => (band, now, value),
        };
        told.next = Some((next, since, first));
        if now - since < SCORE_HOLD_SECONDS {
            return;
        }
        let (event, verb) = match next < told.band {
            true => (Event::ScoreFell, "fell"),
            false => (Event::ScoreRose, "rose"),
        };
        out.push(Finding {
            time: since,
            event,
            id: name.into(),
            severity: None,
            text: format!(
                "{name} {verb} from {} to {} ({first:.0} of 100)",
                told.band.name(),
                next.name()
            ),
            seconds: None,
        });
        *told = Told {
            band: next,
            next: None,
        };
    }
}

/// `cpu_percent is 97.0 %, normal is 1.0 to 20.0 %`.
fn unusual(anomaly: &Anomaly) -> String {
    let unit = unit_of(&anomaly.series);
    let value = value_of(anomaly.value, unit);
    match anomaly.expected {
        Some(range) => format!(
            "{} is {value}, normal is {}",
            anomaly.series,
            range_of(range, unit)
        ),
        None => format!("{} is {value}, which is unusual", anomaly.series),
    }
}

struct Found<'a> {
    id: &'a str,
    severity: Severity,
    text: String,
}

fn lasting<'a>(
    known: &mut BTreeMap<String, Lasting>,
    found: impl Iterator<Item = Found<'a>>,
    (began, end): (Event, Event),
    now: f64,
    out: &mut Vec<Finding>,
) {
    for lasting in known.values_mut() {
        lasting.missing.get_or_insert(now);
    }
    for Found { id, severity, text } in found {
        if let Some(lasting) = known.get_mut(id) {
            lasting.missing = None;
            lasting.severity = lasting.severity.max(severity);
            continue;
        }
        out.push(Finding {
            time: now,
            event: began,
            id: id.into(),
            severity: Some(severity),
            text,
            seconds: None,
        });
        known.insert(
            id.into(),
            Lasting {
                began: now,
                severity,
                missing: None,
            },
        );
    }
    ended(known, end, now - HOLD_SECONDS, out);
}

/// Takes out what has been missing since before a time.
fn ended(known: &mut BTreeMap<String, Lasting>, event: Event, before: f64, out: &mut Vec<Finding>) {
    known.retain(|id, lasting| {
        let Some(time) = lasting.missing.filter(|missing| *missing <= before) else {
            return true;
        };
        out.push(Finding {
            time,
            event,
            id: id.clone(),
            severity: Some(lasting.severity),
            text: format!("{id} is over"),
            seconds: Some(time - lasting.began),
        });
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use usm_core::judge::Advice;

    fn state(time: f64, health: f64, advice: &[&str]) -> State {
        let mut state = State {
            timestamp: time,
            recommendations: advice
                .iter()
                .map(|id| Advice {
                    id: id.to_string().into(),
                    text: format!("{id}: do something"),
                    severity: Severity::Medium,
                    ..Advice::default()
                })
                .collect(),
            ..State::default()
        };
        state.scores.health.value = Some(health);
        state
    }

    fn told(states: &[State]) -> Vec<(f64, Event, String)> {
        let mut findings = Findings::default();
        let mut all: Vec<Finding> = states.iter().flat_map(|s| findings.of(s)).collect();
        all.extend(findings.end());
        all.into_iter().map(|f| (f.time, f.event, f.id)).collect()
    }

    #[test]
    fn advice_is_told_when_it_begins_and_when_it_has_ended() {
        let states: Vec<State> = (0..40)
            .map(|n| {
                let ids: &[&str] = if (5..15).contains(&n) {
                    &["memory_full"]
                } else {
                    &[]
                };
                state(f64::from(n), 90.0, ids)
            })
            .collect();
        assert_eq!(
            told(&states),
            [
                (5.0, Event::AdviceBegan, "memory_full".into()),
                (15.0, Event::AdviceEnded, "memory_full".into())
            ]
        );
        // The end came just before there were no more states.
        assert_eq!(told(&states[..17]).len(), 2);
    }

    #[test]
    fn what_the_models_found_is_told_from_its_beginning_to_its_end() {
        let key = |metric: &str| usm_core::series::SeriesKey {
            metric: metric.into(),
            labels: Vec::new(),
        };
        let anomaly = |metric: &str, incident| Anomaly {
            series: key(metric),
            score: Some(0.99),
            worst_score: 0.99,
            value: Some(97.0),
            expected: Some((1.0, 20.0)),
            since: 5.0,
            updated_at: 5.0,
            incident,
        };
        let states: Vec<State> = (0..40)
            .map(|n| {
                let time = f64::from(n);
                let mut state = state(time, 90.0, &[]);
                if (5..15).contains(&n) {
                    let all = [anomaly("cpu_percent", Some(7)), anomaly("blocked", None)];
                    state.anomalies = all.into();
                    state.incidents = [Incident {
                        id: 7,
                        severity: Severity::High,
                        summary: "processors rose".into(),
                        since: 5.0,
                        updated_at: time,
                        // Told once more with its end.
                        closed_at: (n == 14).then_some(14.0),
                        anomalies: Vec::new(),
                        culprits: Vec::new(),
                    }]
                    .into();
                }
                state
            })
            .collect();
        assert_eq!(
            told(&states),
            [
                (5.0, Event::IncidentBegan, "7".into()),
                (5.0, Event::AnomalyBegan, "blocked".into()),
                (14.0, Event::IncidentEnded, "7".into()),
                (15.0, Event::AnomalyEnded, "blocked".into()),
            ]
        );
    }

    #[test]
    fn what_comes_and_goes_each_second_is_one_finding() {
        let states: Vec<State> = (0..60)
            .map(|n| {
                let ids: &[&str] = if n % 2 == 0 { &["health_low"] } else { &[] };
                state(f64::from(n), if n % 2 == 0 { 50.0 } else { 90.0 }, ids)
            })
            .collect();
        let told = told(&states);
        assert_eq!(told[0], (0.0, Event::AdviceBegan, "health_low".into()));
        assert!(told.len() <= 2, "{told:?}");
    }

    #[test]
    fn a_score_is_told_when_it_has_stayed_what_it_became() {
        let states: Vec<State> = (0..90)
            .map(|n| state(f64::from(n), if n < 20 { 90.0 } else { 40.0 }, &[]))
            .collect();
        assert_eq!(told(&states), [(20.0, Event::ScoreFell, "health".into())]);
        assert!(told(&states[..79]).is_empty(), "it may be a burst yet");
    }

    #[test]
    fn a_gap_is_told_with_its_length() {
        let times = [0.0, 1.0, 2.0, 3.0, 600.0, 601.0];
        let states: Vec<State> = times.iter().map(|time| state(*time, 90.0, &[])).collect();
        let mut findings = Findings::default();
        let all: Vec<Finding> = states.iter().flat_map(|s| findings.of(s)).collect();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].event, all[0].seconds), (Event::Gap, Some(597.0)));
        // Samples that are always so far apart leave no gap.
        let rare: Vec<State> = (1..9)
            .map(|n| state(60.0 * f64::from(n), 90.0, &[]))
            .collect();
        assert!(told(&rare).is_empty());
    }
}
