//! The monitor: samples, judges, publishes, tells and remembers, in a loop of its own.

mod alert_desk;
mod alerts;
mod components;
mod control;
mod engine;
mod finding_log;
mod findings;
mod memory;
mod notes;
mod past;
mod published;
mod recorder;
mod report;
mod rules;
mod running;
mod shared;
mod telling;
mod timing;
mod tools;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::cache::Cache;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::event::{Callback, EventData, EventKind, EventSet, EventStream};
use crate::logging::{Level, tell};
use crate::pool::WorkerPool;
use crate::sample::{Metrics, ProcessExtra, SourceReport};
use crate::state::{State, StateRecord};
use crate::store::{Request, StateRow, StoreHealth};
use crate::sys;
use crate::tree::{from_tree, to_tree};

pub use components::{ComponentState, ComponentStatus};
use published::Marks;
pub use recorder::Recorder;
use running::Running;
use shared::Shared;
pub use timing::OperationTiming;

/// How long a closing monitor waits for the callbacks that run.
const CALLBACK_PATIENCE: Duration = Duration::from_secs(5);

/// What a call of [`Monitor::start`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// Monitoring has begun.
    Now,
    /// It was active already; nothing was changed.
    Already,
}

/// What a call of [`Monitor::stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Monitoring has ended.
    Now,
    /// It was not active; nothing was changed.
    Already,
}

/// A monitor of this host. Every method may be called from any thread, and from a callback.
/// Dropping it stops the monitoring, waits for callbacks that run and writes what waits for
/// the database.
///
/// After a fork() the child can't use it: every call answers [`Error::Forked`].
#[derive(Debug)]
pub struct Monitor {
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

impl Monitor {
    /// A monitor that is not started yet. Opens the database, unless `store_enabled` is
    /// false; a database that can't be written is no error: see [`Monitor::store_health`].
    ///
    /// # Errors
    /// `InvalidArgument` for a setting, `NotFound` and the like for the proc root or the
    /// data folder.
    pub fn new(config: Config) -> Result<Monitor> {
        config.validate()?;
        config.roots().check()?;
        Ok(Monitor::of(Shared::new(config)?))
    }

    fn of(shared: Shared) -> Monitor {
        let shared = Arc::new(shared);
        if let Some(store) = &shared.store {
            let asked: Weak<Shared> = Arc::downgrade(&shared);
            store.set_request_watcher(Box::new(move |requests| {
                if let Some(shared) = asked.upgrade() {
                    // Here, not on the sampling thread, whose descriptors may be its own:
                    // SQLite's must not be among them.
                    if requests
                        .iter()
                        .any(|row| row.request == Request::ReloadRules)
                    {
                        shared.reload_rules();
                    }
                    shared.alerts.ask(requests);
                }
            }));
        }
        Monitor {
            shared,
            running: Mutex::new(None),
        }
    }

    /// Starts monitoring; the first complete state is published within about 0.2 s.
    ///
    /// # Errors
    /// `NotFound` and the like when the proc root can't be listed (any more).
    pub fn start(&self) -> Result<Started> {
        self.check_process()?;
        let mut running = self.lock_running();
        self.shared.check_open()?;
        if running.as_ref().is_some_and(Running::is_alive) {
            return Ok(Started::Already);
        }
        if self.shared.config.load().enable_alerts && !self.shared.is_recording {
            self.shared.alerts.start_notifier(&self.shared)?;
        }
        *running = Some(Running::start(self.shared.clone())?);
        drop(running);
        self.shared
            .publish_event(EventKind::MonitorStarted, EventData::None);
        Ok(Started::Now)
    }

    /// Stops monitoring at once; a sample that is being taken is waited for. May be called
    /// when not started, and the monitor may be started again.
    ///
    /// # Errors
    /// `TimedOut` when the sample in progress does not end within `call_timeout`; the
    /// monitoring ends with it.
    pub fn stop(&self) -> Result<Stopped> {
        self.check_process()?;
        let Some(running) = self.lock_running().take() else {
            return Ok(Stopped::Already);
        };
        let was_alive = running.is_alive();
        running.stop(self.patience())?;
        if !was_alive {
            return Ok(Stopped::Already);
        }
        self.shared
            .publish_event(EventKind::MonitorStopped, EventData::None);
        Ok(Stopped::Now)
    }

    /// Ends it for every thread that has it: stops, and from now on whoever waits for a state,
    /// or starts it, gets `InvalidState`. What is there can still be read.
    ///
    /// # Errors
    /// As for [`Monitor::stop`].
    pub fn close(&self) -> Result<()> {
        self.check_process()?;
        self.shared.close();
        self.stop().map(drop)
    }

    /// Whether monitoring is active.
    pub fn is_active(&self) -> bool {
        self.check_process().is_ok() && self.lock_running().as_ref().is_some_and(Running::is_alive)
    }

    /// The newest state: no lock, no waiting, no copy. Before the first sample its
    /// `sequence` is 0 and its `sample` `None`.
    pub fn state(&self) -> Arc<State> {
        self.shared.state.load_full()
    }

    /// Reads something small of the newest state in place: the cheapest way, without even a
    /// count of references. The state can't be freed before `read` returns.
    pub fn peek<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(&self.shared.state.load())
    }

    /// The numbers of the newest state, copied.
    pub fn metrics(&self) -> Metrics {
        self.shared.state.load().metrics
    }

    /// Takes a sample now and publishes it: its state knows whatever was set before this call.
    /// While monitoring is active, this asks its loop; otherwise two samples are taken 0.1 s
    /// apart, so that rates are known.
    ///
    /// # Errors
    /// When the host can't be sampled, or `TimedOut` after `call_timeout`.
    pub fn collect(&self) -> Result<Arc<State>> {
        self.check_process()?;
        // One that is being taken already may know nothing of what the caller has just set.
        let begun = self.shared.published.marks().begun;
        let is_newer = |marks: &Marks| marks.newest > begun;
        let deadline = Instant::now() + self.patience();
        loop {
            let running = self.lock_running();
            self.shared.check_open()?;
            let Some(active) = running.as_ref().filter(|running| running.is_alive()) else {
                return self.collect_once(&running, is_newer);
            };
            let is_over = active.ask_for_sample();
            drop(running);
            let left = deadline.saturating_duration_since(Instant::now());
            self.wait_for(
                |marks| is_newer(marks) || is_over.load(Ordering::Acquire),
                left,
            )?;
            if is_newer(&self.shared.published.marks()) {
                return Ok(self.state());
            }
            // Somebody stopped the monitoring before it came to that sample.
        }
    }

    /// Takes samples until one is new enough, while no other loop can be started.
    fn collect_once(
        &self,
        _running: &MutexGuard<'_, Option<Running>>,
        is_newer: impl Fn(&Marks) -> bool,
    ) -> Result<Arc<State>> {
        let once = Running::start(self.shared.clone())?;
        let state = self.wait_for(is_newer, self.patience());
        if let Err(error) = once.stop(self.patience()) {
            tell(Level::Warn, format_args!("after a single sample: {error}"));
        }
        state
    }

    /// Waits until a state newer than number `after` is published.
    ///
    /// # Errors
    /// `TimedOut`, with the reason if sampling fails at present; `InvalidState` when the
    /// monitor is closed meanwhile.
    pub fn wait_for_state(&self, after: u64, timeout: Duration) -> Result<Arc<State>> {
        self.check_process()?;
        self.wait_for(|marks| marks.sequence > after, timeout)
    }

    fn wait_for(&self, has_come: impl Fn(&Marks) -> bool, timeout: Duration) -> Result<Arc<State>> {
        let deadline = Instant::now().checked_add(timeout);
        let published = &self.shared.published;
        let mut marks = published.lock();
        loop {
            if has_come(&marks) {
                return Ok(self.shared.state.load_full());
            }
            self.shared.check_open()?;
            let left = match deadline.map(|d| d.checked_duration_since(Instant::now())) {
                Some(Some(left)) => left,
                Some(None) => {
                    let what = match self.shared.sampling_failure() {
                        Some(reason) => format!("a state; sampling fails: {reason}"),
                        None => "a state".into(),
                    };
                    return Err(Error::TimedOut {
                        what,
                        seconds: timeout.as_secs_f64(),
                    });
                }
                None => Duration::from_secs(3600),
            };
            marks = published.wait(marks, left);
        }
    }

    /// The compact states of the recent past, oldest first, at most `max_history_size`; none
    /// in a forked child.
    pub fn history(&self) -> Vec<Arc<StateRecord>> {
        if self.check_process().is_err() {
            return Vec::new();
        }
        self.shared.lock_history().iter().cloned().collect()
    }

    /// Subscribes a callback to events. It runs on a thread of its own; if it is slower than
    /// the events come, the oldest that wait are dropped and counted. Returns the number of
    /// the subscription.
    ///
    /// # Errors
    /// `Internal` when no thread can be started.
    pub fn subscribe(&self, kinds: impl Into<EventSet>, callback: Callback) -> Result<u64> {
        self.check_process()?;
        self.shared
            .bus
            .subscribe(kinds.into(), self.shared.event_queue_size, callback)
    }

    /// Subscribes a stream, from which the caller takes events when it likes.
    ///
    /// # Errors
    /// `Forked` only.
    pub fn stream(&self, kinds: impl Into<EventSet>) -> Result<EventStream> {
        self.check_process()?;
        Ok(self
            .shared
            .bus
            .stream(kinds.into(), self.shared.event_queue_size))
    }

    /// Ends the subscription of a callback and waits until it has returned, unless called
    /// from inside it. False when there is no such subscription.
    ///
    /// # Errors
    /// `Forked` only.
    pub fn unsubscribe(&self, subscription: u64) -> Result<bool> {
        self.check_process()?;
        Ok(self.shared.bus.unsubscribe(subscription))
    }

    /// The settings in force.
    pub fn config(&self) -> Arc<Config> {
        self.shared.config.load_full()
    }

    /// Changes settings of a running monitor; those that are not live (see
    /// [`crate::config::SETTINGS`]) act from the next start on.
    ///
    /// # Errors
    /// `InvalidArgument` for a setting, with nothing changed, or what `change` answers.
    pub fn reconfigure(&self, change: impl FnOnce(&mut Config) -> Result<()>) -> Result<()> {
        self.check_process()?;
        let changed = self.shared.reconfigure(change)?;
        if changed.is_empty() {
            return Ok(());
        }
        if let Some(running) = self.lock_running().as_ref() {
            running.tell_settings_changed();
        }
        self.shared
            .publish_event(EventKind::ConfigChanged, EventData::Settings(changed));
        Ok(())
    }

    /// The prototype's report of eight sections: `timestamp`, `system_state`,
    /// `component_status`, `performance_metrics`, `recommendations`, `alerts_summary`,
    /// `predictions`, `insights`; only `error` in a forked child.
    pub fn report(&self) -> serde_json::Value {
        if let Err(error) = self.check_process() {
            return serde_json::json!({ "error": error.to_string() });
        }
        report::comprehensive(self)
    }

    /// The nine components of the prototype, by what they really do; none in a forked child.
    pub fn component_status(&self) -> Vec<ComponentStatus> {
        if self.check_process().is_err() {
            return Vec::new();
        }
        components::status(&self.shared)
    }

    /// How long each operation took on average over the last hour; none in a forked child.
    pub fn timings(&self) -> Vec<OperationTiming> {
        if self.check_process().is_err() {
            return Vec::new();
        }
        self.shared.lock_timings().summary(Instant::now())
    }

    /// Every source of facts and whether it can be read here; empty before the first sample.
    pub fn sources(&self) -> Arc<Vec<SourceReport>> {
        self.shared.sources.load_full()
    }

    /// The database's health; `None` with `store_enabled` false.
    pub fn store_health(&self) -> Option<Arc<StoreHealth>> {
        self.shared.store.as_ref().map(|store| store.health())
    }

    /// Path of `unified_system.db`; `None` with `store_enabled` false.
    pub fn store_path(&self) -> Option<PathBuf> {
        self.shared
            .store
            .as_ref()
            .map(|store| store.path().to_path_buf())
    }

    /// Waits until everything that was measured so far is in the database.
    ///
    /// # Errors
    /// `Store` with the cause when the database can't be written, `TimedOut`, and
    /// `InvalidState` with `store_enabled` false.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.check_process()?;
        self.shared.store()?.flush(timeout)
    }

    /// States in the database between two Unix times, oldest first, at most `limit`.
    ///
    /// # Errors
    /// `Store`, `TimedOut` after `call_timeout`, and `InvalidState` with `store_enabled` false.
    pub fn stored_states(&self, since: f64, until: f64, limit: usize) -> Result<Vec<StateRow>> {
        self.check_process()?;
        let path = self.shared.store()?.path().to_path_buf();
        let query = self
            .shared
            .pool
            .submit(move || crate::store::StoreReader::open(&path)?.states(since, until, limit))?;
        query.wait(self.patience())?
    }

    /// Proportional set size and open files of one process of the newest sample: dear to read,
    /// so for chosen ones only, and kept for `cache_duration`.
    ///
    /// # Errors
    /// `NotFound` when the newest sample has no such process or it has ended since,
    /// `TimedOut` after `call_timeout`.
    pub fn process_extra(&self, pid: i32) -> Result<ProcessExtra> {
        self.check_process()?;
        let config = self.config();
        let roots = config.roots();
        let state = self.state();
        let processes = state
            .sample
            .as_ref()
            .map_or(&[][..], |sample| &sample.processes.list);
        let process = processes
            .iter()
            .find(|process| process.pid == pid)
            .ok_or_else(|| Error::io(roots.proc(&pid.to_string()), std::io::ErrorKind::NotFound))?;
        // The start time is part of the name: another process may get the pid.
        let key = format!("process_extra:{pid}:{}", process.start_time_ticks);
        let max_age = Duration::from_secs_f64(config.cache_duration);
        let value = self.shared.cache.get_or_load(&key, max_age, || {
            let read = self
                .shared
                .pool
                .submit(move || ProcessExtra::read(&roots, pid))?;
            to_tree(&read.wait(self.patience())??).map_err(|e| Error::Internal(e.to_string()))
        })?;
        from_tree(&value).map_err(Error::Internal)
    }

    /// Values that are dear to compute on demand, kept for `cache_duration`.
    pub fn cache(&self) -> &Cache<serde_json::Value> {
        &self.shared.cache
    }

    /// Workers for slow work, at most `max_threads`.
    pub fn pool(&self) -> &WorkerPool {
        &self.shared.pool
    }

    /// # Errors
    /// `Forked` in a child of the process that made this monitor.
    pub fn check_process(&self) -> Result<()> {
        if sys::fork_generation() == self.shared.fork_generation {
            return Ok(());
        }
        Err(Error::Forked {
            owner: self.shared.owner,
        })
    }

    fn lock_running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        if self.check_process().is_err() {
            // The threads are the parent's, and locks may be held for ever: leave everything.
            std::mem::forget(self.shared.clone());
            std::mem::forget(self.lock_running_of_child());
            return;
        }
        if let Err(error) = self.stop() {
            tell(Level::Warn, format_args!("stopping a monitor: {error}"));
        }
        self.shared.bus.close(CALLBACK_PATIENCE);
        self.shared.pool.close();
        self.shared.alerts.stop_notifier(CALLBACK_PATIENCE);
    }
}

impl Monitor {
    /// How long a call waits for a sample or for the database.
    fn patience(&self) -> Duration {
        Duration::from_secs_f64(self.shared.config.load().call_timeout)
    }

    /// What the parent's loop left in a child; taken without waiting for the lock.
    fn lock_running_of_child(&self) -> Option<Running> {
        self.running
            .try_lock()
            .ok()
            .and_then(|mut running| running.take())
    }
}
