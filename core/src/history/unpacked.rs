//! A segment of rows, unpacked: frames come out of it one by one.

use std::sync::Arc;

use crate::series::catalog;
use crate::series::codec::{Damage, Sub};
use crate::series::{ABSENT, Entity, Family, Frame, PartRow};
use crate::store::series::{PartData, Segment};

/// The rows of one segment, every column unpacked.
#[derive(Debug)]
pub(super) struct Unpacked {
    first_row: i64,
    unix_us: Vec<i64>,
    monotonic_us: Vec<i64>,
    parts: Vec<UnpackedPart>,
}

/// One family of a block.
#[derive(Debug)]
struct UnpackedPart {
    family: Family,
    entities: Vec<UnpackedEntity>,
    /// Places of the entities in the row that was given last, and the entities: they mostly
    /// stay the same from row to row, and then are shared.
    there: Vec<usize>,
    shared: Arc<[Arc<Entity>]>,
}

#[derive(Debug)]
struct UnpackedEntity {
    entity: Arc<Entity>,
    /// In which rows it is there; `None`: in all.
    present: Option<Vec<bool>>,
    /// A column for each metric of the family; empty where nothing is known of it.
    columns: Vec<Vec<i64>>,
}

impl UnpackedEntity {
    fn is_there(&self, at: usize) -> bool {
        self.present
            .as_ref()
            .is_none_or(|rows| rows.get(at).copied().unwrap_or(false))
    }
}

impl Unpacked {
    /// Unpacks a segment; fails when any of it is damaged, since half a sample would be judged
    /// otherwise than the whole. With `only_at` just the entities of this row of the segment, which
    /// is then the only one that may be asked for.
    pub(super) fn unpack(
        segment: &Segment,
        sub: Sub,
        only_at: Option<usize>,
    ) -> Result<Unpacked, Damage> {
        if segment
            .parts
            .iter()
            .any(|(_, part)| matches!(part, PartData::Torn))
        {
            return Err(Damage("a part of them is torn"));
        }
        let mut parts = Vec::new();
        for family in Family::ALL {
            let mut entities = Vec::new();
            for (place, entity) in segment.entities(family).into_iter().enumerate() {
                let mut found = UnpackedEntity {
                    entity: Arc::new(entity.clone()),
                    present: segment.present(family, place)?,
                    columns: Vec::new(),
                };
                if only_at.is_some_and(|at| !found.is_there(at)) {
                    continue;
                }
                for metric in catalog::of_family(family) {
                    let column = segment.read(family, place, metric.id, sub)?;
                    found.columns.push(column.unwrap_or_default());
                }
                entities.push(found);
            }
            if !entities.is_empty() {
                parts.push(UnpackedPart {
                    family,
                    entities,
                    there: Vec::new(),
                    shared: Arc::new([]),
                });
            }
        }
        Ok(Unpacked {
            first_row: segment.first_row,
            unix_us: segment.times.unix_us.clone(),
            monotonic_us: segment.times.second.clone(),
            parts,
        })
    }

    /// Number of the first row.
    pub(super) fn first_row(&self) -> i64 {
        self.first_row
    }

    /// Number of the row after the last.
    pub(super) fn end_row(&self) -> i64 {
        self.first_row + self.unix_us.len() as i64
    }

    /// How many of the rows from `from` to before `to` are of this block.
    pub(super) fn rows_between(&self, from: i64, to: i64) -> usize {
        let rows = self.end_row().min(to) - self.first_row.max(from);
        usize::try_from(rows).unwrap_or(0)
    }

    /// When a row was; `None` for one that is not of this block.
    pub(super) fn unix_us(&self, row: i64) -> Option<i64> {
        self.unix_us.get(self.place(row)?).copied()
    }

    /// A row as a frame, without context; `None` for one that is not of this block.
    pub(super) fn frame(&mut self, row: i64) -> Option<Frame> {
        let at = self.place(row)?;
        Some(Frame {
            unix_us: self.unix_us.get(at).copied()?,
            monotonic_us: self.monotonic_us.get(at).copied().unwrap_or(0),
            parts: self
                .parts
                .iter_mut()
                .filter_map(|part| part.row(at))
                .collect(),
            context: Vec::new(),
        })
    }

    fn place(&self, row: i64) -> Option<usize> {
        usize::try_from(row.checked_sub(self.first_row)?).ok()
    }
}

impl UnpackedPart {
    /// The family in one row; `None` when none of it is there.
    fn row(&mut self, at: usize) -> Option<PartRow> {
        let now = || {
            let places = self.entities.iter().enumerate();
            places
                .filter(|(_, entity)| entity.is_there(at))
                .map(|(place, _)| place)
        };
        if !now().eq(self.there.iter().copied()) {
            self.there = now().collect();
            self.shared = self
                .there
                .iter()
                .map(|place| Arc::clone(&self.entities[*place].entity))
                .collect();
        }
        if self.there.is_empty() {
            return None;
        }
        let columns = self.there.len() * catalog::of_family(self.family).len();
        let mut values = Vec::with_capacity(columns);
        for place in &self.there {
            let columns = self.entities[*place].columns.iter();
            values.extend(columns.map(|column| column.get(at).copied().unwrap_or(ABSENT)));
        }
        Some(PartRow {
            family: self.family,
            entities: Arc::clone(&self.shared),
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Tier;
    use crate::series::codec::{Column, EntityColumns, Times};

    fn core(id: &str, present: Option<Vec<bool>>, busy: Vec<i64>) -> EntityColumns {
        EntityColumns {
            entity: Entity::new([Some(id.into())]),
            present,
            columns: vec![Column {
                metric: 600,
                sub: Sub::Value,
                values: busy,
            }],
        }
    }

    fn segment() -> Segment {
        Segment {
            tier: Tier::Raw,
            first_row: 40,
            times: Times {
                unix_us: vec![1_000_000, 2_000_000, 3_000_000],
                second: vec![10, 20, 30],
            },
            parts: vec![(
                Family::Core,
                PartData::Open(vec![
                    core("0", None, vec![100, 200, 300]),
                    core("1", Some(vec![true, true, false]), vec![7, ABSENT, ABSENT]),
                ]),
            )],
        }
    }

    #[test]
    fn rows_come_out_by_number_with_the_entities_that_are_there() {
        let mut block = Unpacked::unpack(&segment(), Sub::Value, None).unwrap();
        assert_eq!(block.end_row(), 43);
        assert_eq!(block.unix_us(41), Some(2_000_000));
        assert!(block.frame(39).is_none() && block.frame(43).is_none());
        let (first, second, third) = (
            block.frame(40).unwrap(),
            block.frame(41).unwrap(),
            block.frame(42).unwrap(),
        );
        let metrics = catalog::of_family(Family::Core).len();
        assert_eq!(second.unix_us, 2_000_000);
        assert_eq!(second.monotonic_us, 20);
        assert_eq!(first.parts[0].values.len(), 2 * metrics);
        assert_eq!(first.parts[0].values[0], 100);
        assert_eq!(first.parts[0].values[metrics], 7);
        assert_eq!(second.parts[0].values[metrics], ABSENT);
        assert!(Arc::ptr_eq(
            &first.parts[0].entities,
            &second.parts[0].entities
        ));
        assert_eq!(third.parts[0].entities.len(), 1);
        assert_eq!(third.parts[0].values[0], 300);
    }

    #[test]
    fn for_one_row_only_its_entities_are_unpacked() {
        let mut block = Unpacked::unpack(&segment(), Sub::Value, Some(2)).unwrap();
        assert_eq!(block.parts[0].entities.len(), 1);
        assert_eq!(block.frame(42).unwrap().parts[0].values[0], 300);
    }
}
