//! Which processes a frame holds.

use crate::sample::ProcessTable;

/// Chooses the processes that use most CPU, memory and storage, and keeps each for a while,
/// so that the choice does not flicker.
#[derive(Debug, Default)]
pub(crate) struct Chosen {}

impl Chosen {
    /// Places in the table's list of those to keep, ascending.
    pub(crate) fn choose(&mut self, _table: &ProcessTable, _monotonic_us: i64) -> &[usize] {
        &[]
    }
}
