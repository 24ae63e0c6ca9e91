//! Segments of rows, unpacked as far as they are needed, and those that were kept.

use std::collections::HashMap;
use std::sync::Arc;

use crate::arrange::arrange_by_key;
use crate::series::codec::{Damage, Sub, Times};
use crate::series::{Entity, Family, Tier};
use crate::store::series::{BlockKey, PartData, Segment};

/// Bytes of unpacked columns that are kept.
const KEPT_BYTES: usize = 16 << 20;

/// Bytes that an entity takes with its labels, nearly.
const ENTITY_BYTES: usize = 128;

/// Family, place of the entity, metric, and which of its values.
type ColumnKey = (Family, usize, u16, Sub);

/// Consecutive rows of a tier: what was unpacked of them, and the rest as long as it is read.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) tier: Tier,
    pub(super) times: Arc<Times>,
    entities: Vec<(Family, Arc<[Entity]>)>,
    columns: HashMap<ColumnKey, Option<Arc<[i64]>>>,
    packed: Option<Segment>,
}

impl Block {
    pub(super) fn new(segment: Segment, families: &[Family]) -> Block {
        let entities = families.iter().map(|family| {
            let entities = segment.entities(*family);
            (*family, entities.into_iter().cloned().collect())
        });
        Block {
            tier: segment.tier,
            entities: entities.collect(),
            times: Arc::new(segment.times.clone()),
            columns: HashMap::new(),
            packed: Some(segment),
        }
    }

    /// The entities of a family; none as well if the family was not read.
    pub(super) fn entities(&self, family: Family) -> Arc<[Entity]> {
        let found = self.entities.iter().find(|(of, _)| *of == family);
        found.map_or_else(|| Arc::from([]), |(_, entities)| Arc::clone(entities))
    }

    /// Metric and sub-value of each column of an entity, as long as the block is read.
    pub(super) fn columns(&self, family: Family, entity: usize) -> Vec<(u16, Sub)> {
        let segment = self.packed.as_ref();
        segment.map_or_else(Vec::new, |segment| segment.columns(family, entity))
    }

    /// A column, a value for each row; `None` if there is none.
    pub(super) fn column(
        &mut self,
        family: Family,
        entity: usize,
        metric: u16,
        sub: Sub,
    ) -> Result<Option<Arc<[i64]>>, Damage> {
        let key = (family, entity, metric, sub);
        if let Some(column) = self.columns.get(&key) {
            return Ok(column.clone());
        }
        let column = match &self.packed {
            Some(segment) => segment.read(family, entity, metric, sub)?,
            None => None,
        };
        let column: Option<Arc<[i64]>> = column.map(Arc::from);
        self.columns.insert(key, column.clone());
        Ok(column)
    }

    /// As [`Block::entities`]; `None` if the family was not read.
    pub(super) fn known_entities(&self, family: Family) -> Option<&[Entity]> {
        let found = self.entities.iter().find(|(of, _)| *of == family);
        found.map(|(_, entities)| &entities[..])
    }

    /// Something of it can't be read, which is to be said each time.
    pub(super) fn is_torn(&self) -> bool {
        let torn = |(_, part): &(Family, PartData)| matches!(part, PartData::Torn);
        self.packed
            .as_ref()
            .is_some_and(|segment| segment.parts.iter().any(torn))
    }

    /// It is of a sealed block, and still read.
    pub(super) fn is_sealed(&self) -> bool {
        let packed = |(_, part): &(Family, PartData)| matches!(part, PartData::Packed(_));
        self.packed
            .as_ref()
            .is_some_and(|segment| segment.parts.iter().all(packed))
    }

    /// The column, or that there is none, is known without reading.
    pub(super) fn has_column(&self, family: Family, entity: usize, metric: u16, sub: Sub) -> bool {
        self.columns.contains_key(&(family, entity, metric, sub))
    }

    /// Takes over what was unpacked of the same block before.
    fn take_over(&mut self, older: Block) {
        for (family, entities) in older.entities {
            if self.known_entities(family).is_none() {
                self.entities.push((family, entities));
            }
        }
        for (key, column) in older.columns {
            self.columns.entry(key).or_insert(column);
        }
    }

    /// Bytes that it takes without what is packed, nearly.
    fn weight(&self) -> usize {
        let columns = self.columns.values();
        let columns =
            columns.map(|column| 64 + column.as_ref().map_or(0, |values| 8 * values.len()));
        let entities = self
            .entities
            .iter()
            .map(|(_, entities)| ENTITY_BYTES * entities.len());
        256 + 16 * self.times.unix_us.len() + columns.sum::<usize>() + entities.sum::<usize>()
    }
}

/// Blocks that were unpacked, as far as they were: the same question is asked again and again
/// by whoever draws it.
#[derive(Debug)]
pub(super) struct Cache {
    kept: HashMap<BlockKey, Kept>,
    bytes: usize,
    most_bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    block: Block,
    weight: usize,
    last_use: u64,
}

impl Default for Cache {
    fn default() -> Cache {
        Cache::of(KEPT_BYTES)
    }
}

impl Cache {
    fn of(most_bytes: usize) -> Cache {
        Cache {
            kept: HashMap::new(),
            bytes: 0,
            most_bytes,
            uses: 0,
        }
    }

    pub(super) fn get(&self, key: &BlockKey) -> Option<&Block> {
        self.kept.get(key).map(|kept| &kept.block)
    }

    /// Gives a block out; it is brought back by [`Cache::put`].
    pub(super) fn take(&mut self, key: &BlockKey) -> Option<Block> {
        let kept = self.kept.remove(key)?;
        self.bytes -= kept.weight;
        Some(kept.block)
    }

    /// Keeps what was unpacked of a block; what was used longest ago goes.
    pub(super) fn put(&mut self, key: BlockKey, mut block: Block) {
        block.packed = None;
        if let Some(older) = self.take(&key) {
            block.take_over(older);
        }
        self.uses += 1;
        let weight = block.weight();
        self.bytes += weight;
        let kept = Kept {
            block,
            weight,
            last_use: self.uses,
        };
        self.kept.insert(key, kept);
        if self.bytes > self.most_bytes {
            self.shrink();
        }
    }

    /// A quarter goes at once, so that not every block has to look for the oldest.
    fn shrink(&mut self) {
        let mut oldest: Vec<(u64, BlockKey)> = self
            .kept
            .iter()
            .map(|(key, kept)| (kept.last_use, *key))
            .collect();
        arrange_by_key(&mut oldest, |(last_use, _)| *last_use);
        for (_, key) in oldest {
            if self.bytes <= self.most_bytes / 4 * 3 {
                break;
            }
            self.take(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::codec::{Column, EntityColumns};

    fn key(first_row: i64) -> BlockKey {
        BlockKey {
            tier: Tier::Raw,
            first_row,
            rows: 100,
            first_us: first_row,
            last_us: first_row + 99,
        }
    }

    /// A block of a hundred rows with two columns, of which one is unpacked.
    fn block(unpacked: u16) -> Block {
        let columns = [600, 601].map(|metric| Column {
            metric,
            sub: Sub::Value,
            values: vec![i64::from(metric); 100],
        });
        let core = EntityColumns {
            entity: Entity::new([Some("0".into())]),
            present: None,
            columns: columns.to_vec(),
        };
        let segment = Segment {
            tier: Tier::Raw,
            first_row: 0,
            times: Times {
                unix_us: vec![0; 100],
                second: vec![0; 100],
            },
            parts: vec![(Family::Core, PartData::Open(vec![core]))],
        };
        let mut block = Block::new(segment, &[Family::Core]);
        let column = block.column(Family::Core, 0, unpacked, Sub::Value).unwrap();
        assert_eq!(column.unwrap()[99], i64::from(unpacked));
        block
    }

    fn has(block: &Block, metric: u16) -> bool {
        block.has_column(Family::Core, 0, metric, Sub::Value)
    }

    #[test]
    fn what_was_used_longest_ago_goes_when_there_is_too_much() {
        let weight = block(600).weight();
        let mut cache = Cache::of(4 * weight);
        for first_row in [0, 100, 200, 300] {
            cache.put(key(first_row), block(600));
        }
        let used = cache.take(&key(0)).unwrap();
        cache.put(key(0), used);
        cache.put(key(400), block(600));
        let kept = [0, 100, 200, 300, 400].map(|first_row| cache.get(&key(first_row)).is_some());
        assert_eq!(kept, [true, false, false, true, true]);
        assert_eq!(cache.bytes, 3 * weight);
        assert!(cache.bytes <= cache.most_bytes);
    }

    #[test]
    fn columns_that_were_unpacked_at_different_times_are_kept_together() {
        let mut cache = Cache::default();
        cache.put(key(0), block(600));
        cache.put(key(0), block(601));
        let both = cache.get(&key(0)).unwrap();
        assert!(has(both, 600) && has(both, 601) && !has(both, 602));
        let weight = both.weight();
        assert_eq!(cache.bytes, weight);
        let other = BlockKey {
            first_us: 7,
            ..key(0)
        };
        assert!(cache.get(&other).is_none());
    }
}
