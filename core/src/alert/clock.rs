//! The book's own time: it never goes back, and knows when samples are missing.

use serde::{Deserialize, Serialize};

use super::life::Tick;

/// Up to here a stretch without samples is never a gap, seconds.
const LEAST_GAP: f64 = 60.0;

/// A stretch that is so many times as long as the one before is a gap.
const GAP_TIMES: f64 = 5.0;

/// Counts the seconds between samples by the clock that never jumps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BookClock {
    /// Seconds so far.
    seconds: f64,
    /// The last sample by the wall clock.
    unix_seconds: Option<f64>,
    /// Usual distance of samples.
    usual: Option<f64>,
    /// The last sample by the clock that never jumps: of this run.
    #[serde(skip)]
    monotonic_us: Option<i64>,
}

impl BookClock {
    /// Goes on to the next sample.
    pub(super) fn advance(&mut self, unix_seconds: f64, monotonic_us: i64) -> Tick {
        let step = match self.monotonic_us {
            Some(last) if monotonic_us >= last => {
                Some(monotonic_us.saturating_sub(last) as f64 / 1e6)
            }
            // Another run or another boot: there is only the wall clock.
            _ => self.unix_seconds.map(|last| (unix_seconds - last).max(0.0)),
        };
        let step = step.filter(|step| step.is_finite()).unwrap_or(0.0);
        let usual = self.usual.map_or(f64::INFINITY, |usual| usual * GAP_TIMES);
        let after_gap = step > usual.max(LEAST_GAP);
        if step > 0.0 {
            self.usual = Some(step);
        }
        self.seconds += step;
        self.monotonic_us = Some(monotonic_us);
        if unix_seconds.is_finite() {
            self.unix_seconds = Some(unix_seconds);
        }
        Tick {
            unix_seconds,
            clock: self.seconds,
            watched: if after_gap { 0.0 } else { step },
            after_gap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advance(clock: &mut BookClock, unix: f64, monotonic: f64) -> (f64, f64, bool) {
        let tick = clock.advance(unix, (monotonic * 1e6) as i64);
        (tick.clock, tick.watched, tick.after_gap)
    }

    #[test]
    fn a_jump_of_the_wall_clock_is_no_time() {
        let mut clock = BookClock::default();
        assert_eq!(advance(&mut clock, 1000.0, 5.0), (0.0, 0.0, false));
        assert_eq!(advance(&mut clock, 9000.0, 6.0), (1.0, 1.0, false));
        assert_eq!(advance(&mut clock, 10.0, 8.0), (3.0, 2.0, false));
        assert_eq!(advance(&mut clock, f64::NAN, 9.0), (4.0, 1.0, false));
    }

    #[test]
    fn samples_that_are_missing_count_as_time_but_not_as_watched() {
        let mut clock = BookClock::default();
        advance(&mut clock, 0.0, 0.0);
        advance(&mut clock, 1.0, 1.0);
        assert_eq!(advance(&mut clock, 601.0, 601.0), (601.0, 0.0, true));
        assert_eq!(advance(&mut clock, 602.0, 602.0), (602.0, 1.0, false));
        // Who samples every ten minutes misses nothing.
        let mut clock = BookClock::default();
        advance(&mut clock, 0.0, 0.0);
        assert_eq!(advance(&mut clock, 600.0, 600.0), (600.0, 600.0, false));
        assert_eq!(advance(&mut clock, 1200.0, 1200.0), (1200.0, 600.0, false));
    }

    #[test]
    fn over_a_restart_the_wall_clock_counts_and_never_backwards() {
        let mut clock = BookClock::default();
        advance(&mut clock, 100.0, 50.0);
        advance(&mut clock, 101.0, 51.0);
        let kept = postcard::to_stdvec(&clock).unwrap();
        let mut again: BookClock = postcard::from_bytes(&kept).unwrap();
        assert_eq!(advance(&mut again, 401.0, 3.0), (301.0, 0.0, true));
        let mut again: BookClock = postcard::from_bytes(&kept).unwrap();
        assert_eq!(advance(&mut again, 11.0, 3.0), (1.0, 0.0, false));
        // A clock that went back without a restart.
        assert_eq!(advance(&mut again, 14.0, 1.0), (4.0, 3.0, false));
    }
}
