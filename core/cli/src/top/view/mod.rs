//! The picture: pure functions of the model. Each view draws its part of the buffer, and
//! answers how much room its list has.

mod alerts;
mod canvas;
mod details;
mod dialog;
mod findings;
mod forecasts;
mod frame;
mod history;
mod list;
mod live;
mod overview;
mod process_table;
mod processes;
#[cfg(test)]
mod tests;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use super::model::{Model, Room, View};
use crate::draw::{Line, Tone};
use canvas::Canvas;
pub(super) use canvas::Look;
pub(super) use frame::tab_width;
pub(super) use processes::FIRST_PROCESS;

/// The least that everything can be told in.
const LEAST_COLUMNS: u16 = 80;
const LEAST_ROWS: u16 = 24;

/// Lines of the head: the machine, and the views.
const HEAD: u16 = 2;

pub(super) fn draw(model: &Model, look: Look, buffer: &mut Buffer) -> Room {
    let area = buffer.area;
    let mut canvas = Canvas::new(buffer, look);
    if area.width < LEAST_COLUMNS || area.height < LEAST_ROWS {
        too_small(area, &mut canvas);
        return model.room;
    }
    frame::head(model, &mut canvas);
    let body = Rect::new(0, HEAD, area.width, area.height - HEAD - 1);
    let room = match model.view {
        View::Overview => overview::draw(model, body, &mut canvas),
        View::Processes => processes::draw(model, body, &mut canvas),
        View::Alerts => alerts::draw(model, body, &mut canvas),
        View::Forecasts => forecasts::draw(model, body, &mut canvas),
        View::History => history::draw(model, body, &mut canvas),
        View::Findings => findings::draw(model, body, &mut canvas),
    };
    frame::foot(
        model,
        Rect::new(0, area.height - 1, area.width, 1),
        &mut canvas,
    );
    if let Some(open) = &model.dialog {
        dialog::draw(open, model.is_demo, body, &mut canvas);
    }
    if model.has_help {
        frame::help(model, body, &mut canvas);
    }
    room
}

fn too_small(area: Rect, canvas: &mut Canvas<'_>) {
    let lines = [
        format!("usm top needs {LEAST_COLUMNS} x {LEAST_ROWS};"),
        format!("this window: {} x {}", area.width, area.height),
        "q quits".into(),
    ];
    for (row, text) in lines.iter().enumerate() {
        canvas.line(area, row, &Line::of(Tone::Plain, text));
    }
}

/// An area's part from a row on.
fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect::new(area.x, area.y + rows, area.width, area.height - rows)
}

/// An area's first rows.
fn above(area: Rect, rows: u16) -> Rect {
    Rect::new(area.x, area.y, area.width, rows.min(area.height))
}

/// Left and right of an area, a gap between them.
fn beside(area: Rect, left: u16, gap: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    let start = left.saturating_add(gap).min(area.width);
    (
        Rect::new(area.x, area.y, left, area.height),
        Rect::new(area.x + start, area.y, area.width - start, area.height),
    )
}

fn rows_of(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}
