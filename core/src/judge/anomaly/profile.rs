//! What is usual at this hour of the day, and at this hour of the week.

use serde::{Deserialize, Serialize};

const HOUR_SECONDS: f64 = 3_600.0;
const HOURS_OF_DAY: usize = 24;
const HOURS_OF_WEEK: usize = 168;

/// Weight of the newest visit in an hour's mean, once the hour was visited often enough for a
/// plain mean to give it less: a new routine is learnt within about a week, or three weeks.
const NEWEST_DAY: f64 = 0.2;
const NEWEST_WEEK: f64 = 0.3;

/// Means by hour of a cycle. The visit under way does not count until it is over: what is
/// usual now is what earlier cycles had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Cycle {
    newest: f64,
    means: Vec<f32>,
    visits: Vec<u8>,
}

impl Cycle {
    fn new(hours: usize, newest: f64) -> Cycle {
        Cycle {
            newest,
            means: vec![0.0; hours],
            visits: vec![0; hours],
        }
    }

    fn usual(&self, hour: u64) -> Option<f64> {
        let slot = self.slot(hour)?;
        let visits = *self.visits.get(slot)?;
        let mean = *self.means.get(slot)?;
        (visits > 0).then_some(f64::from(mean))
    }

    fn visit(&mut self, hour: u64, value: f64) {
        let Some(slot) = self.slot(hour) else { return };
        let (Some(mean), Some(visits)) = (self.means.get_mut(slot), self.visits.get_mut(slot))
        else {
            return;
        };
        *visits = visits.saturating_add(1);
        let weight = self.newest.max(1.0 / f64::from(*visits));
        // A value beyond f32 stays finite at its end.
        let moved = f64::from(*mean) + (value - f64::from(*mean)) * weight;
        *mean = moved.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
    }

    fn slot(&self, hour: u64) -> Option<usize> {
        let hours = u64::try_from(self.means.len()).ok()?;
        usize::try_from(hour.checked_rem(hours)?).ok()
    }
}

/// The profile of a metric over day and week, by the wall clock in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Profile {
    day: Cycle,
    week: Cycle,
    /// The hour under way, counted from 1970, with what came in it.
    hour: u64,
    sum: f64,
    count: u32,
}

/// What earlier days and weeks had at an hour.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Usual {
    pub(super) day: Option<f64>,
    pub(super) week: Option<f64>,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile {
            day: Cycle::new(HOURS_OF_DAY, NEWEST_DAY),
            week: Cycle::new(HOURS_OF_WEEK, NEWEST_WEEK),
            hour: 0,
            sum: 0.0,
            count: 0,
        }
    }
}

impl Profile {
    /// What is usual at a time, of what came before it.
    pub(super) fn usual(&self, unix_seconds: f64) -> Usual {
        let hour = hour_of(unix_seconds);
        Usual {
            day: self.day.usual(hour),
            week: self.week.usual(hour),
        }
    }

    /// Takes a value in.
    pub(super) fn push(&mut self, unix_seconds: f64, value: f64) {
        self.turn_to(unix_seconds);
        self.sum += value;
        self.count = self.count.saturating_add(1);
    }

    /// Ends the hour under way when the time is of another one.
    pub(super) fn turn_to(&mut self, unix_seconds: f64) {
        let hour = hour_of(unix_seconds);
        if hour == self.hour {
            return;
        }
        if self.count > 0 {
            let mean = self.sum / f64::from(self.count);
            self.day.visit(self.hour, mean);
            self.week.visit(self.hour, mean);
        }
        self.hour = hour;
        self.sum = 0.0;
        self.count = 0;
    }
}

/// Hours since 1970; a time before it, which only a broken clock tells, is its first hour.
fn hour_of(unix_seconds: f64) -> u64 {
    (unix_seconds / HOUR_SECONDS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400.0;

    #[test]
    fn an_hour_is_known_from_the_day_after_and_weighs_days_alike_at_first() {
        let mut profile = Profile::default();
        assert_eq!(profile.usual(0.0), Usual::default());
        for day in 0..2 {
            for minute in 0..1_440 {
                let at = f64::from(day) * DAY + f64::from(minute) * 60.0;
                profile.push(at, f64::from(minute / 60 + day * 10));
            }
        }
        let usual = profile.usual(2.0 * DAY + 5.5 * 3_600.0);
        assert_eq!(usual.day, Some(10.0));
        assert_eq!(usual.week, None);
        assert_eq!(profile.usual(7.0 * DAY + 5.5 * 3_600.0).week, Some(5.0));
    }

    #[test]
    fn the_hour_under_way_does_not_tell_what_is_usual() {
        let mut profile = Profile::default();
        profile.push(10.0, 1.0);
        profile.push(20.0, 1.0);
        assert_eq!(profile.usual(30.0).day, None);
        profile.push(3_700.0, 1.0);
        assert_eq!(profile.usual(DAY + 30.0).day, Some(1.0));
    }

    #[test]
    fn times_of_a_broken_clock_and_huge_values_do_no_harm() {
        let mut profile = Profile::default();
        for at in [-1e300, 1e300, 0.0, -5.0, 7_200.0, 3_600.0] {
            profile.push(at, 1e200);
            profile.push(at, -1e200);
        }
        let usual = profile.usual(0.0);
        assert!(usual.day.is_some_and(f64::is_finite), "{usual:?}");
    }
}
