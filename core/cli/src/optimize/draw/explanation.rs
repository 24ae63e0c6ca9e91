//! All about one action: why, what, before, after, verdict.

use usm_core::optimizer::{ChangeRecord, Explanation};

use super::{labelled, paragraph, plan, results, words};
use crate::draw::{Flow, Line, Page, Tone};
use crate::status::time_of;

pub(crate) fn explanation(explanation: &Explanation, page: &mut Page) {
    let status = &explanation.status;
    let mut head = Flow::new(page, Line::new(), 0);
    let name = format!("Action {}", explanation.action_id);
    head.add(Line::of(Tone::Strong, name));
    head.add(Line::of(words::state_tone(status), words::spoken(status)));
    head.end(page);
    match &explanation.action {
        Some(action) => {
            paragraph(page, 0, Tone::Plain, &action.description);
            page.heading("Why", "as it was planned");
            let (tone, priority) = words::priority(action.priority);
            let mut flow = Flow::new(page, Line::new(), 2);
            flow.add(Line::of(Tone::Label, words::kind(action.action_type)));
            flow.add(Line::of(Tone::Plain, plan::target(action)));
            flow.add(
                Line::of(Tone::Quiet, "for the ")
                    .and(Tone::Plain, words::resource(action.resource)),
            );
            flow.add(Line::of(tone, format!("{priority} priority")));
            let benefit = words::value(action.metric, Some(action.estimated_benefit));
            flow.add(Line::of(Tone::Quiet, "estimated benefit ").and(Tone::Plain, benefit));
            flow.add(
                Line::of(Tone::Quiet, "judged by: ").and(Tone::Plain, words::metric(action.metric)),
            );
            flow.end(page);
            plan::reasons(action, 2, page);
        }
        None => paragraph(
            page,
            0,
            Tone::Quiet,
            "It was stored by an earlier version, without its reasons.",
        ),
    }
    if let Some(result) = &explanation.result {
        page.heading("What it came to", "");
        let (tone, verdict) = words::verdict(result.verdict);
        let mut flow = Flow::new(page, Line::new(), 2);
        flow.add(Line::of(tone, verdict));
        let change = words::change(result.metric, result.before_value, result.after_value);
        flow.add(Line::of(Tone::Plain, change));
        let better = words::improvement(result.improvement);
        if better.width() > 0 {
            let mut line = Line::of(Tone::Quiet, "better by ");
            line.append(better);
            flow.add(line);
        }
        flow.end(page);
        results::outcome(result, 2, page);
    }
    if !explanation.changes.is_empty() {
        page.heading("Changes to the host", "");
        changes(&explanation.changes, page);
    }
    if !explanation.history.is_empty() {
        page.heading("History", "newest first");
        for entry in &explanation.history {
            super::entry(entry, page);
        }
    }
}

/// Each with where it stands.
pub(super) fn changes(list: &[ChangeRecord], page: &mut Page) {
    for change in list {
        let first = Line::of(Tone::Label, format!("  {}", change.id));
        labelled(page, first, 6, Tone::Plain, &change.about);
        let mut flow = Flow::new(page, Line::new(), 6);
        let tone = words::state_tone(&change.state);
        flow.add(Line::of(tone, words::spoken(&change.state)));
        flow.add(Line::of(Tone::Quiet, time_of(change.created_at)));
        let who = format!(
            "action {} by process {}",
            change.action_id, change.owner_pid
        );
        flow.add(Line::of(Tone::Quiet, who));
        if let Some(until) = change.lease_until {
            let text = format!("ends by itself at {}", time_of(until));
            flow.add(Line::of(Tone::Plain, text));
        }
        if let Some(detail) = &change.detail {
            flow.add(Line::of(Tone::Quiet, detail));
        }
        flow.end(page);
    }
}
