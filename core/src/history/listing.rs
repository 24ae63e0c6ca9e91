//! What the history holds: tiers, and series.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::History;
use super::answer::{by_labels, key};
use super::block::Block;
use super::gather::Labels;
use super::plan::width_us;
use super::query::check_range;
use super::selector::shown_labels;
use super::source::{Source, Stored, Visitor};
use super::units::{micros, seconds};
use super::{SeriesInfo, TierExtent};
use crate::Result;
use crate::series::codec::{Damage, Sub};
use crate::series::{ABSENT, Family, Metric, Tier, catalog};

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
    /// `InvalidArgument` for what is no range; `Store`.
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
        tier: Tier::Raw,
        found: BTreeSet::new(),
    };
    // From the coarsest tier, for it has few rows, on to the finest for what is newest.
    let mut reached = i64::MIN;
    for extent in source.extents()?.iter().rev() {
        let width = width_us(extent.tier);
        let from = lister.range_us.0.max(reached).saturating_sub(width - 1);
        lister.tier = extent.tier;
        if from < lister.range_us.1 {
            source.blocks(
                extent.tier,
                (from, lister.range_us.1),
                &Family::ALL,
                &mut lister,
            )?;
        }
        reached = extent.last_us;
    }
    let found = lister.found.into_iter().map(Found::info);
    Ok(found.collect())
}

/// Remembers the series that it is shown a value of.
struct Lister {
    range_us: (i64, i64),
    tier: Tier,
    found: BTreeSet<Found>,
}

#[derive(Debug, Clone, PartialEq)]
struct Found {
    metric: &'static Metric,
    labels: Labels,
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Found) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Found) -> Ordering {
        let by_metric = |found: &Found| (found.metric.family, found.metric.id);
        let order = by_metric(self).cmp(&by_metric(other));
        order.then_with(|| by_labels(&self.labels, &other.labels))
    }
}

impl Found {
    fn info(self) -> SeriesInfo {
        let family = self.metric.family;
        let places: Vec<usize> = shown_labels(family).map(|(place, _)| place).collect();
        SeriesInfo {
            key: key(self.metric.name, family, &places, &self.labels),
            unit: self.metric.unit,
            kind: self.metric.kind,
            help: self.metric.help.to_owned(),
        }
    }
}

impl Visitor for Lister {
    fn has_all(&self, _: &Block) -> bool {
        false
    }

    fn comes_again(&self) -> bool {
        false
    }

    fn take(&mut self, block: &mut Block) -> Result<()> {
        let width = width_us(self.tier);
        let is_in =
            |time: i64| time < self.range_us.1 && time.saturating_add(width) > self.range_us.0;
        let rows: Vec<bool> = block
            .times
            .unix_us
            .iter()
            .map(|time| is_in(*time))
            .collect();
        for family in Family::ALL {
            for (place, entity) in block.entities(family).iter().enumerate() {
                let label = |(place, _)| entity.labels.get(place).cloned().flatten();
                let labels: Labels = shown_labels(family).map(label).collect();
                for metric in catalog::of_family(family) {
                    let found = Found {
                        metric,
                        labels: labels.clone(),
                    };
                    if !self.found.contains(&found)
                        && has_value(block, family, place, metric, &rows)
                    {
                        self.found.insert(found);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The column has a value in one of these rows. What can't be read has none.
fn has_value(
    block: &mut Block,
    family: Family,
    entity: usize,
    metric: &Metric,
    rows: &[bool],
) -> bool {
    let sub = match block.tier {
        Tier::Raw => Sub::Value,
        _ => Sub::Last,
    };
    match block.column(family, entity, metric.id, sub) {
        Ok(Some(values)) => {
            let mut values = values.iter().zip(rows);
            values.any(|(value, is_in)| *is_in && *value != ABSENT)
        }
        Ok(None) | Err(Damage(_)) => false,
    }
}
