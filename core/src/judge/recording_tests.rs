//! What is told of a real machine: run by hand over a recording, to read it as a user would.

use std::path::PathBuf;

use super::advice::{Grounds, Learned, advise};
use super::{Models, Observation, Predictions};
use crate::history::Replay;
use crate::sample::{Metrics, Sample};
use crate::series::{Frame, FrameTaker};

fn path() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/hour.usm");
    std::env::var_os("USM_RECORDING").map_or(own, PathBuf::from)
}

fn recording() -> Vec<(Sample, Frame)> {
    let mut taker = FrameTaker::new(5);
    let replay = Replay::open(path(), f64::NEG_INFINITY, f64::INFINITY).unwrap();
    let samples = replay.map(|state| state.unwrap().sample.unwrap());
    samples
        .map(|sample| {
            let frame = taker.take(&sample, &Metrics::of(&sample));
            ((*sample).clone(), frame)
        })
        .collect()
}

#[test]
#[ignore = "prints what is told of a recording: USM_RECORDING, else tests/data/hour.usm"]
fn what_is_told_of_a_recording() {
    let all = recording();
    let start = all[0].0.moment.unix_seconds;
    let at = |time: f64| {
        let minutes = (time - start) / 60.0;
        format!("{minutes:6.2}")
    };
    let mut models = Models::default();
    let mut told = std::collections::BTreeMap::new();
    for (sample, frame) in &all {
        let mut judgement = super::Judgement::default();
        let seen = observed(sample, frame);
        models.judge(&seen, &mut judgement);
        for insight in judgement.insights.iter() {
            let key = format!("insight {} {}", insight.id, insight.opened_at);
            let state = format!(
                "{} {:?} {:.2} {}",
                if insight.closed_at.is_some() {
                    "CLOSED"
                } else {
                    "is"
                },
                insight.severity,
                insight.confidence,
                insight.text
            );
            if told.insert(key.clone(), state.clone()) != Some(state.clone()) {
                println!(
                    "{} {} since {}: {state}",
                    at(sample.moment.unix_seconds),
                    insight.id,
                    at(insight.opened_at)
                );
            }
        }
        for incident in judgement.incidents.iter() {
            let key = format!("incident {}", incident.id);
            let state = format!(
                "{} {:?} {} metrics: {}",
                if incident.closed_at.is_some() {
                    "CLOSED"
                } else {
                    "is"
                },
                incident.severity,
                incident.anomalies.len(),
                incident.summary
            );
            if told.insert(key, state.clone()) != Some(state.clone()) {
                println!(
                    "{} incident {} since {}: {state}",
                    at(sample.moment.unix_seconds),
                    incident.id,
                    at(incident.since)
                );
                if incident.closed_at.is_some() {
                    for anomaly in &incident.anomalies {
                        println!("           {} since {}", anomaly.series, at(anomaly.since));
                    }
                    for culprit in &incident.culprits {
                        println!("           {}", culprit.text);
                    }
                }
            }
        }
        for pair in judgement.correlations.iter() {
            let key = format!("{} {}", pair.leader, pair.follower);
            let state = format!("{:.2}", pair.coefficient);
            if told.insert(key, state.clone()) != Some(state) {
                println!(
                    "{} {} -> {} {:.2} after {:.0} s, p {:.1e}, {:.0} points",
                    at(sample.moment.unix_seconds),
                    pair.leader,
                    pair.follower,
                    pair.coefficient,
                    pair.lag_seconds,
                    pair.p_value,
                    pair.sample_count
                );
            }
        }
    }
    let size = |name: &str, bytes: usize| println!("memory of {name}: {bytes} bytes");
    size(
        "incidents",
        postcard::to_stdvec(&models.incidents).unwrap().len(),
    );
    size(
        "correlations",
        postcard::to_stdvec(&models.correlations).unwrap().len(),
    );
    size(
        "insights",
        postcard::to_stdvec(&models.insights).unwrap().len(),
    );
}

fn observed<'a>(sample: &'a Sample, frame: &'a Frame) -> Observation<'a> {
    Observation {
        unix_seconds: sample.moment.unix_seconds,
        monotonic_seconds: sample.moment.monotonic_seconds,
        frame,
    }
}

#[test]
#[ignore = "measures: run it in release"]
fn what_judging_costs() {
    let all = recording();
    let mut models = Models::default();
    let mut spent = [0.0f64; 6];
    let mut laps: [Vec<f64>; 6] = Default::default();
    for (sample, frame) in &all {
        let seen = observed(sample, frame);
        let mut clock = cpu_microseconds();
        let mut lap = |place: usize| {
            let now = cpu_microseconds();
            spent[place] += now - clock;
            laps[place].push(now - clock);
            clock = now;
        };
        let anomalies = models.baselines.judge(&seen);
        lap(0);
        let (incidents, anomalies) = models.incidents.judge(&seen, anomalies);
        lap(1);
        let predictions = Predictions::default();
        let correlations = models.correlations.judge(&seen);
        lap(2);
        let insights = models
            .insights
            .judge(&seen, &anomalies, &correlations, &predictions);
        lap(3);
        let metrics = Metrics::of(sample);
        let scores = super::Scores {
            health: crate::score::health(&metrics),
            performance: crate::score::performance(&metrics, sample.limits.throttled_percent),
            ..super::Scores::default()
        };
        lap(4);
        std::hint::black_box(advise(&Grounds {
            sample,
            scores: &scores,
            security: &[],
            incidents: &incidents,
            insights: &insights,
            predictions: &predictions,
            learned: &Learned::default(),
        }));
        lap(5);
    }
    let names = [
        "anomalies",
        "incidents",
        "correlations",
        "insights",
        "scores",
        "advice",
    ];
    for (place, name) in names.iter().enumerate() {
        let mean = spent[place] / all.len() as f64;
        laps[place].sort_by(f64::total_cmp);
        let part = |part: f64| laps[place][(part * (all.len() - 1) as f64) as usize];
        println!(
            "{name}: {mean:.2} µs in the mean, median {:.2}, 99 % {:.2}, most {:.0} (CPU time)",
            part(0.5),
            part(0.99),
            part(1.0)
        );
    }
}

/// Of this thread: what others do on the machine is none of it.
fn cpu_microseconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
