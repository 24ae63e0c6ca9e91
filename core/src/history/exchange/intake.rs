//! Rows of numbers under series' names, made frames.

use std::collections::HashSet;
use std::sync::Arc;

use super::TIME;
use super::key::Series;
use crate::arrange::arrange_by_key;
use crate::history::stamp::in_words;
use crate::series::{ABSENT, Entity, Family, Frame, Metric, PartRow, catalog};
use crate::{Error, Result};

/// Numbers beyond it are no longer told from their neighbours by a double.
const GREATEST_STEPS: f64 = 9_007_199_254_740_992.0;

/// One family of the table.
#[derive(Debug)]
struct Part {
    family: Family,
    entities: Vec<Arc<Entity>>,
    /// Entity by entity, the metrics in the catalogue's order.
    values: Vec<i64>,
    /// The entities of which something was known in the row before.
    there: Vec<usize>,
    shared: Arc<[Arc<Entity>]>,
}

/// Where the numbers of a column go.
#[derive(Debug, Clone, Copy)]
struct Place {
    part: usize,
    value: usize,
    metric: &'static Metric,
}

/// The columns of a table, and the frame that is being filled.
#[derive(Debug, Default)]
pub(super) struct Intake {
    parts: Vec<Part>,
    places: Vec<Place>,
    known: HashSet<(u16, Entity)>,
    last_us: Option<i64>,
}

impl Intake {
    /// Adds a column; false for a series that there is already.
    pub(super) fn add(&mut self, series: Series) -> bool {
        let Series { metric, entity } = series;
        if !self.known.insert((metric.id, entity.clone())) {
            return false;
        }
        let metrics = catalog::of_family(metric.family);
        let part = match self.parts.iter().position(|p| p.family == metric.family) {
            Some(at) => at,
            None => {
                self.parts.push(Part {
                    family: metric.family,
                    entities: Vec::new(),
                    values: Vec::new(),
                    there: Vec::new(),
                    shared: Arc::new([]),
                });
                self.parts.len() - 1
            }
        };
        let of = &mut self.parts[part];
        let at = match of.entities.iter().position(|known| **known == entity) {
            Some(at) => at,
            None => {
                of.entities.push(Arc::new(entity));
                of.values.resize(of.values.len() + metrics.len(), ABSENT);
                of.entities.len() - 1
            }
        };
        let in_family = metrics.iter().position(|m| m.id == metric.id);
        self.places.push(Place {
            part,
            value: at * metrics.len() + in_family.unwrap_or(0),
            metric,
        });
        true
    }

    /// Columns so far.
    pub(super) fn columns(&self) -> usize {
        self.places.len()
    }

    /// Sets the number of a column in the row; NaN when it is not known. False when it does
    /// not fit.
    pub(super) fn set(&mut self, column: usize, value: f64) -> bool {
        let place = self.places[column];
        let raw = steps(place.metric, value);
        self.parts[place.part].values[place.value] = raw.unwrap_or(ABSENT);
        raw.is_some()
    }

    /// Ends the row; `None` when nothing was known in it.
    ///
    /// # Errors
    /// `InvalidArgument` when the time is not after that of the row before.
    pub(super) fn row(&mut self, unix_us: i64) -> Result<Option<Frame>> {
        if self.last_us.is_some_and(|last| last >= unix_us) {
            return Err(Error::invalid(
                TIME,
                in_words(unix_us),
                "a time after that of the row before",
            ));
        }
        self.last_us = Some(unix_us);
        let mut parts: Vec<PartRow> = self.parts.iter_mut().filter_map(Part::row).collect();
        arrange_by_key(&mut parts, |part| part.family);
        Ok((!parts.is_empty()).then(|| Frame {
            unix_us,
            // The times of a table ascend: they will do for the clock that never jumps.
            monotonic_us: unix_us,
            parts,
            context: Vec::new(),
        }))
    }
}

/// The steps of a value, [`ABSENT`] for NaN; `None` when it does not fit.
pub(super) fn steps(metric: &Metric, value: f64) -> Option<i64> {
    if value.is_nan() {
        return Some(ABSENT);
    }
    let steps = (value * f64::from(metric.steps_per_unit)).round();
    (steps.abs() < GREATEST_STEPS).then_some(steps as i64)
}

impl Part {
    /// Takes the row's values, of the entities of which something is known.
    fn row(&mut self) -> Option<PartRow> {
        let width = catalog::of_family(self.family).len();
        let rows = || self.values.chunks_exact(width).enumerate();
        let now = || {
            rows()
                .filter(|(_, values)| values.iter().any(|value| *value != ABSENT))
                .map(|(at, _)| at)
        };
        if !now().eq(self.there.iter().copied()) {
            self.there = now().collect();
            let there = self.there.iter();
            self.shared = there.map(|at| Arc::clone(&self.entities[*at])).collect();
        }
        if self.there.is_empty() {
            return None;
        }
        let values = now().flat_map(|at| &self.values[at * width..][..width]);
        let row = PartRow {
            family: self.family,
            entities: Arc::clone(&self.shared),
            values: values.copied().collect(),
        };
        self.values.fill(ABSENT);
        Some(row)
    }
}
