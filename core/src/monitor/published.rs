//! How far the sampling has come, and waiting until it has come further.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How far the sampling has come.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Marks {
    /// Number of the newest state.
    pub(super) sequence: u64,
    /// Samples begun so far, those that failed included.
    pub(super) begun: u64,
    /// The one of them that the newest state is of.
    pub(super) newest: u64,
}

#[derive(Debug, Default)]
pub(super) struct Published {
    marks: Mutex<Marks>,
    changed: Condvar,
}

impl Published {
    pub(super) fn marks(&self) -> Marks {
        *self.lock()
    }

    /// A sample begins: what was set before this is in its state.
    pub(super) fn begin(&self) {
        self.lock().begun += 1;
    }

    /// The sample begun last has become a state.
    pub(super) fn publish(&self, sequence: u64) {
        {
            let mut marks = self.lock();
            marks.sequence = sequence;
            marks.newest = marks.begun;
        }
        self.changed.notify_all();
    }

    /// Has whoever waits look again.
    pub(super) fn wake(&self) {
        // After this whoever has not seen what changed is already waiting.
        drop(self.lock());
        self.changed.notify_all();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, or for this long.
    pub(super) fn wait<'a>(
        &self,
        marks: MutexGuard<'a, Marks>,
        most: Duration,
    ) -> MutexGuard<'a, Marks> {
        self.changed
            .wait_timeout(marks, most)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}
