//! One sample as numbers.

use std::sync::Arc;

use super::context::ContextPiece;
use super::entity::Entity;
use super::metric::Family;

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

impl Frame {
    /// Bytes that it takes in memory, nearly; what it shares with other frames not counted.
    pub(crate) fn weight(&self) -> usize {
        let parts = self.parts.iter().map(|part| 64 + 8 * part.values.len());
        let context = self.context.iter().map(|piece| 32 + piece.json.len());
        64 + parts.chain(context).sum::<usize>()
    }
}
