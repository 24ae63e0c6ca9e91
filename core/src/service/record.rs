//! What the lock's file says: one line of JSON, written anew in place.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::process::Identity;
use crate::error::{Error, Result};
use crate::state::{State, StoreStatus};
use crate::sys;

/// Longest record that is read.
const MOST_BYTES: usize = 64 * 1024;

/// What the process that monitors for a folder says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceRecord {
    #[serde(flatten)]
    pub(super) who: Identity,
    /// When it began, Unix seconds.
    pub started_at: f64,
    /// Its version.
    pub version: String,
    /// How it was called.
    pub command: Vec<String>,
    /// Where it tells what happens; `None`: to who started it.
    pub log: Option<PathBuf>,
    /// Seconds between two states.
    pub refresh_interval: f64,
    /// It acts by itself.
    pub auto_optimize: bool,
    /// It only says what it would do.
    pub demo: bool,
    /// It has begun to monitor.
    pub ready: bool,
    /// How it fared when it was last heard of.
    pub beat: Option<Beat>,
    /// When it last took over saved settings, Unix seconds.
    pub settings_read_at: Option<f64>,
    /// Why it could not take over the saved settings as they are now.
    pub settings_error: Option<String>,
    /// How it ended; `None` while it runs, and when it was killed.
    pub ended: Option<Ended>,
}

/// How a monitor fares.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Beat {
    /// When this was written, Unix seconds.
    pub at: f64,
    /// Time of its newest state.
    pub state_at: Option<f64>,
    /// Number of its newest state, from 1.
    pub sequence: u64,
    /// Rows that it has written into the database.
    pub rows_written: Option<u64>,
    /// Rows that wait in memory.
    pub rows_waiting: Option<u64>,
    /// Size of the database, bytes.
    pub store_bytes: Option<u64>,
    /// Why rows do not reach the database.
    pub store_degraded: Option<String>,
    /// What it costs, percent of one core.
    pub cpu_core_percent: Option<f64>,
    /// Memory of its process, bytes.
    pub rss_bytes: Option<u64>,
    /// Alerts that fire.
    pub alerts_firing: usize,
}

/// How a monitor ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// When, Unix seconds.
    pub at: f64,
    /// In words, e.g. `asked to end`.
    pub why: String,
}

impl Beat {
    /// As a state shows it, written now.
    pub fn of(state: &State) -> Beat {
        let store = state.store.as_deref();
        let degraded = store.filter(|health| health.status == StoreStatus::Degraded);
        let firing = state.alerts.iter().filter(|one| one.fired_at.is_some());
        Beat {
            at: sys::moment().unix_seconds,
            state_at: (state.sequence > 0).then_some(state.timestamp),
            sequence: state.sequence,
            rows_written: store.map(|health| health.rows_written),
            rows_waiting: store.map(|health| health.rows_waiting),
            store_bytes: store.map(|health| health.bytes),
            store_degraded: degraded.map(|health| match &health.cause {
                Some(cause) => cause.clone(),
                None => "the cause is not known".into(),
            }),
            cpu_core_percent: state.metrics.monitor_cpu_core_percent,
            rss_bytes: state.metrics.monitor_rss_bytes,
            alerts_firing: firing.count(),
        }
    }
}

impl ServiceRecord {
    /// Its process.
    pub fn pid(&self) -> i32 {
        self.who.pid
    }

    /// Start of its process in clock ticks after boot.
    pub fn start_time_ticks(&self) -> Option<u64> {
        self.who.start_time_ticks
    }

    /// What is in a lock's file; `None` where nothing whole is.
    pub(super) fn read(file: &File) -> Option<ServiceRecord> {
        let mut bytes = vec![0; MOST_BYTES];
        let mut length = 0;
        while length < bytes.len() {
            match file.read_at(&mut bytes[length..], length as u64) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        // What is behind the line is left over from a longer one.
        let end = bytes[..length].iter().position(|byte| *byte == b'\n')?;
        serde_json::from_slice(&bytes[..end]).ok()
    }

    /// In one write, so that a reader does not meet the half of it.
    pub(super) fn write(&self, file: &File, path: &Path) -> Result<()> {
        let mut line =
            serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        line.push(b'\n');
        file.write_all_at(&line, 0)
            .and_then(|()| file.set_len(line.len() as u64))
            .map_err(|error| Error::io(path, error))
    }
}
