//! Where blocks come from: the database, or those that were kept of it.

use std::cell::RefCell;
use std::ops::ControlFlow;

use super::block::{Block, Cache};
use crate::Result;
use crate::series::{Family, Tier};
use crate::store::StoreReader;
use crate::store::series::{BlockKey, Extent, Segment, SegmentVisitor};

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

    /// The same is likely to be asked again.
    fn comes_again(&self) -> bool {
        true
    }
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
        let mut reading = Reading {
            families,
            visitor,
            cache: self.cache,
            next: None,
        };
        let (since_us, until_us) = range_us;
        self.reader
            .segments_for(tier, since_us, until_us, families, &mut reading)
    }
}

/// Hands blocks on, those that were read to be kept too.
struct Reading<'a> {
    families: &'a [Family],
    visitor: &'a mut dyn Visitor,
    cache: &'a RefCell<Cache>,
    /// The sealed block that is read next.
    next: Option<BlockKey>,
}

impl SegmentVisitor for Reading<'_> {
    fn has(&mut self, key: &BlockKey) -> Result<bool> {
        self.next = Some(*key);
        let has_all = |block: &Block| self.visitor.has_all(block);
        if !self.cache.borrow().get(key).is_some_and(has_all) {
            return Ok(false);
        }
        let Some(mut block) = self.cache.borrow_mut().take(key) else {
            return Ok(false);
        };
        let taken = self.visitor.take(&mut block);
        self.cache.borrow_mut().put(*key, block);
        taken.map(|()| true)
    }

    fn visit(&mut self, segment: Segment) -> Result<ControlFlow<()>> {
        // What is still open may grow, and is not kept.
        let key = self
            .next
            .take()
            .filter(|key| key.first_row == segment.first_row);
        let mut block = Block::new(segment, self.families);
        self.visitor.take(&mut block)?;
        let is_kept = self.visitor.comes_again() && !block.is_torn();
        if let (Some(key), true) = (key, is_kept) {
            self.cache.borrow_mut().put(key, block);
        }
        Ok(ControlFlow::Continue(()))
    }
}
