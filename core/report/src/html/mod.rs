//! A document as one HTML page that needs no other file: no script, no network, charts as SVG
//! within it. The templates escape what they are given.

mod clean;
mod drawing;

use std::io::Write;

use askama::Template;
use jiff::tz::TimeZone;
use usm_core::{Error, Result};

use crate::document::{Body, Document, Table, TableCell};
use crate::file::failed;
use clean::Clean;
use drawing::{Drawing, Rows};

/// Letters of a cell that is not broken into lines.
const SHORT: usize = 22;

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    document: &'a Document,
    version: &'static str,
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    id: String,
    heading: &'a str,
    about: &'a str,
    content: Content<'a>,
}

enum Content<'a> {
    Items(&'a [crate::document::Item]),
    Charts(Vec<Drawing>),
    Timeline(Rows),
    Table(Table),
}

/// Writes the page.
///
/// # Errors
/// `Io` with an empty path when `to` can't be written.
pub(crate) fn write(document: &Document, zone: &TimeZone, to: &mut dyn Write) -> Result<()> {
    let mut charts = 0;
    let sections = document
        .sections
        .iter()
        .enumerate()
        .map(|(place, section)| {
            let content = match &section.body {
                Body::Items(items) => Content::Items(items),
                Body::Charts(list) => {
                    let drawings = list.iter().map(|chart| {
                        charts += 1;
                        Drawing::of(chart, format!("chart-{charts}"), zone)
                    });
                    Content::Charts(drawings.collect())
                }
                Body::Timeline(timeline) => {
                    charts += 1;
                    Content::Timeline(Rows::of(timeline, format!("chart-{charts}"), zone))
                }
                Body::Table(table) => Content::Table(without_empty(table)),
            };
            Section {
                id: format!("section-{}", place + 1),
                heading: &section.heading,
                about: &section.about,
                content,
            }
        });
    let page = Page {
        document,
        version: usm_core::VERSION,
        sections: sections.collect(),
    };
    let mut clean = Clean { to, failure: None };
    let rendered = page.render_into(&mut clean);
    match (rendered, clean.failure) {
        (_, Some(error)) => Err(failed(error)),
        (Err(error), None) => Err(Error::Internal(format!("the page's template: {error}"))),
        (Ok(()), None) => Ok(()),
    }
}

/// The table without the columns in which nothing stands.
fn without_empty(table: &Table) -> Table {
    let is_empty = |place: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(place));
        cells.all(|cell| cell.text.is_empty())
    };
    let kept: Vec<usize> = (0..table.columns.len()).filter(|p| !is_empty(*p)).collect();
    let cells = |row: &Vec<TableCell>| kept.iter().filter_map(|p| row.get(*p).cloned()).collect();
    Table {
        caption: table.caption.clone(),
        columns: kept.iter().map(|p| table.columns[*p].clone()).collect(),
        rows: table.rows.iter().map(cells).collect(),
        left_out: table.left_out,
    }
}

/// How long a bar is, in percent, for a style.
fn percent(share: &f64) -> String {
    match share.is_finite() {
        true => format!("{:.1}", share.clamp(0.0, 100.0)),
        false => "0".into(),
    }
}

/// Classes of a cell: of a number, of what is short enough to stay in one line, and its tone.
fn class(table: &Table, place: &usize, cell: &TableCell) -> String {
    let is_number = table
        .columns
        .get(*place)
        .is_some_and(|column| column.is_number);
    let kind = match (is_number, cell.text.chars().nth(SHORT)) {
        (true, _) => "n ",
        (false, None) => "k ",
        (false, Some(_)) => "",
    };
    format!("{kind}{}", cell.tone.name())
}

#[cfg(test)]
mod tests;
