//! Small named values.

use rusqlite::OptionalExtension;

use super::super::writer::unix_now;
use super::Ledger;
use super::value::text;
use crate::Result;

impl Ledger {
    /// Stores a value under a name, in place of an earlier one.
    ///
    /// # Errors
    /// `Store`, and then nothing has changed.
    pub fn put_note(&self, name: &str, value: &str) -> Result<()> {
        self.write(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO usm_notes (name, value, changed_at) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value, \
                     changed_at = excluded.changed_at",
                )?
                .execute((name, value, unix_now()))?;
            Ok(())
        })
    }

    /// The value of this name.
    ///
    /// # Errors
    /// `Store`.
    pub fn note(&self, name: &str) -> Result<Option<String>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT value FROM usm_notes WHERE name = ?1")?;
            Ok(statement
                .query_row([name], |row| text(row, 0))
                .optional()?
                .flatten())
        })
    }
}
