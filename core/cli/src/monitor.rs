//! `usm monitor`: watches in the foreground and stores what is seen.

use std::sync::Arc;

use clap::Args;
use usm_core::Monitor;
use usm_core::optimizer::Optimizer;

use crate::failure::{Failure, Outcome};
use crate::follow::{Follow, Form};
use crate::optimize::{AimOptions, Kept};
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm monitor --start                        until Ctrl-C, a line for each state
  usm monitor --start --refresh-interval 5 --for 3600
  usm monitor --start --auto-optimize        acts by itself too; takes it back at the end
  usm monitor --start --auto-optimize --demo says what it would do
  usm monitor --start --json > states.jsonl  one JSON object a line

States are written to the database of the data folder, unless store_enabled is off; what is
there is shown by `usm history`, `usm at` and `usm replay`, also while this runs.";

/// Watch this machine in the foreground, and store what is seen.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MonitorOptions {
    /// Watch until Ctrl-C.
    #[arg(long)]
    start: bool,
    /// There is nothing to stop: it runs in the foreground.
    #[arg(long, hide = true)]
    stop: bool,
    /// Act by itself on what is seen, as the profile allows.
    #[arg(long, requires = "start")]
    auto_optimize: bool,
    /// With --auto-optimize: only say what would be done.
    #[arg(long, requires = "auto_optimize")]
    demo: bool,
    /// With --auto-optimize: leave the changes in force at the end.
    #[arg(long, requires = "auto_optimize")]
    keep: bool,
    /// Time between two states; the refresh_interval of the settings unless given.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "start")]
    refresh_interval: Option<f64>,
    /// End by itself after this time.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds, requires = "start")]
    for_seconds: Option<f64>,
    /// Each state, decision and action as one JSON object in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    aim: AimOptions,
}

pub(crate) fn perform(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    if options.stop {
        return Err(Failure::usage(
            "--stop: monitoring runs in the foreground, so there is none to be stopped from here",
            Some("end it with Ctrl-C where it runs, or give it --for SECONDS"),
        ));
    }
    if !options.start {
        return Err(Failure::lacking("say --start to watch", EXAMPLES));
    }
    if options.aim.is_given() && !options.auto_optimize {
        return Err(Failure::usage(
            "the optimizer options need --auto-optimize",
            None,
        ));
    }
    let mut config = global.settings()?;
    config
        .roots()
        .check()
        .map_err(|error| Failure::of_settings(&error))?;
    if let Some(interval) = options.refresh_interval {
        config.refresh_interval = interval;
    }
    let mut settings = options.aim.settings(&config)?;
    let monitor = Arc::new(Monitor::new(config)?);
    let optimizer = match options.auto_optimize {
        true => {
            settings.auto_optimize = true;
            settings.auto_dry_run = options.demo;
            settings.rollback_on_close = !options.keep;
            let optimizer = Optimizer::attached(&monitor, settings);
            Some(optimizer.map_err(Failure::of_optimizer)?)
        }
        false => None,
    };
    Follow {
        monitor: &monitor,
        seconds: options.for_seconds,
        states: true,
        form: match options.json {
            true => Form::Json,
            false => Form::Lines,
        },
        kept: match options.keep {
            true => Kept::Stay,
            false => Kept::TakenBack,
        },
    }
    .run(optimizer, out)
}
