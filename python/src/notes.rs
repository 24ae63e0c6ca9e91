//! What a program says to its monitor, and scores of numbers that it has itself.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use usm_core::Metrics;
use usm_core::judge;
use usm_core::store::StateRow;

use crate::errors;
use crate::from_python::{named_fields, structure};
use crate::monitor::Slot;

/// The notes of a monitor.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Notes {
    slot: Arc<Slot>,
}

impl Notes {
    pub(crate) fn new(slot: Arc<Slot>) -> Notes {
        Notes { slot }
    }
}

#[pymethods]
impl Notes {
    /// How long an operation of the program's own took.
    fn timing(
        &self,
        py: Python<'_>,
        component: &str,
        operation: &str,
        seconds: f64,
    ) -> PyResult<()> {
        self.slot
            .outside(py, |m| m.note_timing(component, operation, seconds))
    }

    /// Something that happened.
    fn event(
        &self,
        py: Python<'_>,
        event_type: &str,
        text: &str,
        severity: &str,
        component: &str,
    ) -> PyResult<()> {
        self.slot
            .outside(py, |m| m.note_event(event_type, text, severity, component))
    }

    /// A state that the program made: the columns of its row.
    fn state(&self, py: Python<'_>, state: &Bound<'_, PyDict>) -> PyResult<()> {
        let state: StateRow =
            structure("state", state).map_err(|error| errors::raise(py, &error))?;
        self.slot.outside(py, |m| m.note_state(state))
    }

    /// Forgets what the cache keeps by this name; false when there was nothing.
    fn forget_cached(&self, py: Python<'_>, key: &str) -> PyResult<bool> {
        Ok(self.slot.monitor(py)?.cache().forget(key))
    }
}

/// Health and performance, 0 to 100, of the metrics in a dict alone; None where none is known.
#[pyfunction]
pub(crate) fn scores_of(metrics: &Bound<'_, PyDict>) -> PyResult<(Option<f64>, Option<f64>)> {
    let metrics: Metrics = named_fields(metrics, &Metrics::default())
        .map_err(|error| errors::raise(metrics.py(), &error))?;
    let scores = judge::scores_of(&metrics);
    Ok((scores.health.value, scores.performance.value))
}
