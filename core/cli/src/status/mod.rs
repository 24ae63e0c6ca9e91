//! `usm status`: a picture of the machine, or the whole state as JSON.

pub(crate) mod cpu;
mod footer;
mod header;
mod matters;
pub(crate) mod memory;
pub(crate) mod network;
pub(crate) mod processes;
mod scores;
pub(crate) mod sensors;
pub(crate) mod storage;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use usm_core::{Config, Monitor, State};

use crate::draw::{Line, Page, Style, Tone, notes};
use crate::failure::Outcome;
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;

pub(crate) use header::time_of;

const EXAMPLES: &str = "\
Examples:
  usm status                           a picture of this machine
  usm status --watch=1                 drawn again every second; Ctrl-C ends it
  usm status --processes 30 --sort memory
  usm status --json --pretty | less    everything that is known, as JSON
  usm status --json | jq .metrics.cpu_percent
  usm status --proc-root /host/proc --sys-root /host/sys --host-root /host

What can't be read here is shown as –, in JSON as null: never as 0.
`usm doctor` tells why.";

/// Columns that the names at the left edge take.
const GUTTER: usize = 12;

/// How long one look lasts: the base of its rates. Long enough for shares of a processor's
/// time, which the kernel counts in hundredths of a second.
const LOOK_SECONDS: f64 = 0.4;

/// How long to wait for a state beyond its interval.
const PATIENCE: Duration = Duration::from_secs(15);

/// By what the processes are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    Cpu,
    Memory,
    Io,
}

/// Show the state of this machine: scores, load, memory, disks, network, processes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatusOptions {
    /// The whole state as one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    /// Draw it again and again; every 2 seconds unless given.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
          default_missing_value = "2", value_parser = seconds)]
    watch: Option<f64>,
    /// How many processes to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    processes: usize,
    /// By what to sort the processes: CPU time, resident memory, or bytes read and written.
    #[arg(long, value_enum, default_value_t = Sort::Cpu)]
    sort: Sort,
}

pub(crate) fn perform(
    options: &StatusOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut config = global.settings_without_store()?;
    config.refresh_interval = options.watch.unwrap_or(LOOK_SECONDS);
    match options.watch {
        Some(_) => watch(options, config, global, out),
        None => {
            let state = look(config)?;
            show(options, &state, global, out)
        }
    }
}

/// The state now, with rates over a short while.
pub(crate) fn look(config: Config) -> Outcome<Arc<State>> {
    // The budget is for who watches all day; one look shall not leave anything out.
    let monitor = Monitor::new(Config {
        overhead_budget_percent: 100.0,
        ..config
    })?;
    monitor.start()?;
    // The first has rates over 0.1 s only: too coarse for a processor's share.
    let state = monitor.wait_for_state(1, PATIENCE)?;
    monitor.stop()?;
    Ok(state)
}

fn watch(
    options: &StatusOptions,
    config: Config,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let patience = PATIENCE + Duration::from_secs_f64(config.refresh_interval);
    let monitor = Monitor::new(config)?;
    monitor.start()?;
    let mut seen = 0;
    loop {
        let state = monitor.wait_for_state(seen, patience)?;
        seen = state.sequence;
        if options.json || !out.is_terminal() {
            show(options, &state, global, out)?;
            continue;
        }
        let (state, note) = matters::with_found(&state, global);
        let mut page = picture(&state, out.style(), options.processes, options.sort);
        notes(note.as_slice(), &mut page);
        out.draw_over(page)?;
    }
}

fn show(
    options: &StatusOptions,
    state: &State,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    // JSON is this look alone: `usm alerts --json` and `usm insights --json` tell the rest.
    if options.json {
        return out.json(state, options.pretty);
    }
    let (state, note) = matters::with_found(state, global);
    let mut page = picture(&state, out.style(), options.processes, options.sort);
    notes(note.as_slice(), &mut page);
    out.draw(&page)
}

/// The picture of a state.
pub(crate) fn picture(state: &State, style: Style, processes: usize, sort: Sort) -> Page {
    let mut page = Page::new(style);
    header::draw(state, &mut page);
    scores::draw(state, &mut page);
    matters::draw(state, &mut page);
    let Some(sample) = &state.sample else {
        page.gap();
        page.push(Line::of(
            Tone::Warning,
            "No sample was taken: enable_monitoring is off.",
        ));
        return page;
    };
    page.gap();
    cpu::draw(sample, &mut page);
    memory::draw(sample, &mut page);
    sensors::draw(sample, &mut page);
    storage::draw(sample, &mut page);
    network::draw(sample, &mut page);
    processes::draw(sample, processes, sort, &mut page);
    footer::draw(state, sample, &mut page);
    page
}

/// The name of an entry at the left edge.
fn label(name: &str) -> Line {
    Line::of(Tone::Label, name)
}

/// Columns of a bar that stands beside its numbers.
fn bar_cells(page: &Page) -> usize {
    (page.width() / 6).clamp(8, 30)
}

/// `user 8.1 %`: a value with its name before it.
fn named(name: &str, value: &str) -> Line {
    Line::of(Tone::Quiet, format!("{name} ")).and(Tone::Plain, value)
}
