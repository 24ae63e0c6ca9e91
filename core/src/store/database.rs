//! The writer's connection: opened with all its settings, and one transaction at a time.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, FileControl, MAIN_DB, OpenFlags, Statement, params};

use super::cap::Cap;
use super::fault::{Fault, FaultKind};
use super::folder::{self, with_suffix};
use super::inherited::{self, Registration};
use super::row::Row;
use super::schema::{self, Origin};

/// How long SQLite waits for another process's lock before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Page cache of a connection, KiB: the whole monitor is to stay below 8 MB.
pub(crate) const CACHE_KIB: i64 = 256;

/// Up to which size a prototype's file is rebuilt once so that it can shrink, bytes.
const REBUILD_BYTES: u64 = 32 << 20;

const INSERT_STATE: &str = "INSERT INTO unified_system_states \
    (timestamp, health_score, performance_score, security_score, metrics_data, alerts_data, \
     recommendations_data, predictions_data, insights_data, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const INSERT_PERFORMANCE: &str = "INSERT INTO performance_metrics \
    (component_name, operation_name, execution_time, memory_usage, cpu_usage, timestamp, \
     created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const INSERT_EVENT: &str = "INSERT INTO integration_events \
    (event_type, event_data, severity, component_name, timestamp, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) refused: u64,
    pub(crate) last_refusal: Option<String>,
    /// From the begin to the end of the transaction.
    pub(crate) seconds: f64,
}

/// The open database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) connection: Connection,
    path: PathBuf,
    log_path: PathBuf,
    pub(super) cap: Cap,
    page_bytes: u64,
    /// Pages that can be filled before the cap must be looked at again.
    pub(super) headroom_pages: u64,
    /// The file can give pages back (auto_vacuum is incremental).
    pub(super) can_shrink: bool,
    /// It was above the cap when last looked at.
    pub(super) was_above_cap: bool,
    /// Time stamp up to which the cap has cost rows, Unix seconds.
    pub(super) pruned_up_to: Option<f64>,
    /// What did not go well on opening although the file is usable.
    pub(super) warning: Option<String>,
    _registration: Registration,
}

impl Database {
    /// Opens, makes or migrates the file.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> Result<Database, Fault> {
        folder::prepare(path).map_err(|error| Fault::from_error(&error))?;
        Database::open_prepared(path, max_bytes).map_err(|fault| match fault.kind {
            // SQLite does not tell the system's error number: see what it would be.
            FaultKind::Other => match folder::check_writable(path) {
                Err(error) => Fault::new(FaultKind::Other, format!("{error}; {}", fault.cause)),
                Ok(()) => fault,
            },
            _ => fault,
        })
    }

    fn open_prepared(path: &Path, max_bytes: u64) -> Result<Database, Fault> {
        let registration = inherited::register(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Nothing that a crafted schema brings along is run.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let origin = schema::origin(&connection)?;
        if connection.is_readonly(MAIN_DB)? {
            return Err(Fault::new(
                FaultKind::Other,
                format!("{}: read-only", path.display()),
            ));
        }
        if origin == Origin::New {
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        schema::migrate(&connection)?;
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
            _registration: registration,
        };
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
        let mode: String =
            self.connection
                .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        log::debug!("{}: journal mode {mode}", self.path.display());
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
        Ok(())
    }

    /// Another size cap, from now on.
    pub(crate) fn set_cap(&mut self, max_bytes: u64) -> Result<(), Fault> {
        self.cap = Cap::new(max_bytes, self.page_bytes);
        self.limit_pages()?;
        self.headroom_pages = 0;
        Ok(())
    }

    /// SQLite's own guard; below the present size it stands at that until it shrank.
    pub(super) fn limit_pages(&self) -> Result<(), Fault> {
        let limit = self.cap.max_pages as i64;
        self.connection
            .pragma_update_and_check(None, "max_page_count", limit, |row| row.get::<_, i64>(0))?;
        Ok(())
    }

    /// Commits the rows, in order. A row that the table refuses is left out and counted.
    pub(crate) fn write(&mut self, rows: &[Row], now: f64) -> Result<Written, Fault> {
        let pages = self.cap.pages_of(rows);
        if !self.cap.allows(pages) {
            return self.write_halves(rows, now, pages);
        }
        let mut tries = 3;
        loop {
            self.make_room(pages)?;
            let start = Instant::now();
            self.begin(pages)?;
            let inserted = self.insert(rows, now);
            match inserted.and_then(|written| self.commit().map(|()| written)) {
                Ok(mut written) => {
                    written.seconds = start.elapsed().as_secs_f64();
                    return Ok(written);
                }
                Err(fault) => {
                    self.rollback();
                    tries -= 1;
                    // Full by our own limit, because another process filled the pages
                    // that were counted as free: look again. Else it is the disk.
                    if fault.kind != FaultKind::Full || tries == 0 || !self.at_cap(pages)? {
                        return Err(fault);
                    }
                    self.headroom_pages = 0;
                }
            }
        }
    }

    fn write_halves(&mut self, rows: &[Row], now: f64, pages: u64) -> Result<Written, Fault> {
        if rows.len() < 2 {
            return Ok(Written {
                refused: rows.len() as u64,
                last_refusal: Some(format!(
                    "a row that needs {pages} pages does not fit under the size cap of {} bytes",
                    self.cap.max_bytes
                )),
                ..Written::default()
            });
        }
        let (first, second) = rows.split_at(rows.len() / 2);
        let mut written = self.write(first, now)?;
        // Were this to fail, the first half would be written twice on the next try:
        // rather twice than never.
        let rest = self.write(second, now)?;
        written.rows += rest.rows;
        written.refused += rest.refused;
        written.seconds += rest.seconds;
        written.last_refusal = rest.last_refusal.or(written.last_refusal);
        Ok(written)
    }

    fn at_cap(&self, pages: u64) -> Result<bool, Fault> {
        Ok(self.page_count()? + pages > self.cap.max_pages)
    }

    fn insert(&self, rows: &[Row], now: f64) -> Result<Written, Fault> {
        let mut state = self.connection.prepare_cached(INSERT_STATE)?;
        let mut performance = self.connection.prepare_cached(INSERT_PERFORMANCE)?;
        let mut event = self.connection.prepare_cached(INSERT_EVENT)?;
        let mut written = Written::default();
        for row in rows {
            let tried = match row {
                Row::State(row) => insert_state(&mut state, row, now),
                Row::Performance(row) => performance.execute(params![
                    row.component_name,
                    row.operation_name,
                    row.execution_time,
                    row.memory_usage,
                    row.cpu_usage,
                    row.timestamp,
                    now
                ]),
                Row::Event(row) => event.execute(params![
                    row.event_type,
                    row.event_data,
                    row.severity,
                    row.component_name,
                    row.timestamp,
                    now
                ]),
            };
            match tried.map_err(Fault::from) {
                Ok(_) => written.rows += 1,
                Err(fault) if fault.kind == FaultKind::Row => {
                    written.refused += 1;
                    written.last_refusal = Some(fault.cause);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(written)
    }

    /// Begins a transaction that touches at most `pages`, once the log has room for
    /// them: so the cap holds at every moment, not only after the next clean-up.
    pub(super) fn begin(&self, pages: u64) -> Result<(), Fault> {
        for emptied in [false, true] {
            self.run("BEGIN IMMEDIATE")?;
            // Under the write lock nobody else makes the log longer.
            let log_bytes = folder::file_bytes(&self.log_path);
            if self.cap.fits_log(log_bytes, pages)
                || emptied && self.cap.fits_files(log_bytes, self.page_count()?, pages)
            {
                return Ok(());
            }
            self.run("ROLLBACK")?;
            if !emptied {
                self.empty_log()?;
            }
        }
        Err(Fault::new(
            FaultKind::Held,
            format!(
                "a long read in another connection keeps the log from being emptied, and the \
                 size cap of {} bytes leaves it no more room",
                self.cap.max_bytes
            ),
        ))
    }

    /// Moves the log's pages into the database and cuts it to nothing, as far as readers
    /// allow; does not wait for them.
    pub(crate) fn empty_log(&self) -> Result<(), Fault> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let mut statement = self
            .connection
            .prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?;
        let done = statement.query_row([], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        match done.map_err(Fault::from) {
            Err(fault) if fault.kind != FaultKind::Held => Err(fault),
            _ => Ok(()),
        }
    }

    pub(super) fn commit(&self) -> Result<(), Fault> {
        self.run("COMMIT")?;
        match self.has_moved()? {
            false => Ok(()),
            true => Err(Fault::new(
                FaultKind::Moved,
                format!("{}: the file was moved or deleted", self.path.display()),
            )),
        }
    }

    /// Ends a failed transaction, if SQLite has not done so itself. A failure here shows
    /// again in the next one.
    pub(super) fn rollback(&self) {
        if !self.connection.is_autocommit()
            && let Err(fault) = self.run("ROLLBACK")
        {
            log::debug!("{}: rollback: {}", self.path.display(), fault.cause);
        }
    }

    pub(super) fn run(&self, sql: &str) -> Result<(), Fault> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Whether the path no longer leads to the file that is open.
    fn has_moved(&self) -> Result<bool, Fault> {
        let mut moved = 0;
        self.connection
            .file_control(Some(MAIN_DB), FileControl::HasMoved(&mut moved))?;
        Ok(moved != 0)
    }

    /// As [`Database::has_moved`], when what can't be told counts as "still there".
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.has_moved().unwrap_or(false)
    }

    /// Closes a corrupt database without its log being deleted: it may hold what a
    /// recovery can use.
    pub(crate) fn close_keeping_log(self) {
        self.keep_log();
    }

    fn keep_log(&self) {
        let mut keep = 1;
        let kept = self
            .connection
            .file_control(Some(MAIN_DB), FileControl::PersistWal(&mut keep));
        if let Err(error) = kept {
            log::warn!("{}: {error}", self.path.display());
        }
    }

    pub(super) fn page_count(&self) -> Result<u64, Fault> {
        self.count("PRAGMA page_count")
    }

    pub(super) fn free_pages(&self) -> Result<u64, Fault> {
        self.count("PRAGMA freelist_count")
    }

    fn count(&self, sql: &str) -> Result<u64, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let count: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

impl Drop for Database {
    /// SQLite deletes the log by its name when the last connection closes. Of a file that
    /// was moved that name may by now be another database's log: it must stay.
    fn drop(&mut self) {
        if !matches!(self.has_moved(), Ok(false)) {
            self.keep_log();
        }
    }
}

fn insert_state(
    statement: &mut Statement<'_>,
    row: &super::row::StateRow,
    now: f64,
) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.timestamp,
        row.health_score,
        row.performance_score,
        row.security_score,
        row.metrics_data,
        row.alerts_data,
        row.recommendations_data,
        row.predictions_data,
        row.insights_data,
        now
    ])
}

fn number<T: rusqlite::types::FromSql>(connection: &Connection, pragma: &str) -> Result<T, Fault> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}
