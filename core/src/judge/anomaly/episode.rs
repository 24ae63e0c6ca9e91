//! How long something unusual lasts.

use serde::{Deserialize, Serialize};

/// Weight of the newest value in the share of values outside the range.
const NEWEST: f64 = 1.0 / 8.0;

/// Share outside below which the metric counts as back: 17 values within after one outside.
const BACK: f64 = 0.1;

/// What lasted a day is what is normal now.
const ADAPTED_SECONDS: f64 = 86_400.0;

/// A stretch of time in which a metric is not what it was: from the first anomalous value
/// until the values lie within the range that was expected at its start again, or for a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// When the first anomalous value came, Unix seconds.
    pub since: f64,
    /// The range that was expected then; `None` when none was known yet.
    pub expected: Option<(f64, f64)>,
    /// The highest score so far.
    pub highest_score: f64,
    /// Moving share of the values outside of that range.
    outside: f64,
}

/// A change of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// Something unusual began with this value.
    Began,
    /// With this value the metric is back, or what was unusual has become normal.
    Ended,
}

impl Episode {
    pub(super) fn new(since: f64, expected: Option<(f64, f64)>, score: f64) -> Episode {
        Episode {
            since,
            expected,
            highest_score: score,
            outside: 1.0,
        }
    }

    /// Takes a value in; whether the episode is over.
    pub(super) fn push(&mut self, at: f64, value: f64, score: f64, is_anomalous: bool) -> bool {
        self.highest_score = self.highest_score.max(score);
        let is_outside = self
            .expected
            .is_some_and(|(low, high)| value < low || value > high);
        let target = f64::from(u8::from(is_outside));
        self.outside += (target - self.outside) * NEWEST;
        if is_anomalous {
            self.outside = 1.0;
        }
        // Whichever way the clock was set, an episode does not outlive its day.
        self.outside < BACK || (at - self.since).abs() > ADAPTED_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_lasts_while_values_lie_outside_and_ends_when_they_are_back() {
        let mut episode = Episode::new(0.0, Some((0.0, 10.0)), 0.7);
        for second in 1..100 {
            assert!(!episode.push(f64::from(second), 50.0, 0.1, false));
        }
        let back = (100..200).find(|&second| episode.push(f64::from(second), 5.0, 0.0, false));
        assert_eq!(back, Some(117));
    }

    #[test]
    fn what_lasts_a_day_has_become_normal() {
        let mut episode = Episode::new(0.0, Some((0.0, 10.0)), 0.7);
        let over = (1..10_000).find(|&n| episode.push(f64::from(n) * 60.0, 50.0, 0.1, false));
        assert_eq!(over, Some(1_441));
    }
}
