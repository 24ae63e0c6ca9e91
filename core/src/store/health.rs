//! How the storage is doing.

use std::path::PathBuf;

use serde::Serialize;

/// Whether rows reach the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreStatus {
    /// The last attempt to write succeeded.
    Ok,
    /// It did not, or the file is not open yet: rows wait in memory.
    Degraded,
}

/// The health of a store at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoreHealth {
    /// Whether rows reach the file.
    pub status: StoreStatus,
    /// Why not, in words with path and error number.
    pub cause: Option<String>,
    /// Since when the status is what it is, Unix seconds.
    pub since: Option<f64>,
    /// Rows committed since the store was opened.
    pub rows_written: u64,
    /// Rows in memory that are not committed yet.
    pub rows_waiting: u64,
    /// Rows lost: pushed out of a full queue, or refused by the table.
    pub rows_dropped: u64,
    /// Size of the database with its side files, bytes.
    pub bytes: u64,
    /// When rows were last committed, Unix seconds.
    pub last_commit: Option<f64>,
    /// How long that transaction took, seconds.
    pub last_commit_seconds: Option<f64>,
    /// Rows in that transaction.
    pub last_commit_rows: u64,
    /// Where the last corrupt file was put.
    pub set_aside: Option<PathBuf>,
    /// The size cap has cost rows that are younger than the retention.
    pub retention_lost: bool,
    /// What is not as it should be although rows are written.
    pub warning: Option<String>,
}

/// What the writer knows; [`StoreHealth`] adds the queue's counts.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) status: StoreStatus,
    pub(crate) cause: Option<String>,
    pub(crate) since: Option<f64>,
    pub(crate) rows_written: u64,
    pub(crate) bytes: u64,
    pub(crate) last_commit: Option<f64>,
    pub(crate) last_commit_seconds: Option<f64>,
    pub(crate) last_commit_rows: u64,
    pub(crate) set_aside: Option<PathBuf>,
    pub(crate) retention_lost: bool,
    pub(crate) warning: Option<String>,
}

impl Report {
    pub(crate) fn opening(now: f64) -> Report {
        Report::degraded("the database is not open yet".to_owned(), Some(now))
    }

    pub(crate) fn degraded(cause: String, since: Option<f64>) -> Report {
        Report {
            status: StoreStatus::Degraded,
            cause: Some(cause),
            since,
            rows_written: 0,
            bytes: 0,
            last_commit: None,
            last_commit_seconds: None,
            last_commit_rows: 0,
            set_aside: None,
            retention_lost: false,
            warning: None,
        }
    }

    /// Degraded with a cause, ok without.
    pub(crate) fn set_status(&mut self, cause: Option<String>, now: f64) {
        let status = match cause {
            None => StoreStatus::Ok,
            Some(_) => StoreStatus::Degraded,
        };
        self.cause = cause;
        if self.status != status {
            self.status = status;
            self.since = Some(now);
        }
    }

    pub(crate) fn health(&self, rows_waiting: u64, rows_dropped: u64) -> StoreHealth {
        StoreHealth {
            status: self.status,
            cause: self.cause.clone(),
            since: self.since,
            rows_written: self.rows_written,
            rows_waiting,
            rows_dropped,
            bytes: self.bytes,
            last_commit: self.last_commit,
            last_commit_seconds: self.last_commit_seconds,
            last_commit_rows: self.last_commit_rows,
            set_aside: self.set_aside.clone(),
            retention_lost: self.retention_lost,
            warning: self.warning.clone(),
        }
    }
}
