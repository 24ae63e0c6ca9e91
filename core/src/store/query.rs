//! Reading what is stored, through a connection of one's own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Params, Row as SqlRow};
use serde::Serialize;

use super::connection::{CACHE_KIB, prepare_process};
use super::fault::{Fault, Outcome};
use super::folder::with_suffix;
use super::inherited::{self, Registration};
use super::row::{EventRow, StateRow};
use crate::sys::{ForkGate, Gated};
use crate::{Error, Result};

const STATE_COLUMNS: &str = "timestamp, health_score, performance_score, security_score, \
    metrics_data, alerts_data, recommendations_data, predictions_data, insights_data";

/// How long a reader waits for a lock; in WAL mode it hardly ever has to.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// What one component's operations took, on average.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentTiming {
    /// E.g. `unified_monitor`.
    pub component_name: String,
    /// Mean of the execution times, seconds; `None` if none of the rows has one.
    pub avg_execution_time: Option<f64>,
    /// Number of rows.
    pub operation_count: u64,
}

/// A read-only connection to a database that a [`Store`](super::Store) writes, in this
/// process or another. A long read does not hold up the writer, but keeps its log from
/// being emptied.
pub struct StoreReader {
    connection: Option<Gated<Connection>>,
    registration: Option<Registration>,
    path: PathBuf,
    process: u32,
}

impl std::fmt::Debug for StoreReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreReader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl StoreReader {
    /// Opens the database file at `path` for reading.
    pub fn open(path: impl AsRef<Path>) -> Result<StoreReader> {
        // A link's side files are beside what it leads to.
        let path = path.as_ref();
        let target = std::fs::canonicalize(path).map_err(|source| Error::io(path, source))?;
        let path = match path.is_symlink() {
            true => target.as_path(),
            false => path,
        };
        let failed = |fault: Fault| Fault::to_error(&fault.cause, path);
        // SQLite's own words do not say that a file is missing or a folder, and on a pipe it
        // waits for somebody to write into it.
        let metadata = std::fs::metadata(path).map_err(|source| Error::io(path, source))?;
        if !metadata.is_file() {
            let allowed = match metadata.is_dir() {
                true => "a file: this is a folder",
                false => "a file: this is a device, a pipe or a socket",
            };
            return Err(Error::invalid("path", path.display(), allowed));
        }
        // Asked, not tried: to close a file would end the locks that this process has on it.
        rustix::fs::accessat(
            rustix::fs::CWD,
            path,
            rustix::fs::Access::READ_OK,
            rustix::fs::AtFlags::EACCESS,
        )
        .map_err(|errno| Error::io(path, errno))?;
        prepare_process()?;
        let _inside = ForkGate::enter();
        let registration = inherited::register(path).map_err(failed)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match stands_still(path) {
            true => {
                Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)
            }
            false => Connection::open_with_flags(path, flags),
        };
        let connection = opened
            .and_then(|connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
                Ok(connection)
            })
            .map_err(|error| failed(Fault::from(error)))?;
        Ok(StoreReader {
            connection: Some(Gated::new(connection)),
            registration: Some(registration),
            path: path.to_path_buf(),
            process: std::process::id(),
        })
    }

    /// States from `since` to before `until` (Unix seconds), oldest first, at most `limit`.
    pub fn states(&self, since: f64, until: f64, limit: usize) -> Result<Vec<StateRow>> {
        self.rows(
            &format!(
                "SELECT {STATE_COLUMNS} FROM unified_system_states \
                 WHERE timestamp >= ?1 AND timestamp < ?2 ORDER BY timestamp, id LIMIT ?3"
            ),
            (since, until, sql_limit(limit)),
            state,
        )
    }

    /// The state that was stored last.
    pub fn latest_state(&self) -> Result<Option<StateRow>> {
        let sql = format!(
            "SELECT {STATE_COLUMNS} FROM unified_system_states ORDER BY rowid DESC LIMIT 1"
        );
        Ok(self.rows(&sql, [], state)?.pop())
    }

    /// Mean time and number of operations of each component, from rows after `since`.
    pub fn performance_summary(&self, since: f64) -> Result<Vec<ComponentTiming>> {
        self.rows(
            "SELECT component_name, avg(execution_time), count(*) FROM performance_metrics \
             WHERE timestamp > ?1 GROUP BY component_name ORDER BY component_name",
            [since],
            |row| {
                Ok(ComponentTiming {
                    component_name: row.get(0)?,
                    avg_execution_time: row.get(1)?,
                    operation_count: row.get::<_, i64>(2)?.max(0) as u64,
                })
            },
        )
    }

    /// The newest `limit` events since `since` (Unix seconds), oldest of them first.
    pub fn events(&self, since: f64, limit: usize) -> Result<Vec<EventRow>> {
        let mut events = self.rows(
            "SELECT event_type, event_data, severity, component_name, timestamp \
             FROM integration_events WHERE timestamp >= ?1 \
             ORDER BY timestamp DESC, rowid DESC LIMIT ?2",
            (since, sql_limit(limit)),
            |row| {
                Ok(EventRow {
                    event_type: row.get::<_, String>(0)?.into(),
                    event_data: row.get(1)?,
                    severity: row.get::<_, Option<String>>(2)?.map(Into::into),
                    component_name: row.get::<_, Option<String>>(3)?.map(Into::into),
                    timestamp: row.get(4)?,
                })
            },
        )?;
        events.reverse();
        Ok(events)
    }

    /// What reads in its own way, inside the gate statement by statement.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let forked = Error::Forked {
            owner: self.process,
        };
        if std::process::id() != self.process {
            return Err(forked);
        }
        let connection = self.connection.as_ref().ok_or(forked)?;
        read(connection).map_err(|fault| Fault::to_error(&fault.cause, &self.path))
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let forked = Error::Forked {
            owner: self.process,
        };
        if std::process::id() != self.process {
            return Err(forked);
        }
        let connection = self.connection.as_ref().ok_or(forked)?;
        let failed = |error| Fault::to_error(&Fault::from(error).cause, &self.path);
        // A fork waits for a row at most, not for a long read.
        let mut statement = Gated::new({
            let _inside = ForkGate::enter();
            connection.prepare_cached(sql).map_err(failed)?
        });
        let mut found = Gated::new({
            let _inside = ForkGate::enter();
            statement.query(values).map_err(failed)?
        });
        let mut rows = Vec::new();
        loop {
            let _inside = ForkGate::enter();
            match found.next().map_err(failed)? {
                Some(row) => rows.push(read(row).map_err(failed)?),
                None => return Ok(rows),
            }
        }
    }
}

impl Drop for StoreReader {
    /// In a forked child the connection is left alone: it is the parent's.
    fn drop(&mut self) {
        if std::process::id() != self.process {
            std::mem::forget(self.connection.take());
            std::mem::forget(self.registration.take());
        }
    }
}

/// Whether nobody writes the file, and SQLite could not make the side files that it needs to
/// watch for that: in a folder that may not be written, without a log.
fn stands_still(path: &Path) -> bool {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let writable = rustix::fs::access(
        folder.unwrap_or(Path::new(".")),
        rustix::fs::Access::WRITE_OK,
    );
    writable.is_err() && !with_suffix(path, "-wal").exists()
}

/// The file's name as SQLite reads it with a setting behind it.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn state(row: &SqlRow<'_>) -> rusqlite::Result<StateRow> {
    Ok(StateRow {
        timestamp: row.get(0)?,
        health_score: row.get(1)?,
        performance_score: row.get(2)?,
        security_score: row.get(3)?,
        metrics_data: row.get(4)?,
        alerts_data: row.get(5)?,
        recommendations_data: row.get(6)?,
        predictions_data: row.get(7)?,
        insights_data: row.get(8)?,
    })
}
