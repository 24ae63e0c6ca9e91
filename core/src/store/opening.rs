//! Opening: an existing, a prototype's or a new file, with all settings.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::cap::Cap;
use super::connection;
use super::database::Database;
use super::fault::{Fault, FaultKind};
use super::folder::{DATABASE_NAME, with_suffix};
use super::retention::ageing;
use super::schema::{self, Origin};
use super::series::Series;
use crate::logging::{Level, tell};
use crate::sys::ForkGate;

/// How long SQLite waits for another process's lock before it gives up.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Statements that are kept prepared: those of each commit.
const STATEMENTS: usize = 40;

/// Up to which size a prototype's file is rebuilt once so that it can shrink, bytes.
const REBUILD_BYTES: u64 = 32 << 20;

/// Whether the file is the one in which the prototype's scripts look for their tables.
pub(super) fn has_prototype(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == DATABASE_NAME)
}

impl Database {
    /// Opens or migrates the file that [`prepare`](super::folder::prepare) has found or made.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> Result<Database, Fault> {
        Database::open_and_set(path, max_bytes).map_err(|fault| connection::explained(fault, path))
    }

    fn open_and_set(path: &Path, max_bytes: u64) -> Result<Database, Fault> {
        let schema = match has_prototype(path) {
            true => &schema::MONITOR,
            false => &schema::RECORDING,
        };
        let (connection, registration, origin) = connection::open(path, schema, BUSY_TIMEOUT)?;
        let page_bytes = number::<i64>(&connection, "page_size")?.unsigned_abs();
        let mut database = Database {
            connection,
            path: path.to_path_buf(),
            log_path: with_suffix(path, "-wal"),
            cap: Cap::new(max_bytes, page_bytes),
            page_bytes,
            headroom_pages: 0,
            can_shrink: false,
            was_above_cap: false,
            pruned_up_to: None,
            warning: None,
            ageing: ageing(schema),
            series: Series::off(),
            _registration: registration,
        };
        database
            .connection
            .set_prepared_statement_cache_capacity(STATEMENTS);
        database.enable_shrinking(origin)?;
        database.enable_log()?;
        database.set_cap(max_bytes)?;
        Ok(database)
    }

    /// A file that was not made for it can't give pages back until it is rebuilt once.
    /// Small ones are, and those that are above the cap; in others the freed pages are
    /// used again. It needs the file for itself: while another program has it open, the
    /// next opening tries again.
    fn enable_shrinking(&mut self, origin: Origin) -> Result<(), Fault> {
        let mode = |c: &Connection| -> Result<i64, Fault> { number(c, "auto_vacuum") };
        if mode(&self.connection)? == 0 && origin != Origin::New && !self.has_log()? {
            let pages: u64 = self.page_count()?;
            let above_cap = pages > self.cap.max_pages;
            if above_cap {
                self.prune_to_cap()?;
            }
            let live = (self.page_count()? - self.free_pages()?) * self.page_bytes;
            if live <= REBUILD_BYTES || above_cap {
                let _inside = ForkGate::enter();
                let rebuilt = self
                    .connection
                    .execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
                if let Err(error) = rebuilt {
                    let fault = Fault::from(error);
                    if fault.kind == FaultKind::Corrupt {
                        return Err(fault);
                    }
                    self.warning = Some(format!(
                        "the file could not be rebuilt to give space back: {}",
                        fault.cause
                    ));
                }
            }
        }
        self.can_shrink = mode(&self.connection)? == 2;
        Ok(())
    }

    fn has_log(&self) -> Result<bool, Fault> {
        let mode: String = number(&self.connection, "journal_mode")?;
        Ok(mode == "wal")
    }

    /// WAL, so that readers and writer do not wait for each other. Where it can't be had
    /// (some network file systems) the rollback journal does, slower.
    fn enable_log(&self) -> Result<(), Fault> {
        let mode = self.set_log()?;
        tell(
            Level::Debug,
            format_args!("{}: journal mode {mode}", self.path.display()),
        );
        Ok(())
    }

    fn set_log(&self) -> Result<String, Fault> {
        let _inside = ForkGate::enter();
        let mode: String =
            self.connection
                .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        // The log is not synced at each commit, only before its pages go into the
        // database: the file is sound at any moment, and only power loss costs commits.
        self.connection
            .pragma_update(None, "synchronous", "NORMAL")?;
        // Emptied by our own hand, see `begin`.
        let off = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        self.connection
            .pragma_update_and_check(None, "wal_autocheckpoint", 0, off)?;
        self.connection
            .pragma_update_and_check(None, "journal_size_limit", 0, off)?;
        Ok(mode)
    }
}

fn number<T: rusqlite::types::FromSql>(connection: &Connection, pragma: &str) -> Result<T, Fault> {
    let _inside = ForkGate::enter();
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
