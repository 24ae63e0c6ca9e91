//! The writer's connection, and what it does in one transaction.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement, params};

use super::cap::Cap;
use super::connection;
use super::fault::{Fault, FaultKind};
use super::folder;
use super::inherited::Registration;
use super::judged::{self, RequestRow};
use super::opening::BUSY_TIMEOUT;
use super::retention::Ageing;
use super::row::Row;
use super::series::Series;
use crate::logging::{Level, tell};
use crate::sys::{ForkGate, Gated};

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

/// The open database. Each use of the connection is inside the gate ([`ForkGate`]), but no
/// longer than one statement or batch takes: a fork waits for it.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) connection: Gated<Connection>,
    pub(super) path: PathBuf,
    pub(super) log_path: PathBuf,
    pub(super) cap: Cap,
    pub(super) page_bytes: u64,
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
    /// The tables whose rows go with age and numbers.
    pub(super) ageing: Vec<Ageing>,
    /// What is written as series.
    pub(super) series: Series,
    pub(super) _registration: Registration,
}

impl Database {
    /// Another size cap, from now on.
    pub(crate) fn set_cap(&mut self, max_bytes: u64) -> Result<(), Fault> {
        self.cap = Cap::new(max_bytes, self.page_bytes);
        self.series.forget();
        self.limit_pages()?;
        self.headroom_pages = 0;
        Ok(())
    }

    /// SQLite's own guard; below the present size it stands at that until it shrank.
    pub(super) fn limit_pages(&self) -> Result<(), Fault> {
        let _inside = ForkGate::enter();
        let limit = self.cap.max_pages as i64;
        self.connection
            .pragma_update_and_check(None, "max_page_count", limit, |row| row.get::<_, i64>(0))?;
        Ok(())
    }

    /// Commits the rows, in order. A row that the table refuses is left out and counted.
    pub(crate) fn write(&mut self, rows: &[Row], now: f64) -> Result<Written, Fault> {
        let pages = self.cap.pages_of(rows) + self.gather(rows)?;
        if !self.cap.allows(pages) {
            self.series.forget();
            return self.write_halves(rows, now, pages);
        }
        let written = self.write_gathered(rows, now, pages);
        match written {
            Ok(_) => self.series_written(),
            Err(_) => self.series.forget(),
        }
        written
    }

    pub(super) fn write_gathered(
        &mut self,
        rows: &[Row],
        now: f64,
        pages: u64,
    ) -> Result<Written, Fault> {
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

    fn insert(&mut self, rows: &[Row], now: f64) -> Result<Written, Fault> {
        let _inside = ForkGate::enter();
        let frames = self.insert_series()?;
        let mut state = self.connection.prepare_cached(INSERT_STATE)?;
        let mut performance = self.connection.prepare_cached(INSERT_PERFORMANCE)?;
        let mut event = self.connection.prepare_cached(INSERT_EVENT)?;
        let mut written = Written {
            rows: frames,
            ..Written::default()
        };
        for row in rows {
            let tried = match row {
                // Written above, with what became of it.
                Row::Frame(_) => continue,
                Row::Judged(row) => judged::insert(&self.connection, row).map(|()| 1),
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

    /// The requests with higher numbers than the last that was passed on, which is noted.
    pub(crate) fn requests_since(&self, last: &mut i64) -> Result<Vec<RequestRow>, Fault> {
        let _inside = ForkGate::enter();
        let mut open = judged::open_requests(&self.connection)?;
        open.retain(|row| row.id > *last);
        if let Some(newest) = open.last() {
            *last = newest.id;
        }
        Ok(open)
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
        let _inside = ForkGate::enter();
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
        match connection::has_moved(&self.connection)? {
            false => Ok(()),
            true => Err(connection::moved(&self.path)),
        }
    }

    /// Does `work` in a transaction that touches at most `pages`.
    pub(super) fn in_transaction<T>(
        &mut self,
        pages: u64,
        work: impl FnOnce(&mut Database) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.begin(pages)?;
        let done = work(self).and_then(|done| self.commit().map(|()| done));
        if done.is_err() {
            self.rollback();
        }
        done
    }

    /// Ends a failed transaction, if SQLite has not done so itself. A failure here shows
    /// again in the next one.
    pub(super) fn rollback(&self) {
        if !self.connection.is_autocommit()
            && let Err(fault) = self.run("ROLLBACK")
        {
            tell(
                Level::Debug,
                format_args!("{}: rollback: {}", self.path.display(), fault.cause),
            );
        }
    }

    pub(super) fn run(&self, sql: &str) -> Result<(), Fault> {
        let _inside = ForkGate::enter();
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Closes a corrupt database without its log being deleted: it may hold what a
    /// recovery can use.
    pub(crate) fn close_keeping_log(self) {
        connection::keep_log(&self.connection, &self.path);
    }

    pub(super) fn page_count(&self) -> Result<u64, Fault> {
        self.count("PRAGMA page_count")
    }

    pub(super) fn free_pages(&self) -> Result<u64, Fault> {
        self.count("PRAGMA freelist_count")
    }

    fn count(&self, sql: &str) -> Result<u64, Fault> {
        let _inside = ForkGate::enter();
        let mut statement = self.connection.prepare_cached(sql)?;
        let count: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}

impl Drop for Database {
    /// SQLite deletes the log by its name when the last connection closes. Of a file that
    /// was moved that name may by now be another database's log: it must stay.
    fn drop(&mut self) {
        if !matches!(connection::has_moved(&self.connection), Ok(false)) {
            connection::keep_log(&self.connection, &self.path);
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
