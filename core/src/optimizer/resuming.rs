//! Letting a process go on that stands still.

use super::Optimizer;
use super::inner::Inner;
use super::owner::Ownership;
use super::undoing::take_back;
use crate::act::{Change, ProcessId, Undo, let_go_on};
use crate::error::Result;
use crate::store::JournalRow;

impl Optimizer {
    /// Lets a process go on: what an optimizer of this data folder has stopped or frozen and
    /// may be taken back is taken back; one that somebody else has stopped gets SIGCONT.
    /// [`Undo::Unchanged`] when it does not stand still.
    ///
    /// # Errors
    /// `NotFound` when it has ended; `Refused` outside the scope and for what is protected;
    /// `PermissionDenied`, `Store`.
    pub fn resume_process(&self, process: ProcessId) -> Result<Undo> {
        self.inner.check_process()?;
        let mut rows = self.inner.ledger.journal_open()?;
        rows.retain(|row| holds(&self.inner, row, process));
        for result in take_back(&self.inner, &rows, "asked for") {
            if result.undo == Some(Undo::Restored) {
                return Ok(Undo::Restored);
            }
        }
        let_go_on(process, &self.inner.door())
    }
}

/// Whether this change holds the process, and is not that of another optimizer that lives.
fn holds(inner: &Inner, row: &JournalRow, process: ProcessId) -> bool {
    let held = match serde_json::from_str::<Change>(&row.change) {
        Ok(Change::Stop(change)) => change.process == process,
        Ok(Change::Freeze(change)) => change.members.iter().any(|(member, _)| *member == process),
        _ => false,
    };
    held && inner.owner.of(row) != Ownership::Others
}
