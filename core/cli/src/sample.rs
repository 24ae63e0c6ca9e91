//! `usm sample`: what was read, without any judgement.

use std::time::Duration;

use clap::Args;
use usm_core::{Sample, Sampler};

use crate::draw::{Listing, Page};
use crate::failure::Outcome;
use crate::options::{GlobalOptions, seconds};
use crate::outlet::Outlet;

const EXAMPLES: &str = "\
Examples:
  usm sample                             every value in a line of its own
  usm sample --json | jq .cpu.shares     one sample with rates, for a script
  usm sample --json --raw                only counters, of a single reading
  usm sample --json --count 60 --interval 1 > minute.jsonl
  usm sample --proc-root tree/proc --sys-root tree/sys --host-root tree

Rates come of two readings. The first sample's are over 0.1 s, the others' over the
interval; in a tree of captured files, which stand still, they are 0 or null.";

/// Time between the two readings of which the first rates come.
const WARM_UP: Duration = Duration::from_millis(100);

/// Take a sample: all that can be read of this machine, with rates, not judged.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SampleOptions {
    /// Each sample as one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    /// A single reading: counters only, all rates null.
    #[arg(long)]
    raw: bool,
    /// How many samples to take.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Time between two samples; the refresh_interval of the settings unless given.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<f64>,
}

pub(crate) fn perform(
    options: &SampleOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = global.settings_without_store()?;
    let interval = Duration::from_secs_f64(options.interval.unwrap_or(config.refresh_interval));
    let mut settings = config.sampler_settings();
    if options.count == 1 {
        // The budget is for who watches all day; one look shall not leave anything out.
        settings.overhead_budget_percent = 100.0;
    }
    let mut sample = Sample::default();
    if options.raw {
        for at in 0..options.count {
            pause(at, interval);
            // A new sampler each time: it remembers nothing of which rates could be made.
            Sampler::new(settings.clone())?.sample(&mut sample)?;
            show(&sample, options, out)?;
        }
        return Ok(());
    }
    let mut sampler = Sampler::new(settings)?;
    sampler.sample(&mut sample)?;
    std::thread::sleep(WARM_UP);
    for at in 0..options.count {
        pause(at, interval);
        sampler.sample(&mut sample)?;
        show(&sample, options, out)?;
    }
    Ok(())
}

fn pause(at: u64, interval: Duration) {
    if at > 0 {
        std::thread::sleep(interval);
    }
}

fn show(sample: &Sample, options: &SampleOptions, out: &mut Outlet) -> Outcome {
    if options.json {
        return out.json(sample, options.pretty);
    }
    let mut page = Page::new(out.style_of_listing());
    Listing::of(&serde_json::to_value(sample)?).draw_exact(&mut page);
    if options.count > 1 {
        page.gap();
    }
    out.draw(&page)
}
