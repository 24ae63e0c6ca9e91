//! What is asked of the sampling thread: a sample, new settings, its end.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is asked of the sampling thread.
#[derive(Debug, Default)]
struct Orders {
    stop: bool,
    sample: bool,
    settings: bool,
    ended: bool,
}

/// Why the sampling thread woke up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The time that it waited for has come.
    Time,
    /// Somebody wants a sample now.
    Sample,
    /// The settings were changed.
    Settings,
    /// It shall end.
    Stop,
}

#[derive(Debug, Default)]
pub(super) struct Control {
    orders: Mutex<Orders>,
    changed: Condvar,
}

impl Control {
    /// Waits until `deadline` or an order, whichever comes first.
    pub(super) fn wait_until(&self, deadline: Instant) -> Wake {
        let mut orders = self.lock();
        loop {
            if orders.stop {
                return Wake::Stop;
            }
            if std::mem::take(&mut orders.settings) {
                return Wake::Settings;
            }
            if std::mem::take(&mut orders.sample) {
                return Wake::Sample;
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return Wake::Time;
            };
            if left.is_zero() {
                return Wake::Time;
            }
            orders = self
                .changed
                .wait_timeout(orders, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Wants a sample now.
    pub(super) fn ask_for_sample(&self) {
        self.order(|orders| orders.sample = true);
    }

    /// Has the settings looked at again.
    pub(super) fn tell_settings_changed(&self) {
        self.order(|orders| orders.settings = true);
    }

    /// Wants the thread to end.
    pub(super) fn ask_to_stop(&self) {
        self.order(|orders| orders.stop = true);
    }

    /// Notes that the thread has ended.
    pub(super) fn set_ended(&self) {
        self.order(|orders| orders.ended = true);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Waits for the end of the thread; false when the time is over before.
    pub(super) fn wait_end(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut orders = self.lock();
        while !orders.ended {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return false;
            };
            orders = self
                .changed
                .wait_timeout(orders, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    fn order(&self, set: impl FnOnce(&mut Orders)) {
        set(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
