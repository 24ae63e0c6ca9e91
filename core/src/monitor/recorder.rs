//! Records this host into a file of its own.

use std::path::{Path, PathBuf};

use super::Monitor;
use crate::config::Config;
use crate::history::RecordingSummary;
use crate::{Error, Result};

/// A monitor that writes its samples into a recording and nothing else.
#[derive(Debug)]
pub struct Recorder {
    monitor: Monitor,
    path: PathBuf,
}

impl Recorder {
    /// Starts recording with these settings (`data_dir` and `store_enabled` have no meaning
    /// here). The file is a database that [`crate::history::History`] and
    /// [`crate::history::Replay`] read; while it is being written too.
    ///
    /// # Errors
    /// `AlreadyExists`-like `Io` when the file exists; otherwise as [`Monitor::new`] and
    /// [`Monitor::start`]; `Store` when the file can't be written.
    pub fn start(_config: Config, _path: impl AsRef<Path>) -> Result<Recorder> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// The monitor at work: for its states and events.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// The recording's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stops, packs what is open and leaves one file without side files.
    ///
    /// # Errors
    /// `Store` with the cause when not everything could be written.
    pub fn finish(self) -> Result<RecordingSummary> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
