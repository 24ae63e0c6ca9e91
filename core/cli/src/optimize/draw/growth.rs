//! Folders that grew since the last look at them.

use usm_core::optimizer::Growth;

use super::{paragraph, plain, quiet};
use crate::draw::number::{bytes, duration};
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN};

pub(crate) fn growth(growth: &Growth, now: f64, page: &mut Page) {
    let folder = growth.folder.display();
    let size = bytes(growth.bytes);
    match growth.since {
        None => {
            let text = format!("{folder} holds {size}. This was the first look: look again later.");
            paragraph(page, 0, Tone::Plain, &text);
        }
        Some(since) if growth.grown.is_empty() => {
            let ago = duration(now - since);
            let text =
                format!("{folder} holds {size}. Nothing grew since the last look {ago} ago.");
            paragraph(page, 0, Tone::Plain, &text);
        }
        Some(since) => {
            let about = format!("{folder}, {size}, since {} ago", duration(now - since));
            page.heading("What grew", &about);
            table(growth, page);
        }
    }
    if growth.unreadable > 0 {
        let text = format!("{} folders could not be read.", growth.unreadable);
        paragraph(page, 0, Tone::Quiet, &text);
    }
}

fn table(growth: &Growth, page: &mut Page) {
    let mut table = Table::new(&[
        Column::number("GREW BY"),
        Column::number("A DAY").dispensable(1),
        Column::number("WAS").dispensable(2),
        Column::number("IS").dispensable(3),
        Column::text("FOLDER").flexible(),
    ]);
    for row in &growth.grown {
        let grown = bytes(row.after_bytes.saturating_sub(row.before_bytes));
        let daily = row.per_day.filter(|daily| daily.is_finite());
        table.row(vec![
            Line::of(Tone::Strong, grown),
            plain(daily.map_or_else(|| UNKNOWN.into(), |daily| bytes(daily.max(0.0) as u64))),
            quiet(bytes(row.before_bytes)),
            quiet(bytes(row.after_bytes)),
            plain(if row.path.is_empty() { "." } else { &row.path }),
        ]);
    }
    table.draw(page);
}
