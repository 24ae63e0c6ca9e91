//! What was done, and why.

use rusqlite::{Params, params};

use super::value::{finite, real, real_or_nan, sql_limit, stamp, text, text_or_empty, whole};
use super::{HistoryRow, Ledger};
use crate::Result;

const SELECT: &str = "SELECT id, optimization_type, target_component, before_value, after_value, \
    improvement_percentage, execution_time, status, action_id, verdict, reason, details, \
    created_at FROM optimization_history";

impl Ledger {
    /// Appends a row; returns its number.
    ///
    /// # Errors
    /// `Store`, and then nothing was appended.
    pub fn append_history(&self, row: &HistoryRow) -> Result<i64> {
        self.write(|connection| {
            let mut statement = connection.prepare_cached(
                "INSERT INTO optimization_history (optimization_type, target_component, \
                 before_value, after_value, improvement_percentage, execution_time, status, \
                 action_id, verdict, reason, details, created_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?;
            Ok(statement.insert(params![
                row.optimization_type,
                row.target_component,
                finite(row.before_value),
                finite(row.after_value),
                finite(row.improvement_percentage),
                finite(row.execution_time),
                row.status,
                row.action_id,
                row.verdict,
                row.reason,
                row.details,
                stamp(row.created_at),
            ])?)
        })
    }

    /// The newest `limit` rows, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub fn history(&self, limit: usize) -> Result<Vec<HistoryRow>> {
        let sql = format!("{SELECT} ORDER BY id DESC LIMIT ?1");
        self.history_rows(&sql, [sql_limit(limit)])
    }

    /// The row of this number.
    ///
    /// # Errors
    /// `Store`.
    pub fn history_row(&self, id: i64) -> Result<Option<HistoryRow>> {
        let sql = format!("{SELECT} WHERE id = ?1");
        Ok(self.history_rows(&sql, [id])?.pop())
    }

    fn history_rows(&self, sql: &str, values: impl Params + Copy) -> Result<Vec<HistoryRow>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(values, |row| {
                Ok(HistoryRow {
                    id: row.get(0)?,
                    optimization_type: text_or_empty(row, 1)?,
                    target_component: text_or_empty(row, 2)?,
                    before_value: real(row, 3)?,
                    after_value: real(row, 4)?,
                    improvement_percentage: real(row, 5)?,
                    execution_time: real(row, 6)?,
                    status: text_or_empty(row, 7)?,
                    action_id: whole(row, 8)?,
                    verdict: text(row, 9)?,
                    reason: text(row, 10)?,
                    details: text(row, 11)?,
                    created_at: real_or_nan(row, 12)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
