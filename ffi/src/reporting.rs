//! What usm-report does for the exports and reports of this library.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use usm_core::{Error, Result};
use usm_report::{
    Format, Kind, Report, ReportKind, Source, Wanted, Written, export, export_to, report_to,
};

use crate::export::{
    USM_EXPORT_ALERTS, USM_EXPORT_METRICS, USM_EXPORT_PREDICTIONS, USM_FORMAT_CSV, USM_FORMAT_HTML,
    USM_FORMAT_JSON, usm_export_options,
};
use crate::report_file::{USM_REPORT_HEALTH, USM_REPORT_TRENDS, usm_report_options};

/// Longest piece that is handed on at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Hears the share that is done; false ends the work.
pub(crate) type Tell<'a> = &'a mut dyn FnMut(f64) -> bool;

/// What an export or a report came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) path: Option<PathBuf>,
    /// 0: there was no data.
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) notes: Vec<String>,
}

impl From<Written> for Done {
    fn from(written: Written) -> Done {
        Done {
            path: written.path,
            rows: written.rows,
            bytes: written.bytes,
            notes: written.notes,
        }
    }
}

/// Writes an export to a file or into a folder.
pub(crate) fn export_to_file(
    source: Option<&str>,
    options: &usm_export_options,
    to: &Path,
    tell: Tell<'_>,
) -> Result<Done> {
    let what = What::of(source, options)?;
    match what.wanted {
        Some(wanted) => {
            export_to(to, &what.source, what.kind, what.format, &wanted, tell).map(Done::from)
        }
        None => Ok(Done::default()),
    }
}

/// Writes an export to anything.
pub(crate) fn export_through(
    source: Option<&str>,
    options: &usm_export_options,
    to: &mut dyn Write,
    tell: Tell<'_>,
) -> Result<Done> {
    let what = What::of(source, options)?;
    let Some(wanted) = what.wanted else {
        return Ok(Done::default());
    };
    let mut counted = Counted { to, bytes: 0 };
    let kinds = (what.kind, what.format);
    let exported = export(&what.source, kinds.0, kinds.1, &wanted, &mut counted, tell)?;
    Ok(Done {
        path: None,
        rows: exported.rows,
        bytes: counted.bytes,
        notes: exported.notes,
    })
}

/// Hands an export on piece by piece, until the answer is not 0.
pub(crate) fn export_piecewise(
    source: Option<&str>,
    options: &usm_export_options,
    pass_on: &mut dyn FnMut(&[u8]) -> i32,
    tell: Tell<'_>,
) -> Result<Done> {
    let mut pieces = BufWriter::with_capacity(PIECE_BYTES, Pieces { pass_on, end: None });
    let outcome = export_through(source, options, &mut pieces, tell);
    let flushed = match &outcome {
        Ok(_) => pieces.flush(),
        Err(_) => Ok(()),
    };
    // What is left of one that was ended is not handed on.
    let (pieces, _) = pieces.into_parts();
    match pieces.end {
        Some(answer) => Err(Error::InvalidState(format!(
            "the export was ended: its callback returned {answer}"
        ))),
        None => outcome.and_then(|done| {
            flushed.map_err(|error| Error::Internal(error.to_string()))?;
            Ok(done)
        }),
    }
}

/// Writes a report to a file or into a folder.
pub(crate) fn report_to_file(
    source: Option<&str>,
    options: &usm_report_options,
    to: &Path,
    tell: Tell<'_>,
) -> Result<Done> {
    let (kind, format) = (report_kind(options.kind)?, format(options.format)?);
    if format == Format::Csv {
        let message = "a report as CSV: it is no table; export metrics or alerts";
        return Err(Error::Unsupported(message.into()));
    }
    check_times(options.since, options.until)?;
    let source = open(source)?;
    let advise = options.recommendations != 0;
    match wanted(&source, options.since, options.until)? {
        Some(wanted) => report_to(to, &source, kind, format, &wanted, advise, tell).map(Done::from),
        None => Ok(Done::default()),
    }
}

/// A report as JSON; `None` when nothing was recorded in the range.
pub(crate) fn report_json(
    source: Option<&str>,
    options: &usm_report_options,
    tell: Tell<'_>,
) -> Result<Option<String>> {
    let kind = report_kind(options.kind)?;
    check_times(options.since, options.until)?;
    let source = open(source)?;
    let Some(wanted) = wanted(&source, options.since, options.until)? else {
        return Ok(None);
    };
    let report = Report::read(&source, kind, &wanted, options.recommendations != 0, tell)?;
    report
        .map(|report| Ok(report.json()?.to_string()))
        .transpose()
}

/// What an export is of.
struct What {
    source: Source,
    kind: Kind,
    format: Format,
    /// `None`: nothing is kept of the range.
    wanted: Option<Wanted>,
}

impl What {
    fn of(source: Option<&str>, options: &usm_export_options) -> Result<What> {
        let kind = match options.kind {
            USM_EXPORT_METRICS => Kind::Metrics,
            USM_EXPORT_ALERTS => Kind::Alerts,
            USM_EXPORT_PREDICTIONS => Kind::Predictions,
            other => return Err(Error::invalid("kind", other, "one of USM_EXPORT_...")),
        };
        let format = format(options.format)?;
        let step = options.step_seconds;
        if !(step.is_finite() && step >= 0.0) {
            let allowed = "0 or more seconds";
            return Err(Error::invalid("step_seconds", step, allowed));
        }
        check_times(options.since, options.until)?;
        let source = open(source)?;
        let wanted = wanted(&source, options.since, options.until)?.map(|range| Wanted {
            step_seconds: (step > 0.0).then_some(step),
            extremes: options.extremes != 0,
            ..range
        });
        Ok(What {
            source,
            kind,
            format,
            wanted,
        })
    }
}

fn format(number: u32) -> Result<Format> {
    match number {
        USM_FORMAT_CSV => Ok(Format::Csv),
        USM_FORMAT_JSON => Ok(Format::Json),
        USM_FORMAT_HTML => Ok(Format::Html),
        other => Err(Error::invalid("format", other, "one of USM_FORMAT_...")),
    }
}

fn report_kind(number: u32) -> Result<ReportKind> {
    match number {
        USM_REPORT_HEALTH => Ok(ReportKind::Health),
        USM_REPORT_TRENDS => Ok(ReportKind::Trends),
        other => Err(Error::invalid("kind", other, "one of USM_REPORT_...")),
    }
}

fn open(source: Option<&str>) -> Result<Source> {
    Source::open_or_default(source.map(Path::new))
}

/// The range that the caller means; `None` when it asks for all that there is before a time,
/// and there is nothing.
fn wanted(source: &Source, since: f64, until: f64) -> Result<Option<Wanted>> {
    let until = match until == 0.0 {
        true => now(),
        false => until,
    };
    if since != 0.0 {
        let since = if since < 0.0 { until + since } else { since };
        return Ok(Some(Wanted::range(since, until)));
    }
    let first = source.extent()?.map(|(first, _)| first);
    let first = first.filter(|first| *first < until);
    Ok(first.map(|first| Wanted::range(first, until)))
}

/// Refuses what is no time, before a file is opened.
fn check_times(since: f64, until: f64) -> Result<()> {
    for (name, time) in [("since", since), ("until", until)] {
        if !time.is_finite() {
            return Err(Error::invalid(name, time, "a time in seconds"));
        }
    }
    if until < 0.0 {
        let allowed = "seconds since 1970, or 0 for now";
        return Err(Error::invalid("until", until, allowed));
    }
    Ok(())
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

struct Counted<'a> {
    to: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Hands on what is written, until it is told to end.
struct Pieces<'a> {
    pass_on: &'a mut dyn FnMut(&[u8]) -> i32,
    end: Option<i32>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.end.is_none() {
            match (self.pass_on)(bytes) {
                0 => return Ok(bytes.len()),
                answer => self.end = Some(answer),
            }
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
