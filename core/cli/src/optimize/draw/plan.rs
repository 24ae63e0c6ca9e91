//! What could be done: a numbered table, and the reasons for each.

use usm_core::optimizer::{Action, Answer};

use super::{labelled, paragraph, plain, point, words};
use crate::draw::{Column, Line, Page, Table, Tone, number};

/// Columns of the number at the left edge.
const GUTTER: usize = 6;

pub(crate) fn plan(actions: &[Action], page: &mut Page) {
    if actions.is_empty() {
        paragraph(page, 0, Tone::Plain, "There is nothing to be done.");
        return;
    }
    page.heading("What could be done", &number_of(actions.len()));
    let mut table = Table::new(&[
        Column::number("#"),
        Column::text("WHAT"),
        Column::text("TARGET").flexible(),
        Column::number("BENEFIT"),
        Column::text("RISK"),
        Column::text("CAN BE TAKEN BACK").dispensable(1),
        Column::text("WILL WORK").dispensable(2),
    ]);
    for (at, action) in actions.iter().enumerate() {
        let (risk_tone, risk) = words::risk(action.risk.level);
        table.row(vec![
            plain((at + 1).to_string()),
            Line::of(Tone::Strong, words::kind(action.action_type)),
            plain(target(action)),
            plain(number::decimal(Some(action.estimated_benefit), 1)),
            Line::of(risk_tone, risk),
            answer(&action.reversible),
            answer(&action.effect),
        ]);
    }
    table.draw(page);
    for (at, action) in actions.iter().enumerate() {
        page.gap();
        let first = Line::new().and(Tone::Label, format!("{:>4}.", at + 1));
        labelled(page, first, GUTTER, Tone::Strong, &action.description);
        reasons(action, GUTTER, page);
    }
}

/// Why it has its risk, whether it can be taken back and whether it will work.
pub(super) fn reasons(action: &Action, indent: usize, page: &mut Page) {
    let (tone, risk) = words::risk(action.risk.level);
    let score = number::decimal(Some(action.risk.score), 0);
    let tone = if risk == "low" { Tone::Quiet } else { tone };
    paragraph(page, indent, tone, &format!("risk {risk} ({score} of 100)"));
    // What is said below as an answer is not said twice.
    let answered = &action.reversible.reason;
    let is_new = |reason: &&String| answered.is_empty() || !reason.contains(answered.as_str());
    for reason in action.risk.reasons.iter().filter(is_new) {
        point(page, indent + 2, Tone::Quiet, reason);
    }
    for (question, answer) in [
        ("can be taken back", &action.reversible),
        ("will work", &action.effect),
    ] {
        let (tone, word) = match answer.yes {
            true => (Tone::Quiet, "yes"),
            false => (Tone::Warning, "no"),
        };
        let text = match answer.reason.as_str() {
            "" => format!("{question}: {word}"),
            reason => format!("{question}: {word}, {reason}"),
        };
        paragraph(page, indent, tone, &text);
    }
}

/// On what it acts.
pub(super) fn target(action: &Action) -> String {
    match (&action.process, &action.subject) {
        (Some(process), _) => format!("pid {}", process.pid),
        (None, Some(subject)) => subject.clone(),
        (None, None) => words::spoken(&action.target_id),
    }
}

fn answer(answer: &Answer) -> Line {
    match answer.yes {
        true => Line::of(Tone::Good, "yes"),
        false => Line::of(Tone::Warning, "no"),
    }
}

pub(crate) fn number_of(actions: usize) -> String {
    match actions {
        1 => "1 action".into(),
        n => format!("{n} actions"),
    }
}
