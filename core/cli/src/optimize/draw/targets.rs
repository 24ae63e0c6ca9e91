//! What is wrong: each target with its numbers, its culprits and what could be done.

use usm_core::optimizer::{Culprit, Priority, Target, Victim};

use super::{labelled, paragraph, plain, point, quiet, words};
use crate::draw::number::{bytes, duration, whole_percent};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, UNKNOWN};
use crate::users::Users;

/// Columns of the priority at the left edge.
const GUTTER: usize = 9;

/// Victims that are named.
const MOST_VICTIMS: usize = 5;

pub(crate) fn targets(list: &[Target], users: &Users, now: f64, page: &mut Page) {
    if list.is_empty() {
        let text = "Nothing is wrong: nobody waits, and there is room.";
        paragraph(page, 0, Tone::Good, text);
        return;
    }
    let urgent = list.iter().filter(|t| t.priority == Priority::High).count();
    let about = format!("{} found, {urgent} of high priority", list.len());
    page.heading("What is wrong", &about);
    for (at, target) in list.iter().enumerate() {
        if at > 0 {
            page.gap();
        }
        draw(target, users, now, page);
    }
}

fn draw(target: &Target, users: &Users, now: f64, page: &mut Page) {
    let (tone, word) = words::priority(target.priority);
    let first = Line::of(tone, format!("  {word}"));
    labelled(page, first, GUTTER, Tone::Strong, &target.description);

    let mut flow = Flow::new(page, Line::new(), GUTTER);
    let value = |value| words::value(target.metric, Some(value));
    let mut now_line = plain(value(target.current_value));
    now_line.push(Tone::Quiet, format!(" {}", words::metric(target.metric)));
    if let Some(subject) = &target.subject {
        now_line.push(Tone::Quiet, format!(", {subject}"));
    }
    if let Some(size) = target.size_bytes {
        now_line.push(Tone::Quiet, format!(" of {}", bytes(size)));
    }
    flow.add(now_line);
    flow.add(quiet("should be ").and(Tone::Plain, value(target.target_value)));
    if let Some(baseline) = &target.baseline {
        let text = format!(
            "normally {}, seldom above {} ({} samples)",
            value(baseline.typical),
            value(baseline.high),
            baseline.samples
        );
        flow.add(quiet(text));
    }
    if let Some(since) = target.since {
        flow.add(quiet("for ").and(Tone::Plain, duration(now - since)));
    }
    flow.add(quiet(words::confidence(target.confidence)));
    flow.end(page);

    for text in &target.evidence {
        point(page, GUTTER, Tone::Plain, text);
    }
    culprits(&target.culprits, users, page);
    victims(&target.victims, page);
    if !target.estimated_impact.is_empty() {
        let text = format!("Relief: {}", target.estimated_impact);
        paragraph(page, GUTTER, Tone::Quiet, &text);
    }
    if let Some(advice) = &target.advice {
        let mark = Line::new().padded(GUTTER).and(Tone::Label, "→");
        labelled(page, mark, GUTTER + 2, Tone::Plain, advice);
    }
}

/// The first few of those who suffer, in a sentence.
fn victims(list: &[Victim], page: &mut Page) {
    if list.is_empty() {
        return;
    }
    let shown: Vec<String> = list
        .iter()
        .take(MOST_VICTIMS)
        .map(|victim| {
            let share = whole_percent(Some(victim.wait_percent));
            format!("{} ({}) {share}", victim.name, victim.process.pid)
        })
        .collect();
    let more = match list.len().saturating_sub(MOST_VICTIMS) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let text = format!("Who waits: {}{more}", shown.join(", "));
    paragraph(page, GUTTER, Tone::Plain, &text);
}

fn culprits(list: &[Culprit], users: &Users, page: &mut Page) {
    if list.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        Column::number("PID"),
        Column::text("NAME"),
        Column::text("USER").dispensable(1),
        Column::number("USES"),
        Column::number("SHARE").dispensable(2),
        Column::text("MAY BE TOUCHED").flexible(),
    ])
    .indented(GUTTER);
    for culprit in list {
        let user = culprit
            .uid
            .map_or_else(|| UNKNOWN.into(), |u| users.name(u));
        let touched = match (culprit.may_be_touched, &culprit.untouchable_reason) {
            (true, _) => Line::of(Tone::Good, "yes"),
            (false, Some(reason)) => Line::of(Tone::Warning, format!("no: {reason}")),
            (false, None) => Line::of(Tone::Warning, "no"),
        };
        table.row(vec![
            plain(culprit.process.pid.to_string()),
            plain(&culprit.name),
            quiet(user),
            Line::of(Tone::Strong, words::usage(culprit.usage, &culprit.unit)),
            plain(whole_percent(Some(culprit.share * 100.0))),
            touched,
        ]);
    }
    table.draw(page);
}
