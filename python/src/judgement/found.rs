//! `Found`: what is found, now and over time, and forecasts.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use serde_json::Value;
use usm_core::State;
use usm_core::store::{FindingFilter, FindingKind, FindingRow};
use usm_core::{Error, Result};

use crate::errors;
use crate::monitor::Slot;
use crate::to_python::to_python;

/// What the monitor has found.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Found {
    slot: Arc<Slot>,
}

impl Found {
    pub(crate) fn new(slot: Arc<Slot>) -> Found {
        Found { slot }
    }

    fn newest<'py, T: Serialize>(
        &self,
        py: Python<'py>,
        part: impl FnOnce(&State) -> &T,
    ) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, part(&*self.slot.state(py)?))
    }
}

#[pymethods]
impl Found {
    /// Alerts that are not over, worst first.
    fn alerts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.alerts)
    }

    /// Metrics that are outside their normal range, worst first.
    fn anomalies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.anomalies)
    }

    /// Anomalies with one cause.
    fn incidents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.incidents)
    }

    /// Forecasts by horizon, and what runs out.
    fn predictions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.predictions)
    }

    /// Metrics that move together.
    fn correlations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.correlations)
    }

    /// What is the matter, most severe first.
    fn insights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.insights)
    }

    /// What is wrong or new with the machine's security, those that matter most first.
    fn security<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.security)
    }

    /// What could be done, most urgent first.
    fn advice<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.newest(py, |state| &state.recommendations)
    }

    /// Findings of one kind that lasted in a range, oldest first, at most `limit`, the
    /// newest.
    fn findings<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        since: f64,
        until: f64,
        open_only: bool,
        limit: usize,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let filter = FindingFilter {
            kind: kind_named(kind).map_err(|e| errors::raise(py, &e))?,
            since,
            until,
            open_only,
            limit,
        };
        let rows = self.slot.outside(py, |monitor| monitor.findings(&filter))?;
        rows.iter().map(|row| finding(py, row)).collect()
    }

    /// Forecasts of the series that a selector names, for each horizon in seconds.
    fn forecast<'py>(
        &self,
        py: Python<'py>,
        select: &str,
        horizons: Vec<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let forecasts = self
            .slot
            .outside(py, |monitor| monitor.forecast(select, &horizons))?;
        to_python(py, &forecasts)
    }
}

/// Names of the metrics that the engine measures.
#[pyfunction]
pub(crate) fn metric_names() -> Vec<&'static str> {
    usm_core::series::catalog::metrics()
        .iter()
        .map(|metric| metric.name)
        .collect()
}

const KINDS: [FindingKind; 6] = [
    FindingKind::Alert,
    FindingKind::Anomaly,
    FindingKind::Incident,
    FindingKind::Insight,
    FindingKind::Security,
    FindingKind::Silence,
];

fn kind_named(name: &str) -> Result<FindingKind> {
    let found = KINDS.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| {
        let names = KINDS.map(FindingKind::name).join(", ");
        Error::invalid("kind", format!("{name:?}"), format!("one of {names}"))
    })
}

/// A row as a dict, what it carries being plain too.
fn finding<'py>(py: Python<'py>, row: &FindingRow) -> PyResult<Bound<'py, PyDict>> {
    let dict = to_python(py, row)?.cast_into::<PyDict>()?;
    let data: Value = serde_json::from_str(&row.data).map_err(|error| {
        let what = format!("finding {} {:?}: {error}", row.kind.name(), row.key);
        errors::raise(py, &Error::Internal(what))
    })?;
    dict.set_item("data", to_python(py, &data)?)?;
    Ok(dict)
}
