//! How far back the history reaches.

use std::path::Path;

use usm_core::history::TierExtent;

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
    draw(&archive.extents, archive.history.path(), &mut page);
    out.draw(&page)
}

fn draw(extents: &[TierExtent], path: &Path, page: &mut Page) {
    let mut table = Table::new(&[
        Column::text("TIER"),
        Column::text("FROM"),
        Column::text("TO"),
        Column::number("LASTS").dispensable(1),
        Column::number("ROWS"),
        Column::number("SIZE"),
    ])
    .indented(0);
    for extent in extents {
        let plain = |text: String| Line::of(Tone::Plain, text);
        let is_empty = extent.rows == 0;
        let time = |time: f64| match is_empty {
            true => Line::new(),
            false => plain(time_of(time)),
        };
        table.row(vec![
            // Short, so that the whole row fits into 80 columns.
            Line::of(
                Tone::Label,
                tier_name(extent.tier).trim_start_matches("rows of "),
            ),
            time(extent.first),
            time(extent.last),
            match is_empty {
                true => Line::new(),
                false => plain(number::lasting(extent.last - extent.first)),
            },
            plain(extent.rows.to_string()),
            plain(number::bytes(extent.bytes)),
        ]);
    }
    table.draw(page);
    page.gap();
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(Tone::Quiet, &path.display().to_string());
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_core::series::Tier;

    #[test]
    fn ten_years_fit_into_80_columns() {
        let mut page = Page::new(Style {
            width: 80,
            unicode: true,
            colour: false,
        });
        let extent = |tier| TierExtent {
            tier,
            first: 1_795_442_400.0,
            last: 1_795_442_400.0 + 3653.0 * 86_400.0,
            rows: 31_536_000,
            bytes: 1_073_741_823,
        };
        draw(&Tier::ALL.map(extent), Path::new("year.usm"), &mut page);
        let text = page.render();
        assert_eq!(text.matches("31536000  1.0 GiB\n").count(), 4, "{text}");
        assert!(text.contains("10 min   20"), "{text}");
    }
}
