//! What was done and what it came to; what was taken back.

use usm_core::optimizer::{ActionResult, ExecutionReport, RolledBack};

use super::{labelled, paragraph, plain, point, words};
use crate::draw::number::{bytes, decimal};
use crate::draw::{Column, Line, Page, Table, Tone};
use crate::status::time_of;

/// Columns of the number at the left edge.
const GUTTER: usize = 6;

pub(crate) fn report(report: &ExecutionReport, page: &mut Page) {
    if report.details.is_empty() {
        paragraph(page, 0, Tone::Plain, "There is nothing to be done.");
        return;
    }
    let name = match report.dry_run {
        true => "What would be done",
        false => "What was done",
    };
    let seconds = decimal(Some(report.execution_time), 1);
    page.heading(name, &format!("in {seconds} s"));
    table(&report.details, page);
    for (at, result) in report.details.iter().enumerate() {
        page.gap();
        draw(at + 1, result, page);
    }
    page.gap();
    summary(report, page);
}

fn table(results: &[ActionResult], page: &mut Page) {
    let mut table = Table::new(&[
        Column::number("#"),
        Column::text("WHAT"),
        Column::text("TARGET").dispensable(1),
        Column::text("BEFORE → AFTER"),
        Column::number("BETTER BY"),
        Column::text("VERDICT"),
        Column::text("CAME TO"),
    ]);
    for (at, result) in results.iter().enumerate() {
        let (tone, verdict) = words::verdict(result.verdict);
        table.row(vec![
            plain((at + 1).to_string()),
            Line::of(Tone::Strong, words::kind(result.action_type)),
            plain(words::spoken(&result.target_id)),
            plain(words::change(
                result.metric,
                result.before_value,
                result.after_value,
            )),
            words::improvement(result.improvement),
            Line::of(tone, verdict),
            came_to(result),
        ]);
    }
    table.draw(page);
}

fn came_to(result: &ActionResult) -> Line {
    match result {
        r if r.rolled_back => Line::of(Tone::Warning, "taken back"),
        r if r.error.is_some() => Line::of(Tone::Bad, "not done"),
        r if r.success && r.dry_run => Line::of(Tone::Plain, "would be done"),
        r if r.success => Line::of(Tone::Good, "done"),
        _ => Line::of(Tone::Bad, "not done"),
    }
}

pub(super) fn draw(number: usize, result: &ActionResult, page: &mut Page) {
    let first = Line::of(Tone::Label, format!("{number:>4}."));
    labelled(page, first, GUTTER, Tone::Strong, &result.action);
    outcome(result, GUTTER, page);
}

/// The reason, the failure, the changes and what was freed.
pub(super) fn outcome(result: &ActionResult, indent: usize, page: &mut Page) {
    let failure = result.error.as_deref().filter(|e| *e != result.reason);
    if !result.reason.is_empty() {
        let tone = match (&result.error, result.rolled_back) {
            (Some(_), _) => Tone::Bad,
            (None, true) => Tone::Warning,
            (None, false) => Tone::Plain,
        };
        paragraph(page, indent, tone, &result.reason);
    }
    if let Some(error) = failure {
        paragraph(page, indent, Tone::Bad, error);
    }
    for change in &result.changes {
        point(page, indent, Tone::Quiet, change);
    }
    let would = if result.dry_run { "would be " } else { "" };
    if let Some(freed) = result.freed_bytes.filter(|freed| *freed > 0) {
        let text = format!("{} {would}freed at once", bytes(freed));
        point(page, indent, Tone::Plain, &text);
    }
    if let Some(moved) = result.quarantined_bytes.filter(|moved| *moved > 0) {
        let text = format!("{} {would}moved to quarantine", bytes(moved));
        point(page, indent, Tone::Plain, &text);
    }
    if let Some(until) = result.lease_until {
        let text = format!("ends by itself at {}", time_of(until));
        point(page, indent, Tone::Plain, &text);
    }
}

fn summary(report: &ExecutionReport, page: &mut Page) {
    let (all, kept) = (report.executed, report.successful);
    let benefit = decimal(Some(report.total_benefit), 1);
    let taken_back = report.details.iter().filter(|r| r.rolled_back).count();
    let not_done = report.details.iter().filter(|r| r.error.is_some()).count();
    let (tone, mut text) = match report.dry_run {
        true => (
            Tone::Plain,
            format!(
                "{kept} of {all} actions would be done, for an estimated benefit of {benefit} \
                 percent points in all."
            ),
        ),
        false => (
            if kept == all {
                Tone::Good
            } else {
                Tone::Warning
            },
            format!(
                "{kept} of {all} actions done and kept, measured benefit {benefit} percent points in all."
            ),
        ),
    };
    if taken_back > 0 {
        text.push_str(&format!(" {taken_back} taken back."));
    }
    if not_done > 0 {
        text.push_str(&format!(" {not_done} refused or failed."));
    }
    if report.dry_run {
        text.push_str(" Nothing was changed.");
    }
    paragraph(page, 0, tone, &text);
    if report.cancelled {
        paragraph(page, 0, Tone::Warning, "Ended early, as you asked for it.");
    }
}

pub(crate) fn rolled_back(list: &[RolledBack], page: &mut Page) {
    if list.is_empty() {
        paragraph(page, 0, Tone::Plain, "There is nothing to be taken back.");
        return;
    }
    page.heading("Taken back", "");
    for entry in list {
        let (tone, word) = words::undo(entry.undo.as_ref());
        let first = Line::of(Tone::Label, format!("  {}", entry.action_id));
        labelled(page, first, GUTTER, Tone::Plain, &entry.change);
        let text = match &entry.error {
            Some(error) => format!("{word}: {error}; it will be tried again"),
            None => word,
        };
        paragraph(page, GUTTER, tone, &text);
    }
}
