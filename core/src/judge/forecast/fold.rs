//! From values at any spacing to means over five minutes.

use serde::{Deserialize, Serialize};

use super::model::{BUCKET_SECONDS, HOUR};

/// A value larger than this says more of its reader than of the host, and its square would
/// leave the range of a 32-bit float.
const ABSURD: f64 = 1e18;
/// Beyond this is no time of ours (year 21,000), and the bucket's number leaves 32 bits.
const END_OF_TIME: f64 = 6e11;

/// What came of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Folded {
    /// It was taken into the open bucket, or passed over.
    Taken,
    /// It opened a new bucket; the one before is complete: its number and mean.
    Closed(i64, f64),
    /// The clock was set back by more than an hour; the open bucket was given up.
    SetBack,
}

/// The open bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Fold {
    bucket: i64,
    sum: f64,
    count: u32,
    /// Stamp of the newest value.
    newest: f64,
    /// Usual seconds from one value to the next.
    spacing: Option<f64>,
}

impl Fold {
    pub(super) fn push(&mut self, unix_seconds: f64, value: Option<f64>) -> Folded {
        let Some(value) = value.filter(|v| v.abs() <= ABSURD) else {
            return Folded::Taken;
        };
        if unix_seconds.is_nan() || unix_seconds.abs() > END_OF_TIME {
            return Folded::Taken;
        }
        let bucket = (unix_seconds / BUCKET_SECONDS).floor() as i64;
        if self.count == 0 {
            self.open(bucket, unix_seconds, value);
            return Folded::Taken;
        }
        let step = unix_seconds - self.newest;
        if step < 0.0 {
            // Rows out of order are passed over until time is where it was.
            if step >= -BUCKET_SECONDS * HOUR as f64 {
                return Folded::Taken;
            }
            self.spacing = None;
            self.open(bucket, unix_seconds, value);
            return Folded::SetBack;
        }
        if step > 0.0 {
            // The smaller wins at once, the larger slowly: a gap isn't the spacing.
            let usual = self.spacing.unwrap_or(step);
            self.spacing = Some(step.min(usual + 0.1 * (step - usual).max(0.0)));
        }
        if bucket == self.bucket {
            self.sum += value;
            self.count += 1;
            self.newest = unix_seconds;
            return Folded::Taken;
        }
        let closed = Folded::Closed(self.bucket, self.mean());
        self.open(bucket, unix_seconds, value);
        closed
    }

    pub(super) fn is_sound(&self) -> bool {
        self.bucket.abs() <= i64::from(i32::MAX)
    }

    /// The open bucket as it stands, and which part of it is known, 0 to 1.
    pub(super) fn provisional(&self) -> Option<(i64, f64, f64)> {
        if self.count == 0 {
            return None;
        }
        let seen = self.newest - self.bucket as f64 * BUCKET_SECONDS
            + self.spacing.unwrap_or(BUCKET_SECONDS);
        let part = (seen / BUCKET_SECONDS).clamp(0.0, 1.0);
        Some((self.bucket, self.mean(), part))
    }

    fn open(&mut self, bucket: i64, unix_seconds: f64, value: f64) {
        self.bucket = bucket;
        self.sum = value;
        self.count = 1;
        self.newest = unix_seconds;
    }

    fn mean(&self) -> f64 {
        self.sum / f64::from(self.count.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_closes_with_its_mean_when_the_next_one_opens() {
        let mut fold = Fold::default();
        assert_eq!(fold.push(600.0, Some(1.0)), Folded::Taken);
        assert_eq!(fold.push(700.0, None), Folded::Taken);
        assert_eq!(fold.push(899.0, Some(3.0)), Folded::Taken);
        assert_eq!(fold.push(900.0, Some(9.0)), Folded::Closed(2, 2.0));
        assert_eq!(fold.push(4000.0, Some(9.0)), Folded::Closed(3, 9.0));
    }

    #[test]
    fn late_rows_are_passed_over_and_a_clock_set_back_starts_afresh() {
        let mut fold = Fold::default();
        fold.push(10_000.0, Some(1.0));
        assert_eq!(fold.push(9_000.0, Some(5.0)), Folded::Taken);
        assert_eq!(fold.provisional(), Some((33, 1.0, 1.0)));
        assert_eq!(fold.push(1_000.0, Some(7.0)), Folded::SetBack);
        assert_eq!(fold.provisional().map(|p| p.1), Some(7.0));
    }

    #[test]
    fn what_is_no_number_or_no_time_is_passed_over() {
        let mut fold = Fold::default();
        for value in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300] {
            fold.push(0.0, Some(value));
        }
        for time in [f64::NAN, f64::INFINITY, -f64::INFINITY, f64::MAX] {
            fold.push(time, Some(1.0));
        }
        assert_eq!(fold.provisional(), None);
    }

    #[test]
    fn an_open_bucket_knows_how_much_of_it_is_known() {
        let mut fold = Fold::default();
        for second in 0..30 {
            fold.push(3000.0 + f64::from(second), Some(1.0));
        }
        let part = fold.provisional().map(|p| p.2);
        assert_eq!(part, Some(0.1));
    }
}
