//! Remembers states, timings and events in an SQLite file, without ever holding up
//! whoever hands them in.
//!
//! One thread (`usm-store`) owns the connection and commits what waits once per commit
//! interval. Readers ([`StoreReader`], or any program that knows SQLite) open their own. The
//! prototype's scripts find the tables of all its files in the one ([`PROTOTYPE_FILES`]).
//!
//! What can be lost: `kill -9` costs the rows that were not committed yet, at most one
//! commit interval's. Power loss costs, besides, the commits that the kernel had not
//! written back (with Linux' defaults about the last 30 seconds), for a commit is not
//! synced to the disk, which would cost it a spin-up or a flash block each second. The
//! file is sound in either case. [`Store::close`] writes everything through.
//!
//! When the storage fails (full, locked, read-only, corrupt, deleted), rows wait in a
//! bounded queue, [`StoreHealth`] says why, and the writer tries again after 1, 2, 4 …
//! 30 seconds, or at once when [`Store::flush`] asks.

mod cap;
mod connection;
mod database;
mod fault;
mod folder;
mod health;
mod inherited;
mod intake;
mod judged;
mod ledger;
mod opening;
mod prototype;
mod query;
mod queue;
mod retention;
mod row;
mod saved;
mod schema;
pub(crate) mod series;
mod set_aside;
#[cfg(test)]
mod tests;
mod writer;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use std::time::Duration;

use crate::logging::{Level, tell};
use crate::sys;
use crate::{Error, Result};
use health::Report;
use queue::{Bounds, Flushed, Queue};
use writer::{Limits, Shared, lock};

#[cfg(test)]
pub(crate) use connection::open_beside;
pub(crate) use connection::prepare_process;
pub(crate) use fault::{Fault, FaultKind, Outcome};
pub use folder::{DATABASE_NAME, default_folder};
pub(crate) use folder::{SIDE_FILES, with_suffix};
pub use health::{StoreHealth, StoreStatus};
pub(crate) use inherited::file_id;
pub(crate) use intake::{Intake, Took};
pub(crate) use judged::MOST_JUDGED_ROWS;
pub use judged::{
    FindingFilter, FindingKind, FindingRow, JudgedRow, ListedRule, MemoryRow, NotificationRow,
    Request, RequestRow, RuleRow,
};
pub use ledger::{
    ActionRow, HistoryRow, JournalRow, JournalState, LEDGER_NAME, Ledger, ProfileRow, TargetRow,
};
pub use prototype::{PROTOTYPE_FILES, prototype_files};
pub use query::{ComponentTiming, StoreReader};
pub use row::{EventRow, PerformanceRow, Row, StateRow};
pub use saved::SavedAlert;
pub use series::SeriesSettings;
pub(crate) use writer::unix_now;

/// How long [`Store::open`] waits for the first attempt to open the file.
const OPEN_WAIT: Duration = Duration::from_secs(1);

/// How long closing waits for the last commit.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// Stack of the writer's thread, bytes; SQLite needs a fraction of it.
const STACK_BYTES: usize = 512 << 10;

/// Settings of a [`Store`].
#[derive(Debug, Clone, PartialEq)]
pub struct StoreSettings {
    /// The data folder; made with mode 0700 if it is missing.
    pub folder: PathBuf,
    /// Name of the file in it: [`DATABASE_NAME`] unless it is a recording.
    pub file_name: OsString,
    /// When it is closed the file stands by itself: what is open is sealed, and there is no
    /// side file left (a recording). Default false.
    pub finish_on_close: bool,
    /// What is kept as series.
    pub series: SeriesSettings,
    /// Longest time that a row waits for its commit. Default 1 s.
    pub commit_interval: Duration,
    /// Most rows that wait in memory. Default 4096.
    pub queue_rows: usize,
    /// Most bytes that they take. Default 4 MiB.
    pub queue_bytes: usize,
    /// Rows older than this are deleted. Default 30 days.
    pub retention: Duration,
    /// Most bytes on disk: database, log and index together (files set aside for being
    /// corrupt are not counted). At least 1 MiB, default 256 MiB.
    pub max_bytes: u64,
}

impl StoreSettings {
    /// The defaults, in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> StoreSettings {
        StoreSettings {
            folder: folder.into(),
            file_name: DATABASE_NAME.into(),
            finish_on_close: false,
            series: SeriesSettings::default(),
            commit_interval: Duration::from_secs(1),
            queue_rows: 4096,
            queue_bytes: 4 << 20,
            retention: Duration::from_secs(30 * 24 * 3600),
            max_bytes: 256 << 20,
        }
    }

    /// Checks every value against its range.
    pub fn validate(&self) -> Result<()> {
        if self.folder.as_os_str().is_empty() {
            return Err(Error::invalid("folder", "\"\"", "the path of a folder"));
        }
        if self.queue_rows == 0 {
            return Err(Error::invalid("queue_rows", 0, "at least 1"));
        }
        if self.queue_bytes == 0 {
            return Err(Error::invalid("queue_bytes", 0, "at least 1"));
        }
        check_limits(self.retention, self.max_bytes, self.commit_interval)
    }
}

fn check_limits(retention: Duration, max_bytes: u64, commit_interval: Duration) -> Result<()> {
    if retention.is_zero() {
        return Err(Error::invalid("retention", "0 s", "more than 0 s"));
    }
    if max_bytes < cap::MIN_BYTES {
        let allowed = format!("at least {} bytes", cap::MIN_BYTES);
        return Err(Error::invalid("max_bytes", max_bytes, allowed));
    }
    let hour = Duration::from_secs(3600);
    if commit_interval > hour {
        let value = format!("{} s", commit_interval.as_secs_f64());
        return Err(Error::invalid("commit_interval", value, "0 s to 3600 s"));
    }
    Ok(())
}

/// The store: rows in, health out. Shared between threads by reference.
///
/// After `fork()` the child's copy does nothing and touches nothing: it belongs to the
/// parent.
pub struct Store {
    /// Taken only by `Drop` in a forked child, to be forgotten.
    shared: Option<Arc<Shared>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
    process: u32,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("process", &self.process)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Starts the writer, which opens the file or makes it. A storage that does not work
    /// is no error: the store begins degraded, see [`Store::health`].
    pub fn open(settings: StoreSettings) -> Result<Store> {
        settings.validate()?;
        let path = settings.folder.join(&settings.file_name);
        let shared = Arc::new(Shared {
            path: path.clone(),
            finish_on_close: settings.finish_on_close,
            queue: Queue::new(Bounds {
                rows: settings.queue_rows,
                bytes: settings.queue_bytes,
                commit_interval: settings.commit_interval,
            }),
            limits: Limits {
                retention: settings.retention,
                max_bytes: settings.max_bytes,
                series: settings.series,
            }
            .into(),
            report: Report::opening(unix_now()).into(),
            watcher: None.into(),
            request_watcher: None.into(),
        });
        let for_writer = Arc::clone(&shared);
        let thread = sys::spawn("usm-store", STACK_BYTES, move || writer::run(&for_writer))
            .map_err(|source| Error::io("usm-store (thread)", source))?;
        shared.queue.wait_for_first_attempt(OPEN_WAIT);
        Ok(Store {
            shared: Some(shared),
            thread: Some(thread),
            path,
            process: std::process::id(),
        })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands a row to the writer. Never waits for the disk and never fails: when the
    /// queue is full the oldest row goes, and is counted.
    pub fn append(&self, row: Row) {
        if let Ok(shared) = self.own() {
            shared.queue.append(row);
        }
    }

    /// Has everything appended so far committed now, and waits for it. Fails with the
    /// cause if it can't be done at this time (the rows go on waiting), or if some of
    /// the rows were lost meanwhile.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        let shared = self.own()?;
        if self.on_writer_thread() {
            return Err(Error::InvalidState(
                "flush() can't be called from the store's watcher".to_owned(),
            ));
        }
        let ticket = shared.queue.ask_flush();
        match shared.queue.wait_flush(ticket, timeout) {
            Flushed::Committed => Ok(()),
            Flushed::TimedOut => Err(Error::TimedOut {
                what: format!("rows to be committed to {}", self.path.display()),
                seconds: timeout.as_secs_f64(),
            }),
            Flushed::Failed => Err(self.failure(shared)),
        }
    }

    /// How the storage is doing. Touches no file.
    pub fn health(&self) -> Arc<StoreHealth> {
        Arc::new(match self.own() {
            Ok(shared) => shared.health(),
            Err(error) => Report::degraded(error.to_string(), None).health(0, 0),
        })
    }

    /// Has `watcher` called on the writer's thread at each change between ok and
    /// degraded, in place of any earlier one.
    pub fn set_watcher(&self, watcher: Box<dyn Fn(&StoreHealth) + Send + Sync>) {
        if let Ok(shared) = self.own() {
            *lock(&shared.watcher) = Some(Arc::from(watcher));
        }
    }

    /// Has `watcher` called on the writer's thread with what other processes ask of the one
    /// that monitors (see [`Request`]), each request once.
    pub(crate) fn set_request_watcher(&self, watcher: Box<dyn Fn(Vec<RequestRow>) + Send + Sync>) {
        if let Ok(shared) = self.own() {
            *lock(&shared.request_watcher) = Some(Arc::from(watcher));
        }
    }

    /// Other limits from now on. The file is brought below a smaller cap, and old rows
    /// go, step by step as further rows are written: an idle store does not wake up.
    pub fn reconfigure(
        &self,
        retention: Duration,
        max_bytes: u64,
        commit_interval: Duration,
        series: SeriesSettings,
    ) -> Result<()> {
        check_limits(retention, max_bytes, commit_interval)?;
        let shared = self.own()?;
        *lock(&shared.limits) = Limits {
            retention,
            max_bytes,
            series,
        };
        shared.queue.set_commit_interval(commit_interval);
        Ok(())
    }

    /// Commits what waits and ends the writer. Fails if rows could not be written, which
    /// are lost then, or if the writer does not end within 5 seconds, because the file
    /// system hangs; it ends by itself later.
    pub fn close(mut self) -> Result<()> {
        self.own()?;
        let lost_before = self.health().rows_dropped;
        self.end_writer()?;
        let shared = self.own()?;
        match shared.queue.counts().1 == lost_before {
            true => Ok(()),
            false => Err(self.failure(shared)),
        }
    }

    fn end_writer(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        let shared = self.own()?;
        shared.queue.close();
        // From within its own watcher the thread can't be waited for.
        if thread.thread().id() == thread::current().id() {
            return Ok(());
        }
        if !shared.queue.wait_for_end(CLOSE_WAIT) {
            return Err(Error::TimedOut {
                what: format!("the last commit to {}", self.path.display()),
                seconds: CLOSE_WAIT.as_secs_f64(),
            });
        }
        thread
            .join()
            .map_err(|_| Error::Internal("the store's thread has panicked".to_owned()))
    }

    fn own(&self) -> Result<&Shared> {
        match &self.shared {
            Some(shared) if self.process == std::process::id() => Ok(shared),
            _ => Err(Error::Forked {
                owner: self.process,
            }),
        }
    }

    fn on_writer_thread(&self) -> bool {
        let writer = self.thread.as_ref().map(|thread| thread.thread().id());
        writer == Some(thread::current().id())
    }

    fn failure(&self, shared: &Shared) -> Error {
        let health = shared.health();
        let cause = health.cause.or(health.warning);
        Fault::to_error(cause.as_deref().unwrap_or("rows were lost"), &self.path)
    }
}

impl Drop for Store {
    /// As [`Store::close`]. In a forked child nothing is touched: the writer does not
    /// exist there, its locks may be held for ever, and the connection is the parent's.
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.shared.take());
            std::mem::forget(self.thread.take());
        } else if let Err(error) = self.end_writer() {
            tell(Level::Warn, format_args!("{error}"));
        }
    }
}
