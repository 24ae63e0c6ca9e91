//! The monitor in the background, and the settings that are saved for it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use usm_core::service::{self, ServiceStatus, Started, Stopped};
use usm_core::{Error, Result, config};

use crate::border::detached;
use crate::to_python::to_python;

/// The folder, or the default one.
fn folder_of(folder: Option<PathBuf>) -> Result<PathBuf> {
    folder.map_or_else(usm_core::store::default_folder, Ok)
}

fn patience(name: &str, seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| Error::invalid(name, seconds, "a time in seconds, 0 or more"))
}

/// The status as one flat dict: what the process says of itself beside what was found.
fn flat(status: &ServiceStatus, more: Value) -> Result<Value> {
    let internal = |error: serde_json::Error| Error::Internal(error.to_string());
    let mut all = serde_json::to_value(status).map_err(internal)?;
    let Value::Object(fields) = &mut all else {
        return Err(Error::Internal("a status without fields".into()));
    };
    let record = fields.remove("record");
    let mut empty = serde_json::to_value(service::ServiceRecord::default()).map_err(internal)?;
    if let Value::Object(empty) = &mut empty {
        empty.values_mut().for_each(|value| *value = Value::Null);
    }
    for part in [Some(empty), record, Some(more)] {
        if let Some(Value::Object(part)) = part {
            fields.extend(part);
        }
    }
    Ok(all)
}

/// The monitor of a folder: running, pid, started_at and the like; None for what is not known.
#[pyfunction]
#[pyo3(signature = (folder=None))]
pub(crate) fn service_status(
    py: Python<'_>,
    folder: Option<PathBuf>,
) -> PyResult<Bound<'_, PyAny>> {
    let status = detached(py, || {
        flat(&service::status(&folder_of(folder)?)?, json!({}))
    })?;
    to_python(py, &status)
}

/// Runs a command as the monitor of a folder in the background, and waits until it is ready.
/// As service_status, with `started` and `already_running`.
#[pyfunction]
#[pyo3(signature = (folder, command, seconds))]
pub(crate) fn service_start(
    py: Python<'_>,
    folder: Option<PathBuf>,
    command: Vec<OsString>,
    seconds: f64,
) -> PyResult<Bound<'_, PyAny>> {
    let started = detached(py, || {
        let wait = patience("seconds", seconds)?;
        let started = service::start(&folder_of(folder)?, &command, wait)?;
        let (status, is_new) = match &started {
            Started::Now(status) => (status, true),
            Started::AlreadyRunning(status) => (status, false),
        };
        flat(
            status,
            json!({ "started": is_new, "already_running": !is_new }),
        )
    })?;
    to_python(py, &started)
}

/// Asks the monitor of a folder to end and waits until it has: stopped, pid, seconds.
#[pyfunction]
#[pyo3(signature = (folder, seconds))]
pub(crate) fn service_stop(
    py: Python<'_>,
    folder: Option<PathBuf>,
    seconds: f64,
) -> PyResult<Bound<'_, PyAny>> {
    let stopped = detached(py, || {
        let patience = patience("seconds", seconds)?;
        service::stop(&folder_of(folder)?, patience)
    })?;
    let stopped = match stopped {
        Stopped::NotRunning(_) => json!({ "stopped": false, "pid": null, "seconds": null }),
        Stopped::Stopped { pid, seconds, .. } => {
            json!({ "stopped": true, "pid": pid, "seconds": seconds })
        }
    };
    to_python(py, &stopped)
}

/// The settings that are saved in a folder, by name; those that are not have their defaults.
#[pyfunction]
#[pyo3(signature = (folder=None))]
pub(crate) fn saved_settings(
    py: Python<'_>,
    folder: Option<PathBuf>,
) -> PyResult<Bound<'_, PyAny>> {
    let saved: Map<String, Value> = detached(py, || config::saved(&folder_of(folder)?))?;
    to_python(py, &saved)
}

/// Saves a setting, given as text; a running monitor takes it over. Returns its value.
#[pyfunction]
#[pyo3(signature = (folder, name, text))]
pub(crate) fn save_setting<'py>(
    py: Python<'py>,
    folder: Option<PathBuf>,
    name: &str,
    text: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let value = detached(py, || config::save(&folder_of(folder)?, name, text))?;
    to_python(py, &value)
}

/// Takes all saved settings out of the file; returns the names of those that were there.
#[pyfunction]
#[pyo3(signature = (folder=None))]
pub(crate) fn reset_settings(py: Python<'_>, folder: Option<PathBuf>) -> PyResult<Vec<String>> {
    detached(py, || config::reset(&folder_of(folder)?, &[]))
}

/// The settings for the commands of a folder: defaults, those that are saved there, a file,
/// the environment, the later the stronger.
#[pyfunction]
#[pyo3(signature = (folder=None, file=None))]
pub(crate) fn settings_with_saved<'py>(
    py: Python<'py>,
    folder: Option<PathBuf>,
    file: Option<PathBuf>,
) -> PyResult<Bound<'py, PyAny>> {
    let config = detached(py, || {
        usm_core::Config::layered_with_saved(&folder_of(folder)?, file.as_deref())
    })?;
    to_python(py, &config)
}
