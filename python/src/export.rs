//! Exports and reports of the past: what `usm export` and `usm report` write.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use usm_core::Result;
use usm_report::{Format, Kind, Report, ReportKind, Source, Wanted, Written, export_to, report_to};

use crate::border::{detached, stays_outside};
use crate::to_python::to_python;

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

/// Makes a report and writes it as JSON or HTML, as [`export_data`] writes an export.
#[pyfunction]
#[pyo3(signature = (folder, kind, format, since, until, path, recommendations = true))]
#[allow(clippy::too_many_arguments, reason = "they are Python's, by name")]
pub(crate) fn write_report(
    py: Python<'_>,
    folder: Option<PathBuf>,
    kind: String,
    format: String,
    since: Option<f64>,
    until: Option<f64>,
    path: PathBuf,
    recommendations: bool,
) -> PyResult<Bound<'_, PyDict>> {
    let written = detached(py, || {
        let (kind, format) = (ReportKind::parse(&kind)?, Format::parse(&format)?);
        let source = Source::open_or_default(folder.as_deref())?;
        let wanted = wanted(since, until);
        let mut on = |_| !stays_outside();
        report_to(
            &path,
            &source,
            kind,
            format,
            &wanted,
            recommendations,
            &mut on,
        )
    })?;
    give(written, py)
}

/// A report as a dict; None when nothing was recorded in the range.
#[pyfunction]
#[pyo3(signature = (folder, kind, since, until, recommendations = true))]
pub(crate) fn report_data(
    py: Python<'_>,
    folder: Option<PathBuf>,
    kind: String,
    since: Option<f64>,
    until: Option<f64>,
    recommendations: bool,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let report = detached(py, || -> Result<Option<Report>> {
        let kind = ReportKind::parse(&kind)?;
        let source = Source::open_or_default(folder.as_deref())?;
        let wanted = wanted(since, until);
        Report::read(&source, kind, &wanted, recommendations, &mut |_| {
            !stays_outside()
        })
    })?;
    match report {
        Some(Report::Health(health)) => to_python(py, health.as_ref()).map(Some),
        Some(Report::Trends(trends)) => to_python(py, trends.as_ref()).map(Some),
        None => Ok(None),
    }
}
