//! Any metric over any time: the metrics at the left, a chart of the chosen one at the right.

use jiff::tz::TimeZone;
use ratatui_core::layout::Rect;
use usm_core::history::Table as Answer;
use usm_core::series::{Metric, Unit};

use super::canvas::Canvas;
use super::{above, below, beside, rows_of};
use crate::draw::chart::{Chart, letter};
use crate::draw::quantity::quantity;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, fit, notes};
use crate::status::time_of;
use crate::top::model::trail::Trail;
use crate::top::model::{Model, Room};
use crate::when::{Range, in_words};

/// Columns beside a chart's lines, nearly, and lines below them.
const GUTTER: u16 = 12;
const AXIS: usize = 2;

/// A chart has at least so many lines.
const LEAST_ROWS: usize = 5;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let (left, right) = beside(area, (area.width / 4).clamp(26, 38), 1);
    let rows = names(model, left, canvas);
    let marks = canvas.look.marks(1);
    let steps = usize::from(right.width.saturating_sub(GUTTER)) * marks.dots().0;
    if let Some(metric) = model.past.metric() {
        one(model, metric, right, canvas);
    }
    Room {
        rows,
        steps,
        ..Room::default()
    }
}

fn names(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> usize {
    let past = &model.past;
    let metrics = past.metrics();
    let title = match past.filter.is_empty() {
        true => Line::of(Tone::Quiet, format!("{} metrics", metrics.len())),
        false => Line::of(Tone::Strong, format!("{} match ", metrics.len()))
            .and(Tone::Label, format!("/{}", past.filter.text())),
    };
    canvas.line(area, 0, &title);
    let rest = below(area, 1);
    let rows = usize::from(rest.height);
    let first = past.place.first_of(rows, metrics.len());
    for (row, metric) in metrics.iter().skip(first).take(rows).enumerate() {
        let line = Line::of(Tone::Plain, fit(metric.name, usize::from(area.width)));
        match first + row == past.place.at {
            true => canvas.chosen(rest, row, &line),
            false => canvas.line(rest, row, &line),
        }
    }
    rows
}

fn one(model: &Model, metric: &'static Metric, area: Rect, canvas: &mut Canvas<'_>) {
    let past = &model.past;
    let mut head = canvas.look.page(area.width);
    let mut flow = Flow::new(&head, Line::new(), 0);
    flow.words(Tone::Strong, metric.name);
    flow.words(Tone::Quiet, metric.help);
    flow.end(&mut head);
    let shown = past
        .shown
        .as_deref()
        .filter(|shown| shown.asked.metric == metric.name);
    let mut line = Line::of(Tone::Plain, format!("{} ", in_words(past.seconds())));
    let stands = |is_live: bool| match is_live {
        true => (Tone::Good, " live"),
        false => (Tone::Warning, " the past; e is live"),
    };
    if let Some(shown) = shown {
        let (tone, word) = stands(past.is_live());
        line.push(Tone::Quiet, format!("to {}", time_of(shown.range.until)));
        line.push(tone, word);
    }
    head.push(line);
    let rows = rows_of(head.lines().len());
    canvas.page(above(area, rows), &head, 0);
    let rest = below(area, rows);
    match (shown, &past.problem) {
        (Some(shown), _) => {
            answer(&shown.table, shown.range, rest, canvas);
        }
        (None, Some(problem)) => of_trail(model, metric, problem, rest, canvas),
        (None, None) => {
            canvas.line(rest, 0, &Line::of(Tone::Quiet, "being read…"));
        }
    }
}

fn answer(table: &Answer, range: Range, area: Rect, canvas: &mut Canvas<'_>) {
    let mut below_it = canvas.look.page(area.width);
    if table.columns.is_empty() {
        below_it.push(Line::of(
            Tone::Quiet,
            "Nothing was recorded of it in this time.",
        ));
        canvas.page(area, &below_it, 0);
        return;
    }
    let has_colour = canvas.look.colour;
    let mut list = Table::new(&[
        Column::text(""),
        Column::text("SERIES").flexible(),
        Column::number("LAST"),
        Column::number("LEAST").dispensable(2),
        Column::number("MEAN"),
        Column::number("MOST").dispensable(1),
    ])
    .indented(0);
    for (at, column) in table.columns.iter().enumerate() {
        let summary = column.summary();
        let value = |value: Option<f64>| {
            Line::of(
                Tone::Plain,
                quantity(value.unwrap_or(f64::NAN), column.unit),
            )
        };
        let mark = if has_colour {
            "●".to_string()
        } else {
            letter(at).to_string()
        };
        let tone = Tone::Series(u8::try_from(at).unwrap_or(u8::MAX));
        list.row(vec![
            Line::of(tone, mark),
            Line::of(Tone::Label, column.key.to_string()),
            value(summary.last),
            value(summary.min),
            value(summary.mean),
            value(summary.max),
        ]);
    }
    list.draw(&mut below_it);
    notes(&table.notes, &mut below_it);
    let series: Vec<&[f64]> = table.columns.iter().map(|c| c.values.as_slice()).collect();
    let unit = table.columns[0].unit;
    let step = table.step_seconds.unwrap_or(1.0);
    chart(
        &table.times,
        series,
        range,
        unit,
        step,
        below_it,
        area,
        canvas,
    );
}

/// Where there is no history: what was seen since this began.
fn of_trail(
    model: &Model,
    metric: &'static Metric,
    problem: &str,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let mut below_it = canvas.look.page(area.width);
    let mut flow = Flow::new(&below_it, Line::new(), 0);
    let values = model.trail.values(metric.name);
    flow.words(Tone::Warning, problem);
    match values.is_empty() {
        false => flow.words(Tone::Quiet, "This is what was seen since usm top began."),
        true => {
            let names: Vec<&str> = Trail::names().collect();
            let text = format!("Since usm top began these were seen: {}.", names.join(", "));
            flow.words(Tone::Quiet, &text);
        }
    }
    flow.end(&mut below_it);
    if values.is_empty() {
        canvas.page(area, &below_it, 0);
        return;
    }
    let until = model.state.timestamp;
    let range = Range {
        since: until - model.past.seconds(),
        until,
    };
    let times = model.trail.times();
    let step = model.interval;
    chart(
        times,
        vec![values],
        range,
        metric.unit,
        step,
        below_it,
        area,
        canvas,
    );
}

/// A chart with a text below it.
#[allow(clippy::too_many_arguments)] // Each of them is a thing of its own.
fn chart(
    times: &[f64],
    series: Vec<&[f64]>,
    range: Range,
    unit: Unit,
    step: f64,
    below_it: Page,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let text = below_it.lines().len();
    let rows = usize::from(area.height)
        .saturating_sub(text + AXIS)
        .max(LEAST_ROWS);
    let mut page = canvas.look.page(area.width);
    let chart = Chart {
        times,
        marks: canvas.look.marks(series.len()),
        series,
        since: range.since,
        until: range.until,
        longest_link: 3.0 * step + 1.0,
        unit,
        rows,
        zone: &TimeZone::system(),
    };
    chart.draw(&mut page);
    page.append(below_it);
    canvas.page(area, &page, 0);
}
