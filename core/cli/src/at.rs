//! `usm at`: the whole state as it was at a moment.

use std::path::PathBuf;

use clap::Args;
use usm_core::Error;
use usm_core::history::PastState;
use usm_core::series::Tier;

use crate::archive::Archive;
use crate::draw::{Flow, Line, Page, Tone, number};
use crate::failure::{Failure, Outcome};
use crate::history::tier_name;
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::{Sort, picture, time_of};
use crate::when::moment;

const EXAMPLES: &str = "\
Examples:
  usm at \"2026-11-23 14:05\"              by this machine's clock
  usm at yesterday 14:05
  usm at 2h ago --processes 20 --sort memory
  usm at 2026-11-23T14:05:00Z --json | jq .state.metrics.cpu_percent
  usm at 14:05 --from incident.usm       of a recording

The picture is that of `usm status`; of the processes those that used most are kept. --json is
one object: asked (Unix seconds), tier, and state as in `usm status --json`.";

/// Show this machine as it was at a moment: the newest sample at or before it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AtOptions {
    /// When: "2026-11-23 14:05", 14:05, "yesterday 14:05", 2h or "2h ago", RFC 3339, Unix
    /// seconds.
    #[arg(value_name = "TIME", required = true)]
    time: Vec<String>,
    /// A recording or a database; the monitor's own unless given.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The moment and the whole state as one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
    /// How many processes to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    processes: usize,
    /// By what to sort the processes: CPU time, resident memory, or bytes read and written.
    #[arg(long, value_enum, default_value_t = Sort::Cpu)]
    sort: Sort,
}

pub(crate) fn perform(options: &AtOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let asked = moment("TIME", &options.time.join(" "))?;
    let archive = Archive::open(options.from.as_deref(), global)?;
    let past = archive.history.state_at(asked).map_err(|error| {
        let message = match &error {
            Error::NotFound { source, .. } => local(&source.to_string()),
            Error::InvalidArgument { .. } => error.to_string(),
            _ => return error.into(),
        };
        let hint = "`usm history --extents` tells from when to when the history reaches";
        Failure::new(&message, Some(hint))
    })?;
    if options.json {
        return out.json(&past, options.pretty);
    }
    let style = out.style();
    let mut page = Page::new(style);
    head(&past, &mut page);
    page.append(picture(&past.state, style, options.processes, options.sort));
    out.draw(&page)
}

/// A message with its times as the clock on the wall shows them.
pub(crate) fn local(message: &str) -> String {
    let word = |word: &str| {
        let time = word.trim_end_matches([';', ',', '.']);
        match time.parse::<jiff::Timestamp>() {
            Ok(stamp) if !stamp.is_zero() => {
                word.replace(time, &time_of(stamp.as_microsecond() as f64 / 1e6))
            }
            _ => word.to_string(),
        }
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// When it was, how far from the moment asked for, and how exact it is.
fn head(past: &PastState, page: &mut Page) {
    let first = Line::of(Tone::Strong, "As it was");
    let mut flow = Flow::new(page, first.and(Tone::Plain, " "), 0);
    flow.words(Tone::Strong, &time_of(past.state.timestamp));
    let before = past.asked - past.state.timestamp;
    let text = match past.tier {
        Tier::Raw if before < 0.95 => "· a sample of that moment".to_string(),
        Tier::Raw => format!(
            "· a sample, {} before {}",
            number::duration(before.round()),
            time_of(past.asked)
        ),
        tier => format!(
            "· the last values of {}, as samples are no longer kept; asked for {}",
            tier_name(tier),
            time_of(past.asked)
        ),
    };
    flow.words(Tone::Quiet, &text);
    flow.end(page);
    page.gap();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::State;

    fn headed(asked: f64, tier: Tier) -> String {
        let past = PastState {
            asked,
            state: State {
                timestamp: 1_795_442_400.0,
                ..State::default()
            },
            tier,
        };
        let mut page = Page::new(Style {
            width: 300,
            unicode: true,
            colour: false,
        });
        head(&past, &mut page);
        page.render()
    }

    #[test]
    fn a_message_tells_times_of_the_machines_own_zone() {
        let message = "nothing was recorded at 2026-11-23T14:05:00.5Z; the last is gone.";
        let wanted = format!(
            "nothing was recorded at {}; the last is gone.",
            time_of(1_795_442_700.5)
        );
        assert_eq!(local(message), wanted);
        let oldest = "nothing was recorded at 1970-01-01T00:00:00Z";
        assert_eq!(local(oldest), oldest);
    }

    #[test]
    fn the_head_tells_how_far_from_the_moment_and_how_exact_it_is() {
        assert!(headed(1_795_442_400.4, Tier::Raw).contains("a sample of that moment"));
        assert!(headed(1_795_442_405.2, Tier::Raw).contains("a sample, 5 s before 2026-11-"));
        let coarse = headed(1_795_442_700.0, Tier::TenMinutes);
        assert!(
            coarse.contains("the last values of rows of 10 min"),
            "{coarse}"
        );
    }
}
