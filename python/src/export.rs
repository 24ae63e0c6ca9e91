//! Exports and reports of the past: what `usm export` and `usm report` write.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use usm_report::{Format, Kind, Source, Wanted, Written, export_to};

use crate::border::{detached, stays_outside};

/// Without a beginning, so many seconds before the end.
const DAY: f64 = 86_400.0;

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

fn wanted(since: Option<f64>, until: Option<f64>) -> Wanted {
    let until = until.unwrap_or_else(now);
    Wanted::range(since.unwrap_or(until - DAY), until)
}

fn give(written: Written, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("path", written.path)?;
    dict.set_item("rows", written.rows)?;
    dict.set_item("bytes", written.bytes)?;
    dict.set_item("notes", written.notes)?;
    Ok(dict)
}

/// Writes what a data folder (or a database, or a recording) holds to a file, or to a new one
/// in a folder; without rows to none: then `path` is None.
#[pyfunction]
#[pyo3(signature = (folder, kind, format, since, until, path))]
pub(crate) fn export_data(
    py: Python<'_>,
    folder: Option<PathBuf>,
    kind: String,
    format: String,
    since: Option<f64>,
    until: Option<f64>,
    path: PathBuf,
) -> PyResult<Bound<'_, PyDict>> {
    let written = detached(py, || {
        let (kind, format) = (Kind::parse(&kind)?, Format::parse(&format)?);
        let source = Source::open_or_default(folder.as_deref())?;
        let wanted = wanted(since, until);
        export_to(&path, &source, kind, format, &wanted, &mut |_| {
            !stays_outside()
        })
    })?;
    give(written, py)
}
