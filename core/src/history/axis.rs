//! Columns side by side along one axis of time.

use super::column::{Gathered, Steps, Values};
use super::fold::quantile;
use super::query::Aggregate;
use crate::arrange::arrange_by_key;
use crate::{Error, Result};

/// Most values that an answer has.
pub(super) const MOST_VALUES: usize = 20_000_000;

/// The times that the values of an answer belong to.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) aggregate: Aggregate,
    /// Width of a step; `None`: samples as they are.
    pub(super) step_us: Option<i64>,
    /// Of the rows that were read, in the order of writing; without steps only.
    pub(super) times: Vec<i64>,
    /// What a mean over each step is over, where that is not only the column's own values.
    pub(super) spans: Option<Steps<f64>>,
}

impl Axis {
    /// Unix microseconds and, for each column, the values; times without any value are left
    /// out, but for steps between others if they are to be kept.
    ///
    /// # Errors
    /// `InvalidArgument` when that is too much.
    pub(super) fn lay_out(
        &self,
        columns: &[Gathered],
        keeps_empty_steps: bool,
    ) -> Result<(Vec<i64>, Vec<Vec<f64>>)> {
        match self.step_us {
            None => {
                let (times, values) = self.rows(columns)?;
                Ok(without_empty(times, values))
            }
            Some(step) => {
                let (times, values) = self.steps(columns, step)?;
                match keeps_empty_steps {
                    true => Ok((times, values)),
                    false => Ok(without_empty(times, values)),
                }
            }
        }
    }

    fn rows(&self, columns: &[Gathered]) -> Result<(Vec<i64>, Vec<Vec<f64>>)> {
        let (times, places) = ascending(&self.times);
        check(times.len(), columns.len())?;
        let values = columns.iter().map(|column| {
            let mut values = vec![f64::NAN; times.len()];
            let Values::Rows(runs) = &column.values else {
                return values;
            };
            // In the order of writing: of two rows of one time the newer counts.
            for (first, run) in runs {
                for (row, value) in run.iter().enumerate() {
                    let place = places
                        .as_ref()
                        .map_or(first + row, |places| places[first + row]);
                    if !value.is_nan() {
                        values[place] = *value;
                    }
                }
            }
            values
        });
        let values = values.collect();
        Ok((times, values))
    }

    fn steps(&self, columns: &[Gathered], step_us: i64) -> Result<(Vec<i64>, Vec<Vec<f64>>)> {
        let reaches = columns.iter().filter_map(|column| column.values.reach());
        let reach = reaches.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let Some((first, end)) = reach else {
            return Ok((Vec::new(), vec![Vec::new(); columns.len()]));
        };
        check(
            usize::try_from(end - first).unwrap_or(usize::MAX),
            columns.len(),
        )?;
        let times = (first..end)
            .map(|step| step.saturating_mul(step_us))
            .collect();
        let values = columns.iter().map(|column| {
            let value = |step: i64| match &column.values {
                Values::Rows(_) => f64::NAN,
                Values::Steps(steps) => steps.get(step).map_or(f64::NAN, |cell| {
                    let span = self.spans.as_ref().and_then(|spans| spans.get(step));
                    cell.result(self.aggregate, span.copied())
                }),
                Values::All(steps) => match (steps.get(step), self.aggregate) {
                    (Some(all), Aggregate::Quantile(share)) => quantile(&mut all.clone(), share),
                    _ => f64::NAN,
                },
            };
            (first..end).map(value).collect()
        });
        let values = values.collect();
        Ok((times, values))
    }
}

/// The times in their order, each once, and the place of each row among them; `None` where
/// they are in order as they are.
fn ascending(times: &[i64]) -> (Vec<i64>, Option<Vec<usize>>) {
    if times.is_sorted_by(|a, b| a < b) {
        return (times.to_vec(), None);
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    arrange_by_key(&mut order, |row| times[*row]);
    let mut places = vec![0; times.len()];
    let mut sorted: Vec<i64> = Vec::with_capacity(times.len());
    for row in order {
        if sorted.last() != Some(&times[row]) {
            sorted.push(times[row]);
        }
        places[row] = sorted.len() - 1;
    }
    (sorted, Some(places))
}

fn without_empty(mut times: Vec<i64>, mut values: Vec<Vec<f64>>) -> (Vec<i64>, Vec<Vec<f64>>) {
    let is_known: Vec<bool> = (0..times.len())
        .map(|row| values.iter().any(|column| !column[row].is_nan()))
        .collect();
    if is_known.iter().all(|known| *known) {
        return (times, values);
    }
    keep(&mut times, &is_known);
    for column in &mut values {
        keep(column, &is_known);
    }
    (times, values)
}

fn keep<T>(all: &mut Vec<T>, which: &[bool]) {
    let mut which = which.iter();
    all.retain(|_| which.next().is_some_and(|kept| *kept));
}

fn check(rows: usize, columns: usize) -> Result<()> {
    match rows.saturating_mul(columns.max(1)) {
        ..=MOST_VALUES => Ok(()),
        values => Err(too_much(values)),
    }
}

/// What is answered to a query that asks for too much.
pub(super) fn too_much(values: usize) -> Error {
    let allowed = "at most 20 million: ask for a wider step, a shorter range, fewer series, or \
        only the top ones";
    Error::invalid("values", values, allowed)
}
