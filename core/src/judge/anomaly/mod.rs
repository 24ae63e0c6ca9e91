//! Anomalies of one metric: what it has not done before, told when it begins.
//!
//! A [`Detector`] takes one value at a time and remembers a fixed, small amount: the range that
//! the metric has kept to so far as a value, as a jump, as a change of level, and against what
//! is usual at the hour of the day and of the week. A value is new by its excess over these
//! ranges relative to their width, so that a metric is judged by its own past, in its own unit,
//! and a kind of event that came before is not news. Two such views run side by side: of the
//! values as they come, and of the means of five minutes (of the values themselves where they
//! are as rare as that); the greater score counts. What is normal is forgotten over months.
//!
//! The novelty n is told as a score n / (n + n₀), with n₀ the novelty at which the default
//! threshold of 0.5 lies. News is told once: right after it the like of it scores low. How long
//! the metric stays unusual is told by the [`Episode`].
//!
//! Pure: time comes with the data; the same values give the same readings.

mod episode;
mod expected;
mod gate;
mod profile;
mod range;
mod settings;
mod views;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use expected::Expected;
use profile::Usual;
use views::{Fast, Limits, Slow};

pub use episode::{Edge, Episode};
pub use settings::DetectorSettings;

/// Length of a slow push, and from which distance of values they are pushed as they are.
const SLOW_SECONDS: f64 = 300.0;
const SPARSE_SECONDS: f64 = 150.0;

/// Novelty at which the score is 0.5, and from which it is remembered as news. A single second
/// has to be clearer than five minutes, of which there are fewer.
const SLOW_HALF: f64 = 0.0035;
const FAST_HALF: f64 = 0.1;

/// Before a metric was seen for some days its nights and weekends are not known: novelty counts
/// by the square of the share of this that was seen, a quarter after two days.
const CONFIDENT_SECONDS: f64 = 4.0 * 86_400.0;

/// Nothing is judged before this much was seen, in values and in time.
const FIRST_VALUES: u32 = 100;
const FIRST_SECONDS: f64 = 600.0;

/// A gap counts for this much of what was seen at most.
const GAP_SECONDS: f64 = 7_200.0;

/// Greater magnitudes are taken for this one: sums of a few of them are finite.
const HUGE: f64 = 1e200;

/// What a detector says of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// How new the value is, 0 to 1; NaN while learning, and when there was no value.
    pub score: f64,
    /// Lowest and highest value that was expected, by what came before: it holds about 99 of
    /// 100 values. `None` until enough came, and when there was no value.
    pub expected: Option<(f64, f64)>,
    /// Whether the score reaches the threshold.
    pub is_anomalous: bool,
    /// Whether too little was seen to judge.
    pub is_learning: bool,
    /// Whether an episode began or ended with this value.
    pub edge: Option<Edge>,
}

/// Times of the values, and what they say of their distance.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Rhythm {
    last: Option<f64>,
    /// Moving mean of the distance; `None` before the second value.
    interval_seconds: Option<f64>,
    seen_seconds: f64,
    values: u32,
}

impl Rhythm {
    fn push(&mut self, unix_seconds: f64) {
        self.values = self.values.saturating_add(1);
        let Some(last) = self.last.replace(unix_seconds) else {
            return;
        };
        let passed = unix_seconds - last;
        // A clock that was set back, or a value told twice, says nothing of the rhythm.
        if passed <= 0.0 {
            return;
        }
        self.seen_seconds += passed.min(GAP_SECONDS);
        let usual = self.interval_seconds.get_or_insert(passed);
        *usual += (passed.min(4.0 * *usual) - *usual) / 16.0;
    }

    fn is_sparse(&self) -> bool {
        self.interval_seconds.is_some_and(|s| s >= SPARSE_SECONDS)
    }

    /// The part of a slow push that one value stands for.
    fn age(&self) -> f64 {
        self.interval_seconds
            .map_or(1.0, |s| (s / SLOW_SECONDS).min(1.0))
    }

    fn is_learning(&self) -> bool {
        self.values <= FIRST_VALUES || self.seen_seconds < FIRST_SECONDS
    }

    fn confidence(&self) -> f64 {
        (self.seen_seconds / CONFIDENT_SECONDS).min(1.0).powi(2)
    }
}

/// The values of the five minutes under way.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Slot {
    start: f64,
    sum: f64,
    count: u32,
}

impl Slot {
    /// The mean of a slot that is over, when it held a value.
    fn close(&mut self, start: f64) -> Option<(f64, f64)> {
        let over = (self.count > 0).then(|| (self.start, self.sum / f64::from(self.count)));
        *self = Slot {
            start,
            ..Slot::default()
        };
        over
    }
}

/// The streaming detector of one metric. Its memory is bounded, about 1.8 KB, and may be
/// stored and taken up again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Detector {
    settings: DetectorSettings,
    rhythm: Rhythm,
    slot: Slot,
    slow: Slow,
    fast: Fast,
    expected: Expected,
    episode: Option<Episode>,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(settings: DetectorSettings) -> Detector {
        Detector {
            settings,
            ..Detector::default()
        }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &DetectorSettings {
        &self.settings
    }

    /// The stretch of unusual values under way.
    pub fn episode(&self) -> Option<&Episode> {
        self.episode.as_ref()
    }

    /// Takes in the value of a time, in Unix seconds, and judges it by those before it.
    /// `None`, NaN and infinity are not known: they are neither judged nor remembered.
    pub fn push(&mut self, unix_seconds: f64, value: Option<f64>) -> Reading {
        let known = value.filter(|v| v.is_finite() && unix_seconds.is_finite());
        let Some(value) = known.map(|v| v.clamp(-HUGE, HUGE)) else {
            return Reading {
                score: f64::NAN,
                expected: None,
                is_anomalous: false,
                is_learning: self.rhythm.is_learning(),
                edge: None,
            };
        };
        self.rhythm.push(unix_seconds);
        let is_learning = self.rhythm.is_learning();

        let expected = self.expect(unix_seconds, value);
        let score = self.novelty(unix_seconds, value);
        let is_anomalous = !is_learning && score >= self.settings.threshold();
        let edge = self.follow(unix_seconds, value, score, is_anomalous, expected);
        Reading {
            score: if is_learning { f64::NAN } else { score },
            expected,
            is_anomalous,
            is_learning,
            edge,
        }
    }

    /// The range expected of the value; then the value is learnt from.
    fn expect(&mut self, unix_seconds: f64, value: f64) -> Option<(f64, f64)> {
        let profile = self.slow.profile();
        profile.turn_to(unix_seconds);
        let usual: Usual = profile.usual(unix_seconds);
        let range = self.expected.range(usual);
        let age = self.rhythm.age();
        self.expected.push(self.slow.tame(value), usual, age);
        let floor = if self.slow.is_never_negative() {
            0.0
        } else {
            f64::NEG_INFINITY
        };
        range.map(|(low, high)| (low.max(floor), high.max(floor)))
    }

    /// The greater of the two views' scores.
    fn novelty(&mut self, unix_seconds: f64, value: f64) -> f64 {
        let limits = |notable| Limits {
            resolution: self.settings.resolution(),
            confidence: self.rhythm.confidence(),
            notable,
        };
        let (slow, fast) = (limits(SLOW_HALF), limits(FAST_HALF));
        let is_sparse = self.rhythm.is_sparse();
        let start = (unix_seconds / SLOW_SECONDS).floor() * SLOW_SECONDS;
        let mut novelty: f64 = 0.0;
        if (is_sparse || start != self.slot.start)
            && let Some((at, mean)) = self.slot.close(start)
        {
            novelty = self.slow.push(at, mean, &slow);
        }
        if is_sparse {
            novelty = novelty.max(self.slow.push(unix_seconds, value, &slow));
            return novelty / (novelty + SLOW_HALF);
        }
        self.slot.sum += value;
        self.slot.count = self.slot.count.saturating_add(1);
        let quick = self.fast.push(value, self.rhythm.age(), &fast);
        (novelty / (novelty + SLOW_HALF)).max(quick / (quick + FAST_HALF))
    }

    /// Begins, continues or ends the episode.
    fn follow(
        &mut self,
        at: f64,
        value: f64,
        score: f64,
        is_anomalous: bool,
        expected: Option<(f64, f64)>,
    ) -> Option<Edge> {
        match &mut self.episode {
            Some(episode) => {
                if episode.push(at, value, score, is_anomalous) {
                    self.episode = None;
                    return Some(Edge::Ended);
                }
                None
            }
            None if is_anomalous => {
                self.episode = Some(Episode::new(at, expected, score));
                Some(Edge::Began)
            }
            None => None,
        }
    }
}
