//! How fast a recording is shown.

use std::time::{Duration, Instant};

/// Longest wait between two states: a gap of hours is not sat through.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Shortest time between two pictures: more than an eye can follow costs only work.
const SHORTEST_WAIT: Duration = Duration::from_millis(40);

/// Recorded seconds in a second; infinite: as fast as can be.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text {
        "max" => Ok(f64::INFINITY),
        text => match text.trim_end_matches('x').parse::<f64>() {
            Ok(speed) if (0.01..=1e6).contains(&speed) => Ok(speed),
            _ => Err("how many times as fast as it was, 0.01 to 1000000, or max".into()),
        },
    }
}

/// When each state is due.
#[derive(Debug)]
pub(super) struct Pace {
    speed: f64,
    due: Instant,
    last: Option<f64>,
    drawn: Option<Instant>,
}

impl Pace {
    pub(super) fn new(speed: f64, now: Instant) -> Pace {
        Pace {
            speed,
            due: now,
            last: None,
            drawn: None,
        }
    }

    /// How long to wait before a state of this time is shown.
    pub(super) fn wait(&mut self, timestamp: f64, now: Instant) -> Duration {
        let distance = self.last.map_or(0.0, |last| (timestamp - last).max(0.0));
        self.last = Some(timestamp);
        let wanted = Duration::try_from_secs_f64(distance / self.speed).unwrap_or(LONGEST_WAIT);
        self.due += wanted.min(LONGEST_WAIT);
        // Behind by more than a moment (a slow terminal): from here on again.
        if self.due + LONGEST_WAIT < now {
            self.due = now;
        }
        self.due.saturating_duration_since(now)
    }

    /// Whether this is worth a picture in a terminal, so soon after the last.
    pub(super) fn is_worth_drawing(&mut self, now: Instant) -> bool {
        let is_worth = self
            .drawn
            .is_none_or(|drawn| now.saturating_duration_since(drawn) >= SHORTEST_WAIT);
        if is_worth {
            self.drawn = Some(now);
        }
        is_worth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_or_max() {
        assert_eq!(speed("10"), Ok(10.0));
        assert_eq!(speed("0.5x"), Ok(0.5));
        assert_eq!(speed("max"), Ok(f64::INFINITY));
        for bad in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(speed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn states_come_in_their_time_and_gaps_are_cut_short() {
        let now = Instant::now();
        let mut pace = Pace::new(10.0, now);
        assert_eq!(pace.wait(100.0, now), Duration::ZERO);
        assert_eq!(pace.wait(101.0, now), Duration::from_millis(100));
        // What the drawing took counts.
        let later = now + Duration::from_millis(150);
        assert_eq!(pace.wait(102.0, later), Duration::from_millis(50));
        assert_eq!(
            pace.wait(1e6, later),
            Duration::from_millis(50) + LONGEST_WAIT
        );
        let mut fastest = Pace::new(f64::INFINITY, now);
        fastest.wait(1.0, now);
        assert_eq!(fastest.wait(1e6, now), Duration::ZERO);
        assert!(fastest.is_worth_drawing(now) && !fastest.is_worth_drawing(now));
    }
}
