//! An answer as charts, one for each unit, with a table of the series below each.

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use usm_core::history::{Aggregate, Table as Answer, TableColumn};
use usm_core::series::{Kind, Tier, Unit, catalog};

use super::HistoryOptions;
use super::summary::{Extremes, Summary};
use crate::draw::chart::{Chart, Marks, letter, tone_of};
use crate::draw::quantity::quantity;
use crate::draw::{Column, Flow, Line, Page, Style, Table, Tone, notes};
use crate::failure::Outcome;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::when::{Range, in_words};

/// Most lines in one chart: as many as there are colours.
const MOST_LINES: usize = 6;

/// Most series in the table below a chart.
const MOST_SERIES: usize = 20;

/// Lines of text that a chart has at least, at most, and where no terminal tells.
const LEAST_ROWS: usize = 4;
const MOST_ROWS: usize = 16;
const ROWS: usize = 12;

/// Columns of the axis of values, nearly.
const GUTTER: usize = 10;

/// Dots that a chart has across, nearly.
pub(super) fn dots_across(out: &Outlet) -> usize {
    let style = out.style();
    let columns = style.width.saturating_sub(GUTTER).max(10);
    columns * marks(style, 1, out.has_braille()).dots().0
}

fn marks(style: Style, series: usize, has_braille: bool) -> Marks {
    match style {
        Style { colour: false, .. } if series > 1 => Marks::Letters,
        Style { unicode: true, .. } if has_braille => Marks::Braille,
        _ => Marks::Points,
    }
}

/// What a picture is made with, besides the answer.
#[derive(Debug)]
struct Look<'a> {
    range: Range,
    extremes: Option<&'a Extremes>,
    has_braille: bool,
    /// Lines of the terminal.
    height: Option<usize>,
    zone: &'a TimeZone,
}

pub(super) fn draw(
    answer: &Answer,
    extremes: Option<&Extremes>,
    range: Range,
    options: &HistoryOptions,
    out: &mut Outlet,
) -> Outcome {
    let look = Look {
        range,
        extremes,
        has_braille: out.has_braille(),
        height: out.height().filter(|_| out.is_terminal()),
        zone: &TimeZone::system(),
    };
    let mut page = Page::new(out.style());
    charts(answer, &look, &mut page);
    foot(answer, range, options, &mut page);
    out.draw(&page)
}

fn charts(answer: &Answer, look: &Look<'_>, page: &mut Page) {
    let panels = panels(answer);
    let rows = rows_of_a_chart(&panels, look.height);
    for (unit, columns) in panels {
        panel(answer, unit, &columns, rows, look, page);
    }
}

/// The columns by unit, in the order in which the units appear.
fn panels(answer: &Answer) -> Vec<(Unit, Vec<&TableColumn>)> {
    let mut panels: Vec<(Unit, Vec<&TableColumn>)> = Vec::new();
    for column in &answer.columns {
        match panels.iter_mut().find(|(unit, _)| *unit == column.unit) {
            Some((_, columns)) => columns.push(column),
            None => panels.push((column.unit, vec![column])),
        }
    }
    panels
}

/// As many lines for each chart as the terminal holds.
fn rows_of_a_chart(panels: &[(Unit, Vec<&TableColumn>)], height: Option<usize>) -> usize {
    let Some(height) = height else { return ROWS };
    // Heading with its gap, axis of time, titles of the table; at the end foot and prompt.
    let table = |columns: &Vec<&TableColumn>| columns.len().min(MOST_SERIES);
    let others: usize = panels.iter().map(|(_, columns)| 5 + table(columns)).sum();
    let left = height.saturating_sub(others + 4);
    (left / panels.len().max(1)).clamp(LEAST_ROWS, MOST_ROWS)
}

fn panel(
    answer: &Answer,
    unit: Unit,
    columns: &[&TableColumn],
    rows: usize,
    look: &Look<'_>,
    page: &mut Page,
) {
    let mut series: Vec<(&TableColumn, Summary)> = columns
        .iter()
        .map(|column| (*column, Summary::of(column, look.extremes)))
        .collect();
    if series.len() > MOST_LINES {
        // Those that matter most; what is unknown comes last.
        let rank = |summary: &Summary| match summary.mean.is_nan() {
            true => f64::NEG_INFINITY,
            false => summary.mean,
        };
        series.sort_by(|a, b| rank(&b.1).total_cmp(&rank(&a.1)));
    }
    let drawn = series.len().min(MOST_LINES);
    heading(columns, page);
    let chart = Chart {
        times: &answer.times,
        series: series[..drawn].iter().map(|(c, _)| &*c.values).collect(),
        since: look.range.since,
        until: look.range.until,
        longest_link: longest_link(answer, &series[..drawn]),
        unit,
        rows,
        marks: marks(page.style(), drawn, look.has_braille),
        zone: look.zone,
    };
    chart.draw(page);
    table(&series, drawn, chart.marks, page);
}

/// Names of the metrics, and what is measured when it is one.
fn heading(columns: &[&TableColumn], page: &mut Page) {
    let mut metrics: Vec<&str> = columns.iter().map(|c| c.key.metric.as_str()).collect();
    metrics.dedup();
    let about = match metrics.as_slice() {
        [metric] => catalog::by_name(metric).map_or("", |metric| metric.help),
        _ => "",
    };
    page.heading(&metrics.join(", "), about);
}

fn table(series: &[(&TableColumn, Summary)], drawn: usize, marks: Marks, page: &mut Page) {
    let mut table = Table::new(&[
        Column::text(""),
        Column::text("SERIES").flexible(),
        Column::number("MIN").dispensable(2),
        Column::number("MEAN"),
        Column::number("MAX"),
        Column::number("LAST").dispensable(1),
    ]);
    let first = series.first().map(|(column, _)| &column.key.metric);
    let is_one_metric = series.iter().all(|(c, _)| Some(&c.key.metric) == first);
    for (place, (column, summary)) in series.iter().take(MOST_SERIES).enumerate() {
        let mark = match (place < drawn, marks) {
            (false, _) => Line::new(),
            (true, Marks::Letters) => Line::of(tone_of(place), letter(place).to_string()),
            (true, _) => Line::of(tone_of(place), "●"),
        };
        let value = |value: f64| Line::of(Tone::Plain, quantity(value, column.unit));
        table.row(vec![
            mark,
            Line::of(Tone::Label, name(column, is_one_metric)),
            value(summary.least),
            value(summary.mean),
            value(summary.greatest),
            value(summary.last),
        ]);
    }
    table.draw(page);
    let mut say = |text: String| {
        let mut flow = Flow::new(page, Line::new(), 2);
        flow.words(Tone::Quiet, &text);
        flow.end(page);
    };
    let left = series.len().saturating_sub(MOST_SERIES);
    match series.len() > drawn {
        true if left > 0 => say(format!(
            "The {drawn} highest of {} are drawn, {left} more are not listed: --top N, --by LABEL \
             or a label in braces chooses.",
            series.len()
        )),
        true => say(format!("The {drawn} highest are drawn: --top N chooses.")),
        false => {}
    }
}

/// The series without what the heading says already.
pub(super) fn name(column: &TableColumn, is_one_metric: bool) -> String {
    match column.key.labels.as_slice() {
        [] => column.key.metric.clone(),
        labels if is_one_metric => labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" "),
        _ => column.key.to_string(),
    }
}

/// Seconds between two values beyond which there is a gap: when nearly all steps have a
/// value, one that has none is a gap; otherwise the steps are finer than the samples, and a
/// gap is what is far longer than the usual distance.
fn longest_link(answer: &Answer, series: &[(&TableColumn, Summary)]) -> f64 {
    let mut distances: Vec<f64> = Vec::new();
    for (column, _) in series {
        let known = answer.times.iter().zip(&column.values);
        let times: Vec<f64> = known
            .filter(|(_, value)| value.is_finite())
            .map(|(time, _)| *time)
            .collect();
        distances.extend(times.windows(2).map(|pair| pair[1] - pair[0]));
    }
    distances.sort_by(f64::total_cmp);
    let usual = distances.get(distances.len() * 4 / 5).copied();
    let step = answer.step_seconds.unwrap_or(0.0);
    match usual {
        Some(usual) if usual > 1.01 * step => 2.5 * usual,
        _ => 1.5 * step,
    }
}

fn foot(answer: &Answer, range: Range, options: &HistoryOptions, page: &mut Page) {
    let mut text = format!("{} to {}", time_of(range.since), time_of(range.until));
    if let Some(step) = answer.step_seconds {
        let how = aggregate_name(options.aggregate.unwrap_or_default());
        text.push_str(&format!(" · {how} of each {}", in_words(step)));
    }
    if options.rate {
        text.push_str(" · increase per second");
    }
    let tiers: Vec<&str> = answer.tiers.iter().map(|tier| tier_name(*tier)).collect();
    if !tiers.is_empty() {
        text.push_str(&format!(" · from {}", tiers.join(", ")));
    }
    page.gap();
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(Tone::Quiet, &text);
    flow.end(page);
    let is_counter = |column: &TableColumn| column.kind == Kind::Counter;
    if !options.rate && answer.columns.iter().any(is_counter) {
        notes(
            &["A counter only grows: --rate shows its increase per second."],
            page,
        );
    }
    notes(&answer.notes, page);
}

fn aggregate_name(aggregate: Aggregate) -> String {
    match aggregate {
        Aggregate::Mean => "mean".into(),
        Aggregate::Min => "least".into(),
        Aggregate::Max => "greatest".into(),
        Aggregate::Last => "last".into(),
        Aggregate::Sum => "sum".into(),
        Aggregate::Count => "number of samples".into(),
        Aggregate::Quantile(part) => format!("{}th percentile", 100.0 * part),
    }
}

/// What the rows of a tier are.
pub(crate) fn tier_name(tier: Tier) -> &'static str {
    match tier {
        Tier::Raw => "samples",
        Tier::TenSeconds => "rows of 10 s",
        Tier::Minute => "rows of 1 min",
        Tier::TenMinutes => "rows of 10 min",
    }
}
