//! Packs columns of integers, and the labels they belong to, into blocks of bytes and back.
//!
//! Each column is packed by itself, so that one can be read without the others: a predictor
//! chosen per column, the common divisor of what it misses taken out, and the rest through
//! an adaptive binary arithmetic coder.

use super::entity::Entity;

/// What a column holds of a metric. The number is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Sub {
    /// The value of a sample (tier [`super::Tier::Raw`]).
    Value = 0,
    /// Samples in which it was known.
    Count = 1,
    /// Mean.
    Mean = 2,
    /// Least.
    Min = 3,
    /// Greatest.
    Max = 4,
    /// Newest.
    Last = 5,
}

/// One column of one entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Metric id.
    pub(crate) metric: u16,
    pub(crate) sub: Sub,
    /// One for each row of the block; `ABSENT` where it is not known, and where the entity
    /// is not there.
    pub(crate) values: Vec<i64>,
}

/// One entity in a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EntityColumns {
    pub(crate) entity: Entity,
    /// In which rows it is there; `None`: in all.
    pub(crate) present: Option<Vec<bool>>,
    pub(crate) columns: Vec<Column>,
}

/// When the rows of a block were.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Times {
    /// Unix microseconds; of a coarser tier the beginnings of the stretches.
    pub(crate) unix_us: Vec<i64>,
    /// By the clock that never jumps; of a coarser tier the number of samples.
    pub(crate) second: Vec<i64>,
}

/// A block that can't be read: torn, or of a newer release.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Damage(pub(crate) &'static str);

/// Packs when the rows were.
pub(crate) fn pack_times(_times: &Times) -> Vec<u8> {
    Vec::new()
}

/// Unpacks them.
pub(crate) fn unpack_times(_bytes: &[u8]) -> Result<Times, Damage> {
    Err(Damage("not written"))
}

/// Packs one family's columns. `times` are those of the block's rows: counters are predicted
/// from their rate and the time that passed.
pub(crate) fn pack_part(_entities: &[EntityColumns], _times: &Times) -> Vec<u8> {
    Vec::new()
}

/// A packed part, opened: its directory is read, its columns are not.
#[derive(Debug)]
pub(crate) struct PartView {}

impl PartView {
    /// Checks the checksum and reads the directory.
    pub(crate) fn open(_bytes: Vec<u8>) -> Result<PartView, Damage> {
        Err(Damage("not written"))
    }

    /// Rows in the block.
    pub(crate) fn rows(&self) -> usize {
        0
    }

    /// The entities, in the order in which they were packed.
    pub(crate) fn entities(&self) -> &[Entity] {
        &[]
    }

    /// In which rows an entity is there; `None`: in all.
    pub(crate) fn present(&self, _entity: usize) -> Result<Option<Vec<bool>>, Damage> {
        Ok(None)
    }

    /// Metric and sub-value of each column of an entity.
    pub(crate) fn columns(&self, _entity: usize) -> Vec<(u16, Sub)> {
        Vec::new()
    }

    /// One column, a value for each row; `None` when the block has no such column.
    pub(crate) fn read(
        &self,
        _entity: usize,
        _metric: u16,
        _sub: Sub,
        _times: &Times,
    ) -> Result<Option<Vec<i64>>, Damage> {
        Ok(None)
    }
}

/// Packs a text (labels, context); returns it with its own length.
pub(crate) fn pack_text(_text: &str) -> Vec<u8> {
    Vec::new()
}

/// Unpacks it.
pub(crate) fn unpack_text(_bytes: &[u8]) -> Result<String, Damage> {
    Err(Damage("not written"))
}
