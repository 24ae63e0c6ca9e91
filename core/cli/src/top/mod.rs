//! `usm top`: this machine live, in a terminal: overview, processes with actions, alerts,
//! forecasts, history and findings.
//!
//! The [`model`] holds all that is shown and is changed by keys and by news; the [`view`]
//! draws it, and is pure; [`run`] is the loop. What is slow to read is read by the [`clerk`],
//! and what is done to processes is done by the [`hand`], through the optimizer alone.

mod clerk;
mod hand;
mod input;
mod keys;
mod model;
mod run;
mod screen;
mod terminal;
mod view;
mod wake;

use std::io::IsTerminal;
use std::sync::Arc;

use clap::Args;
use usm_core::Monitor;

use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::{Outlet, has_unicode};
use run::{Wanted, run};
use view::Look;

const EXAMPLES: &str = "\
Examples:
  usm top                         this machine, drawn again every 2 seconds
  usm top --interval 0.5
  usm top --demo                  actions on processes are only told, never done
  usm top --mouse                 tabs and processes can be clicked, too

Keys: Tab or 1 to 6 changes the view, ? shows all keys, q quits. In the view of the processes
l lowers a priority, z suspends, k ends, u takes back: each shows its risk first and asks. What
is protected is never touched. Nothing is stored. Where `usm monitor` watches this machine,
its alerts, findings and history are shown.";

/// What to do instead, where this can't be drawn.
const INSTEAD: &str = "`usm status --watch` draws the state again and again in any terminal; \
     `usm status --json` is for programs";

/// Watch this machine live: overview, processes, alerts, forecasts, history, findings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TopOptions {
    /// Time between two states, 0.5 to 60.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = interval)]
    interval: f64,
    /// Change nothing: only tell what an action would do.
    #[arg(long)]
    demo: bool,
    /// Take clicks and the wheel; the terminal's own selection of text then needs Shift.
    #[arg(long)]
    mouse: bool,
}

fn interval(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.5..=60.0).contains(&seconds) => Ok(seconds),
        _ => Err("a time in seconds, 0.5 to 60".into()),
    }
}

pub(crate) fn perform(options: &TopOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    if !std::io::stdin().is_terminal() || !out.is_terminal() {
        let message = "top draws in a terminal, and this is none";
        return Err(Failure::usage(message, Some(INSTEAD)));
    }
    let kind = std::env::var_os("TERM").unwrap_or_default();
    if kind.is_empty() || kind == "dumb" {
        let message = "top needs a terminal whose cursor can be moved, and TERM says otherwise";
        return Err(Failure::usage(message, Some(INSTEAD)));
    }
    let mut config = global.settings_without_store()?;
    config.refresh_interval = options.interval;
    let look = Look {
        unicode: has_unicode(),
        colour: out.style().colour,
        braille: out.has_braille(),
    };
    let monitor = Arc::new(Monitor::new(config)?);
    let wanted = Wanted {
        interval: options.interval,
        is_demo: options.demo,
        has_mouse: options.mouse,
        look,
    };
    run(monitor, global, wanted)
}
