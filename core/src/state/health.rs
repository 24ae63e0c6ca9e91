//! How the parts that tell and remember are doing.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the events' queues and callbacks did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventHealth {
    /// Subscriptions that are open.
    pub subscriptions: u64,
    /// Events that were handed to a callback or taken from a stream.
    pub delivered: u64,
    /// Events dropped since a subscriber was too slow.
    pub dropped: u64,
    /// Callbacks that failed: returned an error, raised or panicked.
    pub failed: u64,
    /// Callbacks that have been running for longer than 10 seconds.
    pub stuck: u64,
}

/// Whether rows reach the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreStatus {
    /// The last attempt to write succeeded.
    Ok,
    /// It did not, or the file is not open yet: rows wait in memory.
    Degraded,
}

/// The health of a store at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
