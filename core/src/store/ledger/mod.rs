//! The optimizer's own database, `performance_optimizer.db`: targets, actions, history,
//! profiles, and the journal of what was changed on this host.
//!
//! Unlike the monitor's [`Store`](super::Store), each call that writes has its rows on the disk
//! when it returns, or fails and has changed nothing. Several processes may use the file.
//!
//! A corrupt file is set aside and a new one begun: then [`Ledger::warning`] says so, for what
//! its journal held can't be taken back by itself any more.

mod bringing;
mod file;
mod history;
mod journal;
mod journal_row;
mod notes;
mod plans;
mod profiles;
mod prune;
mod rows;
mod tables;
#[cfg(test)]
mod tests;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use super::connection;
use super::fault::{Fault, FaultKind, Outcome};
use super::folder;
use super::inherited::file_id;
use super::writer::{lock, unix_now};
use crate::logging::{Level, tell};
use crate::sys::ForkGate;
use crate::{Error, Result};
use file::{LedgerFile, put_aside};

pub use journal_row::{JournalRow, JournalState};
pub use rows::{ActionRow, HistoryRow, ProfileRow, TargetRow};

/// Name of the optimizer's database in the data folder.
pub const LEDGER_NAME: &str = "performance_optimizer.db";

/// The optimizer's database. Shared between threads by reference.
///
/// After `fork()` the child's copy does nothing and touches nothing: it belongs to the parent.
pub struct Ledger {
    /// Taken only by `Drop` in a forked child, to be forgotten.
    inner: Option<Mutex<Inner>>,
    path: PathBuf,
    process: u32,
}

#[derive(Debug, Default)]
struct Inner {
    /// `None` after a failure that asks for opening again.
    file: Option<LedgerFile>,
    warning: Option<String>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("path", &self.path)
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the file in this folder, or makes both (0700 and 0600). A corrupt file is set
    /// aside and a new one begun, see [`Ledger::warning`].
    ///
    /// # Errors
    /// `PermissionDenied`, `Io` and `Store` when it can't be opened for writing, belongs to
    /// another application or a newer release, or stays locked for 5 seconds; `InvalidState` in
    /// a child that was forked while a thread of its parent held a lock of SQLite's.
    pub fn open(folder: &Path) -> Result<Ledger> {
        if folder.as_os_str().is_empty() {
            return Err(Error::invalid("folder", "\"\"", "the path of a folder"));
        }
        connection::prepare_process()?;
        let path = folder.join(LEDGER_NAME);
        folder::prepare(&path)?;
        let ledger = Ledger {
            inner: Some(Mutex::default()),
            path,
            process: std::process::id(),
        };
        // Looks at the first page at least.
        ledger.read(|connection| {
            Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
        })?;
        Ok(ledger)
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the user must be told: that the file was corrupt or gone, so that the journal in it
    /// can't restore anything any more, and where it is now.
    pub fn warning(&self) -> Option<String> {
        match self.own() {
            Ok(inner) => lock(inner).warning.clone(),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Runs what only reads.
    fn read<T>(&self, work: impl Fn(&Connection) -> Outcome<T>) -> Result<T> {
        let mut answer = None;
        self.with(&mut |file| {
            file.stands()?;
            answer = Some(work(&file.connection)?);
            Ok(())
        })?;
        answered(answer)
    }

    /// Runs what writes, in one transaction, which is on the disk when this returns.
    fn write<T>(&self, work: impl Fn(&Connection) -> Outcome<T>) -> Result<T> {
        let mut answer = None;
        self.with(&mut |file| {
            file.transaction(&mut |connection| {
                answer = Some(work(connection)?);
                Ok(())
            })
        })?;
        answered(answer)
    }

    /// Dynamic: `read` and `write` are of many types, and this is not small.
    fn with(&self, work: &mut dyn FnMut(&LedgerFile) -> Outcome<()>) -> Result<()> {
        let mut inner = lock(self.own()?);
        let inner = &mut *inner;
        let mut tried = inner.attempt(&self.path, work);
        // At most once for each: a disk that corrupts every new file is not to be filled.
        for kind in [FaultKind::Corrupt, FaultKind::Moved] {
            if let Err(fault) = &tried
                && fault.kind == kind
            {
                tried = inner
                    .begin_anew(&self.path, fault)
                    .and_then(|()| inner.attempt(&self.path, work));
            }
        }
        tried.map_err(|fault| {
            if fault.kind == FaultKind::Other {
                inner.file = None;
            }
            Fault::to_error(&fault.cause, &self.path)
        })
    }

    fn own(&self) -> Result<&Mutex<Inner>> {
        match &self.inner {
            Some(inner) if self.process == std::process::id() => Ok(inner),
            _ => Err(Error::Forked {
                owner: self.process,
            }),
        }
    }

    fn no_row(&self, table: &str, id: i64) -> Error {
        Error::InvalidState(format!("{}: {table} has no row {id}", self.path.display()))
    }
}

/// What was read or written by work that did not fail.
fn answered<T>(answer: Option<T>) -> Result<T> {
    answer.ok_or_else(|| Error::Internal("no answer of the ledger".into()))
}

impl Inner {
    fn attempt(
        &mut self,
        path: &Path,
        work: &mut dyn FnMut(&LedgerFile) -> Outcome<()>,
    ) -> Outcome<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => LedgerFile::open(path)?,
        };
        let _inside = ForkGate::enter();
        work(self.file.insert(file))
    }

    /// The file is corrupt, or not there any more: a new one takes its place, and that is told.
    fn begin_anew(&mut self, path: &Path, fault: &Fault) -> Outcome<()> {
        let identity = match self.file.take() {
            Some(file) => {
                let identity = file.identity;
                connection::keep_log(&file.connection, path);
                identity
            }
            None => file_id(path),
        };
        let done = match fault.kind {
            FaultKind::Corrupt => match put_aside(path, identity) {
                Ok(Some(target)) => format!("set aside as {}", target.display()),
                Ok(None) => "another process has set it aside".to_owned(),
                Err(error) => {
                    let cause = format!("{}; {error}", fault.cause);
                    return Err(Fault::new(FaultKind::Other, cause));
                }
            },
            _ => "a new one was begun".to_owned(),
        };
        let warning = format!(
            "{}: {}; {done}. Changes to this host that only its journal knew can't be taken back \
             by themselves any more",
            path.display(),
            fault.cause
        );
        tell(Level::Error, format_args!("{warning}"));
        self.warning = Some(warning);
        let file = LedgerFile::open(path)?;
        if file.is_new {
            file.begin_numbers_after(unix_now() as i64)?;
        }
        self.file = Some(file);
        Ok(())
    }
}

impl Drop for Ledger {
    /// In a forked child the connection is left alone: it is the parent's.
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.inner.take());
        }
    }
}
