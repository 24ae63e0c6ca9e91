//! Auto-optimization: on the monitor's states, with hysteresis, cooldown and budgets, and every
//! decision told. A thread of its own, that also ends leases.

mod decide;

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::files;
use super::history;
use super::inner::{Inner, Shared, locked, now_unix};
use super::undoing;
use crate::error::{Error, Result};
use crate::event::{EventData, EventKind, EventStream};
use crate::logging::{Level, tell};
use crate::monitor::Started;
use crate::sys;

use decide::Decider;

/// How often the thread looks around when nothing wakes it.
const IDLE: Duration = Duration::from_secs(3600);
/// How often leases are looked at while it acts by itself.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what is older than `retention_days` is deleted.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// How long it waits for a state before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);

/// What the thread and the callers share.
#[derive(Debug, Default)]
pub(super) struct AutoState {
    is_on: AtomicBool,
    is_closing: AtomicBool,
    last_decision: Mutex<Option<String>>,
    told: Mutex<Told>,
    /// What it has done itself, by row of the action.
    actions: Mutex<BTreeSet<i64>>,
    woken: Mutex<bool>,
    wake: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl AutoState {
    pub(super) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }

    pub(super) fn last_decision(&self) -> Option<String> {
        locked(&self.last_decision).clone()
    }

    fn wake(&self) {
        *locked(&self.woken) = true;
        self.wake.notify_all();
    }

    fn sleep(&self, longest: Duration) {
        let woken = locked(&self.woken);
        let (mut woken, _) = self
            .wake
            .wait_timeout_while(woken, longest, |woken| !*woken)
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *woken = false;
    }

    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::SeqCst)
    }
}

/// Switches auto-optimization.
pub(super) fn set(inner: &Shared, on: bool) -> Result<()> {
    if on {
        inner.halt.check()?;
    }
    if inner.auto.is_on.swap(on, Ordering::SeqCst) == on {
        return Ok(());
    }
    let words = if on { "switched on" } else { "switched off" };
    say(inner, "switched", words);
    if on && let Err(error) = ensure_thread(inner) {
        inner.auto.is_on.store(false, Ordering::SeqCst);
        return Err(error);
    }
    inner.auto.wake();
    Ok(())
}

/// Has the thread look at the leases.
pub(super) fn wake_housekeeping(inner: &Shared) {
    if let Err(error) = ensure_thread(inner) {
        tell(Level::Warn, format_args!("leases are ended late: {error}"));
    }
    inner.auto.wake();
}

/// Ends the thread and waits for it.
pub(super) fn close(inner: &Inner) {
    inner.auto.is_closing.store(true, Ordering::SeqCst);
    inner.auto.is_on.store(false, Ordering::SeqCst);
    inner.auto.wake();
    let thread = locked(&inner.auto.thread).take();
    if let Some(thread) = thread
        && thread.thread().id() != std::thread::current().id()
        && thread.join().is_err()
    {
        tell(
            Level::Error,
            format_args!("the optimizer's thread has panicked"),
        );
    }
}

fn ensure_thread(inner: &Shared) -> Result<()> {
    let mut thread = locked(&inner.auto.thread);
    let is_there = thread.as_ref().is_some_and(|thread| !thread.is_finished());
    if is_there || inner.auto.is_closing() {
        return Ok(());
    }
    // The thread must not keep the optimizer alive.
    let weak = Arc::downgrade(inner);
    let begun = sys::spawn("usm-optimizer", 0, move || run(&weak))
        .map_err(|e| Error::Internal(format!("no thread for the optimizer: {e}")))?;
    *thread = Some(begun);
    Ok(())
}

fn run(weak: &Weak<Inner>) {
    let mut watching: Option<Watching> = None;
    let mut next_lease = None;
    let mut next_look = Instant::now();
    let mut next_prune = Instant::now();
    while let Some(inner) = weak.upgrade() {
        if inner.auto.is_closing() {
            return;
        }
        if Instant::now() >= next_look {
            next_lease = keep_house(&inner);
            next_look = Instant::now() + LOOK_EVERY;
        }
        if Instant::now() >= next_prune {
            prune(&inner);
            next_prune = Instant::now() + PRUNE_EVERY;
        }
        if !inner.auto.is_on() {
            watching = None;
            let longest = next_lease
                .map(|until: f64| Duration::from_secs_f64((until - now_unix()).clamp(0.01, 3600.0)))
                .unwrap_or(IDLE);
            inner.auto.sleep(longest);
            next_look = Instant::now();
            continue;
        }
        if watching.is_none() {
            match Watching::begin(&inner) {
                Ok(begun) => watching = Some(begun),
                Err(error) => {
                    say(
                        &inner,
                        "failed",
                        &format!("the host can't be watched: {error}"),
                    );
                    inner.auto.sleep(Duration::from_secs(1));
                    continue;
                }
            }
        }
        if let Some(active) = &mut watching {
            // A panic costs one decision, not the thread that ends the leases.
            let step = AssertUnwindSafe(|| active.step(&inner));
            if catch_unwind(step).is_err() {
                say(&inner, "failed", "a decision was given up: it panicked");
            }
            // The monitor was closed: another one takes its place.
            if active.stream.is_closed() {
                watching = None;
            }
        }
    }
}

/// What is old goes, but for what may still have to be taken back.
fn prune(inner: &Inner) {
    let days = inner.source.config().retention_days;
    if let Err(error) = inner.ledger.prune(now_unix() - days * 86_400.0) {
        tell(Level::Warn, format_args!("old rows stay: {error}"));
    }
}

/// Ends leases and purges what was put aside long enough. Answers when the next lease ends.
fn keep_house(inner: &Inner) -> Option<f64> {
    if !inner.halt.is_on()
        && let Err(error) = files::purge_expired(inner)
    {
        say(
            inner,
            "failed",
            &format!("what was put aside is not purged: {error}"),
        );
    }
    match undoing::end_leases(inner) {
        Ok(next) => next,
        Err(error) => {
            say(
                inner,
                "failed",
                &format!("leases could not be looked at: {error}"),
            );
            None
        }
    }
}

/// The monitor's states, and what was thought of them so far.
struct Watching {
    stream: EventStream,
    decider: Decider,
}

impl Watching {
    /// Starts the monitor if it is not active.
    fn begin(inner: &Inner) -> Result<Watching> {
        let monitor = inner.source.monitor()?;
        let stream = monitor.stream(EventKind::StateUpdate)?;
        if let Started::Now = monitor.start()? {
            tell(
                Level::Debug,
                format_args!("monitoring was started for auto-optimization"),
            );
        }
        Ok(Watching {
            stream,
            decider: Decider::default(),
        })
    }

    /// Waits a moment for a state and decides.
    fn step(&mut self, inner: &Shared) {
        let Some(event) = self.stream.next(Some(PATIENCE)) else {
            let monitor = inner.source.monitor();
            if monitor.is_ok_and(|monitor| !monitor.is_active()) && !self.stream.is_closed() {
                let why = "did nothing because the monitor is stopped: nothing is known";
                say(inner, "skipped", why);
            }
            return;
        };
        let EventData::State(state) = event.data else {
            return;
        };
        if let Err(error) = self.decider.decide(inner, &state) {
            say(inner, "failed", &error.to_string());
        }
        // What came meanwhile is old news.
        while self.stream.next(Some(Duration::ZERO)).is_some() {}
    }
}

/// What was told last of a kind, and when (monotonic seconds), by the words without their
/// numbers.
type Told = HashMap<String, f64>;

/// How long the same is not told again while it is about nothing done, seconds.
const SILENCE_SECONDS: f64 = 300.0;

/// Tells a decision, once as long as it stays the same. That nothing is done is told once in a
/// while, whatever numbers it is told with and whatever comes in between.
pub(super) fn say(inner: &Inner, status: &str, reason: &str) {
    let is_same = {
        let mut last = locked(&inner.auto.last_decision);
        last.replace(reason.to_string()).as_deref() == Some(reason)
    };
    let is_idle = matches!(status, "skipped" | "failed");
    if is_same || (is_idle && is_told(inner, reason)) {
        return;
    }
    history::note_decision(inner, status, reason);
}

fn is_told(inner: &Inner, reason: &str) -> bool {
    let words: String = reason
        .chars()
        .filter(|c| !c.is_ascii_digit() && *c != '.')
        .collect();
    let now = sys::moment().monotonic_seconds;
    let mut told = locked(&inner.auto.told);
    told.retain(|_, at| now - *at < SILENCE_SECONDS);
    if told.contains_key(&words) {
        return true;
    }
    told.insert(words, now);
    false
}

#[cfg(test)]
mod tests {
    use super::super::{Optimizer, OptimizerSettings};
    use super::*;
    use crate::config::Config;

    fn optimizer(folder: &std::path::Path) -> Optimizer {
        let config = Config {
            data_dir: Some(folder.into()),
            store_enabled: false,
            ..Config::default()
        };
        Optimizer::new(config, OptimizerSettings::default()).unwrap()
    }

    #[test]
    fn that_nothing_is_done_is_told_once_and_not_at_every_state() {
        let folder = tempfile::tempdir().unwrap();
        let optimizer = optimizer(folder.path());
        let inner = &optimizer.inner;
        for percent in 0..5 {
            say(
                inner,
                "skipped",
                &format!("nobody suffers at {percent}.5 %"),
            );
            say(inner, "skipped", "no resource is under pressure");
            say(inner, "acted", &format!("helped by {percent} points"));
        }
        let told: Vec<String> = optimizer
            .history(100)
            .unwrap()
            .into_iter()
            .map(|entry| entry.status)
            .collect();
        assert_eq!(told.iter().filter(|status| *status == "skipped").count(), 2);
        assert_eq!(told.iter().filter(|status| *status == "acted").count(), 5);
        let last = optimizer.status().unwrap().last_decision;
        assert_eq!(last.as_deref(), Some("helped by 4 points"));
    }

    #[test]
    fn what_is_older_than_the_retention_goes() {
        let folder = tempfile::tempdir().unwrap();
        let optimizer = optimizer(folder.path());
        let inner = &optimizer.inner;
        for days in [31.0, 29.0] {
            let row = crate::store::HistoryRow {
                created_at: now_unix() - days * 86_400.0,
                ..crate::store::HistoryRow::default()
            };
            inner.ledger.append_history(&row).unwrap();
        }
        prune(inner);
        assert_eq!(optimizer.history(10).unwrap().len(), 1);
    }
}
