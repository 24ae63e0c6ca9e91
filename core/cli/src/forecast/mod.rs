//! `usm forecast`: what is to come, with intervals, and what runs out when.

mod draw;
mod fan;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use usm_core::history::{Selector, foretold_metrics};
use usm_core::judge::forecast::HORIZONS;
use usm_core::judge::{Exhaustion, MetricForecast};

use crate::archive::Archive;
use crate::draw::{Page, number};
use crate::failure::{Failure, Outcome};
use crate::history::{LIST, MetricParser};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::progress::ProgressLine;
use crate::status::time_of;
use crate::when::{now, stretch};
pub(crate) use draw::skill;
pub(crate) use fan::FanChart;

const EXAMPLES: &str = "\
Examples:
  usm forecast                              the main metrics, and what runs out when
  usm forecast memory_percent               15 min, 1 h, 6 h, 24 h and 7 d ahead
  usm forecast 'filesystem_used_percent{mount=\"/\"}' --horizon 24h,7d
  usm forecast cpu_percent --plot           the past, and a fan of the intervals
  usm forecast --json | jq '.exhaustion[] | select(.seconds != null)'

Forecasts are learnt from the history of the last five weeks, and each has been tried on the
metric's own past: SKILL tells how much nearer it came than \"the same as now\". Where it was
no nearer, that is said; the intervals hold all the same. In an interval of 80 % lies what
comes in four cases of five, in one of 95 % in nineteen of twenty.

--json is one object: made_at (Unix seconds), forecasts (series, unit, horizon_seconds, now,
value, interval_80, interval_95, skill, backtests, outcome), exhaustion (series, limit, now,
seconds, earliest_seconds, latest_seconds, outcome), notes.";

/// Horizons of the main metrics' table, seconds.
const OF_ALL: [f64; 3] = [3600.0, 21_600.0, 86_400.0];

/// A history that ends so long ago is told to.
const OLD_SECONDS: f64 = 600.0;

/// Furthest that is foretold.
const WEEK: f64 = 604_800.0;

/// Foretell metrics from their history: by horizon, with intervals, and what runs out when.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ForecastOptions {
    /// The series; the main metrics unless given.
    #[arg(value_name = "METRIC", value_parser = MetricParser, hide_possible_values = true)]
    metric: Option<String>,
    /// How far ahead, e.g. 1h,24h,7d.
    #[arg(long, value_name = "STRETCH,…", value_delimiter = ',', value_parser = horizon)]
    horizon: Vec<f64>,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Draw the past and the intervals of what is to come, too.
    #[arg(long, requires = "metric", conflicts_with = "json")]
    plot: bool,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

fn horizon(text: &str) -> Result<f64, String> {
    match stretch(text)? {
        seconds if seconds > 0.0 && seconds <= WEEK => Ok(seconds),
        _ => Err("a time of more than 0 s, at most 7d".into()),
    }
}

/// What is to come.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ToCome {
    /// The end of the history, from which on it is foretold, Unix seconds.
    pub(crate) made_at: f64,
    pub(crate) forecasts: Vec<MetricForecast>,
    pub(crate) exhaustion: Vec<Exhaustion>,
    pub(crate) notes: Vec<String>,
}

impl ToCome {
    /// Of the main metrics, from the end of a history on.
    pub(crate) fn of_all(archive: &Archive) -> Outcome<ToCome> {
        let mut come = ToCome {
            made_at: archive.range().until,
            ..ToCome::default()
        };
        main_metrics(archive, &OF_ALL, &mut come, |_| ())?;
        Ok(come)
    }

    pub(crate) fn draw_what_runs_out(&self, page: &mut Page) {
        draw::runs_out(&self.exhaustion, self.made_at, page);
    }
}

pub(crate) fn perform(
    options: &ForecastOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let selector = options.metric.as_deref().map(selector).transpose()?;
    let archive = Archive::open(options.from.as_deref(), global)?;
    let end = archive.range().until;
    let mut horizons = options.horizon.clone();
    if horizons.is_empty() {
        horizons = match selector {
            Some(_) => HORIZONS.to_vec(),
            None => OF_ALL.to_vec(),
        };
    }
    horizons.sort_by(f64::total_cmp);
    horizons.dedup();
    let mut come = ToCome {
        made_at: end,
        ..ToCome::default()
    };
    match &selector {
        Some(selector) => {
            come.forecasts = of(&archive, selector, end, &horizons)?;
            if come.forecasts.is_empty() {
                let name = [selector.metric.clone()];
                return Err(archive.nothing_of(&name, None, archive.range()));
            }
        }
        None => {
            let line = ProgressLine::new();
            main_metrics(&archive, &horizons, &mut come, |part| {
                line.share("learning", part);
            })?;
        }
    }
    let age = now() - end;
    if !archive.is_named && age > OLD_SECONDS {
        come.notes.push(format!(
            "The history ends {}, {} ago: this is foretold from then on. `usm monitor --start` \
             watches this machine.",
            time_of(end),
            number::duration(age)
        ));
    }
    if options.json {
        return out.json(&come, options.pretty);
    }
    let mut page = Page::new(out.style());
    if let Some(selector) = selector.as_ref().filter(|_| options.plot) {
        fan::draw(&archive, selector, &horizons, end, out, &mut page)?;
    }
    draw::draw(&come, &mut page);
    out.draw(&page)
}

fn selector(text: &str) -> Outcome<Selector> {
    Selector::parse(text).map_err(|error| Failure::usage(&error.to_string(), Some(LIST)))
}

fn of(
    archive: &Archive,
    selector: &Selector,
    now: f64,
    horizons: &[f64],
) -> Outcome<Vec<MetricForecast>> {
    let history = &archive.history;
    let foretold = history.forecast(selector, now, horizons);
    foretold.map_err(Failure::of_question)
}

fn main_metrics(
    archive: &Archive,
    horizons: &[f64],
    come: &mut ToCome,
    done_of_all: impl Fn(f64),
) -> Outcome {
    let metrics = foretold_metrics();
    let all = metrics.len() + 1;
    for (done, metric) in metrics.into_iter().enumerate() {
        done_of_all(done as f64 / all as f64);
        let forecasts = of(archive, &selector(metric)?, come.made_at, horizons)?;
        come.forecasts.extend(forecasts);
    }
    done_of_all((all - 1) as f64 / all as f64);
    come.exhaustion = archive.history.exhaustion(come.made_at)?;
    Ok(())
}
