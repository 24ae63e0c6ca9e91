//! `Past`: what the monitor's own database remembers.

use std::sync::Arc;

use pyo3::prelude::*;

use super::file;
use super::moment::Moment;
use super::question::{Question, range};
use super::table::Table;
use crate::monitor::Slot;

/// The history of a monitor; answers as a History of its file does, and has all that was
/// sampled so far.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Past {
    slot: Arc<Slot>,
}

impl Past {
    pub(crate) fn new(slot: Arc<Slot>) -> Past {
        Past { slot }
    }
}

#[pymethods]
impl Past {
    /// Answers a question.
    fn query(&self, py: Python<'_>, question: Question) -> PyResult<Table> {
        let table = self.slot.outside(py, |monitor| {
            monitor.query(&question.query(|| monitor.history_extents())?)
        })?;
        Ok(Table::new(table))
    }

    /// The state as it was.
    fn state_at(&self, py: Python<'_>, time: f64) -> PyResult<Moment> {
        let past = self.slot.outside(py, |monitor| monitor.state_at(time))?;
        Ok(Moment::new(past))
    }

    /// The series that have a value in a range.
    fn series<'py>(
        &self,
        py: Python<'py>,
        since: Option<f64>,
        until: Option<f64>,
    ) -> PyResult<Vec<file::SeriesRow<'py>>> {
        let series = self.slot.outside(py, |monitor| {
            let (since, until) = range(since, until, || monitor.history_extents())?;
            monitor.series(since, until)
        })?;
        series.iter().map(|s| file::series_row(py, s)).collect()
    }

    /// How much each tier holds.
    fn extents(&self, py: Python<'_>) -> PyResult<Vec<file::ExtentRow>> {
        let extents = self.slot.outside(py, |monitor| monitor.history_extents())?;
        Ok(extents.iter().map(file::extent_row).collect())
    }
}
