//! A connection that may write, to either of the two files.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, FileControl, MAIN_DB, OpenFlags};

use super::fault::{Fault, FaultKind};
use super::folder;
use super::inherited::{self, Registration};
use super::schema::{self, Origin, Schema};
use crate::logging::{Level, tell};
use crate::sys::{ForkGate, Gated, keep_sqlite_locks_apart};
use crate::{Error, Result as Answer};

/// Page cache of a connection, KiB: the whole monitor is to stay below 8 MB.
pub(crate) const CACHE_KIB: i64 = 256;

/// Words for a child in which a lock of SQLite's is held for ever.
const INHERITED_IN_USE: &str = "this process was forked while another thread of its parent was \
    in the midst of SQLite and did not come to an end; no database can be opened here before exec";

/// To be called before any connection is opened.
///
/// # Errors
/// `InvalidState` where opening any database would hang, see [`ForkGate`].
pub(crate) fn prepare_process() -> Answer<()> {
    if ForkGate::inherited_in_use() {
        return Err(Error::InvalidState(INHERITED_IN_USE.to_owned()));
    }
    keep_sqlite_locks_apart();
    Ok(())
}

/// Opens the file that [`folder::prepare`] has found or made, and brings its tables to the
/// version of the schema. Tells what it was before.
pub(crate) fn open(
    path: &Path,
    schema: &Schema,
    busy_timeout: Duration,
) -> Result<(Gated<Connection>, Registration, Origin), Fault> {
    prepare_process().map_err(|error| Fault::from_error(&error))?;
    let _inside = ForkGate::enter();
    let registration = inherited::register(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Gated::new(Connection::open_with_flags(path, flags)?);
    connection.busy_timeout(busy_timeout)?;
    // Nothing that a crafted schema brings along is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let origin = schema::origin(&connection, schema)?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(Fault::new(
            FaultKind::Other,
            format!("{}: read-only", path.display()),
        ));
    }
    if origin == Origin::New {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    schema::migrate(&connection, schema)?;
    Ok((connection, registration, origin))
}

/// A connection of a test's own, as another program would have it.
#[cfg(test)]
pub(crate) fn open_beside(path: impl AsRef<Path>) -> rusqlite::Result<Connection> {
    // Else its locks would change their kind under it, when another test opens a store.
    keep_sqlite_locks_apart();
    Connection::open(path)
}

/// SQLite does not tell the system's error number: sees what it would be.
pub(crate) fn explained(fault: Fault, path: &Path) -> Fault {
    if fault.kind != FaultKind::Other {
        return fault;
    }
    match folder::check_writable(path) {
        Err(error) => Fault::new(FaultKind::Other, format!("{error}; {}", fault.cause)),
        Ok(()) => fault,
    }
}

/// Whether the path no longer leads to the file that is open.
pub(crate) fn has_moved(connection: &Connection) -> Result<bool, Fault> {
    let _inside = ForkGate::enter();
    let mut moved = 0;
    connection.file_control(Some(MAIN_DB), FileControl::HasMoved(&mut moved))?;
    Ok(moved != 0)
}

/// The fault of a file that has moved.
pub(crate) fn moved(path: &Path) -> Fault {
    Fault::new(
        FaultKind::Moved,
        format!("{}: the file was moved or deleted", path.display()),
    )
}

/// Keeps the log when the connection closes: it may hold what a recovery can use.
pub(crate) fn keep_log(connection: &Connection, path: &Path) {
    let inside = ForkGate::enter();
    let mut keep = 1;
    let kept = connection.file_control(Some(MAIN_DB), FileControl::PersistWal(&mut keep));
    // A logger may take its time.
    drop(inside);
    if let Err(error) = kept {
        tell(Level::Warn, format_args!("{}: {error}", path.display()));
    }
}
