//! A file of the prototype's: copied without a trace, and read from the copy.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use super::catalogue::FileSpec;
use super::report::FileStatus;
use super::scratch::Scratch;
use super::value;
use crate::logging::{Level, tell};
use crate::store::{DATABASE_NAME, Fault, LEDGER_NAME, Outcome, SIDE_FILES, with_suffix};
use crate::sys::{ForkGate, Gated};
use crate::{Error, Result};

/// `application_id` of our own two files.
const OURS: [i32; 2] = [0x5553_4D31, 0x5553_4D4F];

/// How long a prototype that is writing is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a file that changes while it is copied is copied again.
const TRIES: usize = 5;

/// What was found under a name.
pub(super) enum Found {
    Source(Source),
    /// Nothing to bring in, and why.
    Nothing(FileStatus),
}

/// The open copy; it is deleted when this is dropped.
#[derive(Debug)]
pub(super) struct Source {
    connection: Option<Gated<Connection>>,
    copy: PathBuf,
    pub(super) bytes: u64,
    pub(super) notes: Vec<String>,
}

/// Looks at a name in the prototype's folder. An error is one of the copying, as by a full disk.
pub(super) fn find(
    path: &Path,
    own_folder: &Path,
    spec: &FileSpec,
    scratch: &Scratch,
) -> Result<Found> {
    let nothing = |status| Ok(Found::Nothing(status));
    let link = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return nothing(FileStatus::Missing),
        Err(error) => return nothing(FileStatus::Unreadable(error.to_string())),
        Ok(found) => found,
    };
    let found = match fs::metadata(path) {
        Ok(found) if found.is_file() => found,
        Ok(_) => return nothing(FileStatus::Unreadable("it is not a file".into())),
        Err(error) => return nothing(FileStatus::Unreadable(error.to_string())),
    };
    // Told before anything is opened.
    if is_own(&found, own_folder) {
        let words = match link.is_symlink() {
            true => "it is a link to the data folder's own file",
            false => "it is the data folder's own file; what a prototype wrote there is in use",
        };
        return nothing(FileStatus::Own(words.into()));
    }
    let mut source = match Source::copy(path, &scratch.place(spec.name)) {
        Ok(source) => source,
        Err(Trouble::Original(words)) => return nothing(FileStatus::Unreadable(words)),
        Err(Trouble::Copy(error)) => return Err(error),
    };
    match source.open() {
        Err(fault) => nothing(FileStatus::Unreadable(fault.cause)),
        Ok(id) if OURS.contains(&id) => nothing(FileStatus::Own(
            "it is a file of this program, not of the prototype".into(),
        )),
        Ok(id) if id != 0 => nothing(FileStatus::Unreadable(format!(
            "it belongs to another application (application_id {id:#x})"
        ))),
        Ok(_) => Ok(Found::Source(source)),
    }
}

fn is_own(found: &Metadata, own_folder: &Path) -> bool {
    [DATABASE_NAME, LEDGER_NAME].iter().any(|name| {
        let own = fs::metadata(own_folder.join(name));
        own.is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()))
    })
}

/// What went wrong in copying.
enum Trouble {
    /// The prototype's file can't be read.
    Original(String),
    /// The copy can't be written.
    Copy(Error),
}

impl Source {
    /// Copies the file, of one moment: under a lock for reading where the file is not being
    /// written, else with its log or journal, again when it has changed meanwhile.
    fn copy(from: &Path, to: &Path) -> std::result::Result<Source, Trouble> {
        let mut source = Source {
            connection: None,
            copy: to.to_path_buf(),
            bytes: 0,
            notes: Vec::new(),
        };
        let uses_log = uses_log(from).map_err(|e| Trouble::Original(e.to_string()))?;
        let held = match uses_log {
            true => None,
            false => hold(from),
        };
        if held.is_some() {
            source.bytes = copy_file(from, to)?;
            return Ok(source);
        }
        for last in (0..TRIES).rev() {
            let before = stamps(from);
            source.bytes = copy_file(from, to)?;
            for suffix in ["-wal", "-journal"] {
                let beside = with_suffix(from, suffix);
                if beside.exists() {
                    source.bytes += copy_file(&beside, &with_suffix(to, suffix))?;
                    if last == 0 || before == stamps(from) {
                        source.notes.push(format!(
                            "{} was worked into the copy",
                            beside.file_name().unwrap_or_default().to_string_lossy()
                        ));
                    }
                }
            }
            if before == stamps(from) {
                return Ok(source);
            }
            source.notes.clear();
            source.remove();
        }
        Err(Trouble::Original(
            "it is being written all the time; stop the prototype and do this again".into(),
        ))
    }

    /// Opens the copy; what a crash has left unfinished is finished in it. Tells whose it is.
    fn open(&mut self) -> Outcome<i32> {
        let _inside = ForkGate::enter();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Gated::new(Connection::open_with_flags(&self.copy, flags)?);
        // Nothing that a crafted schema brings along is run.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        self.connection = Some(connection);
        Ok(id)
    }

    /// Names of its tables.
    pub(super) fn tables(&self) -> Outcome<Vec<String>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
            )?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<rusqlite::Result<Vec<String>>>()?)
        })
    }

    /// Names of a table's columns.
    pub(super) fn columns(&self, table: &str) -> Outcome<Vec<String>> {
        self.with(|connection| {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
            let names = statement.query_map([table], |row| row.get(0))?;
            Ok(names.collect::<rusqlite::Result<Vec<String>>>()?)
        })
    }

    /// Rows of a table.
    pub(super) fn count(&self, table: &str) -> Outcome<u64> {
        self.count_of(table, "1")
    }

    /// Rows of a table that meet a condition.
    pub(super) fn count_of(&self, table: &str, condition: &str) -> Outcome<u64> {
        self.with(|connection| {
            let sql = format!("SELECT count(*) FROM \"{table}\" WHERE {condition}");
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// Hands out the rows in the order of their numbers, with these columns; a row with a value
    /// that is no text or number as words why. Where the file is torn it goes on behind the
    /// place. Tells what could not be read.
    pub(super) fn scan(
        &self,
        table: &str,
        columns: &[String],
        visit: &mut dyn FnMut(
            i64,
            std::result::Result<Vec<Value>, String>,
        ) -> Result<ControlFlow<()>>,
    ) -> Result<Option<String>> {
        let mut next = i64::MIN;
        let torn = match self.scan_from(table, columns, &mut next, visit)? {
            None => return Ok(None),
            Some(fault) => fault,
        };
        let after = next;
        if let Ok(Some(behind)) = self.first_behind(table, after) {
            next = behind;
            // A second tear ends it.
            self.scan_from(table, columns, &mut next, visit)?;
        }
        Ok(Some(format!(
            "some rows from number {after} on can't be read: {}",
            torn.cause
        )))
    }

    /// From row `next` on, which is moved forward; a fault of the file ends it.
    fn scan_from(
        &self,
        table: &str,
        columns: &[String],
        next: &mut i64,
        visit: &mut dyn FnMut(
            i64,
            std::result::Result<Vec<Value>, String>,
        ) -> Result<ControlFlow<()>>,
    ) -> Result<Option<Fault>> {
        let Some(connection) = &self.connection else {
            return Ok(None);
        };
        let list: String = columns.iter().map(|name| format!(", \"{name}\"")).collect();
        let sql = format!("SELECT rowid{list} FROM \"{table}\" WHERE rowid >= ?1 ORDER BY rowid");
        let prepared = {
            let _inside = ForkGate::enter();
            connection.prepare(&sql).map(Gated::new)
        };
        let mut statement = match prepared {
            Ok(statement) => statement,
            Err(error) => return Ok(Some(error.into())),
        };
        let started = {
            let _inside = ForkGate::enter();
            statement.query([*next]).map(Gated::new)
        };
        let mut rows = match started {
            Ok(rows) => rows,
            Err(error) => return Ok(Some(error.into())),
        };
        loop {
            // A fork waits for a row at most.
            let inside = ForkGate::enter();
            let (number, values) = match rows.next() {
                Ok(None) => return Ok(None),
                Err(error) => return Ok(Some(error.into())),
                Ok(Some(row)) => {
                    let number: i64 = match row.get(0) {
                        Ok(number) => number,
                        Err(error) => return Ok(Some(error.into())),
                    };
                    let mut values = Ok(Vec::with_capacity(columns.len()));
                    for (place, name) in columns.iter().enumerate() {
                        let value = match row.get_ref(place + 1) {
                            Ok(value) => value::read(value, name),
                            Err(error) => return Ok(Some(error.into())),
                        };
                        match (value, &mut values) {
                            (Ok(value), Ok(list)) => list.push(value),
                            (Err(words), list) => *list = Err(words),
                            (Ok(_), Err(_)) => {}
                        }
                    }
                    (number, values)
                }
            };
            drop(inside);
            *next = number.saturating_add(1);
            if visit(number, values)?.is_break() {
                return Ok(None);
            }
        }
    }

    /// The least number of a row behind a tear, looked for from the end.
    fn first_behind(&self, table: &str, after: i64) -> Outcome<Option<i64>> {
        self.with(|connection| {
            let sql =
                format!("SELECT rowid FROM \"{table}\" WHERE rowid >= ?1 ORDER BY rowid DESC");
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([after])?;
            let mut least = None;
            while let Ok(Some(row)) = rows.next() {
                least = Some(row.get(0)?);
            }
            Ok(least)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        let _inside = ForkGate::enter();
        match &self.connection {
            Some(connection) => work(connection),
            None => Err(Fault::new(
                crate::store::FaultKind::Other,
                "the copy is not open",
            )),
        }
    }

    fn remove(&self) {
        for suffix in ["", SIDE_FILES[0], SIDE_FILES[1], SIDE_FILES[2]] {
            let path = with_suffix(&self.copy, suffix);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tell(Level::Warn, format_args!("{}: {error}", path.display()));
                }
                _ => {}
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        drop(self.connection.take());
        self.remove();
    }
}

/// Whether the file's header says that it has a log (WAL): SQLite can't open it without
/// making files beside it.
fn uses_log(path: &Path) -> std::io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(20).read_to_end(&mut header)?;
    Ok(header.get(18..20).is_some_and(|modes| modes.contains(&2)))
}

/// Holds off writers until it is dropped; `None` where a crash has left a journal, or where
/// the file is not sound.
fn hold(path: &Path) -> Option<Gated<Connection>> {
    let _inside = ForkGate::enter();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Gated::new(Connection::open_with_flags(path, flags).ok()?);
    connection.busy_timeout(BUSY_TIMEOUT).ok()?;
    connection.execute_batch("BEGIN").ok()?;
    let looked = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    looked.ok().map(|()| connection)
}

/// Sizes and times of change of a file and what is beside it.
fn stamps(path: &Path) -> Vec<Option<(u64, i64, i64)>> {
    ["", SIDE_FILES[0], SIDE_FILES[2]]
        .iter()
        .map(|suffix| {
            let found = fs::metadata(with_suffix(path, suffix)).ok()?;
            Some((found.len(), found.mtime(), found.mtime_nsec()))
        })
        .collect()
}

fn copy_file(from: &Path, to: &Path) -> std::result::Result<u64, Trouble> {
    let original = |error: std::io::Error| Trouble::Original(Error::io(from, error).to_string());
    let copy = |error| Trouble::Copy(Error::io(to, error));
    let mut read = File::open(from).map_err(original)?;
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(0o600);
    let mut write = options.open(to).map_err(copy)?;
    // Which of the two has failed the error does not tell; the original was opened.
    std::io::copy(&mut read, &mut write).map_err(copy)
}
