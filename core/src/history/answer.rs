//! Answers queries.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::History;
use super::SeriesKey;
use super::block::Block;
use super::column::{Gathered, Labels};
use super::gather::Gatherer;
use super::plan::{Ask, Part, Plan, plan, width_us};
use super::query::{Aggregate, Query};
use super::question::Question;
use super::source::{Source, Stored, Visitor};
use super::table::{Table, TableColumn};
use super::units::{micros, seconds, unit_of};
use crate::Result;
use crate::arrange::arrange_by;
use crate::series::{Family, Kind, Tier};
use crate::store::series::Extent;

/// Longest time between two values of a counter that a rate is worked out over, where
/// samples do not come more seldom anyway.
const BRIDGE_US: i64 = 300_000_000;

/// Most notes about what can't be read.
const MOST_NOTES: usize = 20;

impl History {
    /// Answers a query.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown metric (with the nearest names), label or range, and
    /// for an answer of more than 20 million values; `Store`.
    pub fn query(&self, query: &Query) -> Result<Table> {
        let stored = Stored {
            reader: &self.reader,
            cache: &self.cache,
        };
        answer(&stored, query)
    }
}

pub(super) fn answer(source: &dyn Source, query: &Query) -> Result<Table> {
    let question = Question::of(query)?;
    let extents = source.extents()?;
    let plan = plan(&ask(query, &question), &extents);
    let mut gatherer = Gatherer::new(&question, plan.step_us, bridge(&plan, &extents));
    let families = question.families();
    let mut tiers = BTreeSet::new();
    let mut notes = Vec::new();
    for part in &plan.parts {
        gatherer.begin_part();
        let mut taker = Taker {
            gatherer: &mut gatherer,
            part,
            found_rows: false,
        };
        // A rate needs what came before.
        let before = match question.rate {
            true => bridge(&plan, &extents).max(width_us(part.tier)),
            false => 0,
        };
        // Where the clock was set back, what came before may have a later time.
        let range = (
            part.from_us.saturating_sub(before),
            part.to_us.saturating_add(before),
        );
        notes.extend(source.blocks(part.tier, range, &families, &mut taker)?);
        if taker.found_rows {
            tiers.insert(part.tier);
        }
    }
    notes.append(&mut gatherer.damages);
    // Parts of an answer may meet the same torn block.
    let mut seen = HashSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    if notes.len() > MOST_NOTES {
        let more = notes.len() - MOST_NOTES;
        notes.truncate(MOST_NOTES);
        notes.push(format!("and {more} more that can't be read"));
    }
    notes.extend(remarks(query, &question, &plan, &tiers));
    let (columns, axis) = gatherer.finish();
    let columns = chosen(columns, &question);
    let keeps_empty_steps = query.step_seconds.is_some();
    let (times, values) = axis.lay_out(&columns, keeps_empty_steps)?;
    let columns = columns.iter().zip(values);
    Ok(Table {
        times: times.into_iter().map(seconds).collect(),
        step_seconds: plan.step_us.map(seconds),
        columns: columns
            .map(|(column, values)| shown(column, values, &question))
            .collect(),
        tiers: tiers.into_iter().collect(),
        notes,
    })
}

fn ask(query: &Query, question: &Question) -> Ask {
    Ask {
        since_us: micros(query.since),
        until_us: micros(query.until),
        step_us: query.step_seconds.map(micros),
        tier: query.tier,
        coarse_will_do: question.is_kept_by_coarser_tiers(),
    }
}

/// Longest time that a rate is worked out over: five minutes, a step, or three times what
/// lies between two samples.
fn bridge(plan: &Plan, extents: &[Extent]) -> i64 {
    let raw = extents.iter().find(|extent| extent.tier == Tier::Raw);
    let between = raw.map_or(0, |raw| {
        let rows = i64::try_from(raw.rows).unwrap_or(i64::MAX).max(2);
        raw.last_us.saturating_sub(raw.first_us) / (rows - 1)
    });
    let step = plan.step_us.unwrap_or(0);
    BRIDGE_US.max(step).max(between.saturating_mul(3))
}

/// Takes blocks into one part of the answer.
struct Taker<'a, 'q> {
    gatherer: &'a mut Gatherer<'q>,
    part: &'a Part,
    found_rows: bool,
}

impl Visitor for Taker<'_, '_> {
    fn has_all(&self, block: &Block) -> bool {
        self.gatherer.has_all(block)
    }

    fn take(&mut self, block: &mut Block) -> Result<()> {
        self.found_rows |= self.gatherer.take(block, self.part)?;
        Ok(())
    }
}

/// What the reader should know of how the answer came about.
fn remarks(query: &Query, question: &Question, plan: &Plan, tiers: &BTreeSet<Tier>) -> Vec<String> {
    let mut remarks = Vec::new();
    if let (true, Some(asked), Some(step)) = (plan.widened, query.step_seconds, plan.step_us) {
        let step = seconds(step);
        remarks.push(format!(
            "the step was made wider, from {asked} to {step} seconds: what is older is only kept \
             so"
        ));
    }
    if tiers.iter().all(|tier| *tier == Tier::Raw) || question.rate {
        return remarks;
    }
    if let Aggregate::Quantile(_) = question.aggregate {
        remarks.push("where samples are no longer kept, quantiles are of the means".to_owned());
    }
    let kept = matches!(question.aggregate, Aggregate::Last | Aggregate::Count);
    if !kept
        && question
            .wanted
            .iter()
            .any(|w| w.metric.kind == Kind::Counter)
    {
        let remark = "of counters only the newest value of each stretch is kept of old samples";
        remarks.push(remark.to_owned());
    }
    remarks
}

/// The greatest, if only those are asked for, in the order of the answer.
fn chosen(mut columns: Vec<Gathered>, question: &Question) -> Vec<Gathered> {
    if let Some(top) = question.top {
        arrange_by(&mut columns, |a, b| {
            let greater = b.total.total_cmp(&a.total);
            a.wanted
                .cmp(&b.wanted)
                .then(greater)
                .then_with(|| by_labels(&a.labels, &b.labels))
        });
        let mut counts = vec![0; question.wanted.len()];
        columns.retain(|column| {
            counts[column.wanted] += 1;
            counts[column.wanted] <= top
        });
    }
    arrange_by(&mut columns, |a, b| {
        let by_selector = a.chosen_by.cmp(&b.chosen_by);
        by_selector.then_with(|| by_labels(&a.labels, &b.labels))
    });
    columns
}

/// What is not known first, then numbers as numbers (core 10 after core 9), then text.
pub(super) fn by_labels(a: &Labels, b: &Labels) -> Ordering {
    let rank = |label: &Option<Arc<str>>| match label.as_deref().map(str::parse::<u64>) {
        None => (0, 0),
        Some(Ok(number)) => (1, number),
        Some(Err(_)) => (2, 0),
    };
    let mut orders = a.iter().zip(b.iter()).map(|(a, b)| {
        let by_rank = rank(a).cmp(&rank(b));
        by_rank.then_with(|| a.cmp(b))
    });
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn shown(column: &Gathered, values: Vec<f64>, question: &Question) -> TableColumn {
    let wanted = &question.wanted[column.wanted];
    TableColumn {
        key: key(
            wanted.metric.name,
            wanted.metric.family,
            &wanted.labels,
            &column.labels,
        ),
        unit: unit_of(wanted.metric.unit, question),
        kind: wanted.metric.kind,
        values,
    }
}

/// Name and labels; a label that is not known is left out.
pub(super) fn key(metric: &str, family: Family, places: &[usize], labels: &Labels) -> SeriesKey {
    let names = family.label_names();
    let labels = places
        .iter()
        .zip(labels.iter())
        .filter_map(|(place, value)| {
            let name = names.get(*place)?;
            Some(((*name).to_owned(), value.as_deref()?.to_owned()))
        });
    SeriesKey {
        metric: metric.to_owned(),
        labels: labels.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(texts: &[Option<&str>]) -> Labels {
        texts.iter().map(|text| text.map(Arc::from)).collect()
    }

    #[test]
    fn labels_that_are_numbers_are_in_the_order_of_numbers() {
        let mut all = [Some("10"), Some("1a"), None, Some("9"), Some("sda")].map(|t| labels(&[t]));
        all.sort_by(by_labels);
        let sorted: Vec<Option<&str>> = all.iter().map(|labels| labels[0].as_deref()).collect();
        assert_eq!(
            sorted,
            [None, Some("9"), Some("10"), Some("1a"), Some("sda")]
        );
    }

    #[test]
    fn a_label_that_is_not_known_is_left_out_of_the_key() {
        let known = labels(&[Some("7"), None]);
        let key = key("process_rss_bytes", Family::Process, &[0, 2], &known);
        assert_eq!(key.to_string(), "process_rss_bytes{pid=\"7\"}");
    }
}
