//! What is asked of the history.

use serde::{Deserialize, Serialize};

use super::selector::Selector;
use crate::series::Tier;
use crate::{Error, Result};

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Mean, weighted by samples.
    #[default]
    Mean,
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// Newest.
    Last,
    /// Sum.
    Sum,
    /// Number of samples.
    Count,
    /// Quantile, 0 to 1. Of a coarser tier than raw it is taken over the means of its
    /// stretches, and the table says so.
    Quantile(f64),
}

impl Aggregate {
    /// Reads `mean`, `min`, `max`, `last`, `sum`, `count`, `median` or `p95`, `p99.9`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn parse(text: &str) -> Result<Aggregate> {
        Err(Error::invalid("aggregate", text, "not written yet"))
    }
}

/// A question about series over a range of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The series; each gives one column per entity that it matches.
    pub select: Vec<Selector>,
    /// From this Unix time on.
    pub since: f64,
    /// To before this Unix time.
    pub until: f64,
    /// Width of a row in seconds, at least 0.001, aligned to multiples of it; `None`: the
    /// rows of the tier as they are.
    pub step_seconds: Option<f64>,
    /// How the values of a step become one. Without a step it chooses which value of a
    /// coarser tier is given (mean, min, max, last).
    pub aggregate: Aggregate,
    /// The increase per second of a counter; a reset gives a gap, not a fall.
    pub rate: bool,
    /// Puts the columns of one metric together that agree in these labels; with an empty list
    /// all of them.
    pub by: Option<Vec<String>>,
    /// How the values of columns that are put together become one.
    pub combine: Aggregate,
    /// Only the so many columns of each metric whose mean over the range is greatest.
    pub top: Option<usize>,
    /// From this tier only; `None`: the finest that covers the range, or the coarsest that
    /// divides the step.
    pub tier: Option<Tier>,
}

impl Query {
    /// A query of one selector, with the defaults: rows as they are, mean.
    pub fn new(select: Selector, since: f64, until: f64) -> Query {
        Query {
            select: vec![select],
            since,
            until,
            step_seconds: None,
            aggregate: Aggregate::Mean,
            rate: false,
            by: None,
            combine: Aggregate::Sum,
            top: None,
            tier: None,
        }
    }
}
