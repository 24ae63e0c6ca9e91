//! Tables as text for other programs, and back.

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::recording::RecordingSummary;
use super::table::Table;
use crate::{Error, Result};

/// Format of a text that is brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// First line `timestamp` and the series' names, as [`Table::write_csv`] writes it.
    Csv,
    /// As [`Table::to_json`] gives it.
    Json,
}

impl Table {
    /// CSV (RFC 4180): a column `timestamp` in Unix seconds, one per series, empty where
    /// nothing is known.
    ///
    /// # Errors
    /// `Io` when it can't be written.
    pub fn write_csv(&self, _to: &mut dyn Write) -> Result<()> {
        Err(Error::Unsupported("not written yet".into()))
    }

    /// JSON: `step_seconds`, `tiers`, `notes`, `times`, and `columns` with `name`, `metric`,
    /// `labels`, `unit`, `kind` and `values`, `null` where nothing is known.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

/// Makes a recording of a table in text. Only metrics of the catalogue are understood.
///
/// # Errors
/// `InvalidArgument` with line and column for what can't be read, for an unknown series and
/// for times that do not ascend; `Io`; `Store`.
pub fn import(_from: &mut dyn Read, _format: TextFormat, _to: &Path) -> Result<RecordingSummary> {
    Err(Error::Unsupported("not written yet".into()))
}
