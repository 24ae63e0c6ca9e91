//! A report, of one kind in one form.

use std::io::Write;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use usm_core::{Error, Result};

use crate::document::Document;
use crate::export::Exported;
use crate::file::failed;
use crate::written::{Written, write_to};
use crate::{Format, Health, Source, Trends, Wanted, html};

/// What a report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// How the machine is and how it was.
    Health,
    /// Where its metrics went.
    Trends,
}

/// A report that was made.
#[derive(Debug, Clone)]
pub enum Report {
    /// Of health.
    Health(Box<Health>),
    /// Of trends.
    Trends(Box<Trends>),
}

impl ReportKind {
    /// Reads `health` or `trends`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn parse(text: &str) -> Result<ReportKind> {
        match text {
            "health" => Ok(ReportKind::Health),
            "trends" => Ok(ReportKind::Trends),
            other => Err(Error::invalid(
                "kind",
                format!("{other:?}"),
                "health or trends",
            )),
        }
    }

    /// What the prototype's files of it are called, before the time.
    pub fn stem(self, wanted: &Wanted) -> String {
        let name = match self {
            ReportKind::Health => "system_health_report",
            ReportKind::Trends => "performance_trends_report",
        };
        format!("{name}_{}", wanted.label())
    }
}

impl Report {
    /// Makes a report; `None` when nothing was recorded in the range. `progress` hears the
    /// share that is done, 0 to 1; answers it false, the work ends with an error.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no range; `Store`; `InvalidState` when it was ended.
    pub fn read(
        source: &Source,
        kind: ReportKind,
        wanted: &Wanted,
        recommendations: bool,
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Option<Report>> {
        Ok(match kind {
            ReportKind::Health => Health::read(source, wanted, recommendations, progress)?
                .map(|health| Report::Health(Box::new(health))),
            ReportKind::Trends => Trends::read(source, wanted, progress)?
                .map(|trends| Report::Trends(Box::new(trends))),
        })
    }

    /// As something to be read, with times in this zone.
    pub fn document(&self, zone: &TimeZone) -> Document {
        match self {
            Report::Health(health) => Document::of_health(health, zone),
            Report::Trends(trends) => Document::of_trends(trends, zone),
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// `Internal`.
    pub fn json(&self) -> Result<Value> {
        let value = match self {
            Report::Health(health) => serde_json::to_value(health),
            Report::Trends(trends) => serde_json::to_value(trends),
        };
        value.map_err(|error| Error::Internal(format!("the report as JSON: {error}")))
    }

    /// Rows of the past that are in it.
    fn rows(&self) -> u64 {
        let rows = match self {
            Report::Health(health) => health.historical_data.len(),
            Report::Trends(trends) => trends.historical_data.len(),
        };
        rows as u64
    }

    /// Writes it.
    ///
    /// # Errors
    /// `Unsupported` for CSV; `Io` with an empty path when `to` can't be written.
    pub fn write(&self, format: Format, to: &mut dyn Write) -> Result<()> {
        match format {
            Format::Json => {
                match self {
                    Report::Health(health) => pretty(health.as_ref(), to)?,
                    Report::Trends(trends) => pretty(trends.as_ref(), to)?,
                }
                to.write_all(b"\n").map_err(failed)
            }
            Format::Html => {
                let zone = TimeZone::system();
                html::write(&self.document(&zone), &zone, to)
            }
            Format::Csv => Err(Error::Unsupported(
                "a report as CSV: it is no table; export metrics or alerts".into(),
            )),
        }
    }
}

fn pretty(report: &impl Serialize, to: &mut dyn Write) -> Result<()> {
    serde_json::to_writer_pretty(to, report).map_err(|error| failed(error.into()))
}

/// Writes a report to a file of this name, or to a new one in a folder of this name
/// (`system_health_report_24h_YYYYMMDD_HHMMSS.json` and the like, which replaces none).
///
/// # Errors
/// As [`Report::read`] and [`Report::write`]; `Io` and the like when the file can't be
/// written. Then none is left.
pub fn report_to(
    path: &Path,
    source: &Source,
    kind: ReportKind,
    format: Format,
    wanted: &Wanted,
    recommendations: bool,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Written> {
    let Some(report) = Report::read(source, kind, wanted, recommendations, progress)? else {
        return Ok(Written::default());
    };
    write_to(path, &kind.stem(wanted), format, &mut |file| {
        report.write(format, file)?;
        Ok(Exported {
            rows: report.rows().max(1),
            notes: Vec::new(),
        })
    })
}
