//! What is outside its normal range, metric by metric.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Observation;
use crate::series::SeriesKey;

/// A metric that is outside its normal range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anomaly {
    /// The series.
    pub series: SeriesKey,
    /// 0 (as ever) to 1 (never seen); of this sample.
    pub score: f64,
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

/// The models of what is normal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Baselines {}

impl Baselines {
    /// The metrics that are outside their range now, worst first.
    pub(crate) fn judge(&mut self, _seen: &Observation<'_>) -> Arc<[Anomaly]> {
        Arc::default()
    }
}
