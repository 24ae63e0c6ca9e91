//! Which series: a metric by name, narrowed by labels.

use crate::{Error, Result};

/// A condition on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// Name of the label, e.g. `device`.
    pub label: String,
    /// The value, or a pattern with `*` and `?`.
    pub pattern: String,
    /// The label must not match.
    pub negated: bool,
}

/// `name`, or `name{label="value", other!="pat*"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Name of the metric.
    pub metric: String,
    /// Conditions, all of which must hold.
    pub matchers: Vec<Matcher>,
}

impl Selector {
    /// Reads a selector: `cpu_percent`, `core_busy_percent{core="0"}`,
    /// `process_rss_bytes{name="postgres*"}`.
    ///
    /// # Errors
    /// `InvalidArgument` with the place that can't be read; for an unknown metric or label
    /// with the nearest known ones.
    pub fn parse(text: &str) -> Result<Selector> {
        Err(Error::invalid("metric", text, "not written yet"))
    }
}
