//! `usm history`: series over a range of time, as a chart, a table, CSV or JSON.

mod answer;
mod csv;
mod extents;
mod list;
mod metrics;
mod picture;
mod rows;
#[cfg(test)]
mod sample_table;
mod summary;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use usm_core::Error;
use usm_core::history::Aggregate;
use usm_core::series::Tier;

use crate::archive::Archive;
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::when::{Asked, now, stretch};
pub(crate) use answer::LIST;
pub(crate) use metrics::MetricParser;

pub(crate) use picture::tier_name;

const EXAMPLES: &str = "\
Examples:
  usm history cpu_percent                       a chart of the last hour
  usm history cpu_percent memory_percent --since 24h
  usm history 'core_busy_percent{core=\"0\"}' --since yesterday --until today
  usm history device_read_bytes_total --rate    a counter's increase per second
  usm history process_cpu_core_percent --top 5  the five that used most
  usm history core_busy_percent --combine max   the busiest core of each moment
  usm history process_rss_bytes --by name --combine sum
  usm history cpu_percent --since 7d --step 1h --aggregate p95 --json
  usm history cpu_percent --since 24h --csv > cpu.csv
  usm history --list memory                     which series there are
  usm history --extents                         from when to when, and how fine

A METRIC is a name, or a name{label=\"value\",other!=\"pat*\"}. Times: \"2026-11-23 14:05\",
14:05, \"yesterday 14:05\", 24h (before now), \"2h ago\", now, RFC 3339, Unix seconds.
In a terminal it is a chart, elsewhere a table. What was not recorded is a gap, never 0.

--json is one object: step_seconds, tiers, notes, times (Unix seconds), and columns with
name, metric, labels, unit, kind and values, null where nothing is known. --list --json is an
array of series (name, metric, labels, unit, kind, help), --extents --json one of tiers (tier,
first, last, rows, bytes). --csv has a column timestamp in Unix seconds and one for each series.";

/// Without --since, so much before the end.
const HOUR: f64 = 3600.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TierChoice {
    Raw,
    #[value(name = "10s", alias = "ten_seconds")]
    TenSeconds,
    #[value(name = "1min", alias = "minute")]
    Minute,
    #[value(name = "10min", alias = "ten_minutes")]
    TenMinutes,
}

impl From<TierChoice> for Tier {
    fn from(choice: TierChoice) -> Tier {
        match choice {
            TierChoice::Raw => Tier::Raw,
            TierChoice::TenSeconds => Tier::TenSeconds,
            TierChoice::Minute => Tier::Minute,
            TierChoice::TenMinutes => Tier::TenMinutes,
        }
    }
}

/// Show series of the past: as a chart, a table, CSV or JSON.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct HistoryOptions {
    /// The series; with --list words to look for.
    #[arg(value_name = "METRIC", value_parser = MetricParser, hide_possible_values = true)]
    metrics: Vec<String>,
    /// From this time on: an hour before the end unless given; of a named file its beginning.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,
    /// To before this time: now unless given; of a named file its end.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Width of a row, e.g. 10s, 1m, 1h; as it was recorded unless given, in a chart as wide
    /// as its dots.
    #[arg(long, value_name = "STRETCH", value_parser = stretch)]
    step: Option<f64>,
    /// How the values of a step become one: mean, min, max, last, sum, count, median, p95 …
    #[arg(long, value_name = "HOW", value_parser = aggregate)]
    aggregate: Option<Aggregate>,
    /// The increase per second of counters.
    #[arg(long)]
    rate: bool,
    /// Put series together that agree in these labels.
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',')]
    by: Option<Vec<String>>,
    /// How series that are put together become one (sum unless given); without --by all of a
    /// metric are put together.
    #[arg(long, value_name = "HOW", value_parser = aggregate)]
    combine: Option<Aggregate>,
    /// Only the N series of each metric with the highest mean.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Only from rows of this width.
    #[arg(long, value_name = "TIER", value_enum)]
    tier: Option<TierChoice>,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// As one JSON object in one line.
    #[arg(long, conflicts_with_all = ["csv", "plot", "table"])]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    /// As CSV.
    #[arg(long, conflicts_with_all = ["plot", "table"])]
    csv: bool,
    /// As a chart, also where the output is no terminal.
    #[arg(long, conflicts_with = "table")]
    plot: bool,
    /// As a table of rows, also in a terminal.
    #[arg(long)]
    table: bool,
    /// List the series that there are, with labels, unit and meaning.
    #[arg(long, conflicts_with_all = ["csv", "plot", "table", "step", "rate", "by", "top"])]
    list: bool,
    /// Show from when to when the history reaches, how fine it is and what it takes.
    #[arg(long, conflicts_with_all = ["metrics", "list", "csv", "plot", "table", "since", "until"])]
    extents: bool,
}

fn aggregate(text: &str) -> Result<Aggregate, String> {
    Aggregate::parse(text).map_err(|error| match error {
        Error::InvalidArgument { allowed, .. } => allowed,
        other => other.to_string(),
    })
}

pub(crate) fn perform(
    options: &HistoryOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    if options.metrics.is_empty() && !options.list && !options.extents {
        return Err(Failure::lacking(
            "name a METRIC, or say --list or --extents",
            EXAMPLES,
        ));
    }
    // What can't be understood is told before what is not there.
    let asked = Asked::of(options.since.as_deref(), options.until.as_deref())?;
    let selectors = match options.list {
        true => Vec::new(),
        false => answer::selectors(&options.metrics)?,
    };
    let archive = Archive::open(options.from.as_deref(), global)?;
    if options.extents {
        return extents::perform(&archive, options, out);
    }
    let held = archive.range();
    if options.list {
        let range = asked.or(|_| held.since, held.until)?;
        return list::perform(&archive, range, options, out);
    }
    let range = match archive.is_named {
        true => asked.or(|_| held.since, held.until)?,
        false => asked.or(|until| until - HOUR, now())?,
    };
    answer::perform(&archive, selectors, range, options, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_of_metrics_that_there_are() {
        let mut seen = 0;
        for line in EXAMPLES.lines() {
            let Some(words) = line.strip_prefix("  usm history ") else {
                continue;
            };
            for word in words.split("  ").next().unwrap_or_default().split(' ') {
                if word.starts_with('-') || !word.contains('_') {
                    continue;
                }
                let selected = answer::selectors(&[word.trim_matches('\'').to_string()]);
                assert!(selected.is_ok(), "{word}: {selected:?}");
                seen += 1;
            }
        }
        assert!(seen >= 8, "{seen}");
    }
}
