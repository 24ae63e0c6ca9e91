//! What a reader gets of the series: segments of rows, sealed or still open.

use std::ops::ControlFlow;

use crate::Result;
use crate::series::codec::{Damage, EntityColumns, PartView, Sub, Times};
use crate::series::{ContextPiece, Entity, Family, Tier};
use crate::store::StoreReader;

/// How much a tier holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) tier: Tier,
    /// Least and greatest time of a row, Unix microseconds; of a coarser tier the beginning
    /// of the first and the end of the last stretch.
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
    pub(crate) rows: u64,
    /// Bytes of the packed blocks and of the open log.
    pub(crate) bytes: u64,
}

/// One family's columns in a segment.
#[derive(Debug)]
pub(crate) enum PartData {
    /// Of a sealed block: columns are unpacked when they are read.
    Packed(PartView),
    /// Of the open log.
    Open(Vec<EntityColumns>),
}

/// Consecutive rows of one tier, as they were written: within one their times ascend.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) tier: Tier,
    /// Number of the first row: rows of a tier are numbered in the order of writing.
    pub(crate) first_row: i64,
    pub(crate) times: Times,
    pub(crate) parts: Vec<(Family, PartData)>,
}

impl Segment {
    /// The entities of a family; none if the segment has none of it.
    pub(crate) fn entities(&self, _family: Family) -> Vec<&Entity> {
        Vec::new()
    }

    /// One column, a value for each row; `None` when there is no such column.
    pub(crate) fn read(
        &self,
        _family: Family,
        _entity: usize,
        _metric: u16,
        _sub: Sub,
    ) -> std::result::Result<Option<Vec<i64>>, Damage> {
        Ok(None)
    }
}

impl StoreReader {
    /// Has everything that `read` does see the same content of the database.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce(&StoreReader) -> Result<T>) -> Result<T> {
        read(self)
    }

    /// How much each tier holds; tiers without a row are left out.
    pub(crate) fn extents(&self) -> Result<Vec<Extent>> {
        Ok(Vec::new())
    }

    /// Visits the segments of a tier that have a row in `since_us..until_us`, with the parts
    /// of these families only, in the order of writing, until `visit` breaks. Rows outside
    /// the range may come along. Returns what could not be read (torn blocks), in words.
    pub(crate) fn segments(
        &self,
        _tier: Tier,
        _since_us: i64,
        _until_us: i64,
        _families: &[Family],
        _visit: &mut dyn FnMut(Segment) -> Result<ControlFlow<()>>,
    ) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The context that is in force for row `row` of the raw tier (the newest piece of each
    /// kind at or before it).
    pub(crate) fn context_at(&self, _row: i64) -> Result<Vec<ContextPiece>> {
        Ok(Vec::new())
    }

    /// Pieces that came with rows `from..to` of the raw tier, with the row of each, in order.
    pub(crate) fn context_between(&self, _from: i64, _to: i64) -> Result<Vec<(i64, ContextPiece)>> {
        Ok(Vec::new())
    }
}
