//! Outcomes on their way to the callback, on a thread of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use crate::{Counts, Outcome, sys};

/// Outcomes that can wait for the callback.
const WAITING: usize = 1024;

/// What hears of the outcomes.
pub type OnOutcome = Box<dyn Fn(Outcome) + Send>;

enum Message {
    Outcome(Outcome),
    End,
}

/// The one way to the callback.
pub(super) struct Reporter {
    to_callback: SyncSender<Message>,
    thread: ThreadId,
    ended: Arc<(Mutex<bool>, Condvar)>,
    delivered: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    unreported: Arc<AtomicU64>,
}

impl Reporter {
    pub(super) fn start(on_outcome: OnOutcome) -> std::io::Result<Reporter> {
        let (to_callback, messages) = sync_channel(WAITING);
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let signal = Arc::clone(&ended);
        let unreported = Arc::new(AtomicU64::new(0));
        let uncounted = Arc::clone(&unreported);
        let thread = sys::spawn("usm-outcomes", move || {
            hear(&messages, &on_outcome);
            drop(on_outcome);
            // What came behind the end, from those who were not waited for.
            let late = messages.try_iter().count() as u64;
            uncounted.fetch_add(late, Ordering::Relaxed);
            drop(messages);
            *signal.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            signal.1.notify_all();
        })?;
        Ok(Reporter {
            to_callback,
            thread: thread.thread().id(),
            ended,
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            unreported,
        })
    }

    /// Waits while the callback does not keep up: for those who may wait.
    pub(super) fn report(&self, outcome: Outcome) {
        self.count(&outcome);
        if self.to_callback.send(Message::Outcome(outcome)).is_err() {
            self.unreported.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Never waits: where the callback does not keep up, the outcome is only counted.
    pub(super) fn report_now(&self, outcome: Outcome) {
        self.count(&outcome);
        if self
            .to_callback
            .try_send(Message::Outcome(outcome))
            .is_err()
        {
            self.unreported.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self, outcome: &Outcome) {
        let count = match outcome {
            Outcome { dropped: true, .. } => &self.dropped,
            Outcome { ok: true, .. } => &self.delivered,
            _ => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            delivered: read(&self.delivered),
            failed: read(&self.failed),
            dropped: read(&self.dropped),
            unreported: read(&self.unreported),
        }
    }

    /// True for the thread that the callback runs on.
    pub(super) fn is_own_thread(&self) -> bool {
        std::thread::current().id() == self.thread
    }

    /// Lets what was reported so far reach the callback, and ends; false when that was not
    /// done by the deadline.
    pub(super) fn close(&self, deadline: Instant) -> bool {
        let is_own_thread = self.is_own_thread();
        let mut message = Message::End;
        // It is full only when the callback does not keep up.
        while let Err(TrySendError::Full(back)) = self.to_callback.try_send(message) {
            if is_own_thread || Instant::now() >= deadline {
                return false;
            }
            message = back;
            std::thread::sleep(Duration::from_millis(1));
        }
        let (ended, changed) = &*self.ended;
        let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !*ended && !is_own_thread {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            ended = changed
                .wait_timeout(ended, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

fn hear(messages: &Receiver<Message>, on_outcome: &OnOutcome) {
    while let Ok(Message::Outcome(outcome)) = messages.recv() {
        let told = catch_unwind(AssertUnwindSafe(|| on_outcome(outcome)));
        if told.is_err() {
            log::error!(target: "usm", "the callback for a notification's outcome panicked");
        }
    }
}
