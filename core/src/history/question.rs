//! A query whose names were found: what is to be read, and what is to be made of it.

use super::query::{Aggregate, Query};
use crate::arrange::arrange_by_key;
use crate::series::codec::Sub;
use crate::series::{Entity, Family, Kind, Metric, Tier};
use crate::series::{Resolved, label_place, shown_labels};
use crate::{Error, Result};

/// One metric that is asked for, by all the selectors that name it.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) metric: &'static Metric,
    /// With the place of each among the query's.
    selectors: Vec<(usize, Resolved)>,
    /// Places of the labels that tell its columns apart.
    pub(super) labels: Vec<usize>,
}

impl Wanted {
    /// The first selector that an entity is chosen by.
    pub(super) fn chosen_by(&self, entity: &Entity) -> Option<usize> {
        let mut selectors = self.selectors.iter();
        let chosen = selectors.find(|(_, selector)| selector.matches(entity));
        chosen.map(|(place, _)| *place)
    }
}

/// What a query asks, resolved.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) wanted: Vec<Wanted>,
    pub(super) aggregate: Aggregate,
    pub(super) rate: bool,
    /// How columns are put together, if they are.
    pub(super) combine: Option<Aggregate>,
    pub(super) top: Option<usize>,
}

impl Question {
    /// # Errors
    /// `InvalidArgument` for what can't be asked.
    pub(super) fn of(query: &Query) -> Result<Question> {
        query.check()?;
        let mut wanted: Vec<Wanted> = Vec::new();
        for (place, selector) in query.select.iter().enumerate() {
            let resolved = selector.resolve()?;
            let metric = resolved.metric;
            if query.rate && metric.kind != Kind::Counter {
                let allowed = "a counter (its name ends in _total): only those have a rate";
                return Err(Error::invalid("rate", metric.name, allowed));
            }
            match wanted.iter_mut().find(|w| w.metric.id == metric.id) {
                Some(wanted) => wanted.selectors.push((place, resolved)),
                None => wanted.push(Wanted {
                    metric,
                    labels: column_labels(metric, query.by.as_deref())?,
                    selectors: vec![(place, resolved)],
                }),
            }
        }
        Ok(Question {
            wanted,
            aggregate: query.aggregate,
            rate: query.rate,
            combine: query.by.as_ref().map(|_| query.combine),
            top: query.top,
        })
    }

    pub(super) fn families(&self) -> Vec<Family> {
        let mut families: Vec<Family> = self.wanted.iter().map(|w| w.metric.family).collect();
        arrange_by_key(&mut families, |family| *family);
        families.dedup();
        families
    }

    /// A coarser tier answers it as exactly as raw, but for the rounding of means.
    pub(super) fn is_kept_by_coarser_tiers(&self) -> bool {
        let of_counters = matches!(self.aggregate, Aggregate::Last | Aggregate::Count);
        let kept = |wanted: &Wanted| wanted.metric.kind == Kind::Gauge || of_counters;
        !self.rate
            && !matches!(self.aggregate, Aggregate::Quantile(_))
            && self.wanted.iter().all(kept)
    }

    /// Which value of a row is read.
    pub(super) fn sub(&self, tier: Tier, metric: &Metric) -> Sub {
        match (tier, metric.kind) {
            (Tier::Raw, _) => Sub::Value,
            (_, Kind::Counter) => Sub::Last,
            (_, Kind::Gauge) => match self.aggregate {
                Aggregate::Min => Sub::Min,
                Aggregate::Max => Sub::Max,
                Aggregate::Last => Sub::Last,
                _ => Sub::Mean,
            },
        }
    }

    /// Values are weighed by the seconds that they stand for, not by samples.
    pub(super) fn weighs_seconds(&self) -> bool {
        let counts = matches!(self.aggregate, Aggregate::Count | Aggregate::Quantile(_));
        self.rate && !counts
    }

    /// How many samples a row of a coarser tier stands for has to be known.
    pub(super) fn needs_counts(&self, tier: Tier) -> bool {
        let weighed = matches!(
            self.aggregate,
            Aggregate::Mean | Aggregate::Sum | Aggregate::Count | Aggregate::Quantile(_)
        );
        let compared = self.combine.is_some() || self.top.is_some();
        tier != Tier::Raw && !self.rate && (weighed || compared)
    }
}

fn column_labels(metric: &Metric, by: Option<&[String]>) -> Result<Vec<usize>> {
    let Some(by) = by else {
        return Ok(shown_labels(metric.family)
            .map(|(place, _)| place)
            .collect());
    };
    let mut labels: Vec<usize> = by
        .iter()
        .map(|label| label_place(metric, label))
        .collect::<Result<_>>()?;
    labels.sort_unstable();
    labels.dedup();
    Ok(labels)
}
