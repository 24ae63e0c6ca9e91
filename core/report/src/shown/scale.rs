//! The axis of values: from where to where it goes, and which values are marked.

use usm_core::series::Unit;

/// Values whose range is this part of the greatest: from 0 on they would be a straight line
/// over an empty field. What moves even less is a straight line in truth.
const FLAT: std::ops::Range<f64> = 0.01..0.2;

/// The least range of percentages that is shown close.
const PERCENT: f64 = 5.0;

#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Scale {
    /// An axis for values from `least` to `greatest` with at most `most` marks.
    pub fn of(least: f64, greatest: f64, unit: Unit, most: usize) -> Scale {
        if unit == Unit::Flag {
            return Scale {
                low: 0.0,
                high: 1.0,
                step: 1.0,
            };
        }
        let range = greatest - least;
        let is_flat = least > 0.0
            && FLAT.contains(&(range / greatest))
            && (unit != Unit::Percent || range >= PERCENT);
        let (low, high) = match is_flat {
            true => (least, greatest),
            false => (least.min(0.0), greatest.max(0.0)),
        };
        // Nothing but zeros has an axis too.
        let high = if high > low { high } else { low + 1.0 };
        let most = most.max(2);
        let mut step = nice(
            ((high - low) / (most - 1) as f64).max(f64::MIN_POSITIVE),
            unit,
        );
        loop {
            let bottom = (low / step).floor();
            let top = (high / step).ceil();
            if ((top - bottom) as usize) < most {
                return Scale {
                    low: bottom * step,
                    high: top * step,
                    step,
                };
            }
            step = nice(step * 1.01, unit);
        }
    }

    /// The values that are marked, from the lowest.
    pub fn marks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count).map(|at| self.low + at as f64 * self.step)
    }

    /// Where a value lies, 0 at the bottom to 1 at the top.
    pub fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The next round number that is not less.
fn nice(value: f64, unit: Unit) -> f64 {
    if matches!(unit, Unit::Bytes | Unit::BytesPerSecond) && value > 1.0 {
        return nice_bytes(value);
    }
    if matches!(unit, Unit::Count | Unit::Bytes | Unit::BytesPerSecond) && value <= 1.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        // 2.5 of whole things would be marked as 2.
        .filter(|factor| *factor != 2.5 || power >= 10.0)
        .map(|factor| factor * power)
        .find(|step| *step >= value * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// Sizes are shown in KiB, MiB …: round is what is round there.
fn nice_bytes(value: f64) -> f64 {
    let power = 1024f64.powf(value.log2().div_euclid(10.0).floor());
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1024.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= value * (1.0 - 1e-9))
        .unwrap_or(1024.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(least: f64, greatest: f64, unit: Unit) -> (f64, f64, f64) {
        let scale = Scale::of(least, greatest, unit, 5);
        (scale.low, scale.high, scale.step)
    }

    #[test]
    fn an_axis_begins_at_0_and_ends_at_a_round_number() {
        assert_eq!(axis(3.0, 97.0, Unit::Percent), (0.0, 100.0, 25.0));
        assert_eq!(axis(0.0, 7.3, Unit::Percent), (0.0, 8.0, 2.0));
        assert_eq!(axis(0.0, 3.0, Unit::Count), (0.0, 3.0, 1.0));
        assert_eq!(axis(-4.0, 4.0, Unit::Celsius), (-4.0, 4.0, 2.0));
        let mib = 1_048_576.0;
        assert_eq!(
            axis(0.0, 700.0 * mib, Unit::Bytes),
            (0.0, 800.0 * mib, 200.0 * mib)
        );
    }

    #[test]
    fn what_hardly_moves_far_from_0_is_shown_close() {
        let (low, high, _) = axis(7000.0, 7100.0, Unit::Count);
        assert_eq!((low, high), (7000.0, 7100.0));
        assert_eq!(axis(99.9, 100.0, Unit::Percent), (0.0, 100.0, 25.0));
        assert_eq!(axis(7000.0, 7001.0, Unit::Count).0, 0.0);
    }

    #[test]
    fn zeros_have_an_axis() {
        assert_eq!(axis(0.0, 0.0, Unit::Percent), (0.0, 1.0, 0.5));
        assert_eq!(axis(0.0, 0.0, Unit::Flag), (0.0, 1.0, 1.0));
    }

    #[test]
    fn every_axis_holds_its_values_and_has_few_marks() {
        for power in -3..15 {
            for factor in [1.0, 1.7, 3.3, 9.99] {
                for unit in [Unit::Percent, Unit::Bytes, Unit::Count] {
                    let greatest = factor * 10f64.powi(power);
                    for least in [0.0, 0.5 * greatest, 0.95 * greatest, -greatest] {
                        let scale = Scale::of(least, greatest, unit, 5);
                        assert!(scale.low <= least && scale.high >= greatest, "{scale:?}");
                        assert!((2..=5).contains(&scale.marks().count()), "{scale:?}");
                    }
                }
            }
        }
    }
}
