//! What a test of a series has to remember of the samples before.

use std::collections::VecDeque;

/// Parts that a stretch of time is divided into.
const PARTS: f64 = 32.0;

/// Memory of one test of one series.
#[derive(Debug, Clone, Default)]
pub(super) enum Watch {
    /// Nothing to remember, or nothing seen yet.
    #[default]
    Nothing,
    /// The counter's last known value, and when that was.
    Counter { value: f64, clock: f64 },
    /// The least or greatest values of the stretch.
    Extremes(Extremes),
}

/// The least (or greatest) value of each part of the last stretch of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Extremes {
    /// When the part began and its extreme.
    parts: VecDeque<(f64, f64)>,
    /// Since when values are known.
    since: Option<f64>,
}

impl Watch {
    /// Increase per second of a counter since its last known value; `None` for the first and
    /// after a reset.
    pub(super) fn rate(&mut self, value: f64, clock: f64) -> Option<f64> {
        if value.is_nan() {
            return None;
        }
        let before = std::mem::replace(self, Watch::Counter { value, clock });
        match before {
            Watch::Counter {
                value: last,
                clock: then,
            } if value >= last && clock > then => Some((value - last) / (clock - then)),
            _ => None,
        }
    }

    /// How far a value has moved up from the least (with `up` false down from the greatest)
    /// of the last `within` seconds, and whether it was watched for all of them.
    pub(super) fn moved(
        &mut self,
        value: f64,
        clock: f64,
        up: bool,
        within: f64,
    ) -> Option<(f64, bool)> {
        if value.is_nan() {
            return None;
        }
        if !matches!(self, Watch::Extremes(_)) {
            *self = Watch::Extremes(Extremes::default());
        }
        let Watch::Extremes(seen) = self else {
            return None;
        };
        let extreme = |a: f64, b: f64| if up { a.min(b) } else { a.max(b) };
        let is_old = |part: &(f64, f64)| clock - part.0 > within;
        while seen.parts.front().is_some_and(is_old) {
            seen.parts.pop_front();
        }
        match seen.parts.back_mut() {
            Some(part) if clock - part.0 < within / PARTS => part.1 = extreme(part.1, value),
            _ => seen.parts.push_back((clock, value)),
        }
        let since = *seen.since.get_or_insert(clock);
        let all = seen.parts.iter().map(|part| part.1);
        let from = all.fold(value, extreme);
        let is_whole = clock - since >= within * (1.0 - 1.0 / PARTS);
        Some((value - from, is_whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_needs_two_values_and_no_reset_between_them() {
        let mut watch = Watch::default();
        assert_eq!(watch.rate(10.0, 0.0), None);
        assert_eq!(watch.rate(30.0, 10.0), Some(2.0));
        assert_eq!(watch.rate(f64::NAN, 11.0), None);
        assert_eq!(watch.rate(30.0, 20.0), Some(0.0));
        assert_eq!(watch.rate(5.0, 30.0), None);
        assert_eq!(watch.rate(6.0, 30.0), None, "no time has gone by");
        assert_eq!(watch.rate(8.0, 31.0), Some(2.0));
    }

    #[test]
    fn what_rose_before_the_stretch_does_not_count() {
        let mut watch = Watch::default();
        assert_eq!(watch.moved(0.0, 0.0, true, 60.0), Some((0.0, false)));
        assert_eq!(watch.moved(10.0, 30.0, true, 60.0), Some((10.0, false)));
        assert_eq!(watch.moved(10.0, 60.0, true, 60.0), Some((10.0, true)));
        assert_eq!(watch.moved(11.0, 91.0, true, 60.0), Some((1.0, true)));
        let mut watch = Watch::default();
        watch.moved(10.0, 0.0, false, 60.0);
        assert_eq!(watch.moved(4.0, 1.0, false, 60.0), Some((-6.0, false)));
    }

    proptest! {
        #[test]
        fn a_movement_is_that_of_the_stretch_and_memory_is_bounded(
            values in prop::collection::vec(-100f64..100.0, 1..300), step in 0.1f64..30.0,
        ) {
            let within = 100.0;
            let mut watch = Watch::default();
            for (place, value) in values.iter().enumerate() {
                let clock = place as f64 * step;
                let (moved, _) = watch.moved(*value, clock, true, within).unwrap();
                let least = |longest: f64| {
                    let recent = (0..=place).filter(|then| (place - then) as f64 * step <= longest);
                    recent.map(|then| values[then]).fold(f64::INFINITY, f64::min)
                };
                // Parts are dropped as a whole, up to one of them too early.
                prop_assert!(moved <= value - least(within) + 1e-9);
                prop_assert!(moved >= value - least(within * (1.0 - 1.0 / PARTS) - 1e-6) - 1e-9);
                let Watch::Extremes(seen) = &watch else { panic!() };
                prop_assert!(seen.parts.len() <= PARTS as usize + 1);
            }
        }
    }
}
