//! A question as Python asks it.

use pyo3::prelude::*;
use usm_core::history::{Aggregate, Query, Selector, TierExtent};
use usm_core::{Error, Result};

use super::tier;

/// The items of the dict that `_past.py` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Question {
    select: Vec<String>,
    since: Option<f64>,
    until: Option<f64>,
    step: Option<f64>,
    aggregate: String,
    rate: bool,
    by: Option<Vec<String>>,
    combine: String,
    top: Option<usize>,
    tier: Option<String>,
}

impl Question {
    /// Core's query. What the history holds is looked at only for an end that is left open.
    pub(crate) fn query(&self, extents: impl FnOnce() -> Result<Vec<TierExtent>>) -> Result<Query> {
        let select = self.select.iter().map(|text| Selector::parse(text));
        let select = select.collect::<Result<_>>()?;
        let (since, until) = range(self.since, self.until, extents)?;
        Ok(Query {
            select,
            since,
            until,
            step_seconds: self.step,
            aggregate: Aggregate::parse(&self.aggregate)?,
            rate: self.rate,
            by: self.by.clone(),
            combine: Aggregate::parse(&self.combine).map_err(|error| named("combine", error))?,
            top: self.top,
            tier: self.tier.as_deref().map(tier::named).transpose()?,
        })
    }
}

/// The error of an argument that is read as another one is.
fn named(argument: &str, error: Error) -> Error {
    match error {
        Error::InvalidArgument { value, allowed, .. } => Error::invalid(argument, value, allowed),
        other => other,
    }
}

/// Since and until, an open end being the end of what the history holds.
pub(crate) fn range(
    since: Option<f64>,
    until: Option<f64>,
    extents: impl FnOnce() -> Result<Vec<TierExtent>>,
) -> Result<(f64, f64)> {
    if let (Some(since), Some(until)) = (since, until) {
        return Ok((since, until));
    }
    let extents = extents()?;
    let first = extents.iter().map(|tier| tier.first).reduce(f64::min);
    let last = extents.iter().map(|tier| tier.last).reduce(f64::max);
    // A range ends before `until`, and its last sample shall be in it.
    let until = until.or(last.map(|last| last + BEYOND));
    let since = since.or(first);
    Ok(match (since, until) {
        (Some(since), Some(until)) => (since.min(until), until.max(since)),
        (Some(since), None) => (since, since + BEYOND),
        (None, Some(until)) => (until - BEYOND, until),
        (None, None) => (0.0, BEYOND),
    })
}

/// Seconds beyond the last sample that an open range ends.
const BEYOND: f64 = 0.001;
