//! Writing them.

use rusqlite::{Connection, params};

use super::row::JudgedRow;
use crate::store::prototype::list_rules;

const FINDING: &str = "INSERT INTO findings \
    (kind, key, opened_at, updated_at, closed_at, severity, title, data) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (kind, key) DO UPDATE SET \
    updated_at = excluded.updated_at, closed_at = excluded.closed_at, \
    severity = excluded.severity, title = excluded.title, data = excluded.data";
const MEMORY: &str = "INSERT INTO model_memory (name, version, saved_at, data) \
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE SET \
    version = excluded.version, saved_at = excluded.saved_at, data = excluded.data";
const RULE: &str = "INSERT INTO rules (name, toml, updated_at) VALUES (?1, ?2, ?3) \
    ON CONFLICT (name) DO UPDATE SET toml = excluded.toml, updated_at = excluded.updated_at";
const NOTIFICATION: &str = "INSERT INTO notifications \
    (alert_id, rule, channel, status, ok, attempts, error, queued_at, finished_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const REQUEST: &str = "INSERT INTO requests (made_at, data) VALUES (?1, ?2)";
const ANSWERED: &str = "UPDATE requests SET answered_at = ?2 WHERE id = ?1";

/// Writes one row.
pub(in crate::store) fn insert(connection: &Connection, row: &JudgedRow) -> rusqlite::Result<()> {
    match row {
        JudgedRow::Finding(row) => connection.prepare_cached(FINDING)?.execute(params![
            row.kind.name(),
            row.key,
            row.opened_at,
            row.updated_at,
            row.closed_at,
            row.severity,
            row.title,
            row.data
        ]),
        JudgedRow::Memory(row) => connection.prepare_cached(MEMORY)?.execute(params![
            row.name,
            row.version,
            row.saved_at,
            row.data
        ]),
        JudgedRow::Rule(row) => match &row.toml {
            Some(toml) => {
                connection
                    .prepare_cached(RULE)?
                    .execute(params![row.name, toml, row.updated_at])
            }
            None => connection
                .prepare_cached("DELETE FROM rules WHERE name = ?1")?
                .execute([&row.name]),
        },
        JudgedRow::Listed(rules) => list_rules(connection, rules),
        JudgedRow::Notification(row) => connection.prepare_cached(NOTIFICATION)?.execute(params![
            // A number above what SQLite holds does not come about by counting.
            row.alert_id as i64,
            row.rule,
            row.channel,
            row.status,
            row.ok,
            row.attempts,
            row.error,
            row.queued_at,
            row.finished_at
        ]),
        JudgedRow::Request(row) => {
            let data = serde_json::to_string(&row.request)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
            connection
                .prepare_cached(REQUEST)?
                .execute(params![row.made_at, data])
        }
        JudgedRow::Answered(id, at) => connection
            .prepare_cached(ANSWERED)?
            .execute(params![id, at]),
    }
    .map(drop)
}
