//! Tables as text for other programs, and back.

mod csv;
mod intake;
mod json;
mod key;
mod record;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::recording::RecordingSummary;
use super::table::{Table, TableColumn};
use crate::series::Frame;
use crate::store::series::SeriesFile;
use crate::{Error, Result};

/// Name of the column that holds the times.
const TIME: &str = "timestamp";

/// Format of a text that is brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// First line `timestamp` and the series' names, as [`Table::write_csv`] writes it. Times
    /// may be Unix seconds or dates of RFC 3339 with their offset from UTC.
    Csv,
    /// As [`Table::to_json`] gives it.
    Json,
}

impl Table {
    /// CSV (RFC 4180, with line feeds alone): a column `timestamp` in Unix seconds, one per
    /// series, empty where nothing is known.
    ///
    /// # Errors
    /// `Io` when it can't be written.
    pub fn write_csv(&self, to: &mut dyn Write) -> Result<()> {
        let failed = |source| Error::io("CSV output", source);
        let mut to = std::io::BufWriter::new(to);
        let mut header = String::from(TIME);
        for column in &self.columns {
            header.push(',');
            csv::push_field(&column.key.to_string(), &mut header);
        }
        writeln!(to, "{header}").map_err(failed)?;
        for (row, time) in self.times.iter().enumerate() {
            write!(to, "{time}").map_err(failed)?;
            for column in &self.columns {
                match known(column, row) {
                    Some(value) => write!(to, ",{value}").map_err(failed)?,
                    None => write!(to, ",").map_err(failed)?,
                }
            }
            writeln!(to).map_err(failed)?;
        }
        to.flush().map_err(failed)
    }

    /// JSON: `step_seconds`, `tiers`, `notes`, `times`, and `columns` with `name`, `metric`,
    /// `labels`, `unit`, `kind` and `values`, `null` where nothing is known.
    pub fn to_json(&self) -> Value {
        let columns = self.columns.iter().map(|column| {
            let labels = column.key.labels.iter();
            let values = (0..self.times.len()).map(|row| known(column, row));
            json!({
                "name": column.key.to_string(),
                "metric": column.key.metric,
                "labels": labels
                    .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                    .collect::<Map<String, Value>>(),
                "unit": column.unit,
                "kind": column.kind,
                "values": values.collect::<Vec<Option<f64>>>(),
            })
        });
        json!({
            "step_seconds": self.step_seconds,
            "tiers": self.tiers,
            "notes": self.notes,
            "times": self.times,
            "columns": columns.collect::<Vec<Value>>(),
        })
    }
}

/// A value that is known.
fn known(column: &TableColumn, row: usize) -> Option<f64> {
    let value = column.values.get(row).copied()?;
    value.is_finite().then_some(value)
}

/// Makes a recording of a table in text. Only metrics of the catalogue are understood, each of
/// a whole series: what was put together of several or is a rate has no place in a recording.
/// CSV is read row by row; of JSON the numbers are held in memory. Rows without any value
/// are left out.
///
/// # Errors
/// `InvalidArgument` with line and column (in CSV the number of the field) for what can't be
/// read, for an unknown series and for times that do not ascend, and when the file exists;
/// `Io`; `Store`. Then no file is left.
pub fn import(from: &mut dyn Read, format: TextFormat, to: &Path) -> Result<RecordingSummary> {
    let mut file = SeriesFile::create(to)?;
    let mut summary = RecordingSummary::default();
    read_frames(from, format, &mut |frame| {
        summary.count(&frame);
        file.append(&frame)
    })?;
    summary.bytes = file.finish()?;
    Ok(summary)
}

/// Hands out the rows of a table in text.
fn read_frames(
    from: &mut dyn Read,
    format: TextFormat,
    take: &mut dyn FnMut(Frame) -> Result<()>,
) -> Result<()> {
    match format {
        TextFormat::Csv => csv::read(from, take),
        TextFormat::Json => json::read(from, take),
    }
}

/// A place in a text that can't be taken, and what would have been.
fn refused(line: u64, column: impl std::fmt::Display, value: &str, allowed: &str) -> Error {
    const LONGEST: usize = 60;
    let mut value: String = value.chars().take(LONGEST + 1).collect();
    if value.chars().count() > LONGEST {
        value.truncate(value.char_indices().nth(LONGEST).map_or(0, |(at, _)| at));
        value.push('…');
    }
    Error::invalid(
        format!("line {line}, column {column}"),
        format!("{value:?}"),
        allowed,
    )
}
