//! Leaving the interpreter and coming back: for waits, at its end and after a fork.
//!
//! A daemon thread that comes back into an interpreter that has ended is ended by force by
//! CPython (up to 3.13), through the frames of this library, which would abort the process.
//! So a thread that is outside when the interpreter exits stays outside: it parks, and ends
//! with the process. `_lifecycle.py` says when ([`begin_exit`]) and waits for those that are
//! just coming back ([`wait_for_callers`]). For the same reason nothing here calls code
//! written in Python: that could give the interpreter away in the midst of our frames.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use usm_core::{Error, Result};

use crate::errors;

static EXITING: AtomicBool = AtomicBool::new(false);
static OUTSIDE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread is the one that ends the interpreter; it must not park.
    static ENDS_INTERPRETER: Cell<bool> = const { Cell::new(false) };
}

/// Longest single wait outside; between two of them signals and the exit are looked at.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

/// Runs `work` with the interpreter released. A panic becomes an internal error.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    OUTSIDE.fetch_add(1, Ordering::SeqCst);
    let result = py.detach(|| {
        // What `work` owns is let go before parking: the closing waits for it.
        let result = match stays_outside() {
            true => {
                drop(work);
                park()
            }
            false => guarded(work),
        };
        match stays_outside() {
            true => park(),
            false => result,
        }
    });
    leave_outside();
    result.map_err(|error| errors::raise(py, &error))
}

/// As [`detached`], but it comes back at exit too: for what the exit itself waits for.
pub(crate) fn detached_at_exit<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    OUTSIDE.fetch_add(1, Ordering::SeqCst);
    let result = py.detach(|| guarded(work));
    leave_outside();
    result.map_err(|error| errors::raise(py, &error))
}

/// Runs `work`; a panic becomes an internal error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Internal(format!(
            "panic: {}",
            text.unwrap_or("without a text")
        )))
    })
}

fn leave_outside() {
    // A child of fork() has begun to count anew.
    let _ = OUTSIDE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
}

/// The interpreter is exiting, and it is not this thread that ends it.
pub(crate) fn stays_outside() -> bool {
    EXITING.load(Ordering::SeqCst) && !ENDS_INTERPRETER.get()
}

/// Keeps a thread outside that would be told that its monitor is closed, when it is the exit
/// that closed it: nobody could do anything with that error.
pub(crate) fn park_if_exiting(py: Python<'_>) {
    if stays_outside() {
        OUTSIDE.fetch_add(1, Ordering::SeqCst);
        py.detach(|| park());
    }
}

fn park() -> ! {
    leave_outside();
    loop {
        std::thread::park();
    }
}

/// Repeats `attempt`, which waits for at most the time it is given, until it yields
/// something or the time is over. Signals are handled between two attempts.
pub(crate) fn patiently<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    attempt: impl Fn(Duration) -> Result<Option<T>> + Send + Sync,
) -> PyResult<Option<T>> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = deadline.map_or(SLICE, |d| d.saturating_duration_since(Instant::now()));
        if let Some(found) = detached(py, || attempt(left.min(SLICE)))? {
            return Ok(Some(found));
        }
        py.check_signals()?;
        if left.is_zero() {
            return Ok(None);
        }
    }
}

/// The interpreter is about to end, by this thread: others that are outside stay there.
#[pyfunction]
pub(crate) fn begin_exit() {
    ENDS_INTERPRETER.set(true);
    EXITING.store(true, Ordering::SeqCst);
}

/// Waits until no thread is outside the interpreter; false when `timeout` seconds pass first.
#[pyfunction]
pub(crate) fn wait_for_callers(py: Python<'_>, timeout: f64) -> bool {
    let patience = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::ZERO);
    let deadline = Instant::now() + patience.min(Duration::from_secs(60));
    while OUTSIDE.load(Ordering::SeqCst) > 0 {
        if Instant::now() >= deadline {
            return false;
        }
        py.detach(|| std::thread::sleep(Duration::from_millis(1)));
    }
    true
}

/// The threads that were outside stayed in the parent, and so did its exit.
#[pyfunction]
pub(crate) fn after_fork_in_child() {
    OUTSIDE.store(0, Ordering::SeqCst);
    EXITING.store(false, Ordering::SeqCst);
    ENDS_INTERPRETER.set(false);
}

/// Hands an exception that nobody can catch to `sys.unraisablehook`.
#[pyfunction]
pub(crate) fn report_unraisable(
    py: Python<'_>,
    exception: Bound<'_, PyAny>,
    culprit: Bound<'_, PyAny>,
) {
    PyErr::from_value(exception).write_unraisable(py, Some(&culprit));
}
