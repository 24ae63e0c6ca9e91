//! Where the past is read from.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use usm_core::Result;
use usm_core::history::History;
use usm_core::store::{
    DATABASE_NAME, FindingFilter, FindingKind, FindingRow, StoreReader, default_folder,
};

use crate::Wanted;

/// Seconds behind the last row at which it is before the end.
const BEHIND: f64 = 0.001;

/// Most findings of a kind: the store keeps no more.
const MOST_FINDINGS: usize = 20_000;

/// A database or a recording, open for reading. Not shared between threads.
#[derive(Debug)]
pub struct Source {
    pub(crate) history: History,
    pub(crate) reader: StoreReader,
    path: PathBuf,
}

/// One finding: its row, and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Found<T> {
    pub(crate) row: FindingRow,
    pub(crate) value: T,
}

impl Source {
    /// Opens a recording, a database or the data folder that one is in.
    ///
    /// # Errors
    /// `NotFound` and the like; `Store` when it is no database.
    pub fn open(path: impl AsRef<Path>) -> Result<Source> {
        let path = path.as_ref();
        let path = match path.is_dir() {
            true => path.join(DATABASE_NAME),
            false => path.to_path_buf(),
        };
        Ok(Source {
            history: History::open(&path)?,
            reader: StoreReader::open(&path)?,
            path,
        })
    }

    /// Opens what the folder holds, or the default data folder.
    ///
    /// # Errors
    /// As [`Source::open`]; `InvalidState` where there is no default.
    pub fn open_or_default(path: Option<&Path>) -> Result<Source> {
        match path {
            Some(path) => Source::open(path),
            None => Source::open(default_folder()?),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From the first row to behind the last, Unix seconds; `None` without any.
    ///
    /// # Errors
    /// `Store`.
    pub fn extent(&self) -> Result<Option<(f64, f64)>> {
        let extents = self.history.extents()?;
        let held = extents.iter().filter(|extent| extent.rows > 0);
        Ok(held
            .map(|extent| (extent.first, extent.last + BEHIND))
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
    }

    /// The part of the range that there are rows of; `None` where there are none.
    pub(crate) fn held(&self, wanted: &Wanted) -> Result<Option<(f64, f64)>> {
        wanted.check()?;
        let held = self
            .extent()?
            .map(|(first, last)| (first.max(wanted.since), last.min(wanted.until)));
        Ok(held.filter(|(since, until)| since < until))
    }

    /// The findings of a kind that lasted in the range, oldest first, and how many of them
    /// another release wrote in a form that this one does not read.
    pub(crate) fn findings<T: DeserializeOwned>(
        &self,
        kind: FindingKind,
        wanted: &Wanted,
    ) -> Result<(Vec<Found<T>>, usize)> {
        let rows = self.reader.findings(&FindingFilter {
            kind,
            since: wanted.since,
            until: wanted.until,
            open_only: false,
            limit: MOST_FINDINGS,
        })?;
        let all = rows.len();
        let found: Vec<Found<T>> = rows
            .into_iter()
            .filter_map(|row| {
                let value = serde_json::from_str(&row.data).ok()?;
                Some(Found { row, value })
            })
            .collect();
        let unread = all - found.len();
        Ok((found, unread))
    }
}

/// What the reader should know of findings that could not be read.
pub(crate) fn unread_note(unread: usize, of: &str) -> Option<String> {
    (unread > 0)
        .then(|| format!("{unread} of the {of} are of another version of usm and were left out"))
}
