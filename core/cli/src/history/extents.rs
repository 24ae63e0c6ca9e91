//! How far back the history reaches.

use super::{HistoryOptions, tier_name};
use crate::archive::Archive;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, number};
use crate::failure::Outcome;
use crate::outlet::Outlet;
use crate::status::time_of;

pub(super) fn perform(archive: &Archive, options: &HistoryOptions, out: &mut Outlet) -> Outcome {
    if options.json {
        return out.json(&archive.extents, options.pretty);
    }
    let mut page = Page::new(out.style());
    let mut table = Table::new(&[
        Column::text("TIER"),
        Column::text("FROM"),
        Column::text("TO"),
        Column::number("LASTS").dispensable(1),
        Column::number("ROWS"),
        Column::number("SIZE"),
    ])
    .indented(0);
    for extent in &archive.extents {
        let plain = |text: String| Line::of(Tone::Plain, text);
        let is_empty = extent.rows == 0;
        let time = |time: f64| match is_empty {
            true => Line::new(),
            false => plain(time_of(time)),
        };
        table.row(vec![
            Line::of(Tone::Label, tier_name(extent.tier)),
            time(extent.first),
            time(extent.last),
            match is_empty {
                true => Line::new(),
                false => plain(number::duration(extent.last - extent.first)),
            },
            plain(extent.rows.to_string()),
            plain(number::bytes(extent.bytes)),
        ]);
    }
    table.draw(&mut page);
    page.gap();
    let mut flow = Flow::new(&page, Line::new(), 0);
    flow.words(Tone::Quiet, &archive.history.path().display().to_string());
    flow.end(&mut page);
    out.draw(&page)
}
