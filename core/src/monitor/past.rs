//! What the monitor's own database remembers.

use super::Monitor;
use crate::history::{PastState, Query, SeriesInfo, Table, TierExtent};
use crate::{Error, Result};

impl Monitor {
    /// Answers a query of the history, see [`crate::history::History::query`]. What was
    /// sampled but not committed yet is committed first.
    ///
    /// # Errors
    /// As there; `InvalidState` with `store_enabled` or `history_enabled` false.
    pub fn query(&self, _query: &Query) -> Result<Table> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// The whole state as it was, see [`crate::history::History::state_at`].
    ///
    /// # Errors
    /// As there; `InvalidState` with `store_enabled` or `history_enabled` false.
    pub fn state_at(&self, _unix_seconds: f64) -> Result<PastState> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// The series that have a value between two Unix times.
    ///
    /// # Errors
    /// As [`Monitor::query`].
    pub fn series(&self, _since: f64, _until: f64) -> Result<Vec<SeriesInfo>> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// How much each tier of the history holds.
    ///
    /// # Errors
    /// As [`Monitor::query`].
    pub fn history_extents(&self) -> Result<Vec<TierExtent>> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
