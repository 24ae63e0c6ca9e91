//! Rows that are brought in from another program's file.

use rusqlite::Connection;

use super::Ledger;
use crate::Result;
use crate::store::fault::Outcome;

impl Ledger {
    /// Looks at the tables.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn look<T>(&self, work: impl Fn(&Connection) -> Outcome<T>) -> Result<T> {
        self.read(work)
    }

    /// Writes to the tables in one transaction; `work` is done again from the beginning when
    /// the file has to be opened again.
    ///
    /// # Errors
    /// `Store`, and then nothing has changed.
    pub(crate) fn bring<T>(&self, work: impl Fn(&Connection) -> Outcome<T>) -> Result<T> {
        self.write(work)
    }
}
