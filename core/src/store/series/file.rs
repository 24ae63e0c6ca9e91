//! A recording that is written by whoever holds it, without a thread of its own.

use std::path::Path;

use crate::series::Frame;
use crate::{Error, Result};

/// A new recording: the monitor's schema with the raw tier only. Dropped before
/// [`SeriesFile::finish`] it is deleted.
#[derive(Debug)]
pub(crate) struct SeriesFile {}

impl SeriesFile {
    /// Makes the file, with mode 0600.
    ///
    /// # Errors
    /// `InvalidArgument` when there is one; `Io`, `Store`.
    pub(crate) fn create(_path: &Path) -> Result<SeriesFile> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// Adds a sample; the first one brings all of its context.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn append(&mut self, _frame: &Frame) -> Result<()> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// Seals what is open and leaves one file without side files; returns its size in bytes.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) fn finish(self) -> Result<u64> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
