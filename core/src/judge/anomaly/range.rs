//! The range that a quantity has kept to so far, and how far a value lies outside it.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

/// Pushes after which a bound that was not reached again has given up half of what lies beyond
/// the core. Of values every five minutes this is six weeks: what is normal is not forgotten
/// soon.
const HALF_LIFE: f64 = 12_000.0;

/// The core reaches this many times the spread to both sides of the centre: nearly all of
/// plain noise. A bound within it is never given up.
const CORE: f64 = 3.0;

/// Pushes after which an excess counts for half: a young range is no judge.
const MATURITY: f64 = 200.0;

/// Pushes from which a single value may widen the range to twice its width at most, so that
/// one absurd value can't make all later ones look small.
const SETTLED: u32 = 50;

/// Noise widens its range now and then by a part of its spread: an excess of this many times
/// the spread counts for half.
const CLEAR: f64 = 1.0;

/// Span of centre and spread, in pushes: a week of values every five minutes.
const SPAN: f64 = 2_000.0;

/// Lowest and highest value so far, slowly forgetting.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct SeenRange {
    low: f64,
    high: f64,
    pushes: u32,
    /// Moving mean of the values, and of their distance from it.
    centre: f64,
    spread: f64,
}

impl SeenRange {
    /// Takes a value in and tells how new it is: 0 within the range, else excess / (width +
    /// excess), below 1, and less while the range is young. `age` is the part of a push that
    /// this one counts for in forgetting.
    pub(super) fn push(&mut self, value: f64, age: f64) -> f64 {
        self.pushes = self.pushes.saturating_add(1);
        if self.pushes == 1 {
            (self.low, self.high, self.centre) = (value, value, value);
            return 0.0;
        }
        let width = self.width();
        let excess = (value - self.high).max(self.low - value).max(0.0);
        let spread = self.spread;
        let weight = (1.0 / f64::from(self.pushes)).max(1.0 / SPAN);
        // Not f64::clamp, which panics on a range that is none: what was stored may be forged.
        let near = value.max(self.low - width).min(self.high + width);
        self.spread += ((near - self.centre).abs() - self.spread) * weight;
        self.centre += (near - self.centre) * weight;
        let part = age * LN_2 / HALF_LIFE;
        if value < self.high {
            self.high -= part * (self.high - self.centre - CORE * spread).max(0.0);
        }
        if value > self.low {
            self.low += part * (self.centre - CORE * spread - self.low).max(0.0);
        }
        let reach = if self.pushes < SETTLED || width == 0.0 {
            f64::INFINITY
        } else {
            width
        };
        self.low = self.low.min(value.max(self.low - reach));
        self.high = self.high.max(value.min(self.high + reach));
        if excess == 0.0 {
            return 0.0;
        }
        let pushes = f64::from(self.pushes);
        let maturity = pushes / (pushes + MATURITY);
        let clear = excess / (excess + CLEAR * spread);
        excess / (width + excess) * clear * maturity
    }

    pub(super) fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The part of the metric's movement so far, this value with it, that is beyond what is
    /// constant in effect: less than `resolution`, or than `share` of the magnitude.
    pub(super) fn substance(&self, value: f64, resolution: f64, share: f64) -> f64 {
        if self.pushes == 0 {
            return 0.0;
        }
        let (low, high) = (self.low.min(value), self.high.max(value));
        let idle = resolution.max(share * low.abs().max(high.abs()));
        let moved = high - low;
        if moved > idle {
            (moved - idle) / moved
        } else {
            0.0
        }
    }

    /// The value, moved to within `widths` of the range; as it is while the range is young
    /// or has no width.
    pub(super) fn tame(&self, value: f64, widths: f64) -> f64 {
        let width = self.width();
        if self.pushes < SETTLED || width <= 0.0 {
            return value;
        }
        value
            .max(self.low - widths * width)
            .min(self.high + widths * width)
    }

    /// Whether it never went below 0.
    pub(super) fn is_never_negative(&self) -> bool {
        self.pushes > 0 && self.low >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled() -> SeenRange {
        let mut range = SeenRange::default();
        for i in 0..1_000 {
            range.push(f64::from(i % 11), 1.0);
        }
        range
    }

    #[test]
    fn a_value_within_the_range_is_not_new_and_one_outside_is_by_its_excess() {
        let mut range = settled();
        assert_eq!(range.push(5.0, 1.0), 0.0);
        let near = range.clone().push(11.0, 1.0);
        let far = range.push(30.0, 1.0);
        assert!(near > 0.01 && near < 0.1, "{near}");
        assert!(far > 0.4 && far < 1.0, "{far}");
    }

    #[test]
    fn one_absurd_value_widens_the_range_to_twice_its_width_at_most() {
        let mut range = settled();
        range.push(1e9, 1.0);
        assert!(range.width() < 20.1, "{range:?}");
        assert!(range.push(-1e9, 1.0) > 0.8);
    }

    #[test]
    fn bounds_that_are_not_reached_again_are_forgotten() {
        let mut range = settled();
        for i in 0..6 * HALF_LIFE as usize {
            range.push(5.0 + (i % 3) as f64 * 0.1, 1.0);
        }
        assert!(range.width() < 1.0, "{range:?}");
        assert!(range.push(10.0, 1.0) > 0.5, "{range:?}");
    }

    #[test]
    fn a_young_range_is_a_careful_judge() {
        let mut range = SeenRange::default();
        range.push(1.0, 1.0);
        assert!(range.push(100.0, 1.0) < 0.02);
    }
}
