//! Silences: alerts that nobody is told of for a while.

use serde::{Deserialize, Serialize};

use super::Alert;
use crate::series::pattern::matches;

/// Nobody is told of what it covers, until it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Its number.
    pub id: u64,
    /// Name of a rule, or a pattern with `*` and `?`.
    pub rule: String,
    /// Labels that a series must have, by name and pattern; none: every series.
    pub labels: Vec<(String, String)>,
    /// From when, Unix seconds.
    pub from: f64,
    /// Until when.
    pub until: f64,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

impl Silence {
    /// Whether it covers an alert at a time (Unix seconds).
    pub fn covers(&self, alert: &Alert, now: f64) -> bool {
        let is_time = self.from <= now && now < self.until;
        is_time
            && matches(&self.rule, &alert.rule)
            && self.labels.iter().all(|(name, pattern)| {
                let labels = &alert.series.labels;
                let value = labels.iter().find(|(known, _)| known == name);
                matches(pattern, value.map_or("", |(_, value)| value))
            })
    }
}
