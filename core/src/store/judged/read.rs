//! Reading them.

use rusqlite::Connection;

use super::row::{FindingFilter, FindingRow, NotificationRow, RequestRow, RuleRow};
use crate::Result;
use crate::store::query::{StoreReader, sql_limit};

impl StoreReader {
    /// Findings of one kind that lasted in a range, oldest first.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn findings(&self, filter: &FindingFilter) -> Result<Vec<FindingRow>> {
        if !self.has_table("findings")? {
            return Ok(Vec::new());
        }
        let mut rows = self.rows(
            "SELECT key, opened_at, updated_at, closed_at, severity, title, data FROM findings \
             WHERE kind = ?1 AND opened_at < ?3 AND (closed_at IS NULL OR (NOT ?4 AND \
             closed_at >= ?2)) ORDER BY opened_at DESC, rowid DESC LIMIT ?5",
            (
                filter.kind.name(),
                filter.since,
                filter.until,
                filter.open_only,
                sql_limit(filter.limit),
            ),
            |row| {
                Ok(FindingRow {
                    kind: filter.kind,
                    key: row.get(0)?,
                    opened_at: row.get(1)?,
                    updated_at: row.get(2)?,
                    closed_at: row.get(3)?,
                    severity: row.get(4)?,
                    title: row.get(5)?,
                    data: row.get(6)?,
                })
            },
        )?;
        rows.reverse();
        Ok(rows)
    }

    /// Greatest number that an alert ever had; 0 without any.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub(crate) fn greatest_alert(&self) -> Result<u64> {
        if !self.has_table("findings")? {
            return Ok(0);
        }
        let found = self.rows(
            "SELECT ifnull(max(CAST(key AS INTEGER)), 0) FROM findings WHERE kind = 'alert'",
            [],
            |row| row.get::<_, i64>(0),
        );
        Ok(found?.pop().unwrap_or(0).unsigned_abs())
    }

    /// The memory of a model, if there is one of that version: when it was saved, and its
    /// bytes.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn model_memory(&self, name: &str, version: u32) -> Result<Option<(f64, Vec<u8>)>> {
        if !self.has_table("model_memory")? {
            return Ok(None);
        }
        let found = self.rows(
            "SELECT saved_at, data FROM model_memory WHERE name = ?1 AND version = ?2",
            (name, version),
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        Ok(found?.pop())
    }

    /// What is kept of the models' memory: name, version of its form, when it was saved (Unix
    /// seconds), and its bytes.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn model_memories(&self) -> Result<Vec<(String, u32, f64, u64)>> {
        if !self.has_table("model_memory")? {
            return Ok(Vec::new());
        }
        self.rows(
            "SELECT name, version, saved_at, length(data) FROM model_memory ORDER BY name",
            [],
            |row| {
                let bytes = row.get::<_, i64>(3)?.unsigned_abs();
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, bytes))
            },
        )
    }

    /// The rules that were made through the library, by name.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn rules(&self) -> Result<Vec<RuleRow>> {
        if !self.has_table("rules")? {
            return Ok(Vec::new());
        }
        self.rows(
            "SELECT name, toml, updated_at FROM rules ORDER BY name",
            [],
            |row| {
                Ok(RuleRow {
                    name: row.get(0)?,
                    toml: row.get(1)?,
                    updated_at: row.get(2)?,
                })
            },
        )
    }

    /// The newest notifications since a time, oldest of them first.
    ///
    /// # Errors
    /// `Store` when the file can't be read.
    pub fn notifications(&self, since: f64, limit: usize) -> Result<Vec<NotificationRow>> {
        if !self.has_table("notifications")? {
            return Ok(Vec::new());
        }
        let mut rows = self.rows(
            "SELECT alert_id, rule, channel, status, ok, attempts, error, queued_at, finished_at \
             FROM notifications WHERE finished_at >= ?1 ORDER BY id DESC LIMIT ?2",
            (since, sql_limit(limit)),
            |row| {
                Ok(NotificationRow {
                    alert_id: row.get::<_, i64>(0)?.unsigned_abs(),
                    rule: row.get(1)?,
                    channel: row.get(2)?,
                    status: row.get(3)?,
                    ok: row.get(4)?,
                    attempts: row.get(5)?,
                    error: row.get(6)?,
                    queued_at: row.get(7)?,
                    finished_at: row.get(8)?,
                })
            },
        )?;
        rows.reverse();
        Ok(rows)
    }

    /// Whether a table is there: a file of an older release, which nobody has written since,
    /// lacks some.
    pub(in crate::store) fn has_table(&self, name: &str) -> Result<bool> {
        let found = self.rows(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [name],
            |_| Ok(()),
        );
        Ok(!found?.is_empty())
    }
}

/// The requests that nobody has answered, oldest first. One that this release does not know
/// is left for a newer one.
pub(in crate::store) fn open_requests(
    connection: &Connection,
) -> rusqlite::Result<Vec<RequestRow>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, made_at, data FROM requests WHERE answered_at IS NULL ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        let data: String = row.get(2)?;
        let request = serde_json::from_str(&data).ok();
        Ok((row.get(0)?, row.get(1)?, request))
    })?;
    let mut open = Vec::new();
    for row in rows {
        if let (id, made_at, Some(request)) = row? {
            open.push(RequestRow {
                id,
                made_at,
                request,
            });
        }
    }
    Ok(open)
}
