//! What the monitor's own database remembers.

use std::sync::TryLockError;
use std::time::Duration;

use super::Monitor;
use crate::history::{History, PastState, Query, SeriesInfo, Table, TierExtent};
use crate::store::file_id;
use crate::{Error, Result};

/// The database, open for reading.
#[derive(Debug)]
pub(super) struct OpenPast {
    history: History,
    /// Which file that is.
    file: Option<(u64, u64)>,
}

/// How long a query waits for what was sampled to be committed.
const COMMIT_PATIENCE: Duration = Duration::from_secs(2);

impl Monitor {
    /// Answers a query of the history, see [`History::query`]. What was sampled but not
    /// committed yet is committed first; if the database can't be written at present, the
    /// notes of the answer say so.
    ///
    /// # Errors
    /// As there; `InvalidState` with `store_enabled` or `history_enabled` false.
    pub fn query(&self, query: &Query) -> Result<Table> {
        let not_committed = self.commit_for_reading()?;
        let mut table = self.with_history(|history| history.query(query))?;
        if let Some(error) = not_committed {
            table
                .notes
                .push(format!("the newest samples are missing: {error}"));
        }
        Ok(table)
    }

    /// The whole state as it was, see [`History::state_at`].
    ///
    /// # Errors
    /// As there; `InvalidState` with `store_enabled` or `history_enabled` false.
    pub fn state_at(&self, unix_seconds: f64) -> Result<PastState> {
        // Without a commit an older state can be found, which says when it was.
        self.commit_for_reading()?;
        self.with_history(|history| history.state_at(unix_seconds))
    }

    /// The series that have a value between two Unix times.
    ///
    /// # Errors
    /// As [`Monitor::query`].
    pub fn series(&self, since: f64, until: f64) -> Result<Vec<SeriesInfo>> {
        self.commit_for_reading()?;
        self.with_history(|history| history.list(since, until))
    }

    /// How much each tier of the history holds.
    ///
    /// # Errors
    /// As [`Monitor::query`].
    pub fn history_extents(&self) -> Result<Vec<TierExtent>> {
        self.commit_for_reading()?;
        self.with_history(History::extents)
    }

    /// Has what waits committed; answers why that could not be done.
    pub(super) fn commit_for_reading(&self) -> Result<Option<Error>> {
        self.check_process()?;
        if !self.config().history_enabled {
            return Err(Error::InvalidState(
                "there is no history: history_enabled is false".into(),
            ));
        }
        Ok(self.shared.store()?.flush(COMMIT_PATIENCE).err())
    }

    /// Reads the database through the handle that is kept, or through another one while
    /// somebody else uses that: no query waits for another.
    pub(super) fn with_history<T>(&self, read: impl FnOnce(&History) -> Result<T>) -> Result<T> {
        let path = self.shared.store()?.path();
        let mut kept = match self.shared.past.try_lock() {
            Ok(kept) => kept,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return read(&History::open(path)?),
        };
        // After a fault the path may lead to another file.
        let file = file_id(path);
        let past = match kept.take() {
            Some(past) if past.file.is_some() && past.file == file => past,
            _ => OpenPast {
                history: History::open(path)?,
                file,
            },
        };
        let answer = read(&past.history);
        if answer.is_ok() {
            *kept = Some(past);
        }
        answer
    }
}
