//! A report on a terminal.

use jiff::tz::TimeZone;
use usm_report::document::{Body, Card, Chart, Document, Item, Table, Tone as Meant};

use crate::draw::chart::{self, Marks};
use crate::draw::{Column, Flow, Line, Page, Table as Drawn, Tone, bar, notes};

/// Lines of text of a chart.
const ROWS: usize = 6;

/// Cells of a bar.
const BAR: usize = 12;

pub(super) fn drawn(document: &Document, mut page: Page, has_braille: bool) -> Page {
    let mut title = Line::of(Tone::Strong, &document.title);
    if let Some(host) = &document.host {
        title.push(Tone::Plain, " of ");
        title.push(Tone::Label, host);
    }
    page.push(title);
    page.push(Line::of(Tone::Quiet, &document.range));
    page.gap();
    for one in &document.cards {
        card(one, &mut page);
    }
    for section in &document.sections {
        match &section.body {
            // The table of alerts says the same in words.
            Body::Timeline(_) => continue,
            Body::Items(list) => {
                page.heading(&section.heading, "");
                items(list, &mut page);
            }
            Body::Charts(charts) => {
                for one in charts {
                    draw_chart(one, has_braille, &mut page);
                }
            }
            Body::Table(one) => {
                page.heading(&section.heading, "");
                table(one, &mut page);
            }
        }
    }
    if !document.notes.is_empty() {
        page.gap();
        notes(&document.notes, &mut page);
    }
    page
}

fn tone(meant: Meant) -> Tone {
    match meant {
        Meant::Plain => Tone::Plain,
        Meant::Good => Tone::Good,
        Meant::Warning => Tone::Warning,
        Meant::Bad => Tone::Bad,
    }
}

fn card(card: &Card, page: &mut Page) {
    let mut line = Line::of(Tone::Label, format!("  {}", card.label)).padded(16);
    let value = match card.tone {
        Meant::Plain => Tone::Strong,
        meant => tone(meant),
    };
    line.push(value, format!("{:>4}", card.value));
    line.push(Tone::Quiet, format!(" {}", card.unit));
    line = line.padded(36);
    if card.share.is_some() {
        line.append(bar(card.share, BAR, tone(card.tone), page.style()));
    }
    line = line.padded(36 + BAR + 2);
    line.push(Tone::Quiet, &card.detail);
    page.push(line);
}

fn items(items: &[Item], page: &mut Page) {
    for item in items {
        let mut flow = Flow::new(page, Line::of(tone(item.tone), "  ●"), 4);
        if !item.label.is_empty() {
            flow.words(tone(item.tone), &item.label);
        }
        flow.words(Tone::Plain, &item.text);
        if !item.detail.is_empty() {
            flow.words(
                Tone::Quiet,
                &format!("({})", item.detail.trim_end_matches('.')),
            );
        }
        flow.end(page);
    }
}

fn draw_chart(chart: &Chart, has_braille: bool, page: &mut Page) {
    let style = page.style();
    let marks = match style {
        _ if !style.colour && chart.lines.len() > 1 => Marks::Letters,
        _ if style.unicode && has_braille => Marks::Braille,
        _ => Marks::Points,
    };
    page.heading(&chart.title, "");
    for (place, line) in chart.lines.iter().enumerate() {
        let mut legend = Line::new().padded(2);
        if !line.name.is_empty() {
            let name = match marks {
                Marks::Letters => format!("{} {}: ", chart::letter(place), line.name),
                _ => format!("{}: ", line.name),
            };
            legend.push(chart::tone_of(place), name);
        }
        legend.push(Tone::Quiet, &line.figures);
        page.push(legend);
    }
    chart::Chart {
        times: &chart.times,
        series: chart.lines.iter().map(|line| &*line.mean).collect(),
        since: chart.range.0,
        until: chart.range.1,
        longest_link: 2.5 * chart.step_seconds,
        unit: chart.unit,
        rows: ROWS,
        marks,
        zone: &TimeZone::system(),
    }
    .draw(page);
}

fn table(table: &Table, page: &mut Page) {
    // The longest text gives way where there is little room.
    let length = |column: usize| {
        let texts = table.rows.iter().filter_map(|row| row.get(column));
        texts
            .map(|cell| cell.text.chars().count())
            .max()
            .unwrap_or(0)
    };
    let texts = (0..table.columns.len()).filter(|place| !table.columns[*place].is_number);
    let longest = texts.max_by_key(|place| length(*place));
    let mut drawn = Drawn::new(&[]);
    for (place, column) in table.columns.iter().enumerate() {
        let mut kind = match column.is_number {
            true => Column::number(""),
            false => Column::text(""),
        };
        if Some(place) == longest {
            kind = kind.flexible();
        }
        if column.is_minor {
            kind = kind.dispensable(1);
        }
        drawn = drawn.with_column(kind, &column.name.to_uppercase());
    }
    for row in &table.rows {
        let cells = row.iter().map(|cell| Line::of(tone(cell.tone), &cell.text));
        drawn.row(cells.collect());
    }
    drawn.draw(page);
    if table.left_out > 0 {
        let text = format!(
            "  and {} more: `usm export` writes them all",
            table.left_out
        );
        page.push(Line::of(Tone::Quiet, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;
    use usm_report::document::{Section, TableCell, TableColumn};

    fn column(name: &str, is_number: bool) -> TableColumn {
        TableColumn {
            name: name.into(),
            is_number,
            is_minor: false,
        }
    }

    #[test]
    fn a_report_is_drawn_within_the_width_and_can_not_steer_the_terminal() {
        let nasty = "\x1b[2J\u{202e}name that is very long indeed, longer than the line";
        let document = Document {
            title: "System health".into(),
            host: Some(nasty.into()),
            range: "then to now".into(),
            cards: vec![Card {
                label: "Health".into(),
                value: "57".into(),
                unit: "of 100".into(),
                share: Some(57.0),
                tone: Meant::Warning,
                ..Card::default()
            }],
            sections: vec![
                Section {
                    heading: "What happened".into(),
                    about: String::new(),
                    body: Body::Items(vec![Item {
                        label: "high".into(),
                        text: nasty.into(),
                        detail: "since noon".into(),
                        ..Item::default()
                    }]),
                },
                Section {
                    heading: "Alerts".into(),
                    about: String::new(),
                    body: Body::Table(Table {
                        columns: vec![column("Rule", false), column("Value", true)],
                        rows: vec![vec![TableCell::from(nasty), TableCell::from("91.5 %")]],
                        left_out: 7,
                        ..Table::default()
                    }),
                },
            ],
            ..Document::default()
        };
        let style = Style {
            width: 60,
            unicode: true,
            colour: false,
        };
        let text = drawn(&document, Page::new(style), true).render();
        assert!(!text.contains('\x1b'), "{text}");
        for part in [
            "System health of",
            "57 of 100",
            "● high",
            "(since noon)",
            "91.5 %",
            "and 7 more",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
