//! Answers worked out the plain way, from the samples alone.

use std::collections::BTreeMap;

use super::machine::{BUSY, CORES, Machine, Sampled};
use crate::history::{Aggregate, Query};

/// A value and what it weighs.
type Weighed = (f64, f64);

/// Seconds over which a counter is compared at least.
const BRIDGE: f64 = 300.0;

/// Time and the value of each column; a column that never has one is not there.
pub(super) type Rows = Vec<(i64, Vec<Option<f64>>)>;

/// The answer from the raw tier to a query of one metric of all cores, with an empty `by` if
/// any.
pub(super) fn answer(machine: &Machine, query: &Query) -> Rows {
    let times = || machine.samples.iter().map(|sampled| sampled.unix_us);
    let between = times().max().zip(times().min()).map_or(0, |(last, first)| {
        (last - first) / (machine.samples.len().max(2) as i64 - 1)
    });
    let bridge = BRIDGE
        .max(query.step_seconds.unwrap_or(0.0))
        .max((3 * between) as f64 / 1e6);
    let per_core: Vec<Vec<Option<Weighed>>> = (0..CORES)
        .map(|core| match query.rate {
            true => rates(&machine.samples, core, bridge),
            false => levels(&machine.samples, core, &query.select[0].metric),
        })
        .collect();
    let spans = spans(&machine.samples, query, bridge);
    let columns = match query.by {
        Some(_) => vec![together(&per_core, query.combine, &spans)],
        None => per_core,
    };
    let mut steps: BTreeMap<i64, Vec<Vec<Weighed>>> = BTreeMap::new();
    let mut weights: BTreeMap<i64, f64> = BTreeMap::new();
    for (row, sampled) in machine.samples.iter().enumerate() {
        let time = sampled.unix_us as f64 / 1e6;
        if time < query.since || time >= query.until {
            continue;
        }
        let key = match query.step_seconds {
            None => sampled.unix_us,
            Some(step) => {
                let step = (step * 1e6) as i64;
                sampled.unix_us.div_euclid(step) * step
            }
        };
        *weights.entry(key).or_default() += spans[row];
        let cells = steps
            .entry(key)
            .or_insert_with(|| vec![Vec::new(); columns.len()]);
        for (cell, column) in cells.iter_mut().zip(&columns) {
            cell.extend(column[row]);
        }
    }
    let over_whole = matches!(query.combine, Aggregate::Sum | Aggregate::Count);
    let rows: Rows = steps
        .into_iter()
        .map(|(time, cells)| {
            let whole = (query.by.is_some() && over_whole).then_some(weights[&time]);
            let value = |cell: &Vec<Weighed>| match query.step_seconds {
                None if query.aggregate == Aggregate::Count => cell.last().map(|_| 1.0),
                None => cell.last().map(|(value, _)| *value),
                Some(_) => one_of(cell, query.aggregate, whole),
            };
            (time, cells.iter().map(value).collect())
        })
        .collect();
    trimmed(rows, query.step_seconds)
}

fn levels(samples: &[Sampled], core: usize, metric: &str) -> Vec<Option<Weighed>> {
    let level = |sampled: &Sampled| {
        let (busy, user) = sampled.cores[core]?;
        let raw = if metric == BUSY { busy } else { user };
        (raw != i64::MIN).then_some((raw as f64 / 100.0, 1.0))
    };
    samples.iter().map(level).collect()
}

fn rates(samples: &[Sampled], core: usize, bridge: f64) -> Vec<Option<Weighed>> {
    let mut before: Option<(&Sampled, i64)> = None;
    let rate = |now: &'_ Sampled, before: (&Sampled, i64), user: i64| {
        let elapsed = (now.monotonic_us - before.0.monotonic_us) as f64 / 1e6;
        let by_wall = (now.unix_us - before.0.unix_us) as f64 / 1e6;
        let comparable = elapsed > 0.0 && elapsed <= bridge && by_wall <= bridge;
        let grown = (user - before.1) as f64 / 100.0;
        (comparable && grown >= 0.0).then_some((grown / elapsed, elapsed))
    };
    let mut rates = Vec::new();
    for now in samples {
        let user = now.cores[core]
            .map(|(_, user)| user)
            .filter(|user| *user != i64::MIN);
        rates.push(user.and_then(|user| rate(now, before?, user)));
        if let Some(user) = user {
            before = Some((now, user));
        }
    }
    rates
}

fn spans(samples: &[Sampled], query: &Query, bridge: f64) -> Vec<f64> {
    let counts = matches!(query.aggregate, Aggregate::Count | Aggregate::Quantile(_));
    if !query.rate || counts {
        return vec![1.0; samples.len()];
    }
    let mut spans = vec![0.0];
    for pair in samples.windows(2) {
        let elapsed = (pair[1].monotonic_us - pair[0].monotonic_us) as f64 / 1e6;
        let by_wall = (pair[1].unix_us - pair[0].unix_us) as f64 / 1e6;
        let comparable = elapsed > 0.0 && elapsed <= bridge && by_wall <= bridge;
        spans.push(if comparable { elapsed } else { 0.0 });
    }
    spans
}

/// A sum or number of columns stands for the whole row.
fn together(
    columns: &[Vec<Option<Weighed>>],
    how: Aggregate,
    spans: &[f64],
) -> Vec<Option<Weighed>> {
    (0..columns[0].len())
        .map(|row| {
            let known: Vec<Weighed> = columns.iter().filter_map(|column| column[row]).collect();
            let weight = match how {
                Aggregate::Sum | Aggregate::Count => spans[row],
                _ => known.iter().map(|(_, weight)| *weight).fold(0.0, f64::max),
            };
            let same: Vec<Weighed> = known.iter().map(|(value, _)| (*value, 1.0)).collect();
            one_of(&same, how, None).map(|value| (value, weight))
        })
        .collect()
}

fn one_of(cell: &[Weighed], how: Aggregate, whole: Option<f64>) -> Option<f64> {
    let values = || cell.iter().map(|(value, _)| *value);
    let last = cell.last()?.0;
    let sum: f64 = cell.iter().map(|(value, weight)| value * weight).sum();
    let weight: f64 = cell.iter().map(|(_, weight)| weight).sum();
    Some(match how {
        Aggregate::Mean => sum / whole.unwrap_or(weight),
        Aggregate::Min => values().fold(f64::INFINITY, f64::min),
        Aggregate::Max => values().fold(f64::NEG_INFINITY, f64::max),
        Aggregate::Last => last,
        Aggregate::Sum => sum,
        Aggregate::Count => cell.len() as f64,
        Aggregate::Quantile(share) => {
            let mut sorted: Vec<f64> = values().collect();
            sorted.sort_by(f64::total_cmp);
            let place = share * (sorted.len() - 1) as f64;
            let (low, high) = (
                sorted[place.floor() as usize],
                sorted[place.ceil() as usize],
            );
            low + (high - low) * place.fract()
        }
    })
}

/// Columns without a value go, and rows: all of them, or with a step those at the ends; with
/// a step the missing ones between come in.
fn trimmed(mut rows: Rows, step: Option<f64>) -> Rows {
    let count = rows.first().map_or(0, |(_, values)| values.len());
    let is_known: Vec<bool> = (0..count)
        .map(|c| rows.iter().any(|(_, values)| values[c].is_some()))
        .collect();
    for (_, values) in &mut rows {
        let mut known = is_known.iter();
        values.retain(|_| *known.next().unwrap());
    }
    rows.retain(|(_, values)| values.iter().any(Option::is_some));
    let (Some(step), Some(first), Some(last)) = (step, rows.first(), rows.last()) else {
        return rows;
    };
    let (first, last, width) = (first.0, last.0, first.1.len());
    let by_time: BTreeMap<i64, Vec<Option<f64>>> = rows.into_iter().collect();
    (first..=last)
        .step_by((step * 1e6) as usize)
        .map(|time| {
            let values = by_time.get(&time).cloned();
            (time, values.unwrap_or_else(|| vec![None; width]))
        })
        .collect()
}
