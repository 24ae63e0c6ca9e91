//! Records this host into a file of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Monitor;
use super::shared::Shared;
use crate::config::Config;
use crate::history::{History, RecordingSummary};
use crate::store::{SeriesSettings, StoreSettings};
use crate::{Error, Result};

/// How long finishing waits for what was sampled to be written.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// A recording is looked at while it is made, and what was recorded should outlive a crash.
const MOST_COMMIT_SECONDS: f64 = 1.0;
/// Nothing of a recording becomes too old.
const FOR_EVER: Duration = Duration::from_secs(36_500 * 86_400);
/// Cap of a recording: what it is stopped at lies in the hands of who records.
const MOST_BYTES: u64 = 1 << 50;

/// A monitor that writes its samples into a recording and nothing else.
#[derive(Debug)]
pub struct Recorder {
    monitor: Monitor,
    path: PathBuf,
}

impl Recorder {
    /// Starts recording with these settings (`commit_interval` at most 1 s; `data_dir`,
    /// `store_enabled`, `history_enabled`, what is kept for how long and the size cap have no
    /// meaning here). The file is a database that [`History`] and [`crate::history::Replay`]
    /// read; while it is being written too.
    ///
    /// # Errors
    /// `InvalidArgument` when the file exists; otherwise as [`Monitor::new`] and
    /// [`Monitor::start`]; `Store` when the file can't be written.
    pub fn start(config: Config, path: impl AsRef<Path>) -> Result<Recorder> {
        let path = std::path::absolute(path.as_ref())
            .map_err(|source| Error::io(path.as_ref(), source))?;
        config.validate()?;
        config.roots().check()?;
        let settings = settings_for(&config, &path)?;
        let config = Config {
            history_enabled: true,
            ..config
        };
        let monitor = Monitor::of(Shared::recording(config, settings)?);
        // A recording that can't be written is no recording.
        monitor.flush(WRITE_PATIENCE)?;
        monitor.start()?;
        Ok(Recorder { monitor, path })
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
        self.monitor.stop()?;
        self.monitor.flush(WRITE_PATIENCE)?;
        let Recorder { monitor, path } = self;
        drop(monitor);
        let history = History::open(&path)?;
        let raw = history.extents()?.into_iter().next();
        Ok(RecordingSummary {
            samples: raw.map_or(0, |extent| extent.rows),
            first: raw.map(|extent| extent.first),
            last: raw.map(|extent| extent.last),
            notes: Vec::new(),
            bytes: std::fs::metadata(&path)
                .map_err(|source| Error::io(&path, source))?
                .len(),
        })
    }
}

fn settings_for(config: &Config, path: &Path) -> Result<StoreSettings> {
    let shown = || path.display().to_string();
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Error::invalid("path", shown(), "the name of a new file"));
    };
    if path.symlink_metadata().is_ok() {
        let allowed = "the name of a new file: this one exists";
        return Err(Error::invalid("path", shown(), allowed));
    }
    if !folder.is_dir() {
        return Err(Error::io(folder, std::io::ErrorKind::NotFound));
    }
    Ok(StoreSettings {
        file_name: name.to_os_string(),
        finish_on_close: true,
        series: SeriesSettings {
            enabled: true,
            keep: [FOR_EVER, Duration::ZERO, Duration::ZERO, Duration::ZERO],
        },
        retention: FOR_EVER,
        max_bytes: MOST_BYTES,
        commit_interval: Duration::from_secs_f64(config.commit_interval.min(MOST_COMMIT_SECONDS)),
        ..StoreSettings::new(folder)
    })
}
