//! A metric seen from several sides, each with the range that it has kept to so far. What is
//! unusual is new from at least one side: as a value, as a jump, as a change of level, or for
//! the hour. A side that saw the like before says nothing, however large the value is.

use serde::{Deserialize, Serialize};

use super::gate::Gate;
use super::profile::Profile;
use super::range::SeenRange;

/// Spans of the moving means, in pushes.
const NEAR: f64 = 40.0;
const BRIEF: f64 = 20.0;
const LONG: f64 = 300.0;

/// Span over which a departure from the hour's usual value has to last to be seen as lasting.
const LASTING: f64 = 48.0;

/// Widths of the range so far beyond which a value no longer moves the means and the profile.
const TAME_WIDTHS: f64 = 10.0;

/// A metric that in all moved by less than this part of its magnitude is constant in effect.
const CONSTANT: f64 = 0.02;

/// Moving means of a series, and what they tell of a value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Levels {
    near: f64,
    brief: f64,
    long: f64,
    has_begun: bool,
}

impl Levels {
    /// How far the value jumped from the level, and how far the level moved.
    fn push(&mut self, value: f64) -> (f64, f64) {
        if !self.has_begun {
            *self = Levels {
                near: value,
                brief: value,
                long: value,
                has_begun: true,
            };
        }
        let jump = value - self.near;
        self.near += jump / NEAR;
        self.brief += (value - self.brief) / BRIEF;
        self.long += (value - self.long) / LONG;
        (jump, self.brief - self.long)
    }
}

/// The view of minutes to weeks: one push per five minutes, or per value where they are rarer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Slow {
    levels: Levels,
    profile: Profile,
    /// Moving mean of the departure from the hour's usual value.
    lasting: f64,
    value: SeenRange,
    jump: SeenRange,
    shift: SeenRange,
    off_day: SeenRange,
    off_both: SeenRange,
    off_lasting: SeenRange,
    gate: Gate,
}

impl Slow {
    /// How new the value is, 0 to 1.
    pub(super) fn push(&mut self, unix_seconds: f64, value: f64, limits: &Limits) -> f64 {
        let tame = self.value.tame(value, TAME_WIDTHS);
        let (jump, shift) = self.levels.push(tame);
        self.profile.turn_to(unix_seconds);
        let usual = self.profile.usual(unix_seconds);
        self.profile.push(unix_seconds, tame);

        let substance = self.value.substance(value, limits.resolution, CONSTANT);
        let mut sum = self.value.push(value, 1.0);
        sum += self.jump.push(jump, 1.0);
        sum += self.shift.push(shift, 1.0);
        if let Some(day) = usual.day {
            // What is as on other days, or as on this day of other weeks, is usual.
            let off_day = tame - day;
            let off_week = usual.week.map_or(off_day, |week| tame - week);
            let off = if off_week.abs() < off_day.abs() {
                off_week
            } else {
                off_day
            };
            self.lasting += (off - self.lasting) / LASTING;
            sum += self.off_day.push(off_day, 1.0);
            sum += self.off_both.push(off, 1.0);
            sum += self.off_lasting.push(self.lasting, 1.0);
        }
        let novelty = sum / 6.0 * substance * limits.confidence;
        self.gate.pass(novelty, limits.notable)
    }

    pub(super) fn profile(&mut self) -> &mut Profile {
        &mut self.profile
    }

    /// The value as far as it may move what is remembered.
    pub(super) fn tame(&self, value: f64) -> f64 {
        self.value.tame(value, TAME_WIDTHS)
    }

    pub(super) fn is_never_negative(&self) -> bool {
        self.value.is_never_negative()
    }
}

/// The view of seconds to minutes: one push per value, where values come more often.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Fast {
    levels: Levels,
    value: SeenRange,
    jump: SeenRange,
    shift: SeenRange,
    gate: Gate,
}

impl Fast {
    /// How new the value is, 0 to 1. `age` is the part of a slow push that this one stands for.
    pub(super) fn push(&mut self, value: f64, age: f64, limits: &Limits) -> f64 {
        let tame = self.value.tame(value, TAME_WIDTHS);
        let (jump, shift) = self.levels.push(tame);
        let substance = self.value.substance(value, limits.resolution, CONSTANT);
        let mut sum = self.value.push(value, age);
        sum += self.jump.push(jump, age);
        sum += self.shift.push(shift, age);
        let novelty = sum / 3.0 * substance * limits.confidence;
        self.gate.pass(novelty, limits.notable)
    }
}

/// What a view needs to know from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The smallest change of the metric that matters.
    pub(super) resolution: f64,
    /// 0 to 1: how much what was seen so far is worth.
    pub(super) confidence: f64,
    /// The novelty that is remembered as news.
    pub(super) notable: f64,
}
