//! Which metrics move together, with lag and significance.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Observation;
use crate::series::SeriesKey;

/// Two metrics that move together, not by chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The one that moves first (or the first by name without a lag).
    pub leader: SeriesKey,
    /// The other.
    pub follower: SeriesKey,
    /// −1 to 1.
    pub coefficient: f64,
    /// How much later the follower moves, seconds.
    pub lag_seconds: f64,
    /// Chance of such a coefficient between unrelated metrics, corrected for the number of
    /// pairs that were looked at.
    pub p_value: f64,
    /// Independent samples that it stands on, nearly.
    pub sample_count: f64,
}

/// Memory of the pairs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CorrelationJudge {}

impl CorrelationJudge {
    /// The pairs that move together, strongest first; the same value until it is worked out
    /// anew.
    pub(crate) fn judge(&mut self, _seen: &Observation<'_>) -> Arc<[Correlation]> {
        Arc::default()
    }
}
