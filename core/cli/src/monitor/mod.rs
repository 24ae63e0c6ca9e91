//! `usm monitor`: watches in the background or in the foreground, and stores what is seen.

mod background;
mod log;
pub(crate) mod newest;
mod run;
mod show;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};

use crate::failure::{Failure, Outcome};
use crate::optimize::AimOptions;
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm monitor --start                        in the background, until it is stopped
  usm monitor --status                       since when it runs, and how it fares
  usm monitor --stop                         and waits until it has ended
  usm monitor --start --refresh-interval 5 --for 3600
  usm monitor --start --auto-optimize        acts by itself too; takes it back at the end
  usm monitor --start --auto-optimize --demo says what it would do
  usm monitor --restart                      as it was started before
  usm monitor --log -n 20                    what happened; --follow goes on with it
  usm monitor --foreground                   until Ctrl-C, a line for each state
  usm monitor --foreground --json > states.jsonl

One monitor at a time watches for a data folder; its lock and its log are there. States are
written to the database beside them; what is there is shown by `usm history`, `usm at` and
`usm replay`, also while it runs. It takes over what `usm config set` saves.

Exit codes of --status: 0 it runs, 3 it does not.";

/// Watch this machine, in the background or in the foreground, and store what is seen.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    group(ArgGroup::new("runs").args(["start", "foreground", "restart"]).multiple(true)),
    group(ArgGroup::new("asks").args(["stop", "status", "log", "follow"]).multiple(true)),
)]
pub(crate) struct MonitorOptions {
    /// Watch in the background; one that runs already is left alone.
    #[arg(long, conflicts_with_all = ["asks", "restart"])]
    start: bool,
    /// Watch here, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["asks", "restart"])]
    foreground: bool,
    /// End the one that runs, and start it again as it was, with the options given now.
    #[arg(long, conflicts_with = "asks")]
    restart: bool,
    /// End the one that runs, and wait until it has ended.
    #[arg(long, conflicts_with_all = ["status", "log", "follow"])]
    stop: bool,
    /// Whether one runs, since when, and how it fares.
    #[arg(long, conflicts_with_all = ["log", "follow"])]
    status: bool,
    /// Show what it told last.
    #[arg(long)]
    log: bool,
    /// Show what it tells from now on, too, until Ctrl-C.
    #[arg(long)]
    follow: bool,
    /// With --log or --follow: how many lines.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    lines: usize,
    /// With --stop: kill it when it does not end in time; what it has not written is lost.
    #[arg(long, requires = "stop")]
    force: bool,
    /// How long to wait until it is ready, or has ended.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30")]
    timeout: f64,
    /// Act by itself on what is seen, as the profile allows.
    #[arg(long, requires = "runs")]
    auto_optimize: bool,
    /// With --auto-optimize: only say what would be done.
    #[arg(long, requires = "auto_optimize")]
    demo: bool,
    /// With --auto-optimize: leave the changes in force at the end.
    #[arg(long, requires = "auto_optimize")]
    keep: bool,
    /// Time between two states; the refresh_interval of the settings unless given.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "runs")]
    refresh_interval: Option<f64>,
    /// End by itself after this time.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds, requires = "runs")]
    for_seconds: Option<f64>,
    /// As JSON: each state, decision and action in the foreground; else the answer.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    #[command(flatten)]
    aim: AimOptions,
}

impl MonitorOptions {
    fn patience(&self) -> Duration {
        Duration::from_secs_f64(self.timeout)
    }
}

pub(crate) fn perform(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    if options.aim.is_given() && !options.auto_optimize {
        return Err(Failure::usage(
            "the optimizer options need --auto-optimize",
            None,
        ));
    }
    // --start --foreground starts it here.
    if options.foreground {
        return run::perform(options, global, out);
    }
    if options.start {
        return background::start(options, global, out);
    }
    if options.restart {
        return background::restart(options, global, out);
    }
    if options.stop {
        return background::stop(options, global, out);
    }
    if options.status {
        return show::perform(options, global, out);
    }
    if options.log || options.follow {
        return log::perform(options, global, out);
    }
    Err(Failure::lacking(
        "say --start, --foreground, --stop, --restart, --status or --log",
        EXAMPLES,
    ))
}

/// The folder that is monitored for.
fn folder(global: &GlobalOptions) -> Outcome<PathBuf> {
    let folder = global.data_folder()?;
    std::path::absolute(&folder)
        .map_err(|error| Failure::usage(&format!("{}: {error}", folder.display()), None))
}
