//! The journal: a change is here, on the disk, before it is made.

use rusqlite::{Params, params};

use super::super::writer::unix_now;
use super::value::{finite, real, real_or_nan, stamp, text, text_or_empty, whole};
use super::{JournalRow, JournalState, Ledger};
use crate::Result;

const SELECT: &str = "SELECT id, action_id, created_at, owner_pid, owner_start_time_ticks, \
    boot_id, change, about, state, stays_after_owner, lease_until, detail, context \
    FROM usm_journal";

/// States in which nothing is to be taken back any more. Any other word counts as open.
pub(super) const CLOSED: &str = "('undone', 'left', 'gone', 'settled')";

impl Ledger {
    /// Writes a change down. The row is on the disk when this returns, with its number; if it
    /// fails the change must not be made.
    ///
    /// # Errors
    /// `Store` (the disk is full, say), and then nothing was written.
    pub fn journal_begin(&self, row: &JournalRow) -> Result<i64> {
        self.write(|connection| {
            let mut statement = connection.prepare_cached(
                "INSERT INTO usm_journal (action_id, created_at, owner_pid, \
                 owner_start_time_ticks, boot_id, change, about, state, stays_after_owner, \
                 lease_until, detail, context, marked_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?2)",
            )?;
            Ok(statement.insert(params![
                row.action_id,
                stamp(row.created_at),
                row.owner_pid,
                row.owner_start_time_ticks as i64,
                row.boot_id,
                row.change,
                row.about,
                row.state.name(),
                row.stays_after_owner,
                finite(row.lease_until),
                row.detail,
                row.context,
            ])?)
        })
    }

    /// Writes down what became of a change; on the disk when this returns. Without a detail
    /// the one that it has stays.
    ///
    /// # Errors
    /// `InvalidState` if there is no such row; `Store`, and then nothing has changed.
    pub fn journal_mark(&self, id: i64, state: JournalState, detail: Option<&str>) -> Result<()> {
        self.update_journal(
            id,
            "state = ?2, detail = ifnull(?3, detail), marked_at = ?4",
            (id, state.name(), detail, unix_now()),
        )
    }

    /// Writes down when a change ends by itself (`None`: not by itself); on the disk when this
    /// returns.
    ///
    /// # Errors
    /// As [`Ledger::journal_mark`].
    pub fn journal_lease(&self, id: i64, lease_until: Option<f64>) -> Result<()> {
        self.update_journal(id, "lease_until = ?2", (id, finite(lease_until)))
    }

    /// Changes that may have to be taken back, newest first: intended, applied or kept.
    ///
    /// # Errors
    /// `Store`.
    pub fn journal_open(&self) -> Result<Vec<JournalRow>> {
        let sql = format!("{SELECT} WHERE state NOT IN {CLOSED} ORDER BY id DESC");
        self.journal_rows(&sql, [])
    }

    /// All changes of an action, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub fn journal_of_action(&self, action_id: i64) -> Result<Vec<JournalRow>> {
        let sql = format!("{SELECT} WHERE action_id = ?1 ORDER BY id DESC");
        self.journal_rows(&sql, [action_id])
    }

    fn update_journal(&self, id: i64, sets: &str, values: impl Params + Copy) -> Result<()> {
        let sql = format!("UPDATE usm_journal SET {sets} WHERE id = ?1");
        let changed =
            self.write(|connection| Ok(connection.prepare_cached(&sql)?.execute(values)?))?;
        match changed {
            0 => Err(self.no_row("usm_journal", id)),
            _ => Ok(()),
        }
    }

    fn journal_rows(&self, sql: &str, values: impl Params + Copy) -> Result<Vec<JournalRow>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(values, |row| {
                Ok(JournalRow {
                    id: row.get(0)?,
                    action_id: whole(row, 1)?.unwrap_or_default(),
                    created_at: real_or_nan(row, 2)?,
                    // Were it not to be read, it would be nobody's: 0 is no process.
                    owner_pid: whole(row, 3)?
                        .and_then(|pid| pid.try_into().ok())
                        .unwrap_or_default(),
                    owner_start_time_ticks: whole(row, 4)?.unwrap_or_default() as u64,
                    boot_id: text_or_empty(row, 5)?,
                    change: text_or_empty(row, 6)?,
                    about: text_or_empty(row, 7)?,
                    state: JournalState::parse(&text_or_empty(row, 8)?),
                    stays_after_owner: whole(row, 9)? == Some(1),
                    lease_until: real(row, 10)?,
                    detail: text(row, 11)?,
                    context: text_or_empty(row, 12)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
