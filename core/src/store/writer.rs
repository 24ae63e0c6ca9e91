//! The one thread that writes: takes rows from the queue, commits them in batches, and
//! when the storage fails keeps them and tries again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::database::{Database, Written};
use super::fault::{Fault, FaultKind};
use super::folder;
use super::health::{Report, StoreHealth, StoreStatus};
use super::inherited::file_id;
use super::judged::RequestRow;
use super::opening::has_prototype;
use super::prototype;
use super::queue::{Queue, Turn};
use super::row::Row;
use super::series::{Series, SeriesSettings};
use super::set_aside::set_aside;
use crate::logging::{Level, tell};

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Between two looks for rows that have become too old.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Told of each change between ok and degraded.
pub(crate) type Watcher = dyn Fn(&StoreHealth) + Send + Sync;

/// Given what other processes ask.
pub(crate) type RequestWatcher = dyn Fn(Vec<RequestRow>) + Send + Sync;

/// What may change while the writer runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    pub(crate) retention: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) series: SeriesSettings,
}

/// What the store's handle and its writer share.
pub(crate) struct Shared {
    pub(crate) path: std::path::PathBuf,
    pub(crate) finish_on_close: bool,
    pub(crate) queue: Queue,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) report: Mutex<Report>,
    pub(crate) watcher: Mutex<Option<Arc<Watcher>>>,
    pub(crate) request_watcher: Mutex<Option<Arc<RequestWatcher>>>,
}

impl Shared {
    /// The health at this moment; touches no file.
    pub(crate) fn health(&self) -> StoreHealth {
        let (waiting, dropped) = self.queue.counts();
        lock(&self.report).health(waiting, dropped)
    }
}

/// Runs until the queue is closed.
pub(crate) fn run(shared: &Arc<Shared>) {
    let _end = EndOfWriter(Arc::clone(shared));
    let mut writer = Writer {
        shared: Arc::clone(shared),
        database: None,
        applied: *lock(&shared.limits),
        pause: FIRST_RETRY,
        upkeep_due: Instant::now(),
        series: None,
        chunk: Vec::new(),
        refusal: None,
        told: StoreStatus::Degraded,
        file: None,
        last_request: 0,
        has_linked: false,
    };
    let mut retry_at = writer.attempt();
    loop {
        let turn = shared.queue.wait(retry_at);
        retry_at = writer.attempt();
        if turn == Turn::Close {
            writer.close();
            return;
        }
    }
}

/// Marks the end however it comes, so that nobody waits for a writer that is gone.
struct EndOfWriter(Arc<Shared>);

impl Drop for EndOfWriter {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut report = lock(&self.0.report);
            report.status = StoreStatus::Degraded;
            report.cause = Some("internal error: the store's thread has panicked".to_owned());
        }
        self.0.queue.end();
    }
}

struct Writer {
    shared: Arc<Shared>,
    database: Option<Database>,
    applied: Limits,
    pause: Duration,
    upkeep_due: Instant,
    /// While no database is open.
    series: Option<Series>,
    chunk: Vec<Row>,
    /// Why a row was left out.
    refusal: Option<String>,
    told: StoreStatus,
    /// Identity of the file that was opened last.
    file: Option<(u64, u64)>,
    /// Number of the newest request that was passed on.
    last_request: i64,
    /// The links to it were made, or it was told why not.
    has_linked: bool,
}

impl Writer {
    /// Tries to commit all that waits. Returns when to try again if that failed.
    fn attempt(&mut self) -> Option<Instant> {
        let mut tried = self.write_all();
        if let Err(fault) = &tried {
            match fault.kind {
                FaultKind::Corrupt => {
                    tried = self.begin_anew(fault).and_then(|()| self.write_all())
                }
                // A new file under the old name: the rows go there at once.
                FaultKind::Moved => {
                    self.let_go();
                    tried = self.write_all();
                }
                _ => {}
            }
        }
        let retry_at = match &tried {
            Ok(()) => {
                self.pause = FIRST_RETRY;
                None
            }
            Err(fault) => {
                if !matches!(fault.kind, FaultKind::Held | FaultKind::Full) {
                    self.let_go();
                }
                let at = Instant::now() + self.pause;
                self.pause = (self.pause * 2).min(LAST_RETRY);
                Some(at)
            }
        };
        self.publish(tried.err());
        self.shared.queue.attempt_over();
        retry_at
    }

    fn write_all(&mut self) -> Result<(), Fault> {
        self.apply_limits()?;
        let max_bytes = self.applied.max_bytes;
        if self.database.is_none() {
            folder::prepare(&self.shared.path).map_err(|error| Fault::from_error(&error))?;
            self.file = file_id(&self.shared.path);
            let mut opened = Database::open(&self.shared.path, max_bytes)?;
            if let Some(series) = self.series.take() {
                opened.series = series;
            }
            opened.set_series(self.applied.series)?;
            self.refusal = None;
            self.database = Some(opened);
            self.link_prototype_names();
            self.upkeep_due = Instant::now();
        }
        let Some(database) = &mut self.database else {
            return Ok(());
        };
        let (max_rows, max_text) = database.cap.batch();
        // What comes in from here on belongs to the next batch.
        let mut due = self.shared.queue.len();
        while due > 0 {
            let queue = &self.shared.queue;
            queue.take(&mut self.chunk, max_rows.min(due), max_text);
            if self.chunk.is_empty() {
                break;
            }
            due -= self.chunk.len();
            match database.write(&self.chunk, unix_now()) {
                Ok(written) => {
                    if written.last_refusal.is_some() {
                        self.refusal.clone_from(&written.last_refusal);
                    }
                    // The report first: whoever waits for the rows may read it next.
                    let warning = warning(database, self.refusal.as_deref());
                    note(&self.shared, &written, warning);
                    self.chunk.clear();
                    self.shared.queue.settle(written.refused);
                }
                Err(fault) => {
                    self.shared.queue.put_back(&mut self.chunk);
                    return Err(fault);
                }
            }
        }
        database.seal_series()?;
        let watcher = lock(&self.shared.request_watcher).clone();
        if let Some(watcher) = watcher {
            let asked = database.requests_since(&mut self.last_request)?;
            if !asked.is_empty() {
                tell_requests(&*watcher, asked);
            }
        }
        if Instant::now() >= self.upkeep_due {
            let now = unix_now();
            let cutoff = now - self.applied.retention.as_secs_f64();
            let more = database.prune_by_age(cutoff)?
                | database.prune_by_count()?
                | database.prune_series_by_age(now)?
                | database.shrink()?;
            // With more to do the next batch goes on with it.
            if !more {
                self.upkeep_due = Instant::now() + UPKEEP_INTERVAL;
            }
        }
        Ok(())
    }

    /// Lets the prototype's scripts find their tables under the names of their files.
    fn link_prototype_names(&mut self) {
        let path = &self.shared.path;
        if !has_prototype(path) {
            return;
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let (others, failure) = prototype::make_links(folder);
        // Told once, not at each time that the storage came back.
        if std::mem::replace(&mut self.has_linked, true) {
            return;
        }
        for other in others {
            tell(
                Level::Warn,
                format_args!(
                    "{}: left as it is, so scripts that read this file do not see the monitor's \
                     rows; `usm migrate` brings in what it holds",
                    other.display()
                ),
            );
        }
        if let Some(error) = failure {
            tell(
                Level::Warn,
                format_args!("no link to {}: {error}", path.display()),
            );
        }
    }

    /// The database to be closed. What is known of the series beside the file is kept for the
    /// next one: who writes them, and their context.
    fn let_go(&mut self) -> Option<Database> {
        let mut database = self.database.take()?;
        self.series = Some(database.series.take());
        Some(database)
    }

    /// The last step: lets go of the series, and of a recording leaves one file.
    fn close(&mut self) {
        let Some(mut database) = self.database.take() else {
            return;
        };
        let closed = match self.shared.finish_on_close {
            true => database.finish(),
            false => database.leave(),
        };
        if let Err(fault) = closed {
            tell(
                Level::Warn,
                format_args!("{}: {}", self.shared.path.display(), fault.cause),
            );
        }
    }

    fn apply_limits(&mut self) -> Result<(), Fault> {
        let wanted = *lock(&self.shared.limits);
        if wanted != self.applied {
            self.applied = wanted;
            self.upkeep_due = Instant::now();
            lock(&self.shared.report).retention_lost = false;
            if let Some(database) = &mut self.database {
                database.pruned_up_to = None;
                database.set_cap(wanted.max_bytes)?;
                database.set_series(wanted.series)?;
            }
        }
        Ok(())
    }

    /// Puts the corrupt file aside, for a new one to be made. Not if the path leads to
    /// another file by now: another process has done it already.
    fn begin_anew(&mut self, fault: &Fault) -> Result<(), Fault> {
        if let Some(database) = self.let_go() {
            database.close_keeping_log();
        }
        if file_id(&self.shared.path) != self.file {
            return Ok(());
        }
        let target = set_aside(&self.shared.path, unix_now() as u64);
        let target = target
            .map_err(|error| Fault::new(FaultKind::Other, format!("{}; {error}", fault.cause)))?;
        tell(
            Level::Warn,
            format_args!(
                "{}: {}; set aside as {}",
                self.shared.path.display(),
                fault.cause,
                target.display()
            ),
        );
        lock(&self.shared.report).set_aside = Some(target);
        Ok(())
    }

    /// Writes the outcome into the report, and tells the watcher if the status is
    /// another one than it was told last.
    fn publish(&mut self, fault: Option<Fault>) {
        let bytes = folder::total_bytes(&self.shared.path);
        let mut report = lock(&self.shared.report);
        report.bytes = bytes;
        if let Some(lost) = self.database.as_ref().and_then(|d| d.pruned_up_to) {
            let kept_since = unix_now() - self.applied.retention.as_secs_f64();
            report.retention_lost |= lost >= kept_since;
        }
        if let Some(database) = &self.database {
            report.retention_lost |= database.series_lost(unix_now()).is_some();
            report.warning = warning(database, self.refusal.as_deref());
        }
        report.set_status(fault.map(|fault| fault.cause), unix_now());
        let status = report.status;
        drop(report);
        if status != self.told {
            self.told = status;
            self.tell_watcher();
        }
    }

    fn tell_watcher(&self) {
        let Some(watcher) = lock(&self.shared.watcher).clone() else {
            return;
        };
        let health = self.shared.health();
        // A panic of the caller's code must not end the writing.
        if catch_unwind(AssertUnwindSafe(|| watcher(&health))).is_err() {
            tell(
                Level::Error,
                format_args!("the store's watcher has panicked"),
            );
        }
    }
}

/// Passes on what other processes ask.
fn tell_requests(watcher: &RequestWatcher, asked: Vec<RequestRow>) {
    if catch_unwind(AssertUnwindSafe(|| watcher(asked))).is_err() {
        tell(
            Level::Error,
            format_args!("the store's watcher of requests has panicked"),
        );
    }
}

/// All that does not go as it should although rows are written.
fn warning(database: &Database, refusal: Option<&str>) -> Option<String> {
    let parts = [
        database.warning.clone(),
        refusal.map(str::to_owned),
        database.series.warning(),
        database.series_lost(unix_now()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn note(shared: &Shared, written: &Written, warning: Option<String>) {
    let (bytes, now) = (folder::total_bytes(&shared.path), unix_now());
    let mut report = lock(&shared.report);
    report.bytes = bytes;
    report.rows_written += written.rows;
    report.last_commit = Some(now);
    report.last_commit_seconds = Some(written.seconds);
    report.last_commit_rows = written.rows;
    report.warning = warning;
    report.set_status(None, now);
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wall clock, Unix seconds.
pub(crate) fn unix_now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
