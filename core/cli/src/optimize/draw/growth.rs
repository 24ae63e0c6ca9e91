//! Folders that grew since the last look at them.

use serde_json::Value;

use super::{paragraph, plain, quiet};
use crate::draw::number::{bytes, maybe_bytes};
use crate::draw::{Column, Line, Page, Table, Tone, UNKNOWN};

/// `rows` is the serialised answer of `Optimizer::growth`.
pub(crate) fn growth(folder: &str, rows: &Value, page: &mut Page) {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        let text = format!(
            "Nothing below {folder} has grown since the last look, or this was the first: look \
             again later."
        );
        paragraph(page, 0, Tone::Plain, &text);
        return;
    }
    page.heading("What grew", folder);
    let mut table = Table::new(&[
        Column::number("GREW BY"),
        Column::number("A DAY").dispensable(1),
        Column::number("WAS").dispensable(2),
        Column::number("IS").dispensable(3),
        Column::text("FOLDER").flexible(),
    ]);
    for row in rows {
        let size = |name: &str| row.get(name).and_then(Value::as_u64);
        let (before, after) = (size("before_bytes"), size("after_bytes"));
        let grown = match (before, after) {
            (Some(before), Some(after)) if after < before => {
                format!("−{}", bytes(before - after))
            }
            (Some(before), Some(after)) => bytes(after - before),
            _ => UNKNOWN.into(),
        };
        let daily = row.get("bytes_per_day").and_then(Value::as_f64);
        let daily = match daily.filter(|d| d.is_finite()) {
            Some(daily) if daily < 0.0 => format!("−{}", bytes(-daily as u64)),
            Some(daily) => bytes(daily as u64),
            None => UNKNOWN.into(),
        };
        let path = row.get("path").and_then(Value::as_str).unwrap_or(UNKNOWN);
        table.row(vec![
            Line::of(Tone::Strong, grown),
            plain(daily),
            quiet(maybe_bytes(before)),
            quiet(maybe_bytes(after)),
            plain(path),
        ]);
    }
    table.draw(page);
}
