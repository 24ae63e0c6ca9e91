//! `usm report --health` and `--trends`: reports over a range of the past.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use usm_report::{Format, Report, ReportKind, Source};

use super::paper;
use crate::archive::Archive;
use crate::draw::{Page, escape_lines, number};
use crate::export::{
    Form, form_of, named_file, new_file, to_standard_output, wanted, with_progress,
};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::when::Asked;

/// Without --since, so much before the end.
const DAY: f64 = 86_400.0;
const WEEK: f64 = 7.0 * DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    Text,
    Json,
    Html,
}

/// Reports over a range, and the range.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports over a range")]
pub(super) struct PastOptions {
    /// How this machine is and how it was: scores, causes, charts, alerts, forecasts, programs.
    #[arg(long, conflicts_with_all = ["comprehensive", "optimization"])]
    health: bool,
    /// Where its metrics went: slopes, and whether they are more than chance.
    #[arg(long, conflicts_with_all = ["comprehensive", "optimization", "health"])]
    trends: bool,
    /// From this time on: 24 hours (trends: 7 days) before the end unless given.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// To before this time: now unless given.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Unless given as the file's name ends, else text.
    #[arg(long, value_enum)]
    format: Option<Shape>,
    /// The file, or a folder for a new file in it; - or nothing for standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Leave out what could be done.
    #[arg(long)]
    no_recommendations: bool,
}

impl PastOptions {
    /// One of these reports is asked for.
    pub(super) fn kind(&self) -> Outcome<Option<ReportKind>> {
        match (self.health, self.trends) {
            (true, _) => Ok(Some(ReportKind::Health)),
            (_, true) => Ok(Some(ReportKind::Trends)),
            _ if self.is_given() => Err(Failure::usage(
                "--since, --until, --format, --output, --from and --no-recommendations are of \
                 reports over a range",
                Some("say --health or --trends"),
            )),
            _ => Ok(None),
        }
    }

    fn is_given(&self) -> bool {
        self.since.is_some()
            || self.until.is_some()
            || self.format.is_some()
            || self.output.is_some()
            || self.from.is_some()
            || self.no_recommendations
    }
}

pub(super) fn perform(
    kind: ReportKind,
    options: &PastOptions,
    (as_json, pretty): (bool, bool),
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    let output = named_file(options.output.as_deref());
    let shape = shape(options, as_json)?;
    if output.is_none() && shape == Shape::Html && out.is_terminal() {
        let hint = "say --output FILE.html, and open it in a browser";
        return Err(Failure::usage("a page is not for a terminal", Some(hint)));
    }
    let usual = match kind {
        ReportKind::Health => DAY,
        ReportKind::Trends => WEEK,
    };
    let archive = Archive::open(options.from.as_deref(), global)?;
    let wanted = wanted(asked, usual, &archive)?;
    let source = Source::open(archive.history.path())?;
    let advises = !options.no_recommendations;
    let report = with_progress("reading", |on| {
        Report::read(&source, kind, &wanted, advises, on)
    });
    let report = report.map_err(|broken| broken.of_file(archive.history.path()))?;
    let Some(report) = report else {
        return Err(archive.nothing(crate::when::Range {
            since: wanted.since,
            until: wanted.until,
        }));
    };
    let Some(path) = output else {
        return match shape {
            Shape::Text => {
                let page = Page::new(out.style());
                out.draw(&paper::drawn(&document(&report), page, out.has_braille()))
            }
            Shape::Json => out.json(&report.json()?, pretty),
            Shape::Html => to_standard_output(out, |to| {
                let written = report.write(Format::Html, to);
                written.map_err(crate::export::Broken::Failed)
            }),
        };
    };
    let format = match shape {
        Shape::Json => Format::Json,
        Shape::Html => Format::Html,
        // A text has no colours in a file, and the usual width.
        Shape::Text => return text_file(path, &report, out),
    };
    let mut file = new_file(path, &kind.stem(&wanted), format)?;
    let goal = file.goal();
    report
        .write(format, &mut file)
        .map_err(|error| crate::export::Broken::Failed(error).of_file(&goal))?;
    let bytes = file.bytes();
    told(&file.finish()?, bytes, out)
}

fn document(report: &Report) -> usm_report::document::Document {
    report.document(&TimeZone::system())
}

fn told(path: &std::path::Path, bytes: u64, out: &mut Outlet) -> Outcome {
    let text = format!("{}: {}", path.display(), number::bytes(bytes));
    out.write(&format!("{}\n", escape_lines(&text)))
}

fn text_file(path: &std::path::Path, report: &Report, out: &mut Outlet) -> Outcome {
    use std::io::Write;
    let style = crate::draw::Style {
        width: 100,
        unicode: true,
        colour: false,
    };
    let text = paper::drawn(&document(report), Page::new(style), true).render();
    let mut file = usm_report::NewFile::at(path)?;
    file.write_all(text.as_bytes())
        .map_err(|source| usm_core::Error::io(path, source))?;
    told(&file.finish()?, text.len() as u64, out)
}

/// As it was asked for, or as the file's name tells.
fn shape(options: &PastOptions, as_json: bool) -> Outcome<Shape> {
    let by_name = form_of(named_file(options.output.as_deref()));
    match (options.format, as_json, by_name) {
        (None | Some(Shape::Json), true, _) => Ok(Shape::Json),
        (Some(_), true, _) => Err(Failure::usage(
            "--json and --format say different things",
            None,
        )),
        (Some(shape), false, _) => Ok(shape),
        (None, false, Some(Form::Json)) => Ok(Shape::Json),
        (None, false, Some(Form::Html)) => Ok(Shape::Html),
        (None, false, Some(Form::Csv)) => Err(Failure::usage(
            "a report is no table",
            Some("`usm export metrics --format csv` writes one"),
        )),
        (None, false, None) => Ok(Shape::Text),
    }
}
