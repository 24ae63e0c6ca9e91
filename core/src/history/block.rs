//! Segments of rows, unpacked as far as they are needed, and those that were kept.

use std::collections::HashMap;
use std::sync::Arc;

use crate::series::codec::{Damage, Sub, Times};
use crate::series::{Entity, Family, Tier};
use crate::store::series::{PartData, Segment};

/// Bytes of unpacked columns that are kept.
const KEPT_BYTES: usize = 16 << 20;

/// Bytes that an entity takes with its labels, nearly.
const ENTITY_BYTES: usize = 128;

/// Which block it is. Rows of a tier are numbered once and for all; the times are there for a
/// database that was begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlockKey {
    pub(crate) tier: Tier,
    pub(crate) first_row: i64,
    pub(crate) rows: usize,
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
}

/// Consecutive rows of a tier: what was unpacked of them, and the rest as long as it is read.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) tier: Tier,
    pub(super) times: Arc<Times>,
    entities: Vec<(Family, Arc<[Entity]>)>,
    columns: HashMap<(Family, usize, u16, Sub), Option<Arc<[i64]>>>,
    packed: Option<Segment>,
}

impl Block {
    pub(super) fn new(mut segment: Segment, families: &[Family]) -> Block {
        let entities = families.iter().map(|family| {
            let entities = segment.entities(*family);
            (*family, entities.into_iter().cloned().collect())
        });
        Block {
            tier: segment.tier,
            entities: entities.collect(),
            times: Arc::new(std::mem::take(&mut segment.times)),
            columns: HashMap::new(),
            packed: Some(segment),
        }
    }

    /// The entities of a family; none as well if the family was not read.
    pub(super) fn entities(&self, family: Family) -> Arc<[Entity]> {
        let found = self.entities.iter().find(|(of, _)| *of == family);
        found.map_or_else(|| Arc::new([]), |(_, entities)| Arc::clone(entities))
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
            Some(segment) => segment.read(family, entity, metric, sub, &self.times)?,
            None => None,
        };
        let column: Option<Arc<[i64]>> = column.map(Arc::from);
        self.columns.insert(key, column.clone());
        Ok(column)
    }
}
