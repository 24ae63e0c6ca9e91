//! What is outside its normal range, metric by metric.

use std::sync::Arc;

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};

use super::Observation;
use super::anomaly::{Detector, DetectorSettings};
use super::fleet::Fleet;
use super::watch::{self, Watch};
use crate::arrange::arrange_by;
use crate::series::SeriesKey;

/// A metric that is outside its normal range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anomaly {
    /// The series.
    pub series: SeriesKey,
    /// 0 (as ever) to 1 (never seen), of this sample: how much news it is, so it falls when
    /// the same goes on. `None` when this sample has no value.
    pub score: Option<f64>,
    /// Highest score since it began.
    pub worst_score: f64,
    /// Newest value.
    pub value: Option<f64>,
    /// The range that would be normal now: low and high.
    pub expected: Option<(f64, f64)>,
    /// Since when it is outside, Unix seconds.
    pub since: f64,
    /// When it was last looked at.
    pub updated_at: f64,
    /// Number of the incident that it is part of.
    pub incident: Option<u64>,
}

static WATCHES: Lazy<Vec<Watch>> = Lazy::new(watch::all);

/// The models of what is normal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Baselines {
    detectors: Fleet<Detector>,
}

impl Baselines {
    /// The metrics that are outside their range now, worst first.
    pub(crate) fn judge(&mut self, seen: &Observation<'_>) -> Arc<[Anomaly]> {
        let mut found: Vec<Anomaly> = Vec::new();
        self.detectors.each(&WATCHES, seen, detector, |_, slot| {
            let reading = slot.model.push(seen.unix_seconds, slot.value);
            let Some(episode) = slot.model.episode() else {
                return;
            };
            found.push(Anomaly {
                series: slot.key.clone(),
                score: Some(reading.score).filter(|score| !score.is_nan()),
                worst_score: episode.highest_score,
                value: slot.value,
                expected: episode.expected.or(reading.expected),
                since: episode.since,
                updated_at: seen.unix_seconds,
                incident: None,
            });
        });
        arrange_by(&mut found, |a, b| b.worst_score.total_cmp(&a.worst_score));
        found.into()
    }
}

/// The first model of a series.
fn detector(watch: &Watch) -> Detector {
    let threshold = DetectorSettings::default().threshold();
    let settings = DetectorSettings::new(threshold, watch.resolution);
    // The table's resolutions are in range: a test makes one of each.
    Detector::new(settings.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_watch_makes_a_detector_with_its_resolution() {
        let threshold = DetectorSettings::default().threshold();
        for watch in WATCHES.iter() {
            let wanted = DetectorSettings::new(threshold, watch.resolution).unwrap();
            assert_eq!(*detector(watch).settings(), wanted);
        }
    }
}
