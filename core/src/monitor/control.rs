//! The sampling thread from outside: start it, wake it, stop it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam::channel::bounded;

use super::engine::Engine;
use super::shared::Shared;
use crate::error::{Error, Result};
use crate::sys;

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

    fn order(&self, set: impl FnOnce(&mut Orders)) {
        set(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells that the thread has ended, however it ended.
struct EndMark(Arc<Control>);

impl Drop for EndMark {
    fn drop(&mut self) {
        self.0.order(|orders| orders.ended = true);
    }
}

/// A sampling thread.
#[derive(Debug)]
pub(super) struct Running {
    control: Arc<Control>,
}

impl Running {
    /// Starts the thread and waits until its sampler is made.
    pub(super) fn start(shared: Arc<Shared>) -> Result<Running> {
        let control = Arc::new(Control::default());
        let (made, is_made) = bounded(1);
        let of_thread = control.clone();
        sys::spawn("usm-sampler", 0, move || {
            let _mark = EndMark(of_thread.clone());
            // Made, used and dropped here: its files belong to this thread's table.
            match Engine::new(shared) {
                Ok(engine) => {
                    let _ = made.send(Ok(()));
                    engine.run(&of_thread);
                }
                Err(error) => {
                    let _ = made.send(Err(error));
                }
            }
        })
        .map_err(|e| Error::Internal(format!("no thread for sampling: {e}")))?;
        is_made
            .recv()
            .map_err(|_| Error::Internal("the sampling thread ended at its start".into()))??;
        Ok(Running { control })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.control.lock().ended
    }

    pub(super) fn ask_for_sample(&self) {
        self.control.order(|orders| orders.sample = true);
    }

    pub(super) fn tell_settings_changed(&self) {
        self.control.order(|orders| orders.settings = true);
    }

    /// Ends the thread: at once when it waits, else after the sample that it takes.
    pub(super) fn stop(self, patience: Duration) -> Result<()> {
        self.control.order(|orders| orders.stop = true);
        let deadline = Instant::now() + patience;
        let mut orders = self.control.lock();
        while !orders.ended {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                return Err(Error::TimedOut {
                    what: "the sample in progress".into(),
                    seconds: patience.as_secs_f64(),
                });
            };
            orders = self
                .control
                .changed
                .wait_timeout(orders, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Ok(())
    }
}
