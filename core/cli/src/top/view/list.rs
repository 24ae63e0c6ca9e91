//! A list with one entry chosen, its titles above it.

use ratatui_core::layout::Rect;

use super::canvas::Canvas;
use crate::draw::Page;
use crate::top::model::Room;

/// Draws a page whose first line are the titles, the entry `at` chosen; `first_of` tells which
/// entry is the first to show where so many fit.
pub(super) fn draw(
    page: &Page,
    at: usize,
    first_of: impl Fn(usize) -> usize,
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Room {
    let rows = usize::from(area.height).saturating_sub(1);
    let mut lines = page.lines().iter();
    if let Some(titles) = lines.next() {
        canvas.line(area, 0, titles);
    }
    let first = first_of(rows);
    for (row, line) in lines.skip(first).take(rows).enumerate() {
        match first + row == at {
            true => canvas.chosen(area, row + 1, line),
            false => canvas.line(area, row + 1, line),
        }
    }
    Room {
        rows,
        ..Room::default()
    }
}
