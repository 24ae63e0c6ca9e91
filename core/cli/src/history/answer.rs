//! The question, and the answer in the form that was asked for.

use usm_core::history::{Aggregate, Query, Selector, Table};
use usm_core::series::{Kind, Tier};

use super::summary::Extremes;
use super::{HistoryOptions, csv, picture, rows};
use crate::archive::Archive;
use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;
use crate::when::Range;

const WEEK: f64 = 604_800.0;

/// Widths of a row that a chart may choose, seconds: such as coarser rows are made of.
const STEPS: [f64; 22] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
    3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 604_800.0,
];

pub(crate) const LIST: &str = "`usm history --list` shows which series there are, `--list WORD` those of a \
     name";

pub(super) fn selectors(metrics: &[String]) -> Outcome<Vec<Selector>> {
    let parse = |text: &String| {
        Selector::parse(text).map_err(|error| Failure::usage(&error.to_string(), Some(LIST)))
    };
    metrics.iter().map(parse).collect()
}

pub(super) fn perform(
    archive: &Archive,
    selectors: Vec<Selector>,
    range: Range,
    options: &HistoryOptions,
    out: &mut Outlet,
) -> Outcome {
    let query = query(selectors, range, options);
    let ask = |query: &Query| archive.history.query(query).map_err(Failure::of_question);
    if options.json {
        return out.json(&ask(&query)?.to_json(), options.pretty);
    }
    if options.csv {
        return csv::write(&ask(&query)?, out);
    }
    let is_chart = options.plot || (out.is_terminal() && !options.table);
    if !is_chart {
        let table = ask(&query)?;
        if table.times.is_empty() {
            return Err(archive.nothing_of(&options.metrics, query.tier, range));
        }
        return rows::draw(&table, out);
    }
    // Of what lies before the history there is nothing to be drawn.
    let begin = range
        .since
        .max(archive.range().since.min(range.until - 1.0));
    let range = Range {
        since: begin,
        ..range
    };
    let mut query = Query {
        since: begin,
        ..query
    };
    let step = query
        .step_seconds
        .unwrap_or_else(|| step(range, picture::dots_across(out), query.tier));
    query.step_seconds = Some(step);
    let table = ask(&query)?;
    if table.times.is_empty() {
        return Err(archive.nothing_of(&options.metrics, query.tier, range));
    }
    let extremes = extremes(&query, options, ask)?;
    picture::draw(&table, extremes.as_ref(), range, options, out)
}

fn query(selectors: Vec<Selector>, range: Range, options: &HistoryOptions) -> Query {
    let by = match (&options.by, options.combine) {
        (Some(labels), _) => Some(labels.iter().filter(|l| !l.is_empty()).cloned().collect()),
        (None, Some(_)) => Some(Vec::new()),
        (None, None) => None,
    };
    Query {
        select: selectors,
        since: range.since,
        until: range.until,
        step_seconds: options.step,
        aggregate: options.aggregate.unwrap_or_default(),
        rate: options.rate,
        by,
        combine: options.combine.unwrap_or(Aggregate::Sum),
        top: options.top.map(|top| top as usize),
        tier: options.tier.map(Into::into),
    }
}

/// The step at which a chart has a value for each of its dots, or one that is a little
/// wider; made of whole rows where a tier was asked for.
fn step(range: Range, dots: usize, tier: Option<Tier>) -> f64 {
    let least = (range.until - range.since) / dots as f64;
    let row = tier.and_then(Tier::seconds).map_or(0.0, f64::from);
    STEPS
        .into_iter()
        .find(|step| *step >= least && (row == 0.0 || step % row == 0.0))
        .unwrap_or_else(|| (least / WEEK).ceil() * WEEK)
}

/// The least and the greatest within the steps: a mean hides them.
fn extremes(
    query: &Query,
    options: &HistoryOptions,
    ask: impl Fn(&Query) -> Outcome<Table>,
) -> Outcome<Option<Extremes>> {
    // Of what is put together or worked out they are not known step by step.
    if options.rate || query.by.is_some() || query.aggregate != Aggregate::Mean {
        return Ok(None);
    }
    let of = |aggregate| {
        ask(&Query {
            aggregate,
            // Which series are the top is told by their means.
            top: None,
            ..query.clone()
        })
    };
    let extremes = Extremes {
        least: of(Aggregate::Min)?,
        greatest: of(Aggregate::Max)?,
    };
    let has_gauge = extremes.least.columns.iter().any(|c| c.kind == Kind::Gauge);
    Ok(has_gauge.then_some(extremes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_round_step_for_each_of_its_dots() {
        let step = |seconds: f64, tier| {
            let range = Range {
                since: 1e9,
                until: 1e9 + seconds,
            };
            step(range, 140, tier)
        };
        assert_eq!(step(3600.0, None), 30.0);
        assert_eq!(step(86_400.0, None), 1200.0);
        assert_eq!(step(365.0 * 86_400.0, None), WEEK);
        assert_eq!(step(10.0 * 365.0 * 86_400.0, None), 4.0 * WEEK);
        assert_eq!(step(3600.0, Some(Tier::Minute)), 60.0);
        assert_eq!(step(3600.0, Some(Tier::TenMinutes)), 600.0);
        assert_eq!(step(1.0, Some(Tier::Raw)), 0.1);
    }
}
