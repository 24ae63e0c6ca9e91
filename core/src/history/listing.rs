//! What the history holds: tiers, and series.

use std::collections::HashSet;

use super::History;
use super::answer::{by_labels, key};
use super::block::Block;
use super::column::Labels;
use super::plan::width_us;
use super::query::check_range;
use super::source::{Source, Stored, Visitor};
use super::units::{micros, seconds};
use super::{SeriesInfo, TierExtent};
use crate::arrange::arrange_by;
use crate::series::codec::{Damage, Sub};
use crate::series::shown_labels;
use crate::series::{ABSENT, Family, Metric, Tier, catalog};
use crate::{Error, Result};

/// Most series in a list: of a busy machine's processes there are any number in a year.
const MOST_SERIES: usize = 100_000;

impl History {
    /// How much each tier holds, from fine to coarse; empty without any history.
    ///
    /// # Errors
    /// `Store`.
    pub fn extents(&self) -> Result<Vec<TierExtent>> {
        let extents = self.reader.extents()?.into_iter().map(|extent| TierExtent {
            tier: extent.tier,
            first: seconds(extent.first_us),
            last: seconds(extent.last_us),
            rows: extent.rows,
            bytes: extent.bytes,
        });
        Ok(extents.collect())
    }

    /// The series that have a value between two Unix times, by family and in the order of
    /// the catalogue. Where only coarser tiers reach, those in whose rows the range lies.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no range, and for more than 100,000 series; `Store`.
    pub fn list(&self, since: f64, until: f64) -> Result<Vec<SeriesInfo>> {
        let stored = Stored {
            reader: &self.reader,
            cache: &self.cache,
        };
        list(&stored, since, until)
    }
}

pub(super) fn list(source: &dyn Source, since: f64, until: f64) -> Result<Vec<SeriesInfo>> {
    check_range(since, until)?;
    let mut lister = Lister {
        range_us: (micros(since), micros(until)),
        found: HashSet::new(),
    };
    // From the coarsest tier, for it has few rows, on to the finest for what is newest.
    let mut reached = i64::MIN;
    for extent in source.extents()?.iter().rev() {
        let width = width_us(extent.tier);
        let from = lister.range_us.0.max(reached).saturating_sub(width - 1);
        if from < lister.range_us.1 {
            let range = (from, lister.range_us.1);
            source.blocks(extent.tier, range, &Family::ALL, &mut lister)?;
        }
        reached = extent.last_us;
    }
    let mut found: Vec<(&Metric, Labels)> = lister.found.into_iter().filter_map(known).collect();
    arrange_by(&mut found, |(a, a_labels), (b, b_labels)| {
        let by_metric = (a.family, a.id).cmp(&(b.family, b.id));
        by_metric.then_with(|| by_labels(a_labels, b_labels))
    });
    let infos = found
        .into_iter()
        .map(|(metric, labels)| info(metric, &labels));
    Ok(infos.collect())
}

fn known((id, labels): (u16, Labels)) -> Option<(&'static Metric, Labels)> {
    Some((catalog::by_id(id)?, labels))
}

fn info(metric: &Metric, labels: &Labels) -> SeriesInfo {
    let places: Vec<usize> = shown_labels(metric.family)
        .map(|(place, _)| place)
        .collect();
    SeriesInfo {
        key: key(metric.name, metric.family, &places, labels),
        unit: metric.unit,
        kind: metric.kind,
        help: metric.help.to_owned(),
    }
}

/// Remembers the series that it is shown a value of.
struct Lister {
    range_us: (i64, i64),
    found: HashSet<(u16, Labels)>,
}

impl Visitor for Lister {
    fn has_all(&self, _: &Block) -> bool {
        false
    }

    fn comes_again(&self) -> bool {
        false
    }

    fn take(&mut self, block: &mut Block) -> Result<()> {
        let width = width_us(block.tier);
        let (since, until) = self.range_us;
        let is_in = |time: &i64| *time < until && time.saturating_add(width) > since;
        let rows: Vec<bool> = block.times.unix_us.iter().map(is_in).collect();
        let sub = match block.tier {
            Tier::Raw => Sub::Value,
            _ => Sub::Last,
        };
        for family in Family::ALL {
            for (place, entity) in block.entities(family).iter().enumerate() {
                let label = |(place, _)| entity.labels.get(place).cloned().flatten();
                let labels: Labels = shown_labels(family).map(label).collect();
                for (metric, of) in block.columns(family, place) {
                    let key = (metric, labels.clone());
                    if of == sub
                        && !self.found.contains(&key)
                        && has_value(block, (family, place, metric, sub), &rows)
                    {
                        self.found.insert(key);
                    }
                }
            }
        }
        match self.found.len() {
            ..=MOST_SERIES => Ok(()),
            _ => {
                let allowed = "at most 100,000: ask for a shorter range";
                Err(Error::invalid("series", self.found.len(), allowed))
            }
        }
    }
}

/// The column has a value in one of these rows. What can't be read has none.
fn has_value(
    block: &mut Block,
    (family, entity, metric, sub): (Family, usize, u16, Sub),
    rows: &[bool],
) -> bool {
    // A sealed block has no column without a value.
    if block.is_sealed() && rows.iter().all(|is_in| *is_in) {
        return true;
    }
    match block.column(family, entity, metric, sub) {
        Ok(Some(values)) => {
            let mut values = values.iter().zip(rows);
            values.any(|(value, is_in)| *is_in && *value != ABSENT)
        }
        Ok(None) | Err(Damage(_)) => false,
    }
}
