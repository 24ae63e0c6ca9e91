//! `usm export`: metrics, alerts or predictions over a range, as JSON, CSV or a page.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use usm_core::{Error, Result};
use usm_report::{Format, Kind, NewFile, Source, Wanted};

use crate::archive::Archive;
use crate::draw::{escape_lines, number};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::when::{Asked, now, stretch};
use crate::words::count_of;

const EXAMPLES: &str = "\
Examples:
  usm export metrics --since 24h --output day.csv
  usm export metrics --since 7d --step 1h --extremes --format csv > week.csv
  usm export metrics --since yesterday --until today --output yesterday.html
  usm export alerts --since 30d | jq -r '.[] | select(.severity == \"critical\") | .message'
  usm export predictions --format csv
  usm export metrics --output exports/          a new file in a folder, named by the time
  usm export metrics --from rec.usm --output rec.json

Without --since the last 24 hours; of a named file all of it. Without --step a row for each
sample, farther back for each row that is still kept. What was not known is null or empty,
never 0. A page (html) has charts and at most some hundred rows; it needs no other file.

Metrics have the prototype's columns: timestamp (Unix seconds), cpu_percent, memory_percent,
disk_percent, network_sent_mb, network_recv_mb, process_count, load_average_1, _5, _15,
temperature, battery_percent, battery_plugged. Predictions are three tables, trends, anomalies
and forecasts: in JSON an object of lists, in CSV one below the other, each below a line with
its name. In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.

Exit code 1 when nothing was recorded in the range; then no file is written.";

/// Without --since, so much before the end.
const DAY: f64 = 86_400.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Metrics,
    Alerts,
    Predictions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Json,
    Csv,
    Html,
}

impl From<Form> for Format {
    fn from(form: Form) -> Format {
        match form {
            Form::Json => Format::Json,
            Form::Csv => Format::Csv,
            Form::Html => Format::Html,
        }
    }
}

/// Write metrics, alerts or predictions over a range as JSON, CSV or a page.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportOptions {
    /// What to write.
    #[arg(value_enum)]
    what: What,
    /// From this time on: 24 hours before the end unless given; of a named file its beginning.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// To before this time: now unless given; of a named file its end.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Unless given as the file's name ends, else JSON.
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// The file, or a folder for a new file in it; - or nothing for standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Width of a row of metrics, e.g. 10s, 1m, 1h; as it was recorded unless given.
    #[arg(long, value_name = "STRETCH", value_parser = stretch)]
    step: Option<f64>,
    /// Beside each metric the least and the greatest value within its row.
    #[arg(long)]
    extremes: bool,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// What was written as one JSON object (path, rows, bytes, notes); with --output.
    #[arg(long, requires = "output")]
    json: bool,
}

impl ExportOptions {
    fn kind(&self) -> Kind {
        match self.what {
            What::Metrics => Kind::Metrics,
            What::Alerts => Kind::Alerts,
            What::Predictions => Kind::Predictions,
        }
    }
}

/// The form that a file's name tells.
pub(crate) fn form_of(output: Option<&Path>) -> Option<Form> {
    let ending = output?.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "json" => Some(Form::Json),
        "csv" => Some(Form::Csv),
        "html" | "htm" => Some(Form::Html),
        _ => None,
    }
}

/// The file that was named, unless that is standard output.
pub(crate) fn named_file(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| path.as_os_str() != "-")
}

/// The range that was asked for, or the last `usual` seconds; of a named file all of it.
pub(crate) fn wanted(asked: Asked, usual: f64, archive: &Archive) -> Outcome<Wanted> {
    let held = archive.range();
    let range = match archive.is_named {
        true => asked.or(|_| held.since, held.until)?,
        false => asked.or(|until| until - usual, now())?,
    };
    if range.until <= held.since || held.until <= range.since {
        return Err(archive.nothing(range));
    }
    Ok(Wanted::range(range.since, range.until))
}

pub(crate) fn perform(
    options: &ExportOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    if options.what != What::Metrics && (options.step.is_some() || options.extremes) {
        return Err(Failure::usage("--step and --extremes are of metrics", None));
    }
    let output = named_file(options.output.as_deref());
    let form = options.format.or(form_of(output)).unwrap_or(Form::Json);
    if output.is_none() && form == Form::Html && out.is_terminal() {
        let hint = "say --output FILE.html, and open it in a browser";
        return Err(Failure::usage("a page is not for a terminal", Some(hint)));
    }
    let archive = Archive::open(options.from.as_deref(), global)?;
    let wanted = Wanted {
        step_seconds: options.step,
        extremes: options.extremes,
        ..wanted(asked, DAY, &archive)?
    };
    let source = Source::open(archive.history.path())?;
    let kind = options.kind();
    let write = |to: &mut dyn Write| {
        with_progress("exporting", |on| {
            usm_report::export(&source, kind, form.into(), &wanted, to, on)
        })
    };
    let Some(path) = output else {
        return to_standard_output(out, write);
    };
    let mut file = new_file(path, kind.stem(), form.into())?;
    let goal = file.goal();
    let exported = write(&mut file).map_err(|failed| failed.of_file(&goal))?;
    let bytes = file.bytes();
    let path = file.finish()?;
    if options.json {
        let told = json!({
            "path": path.display().to_string(),
            "rows": exported.rows,
            "bytes": bytes,
            "notes": exported.notes,
        });
        return out.json(&told, false);
    }
    let rows = count_of(
        usize::try_from(exported.rows).unwrap_or(usize::MAX),
        "row",
        "rows",
    );
    let mut text = format!("{}: {rows}, {}\n", path.display(), number::bytes(bytes));
    for note in &exported.notes {
        text.push_str(&format!("● {note}\n"));
    }
    out.write(&format!("{}\n", escape_lines(text.trim_end())))
}

/// A file of this name, or a new one in a folder of this name.
pub(crate) fn new_file(path: &Path, stem: &str, format: Format) -> Outcome<NewFile> {
    let is_folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    Ok(match is_folder {
        true => NewFile::in_folder(path, stem, format)?,
        false => NewFile::at(path)?,
    })
}

/// Why a long piece of work ended before its end.
#[derive(Debug)]
pub(crate) enum Broken {
    Interrupted,
    Failed(Error),
}

impl Broken {
    /// With the name of the file that it was written to.
    pub(crate) fn of_file(self, path: &Path) -> Failure {
        match self {
            Broken::Interrupted => Failure::ended("interrupted: no file was written"),
            Broken::Failed(Error::Io { path: none, source }) if none.as_os_str().is_empty() => {
                Error::io(path, source).into()
            }
            Broken::Failed(error) => Failure::of_question(error),
        }
    }
}

/// Long work with a line that tells how far it is, which Ctrl-C ends.
pub(crate) fn with_progress<T>(
    stage: &str,
    work: impl FnOnce(&mut dyn FnMut(f64) -> bool) -> Result<T>,
) -> std::result::Result<T, Broken> {
    let interrupt = Interrupt::listen().map_err(|failure| {
        let text = failure.text().unwrap_or_default().trim().to_owned();
        Broken::Failed(Error::InvalidState(text))
    })?;
    let line = ProgressLine::new();
    let done = work(&mut |share| {
        line.share(stage, share);
        !interrupt.came()
    });
    line.erase();
    done.map_err(|error| match interrupt.came() {
        true => Broken::Interrupted,
        false => Broken::Failed(error),
    })
}

/// Standard output as something that can be written to, which keeps why it could not be.
struct Pipe<'a> {
    out: &'a mut Outlet,
    /// For a terminal: what of a line has come so far.
    begun: Option<Vec<u8>>,
    failure: Option<Failure>,
}

impl Pipe<'_> {
    fn put(&mut self, bytes: &[u8]) -> Outcome {
        let Some(begun) = &mut self.begun else {
            return self.out.write_bytes(bytes);
        };
        begun.extend_from_slice(bytes);
        let Some(end) = begun.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let lines: Vec<u8> = begun.drain(..=end).collect();
        // Names of others must not steer a terminal; in a file or a pipe they are what they
        // are.
        let text = escape_lines(&String::from_utf8_lossy(&lines));
        self.out.write(&format!("{text}\n"))
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.put(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(failure) => {
                self.failure = Some(failure);
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lets something be written to standard output, in large pieces.
pub(crate) fn to_standard_output<T>(
    out: &mut Outlet,
    write: impl FnOnce(&mut dyn Write) -> std::result::Result<T, Broken>,
) -> Outcome {
    let pipe = Pipe {
        begun: out.is_terminal().then(Vec::new),
        out,
        failure: None,
    };
    let mut pipe = io::BufWriter::with_capacity(64 * 1024, pipe);
    let written = write(&mut pipe);
    let flushed = pipe.flush();
    let (pipe, _) = pipe.into_parts();
    match (pipe.failure, written) {
        (Some(failure), _) => Err(failure),
        (None, Err(Broken::Interrupted)) => Err(Failure::ended("interrupted")),
        (None, Err(broken)) => Err(broken.of_file(Path::new("standard output"))),
        (None, Ok(_)) => Ok(flushed?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_tells_its_form() {
        for (name, form) in [
            ("a.json", Some(Form::Json)),
            ("a.b.CSV", Some(Form::Csv)),
            ("a.html", Some(Form::Html)),
            ("a.txt", None),
            ("json", None),
        ] {
            assert_eq!(form_of(Some(Path::new(name))), form, "{name}");
        }
        assert_eq!(named_file(Some(Path::new("-"))), None);
    }

    #[test]
    fn a_full_disk_is_told_with_the_name_of_the_file() {
        let full = Error::Io {
            path: PathBuf::new(),
            source: io::ErrorKind::StorageFull.into(),
        };
        let failure = Broken::Failed(full).of_file(Path::new("day.csv"));
        assert!(failure.text().unwrap().contains("day.csv"), "{failure:?}");
        assert_eq!(failure.code(), 1);
        assert_eq!(Broken::Interrupted.of_file(Path::new("a")).code(), 130);
    }
}
