//! `History`: a database or a recording by its path; and making recordings of tables.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use usm_core::history::{self, Names, RecordingSummary, SeriesInfo, TextFormat, TierExtent};
use usm_core::{Error, Result};

use super::job::{Going, Job};
use super::moment::Moment;
use super::question::{Question, range};
use super::table::{Table, labels, word};
use super::tier;
use crate::border::detached;
use crate::errors;

/// Name, metric, labels, unit, kind and what is measured.
pub(crate) type SeriesRow<'py> = (String, String, Bound<'py, PyDict>, String, String, String);
/// Tier, first, last, rows and bytes.
pub(crate) type ExtentRow = (&'static str, f64, f64, u64, u64);
/// Samples, first, last, bytes and notes.
pub(crate) type SummaryRow = (u64, Option<f64>, Option<f64>, u64, Vec<String>);

pub(crate) fn series_row<'py>(py: Python<'py>, series: &SeriesInfo) -> PyResult<SeriesRow<'py>> {
    Ok((
        series.key.to_string(),
        series.key.metric.clone(),
        labels(py, &series.key)?,
        word(&series.unit),
        word(&series.kind),
        series.help.clone(),
    ))
}

pub(crate) fn extent_row(extent: &TierExtent) -> ExtentRow {
    let name = tier::name(extent.tier);
    (name, extent.first, extent.last, extent.rows, extent.bytes)
}

fn give_summary<'py>(py: Python<'py>, summary: RecordingSummary) -> PyResult<Bound<'py, PyAny>> {
    Ok(summary_row(summary).into_pyobject(py)?.into_any())
}

/// The fields of Python's `RecordingSummary`.
pub(crate) fn summary_row(summary: RecordingSummary) -> SummaryRow {
    let RecordingSummary {
        samples,
        first,
        last,
        bytes,
        notes,
    } = summary;
    (samples, first, last, bytes, notes)
}

/// A database or a recording, open for reading.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct History {
    history: Mutex<Option<history::History>>,
    path: PathBuf,
    owner: u32,
}

#[pymethods]
impl History {
    #[new]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<History> {
        let history = detached(py, || history::History::open(&path))?;
        Ok(History {
            history: Mutex::new(Some(history)),
            path,
            owner: std::process::id(),
        })
    }

    /// The file.
    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Answers a question.
    fn query(&self, py: Python<'_>, question: Question) -> PyResult<Table> {
        let table = self.outside(py, |history| {
            history.query(&question.query(|| history.extents())?)
        })?;
        Ok(Table::new(table))
    }

    /// The state as it was.
    fn state_at(&self, py: Python<'_>, time: f64) -> PyResult<Moment> {
        let past = self.outside(py, |history| history.state_at(time))?;
        Ok(Moment::new(past))
    }

    /// The series that have a value in a range.
    fn series<'py>(
        &self,
        py: Python<'py>,
        since: Option<f64>,
        until: Option<f64>,
    ) -> PyResult<Vec<SeriesRow<'py>>> {
        let series = self.outside(py, |history| {
            let (since, until) = range(since, until, || history.extents())?;
            history.list(since, until)
        })?;
        series.iter().map(|s| series_row(py, s)).collect()
    }

    /// How much each tier holds.
    fn extents(&self, py: Python<'_>) -> PyResult<Vec<ExtentRow>> {
        let extents = self.outside(py, history::History::extents)?;
        Ok(extents.iter().map(extent_row).collect())
    }

    /// Writes a range into a new recording.
    fn extract(
        &self,
        py: Python<'_>,
        to: PathBuf,
        since: Option<f64>,
        until: Option<f64>,
        mask_names: bool,
    ) -> PyResult<Job> {
        // Once, so that what is closed or the parent's is refused.
        let (since, until) =
            self.outside(py, |history| range(since, until, || history.extents()))?;
        let names = match mask_names {
            true => Names::Masked,
            false => Names::Kept,
        };
        let from = self.path.clone();
        let work = move |going: &Going| {
            // Opened anew: other threads can go on asking this one.
            history::History::open(from)?
                .extract(&to, since, until, names, &mut |share| going.on(share))
        };
        Job::start(work, give_summary).map_err(|e| errors::raise(py, &e))
    }

    /// Lets go of the file.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            if self.owner == std::process::id() {
                drop(self.lock().take());
            }
            Ok(())
        })
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self, py: Python<'_>) -> PyResult<bool> {
        detached(py, || {
            Ok(self.owner == std::process::id() && self.lock().is_none())
        })
    }
}

impl History {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<history::History>> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the open history with the interpreter released, one thread at a time.
    fn outside<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&history::History) -> Result<T> + Send,
    ) -> PyResult<T> {
        detached(py, || {
            // Before the lock: a thread that had it may have stayed in the parent.
            if self.owner != std::process::id() {
                return Err(Error::Forked { owner: self.owner });
            }
            match &*self.lock() {
                Some(history) => ask(history),
                None => Err(Error::InvalidState("the history is closed".into())),
            }
        })
    }
}

/// Makes a recording of a CSV or JSON file.
#[pyfunction]
pub(crate) fn import_table(
    py: Python<'_>,
    source: PathBuf,
    form: &str,
    to: PathBuf,
) -> PyResult<Job> {
    let format = match form {
        "csv" => Ok(TextFormat::Csv),
        "json" => Ok(TextFormat::Json),
        _ => Err(Error::invalid("format", form, "csv or json")),
    };
    format
        .and_then(|format| {
            let work = move |going: &Going| {
                let file = File::open(&source).map_err(|error| Error::io(&source, error))?;
                let size = file.metadata().map_or(0, |data| data.len());
                let mut watched = Watched {
                    file,
                    size,
                    read: 0,
                    going,
                };
                history::import(&mut watched, format, &to)
            };
            Job::start(work, give_summary)
        })
        .map_err(|e| errors::raise(py, &e))
}

/// A file that tells how far it was read, and fails when the work shall end.
struct Watched<'a> {
    file: File,
    size: u64,
    read: u64,
    going: &'a Going,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let share = self.read as f64 / self.size.max(1) as f64;
        if !self.going.on(share.min(1.0)) {
            return Err(std::io::Error::other("cancelled"));
        }
        let read = self.file.read(into)?;
        self.read += read as u64;
        Ok(read)
    }
}
