//! Where the past is read from: the monitor's database, or a file that is named.

use std::path::{Path, PathBuf};

use usm_core::Error;
use usm_core::history::{History, TierExtent};
use usm_core::series::Tier;
use usm_core::store::{DATABASE_NAME, default_folder};

use crate::failure::{Failure, Outcome};
use crate::history::tier_name;
use crate::options::GlobalOptions;
use crate::status::time_of;
use crate::when::Range;

/// How to come by a history.
const HOW: &str = "`usm monitor --start` watches this machine and keeps its history; \
     `usm record FILE` keeps it in a file of its own";

/// Seconds behind a time at which what was sampled then is before them.
const BEHIND: f64 = 0.001;

/// A history that is opened, and what it holds.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) history: History,
    /// How much each tier holds; never empty.
    pub(crate) extents: Vec<TierExtent>,
    /// It is a file that was named, not the monitor's own.
    pub(crate) is_named: bool,
}

impl Archive {
    /// The file that was named, or the database of the data folder.
    pub(crate) fn open(from: Option<&Path>, global: &GlobalOptions) -> Outcome<Archive> {
        let path = file(from, global)?;
        let history = match History::open(&path) {
            Err(Error::NotFound { path, .. }) if from.is_none() => {
                let message = format!("there is no history yet: {} does not exist", path.display());
                return Err(Failure::new(&message, Some(HOW)));
            }
            opened => opened.map_err(|error| of_file(from, error))?,
        };
        let extents = history.extents().map_err(|error| of_file(from, error))?;
        if extents.iter().all(|extent| extent.rows == 0) {
            let message = format!("there is no history in {}", path.display());
            return Err(Failure::new(&message, Some(HOW)));
        }
        Ok(Archive {
            history,
            extents,
            is_named: from.is_some(),
        })
    }

    /// From the first row to the end of the last, which is included.
    pub(crate) fn range(&self) -> Range {
        let held = || self.extents.iter().filter(|extent| extent.rows > 0);
        let last = held().map(|e| e.last).fold(f64::NEG_INFINITY, f64::max);
        Range {
            since: held().map(|e| e.first).fold(f64::INFINITY, f64::min),
            until: last + BEHIND,
        }
    }

    /// Nothing is known of these series in a range: what is.
    pub(crate) fn nothing_of(
        &self,
        series: &[String],
        tier: Option<Tier>,
        range: Range,
    ) -> Failure {
        let held = self.range();
        if range.until <= held.since || held.until <= range.since {
            return self.nothing(range);
        }
        let rows = tier.map(|tier| format!(" in {}", tier_name(tier)));
        let name = series.first().and_then(|series| series.split('{').next());
        let hint = match tier {
            Some(_) => "`usm history --extents` tells from when to when each tier reaches".into(),
            None => format!(
                "`usm history --list {}` shows which series there are",
                name.unwrap_or_default().trim()
            ),
        };
        Failure::new(
            &format!(
                "of {}{} nothing was recorded between {} and {}",
                series.join(", "),
                rows.unwrap_or_default(),
                time_of(range.since),
                time_of(range.until)
            ),
            Some(&hint),
        )
    }

    /// Nothing is known of a range: what is.
    pub(crate) fn nothing(&self, range: Range) -> Failure {
        let held = self.range();
        Failure::new(
            &format!(
                "nothing was recorded between {} and {}",
                time_of(range.since),
                time_of(range.until)
            ),
            Some(&format!(
                "{} holds {} to {}",
                self.history.path().display(),
                time_of(held.since),
                time_of(held.until)
            )),
        )
    }
}

/// What was named may be anything.
fn of_file(from: Option<&Path>, error: Error) -> Failure {
    match (from, &error) {
        (Some(_), Error::Store { .. } | Error::InvalidArgument { .. }) => Failure::new(
            &error.to_string(),
            Some("a file that `usm record FILE` made is wanted, or a unified_system.db"),
        ),
        _ => error.into(),
    }
}

/// The file that was named, or the database of the data folder.
pub(crate) fn file(from: Option<&Path>, global: &GlobalOptions) -> Outcome<PathBuf> {
    if let Some(file) = from {
        return Ok(file.to_path_buf());
    }
    let folder = match global.settings()?.data_dir {
        Some(folder) => folder,
        None => default_folder()?,
    };
    Ok(folder.join(DATABASE_NAME))
}
