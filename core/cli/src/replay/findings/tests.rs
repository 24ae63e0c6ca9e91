//! Findings of constructed states.

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
