//! One sample as numbers.

use std::sync::Arc;

use super::catalog;
use super::context::ContextPiece;
use super::entity::Entity;
use super::metric::{Family, Metric};
use crate::score::Scores;

/// One family at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PartRow {
    /// The family.
    pub family: Family,
    /// Its entities, shared from frame to frame as long as they stay the same.
    pub entities: Arc<[Arc<Entity>]>,
    /// Entity by entity, the metrics of the family in the catalogue's order, in steps of
    /// each; [`super::ABSENT`] where one is not known.
    pub values: Vec<i64>,
}

/// One sample as numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// When it was read by the wall clock, Unix microseconds.
    pub unix_us: i64,
    /// The same by the clock that never jumps.
    pub monotonic_us: i64,
    /// The families that have an entity, in the order of [`Family::ALL`].
    pub parts: Vec<PartRow>,
    /// What does not fit into numbers, as far as it differs from the frame before; all of
    /// it in the first frame.
    pub context: Vec<ContextPiece>,
}

/// Where a metric's values stand in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricPlace {
    /// The metric.
    pub metric: &'static Metric,
    /// Its place among those of its family.
    place: usize,
    /// Metrics of the family.
    width: usize,
}

impl MetricPlace {
    /// The place of a metric of the catalogue; `None` for any other.
    pub fn of(metric: &Metric) -> Option<MetricPlace> {
        let family = catalog::of_family(metric.family);
        let place = family.iter().position(|other| other.id == metric.id)?;
        Some(MetricPlace {
            metric: &family[place],
            place,
            width: family.len(),
        })
    }

    /// The place of the metric of a name.
    pub fn named(name: &str) -> Option<MetricPlace> {
        MetricPlace::of(catalog::by_name(name)?)
    }
}

impl Frame {
    /// One family; `None` where it has no entity at this moment.
    pub fn part(&self, family: Family) -> Option<&PartRow> {
        self.parts.iter().find(|part| part.family == family)
    }

    /// The values of a metric, entity by entity; NaN where one is not known.
    pub fn values(&self, of: MetricPlace) -> impl Iterator<Item = (&Arc<Entity>, f64)> {
        let part = self.part(of.metric.family);
        let rows = part.into_iter().flat_map(move |part| {
            let rows = part.values.chunks_exact(of.width);
            part.entities.iter().zip(rows)
        });
        rows.map(move |(entity, row)| (entity, of.metric.value(row[of.place])))
    }

    /// The value of a metric of the machine as a whole.
    pub fn value(&self, of: MetricPlace) -> Option<f64> {
        let first = self.values(of).next().map(|(_, value)| value);
        first.filter(|value| !value.is_nan())
    }

    /// Puts the scores in, which are judged after the frame was taken.
    pub(crate) fn set_scores(&mut self, scores: &Scores) {
        let width = catalog::of_family(Family::Headline).len();
        let first = width - catalog::HEADLINE_SCORES.len();
        let headline = self.parts.iter_mut();
        let Some(part) = headline
            .into_iter()
            .find(|part| part.family == Family::Headline)
        else {
            return;
        };
        for (value, field) in part.values[first..]
            .iter_mut()
            .zip(catalog::HEADLINE_SCORES)
        {
            *value = (field.get)(scores);
        }
    }

    /// Bytes that it takes in memory, nearly; what it shares with other frames not counted.
    pub(crate) fn weight(&self) -> usize {
        let parts = self.parts.iter().map(|part| 64 + 8 * part.values.len());
        let context = self.context.iter().map(|piece| 32 + piece.json.len());
        64 + parts.chain(context).sum::<usize>()
    }
}
