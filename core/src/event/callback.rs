//! A callback and the thread that it runs on. A failure stays with it: it is counted, and
//! the next event is given to it all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::{Event, EventStream};
use crate::error::{Error, Result};
use crate::logging::{Level, tell};
use crate::sys;

/// What a subscriber gives: it is called with each event, on a thread of its own, never
/// twice at once. An `Err` is counted and logged; a panic as well.
pub type Callback = Box<dyn FnMut(&Event) -> std::result::Result<(), String> + Send>;

/// A callback that has been running for longer counts as stuck.
const STUCK_AFTER: Duration = Duration::from_secs(10);

/// One subscribed callback.
#[derive(Debug)]
pub(super) struct CallbackThread {
    thread: ThreadId,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    failed: AtomicU64,
    running_since: Mutex<Option<Instant>>,
    ended: Mutex<bool>,
    end: Condvar,
}

impl CallbackThread {
    pub(super) fn start(stream: EventStream, callback: Callback) -> Result<CallbackThread> {
        let shared = Arc::new(Shared {
            failed: AtomicU64::new(0),
            running_since: Mutex::default(),
            ended: Mutex::new(false),
            end: Condvar::new(),
        });
        let handle = sys::spawn("usm-callback", 0, {
            let shared = shared.clone();
            move || {
                run(&stream, &shared, callback);
                *lock(&shared.ended) = true;
                shared.end.notify_all();
            }
        })
        .map_err(|e| Error::Internal(format!("no thread for a callback: {e}")))?;
        Ok(CallbackThread {
            thread: handle.thread().id(),
            shared,
        })
    }

    /// Waits until the callback has returned for the last time and was dropped; returns at
    /// once when called from inside it. `None` waits for ever. True when it has ended.
    pub(super) fn wait_end(&self, timeout: Option<Duration>) -> bool {
        if std::thread::current().id() == self.thread {
            return false;
        }
        let deadline = timeout.map(|t| Instant::now() + t);
        let mut ended = lock(&self.shared.ended);
        while !*ended {
            ended = match deadline {
                None => self
                    .shared
                    .end
                    .wait(ended)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                        return false;
                    };
                    self.shared
                        .end
                        .wait_timeout(ended, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        true
    }

    pub(super) fn failed(&self) -> u64 {
        self.shared.failed.load(Ordering::Relaxed)
    }

    pub(super) fn is_stuck(&self) -> bool {
        lock(&self.shared.running_since).is_some_and(|since| since.elapsed() > STUCK_AFTER)
    }
}

fn run(stream: &EventStream, shared: &Shared, mut callback: Callback) {
    while let Some(event) = stream.next(None) {
        if stream.is_closed() {
            break;
        }
        *lock(&shared.running_since) = Some(Instant::now());
        let outcome = catch_unwind(AssertUnwindSafe(|| callback(&event)));
        *lock(&shared.running_since) = None;
        let reason = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(reason)) => reason,
            Err(_) => "it panicked".to_string(),
        };
        let failed = shared.failed.fetch_add(1, Ordering::Relaxed) + 1;
        // The first failure is told at once, those after it only at each power of ten.
        if is_power_of_ten(failed) {
            tell(
                Level::Warn,
                format_args!(
                    "a callback for {} failed ({failed} so far): {reason}",
                    event.kind.name()
                ),
            );
        }
    }
    // The destructor of what the callback owns belongs to the subscriber as well.
    if catch_unwind(AssertUnwindSafe(|| drop(callback))).is_err() {
        tell(
            Level::Warn,
            format_args!("the destructor of a callback panicked"),
        );
    }
}

fn is_power_of_ten(n: u64) -> bool {
    n.checked_ilog10()
        .is_some_and(|power| n == 10u64.pow(power))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
