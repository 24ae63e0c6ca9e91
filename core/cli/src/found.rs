//! What a monitor, perhaps in another process, found and wrote into the database of the data
//! folder. Only read: nothing is created, and a folder that can't be written will do.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use usm_core::Error;
use usm_core::store::{FindingFilter, FindingKind, FindingRow, StoreReader};

use crate::archive;
use crate::draw::{Page, number};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::status::time_of;
use crate::when::now;

/// How to come by findings.
const HOW: &str = "`usm monitor --start` watches this machine and writes down what it finds";

/// Without a new state for so long nobody is taken to monitor, and not before so many times
/// the usual distance.
const SILENT_SECONDS: f64 = 60.0;
const SILENT_TIMES: f64 = 5.0;

/// Most findings that are read at once.
pub(crate) const MOST: usize = 1000;

/// The database of the data folder, open for reading.
#[derive(Debug)]
pub(crate) struct Found {
    reader: StoreReader,
    path: PathBuf,
    newest: Option<f64>,
    now: f64,
    silent_after: f64,
    notes: Vec<String>,
}

/// One finding: its row, and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Past<T> {
    pub(crate) row: FindingRow,
    pub(crate) value: T,
}

/// Which ones are wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wanted {
    /// Those that have not ended.
    Open,
    /// Those that lasted at or after this time, Unix seconds.
    Since(f64),
}

impl Found {
    pub(crate) fn open(global: &GlobalOptions) -> Outcome<Found> {
        let path = archive::file(None, global)?;
        let reader = match StoreReader::open(&path) {
            Err(Error::NotFound { path, .. }) => {
                let message = format!(
                    "nobody has monitored here yet: {} does not exist",
                    path.display()
                );
                return Err(Failure::new(&message, Some(HOW)));
            }
            opened => opened?,
        };
        let interval = global.settings()?.refresh_interval;
        Ok(Found {
            newest: reader.latest_state()?.map(|row| row.timestamp),
            reader,
            path,
            now: now(),
            silent_after: SILENT_SECONDS.max(SILENT_TIMES * interval),
            notes: Vec::new(),
        })
    }

    /// The same where there is a database; `None` where nobody has monitored yet.
    pub(crate) fn open_if_there(global: &GlobalOptions) -> Outcome<Option<Found>> {
        match archive::file(None, global)?.exists() {
            true => Found::open(global).map(Some),
            false => Ok(None),
        }
    }

    /// The same where a program has it open: then a reader makes no file, not even those that
    /// SQLite makes beside a database.
    pub(crate) fn open_if_in_use(global: &GlobalOptions) -> Outcome<Option<Found>> {
        let path = archive::file(None, global)?;
        let beside = |suffix: &str| {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            Path::new(&name).exists()
        };
        match path.exists() && beside("-wal") && beside("-shm") {
            true => Found::open(global).map(Some),
            false => Ok(None),
        }
    }

    pub(crate) fn reader(&self) -> &StoreReader {
        &self.reader
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// When this was read, Unix seconds.
    pub(crate) fn now(&self) -> f64 {
        self.now
    }

    /// Time of the newest state.
    pub(crate) fn newest(&self) -> Option<f64> {
        self.newest
    }

    /// Whether somebody monitors now, as far as the newest state tells.
    pub(crate) fn is_watched(&self) -> bool {
        self.newest
            .is_some_and(|newest| self.now - newest <= self.silent_after)
    }

    /// Findings of a kind, oldest first. Those that this version can't read are left out,
    /// which the notes tell.
    pub(crate) fn of<T: DeserializeOwned>(
        &mut self,
        kind: FindingKind,
        wanted: Wanted,
        limit: usize,
    ) -> Outcome<Vec<Past<T>>> {
        let rows = self.reader.findings(&FindingFilter {
            kind,
            since: match wanted {
                Wanted::Open => f64::NEG_INFINITY,
                Wanted::Since(since) => since,
            },
            until: f64::INFINITY,
            open_only: wanted == Wanted::Open,
            limit,
        })?;
        if rows.len() == limit {
            self.notes
                .push(format!("only the newest {limit} of the {}", many(kind)));
        }
        let all = rows.len();
        let read: Vec<Past<T>> = rows
            .into_iter()
            .filter_map(|row| {
                let value = serde_json::from_str(&row.data).ok()?;
                Some(Past { row, value })
            })
            .collect();
        if read.len() < all {
            self.notes.push(format!(
                "{} of {all} {} are of another version of usm and can't be shown",
                all - read.len(),
                many(kind)
            ));
        }
        Ok(read)
    }

    /// What the reader should know: that nobody monitors, and what could not be read.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        if let Some(silence) = self.silence() {
            notes.insert(0, silence);
        }
        notes
    }

    fn silence(&self) -> Option<String> {
        if self.is_watched() {
            return None;
        }
        let path = self.path.display();
        Some(match self.newest {
            Some(newest) if newest <= self.now => format!(
                "Nobody monitors here now: {path} was last written {}, {} ago. This is how \
                 things stood then. {HOW}.",
                time_of(newest),
                number::duration(self.now - newest)
            ),
            // The clock was set back.
            Some(newest) => format!(
                "{path} was last written {}, which is yet to come by this machine's clock.",
                time_of(newest)
            ),
            None => format!("Nobody monitors here now: {path} holds no state. {HOW}."),
        })
    }

    pub(crate) fn draw_notes(&self, page: &mut Page) {
        let notes = self.notes();
        if !notes.is_empty() {
            page.gap();
            crate::draw::notes(&notes, page);
        }
    }
}

fn many(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Alert => "alerts",
        FindingKind::Anomaly => "anomalies",
        FindingKind::Incident => "incidents",
        FindingKind::Insight => "insights",
        FindingKind::Security => "security findings",
        FindingKind::Silence => "silences",
    }
}
