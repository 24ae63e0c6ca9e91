//! The values of the prototype's `SystemState` and `SystemMetrics`, in the order of their
//! fields; `_records.py` makes the objects of them.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use usm_core::{State, StateRecord, SystemMetrics};

use crate::to_python::to_python;

/// The newest state; before the first sample its scores are 0.0, as in the prototype.
pub(crate) fn of_state<'py>(py: Python<'py>, state: &State) -> PyResult<Bound<'py, PyTuple>> {
    let unknown = if state.sequence == 0 { 0.0 } else { f64::NAN };
    system_state(py, &state.record(), unknown)
}

/// A state of the past; a score that was not known is NaN.
pub(crate) fn of_record<'py>(
    py: Python<'py>,
    record: &StateRecord,
) -> PyResult<Bound<'py, PyTuple>> {
    system_state(py, record, f64::NAN)
}

fn system_state<'py>(
    py: Python<'py>,
    record: &StateRecord,
    unknown_score: f64,
) -> PyResult<Bound<'py, PyTuple>> {
    let metrics = record
        .metrics
        .as_ref()
        .map(|m| system_metrics(py, m))
        .transpose()?;
    (
        record.timestamp,
        metrics,
        to_python(py, &record.alerts)?,
        record.recommendations.as_ref(),
        to_python(py, &record.predictions)?,
        to_python(py, &record.insights)?,
        record.health_score.unwrap_or(unknown_score),
        record.performance_score.unwrap_or(unknown_score),
        record.security_score.unwrap_or(unknown_score),
    )
        .into_pyobject(py)
}

fn system_metrics<'py>(py: Python<'py>, m: &SystemMetrics) -> PyResult<Bound<'py, PyTuple>> {
    let numbers = [
        Some(m.timestamp),
        m.cpu_percent,
        m.memory_percent,
        m.memory_used_gb,
        m.memory_total_gb,
        m.disk_percent,
        m.disk_used_gb,
        m.disk_total_gb,
        m.network_sent_mb,
        m.network_recv_mb,
        m.network_sent_rate,
        m.network_recv_rate,
    ];
    let mut values = Vec::with_capacity(17);
    for number in numbers {
        values.push(number.into_bound_py_any(py)?);
    }
    values.push(m.process_count.into_bound_py_any(py)?);
    values.push(m.load_average.into_bound_py_any(py)?);
    values.push(m.temperature.into_bound_py_any(py)?);
    values.push(m.battery_percent.into_bound_py_any(py)?);
    values.push(m.battery_plugged.into_bound_py_any(py)?);
    PyTuple::new(py, values)
}
