//! The monitor's file as one sees it who brings in another program's rows: they come beside
//! those of a monitor that may be running, in short transactions, and never cost a row of ours.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::StoreSettings;
use super::database::Database;
use super::fault::{Fault, FaultKind, Outcome};
use super::folder;
use super::prototype;
use super::series::Past;
use super::writer::unix_now;
use crate::logging::{Level, tell};
use crate::sys::ForkGate;
use crate::{Error, Result};

/// How long another process that has the file for itself is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(50);

/// What became of rows that were to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Took<T> {
    /// They are committed.
    Done(T),
    /// There is no room for them under the size cap; nothing was written.
    NoRoom,
    /// This process writes the history; nothing was written.
    NotOurs(i64),
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Intake {
    database: Database,
    path: PathBuf,
}

impl Intake {
    /// Opens the monitor's file of a data folder, or makes both.
    ///
    /// # Errors
    /// `Io`, `PermissionDenied`; `Store` for one that is corrupt, another application's, or
    /// locked for half a minute.
    pub(crate) fn open(settings: &StoreSettings) -> Result<Intake> {
        settings.validate()?;
        let path = settings.folder.join(&settings.file_name);
        folder::prepare(&path)?;
        // What is in the way of a link stays, and is told by whoever looks at the folder.
        if let (_, Some(error)) = prototype::make_links(&settings.folder) {
            tell(Level::Warn, format_args!("{error}"));
        }
        let mut database = patiently(&path, || Database::open(&path, settings.max_bytes))?;
        let set = database.set_series(settings.series);
        set.map_err(|fault| error(&fault, &path))?;
        Ok(Intake { database, path })
    }

    /// The database file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Most rows, and bytes of text, that one transaction is to bring.
    pub(crate) fn batch(&self) -> (usize, usize) {
        self.database.cap.batch()
    }

    /// Looks at the tables.
    pub(crate) fn look<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        let _inside = ForkGate::enter();
        work(&self.database.connection).map_err(|fault| error(&fault, &self.path))
    }

    /// Writes rows of these bytes in one transaction. `work` is done again from the beginning
    /// when another process was in the way.
    pub(crate) fn bring<T>(
        &mut self,
        row_bytes: impl Iterator<Item = u64>,
        work: impl Fn(&Connection) -> Outcome<T>,
    ) -> Result<Took<T>> {
        // Twice: such a table may have two indices more than the monitor's own.
        let cap = &self.database.cap;
        let of_rows = cap.series_pages(row_bytes) - cap.series_pages([]);
        let pages = cap.pages_of(&[]) + 2 * of_rows;
        let path = self.path.clone();
        if !self.has_room(pages)? {
            return Ok(Took::NoRoom);
        }
        let database = &mut self.database;
        let done = patiently(&path, || {
            database.in_transaction(pages, |database| {
                let _inside = ForkGate::enter();
                work(&database.connection)
            })
        });
        done.map(Took::Done)
    }

    /// Writes pieces of the past into the history.
    pub(crate) fn bring_past(&mut self, past: &[Past]) -> Result<Took<()>> {
        let cap = &self.database.cap;
        // A piece ends a stretch of each tier at most.
        let rows = past.iter().map(|_| 4 * 1024);
        let pages = cap.pages_of(&[]) + cap.series_pages(rows);
        if !self.has_room(pages)? {
            return Ok(Took::NoRoom);
        }
        let end = Instant::now() + PATIENCE;
        loop {
            match self.database.bring_past(past, unix_now()) {
                Ok(()) => return Ok(Took::Done(())),
                Err(fault) if fault.kind == FaultKind::Held => {
                    if let Some(pid) = self.database.series.other_writer() {
                        return Ok(Took::NotOurs(pid));
                    }
                    if Instant::now() >= end {
                        return Err(error(&fault, &self.path));
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(fault) => return Err(error(&fault, &self.path)),
            }
        }
    }

    /// What was brought into the history stands by itself.
    pub(crate) fn end_past(&mut self) -> Result<()> {
        let ended = self.database.end_past(unix_now());
        ended.map_err(|fault| error(&fault, &self.path))
    }

    /// Lets go of the file and of its history.
    pub(crate) fn close(mut self) -> Result<()> {
        let left = self.database.leave();
        left.map_err(|fault| error(&fault, &self.path))
    }

    /// Whether so many pages fit under the size cap without a row being given up.
    fn has_room(&self, pages: u64) -> Result<bool> {
        let database = &self.database;
        let counted = database
            .page_count()
            .and_then(|all| Ok(all.saturating_sub(database.free_pages()?)));
        let live = counted.map_err(|fault| error(&fault, &self.path))?;
        let spare = database.cap.spare_pages();
        Ok(live + pages + spare <= database.cap.max_pages)
    }
}

/// Tries again while another process holds what is needed.
fn patiently<T>(path: &Path, mut work: impl FnMut() -> Outcome<T>) -> Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match work() {
            Err(fault) if fault.kind == FaultKind::Held && Instant::now() < end => {
                std::thread::sleep(PAUSE);
            }
            done => return done.map_err(|fault| error(&fault, path)),
        }
    }
}

fn error(fault: &Fault, path: &Path) -> Error {
    Fault::to_error(&fault.cause, path)
}
