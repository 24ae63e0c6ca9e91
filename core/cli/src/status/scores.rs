//! The three scores as bars, each with what took points off.

use usm_core::State;
use usm_core::judge::{Score, ScorePart};

use super::{GUTTER, bar_cells, label};
use crate::draw::{Flow, Line, Page, Tone, UNKNOWN, bar};

/// Losses smaller than this are not worth a word.
const LEAST_LOSS: f64 = 0.5;

pub(super) fn draw(state: &State, page: &mut Page) {
    page.gap();
    entry("Health", &state.scores.health, page);
    entry("Performance", &state.scores.performance, page);
    entry("Security", &state.scores.security, page);
}

fn entry(name: &str, score: &Score, page: &mut Page) {
    let tone = match score.value {
        Some(value) if value >= 70.0 => Tone::Good,
        Some(value) if value >= 40.0 => Tone::Warning,
        Some(_) => Tone::Bad,
        None => Tone::Quiet,
    };
    let cells = bar_cells(page);
    let number = score
        .value
        .map_or_else(|| UNKNOWN.into(), |value| format!("{value:.0}"));
    let mut line = label(name).padded(GUTTER);
    line.append(bar(score.value, cells, tone, page.style()));
    let line = line
        .padded(GUTTER + cells)
        .and(tone, format!("{number:>5}"));
    let indent = line.width() + 5;
    let mut flow = Flow::new(page, line, indent);
    let mut losses: Vec<(&ScorePart, f64)> = score
        .parts
        .iter()
        .filter_map(|part| {
            part.loss
                .filter(|loss| *loss >= LEAST_LOSS)
                .map(|loss| (part, loss))
        })
        .collect();
    losses.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (part, loss) in losses {
        let line = Line::of(Tone::Quiet, format!("−{loss:.0} "));
        flow.add(line.and(Tone::Plain, reason(part)));
    }
    if score.value.is_none() {
        flow.add(Line::of(Tone::Quiet, "nothing of it can be read"));
    }
    flow.end(page);
}

/// The input of a score in words, with its value.
fn reason(part: &ScorePart) -> String {
    let (words, unit) = match &*part.name {
        "cpu_percent" => ("processors", " %"),
        "memory_percent" => ("memory", " %"),
        "disk_percent" => ("root file system", " %"),
        "load_average_per_cpu" => ("load per processor", ""),
        "pressure_cpu_some_percent" => ("waiting for processors", " %"),
        "pressure_memory_some_percent" => ("waiting for memory", " %"),
        "pressure_io_full_percent" => ("waiting for disks", " %"),
        "throttled_percent" => ("held back by its quota", " %"),
        other => (other, ""),
    };
    match part.input {
        Some(input) if unit.is_empty() => format!("{words} {input:.1}"),
        Some(input) => format!("{words} {input:.0}{unit}"),
        None => words.to_string(),
    }
}
