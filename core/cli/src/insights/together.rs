//! Which metrics moved together, worked out of the history: the database holds the samples,
//! not the comparisons.

use std::time::{Duration, Instant};

use usm_core::history::Replay;
use usm_core::judge::Correlation;

use crate::archive::{self, Archive};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, UNKNOWN, number};
use crate::failure::Outcome;
use crate::interrupt::Interrupt;
use crate::options::GlobalOptions;
use crate::progress::ProgressLine;
use crate::status::time_of;

/// Two hours are compared at a time; what is before them settles the models.
const PAST_SECONDS: f64 = 9000.0;

/// How often the line that tells how far it is is written anew.
const SAY: Duration = Duration::from_millis(200);

pub(super) fn of_history(
    global: &GlobalOptions,
    notes: &mut Vec<String>,
) -> Outcome<Vec<Correlation>> {
    let archive = Archive::open(None, global)?;
    let held = archive.range();
    let since = held.since.max(held.until - PAST_SECONDS);
    let mut replay = Replay::open(archive::file(None, global)?, since, held.until)?;
    let all = replay.len();
    let interrupt = Interrupt::listen()?;
    let line = ProgressLine::new();
    let mut said = Instant::now();
    let mut found = Vec::new();
    let mut done: u64 = 0;
    for state in &mut replay {
        let state = state?;
        done += 1;
        found = state.correlations.to_vec();
        if said.elapsed() >= SAY {
            said = Instant::now();
            line.share("comparing", done as f64 / all.max(1) as f64);
        }
        if interrupt.came() {
            notes.push("Interrupted: not all of the past was compared.".into());
            break;
        }
    }
    notes.push(format!(
        "Metrics were compared from {} to {}.",
        time_of(since),
        time_of(held.until)
    ));
    Ok(found)
}

pub(super) fn draw(correlations: &[Correlation], page: &mut Page) {
    if correlations.is_empty() {
        let text = "None that would not be found by chance among so many pairs.";
        let mut flow = Flow::new(page, Line::new(), 2);
        flow.words(Tone::Plain, text);
        flow.end(page);
        return;
    }
    let mut table = Table::new(&[
        Column::number("COEFFICIENT"),
        Column::text("MOVES FIRST"),
        Column::number("LATER BY"),
        Column::text("FOLLOWS").flexible(),
        Column::number("BY CHANCE").dispensable(1),
    ]);
    for pair in correlations {
        let lag = match pair.lag_seconds {
            0.0 => String::new(),
            lag => number::duration(lag),
        };
        table.row(vec![
            Line::of(Tone::Plain, format!("{:+.2}", pair.coefficient)),
            Line::of(Tone::Label, pair.leader.to_string()),
            Line::of(Tone::Plain, lag),
            Line::of(Tone::Label, pair.follower.to_string()),
            Line::of(Tone::Quiet, chance(pair.p_value)),
        ]);
    }
    table.draw(page);
}

/// How often unrelated metrics would look like that.
fn chance(p_value: f64) -> String {
    match p_value {
        p if !p.is_finite() => UNKNOWN.into(),
        p if p < 0.000_1 => "< 0.01 %".into(),
        p => format!("{:.2} %", 100.0 * p),
    }
}
