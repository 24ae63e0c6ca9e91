//! Which metrics move together, with lag and significance.
//!
//! Means of ten seconds of some two dozen metrics of the machine are kept for two hours.
//! Every few minutes each series is freed of what its own past tells ([`whiten`]), and what
//! is left is compared pair by pair over all lags of up to three minutes: a little of it with
//! each sample. A pair is told when its coefficient would be found by chance, over all
//! pairs and lags, in one of a hundred comparisons.

mod chance;
mod ring;
#[cfg(test)]
mod tests;
mod watched;
mod whiten;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::ring::{BREAK, Ring};
use self::watched::{PAIRS, PLACES, WATCHED};
use self::whiten::{White, dot};
use super::Observation;
use crate::arrange::arrange_by;
use crate::series::SeriesKey;

/// Two metrics that move together, not by chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The one that moves first (or the first by name without a lag).
    pub leader: SeriesKey,
    /// The other.
    pub follower: SeriesKey,
    /// −1 to 1.
    pub coefficient: f64,
    /// How much later the follower moves, seconds.
    pub lag_seconds: f64,
    /// Chance of such a coefficient between unrelated metrics, corrected for the number of
    /// pairs that were looked at.
    pub p_value: f64,
    /// Independent samples that it stands on, nearly.
    pub sample_count: f64,
}

/// Fewer buckets are not compared: half an hour.
const LEAST_BUCKETS: u64 = 180;
/// From the beginning of one comparison to that of the next, seconds.
const EVERY_SECONDS: f64 = 420.0;
/// Longest lag, buckets. No break is shorter.
const MOST_LAG: usize = 18;
const _: () = assert!(MOST_LAG < BREAK);
/// A weaker link is none that helps anybody.
const LEAST_COEFFICIENT: f64 = 0.3;
/// Chance, over all pairs and lags, at which a pair is told, and up to which it stays.
const TELL_CHANCE: f64 = 0.01;
const STAY_CHANCE: f64 = 0.05;
/// Most pairs that are told.
const MOST: usize = 20;
/// Series or pairs that are worked on with one sample: one for each second, at most this.
const MOST_STEPS: usize = 16;

/// Memory of the pairs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CorrelationJudge {
    ring: Ring,
    last_monotonic: Option<f64>,
    /// Time since the last comparison began.
    waited_seconds: f64,
    /// What was told last.
    told: Vec<Correlation>,
    #[serde(skip)]
    said: Arc<[Correlation]>,
    #[serde(skip)]
    work: Option<Work>,
}

/// A comparison in progress.
#[derive(Debug, Clone, Default)]
struct Work {
    /// The window ends before this bucket.
    end: u64,
    series: Vec<Option<White>>,
    /// Pairs that have been compared.
    compared: usize,
    found: Vec<Correlation>,
    window: Vec<f32>,
}

impl CorrelationJudge {
    /// The pairs that move together, strongest first; the same value until it is worked out
    /// anew.
    pub(crate) fn judge(&mut self, seen: &Observation<'_>) -> Arc<[Correlation]> {
        let now = seen.monotonic_seconds;
        let elapsed = self
            .last_monotonic
            .replace(now)
            .map_or(0.0, |last| (now - last).max(0.0));
        let value = |place: &Option<_>| place.and_then(|place| seen.frame.value(place));
        let values = PLACES.iter().map(|place| value(place).unwrap_or(f64::NAN));
        self.ring.add(now, values, WATCHED.len());
        self.waited_seconds += elapsed.min(EVERY_SECONDS);
        if self.said.len() != self.told.len() {
            // Taken up again from an earlier run.
            self.said = self.told.as_slice().into();
        }
        if self.work.is_none() {
            if self.waited_seconds < EVERY_SECONDS || self.ring.finished() < LEAST_BUCKETS {
                return self.said.clone();
            }
            self.waited_seconds = 0.0;
            self.work = Some(Work {
                end: self.ring.finished(),
                ..Work::default()
            });
        }
        for _ in 0..(elapsed as usize).clamp(1, MOST_STEPS) {
            let Some(work) = &mut self.work else { break };
            if work.step(&self.ring, &self.told) {
                self.told = std::mem::take(&mut work.found);
                self.said = self.told.as_slice().into();
                self.work = None;
            }
        }
        self.said.clone()
    }
}

impl Work {
    /// Works on one series or one pair. `true` when all is done.
    fn step(&mut self, ring: &Ring, told: &[Correlation]) -> bool {
        if self.series.len() < WATCHED.len() {
            ring.window(self.series.len(), self.end, &mut self.window);
            self.series.push(White::of(&self.window));
            return false;
        }
        // A pair of which one is not known costs nothing.
        while let Some((a, b)) = PAIRS.get(self.compared) {
            self.compared += 1;
            let (Some(first), Some(second)) = (&self.series[*a], &self.series[*b]) else {
                continue;
            };
            if let Some(found) = compare(first, second) {
                let correlation = found.of(WATCHED[*a], WATCHED[*b], ring.bucket_seconds());
                let is_told = told.iter().any(|known| {
                    let names = (&known.leader.metric, &known.follower.metric);
                    let (leader, follower) = (&correlation.leader, &correlation.follower);
                    names == (&leader.metric, &follower.metric)
                        || names == (&follower.metric, &leader.metric)
                });
                let chance = if is_told { STAY_CHANCE } else { TELL_CHANCE };
                if correlation.p_value <= chance {
                    self.found.push(correlation);
                }
            }
            return false;
        }
        arrange_by(&mut self.found, |a, b| {
            b.coefficient.abs().total_cmp(&a.coefficient.abs())
        });
        self.found.truncate(MOST);
        true
    }
}

/// What two series have in common.
struct Link {
    coefficient: f64,
    /// Buckets by which the second is later.
    lag: i64,
    points: f64,
    p_value: f64,
}

/// The lag at which two series are most alike; `None` when they are not.
fn compare(first: &White, second: &White) -> Option<Link> {
    let (a, b) = (&first.values[..], &second.values[..]);
    let most = MOST_LAG.min(a.len().saturating_sub(1));
    let known = first.known.min(second.known) as f64;
    let (mut best, mut best_lag) = (0.0f32, 0i64);
    for lag in 0..=most {
        let later = dot(&a[..a.len() - lag], &b[lag..]);
        let earlier = dot(&a[lag..], &b[..b.len() - lag]);
        if later.abs() > best.abs() {
            (best, best_lag) = (later, lag as i64);
        }
        if earlier.abs() > best.abs() {
            (best, best_lag) = (earlier, -(lag as i64));
        }
    }
    let coefficient = (f64::from(best) / known).clamp(-1.0, 1.0);
    if coefficient.abs() < LEAST_COEFFICIENT {
        return None;
    }
    let lag = best_lag.unsigned_abs() as usize;
    let (a, b) = match best_lag >= 0 {
        true => (&a[..a.len() - lag], &b[lag..]),
        false => (&a[lag..], &b[..b.len() - lag]),
    };
    // Where both are restless at the same times, few points bear all the weight.
    let pairs = a.iter().zip(b);
    let weight: f64 = pairs
        .map(|(a, b)| f64::from(a * a) * f64::from(b * b))
        .sum();
    let points = known.min(known * known / weight) / first.dependence(second);
    let tests = (PAIRS.len() * (2 * MOST_LAG + 1)) as f64;
    Some(Link {
        coefficient,
        lag: best_lag,
        points,
        p_value: (chance::of_coefficient(coefficient, points) * tests).min(1.0),
    })
}

impl Link {
    fn of(&self, first: &str, second: &str, bucket_seconds: f64) -> Correlation {
        let is_first = match self.lag {
            0 => first <= second,
            lag => lag > 0,
        };
        let (leader, follower) = if is_first {
            (first, second)
        } else {
            (second, first)
        };
        let key = |metric: &str| SeriesKey {
            metric: metric.to_string(),
            labels: Vec::new(),
        };
        Correlation {
            leader: key(leader),
            follower: key(follower),
            coefficient: self.coefficient,
            lag_seconds: self.lag.unsigned_abs() as f64 * bucket_seconds,
            p_value: self.p_value,
            sample_count: self.points,
        }
    }
}
