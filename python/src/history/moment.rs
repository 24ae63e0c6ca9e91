//! `Moment`: one state of the past, whole.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple, PyType};
use usm_core::history::PastState;
use usm_core::series::Tier;
use usm_core::{Error, State};

use super::tier;
use crate::errors;
use crate::processes::{self, Order};
use crate::records;
use crate::to_python::to_python;

/// A state of the past, the moment that was asked for, and the tier that held it.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Moment {
    state: Arc<State>,
    asked: f64,
    tier: Tier,
}

/// The state in JSON, the moment that was asked for, and the tier.
type Parts<'py> = (Bound<'py, PyBytes>, f64, &'static str);

impl Moment {
    pub(crate) fn new(past: PastState) -> Moment {
        Moment {
            state: Arc::new(past.state),
            asked: past.asked,
            tier: past.tier,
        }
    }

    /// A state that was judged again.
    pub(crate) fn replayed(state: State) -> Moment {
        Moment {
            asked: state.timestamp,
            state: Arc::new(state),
            tier: Tier::Raw,
        }
    }
}

#[pymethods]
impl Moment {
    /// Of what `__reduce__` gave.
    #[new]
    fn from_json(state: &[u8], asked: f64, tier: &str) -> PyResult<Moment> {
        let failed = |error: String| PyValueError::new_err(error);
        Ok(Moment {
            state: serde_json::from_slice(state).map_err(|e| failed(e.to_string()))?,
            asked,
            tier: tier::named(tier).map_err(|e| failed(e.to_string()))?,
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyType>, Parts<'py>)> {
        let json = serde_json::to_vec(&self.state)
            .map_err(|error| errors::raise(py, &Error::Internal(error.to_string())))?;
        let state = PyBytes::new(py, &json);
        Ok((py.get_type::<Moment>(), (state, self.asked, self.tier())))
    }

    /// The moment that was asked for, Unix seconds.
    #[getter]
    fn asked(&self) -> f64 {
        self.asked
    }

    /// The tier that held it.
    #[getter]
    fn tier(&self) -> &'static str {
        tier::name(self.tier)
    }

    /// The values as a SystemState takes them.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        records::of_state(py, &self.state)
    }

    /// Everything that is known of it, as dicts and lists.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &*self.state)
    }

    /// The first processes in an order, or all that were recorded by pid.
    #[pyo3(signature = (most=None, by=None))]
    fn processes<'py>(
        &self,
        py: Python<'py>,
        most: Option<usize>,
        by: Option<&str>,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let order = by
            .map(Order::named)
            .transpose()
            .map_err(|e| errors::raise(py, &e))?;
        processes::list(py, &self.state, most.unwrap_or(usize::MAX), order)
    }
}
