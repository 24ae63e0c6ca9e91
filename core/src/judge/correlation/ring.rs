//! The last hours of each metric, as means of ten seconds.

use serde::{Deserialize, Serialize};

/// Buckets that are compared: two hours.
pub(super) const WINDOW: usize = 720;
/// A few more are kept, so that a comparison that takes many samples finds what it began with.
const KEPT: usize = WINDOW + 48;
/// Length of a bucket, seconds; of slower samples, each is one.
const BUCKET_SECONDS: f64 = 10.0;
/// After a longer break than this part of a bucket nothing of before is compared with what
/// comes then.
const BREAK_BUCKETS: f64 = 6.0;
/// So many empty buckets part what was before a break from what comes then.
pub(super) const BREAK: usize = 24;

/// Means of all series, bucket by bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Ring {
    width: usize,
    /// Bucket by bucket; NaN where a series was not known.
    values: Vec<f32>,
    /// Buckets that were finished so far.
    finished: u64,
    /// Mean length of the buckets, seconds.
    bucket_seconds: f64,
    sums: Vec<f64>,
    counts: Vec<u32>,
    begun: Option<f64>,
    last: Option<f64>,
}

impl Ring {
    /// Takes the values of a sample. `true` when it finished a bucket.
    pub(super) fn add(
        &mut self,
        now: f64,
        values: impl Iterator<Item = f64>,
        width: usize,
    ) -> bool {
        if self.width != width || self.sums.len() != width {
            *self = Ring {
                width,
                sums: vec![0.0; width],
                counts: vec![0; width],
                ..Ring::default()
            };
        }
        let longest = BREAK_BUCKETS * self.bucket_seconds.max(BUCKET_SECONDS);
        if self
            .last
            .is_some_and(|last| !(0.0..=longest).contains(&(now - last)))
        {
            self.part();
        }
        let step = self.last.map_or(0.0, |last| now - last);
        self.last = Some(now);
        let begun = *self.begun.get_or_insert(now - step);
        for ((sum, count), value) in self.sums.iter_mut().zip(&mut self.counts).zip(values) {
            if value.is_finite() {
                *sum += value;
                *count += 1;
            }
        }
        let length = now - begun;
        // Ends with the sample that is nearest to its whole length.
        if length + step / 2.0 < BUCKET_SECONDS {
            return false;
        }
        self.finish(length);
        self.begun = Some(now);
        true
    }

    fn finish(&mut self, length: f64) {
        // The first one has no length when samples are far apart.
        if length > 0.0 {
            let weight = 1.0 / (self.finished as f64 + 1.0).min(50.0);
            self.bucket_seconds += weight * (length - self.bucket_seconds);
        }
        for place in 0..self.width {
            let mean = match self.counts[place] {
                0 => f32::NAN,
                count => (self.sums[place] / f64::from(count)) as f32,
            };
            self.sums[place] = 0.0;
            self.counts[place] = 0;
            self.put(place, mean);
        }
        self.finished += 1;
    }

    fn put(&mut self, place: usize, mean: f32) {
        let slot = (self.finished % KEPT as u64) as usize * self.width + place;
        match self.values.get_mut(slot) {
            Some(value) => *value = mean,
            None => self.values.push(mean),
        }
    }

    /// A break: what was begun is dropped, and empty buckets follow.
    fn part(&mut self) {
        self.sums.fill(0.0);
        self.counts.fill(0);
        (self.begun, self.last) = (None, None);
        if self.finished == 0 {
            return;
        }
        for _ in 0..BREAK {
            for place in 0..self.width {
                self.put(place, f32::NAN);
            }
            self.finished += 1;
        }
    }

    /// Buckets that were finished so far; those of breaks count.
    pub(super) fn finished(&self) -> u64 {
        self.finished
    }

    /// Mean length of a bucket, seconds.
    pub(super) fn bucket_seconds(&self) -> f64 {
        self.bucket_seconds
    }

    /// The buckets of a series in a window that ends before bucket `end`. Empty when they
    /// are no longer there.
    pub(super) fn window(&self, place: usize, end: u64, into: &mut Vec<f32>) {
        into.clear();
        let start = end.saturating_sub(WINDOW as u64);
        if end > self.finished || start + (KEPT as u64) < self.finished {
            return;
        }
        let slot = |bucket: u64| (bucket % KEPT as u64) as usize * self.width + place;
        into.extend(
            (start..end).map(|bucket| self.values.get(slot(bucket)).copied().unwrap_or(f32::NAN)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(ring: &Ring, place: usize) -> Vec<f32> {
        let mut window = Vec::new();
        ring.window(place, ring.finished(), &mut window);
        window
    }

    #[test]
    fn samples_of_a_second_are_folded_to_means_of_ten() {
        let mut ring = Ring::default();
        for second in 0..200 {
            ring.add(
                f64::from(second),
                [f64::from(second), f64::NAN].into_iter(),
                2,
            );
        }
        let values = window(&ring, 0);
        assert!((19..=20).contains(&values.len()), "{}", values.len());
        let steps: Vec<f32> = values[2..]
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        assert!(steps.iter().all(|step| *step == 10.0), "{steps:?}");
        assert!((ring.bucket_seconds() - 10.0).abs() < 0.5);
        assert!(window(&ring, 1).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn slow_samples_are_a_bucket_each() {
        let mut ring = Ring::default();
        for n in 0..100 {
            ring.add(f64::from(n) * 60.0, [f64::from(n)].into_iter(), 1);
        }
        assert!(ring.finished() >= 98);
        assert!(
            (ring.bucket_seconds() - 60.0).abs() < 1.0,
            "{}",
            ring.bucket_seconds()
        );
        assert_eq!(window(&ring, 0).last(), Some(&99.0));
    }

    #[test]
    fn the_ring_keeps_the_last_hours_and_a_break_parts_them() {
        let mut ring = Ring::default();
        for second in 0..30_000 {
            ring.add(f64::from(second), [1.0].into_iter(), 1);
        }
        assert_eq!(ring.values.len(), KEPT);
        assert_eq!(window(&ring, 0).len(), WINDOW);
        // A jump ahead, and a clock that begins anew.
        for start in [50_000, 3] {
            for second in 0..40 {
                ring.add(f64::from(start + second), [2.0].into_iter(), 1);
            }
            let values = window(&ring, 0);
            let empty = values.iter().rev().skip_while(|value| **value == 2.0);
            assert_eq!(empty.take_while(|value| value.is_nan()).count(), BREAK);
        }
    }

    #[test]
    fn what_is_gone_or_to_come_has_no_window() {
        let mut ring = Ring::default();
        for second in 0..20_000 {
            ring.add(f64::from(second), [1.0].into_iter(), 1);
        }
        let mut values = vec![1.0];
        ring.window(0, ring.finished() + 1, &mut values);
        assert!(values.is_empty());
        ring.window(0, ring.finished() - 49, &mut values);
        assert!(values.is_empty());
        ring.window(0, ring.finished() - 48, &mut values);
        assert_eq!(values.len(), WINDOW);
    }
}
