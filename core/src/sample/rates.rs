//! From two readings of a counter to a rate: unknown where it can't be known.

/// Increase per second of a counter that only grows. `None` without an interval, for an
/// interval that is not positive, and when the counter went back (reset, wrap).
pub(crate) fn per_second(previous: u64, current: u64, elapsed_seconds: Option<f64>) -> Option<f64> {
    let seconds = elapsed_seconds.filter(|s| *s > 0.0)?;
    Some(current.checked_sub(previous)? as f64 / seconds)
}

/// The same where either reading may be missing.
pub(crate) fn per_second_of(
    previous: Option<u64>,
    current: Option<u64>,
    elapsed_seconds: Option<f64>,
) -> Option<f64> {
    per_second(previous?, current?, elapsed_seconds)
}

/// 100 · part / whole, kept within 0 to 100; `None` when the whole is not positive.
pub(crate) fn percent_of(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0 && part.is_finite()).then(|| (100.0 * part / whole).clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_needs_two_readings_and_time_between_them() {
        assert_eq!(per_second(10, 30, Some(2.0)), Some(10.0));
        assert_eq!(per_second(30, 10, Some(2.0)), None);
        assert_eq!(per_second(10, 30, None), None);
        assert_eq!(per_second(10, 30, Some(0.0)), None);
        assert_eq!(per_second(10, 30, Some(-1.0)), None);
        assert_eq!(per_second_of(None, Some(3), Some(1.0)), None);
        assert_eq!(percent_of(1.0, 0.0), None);
    }

    proptest! {
        #[test]
        fn a_rate_is_never_negative(a: u64, b: u64, seconds in -10.0f64..10.0) {
            if let Some(rate) = per_second(a, b, Some(seconds)) {
                prop_assert!(rate >= 0.0);
            }
        }
    }
}
