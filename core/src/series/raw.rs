//! Values as integers in steps of their metric's precision.

use crate::sample::ProcessState;

/// The raw number of a value that is not known.
pub const ABSENT: i64 = i64::MIN;

/// A field of a sample that can be kept as an integer, and made from it again.
///
/// `from_raw(to_raw(x))` is the kept form of `x`: doing it again changes nothing more.
pub(crate) trait Stored: Sized {
    /// In steps; [`ABSENT`] when it is not known, not finite or does not fit.
    fn to_raw(&self, steps_per_unit: u32) -> i64;
    /// The value of a number of steps. One that can't be absent is then what it is by
    /// default.
    fn take_raw(&mut self, raw: i64, steps_per_unit: u32);
    /// Becomes its kept form.
    #[inline]
    fn settle(&mut self, steps_per_unit: u32) {
        let raw = self.to_raw(steps_per_unit);
        self.take_raw(raw, steps_per_unit);
    }
}

impl Stored for f64 {
    fn to_raw(&self, steps_per_unit: u32) -> i64 {
        let steps = (self * f64::from(steps_per_unit)).round();
        // Beyond 2^53 a double no longer tells one integer from the next.
        match steps.abs() < 9_007_199_254_740_992.0 {
            true => steps as i64,
            false => ABSENT,
        }
    }

    fn take_raw(&mut self, raw: i64, steps_per_unit: u32) {
        *self = match raw {
            ABSENT => 0.0,
            raw => raw as f64 / f64::from(steps_per_unit),
        };
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Stored for $type {
            fn to_raw(&self, _: u32) -> i64 {
                i64::try_from(*self).unwrap_or(ABSENT)
            }

            fn take_raw(&mut self, raw: i64, _: u32) {
                *self = <$type>::try_from(raw).unwrap_or_default();
            }
        }
    )*};
}

integers!(u64, u32, i32, usize);

impl Stored for bool {
    fn to_raw(&self, _: u32) -> i64 {
        i64::from(*self)
    }

    fn take_raw(&mut self, raw: i64, _: u32) {
        *self = raw != ABSENT && raw != 0;
    }
}

/// As small numbers that are part of the file format.
impl Stored for ProcessState {
    fn to_raw(&self, _: u32) -> i64 {
        match self {
            ProcessState::Running => 1,
            ProcessState::Sleeping => 2,
            ProcessState::DiskSleep => 3,
            ProcessState::Zombie => 4,
            ProcessState::Stopped => 5,
            ProcessState::Tracing => 6,
            ProcessState::Idle => 7,
            ProcessState::Dead => 8,
            ProcessState::Other => 9,
        }
    }

    fn take_raw(&mut self, raw: i64, _: u32) {
        *self = match raw {
            1 => ProcessState::Running,
            ABSENT | 2 => ProcessState::Sleeping,
            3 => ProcessState::DiskSleep,
            4 => ProcessState::Zombie,
            5 => ProcessState::Stopped,
            6 => ProcessState::Tracing,
            7 => ProcessState::Idle,
            8 => ProcessState::Dead,
            _ => ProcessState::Other,
        };
    }
}

impl<T: Stored + Default> Stored for Option<T> {
    fn to_raw(&self, steps_per_unit: u32) -> i64 {
        self.as_ref()
            .map_or(ABSENT, |value| value.to_raw(steps_per_unit))
    }

    fn take_raw(&mut self, raw: i64, steps_per_unit: u32) {
        *self = match raw {
            ABSENT => None,
            raw => {
                let mut value = T::default();
                value.take_raw(raw, steps_per_unit);
                Some(value)
            }
        };
    }

    #[inline]
    fn settle(&mut self, steps_per_unit: u32) {
        let Some(value) = self else { return };
        match value.to_raw(steps_per_unit) {
            ABSENT => *self = None,
            raw => value.take_raw(raw, steps_per_unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_kept_form_is_within_half_a_step_and_stays_as_it_is(
            value in -1e9f64..1e9, steps in prop::sample::select(vec![1u32, 10, 100, 1000]),
        ) {
            let mut kept = value;
            kept.take_raw(value.to_raw(steps), steps);
            prop_assert!((kept - value).abs() <= 0.5 / f64::from(steps) + 1e-6);
            let mut again = kept;
            again.take_raw(kept.to_raw(steps), steps);
            prop_assert_eq!(again.to_bits(), kept.to_bits());
        }

        #[test]
        fn an_integer_comes_back_exactly(value in 0u64..=i64::MAX as u64) {
            let mut back = Some(0u64);
            back.take_raw(Some(value).to_raw(1), 1);
            prop_assert_eq!(back, Some(value));
        }
    }

    #[test]
    fn what_is_not_finite_or_does_not_fit_is_absent() {
        assert_eq!(f64::NAN.to_raw(100), ABSENT);
        assert_eq!(f64::INFINITY.to_raw(1), ABSENT);
        assert_eq!(1e300.to_raw(1), ABSENT);
        assert_eq!(u64::MAX.to_raw(1), ABSENT);
        assert_eq!(None::<u64>.to_raw(1), ABSENT);
        let mut value = Some(3.0);
        value.take_raw(ABSENT, 1);
        assert_eq!(value, None);
    }
}
