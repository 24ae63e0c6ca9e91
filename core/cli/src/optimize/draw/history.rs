//! What was done before: one line for each entry.

use usm_core::optimizer::HistoryEntry;

use super::{labelled, paragraph, plain, quiet, words};
use crate::draw::{Column, Line, Page, Table, Tone, number};
use crate::status::time_of;

pub(crate) fn history(entries: &[HistoryEntry], page: &mut Page) {
    if entries.is_empty() {
        paragraph(page, 0, Tone::Plain, "Nothing was done so far.");
        return;
    }
    page.heading("History", "newest first");
    let mut table = Table::new(&[
        Column::text("WHEN"),
        Column::number("ACTION"),
        Column::text("WHAT"),
        Column::text("ON").dispensable(3),
        Column::text("BEFORE → AFTER").dispensable(1),
        Column::number("BETTER BY").dispensable(2),
        Column::text("VERDICT").dispensable(4),
        Column::text("STATUS"),
        Column::text("WHY").flexible().dispensable(5),
    ]);
    for entry in entries {
        let verdict = entry.verdict.as_deref().unwrap_or_default();
        table.row(vec![
            quiet(time_of(entry.created_at)),
            plain(
                entry
                    .action_id
                    .map_or_else(String::new, |id| id.to_string()),
            ),
            Line::of(Tone::Strong, &entry.optimization_type),
            plain(&entry.target_component),
            plain(change(entry)),
            words::improvement(entry.improvement_percentage),
            Line::of(words::state_tone(verdict), words::spoken(verdict)),
            Line::of(
                words::state_tone(&entry.status),
                words::spoken(&entry.status),
            ),
            quiet(entry.reason.as_deref().unwrap_or_default()),
        ]);
    }
    table.draw(page);
    page.gap();
    let text = "`usm optimize --explain ACTION` tells all about one.";
    paragraph(page, 0, Tone::Quiet, text);
}

/// One entry over as many lines as it needs, for a run that is followed.
pub(crate) fn entry(entry: &HistoryEntry, page: &mut Page) {
    let mut line = quiet(time_of(entry.created_at)).and(Tone::Plain, "  ");
    line.push(
        words::state_tone(&entry.status),
        words::spoken(&entry.status),
    );
    line.push(Tone::Plain, "  ");
    let mut text = format!("{} on {}", entry.optimization_type, entry.target_component);
    let change = change(entry);
    if !change.is_empty() {
        text.push_str(&format!(", {change}"));
    }
    if let Some(verdict) = &entry.verdict {
        text.push_str(&format!(", {}", words::spoken(verdict)));
    }
    if let Some(reason) = entry.reason.as_deref().filter(|r| !r.is_empty()) {
        text.push_str(&format!(": {reason}"));
    }
    labelled(page, line, 4, Tone::Plain, &text);
}

/// The metric is not told, so no unit.
fn change(entry: &HistoryEntry) -> String {
    match (entry.before_value, entry.after_value) {
        (None, None) => String::new(),
        (before, after) => format!(
            "{} → {}",
            number::decimal(before, 1),
            number::decimal(after, 1)
        ),
    }
}
