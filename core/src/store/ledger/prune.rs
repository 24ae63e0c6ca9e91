//! Old rows go; what may still have to be taken back stays, with its action.

use super::Ledger;
use super::journal::CLOSED;
use crate::Result;

/// Rows that one transaction deletes at most: the log is to stay small.
const STEP_ROWS: usize = 1000;

impl Ledger {
    /// Deletes targets, actions, history and closed journal rows older than this. Open journal
    /// rows stay, and so do their actions. Returns how many went.
    ///
    /// # Errors
    /// `Store`; what was deleted until then stays deleted.
    pub fn prune(&self, older_than_unix: f64) -> Result<u64> {
        let open_actions = format!("SELECT action_id FROM usm_journal WHERE state NOT IN {CLOSED}");
        let mut deleted = 0;
        for (table, further) in [
            ("usm_journal", format!("AND state IN {CLOSED}")),
            ("optimization_history", String::new()),
            (
                "optimization_actions",
                format!("AND id NOT IN ({open_actions})"),
            ),
            ("optimization_targets", String::new()),
        ] {
            let sql = format!(
                "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} \
                 WHERE created_at < ?1 {further} LIMIT {STEP_ROWS})"
            );
            loop {
                let step =
                    self.write(|connection| Ok(connection.execute(&sql, [older_than_unix])?))?;
                deleted += step as u64;
                if step < STEP_ROWS {
                    break;
                }
            }
        }
        if deleted > 0 {
            self.give_back()?;
        }
        Ok(deleted)
    }

    /// Free pages at the end of the file back to the file system, where the file can.
    fn give_back(&self) -> Result<()> {
        self.write(|connection| {
            let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        })
    }
}
