//! `Replay`: the states of a recording, judged again.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use usm_core::{Error, Result, history};

use super::moment::Moment;
use super::question::range;
use crate::border::detached;

/// The engine over a recording; each state is made when it is asked for.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Replay {
    replay: Mutex<Option<history::Replay>>,
    owner: u32,
}

#[pymethods]
impl Replay {
    #[new]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        since: Option<f64>,
        until: Option<f64>,
    ) -> PyResult<Replay> {
        let replay = detached(py, || {
            let extents = || history::History::open(&path)?.extents();
            let (since, until) = range(since, until, extents)?;
            history::Replay::open(&path, since, until)
        })?;
        Ok(Replay {
            replay: Mutex::new(Some(replay)),
            owner: std::process::id(),
        })
    }

    /// The next state; None at the end and after closing.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Moment>> {
        let state = self.outside(py, |replay| replay.next().transpose())?;
        Ok(state.flatten().map(Moment::replayed))
    }

    /// Samples that the whole range holds.
    fn samples(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(self.outside(py, |replay| Ok(replay.len()))?.unwrap_or(0))
    }

    /// What could not be read so far.
    fn notes(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let notes = self.outside(py, |replay| Ok(replay.notes().to_vec()))?;
        Ok(notes.unwrap_or_default())
    }

    /// Lets go of the file.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            if self.owner == std::process::id() {
                drop(lock(&self.replay).take());
            }
            Ok(())
        })
    }
}

impl Replay {
    /// Works on the open replay with the interpreter released.
    fn outside<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut history::Replay) -> Result<T> + Send,
    ) -> PyResult<Option<T>> {
        detached(py, || {
            // Before the lock: a thread that had it may have stayed in the parent.
            if self.owner != std::process::id() {
                return Err(Error::Forked { owner: self.owner });
            }
            lock(&self.replay).as_mut().map(work).transpose()
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
