//! A segment row by row again.

use std::sync::Arc;

use super::log::{stat, subs};
use super::reading::Segment;
use crate::series::{ABSENT, Entity, Family, Frame, PartRow, TierPart, TierRow, catalog};

/// All of a segment's columns, unpacked. A column that can't be read is not known.
pub(super) struct SegmentRows<'a> {
    segment: &'a Segment,
    families: Vec<FamilyRows>,
}

struct FamilyRows {
    family: Family,
    entities: Vec<EntityRows>,
}

struct EntityRows {
    entity: Arc<Entity>,
    present: Option<Vec<bool>>,
    /// Metric by metric in the catalogue's order, sub-value by sub-value.
    columns: Vec<Option<Vec<i64>>>,
}

impl<'a> SegmentRows<'a> {
    pub(super) fn new(segment: &'a Segment) -> SegmentRows<'a> {
        let mut families = Vec::new();
        for family in Family::ALL {
            let entities: Vec<EntityRows> = segment
                .entities(family)
                .into_iter()
                .enumerate()
                .map(|(number, entity)| EntityRows {
                    entity: Arc::new(entity.clone()),
                    present: segment.present(family, number).unwrap_or_default(),
                    columns: columns(segment, family, number),
                })
                .collect();
            if !entities.is_empty() {
                families.push(FamilyRows { family, entities });
            }
        }
        SegmentRows { segment, families }
    }

    pub(super) fn len(&self) -> usize {
        self.segment.times.unix_us.len()
    }

    pub(super) fn frame(&self, row: usize) -> Frame {
        let parts = self.parts(row).map(|(family, entities, values)| PartRow {
            family,
            entities,
            values,
        });
        Frame {
            unix_us: self.segment.times.unix_us[row],
            monotonic_us: self.segment.times.second[row],
            parts: parts.collect(),
            context: Vec::new(),
        }
    }

    pub(super) fn tier_row(&self, row: usize) -> TierRow {
        let width = subs(self.segment.tier).len();
        let parts = self.parts(row).map(|(family, entities, values)| TierPart {
            family,
            entities,
            stats: values.chunks_exact(width).map(stat).collect(),
        });
        TierRow {
            start_us: self.segment.times.unix_us[row],
            samples: u32::try_from(self.segment.times.second[row]).unwrap_or(0),
            parts: parts.collect(),
        }
    }

    fn parts(
        &self,
        row: usize,
    ) -> impl Iterator<Item = (Family, Arc<[Arc<Entity>]>, Vec<i64>)> + '_ {
        self.families.iter().filter_map(move |family| {
            let there = |entity: &&EntityRows| {
                let present = entity.present.as_ref();
                present.is_none_or(|present| present.get(row).copied().unwrap_or(false))
            };
            let (mut entities, mut values) = (Vec::new(), Vec::new());
            for entity in family.entities.iter().filter(there) {
                entities.push(Arc::clone(&entity.entity));
                values.extend(entity.columns.iter().map(|column| {
                    let value = column.as_ref().and_then(|column| column.get(row));
                    value.copied().unwrap_or(ABSENT)
                }));
            }
            (!entities.is_empty()).then(|| (family.family, entities.into(), values))
        })
    }
}

fn columns(segment: &Segment, family: Family, entity: usize) -> Vec<Option<Vec<i64>>> {
    let metrics = catalog::of_family(family).iter();
    metrics
        .flat_map(|metric| subs(segment.tier).iter().map(move |&sub| (metric.id, sub)))
        .map(|(metric, sub)| {
            segment
                .read(family, entity, metric, sub)
                .unwrap_or_default()
        })
        .collect()
}
