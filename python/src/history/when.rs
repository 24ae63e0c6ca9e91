//! Times in words.

use pyo3::prelude::*;
use usm_core::history;

use crate::errors;

/// Unix seconds of a time in words, see core; `now` is what it may be relative to.
#[pyfunction]
pub(crate) fn parse_time(py: Python<'_>, what: &str, text: &str, now: f64) -> PyResult<f64> {
    history::parse_time(argument(what), text, now).map_err(|e| errors::raise(py, &e))
}

/// Seconds of a stretch of time in words.
#[pyfunction]
pub(crate) fn parse_duration(py: Python<'_>, what: &str, text: &str) -> PyResult<f64> {
    history::parse_duration(argument(what), text).map_err(|e| errors::raise(py, &e))
}

/// The name of an argument as core wants it.
fn argument(what: &str) -> &'static str {
    ["since", "until", "step", "time"]
        .into_iter()
        .find(|name| *name == what)
        .unwrap_or("time")
}
