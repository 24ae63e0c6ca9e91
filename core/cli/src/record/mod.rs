//! `usm record`: this machine into a file of its own, from now on or out of the history.

mod extract;
mod live;

use std::path::PathBuf;

use clap::Args;

use crate::failure::{Failure, Outcome};
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;
use crate::when::{Asked, stretch};

const EXAMPLES: &str = "\
Examples:
  usm record day.usm                            until Ctrl-C
  usm record hour.usm --for 1h --interval 1     a sample each second, for an hour
  usm record all.usm --set history_top_processes=50
  usm record incident.usm --since \"yesterday 14:00\" --until \"yesterday 15:00\"
  usm record bug.usm --since 2h --mask-names    to attach to a bug report
  usm record part.usm --from day.usm --since 1h

A recording holds every sample, and is read by `usm replay`, and by `usm history` and
`usm at` with --from; also while it is being written. --mask-names replaces the names of
processes, users, control groups, hosts, mounts and interfaces by numbered ones and leaves
command lines out. --json ends with one object: file, samples, first and last (Unix seconds),
bytes, notes (what could not be read).";

/// Record this machine into a file, or take a part of its history into one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RecordOptions {
    /// The file to make.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// End by itself after this time, e.g. 90s, 15m, 1h.
    #[arg(long = "for", value_name = "STRETCH", value_parser = stretch)]
    for_seconds: Option<f64>,
    /// Time between two samples; the refresh_interval of the settings unless given.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<f64>,
    /// Take it from the history instead, from this time on.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true,
          conflicts_with_all = ["for_seconds", "interval"])]
    since: Option<String>,
    /// From the history, to before this time.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true,
          conflicts_with_all = ["for_seconds", "interval"])]
    until: Option<String>,
    /// Take it from this recording or database instead of the monitor's own history.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["for_seconds", "interval"])]
    from: Option<PathBuf>,
    /// From the history, with names replaced by numbered ones.
    #[arg(long)]
    mask_names: bool,
    /// What was recorded as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn perform(
    options: &RecordOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    let is_of_history = asked.is_given() || options.from.is_some();
    if options.mask_names && !is_of_history {
        return Err(Failure::usage(
            "--mask-names is for what is taken from the history",
            Some("give --since, or --from FILE for a recording that exists"),
        ));
    }
    match is_of_history {
        true => extract::perform(options, asked, global, out),
        false => live::perform(options, global, out),
    }
}
