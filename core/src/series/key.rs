//! The name of a series.

use serde::{Deserialize, Serialize};

use super::Entity;
use super::metric::Metric;

/// Name and labels of a series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct SeriesKey {
    /// Name of the metric.
    pub metric: String,
    /// Labels by name, in the order of the family; empty for the machine as a whole.
    pub labels: Vec<(String, String)>,
}

impl std::fmt::Display for SeriesKey {
    /// `name` or `name{label="value",…}`, as a selector reads it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.metric)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        for (place, (name, value)) in self.labels.iter().enumerate() {
            let start = if place == 0 { '{' } else { ',' };
            write!(f, "{start}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

impl SeriesKey {
    /// The series of a metric of one entity. What belongs to its identity without being a
    /// label is left out.
    pub fn of(metric: &Metric, entity: &Entity) -> SeriesKey {
        let names = metric.family.label_names().iter();
        let labels = names
            .zip(&entity.labels)
            .filter(|(name, _)| !name.starts_with('.'))
            .map(|(name, value)| {
                let value = value.as_deref().unwrap_or_default();
                (name.to_string(), value.to_string())
            });
        SeriesKey {
            metric: metric.name.to_string(),
            labels: labels.collect(),
        }
    }
}
