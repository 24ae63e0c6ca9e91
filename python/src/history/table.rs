//! `Table` and `Column`: an answer, shared by who reads it, never copied.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList, PyTuple, PyType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use usm_core::Error;
use usm_core::history::{self, SeriesKey, TableColumn};

use super::outline::{Piece, outline};
use super::tier;
use crate::border::detached;

/// The answer to a query.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Table(Arc<history::Table>);

/// Metric, labels, unit, kind and the values as bytes.
type ColumnParts<'py> = (
    String,
    Vec<(String, String)>,
    String,
    String,
    Bound<'py, PyBytes>,
);
/// Step, tiers, notes, times and columns.
type Parts<'py> = (
    Option<f64>,
    Vec<String>,
    Vec<String>,
    Bound<'py, PyBytes>,
    Vec<ColumnParts<'py>>,
);

impl Table {
    pub(crate) fn new(table: history::Table) -> Table {
        Table(Arc::new(table))
    }
}

#[pymethods]
impl Table {
    /// Of what `__reduce__` gave.
    #[new]
    fn of_parts(parts: Parts<'_>) -> PyResult<Table> {
        let (step_seconds, tiers, notes, times, columns) = parts;
        let refused = |error: Error| PyValueError::new_err(error.to_string());
        let tiers = tiers.iter().map(|name| tier::named(name).map_err(refused));
        let times = numbers(times.as_bytes());
        let columns = columns
            .into_iter()
            .map(|(metric, labels, unit, kind, values)| {
                let values = numbers(values.as_bytes());
                if values.len() != times.len() {
                    return Err(PyValueError::new_err("a column of another length"));
                }
                Ok(TableColumn {
                    key: SeriesKey { metric, labels },
                    unit: of_word(&unit)?,
                    kind: of_word(&kind)?,
                    values,
                })
            });
        Ok(Table::new(history::Table {
            columns: columns.collect::<PyResult<_>>()?,
            tiers: tiers.collect::<PyResult<_>>()?,
            times,
            step_seconds,
            notes,
        }))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (Parts<'py>,)) {
        let table = &self.0;
        let columns = table.columns.iter().map(|column| {
            (
                column.key.metric.clone(),
                column.key.labels.clone(),
                word(&column.unit),
                word(&column.kind),
                bytes(py, &column.values),
            )
        });
        let parts = (
            table.step_seconds,
            self.tiers().into_iter().map(String::from).collect(),
            table.notes.clone(),
            bytes(py, &table.times),
            columns.collect(),
        );
        (py.get_type::<Table>(), (parts,))
    }

    /// Rows.
    fn __len__(&self) -> usize {
        self.0.times.len()
    }

    /// Same times, columns, values and origin; unknown equals unknown.
    fn same(&self, other: &Table) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        a.step_seconds == b.step_seconds
            && a.tiers == b.tiers
            && a.notes == b.notes
            && alike(&a.times, &b.times)
            && a.columns.len() == b.columns.len()
            && a.columns
                .iter()
                .zip(&b.columns)
                .all(|(a, b)| same_column(a, b))
    }

    /// Unix seconds of each row.
    fn times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.0.times)
    }

    /// Unix seconds of a row.
    fn time(&self, row: usize) -> PyResult<f64> {
        match self.0.times.get(row) {
            Some(time) => Ok(*time),
            None => Err(PyIndexError::new_err("no such row")),
        }
    }

    /// As Column.array_interface, of the times.
    fn time_array_interface<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        interface(py, &self.0.times)
    }

    /// The Arrow C stream of the table, whose values stay where they are.
    fn arrow_stream<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let stream = usm_arrow::table_stream(self.0.clone());
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    /// The Arrow schema of the table.
    fn arrow_schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        PyCapsule::new_with_value(py, usm_arrow::table_schema(&self.0), c"arrow_schema")
    }

    /// Some rows: the time and a value of each column, None where nothing is known.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        start: usize,
        end: usize,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let table = &self.0;
        let end = end.min(table.times.len());
        (start..end)
            .map(|row| {
                let values = table.columns.iter().map(|column| known(column.values[row]));
                let mut cells = Vec::with_capacity(1 + table.columns.len());
                cells.push(table.times[row].into_bound_py_any(py)?);
                for value in values {
                    cells.push(value.into_bound_py_any(py)?);
                }
                PyTuple::new(py, cells)
            })
            .collect()
    }

    /// The columns, in their order.
    fn columns(&self) -> Vec<Column> {
        let column = |index| Column {
            table: self.0.clone(),
            index,
        };
        (0..self.0.columns.len()).map(column).collect()
    }

    /// Width of a row in seconds; None for samples as they were taken.
    #[getter]
    fn step(&self) -> Option<f64> {
        self.0.step_seconds
    }

    /// The tiers that the values come from.
    #[getter]
    fn tiers(&self) -> Vec<&'static str> {
        self.0.tiers.iter().copied().map(tier::name).collect()
    }

    /// What the reader should know.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    /// The table as CSV.
    fn csv(&self, py: Python<'_>) -> PyResult<String> {
        detached(py, || {
            let mut text = Vec::new();
            self.0.write_csv(&mut text)?;
            String::from_utf8(text).map_err(|error| Error::Internal(error.to_string()))
        })
    }

    /// The table as JSON.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        detached(py, || Ok(self.0.to_json().to_string()))
    }

    /// Writes the table into a new file, or over an old one.
    fn write_csv(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        detached(py, || {
            let failed = |source| Error::io(&path, source);
            let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
            self.0.write_csv(&mut file)?;
            file.flush().map_err(failed)
        })
    }

    /// As write_csv, in JSON.
    fn write_json(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        detached(py, || {
            let text = self.0.to_json().to_string();
            std::fs::write(&path, text).map_err(|source| Error::io(&path, source))
        })
    }
}

/// One series of a table.
#[pyclass(frozen, module = "unified_system_monitor._native")]
pub(crate) struct Column {
    table: Arc<history::Table>,
    index: usize,
}

impl Column {
    fn column(&self) -> &TableColumn {
        // Made for an index that there is, of a table that does not change.
        &self.table.columns[self.index]
    }
}

#[pymethods]
impl Column {
    /// Name and labels, as a selector reads them.
    #[getter]
    fn name(&self) -> String {
        self.column().key.to_string()
    }

    /// Name of the metric.
    #[getter]
    fn metric(&self) -> &str {
        &self.column().key.metric
    }

    /// Labels by name.
    #[getter]
    fn labels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        labels(py, &self.column().key)
    }

    /// Unit of the values.
    #[getter]
    fn unit(&self) -> String {
        word(&self.column().unit)
    }

    /// How the metric behaves.
    #[getter]
    fn kind(&self) -> String {
        word(&self.column().kind)
    }

    fn __len__(&self) -> usize {
        self.column().values.len()
    }

    /// The value of a row, None where nothing is known.
    fn value(&self, row: usize) -> PyResult<Option<f64>> {
        match self.column().values.get(row) {
            Some(value) => Ok(known(*value)),
            None => Err(PyIndexError::new_err("no such row")),
        }
    }

    /// All values, None where nothing is known.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.column().values.iter().copied().map(known))
    }

    /// A table of this column only.
    fn alone(&self) -> Table {
        Table::new(history::Table {
            times: self.table.times.clone(),
            step_seconds: self.table.step_seconds,
            columns: vec![self.column().clone()],
            tiers: self.table.tiers.clone(),
            notes: self.table.notes.clone(),
        })
    }

    /// Same series with the same values; unknown equals unknown.
    fn same(&self, other: &Column) -> bool {
        same_column(self.column(), other.column())
    }

    /// Number of known values, then the least, their mean, the greatest and the newest.
    fn summary(&self) -> (usize, Option<f64>, Option<f64>, Option<f64>, Option<f64>) {
        let s = self.column().summary();
        (s.count, s.min, s.mean, s.max, s.last)
    }

    /// Times of the table's first and last row; zeros without any.
    fn span(&self) -> (f64, f64) {
        let times = &self.table.times;
        let time = |time: Option<&f64>| time.copied().unwrap_or_default();
        (time(times.first()), time(times.last()))
    }

    /// What a chart draws: pieces without a gap, each of at most so many points in all: time,
    /// least, mean and greatest.
    fn outline(&self, most: usize) -> Vec<Piece> {
        outline(
            &self.table.times,
            &self.column().values,
            self.table.step_seconds,
            most,
        )
    }

    /// NumPy's protocol: a read-only array of the values as they lie, NaN where nothing is
    /// known. Who makes an array of this keeps a reference to it, and so to the table.
    fn array_interface<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        interface(py, &self.column().values)
    }
}

fn interface<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let order = match cfg!(target_endian = "little") {
        true => "<f8",
        false => ">f8",
    };
    dict.set_item("version", 3)?;
    dict.set_item("typestr", order)?;
    dict.set_item("shape", (values.len(),))?;
    dict.set_item("data", (values.as_ptr() as usize, true))?;
    Ok(dict)
}

/// Labels by name.
pub(crate) fn labels<'py>(py: Python<'py>, key: &SeriesKey) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in &key.labels {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}

/// A variant as the word that core writes for it.
pub(crate) fn word(variant: &impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn of_word<T: DeserializeOwned>(word: &str) -> PyResult<T> {
    serde_json::from_value(word.into()).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

fn same_column(a: &TableColumn, b: &TableColumn) -> bool {
    a.key == b.key && a.unit == b.unit && a.kind == b.kind && alike(&a.values, &b.values)
}

fn alike(a: &[f64], b: &[f64]) -> bool {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    a.len() == b.len() && a.iter().zip(b).all(same)
}

fn bytes<'py>(py: Python<'py>, values: &[f64]) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    PyBytes::new(py, &bytes)
}

fn numbers(bytes: &[u8]) -> Vec<f64> {
    let (numbers, _) = bytes.as_chunks::<8>();
    numbers.iter().copied().map(f64::from_le_bytes).collect()
}
