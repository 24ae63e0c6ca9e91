//! Rows of a tier into rows of the next coarser one, as they come.

use super::frame::Frame;
use super::stat::{Tier, TierRow};

/// Gathers rows of the tier below until a stretch is over.
///
/// A row of an earlier stretch than the one being gathered (the clock went back) ends that
/// stretch, so that there may be two rows of the same beginning; a reader takes them
/// together as [`RollUp`] itself would.
#[derive(Debug)]
pub(crate) struct RollUp {
    pub(crate) tier: Tier,
}

impl RollUp {
    /// Gathers for `tier`, which is not `Raw`.
    pub(crate) fn new(tier: Tier) -> RollUp {
        RollUp { tier }
    }

    /// Takes in a sample; returns the row that it ended, if it belongs to another stretch.
    pub(crate) fn push_frame(&mut self, _frame: &Frame) -> Option<TierRow> {
        None
    }

    /// Takes in a row of the tier below; returns the row that it ended.
    pub(crate) fn push_row(&mut self, _row: &TierRow) -> Option<TierRow> {
        None
    }

    /// The row of the stretch so far; nothing is gathered any more.
    pub(crate) fn finish(&mut self) -> Option<TierRow> {
        None
    }
}
