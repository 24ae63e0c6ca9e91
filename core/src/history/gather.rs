//! Blocks of rows in, columns of the answer out.

use std::collections::HashMap;
use std::sync::Arc;

use super::axis::{Axis, MOST_VALUES, too_much};
use super::block::Block;
use super::column::{Gathered, Labels, Steps, Values};
use super::plan::Part;
use super::query::Aggregate;
use super::question::{Question, Wanted};
use super::rate::Rates;
use super::strip::{Strip, Weights, combine};
use crate::Result;
use crate::series::codec::{Damage, Sub, Times};
use crate::series::{ABSENT, Entity, Tier};

/// Takes in blocks part by part, in the order of writing.
#[derive(Debug)]
pub(super) struct Gatherer<'q> {
    question: &'q Question,
    /// Width of a step in microseconds; `None`: samples as they are.
    step_us: Option<i64>,
    rates: Rates,
    columns: Vec<Gathered>,
    places: HashMap<(usize, Labels), usize>,
    /// Times of the rows that were read, without steps.
    times: Vec<i64>,
    /// What the rows of each step weigh, where that matters.
    spans: Steps<f64>,
    /// First and last step that has a row.
    reach: Option<(i64, i64)>,
    cells: usize,
    pub(super) damages: Vec<String>,
}

impl<'q> Gatherer<'q> {
    pub(super) fn new(question: &'q Question, step_us: Option<i64>, bridge_us: i64) -> Self {
        Gatherer {
            question,
            step_us,
            rates: Rates::new(bridge_us),
            columns: Vec::new(),
            places: HashMap::new(),
            times: Vec::new(),
            spans: Steps::default(),
            reach: None,
            cells: 0,
            damages: Vec::new(),
        }
    }

    /// Blocks of another part follow.
    pub(super) fn begin_part(&mut self) {
        self.rates.restart();
    }

    /// Every column that a block has of what is asked was unpacked before.
    pub(super) fn has_all(&self, block: &Block) -> bool {
        self.question.wanted.iter().all(|wanted| {
            let family = wanted.metric.family;
            let entities = block.known_entities(family);
            entities.is_some_and(|entities| {
                let chosen = |entity: &&(usize, &Entity)| wanted.chosen_by(entity.1).is_some();
                let mut chosen = entities.iter().enumerate().filter(|entity| chosen(&entity));
                chosen.all(|(place, _)| {
                    let has = |sub| block.has_column(family, place, wanted.metric.id, sub);
                    has(self.question.sub(block.tier, wanted.metric))
                        && (!self.question.needs_counts(block.tier) || has(Sub::Count))
                })
            })
        })
    }

    /// Takes in the rows of a block that lie in a part; returns whether there are any.
    ///
    /// # Errors
    /// `InvalidArgument` when there is more than can be held.
    pub(super) fn take(&mut self, block: &mut Block, part: &Part) -> Result<bool> {
        let times = Arc::clone(&block.times);
        let from = times.unix_us.partition_point(|time| *time < part.from_us);
        let to = times.unix_us.partition_point(|time| *time < part.to_us);
        if from >= to && !self.question.rate {
            return Ok(false);
        }
        let spans = self.row_spans(block.tier, &times);
        let rows = Rows {
            from,
            to: to.max(from),
            first: self.times.len(),
            steps: self.steps_of(&times.unix_us[from..to.max(from)]),
        };
        match self.step_us {
            None => self.times.extend(&times.unix_us[rows.from..rows.to]),
            Some(_) => {
                self.check_reach(&rows.steps)?;
                if self.means_are_over_whole() {
                    for (place, step) in rows.steps.iter().enumerate() {
                        *self.spans.at(*step).0 += spans.at(rows.from + place);
                    }
                }
            }
        }
        let question = self.question;
        for (place, wanted) in question.wanted.iter().enumerate() {
            let strips = self.strips(wanted, block, &times);
            match question.combine {
                None => {
                    for (labels, chosen_by, strip) in strips {
                        self.feed(place, labels, chosen_by, &strip, &rows)?;
                    }
                }
                Some(how) => {
                    let are_means = block.tier != Tier::Raw
                        && !question.rate
                        && question.sub(block.tier, wanted.metric) == Sub::Mean;
                    for (labels, chosen_by, strips) in grouped(strips) {
                        let strip = combine(&strips, how, &spans, are_means, times.unix_us.len());
                        self.feed(place, labels, chosen_by, &strip, &rows)?;
                    }
                }
            }
        }
        Ok(from < to)
    }

    /// A mean of columns that were put together is over all of a step's rows.
    fn means_are_over_whole(&self) -> bool {
        self.question.aggregate == Aggregate::Mean
            && matches!(
                self.question.combine,
                Some(Aggregate::Sum | Aggregate::Count)
            )
    }

    /// Refuses more steps than an answer may have, before there is room made for them.
    fn check_reach(&mut self, steps: &[i64]) -> Result<()> {
        for step in steps {
            let (first, last) = self.reach.unwrap_or((*step, *step));
            self.reach = Some((first.min(*step), last.max(*step)));
        }
        let count = self.reach.map_or(0, |(first, last)| last - first);
        match usize::try_from(count) {
            Ok(..MOST_VALUES) => Ok(()),
            _ => Err(too_much(usize::try_from(count).unwrap_or(usize::MAX))),
        }
    }

    /// What each row of a block weighs: its samples or its seconds.
    fn row_spans(&mut self, tier: Tier, times: &Times) -> Weights {
        if self.question.weighs_seconds() {
            return self.rates.spans(tier, times);
        }
        match tier == Tier::Raw || self.question.rate {
            true => Weights::Each(1.0),
            false => Weights::Rows(times.second.iter().map(|count| *count as f64).collect()),
        }
    }

    fn steps_of(&self, times: &[i64]) -> Vec<i64> {
        match self.step_us {
            None => Vec::new(),
            Some(step) => times.iter().map(|time| time.div_euclid(step)).collect(),
        }
    }

    /// The strip of each entity that is chosen, over all rows of the block. One that can't be
    /// read is left out.
    fn strips(
        &mut self,
        wanted: &Wanted,
        block: &mut Block,
        times: &Times,
    ) -> Vec<(Labels, usize, Strip)> {
        let metric = wanted.metric;
        let tier = block.tier;
        let sub = self.question.sub(tier, metric);
        let mut strips = Vec::new();
        for (place, entity) in block.entities(metric.family).iter().enumerate() {
            let Some(chosen_by) = wanted.chosen_by(entity) else {
                continue;
            };
            let mut read = |sub| block.column(metric.family, place, metric.id, sub);
            let counts = match self.question.needs_counts(tier) {
                true => read(Sub::Count),
                false => Ok(None),
            };
            let (raws, counts) = match (read(sub), counts) {
                (Ok(Some(raws)), Ok(counts)) => (raws, counts),
                (Ok(None), _) => continue,
                (Err(Damage(cause)), _) | (_, Err(Damage(cause))) => {
                    self.damages.push(format!(
                        "{} of the rows from Unix time {:.0} on can't be read: {cause}",
                        metric.name,
                        times.unix_us.first().copied().unwrap_or(0) as f64 / 1e6,
                    ));
                    continue;
                }
            };
            let strip = if self.question.rate {
                let mut strip = self.rates.strip(metric, entity, &raws, tier, times);
                if !self.question.weighs_seconds() {
                    strip.weights = Weights::Each(1.0);
                }
                strip
            } else {
                Strip {
                    values: raws.iter().map(|raw| metric.value(*raw)).collect(),
                    weights: counts.map_or(Weights::Each(1.0), |counts| weights_of(&counts)),
                }
            };
            let label = |place: &usize| entity.labels.get(*place).cloned().flatten();
            let labels: Labels = wanted.labels.iter().map(label).collect();
            strips.push((labels, chosen_by, strip));
        }
        strips
    }

    /// Adds a strip's rows to its column.
    fn feed(
        &mut self,
        wanted: usize,
        labels: Labels,
        chosen_by: usize,
        strip: &Strip,
        rows: &Rows,
    ) -> Result<()> {
        let values = &strip.values[rows.from..rows.to];
        if values.iter().all(|value| value.is_nan()) {
            return Ok(());
        }
        let aggregate = self.question.aggregate;
        let place = self.place(wanted, labels);
        let column = &mut self.columns[place];
        column.chosen_by = column.chosen_by.min(chosen_by);
        let weights = (rows.from..rows.to).map(|row| strip.weights.at(row));
        let known = values.iter().copied().zip(weights).enumerate();
        let known = known.filter(|(_, (value, weight))| !value.is_nan() && *weight > 0.0);
        let mut added = 0;
        match &mut column.values {
            Values::Rows(runs) => {
                column.total += known
                    .map(|(_, (value, weight))| value * weight)
                    .sum::<f64>();
                let counted = |value: &f64| if value.is_nan() { f64::NAN } else { 1.0 };
                let run = match aggregate {
                    Aggregate::Count => values.iter().map(counted).collect(),
                    _ => values.to_vec(),
                };
                added += run.len();
                runs.push((rows.first, run));
            }
            Values::Steps(steps) => {
                for (row, (value, weight)) in known {
                    let (cell, new) = steps.at(rows.steps[row]);
                    cell.add(value, weight, aggregate);
                    column.total += value * weight;
                    added += new;
                }
            }
            Values::All(steps) => {
                for (row, (value, weight)) in known {
                    let (cell, new) = steps.at(rows.steps[row]);
                    cell.push((value, weight));
                    column.total += value * weight;
                    added += new + 1;
                }
            }
        }
        self.cells += added;
        match self.cells > MOST_VALUES {
            true => Err(too_much(self.cells)),
            false => Ok(()),
        }
    }

    fn place(&mut self, wanted: usize, labels: Labels) -> usize {
        let key = (wanted, labels);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        self.columns.push(Gathered {
            wanted,
            chosen_by: usize::MAX,
            labels: key.1.clone(),
            total: 0.0,
            values: match (self.step_us, self.question.aggregate) {
                (None, _) => Values::Rows(Vec::new()),
                (_, Aggregate::Quantile(_)) => Values::All(Steps::default()),
                _ => Values::Steps(Steps::default()),
            },
        });
        self.places.insert(key, self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// The columns, and the axis that they lie along.
    pub(super) fn finish(self) -> (Vec<Gathered>, Axis) {
        let is_over_whole = self.means_are_over_whole();
        let axis = Axis {
            aggregate: self.question.aggregate,
            step_us: self.step_us,
            times: self.times,
            spans: is_over_whole.then_some(self.spans),
        };
        (self.columns, axis)
    }
}

/// The samples that the rows of a coarser tier stand for.
fn weights_of(counts: &[i64]) -> Weights {
    let weight = |count: &i64| match *count {
        ABSENT => 0.0,
        count => count as f64,
    };
    Weights::Rows(counts.iter().map(weight).collect())
}

/// Which rows of a block are meant.
struct Rows {
    from: usize,
    to: usize,
    /// How many rows were read before.
    first: usize,
    /// The step of each.
    steps: Vec<i64>,
}

/// Strips of the same labels together, in the order in which they come first.
fn grouped(strips: Vec<(Labels, usize, Strip)>) -> Vec<(Labels, usize, Vec<Strip>)> {
    let mut groups: Vec<(Labels, usize, Vec<Strip>)> = Vec::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for (labels, chosen_by, strip) in strips {
        match places.get(&labels) {
            Some(place) => {
                let group = &mut groups[*place];
                group.1 = group.1.min(chosen_by);
                group.2.push(strip);
            }
            None => {
                places.insert(labels.clone(), groups.len());
                groups.push((labels, chosen_by, vec![strip]));
            }
        }
    }
    groups
}
