//! `usm import`: a recording out of CSV or JSON.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use usm_core::Error;
use usm_core::history::{TextFormat, import};

use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;
use crate::recording;

const EXAMPLES: &str = "\
Examples:
  usm import cpu.csv --to cpu.usm
  usm import answer.json --to answer.usm
  zcat old.csv.gz | usm import - --format csv --to old.usm
  usm history cpu_percent --from cpu.usm       what was brought in

CSV has a first line `timestamp` and the names of the series, such as cpu_percent or
\"core_busy_percent{core=\"\"0\"\"}\", and a line for each time, ascending; empty is unknown. It is
what `usm history --csv` writes, and JSON what `usm history --json` writes.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// Make a recording of a table in CSV or JSON.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ImportOptions {
    /// The table; - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The recording to make.
    #[arg(long, value_name = "REC")]
    to: PathBuf,
    /// What the table is; told by its name unless given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// What was recorded as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn perform(options: &ImportOptions, out: &mut Outlet) -> Outcome {
    let format = match options.format.or_else(|| by_name(&options.file)) {
        Some(Format::Csv) => TextFormat::Csv,
        Some(Format::Json) => TextFormat::Json,
        None => {
            let message = format!("{}: is it CSV or JSON?", options.file.display());
            return Err(Failure::usage(&message, Some("say --format csv or json")));
        }
    };
    let mut from: Box<dyn Read> = match options.file.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => {
            let opened = File::open(&options.file);
            let file = opened.map_err(|source| Error::io(&options.file, source))?;
            Box::new(BufReader::new(file))
        }
    };
    let summary = import(&mut from, format, &options.to)?;
    recording::tell(&options.to, &summary, options.json, out)
}

fn by_name(file: &Path) -> Option<Format> {
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        _ => None,
    }
}
