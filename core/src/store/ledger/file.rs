//! The open file: how it is opened, and how a broken one is put aside for a new one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::super::connection;
use super::super::fault::{Fault, FaultKind, Outcome};
use super::super::folder;
use super::super::inherited::{Registration, file_id};
use super::super::schema::Origin;
use super::super::set_aside::set_aside;
use super::super::writer::unix_now;
use super::tables::{NUMBERED, SCHEMA};
use crate::sys::{ForkGate, Gated};

/// How long a call waits for another process. Longer than the monitor's, since a call here is
/// made while the disk may be what is overloaded.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Length of the log from which on it is moved into the database, pages.
const LOG_PAGES: i64 = 256;

/// The connection and what belongs to it.
#[derive(Debug)]
pub(super) struct LedgerFile {
    pub(super) connection: Gated<Connection>,
    pub(super) path: PathBuf,
    /// Device and inode.
    pub(super) identity: Option<(u64, u64)>,
    pub(super) is_new: bool,
    _registration: Registration,
}

impl LedgerFile {
    /// Opens, migrates or makes the file. While another process has it for itself (for the
    /// moment of making it, say) this is tried again.
    pub(super) fn open(path: &Path) -> Outcome<LedgerFile> {
        let end = Instant::now() + BUSY_TIMEOUT;
        loop {
            folder::prepare(path).map_err(|error| Fault::from_error(&error))?;
            match LedgerFile::open_once(path) {
                Err(fault) if fault.kind == FaultKind::Held && Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(fault) => return Err(connection::explained(fault, path)),
                Ok(file) => return Ok(file),
            }
        }
    }

    fn open_once(path: &Path) -> Outcome<LedgerFile> {
        let _inside = ForkGate::enter();
        let identity = file_id(path);
        let (connection, registration, origin) = connection::open(path, &SCHEMA, BUSY_TIMEOUT)?;
        let file = LedgerFile {
            connection,
            path: path.to_path_buf(),
            identity,
            is_new: origin == Origin::New,
            _registration: registration,
        };
        file.set_up()?;
        if file.is_new {
            sync_names(path);
        }
        Ok(file)
    }

    fn set_up(&self) -> Outcome<()> {
        let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        // Where there is no WAL (some network file systems) the rollback journal does.
        self.connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        // Each commit is on the disk when it returns. EXTRA is FULL, and besides syncs the
        // folder where the journal is a rollback journal.
        self.connection
            .pragma_update(None, "synchronous", "EXTRA")?;
        self.connection
            .pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, number)?;
        self.connection
            .pragma_update_and_check(None, "journal_size_limit", 1 << 20, number)?;
        Ok(())
    }

    /// Runs `work` in a transaction, which is on the disk when this returns, or in none.
    pub(super) fn transaction(
        &self,
        work: &mut dyn FnMut(&Connection) -> Outcome<()>,
    ) -> Outcome<()> {
        let _inside = ForkGate::enter();
        self.stands()?;
        self.run("BEGIN IMMEDIATE")?;
        let done = work(&self.connection).and_then(|()| self.run("COMMIT"));
        if done.is_err() && !self.connection.is_autocommit() {
            // A failure here shows again in the next transaction.
            let _ = self.run("ROLLBACK");
        }
        done?;
        self.stands()
    }

    /// The path still leads to the file that is open.
    pub(super) fn stands(&self) -> Outcome<()> {
        match connection::has_moved(&self.connection)? {
            false => Ok(()),
            true => Err(connection::moved(&self.path)),
        }
    }

    fn run(&self, sql: &str) -> Outcome<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Keeps row numbers that were handed out from an earlier file from being used again.
    pub(super) fn begin_numbers_after(&self, number: i64) -> Outcome<()> {
        self.transaction(&mut |connection| {
            for table in NUMBERED {
                connection.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2 WHERE NOT EXISTS \
                     (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
                    (table, number),
                )?;
            }
            Ok(())
        })
    }
}

impl Drop for LedgerFile {
    /// See the monitor's `Database`: the log of a file that was moved must stay.
    fn drop(&mut self) {
        if self.stands().is_err() {
            connection::keep_log(&self.connection, &self.path);
        }
    }
}

/// Puts the corrupt file aside. `None` if the path leads to another file by now, because
/// another process has done it.
pub(super) fn put_aside(
    path: &Path,
    identity: Option<(u64, u64)>,
) -> crate::Result<Option<PathBuf>> {
    // Two that find it corrupt at the same moment: the second must not put the new one aside.
    let folder = path.parent().unwrap_or(Path::new("."));
    let turn = File::open(folder).map_err(|source| crate::Error::io(folder, source))?;
    // Where it can't be had there is only less protection.
    let _ = rustix::fs::flock(&turn, rustix::fs::FlockOperation::LockExclusive);
    if identity.is_none() || file_id(path) != identity {
        return Ok(None);
    }
    set_aside(path, unix_now() as u64).map(Some)
}

/// A new file's name is on the disk too, and that of its folder. Some file systems can't.
fn sync_names(path: &Path) {
    let folder = path.parent().unwrap_or(Path::new("."));
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
