//! One export, of one kind in one form.

use std::io::Write;

use jiff::tz::TimeZone;
use usm_core::{Error, Result};

use crate::csv::Csv;
use crate::json::Json;
use crate::row::Rows;
use crate::{Format, Kind, Source, Wanted, alerts, document, html, metrics, predictions};

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exported {
    /// Rows that were written; 0: there is no data.
    pub rows: u64,
    /// What the reader should know: a damaged part that was left out and the like.
    pub notes: Vec<String>,
}

/// What is answered when the caller ended it.
pub(crate) fn cancelled() -> Error {
    Error::InvalidState("cancelled before the end".into())
}

/// Writes what the range holds. `progress` hears the share that is done, 0 to 1; answers it
/// false, the export ends with an error.
///
/// # Errors
/// `InvalidArgument` for what is no range; `Store`; `Io` with an empty path when `to` can't
/// be written; `InvalidState` when it was ended.
pub fn export(
    source: &Source,
    kind: Kind,
    format: Format,
    wanted: &Wanted,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Exported> {
    wanted.check()?;
    let tables: &[&str] = match kind {
        Kind::Predictions => &predictions::TABLES,
        _ => &[],
    };
    match format {
        Format::Json => rows(
            source,
            kind,
            wanted,
            &mut Json::object(to, tables),
            progress,
        ),
        Format::Csv => rows(
            source,
            kind,
            wanted,
            &mut Csv::sections(to, tables),
            progress,
        ),
        Format::Html => page(source, kind, wanted, to, progress),
    }
}

fn page(
    source: &Source,
    kind: Kind,
    wanted: &Wanted,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Exported> {
    let zone = TimeZone::system();
    let (document, exported) = match kind {
        Kind::Metrics => document::metrics(source, wanted, &zone, progress)?,
        Kind::Alerts => document::alerts(source, wanted, &zone)?,
        Kind::Predictions => document::predictions(source, wanted, &zone, progress)?,
    };
    html::write(&document, &zone, to)?;
    Ok(exported)
}

fn rows(
    source: &Source,
    kind: Kind,
    wanted: &Wanted,
    to: &mut dyn Rows,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Exported> {
    let (rows, notes) = match kind {
        Kind::Metrics => {
            let read = metrics::write(source, wanted, to, progress)?;
            (read.rows, read.notes)
        }
        Kind::Alerts => alerts::write(source, wanted, to)?,
        Kind::Predictions => predictions::write(source, wanted, to, progress)?,
    };
    Ok(Exported { rows, notes })
}
