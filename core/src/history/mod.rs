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

mod answer;
mod axis;
mod backtest;
mod block;
mod column;
mod exchange;
#[cfg(test)]
mod fixture;
mod fold;
mod for_benches;
mod forecast;
mod found;
mod frames;
mod gather;
mod judged;
mod listing;

mod mask;
mod moment;
mod plan;
mod query;
mod question;
mod rate;
mod recording;
mod replay;
mod source;
mod stamp;
mod strip;
mod table;
#[cfg(test)]
mod tests;
mod units;
mod unpacked;
mod when;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::series::{Kind, Tier, Unit};
use crate::state::State;
use crate::store::StoreReader;
use block::Cache;

pub use crate::series::{Matcher, Selector, SeriesKey};
pub use exchange::{TextFormat, import};
#[doc(hidden)]
pub use for_benches::frames_of;
pub use forecast::foretold_metrics;
pub use query::{Aggregate, Query};
pub use recording::{Names, RecordingSummary};
pub use replay::Replay;
pub use table::{Summary, Table, TableColumn};
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
    cache: RefCell<Cache>,
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
            cache: RefCell::default(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
