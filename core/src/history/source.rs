//! Where blocks come from: the database, or those that were kept of it.

use std::cell::RefCell;

use super::block::{Block, Cache};
use crate::Result;
use crate::series::{Family, Tier};
use crate::store::StoreReader;
use crate::store::series::Extent;

/// Something that blocks of rows are read from.
pub(super) trait Source {
    /// How much each tier holds.
    fn extents(&self) -> Result<Vec<Extent>>;

    /// Shows the visitor the blocks of a tier that have a row in a range of time, in the
    /// order of writing. Returns what could not be read, in words.
    fn blocks(
        &self,
        tier: Tier,
        range_us: (i64, i64),
        families: &[Family],
        visitor: &mut dyn Visitor,
    ) -> Result<Vec<String>>;
}

/// Who is shown blocks.
pub(super) trait Visitor {
    /// All that will be asked of the block is unpacked already.
    fn has_all(&self, block: &Block) -> bool;

    /// Takes a block in.
    fn take(&mut self, block: &mut Block) -> Result<()>;
}

/// A database, with the blocks that were kept of it.
#[derive(Debug)]
pub(super) struct Stored<'a> {
    pub(super) reader: &'a StoreReader,
    pub(super) cache: &'a RefCell<Cache>,
}

impl Source for Stored<'_> {
    fn extents(&self) -> Result<Vec<Extent>> {
        self.reader.extents()
    }

    fn blocks(
        &self,
        tier: Tier,
        range_us: (i64, i64),
        families: &[Family],
        visitor: &mut dyn Visitor,
    ) -> Result<Vec<String>> {
        self.reader
            .segments(tier, range_us.0, range_us.1, families, &mut |segment| {
                visitor.take(&mut Block::new(segment, families))?;
                Ok(std::ops::ControlFlow::Continue(()))
            })
    }
}
