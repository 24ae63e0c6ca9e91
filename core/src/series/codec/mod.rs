//! Packs columns of integers, and the labels they belong to, into blocks of bytes and back.
//!
//! Each column is packed by itself, so that one can be read without the others: a predictor
//! chosen per column, the common divisor of its steps taken out, and what the predictor
//! misses through an adaptive binary arithmetic coder. Only a column that is predicted from
//! another one (a counter from its rate, a least value from the mean) needs that one too.
//!
//! A packed part is a version, a checksum, the number of rows, a directory (entities and
//! their columns, itself packed) and the packed columns. Whatever bytes come in, unpacking
//! ends with the values or with [`Damage`], and takes memory only in proportion to them.

mod checksum;
mod coder;
mod column;
mod directory;
mod envelope;
mod logistic;
mod number;
mod part;
mod predict;
mod recipes;
mod residual;
mod spell;
mod text;
mod times;

#[cfg(test)]
mod tests;

use super::entity::Entity;

pub(crate) use part::{PartPacker, PartView, pack_part};
pub(crate) use text::{pack_text, unpack_text};
pub(crate) use times::{pack_times, unpack_times};

/// A block has at most this many rows: what bounds the memory that unpacking takes.
pub(crate) const MOST_ROWS: usize = 65_536;

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

impl Sub {
    const ALL: [Sub; 6] = [
        Sub::Value,
        Sub::Count,
        Sub::Mean,
        Sub::Min,
        Sub::Max,
        Sub::Last,
    ];

    fn from_code(code: u64) -> Option<Sub> {
        Sub::ALL.get(usize::try_from(code).ok()?).copied()
    }
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
