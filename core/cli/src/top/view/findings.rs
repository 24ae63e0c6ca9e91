//! What is the matter: insights, incidents, unusual values, security, and what could be done.

use ratatui_core::layout::Rect;

use super::canvas::Canvas;
use crate::draw::{Flow, Line, Page, Tone};
use crate::news;
use crate::security::draw_one;
use crate::top::model::{Model, Room};
use crate::words::severity_tone;

pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) -> Room {
    let mut page = canvas.look.page(area.width);
    model.matter().draw(&mut page);
    security(model, &mut page);
    advice(model, &mut page);
    if !model.log.is_empty() {
        page.heading("What came and went", "since usm top began");
        for (time, piece) in &model.log {
            news::draw(std::slice::from_ref(piece), *time, &mut page);
        }
    }
    let rows = usize::from(area.height);
    // A page that begins with a heading begins with a gap.
    let gap = usize::from(page.lines().first().is_some_and(|line| line.width() == 0));
    let most_scroll = (page.lines().len() - gap).saturating_sub(rows);
    canvas.page(area, &page, gap + model.scroll.min(most_scroll));
    if most_scroll > 0 {
        let left = most_scroll - model.scroll.min(most_scroll);
        let text = format!(" {left} more lines ↓ ");
        let width = area.width.saturating_sub(20);
        let corner = Rect::new(width, area.bottom() - 1, 20, 1);
        if left > 0 {
            canvas.chosen(corner, 0, &Line::of(Tone::Plain, text));
        }
    }
    Room {
        rows,
        most_scroll,
        ..Room::default()
    }
}

fn security(model: &Model, page: &mut Page) {
    let findings = model.state.security.iter();
    let loud: Vec<_> = findings.filter(|one| !one.known && !one.allowed).collect();
    if loud.is_empty() {
        return;
    }
    page.heading("Security", "");
    for finding in loud {
        draw_one(finding, page);
    }
}

fn advice(model: &Model, page: &mut Page) {
    if model.state.recommendations.is_empty() {
        return;
    }
    page.heading("What you could do", "");
    for advice in model.state.recommendations.iter() {
        let mark = Line::of(severity_tone(advice.severity), "  ●");
        let mut flow = Flow::new(page, mark, 4);
        flow.words(Tone::Plain, &advice.text);
        if let Some(benefit) = &advice.benefit {
            flow.words(Tone::Good, benefit);
        }
        flow.end(page);
    }
}
