//! Long work with files and histories on a thread of its own: `_job.py` asks how far it is and passes on a
//! wish to end it, as [`run`](crate::run) does for the optimizer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use usm_core::{Error, Result};

use crate::border::{SLICE, detached, guarded};
use crate::errors;

/// What the worker and who waits for it share.
#[derive(Default)]
pub(crate) struct Going {
    cancelled: AtomicBool,
    share_bits: AtomicU64,
}

impl Going {
    /// Tells the share that is done, 0 to 1; false when the work shall end.
    pub(crate) fn on(&self, share: f64) -> bool {
        self.share_bits.store(share.to_bits(), Ordering::Relaxed);
        !self.is_cancelled()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What the work came to, once it is wanted.
type Answer = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>> + Send>;

type Outcome = Result<Answer>;

/// Work in progress. Dropping it cancels the work.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Job {
    going: Arc<Going>,
    end: Mutex<Receiver<Outcome>>,
    result: Mutex<Option<Outcome>>,
}

impl Job {
    /// Begins `work` on a thread of its own; `give` makes Python's of what it came to.
    pub(crate) fn start<T: Send + 'static>(
        work: impl FnOnce(&Going) -> Result<T> + Send + 'static,
        give: for<'py> fn(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>,
    ) -> Result<Job> {
        let (tell, end) = channel();
        let going = Arc::new(Going::default());
        let shared = going.clone();
        let thread = move || {
            // Nobody may be there any more to hear it.
            let _ = tell.send(
                guarded(|| work(&shared))
                    .map(|done| -> Answer { Box::new(move |py| give(py, done)) }),
            );
        };
        std::thread::Builder::new()
            .name("usm-history".into())
            .spawn(thread)
            .map_err(|error| Error::io("a thread", error))?;
        Ok(Job {
            going,
            end: Mutex::new(end),
            result: Mutex::new(None),
        })
    }

    /// Waits a moment for the end.
    fn has_ended(&self) -> bool {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        if result.is_some() {
            return true;
        }
        match end.recv_timeout(SLICE) {
            Ok(outcome) => {
                *result = Some(outcome);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            // The result was taken already.
            Err(RecvTimeoutError::Disconnected) => true,
        }
    }
}

#[pymethods]
impl Job {
    /// The share that is done, 0 to 1, after a moment's wait; None at the end.
    fn step(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        let ended = detached(py, || Ok(self.has_ended()))?;
        py.check_signals()?;
        let share = f64::from_bits(self.going.share_bits.load(Ordering::Relaxed));
        Ok((!ended).then_some(share))
    }

    /// The work ends as soon as it can and leaves nothing behind.
    fn cancel(&self) {
        self.going.cancelled.store(true, Ordering::Relaxed);
    }

    /// What it came to, once it has ended.
    fn result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let result = self
            .result
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match result {
            Some(Ok(answer)) => answer(py),
            Some(Err(error)) => Err(errors::raise(py, &error)),
            None => {
                let error = Error::InvalidState("there is no result to take".into());
                Err(errors::raise(py, &error))
            }
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.cancel();
    }
}
