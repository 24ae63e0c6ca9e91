//! The end of a writer: with a recording, one file that stands by itself.

use std::time::Duration;

use crate::store::database::Database;
use crate::store::fault::{Fault, FaultKind, Outcome};
use crate::sys::ForkGate;

/// How long a reader that has the file open is waited for.
const READERS_WAIT: Duration = Duration::from_secs(2);

impl Database {
    /// Whoever comes next may write the series at once.
    pub(crate) fn leave(&mut self) -> Outcome<()> {
        self.leave_series()
    }

    /// Seals what is open and puts everything into the one file.
    pub(crate) fn finish(mut self) -> Outcome<()> {
        self.seal_all_series()?;
        self.forget_deleted()?;
        self.leave_series()?;
        if self.can_shrink {
            // What the open log took; there is no one to ask for it any more.
            self.give_back(self.free_pages()?)?;
        }
        self.empty_log()?;
        let _inside = ForkGate::enter();
        self.connection.busy_timeout(READERS_WAIT)?;
        let mode: String =
            self.connection
                .pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
        match mode.as_str() {
            "delete" => Ok(()),
            mode => Err(Fault::new(
                FaultKind::Held,
                format!("the recording is complete, but stays in journal mode {mode}"),
            )),
        }
    }

    /// From now on what is deleted is overwritten: who wrote a recording, and under which boot
    /// of which machine, is no business of whoever gets the file.
    fn forget_deleted(&self) -> Outcome<()> {
        let _inside = ForkGate::enter();
        self.connection
            .pragma_update_and_check(None, "secure_delete", "FAST", |_| Ok(()))?;
        Ok(())
    }
}
