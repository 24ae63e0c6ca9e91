//! A recording that is written by whoever holds it, without a thread of its own.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::settings::SeriesSettings;
use crate::logging::{Level, tell};
use crate::series::Frame;
use crate::store::database::Database;
use crate::store::fault::Fault;
use crate::store::folder::{SIDE_FILES, file_bytes, with_suffix};
use crate::store::row::Row;
use crate::store::writer::unix_now;
use crate::{Error, Result};

/// Frames that are written in one transaction.
const FRAMES_AT_A_TIME: usize = 64;

/// A recording may become as big as the disk allows.
const MAX_BYTES: u64 = 1 << 44;

/// A new recording: the monitor's schema with the raw tier only. Dropped before
/// [`SeriesFile::finish`] it is deleted.
#[derive(Debug)]
pub(crate) struct SeriesFile {
    path: PathBuf,
    database: Option<Database>,
    waiting: Vec<Row>,
    is_finished: bool,
}

impl SeriesFile {
    /// Makes the file, with mode 0600.
    ///
    /// # Errors
    /// `InvalidArgument` when there is one; `Io`, `Store`.
    pub(crate) fn create(path: &Path) -> Result<SeriesFile> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::invalid(
                "path",
                path.display(),
                "the name of a file that is not there yet",
            ),
            _ => Error::io(path, error),
        })?;
        let mut file = SeriesFile {
            path: path.to_path_buf(),
            database: None,
            waiting: Vec::new(),
            is_finished: false,
        };
        let mut database = Database::open(path, MAX_BYTES).map_err(|fault| file.error(&fault))?;
        let raw_only = SeriesSettings {
            enabled: true,
            keep: [
                Duration::MAX,
                Duration::ZERO,
                Duration::ZERO,
                Duration::ZERO,
            ],
        };
        database
            .set_series(raw_only)
            .map_err(|fault| file.error(&fault))?;
        file.database = Some(database);
        Ok(file)
    }

    /// Adds a sample; the first one brings all of its context.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn append(&mut self, frame: &Frame) -> Result<()> {
        self.waiting.push(Row::Frame(Arc::new(frame.clone())));
        match self.waiting.len() < FRAMES_AT_A_TIME {
            true => Ok(()),
            false => self.write(),
        }
    }

    fn write(&mut self) -> Result<()> {
        let Some(database) = &mut self.database else {
            return Ok(());
        };
        let written = database.write(&self.waiting, unix_now());
        let written = written.and_then(|written| database.seal_series().map(|()| written));
        self.waiting.clear();
        let written = written.map_err(|fault| self.error(&fault))?;
        match written.last_refusal {
            Some(refusal) => Err(Fault::to_error(&refusal, &self.path)),
            None => Ok(()),
        }
    }

    /// Seals what is open and leaves one file without side files; returns its size in bytes.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn finish(mut self) -> Result<u64> {
        self.write()?;
        if let Some(database) = self.database.take() {
            database.finish().map_err(|fault| self.error(&fault))?;
        }
        self.is_finished = true;
        Ok(file_bytes(&self.path))
    }

    fn error(&self, fault: &Fault) -> Error {
        Fault::to_error(&fault.cause, &self.path)
    }
}

impl Drop for SeriesFile {
    fn drop(&mut self) {
        // Closed first: SQLite would make side files anew.
        drop(self.database.take());
        if self.is_finished {
            return;
        }
        for suffix in ["", SIDE_FILES[0], SIDE_FILES[1], SIDE_FILES[2]] {
            let path = with_suffix(&self.path, suffix);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tell(Level::Warn, format_args!("{}: {error}", path.display()))
                }
                _ => {}
            }
        }
    }
}
