//! Alerts: those that last, then those that are over; and all about the one that is chosen.

use ratatui_core::layout::Rect;
use usm_core::alert::{Alert, AlertStatus};

use super::canvas::Canvas;
use super::{above, below, list, rows_of};
use crate::alerts::of_one;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, number};
use crate::found::Past;
use crate::status::time_of;
use crate::top::model::{Model, Room};
use crate::words::{alert_tone, count_of, unit_of, value_of};

/// Lines of the list that stay beside the details.
const LEAST_LIST: u16 = 8;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let listed = model.alerts_listed();
    let now = model.state.timestamp;
    let note = standing(model, canvas, area.width);
    let head = rows_of(note.lines().len());
    canvas.page(area, &note, 0);
    let rest = below(area, head);
    let at = model.alerts.at.min(listed.len().saturating_sub(1));
    let mut details = canvas.look.page(area.width);
    if let Some(chosen) = listed.get(at) {
        details.heading(&chosen.value.rule, "");
        of_one(chosen, now, &mut details);
    }
    let rows = rows_of(details.lines().len()).min(rest.height.saturating_sub(LEAST_LIST));
    canvas.page(below(rest, rest.height - rows), &details, 0);
    if listed.is_empty() {
        return Room::default();
    }
    let page = table(&listed, now, canvas.look.page(area.width));
    let first = |rows| model.alerts.first_of(rows, listed.len());
    list::draw(&page, at, first, above(rest, rest.height - rows), canvas)
}

/// Whose alerts they are, and whether any fires.
fn standing(model: &Model, canvas: &Canvas<'_>, width: u16) -> Page {
    let mut page = canvas.look.page(width);
    let mut flow = Flow::new(&page, Line::new(), 0);
    let fires = model
        .firing()
        .iter()
        .filter(|one| one.value.fired_at.is_some())
        .count();
    match fires {
        0 => flow.words(Tone::Good, "No alert fires."),
        n => flow.words(Tone::Strong, &format!("{}.", count_of(n, "fires", "fire"))),
    }
    let whose = match model.watched() {
        Some(_) => "They are those of the monitor of the data folder.",
        None => {
            "They are seen from here, since this began; `usm monitor --start` watches on and \
             remembers."
        }
    };
    flow.words(Tone::Quiet, whose);
    flow.end(&mut page);
    page
}

fn table(listed: &[Past<Alert>], now: f64, mut page: Page) -> Page {
    let mut table = Table::new(&[
        Column::text("SEVERITY"),
        Column::text("RULE").flexible(),
        Column::number("VALUE"),
        Column::text("STANDS"),
        Column::text("SINCE").dispensable(1),
        Column::number("FOR"),
        Column::text("SERIES").dispensable(2),
    ])
    .indented(0);
    for past in listed {
        let alert = &past.value;
        let is_over = past.row.closed_at.is_some();
        let tone = if is_over {
            Tone::Quiet
        } else {
            alert_tone(alert.severity)
        };
        let mark = if is_over { "○" } else { "●" };
        let begin = alert.fired_at.unwrap_or(alert.since);
        let end = past.row.closed_at.unwrap_or(now);
        let text = if is_over { Tone::Quiet } else { Tone::Plain };
        table.row(vec![
            Line::of(tone, format!("{mark} {}", alert.severity.name())),
            Line::of(text, &alert.rule),
            Line::of(text, value_of(alert.value, unit_of(&alert.series))),
            Line::of(text, standing_of(alert, is_over, now)),
            Line::of(Tone::Quiet, time_of(begin)),
            Line::of(text, number::duration((end - begin).max(0.0))),
            Line::of(Tone::Quiet, alert.series.to_string()),
        ]);
    }
    table.draw(&mut page);
    page
}

fn standing_of(alert: &Alert, is_over: bool, now: f64) -> &'static str {
    match alert.status {
        _ if is_over => "over",
        AlertStatus::Resolved => "over",
        AlertStatus::Pending => "pending",
        _ if alert.silenced_until.is_some_and(|until| until > now) => "silenced",
        _ if alert.acknowledged.is_some() => "acknowledged",
        AlertStatus::Firing => "fires",
        AlertStatus::NoData => "no data",
    }
}
