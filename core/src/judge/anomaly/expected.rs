//! The range in which nearly all values of a metric lie just now.

use serde::{Deserialize, Serialize};

use super::profile::Usual;

/// Share of the values below the range, and above it.
const TAIL: f64 = 0.005;

/// Values of which a band takes the extremes before it begins to follow the tails.
const FIRST: u32 = 100;

/// By how much of the mean departure a bound moves when a value lies beyond it. It moves back
/// by TAIL / (1 − TAIL) of that otherwise, so that in the long run the share beyond is TAIL
/// whatever the distribution.
const STEP: f64 = 0.2;

/// Values over which the mean departure is taken.
const SPAN: f64 = 1_000.0;

/// Span of the level, in values every five minutes: three hours.
const LEVEL_SPAN: f64 = 40.0;

/// Departures from one guess of the value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Band {
    low: f64,
    high: f64,
    mean_departure: f64,
    count: u32,
}

impl Band {
    fn push(&mut self, departure: f64) {
        self.count = self.count.saturating_add(1);
        let weight = (1.0 / f64::from(self.count)).max(1.0 / SPAN);
        self.mean_departure += (departure.abs() - self.mean_departure) * weight;
        if self.count <= FIRST {
            self.low = self.low.min(departure);
            self.high = self.high.max(departure);
            return;
        }
        let step = STEP * self.mean_departure;
        let back = step * TAIL / (1.0 - TAIL);
        self.low += if departure < self.low { -step } else { back };
        self.high += if departure > self.high { step } else { -back };
        // Of a constant the bounds would pass each other.
        self.low = self.low.min(0.0);
        self.high = self.high.max(0.0);
    }

    fn width(&self) -> Option<f64> {
        (self.count >= FIRST).then_some(self.high - self.low)
    }
}

/// Three guesses of the value, the level of the last hours and what is usual at the hour of
/// the day and of the week, each with its band. The narrowest one is the expected range.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Expected {
    level: f64,
    count: u32,
    of_level: Band,
    of_day: Band,
    of_week: Band,
}

impl Expected {
    /// The range for the next value; `None` until enough came.
    pub(super) fn range(&self, usual: Usual) -> Option<(f64, f64)> {
        let guesses = [
            (Some(self.level), &self.of_level),
            (usual.day, &self.of_day),
            (usual.week, &self.of_week),
        ];
        guesses
            .into_iter()
            .filter_map(|(guess, band)| Some((guess?, band, band.width()?)))
            .min_by(|a, b| a.2.total_cmp(&b.2))
            .map(|(guess, band, _)| (guess + band.low, guess + band.high))
    }

    /// Takes a value in. `age` is the part of five minutes that it stands for, 1 at most.
    pub(super) fn push(&mut self, value: f64, usual: Usual, age: f64) {
        self.count = self.count.saturating_add(1);
        if self.count > 1 {
            self.of_level.push(value - self.level);
        }
        let weight = (1.0 / f64::from(self.count)).max(age / LEVEL_SPAN);
        self.level += (value - self.level) * weight;
        if let Some(day) = usual.day {
            self.of_day.push(value - day);
        }
        if let Some(week) = usual.week {
            self.of_week.push(value - week);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_expected_to_stay() {
        let mut expected = Expected::default();
        assert_eq!(expected.range(Usual::default()), None);
        for _ in 0..500 {
            expected.push(45.0, Usual::default(), 1.0);
        }
        assert_eq!(expected.range(Usual::default()), Some((45.0, 45.0)));
    }

    #[test]
    fn the_narrowest_guess_is_the_one_that_is_told() {
        let mut expected = Expected::default();
        for i in 0..2_000 {
            let day = f64::from(i % 24) * 10.0;
            let usual = Usual {
                day: Some(day),
                week: None,
            };
            expected.push(day + f64::from(i % 7) * 0.1, usual, 1.0);
        }
        let usual = Usual {
            day: Some(100.0),
            week: None,
        };
        let (low, high) = expected.range(usual).unwrap();
        assert!(low > 99.0 && high < 101.5, "{low} {high}");
    }
}
