//! The host's own normal for each metric: median and 95th percentile of all that was seen, in
//! a bounded memory.
//!
//! Values are counted in buckets whose width grows with the value, so that a quantile is off
//! by at most [`RELATIVE_ERROR`] of (1 + value). Old values fade: when a count is full, all
//! are halved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::target::Baseline;

/// Buckets for each doubling of (1 + value).
const BUCKETS_PER_DOUBLING: f64 = 32.0;

/// Half a bucket: 2^(1/64) − 1.
#[cfg(test)]
const RELATIVE_ERROR: f64 = 0.010_89;

/// The last bucket: all that is greater than some 2^32.
const LAST_BUCKET: u16 = 1024;

/// Samples after which all counts are halved: a day and a half at one a second.
const FULL: u64 = 131_072;

/// Below so many samples nothing is called normal.
const LEAST_SAMPLES: u64 = 30;

/// Most metrics, mount points and devices that are learnt.
const MOST_NAMES: usize = 256;

/// What has been normal for one metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Normal {
    /// Samples in each bucket that has any.
    counts: BTreeMap<u16, u64>,
    /// Samples ever.
    samples: u64,
}

/// What has been normal, by the name of the metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Baselines {
    by_name: BTreeMap<String, Normal>,
}

impl Normal {
    /// Counts a value; what is no number is left out, what is negative counts as 0.
    pub(crate) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        *self.counts.entry(bucket(value)).or_insert(0) += 1;
        self.samples = self.samples.saturating_add(1);
        if self.total() > FULL {
            for count in self.counts.values_mut() {
                *count /= 2;
            }
            self.counts.retain(|_, count| *count > 0);
        }
    }

    /// The value below which the share `q` (0 to 1) lies; `None` before the first.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        // The rank of the nearest sample, from 1.
        let rank = (q.clamp(0.0, 1.0) * total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in &self.counts {
            seen += count;
            if seen >= rank {
                return Some(middle(*bucket));
            }
        }
        self.counts.keys().last().map(|bucket| middle(*bucket))
    }

    /// `None` until enough has been seen.
    pub(crate) fn baseline(&self) -> Option<Baseline> {
        if self.samples < LEAST_SAMPLES {
            return None;
        }
        Some(Baseline {
            typical: self.quantile(0.5)?,
            high: self.quantile(0.95)?,
            samples: self.samples,
        })
    }

    fn total(&self) -> u64 {
        self.counts
            .values()
            .fold(0, |sum, c| sum.saturating_add(*c))
    }
}

impl Baselines {
    /// Counts a value of a metric; a new one beyond the most that are learnt is left out.
    pub(crate) fn add(&mut self, name: &str, value: Option<f64>) {
        let Some(value) = value else { return };
        if let Some(normal) = self.by_name.get_mut(name) {
            normal.add(value);
        } else if self.by_name.len() < MOST_NAMES {
            let mut normal = Normal::default();
            normal.add(value);
            self.by_name.insert(name.to_string(), normal);
        }
    }

    /// The normal of a metric, once enough has been seen.
    pub(crate) fn get(&self, name: &str) -> Option<Baseline> {
        self.by_name.get(name)?.baseline()
    }

    /// As text, to be stored.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".into())
    }

    /// Out of the stored text. What is not of this format is forgotten: it is learnt again.
    pub(crate) fn from_json(text: &str) -> Baselines {
        let mut read: Baselines = serde_json::from_str(text).unwrap_or_default();
        read.by_name.retain(|_, normal| {
            normal.counts.keys().all(|bucket| *bucket <= LAST_BUCKET) && normal.total() <= FULL + 1
        });
        while read.by_name.len() > MOST_NAMES {
            read.by_name.pop_last();
        }
        read
    }
}

fn bucket(value: f64) -> u16 {
    let doublings = (1.0 + value.max(0.0)).log2();
    let bucket = (doublings * BUCKETS_PER_DOUBLING).round();
    (bucket as u64).min(u64::from(LAST_BUCKET)) as u16
}

fn middle(bucket: u16) -> f64 {
    (f64::from(bucket) / BUCKETS_PER_DOUBLING).exp2() - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(values: &[f64], q: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rank = (q * sorted.len() as f64).ceil().max(1.0) as usize;
        sorted[rank - 1]
    }

    #[test]
    fn nothing_is_normal_before_enough_was_seen() {
        let mut baselines = Baselines::default();
        for _ in 0..LEAST_SAMPLES - 1 {
            baselines.add("cpu_wait", Some(3.0));
        }
        assert_eq!(baselines.get("cpu_wait"), None);
        baselines.add("cpu_wait", None);
        baselines.add("cpu_wait", Some(f64::NAN));
        assert_eq!(baselines.get("cpu_wait"), None);
        baselines.add("cpu_wait", Some(3.0));
        let normal = baselines.get("cpu_wait").unwrap();
        assert!((normal.typical - 3.0).abs() < 0.05 && normal.samples == LEAST_SAMPLES);
        assert_eq!(baselines.get("io_wait"), None);
    }

    #[test]
    fn the_memory_is_bounded_and_old_values_fade() {
        let mut normal = Normal::default();
        for at in 0..FULL {
            normal.add((at % 100) as f64);
        }
        for _ in 0..2 * FULL {
            normal.add(1000.0);
        }
        assert!(normal.counts.len() <= usize::from(LAST_BUCKET) + 1);
        assert!(normal.total() <= FULL && normal.samples == 3 * FULL);
        assert!((normal.quantile(0.5).unwrap() - 1000.0).abs() < 20.0);
        let mut baselines = Baselines::default();
        for name in 0..2 * MOST_NAMES {
            baselines.add(&name.to_string(), Some(1.0));
        }
        assert_eq!(baselines.by_name.len(), MOST_NAMES);
    }

    #[test]
    fn foreign_text_is_forgotten() {
        for text in [
            "",
            "[]",
            "{\"a\":1}",
            "{\"a\":{\"counts\":{\"-1\":1},\"samples\":1}}",
        ] {
            assert_eq!(Baselines::from_json(text), Baselines::default(), "{text}");
        }
        let far = "{\"a\":{\"counts\":{\"60000\":1},\"samples\":1}}";
        assert_eq!(Baselines::from_json(far), Baselines::default());
        let full = format!(
            "{{\"a\":{{\"counts\":{{\"1\":{}}},\"samples\":1}}}}",
            u64::MAX
        );
        assert_eq!(Baselines::from_json(&full), Baselines::default());
    }

    proptest! {
        #[test]
        fn quantiles_are_near_the_exact_ones(
            values in proptest::collection::vec(0.0f64..100_000.0, 1..300),
            q in 0.0f64..=1.0,
        ) {
            let mut normal = Normal::default();
            values.iter().for_each(|value| normal.add(*value));
            let (told, exact) = (normal.quantile(q).unwrap(), exact(&values, q));
            prop_assert!((told - exact).abs() <= RELATIVE_ERROR * (1.0 + exact) * 1.01);
        }

        #[test]
        fn what_was_learnt_is_stored_and_read_back(
            values in proptest::collection::vec(0.0f64..1e6, 0..100)
        ) {
            let mut baselines = Baselines::default();
            for value in values {
                baselines.add("space_used /", Some(value));
            }
            prop_assert_eq!(Baselines::from_json(&baselines.to_json()), baselines);
        }

        #[test]
        fn any_number_has_a_bucket(value: f64) {
            let mut normal = Normal::default();
            normal.add(value);
            prop_assert!(normal.quantile(0.5).is_none_or(|v| v >= 0.0 && v.is_finite()));
        }
    }
}
