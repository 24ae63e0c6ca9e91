//! `Recorder`: core's recorder behind a slot that can be emptied.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use usm_core::{self as core, Config, Error, Result};

use super::file::{SummaryRow, summary_row};
use crate::border::{detached, detached_at_exit, patiently};
use crate::errors;
use crate::monitor::duration;
use crate::records;
use crate::settings;

/// Samples this host into a recording.
#[pyclass(frozen, weakref, module = "unified_system_monitor._native")]
pub(crate) struct Recorder {
    recorder: RwLock<Option<core::Recorder>>,
    owner: u32,
}

#[pymethods]
impl Recorder {
    #[new]
    fn start(py: Python<'_>, path: PathBuf, settings: &Bound<'_, PyDict>) -> PyResult<Recorder> {
        let mut config = Config::default();
        settings::apply(&mut config, settings)?;
        let recorder = detached(py, || core::Recorder::start(config, path))?;
        Ok(Recorder {
            recorder: RwLock::new(Some(recorder)),
            owner: std::process::id(),
        })
    }

    /// Whether it records; false in a forked child.
    fn is_active(&self, py: Python<'_>) -> PyResult<bool> {
        detached(py, || {
            let active = self.read(|recorder| Ok(recorder.monitor().is_active()));
            Ok(active.unwrap_or(false))
        })
    }

    /// The values of the newest state as a SystemState takes them.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let state = detached(py, || self.read(|recorder| Ok(recorder.monitor().state())))?;
        records::of_state(py, &state)
    }

    /// Waits for the next state, at most `timeout` seconds (None: for ever).
    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<f64>) -> PyResult<Bound<'py, PyTuple>> {
        let limit = duration(py, "timeout", timeout)?;
        let newest = || self.read(|recorder| Ok(recorder.monitor().state().sequence));
        let after = detached(py, newest)?;
        let state = patiently(py, limit, |slice| {
            self.read(
                |recorder| match recorder.monitor().wait_for_state(after, slice) {
                    Ok(state) => Ok(Some(state)),
                    Err(Error::TimedOut { .. }) => Ok(None),
                    Err(error) => Err(error),
                },
            )
        })?;
        match state {
            Some(state) => records::of_state(py, &state),
            None => {
                let error = Error::TimedOut {
                    what: "a state".into(),
                    seconds: limit.unwrap_or_default().as_secs_f64(),
                };
                Err(errors::raise(py, &error))
            }
        }
    }

    /// Ends the recording; None when it was ended before, or by the parent's child.
    fn finish(&self, py: Python<'_>) -> PyResult<Option<SummaryRow>> {
        let summary = detached_at_exit(py, || match self.take() {
            Some(recorder) => recorder.finish().map(Some),
            None => Ok(None),
        })?;
        Ok(summary.map(summary_row))
    }
}

impl Recorder {
    /// Asks the recorder at work.
    fn read<T>(&self, ask: impl FnOnce(&core::Recorder) -> Result<T>) -> Result<T> {
        // Before the lock: a thread that had it may have stayed in the parent.
        if self.owner != std::process::id() {
            return Err(Error::Forked { owner: self.owner });
        }
        let recorder = self.recorder.read().unwrap_or_else(PoisonError::into_inner);
        match &*recorder {
            Some(recorder) => ask(recorder),
            None => Err(Error::InvalidState("the recording has ended".into())),
        }
    }

    fn take(&self) -> Option<core::Recorder> {
        if self.owner != std::process::id() {
            return None;
        }
        // Who waits for a state lets go between two slices.
        let mut recorder = self
            .recorder
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        recorder.take()
    }
}

impl Drop for Recorder {
    /// Finishing waits for threads: not while holding the interpreter.
    fn drop(&mut self) {
        let finish = || {
            // An error has nobody to go to here: who wants to know it calls finish().
            self.take().map(core::Recorder::finish)
        };
        if Python::try_attach(|py| py.detach(|| drop(finish()))).is_none() {
            drop(finish());
        }
    }
}
