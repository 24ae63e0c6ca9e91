//! How the storage is doing, as the writer knows it.

use std::path::PathBuf;

pub use crate::state::{StoreHealth, StoreStatus};

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
