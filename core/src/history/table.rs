//! An answer: one axis of time, one column per series.

use serde::{Deserialize, Serialize};

use crate::series::{Kind, Tier, Unit};

/// Name and labels of a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// One series over the range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableColumn {
    /// Name and labels.
    pub key: SeriesKey,
    /// Unit of the values; of a rate the unit per second.
    pub unit: Unit,
    /// How the metric behaves.
    pub kind: Kind,
    /// One for each time; NaN where nothing is known.
    pub values: Vec<f64>,
}

/// The answer to a query. Times without any value are left out, except with a step, where
/// every step of the range has a row from the first to the last that has a value.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// Unix seconds, ascending; with a step or of a coarser tier the beginning of each row.
    pub times: Vec<f64>,
    /// Width of a row in seconds; `None` for samples as they were taken.
    pub step_seconds: Option<f64>,
    /// The columns, in the order of the selectors and then by labels.
    pub columns: Vec<TableColumn>,
    /// The tiers that the values come from, from fine to coarse.
    pub tiers: Vec<Tier>,
    /// What the reader should know: a torn block that was left out, a quantile of means, a
    /// step that was made wider.
    pub notes: Vec<String>,
}
