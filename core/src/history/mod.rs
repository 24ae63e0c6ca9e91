//! What was: series over a range, the whole state at a moment, and the engine run again
//! over what was recorded.
//!
//! ```no_run
//! use usm_core::history::{History, Query, Selector};
//!
//! # fn main() -> usm_core::Result<()> {
//! let history = History::open("/home/me/.local/state/usm/unified_system.db")?;
//! let now = 1_795_000_000.0;
//! let mut query = Query::new(Selector::parse("cpu_percent")?, now - 86_400.0, now);
//! query.step_seconds = Some(60.0);
//! let table = history.query(&query)?;
//! for (time, value) in table.times.iter().zip(&table.columns[0].values) {
//!     println!("{time} {value:.1}");
//! }
//! # Ok(())
//! # }
//! ```

mod exchange;
mod pattern;
mod query;
mod recording;
mod replay;
mod selector;
mod table;
mod when;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::series::{Kind, Tier, Unit};
use crate::state::State;
use crate::store::StoreReader;
use crate::{Error, Result};

pub use exchange::{TextFormat, import};
pub use query::{Aggregate, Query};
pub use recording::{Names, RecordingSummary};
pub use replay::Replay;
pub use selector::{Matcher, Selector};
pub use table::{SeriesKey, Summary, Table, TableColumn};
pub use when::{parse_duration, parse_time};

/// How much a tier holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TierExtent {
    /// The tier.
    pub tier: Tier,
    /// Beginning of the first row, Unix seconds.
    pub first: f64,
    /// End of the last row, Unix seconds.
    pub last: f64,
    /// Rows.
    pub rows: u64,
    /// Bytes that they take.
    pub bytes: u64,
}

/// One series that the history holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesInfo {
    /// Name and labels.
    pub key: SeriesKey,
    /// Unit of its values.
    pub unit: Unit,
    /// How its values behave.
    pub kind: Kind,
    /// What is measured, in a sentence.
    pub help: String,
}

/// The state as it was at a moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastState {
    /// The moment that was asked for, Unix seconds.
    pub asked: f64,
    /// The whole state; `state.timestamp` is when it was sampled (of a coarser tier: the
    /// beginning of its stretch).
    pub state: State,
    /// The tier that still held it.
    pub tier: Tier,
}

/// A database or a recording, opened for reading. Not shared between threads; opening is
/// cheap. A long read does not hold up who writes.
#[derive(Debug)]
pub struct History {
    reader: StoreReader,
    path: PathBuf,
}

impl History {
    /// Opens a database (`unified_system.db`) or a recording.
    ///
    /// # Errors
    /// `NotFound` and the like; `Store` when it is no database.
    pub fn open(path: impl AsRef<Path>) -> Result<History> {
        let path = path.as_ref();
        Ok(History {
            reader: StoreReader::open(path)?,
            path: path.to_path_buf(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much each tier holds, from fine to coarse; empty without any history.
    ///
    /// # Errors
    /// `Store`.
    pub fn extents(&self) -> Result<Vec<TierExtent>> {
        let _ = &self.reader;
        Err(Error::Unsupported("not written yet".into()))
    }

    /// The series that have a value between two Unix times.
    ///
    /// # Errors
    /// `Store`.
    pub fn list(&self, _since: f64, _until: f64) -> Result<Vec<SeriesInfo>> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// Answers a query.
    ///
    /// # Errors
    /// `InvalidArgument` for an unknown metric (with the nearest names), label or range;
    /// `Store`.
    pub fn query(&self, _query: &Query) -> Result<Table> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// The whole state as it was at a moment: the newest sample at or before it, if that is
    /// not older than the gap that the tier allows.
    ///
    /// # Errors
    /// `NotFound` when nothing was recorded then (with the nearest times that were).
    pub fn state_at(&self, _unix_seconds: f64) -> Result<PastState> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
