//! Who is told, and what became of it.

use serde_json::json;
use usm_core::store::NotificationRow;
use usm_core::{Error, Monitor};

use super::FormOptions;
use super::rules::{Rules, file};
use crate::draw::{Column, Flow, Line, Page, Table, Tone, number};
use crate::failure::{Failure, Outcome};
use crate::found::{Found, MOST};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::time_of;
use crate::words::count_of;

pub(super) fn list(form: FormOptions, global: &GlobalOptions, out: &mut Outlet) -> Outcome {
    let rules = Rules::read(global)?;
    let told = |channel: &str| -> Vec<&str> {
        let by_name = rules.list.iter().filter(|one| {
            let rule = &one.rule;
            let steps = rule.steps.iter().flat_map(|step| &step.channels);
            let later = rule.escalate.iter().flat_map(|step| &step.channels);
            let mut all = rule.channels.iter().chain(steps).chain(later);
            all.any(|name| name == channel)
        });
        by_name.map(|one| one.rule.name.as_str()).collect()
    };
    if form.json {
        let channels: Vec<_> = rules
            .channels()
            .iter()
            .map(|(name, kind)| json!({ "name": name, "kind": kind, "rules": told(name) }))
            .collect();
        let value = json!({
            "channels": channels,
            "default_channels": rules.default_channels,
        });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    let mut table = Table::new(&[
        Column::text("CHANNEL"),
        Column::text("KIND"),
        Column::text("NAMED BY THE RULES").flexible(),
    ])
    .indented(0);
    for (name, kind) in &rules.channels() {
        table.row(vec![
            Line::of(Tone::Strong, name),
            Line::of(Tone::Plain, kind),
            Line::of(Tone::Quiet, told(name).join(", ")),
        ]);
    }
    table.draw(&mut page);
    page.gap();
    let mut flow = Flow::new(&page, Line::new(), 0);
    let others = match rules.default_channels.as_slice() {
        [] => "Rules that name no channel tell nobody.".to_string(),
        names => format!("Rules that name no channel tell {}.", names.join(", ")),
    };
    flow.words(
        Tone::Quiet,
        &format!("{others} `usm alerts test-channel CHANNEL` sends a message of test."),
    );
    flow.end(&mut page);
    out.draw(&page)
}

pub(super) fn test(
    channel: &str,
    form: FormOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let mut config = global.settings_without_store()?;
    config.alert_rules_file = file(&config)?;
    let monitor = Monitor::new(config)?;
    let row = monitor
        .test_alert_channel(channel)
        .map_err(|error| match error {
            Error::InvalidArgument { .. } => Failure::usage(
                &error.to_string(),
                Some("`usm alerts channels` lists the channels"),
            ),
            other => other.into(),
        })?;
    if form.json {
        out.json(&row, form.pretty)?;
    } else {
        let mut page = Page::new(out.style());
        draw_test(&row, &mut page);
        out.draw(&page)?;
    }
    match row.ok {
        true => Ok(()),
        false => Err(Failure::shown()),
    }
}

fn draw_test(row: &NotificationRow, page: &mut Page) {
    let mut flow = Flow::new(page, Line::new(), 0);
    let tries = count_of(row.attempts as usize, "try", "tries");
    let took = number::lasting((row.finished_at - row.queued_at).max(0.0));
    match row.ok {
        true => {
            let text = format!("The message arrived at {} ({tries}, {took}).", row.channel);
            flow.words(Tone::Good, &text);
        }
        false => {
            let text = format!(
                "The message did not arrive at {} ({tries}, {took}):",
                row.channel
            );
            flow.words(Tone::Bad, &text);
            flow.words(
                Tone::Plain,
                row.error.as_deref().unwrap_or("nobody knows why"),
            );
        }
    }
    flow.end(page);
}

pub(super) fn notifications(
    since: f64,
    form: FormOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let found = Found::open(global)?;
    let rows = found.reader().notifications(since, MOST)?;
    if form.json {
        let value = json!({
            "notifications": rows,
            "newest_state": found.newest(),
            "is_watched": found.is_watched(),
            "notes": found.notes(),
        });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    draw(&rows, since, &mut page);
    found.draw_notes(&mut page);
    out.draw(&page)
}

fn draw(rows: &[NotificationRow], since: f64, page: &mut Page) {
    if rows.is_empty() {
        let mut flow = Flow::new(page, Line::new(), 0);
        let text = format!("Nobody was told of anything since {}.", time_of(since));
        flow.words(Tone::Plain, &text);
        flow.end(page);
        return;
    }
    let mut table = Table::new(&[
        Column::text(""),
        Column::text("WHEN"),
        Column::text("CHANNEL"),
        Column::text("RULE"),
        Column::text("WHAT"),
        Column::number("ALERT").dispensable(2),
        Column::number("TRIES").dispensable(1),
        Column::text("WHY NOT").flexible(),
    ])
    .indented(0);
    for row in rows {
        let (tone, mark) = match row.ok {
            true => (Tone::Good, "●"),
            false => (Tone::Bad, "○"),
        };
        table.row(vec![
            Line::of(tone, mark),
            Line::of(Tone::Quiet, time_of(row.finished_at)),
            Line::of(Tone::Plain, &row.channel),
            Line::of(Tone::Strong, &row.rule),
            Line::of(Tone::Plain, &row.status),
            Line::of(Tone::Plain, row.alert_id.to_string()),
            Line::of(Tone::Plain, row.attempts.to_string()),
            Line::of(Tone::Bad, row.error.as_deref().unwrap_or_default()),
        ]);
    }
    table.draw(page);
    page.gap();
    let lost = rows.iter().filter(|row| !row.ok).count();
    let mut flow = Flow::new(page, Line::new(), 0);
    let all = count_of(rows.len(), "message", "messages");
    let text = match lost {
        0 => format!("{all}, all of which arrived."),
        lost => format!("{all}, of which {lost} did not arrive."),
    };
    flow.words(Tone::Quiet, &text);
    flow.end(page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    fn row(ok: bool) -> NotificationRow {
        NotificationRow {
            alert_id: 7,
            rule: "Memory".into(),
            channel: "ops".into(),
            status: "firing".into(),
            ok,
            attempts: if ok { 1 } else { 5 },
            error: (!ok).then(|| "connection refused".into()),
            queued_at: 1_795_442_400.0,
            finished_at: 1_795_442_402.5,
        }
    }

    fn page() -> Page {
        Page::new(Style {
            width: 120,
            unicode: true,
            colour: false,
        })
    }

    #[test]
    fn what_did_not_arrive_tells_why() {
        let mut all = page();
        draw(&[row(true), row(false)], 0.0, &mut all);
        let text = all.render();
        assert!(
            text.contains("  ops      Memory  firing      7      1\n"),
            "{text}"
        );
        assert!(text.contains("connection refused"), "{text}");
        assert!(
            text.contains("2 messages, of which 1 did not arrive."),
            "{text}"
        );
        let mut one = page();
        draw_test(&row(false), &mut one);
        let wanted = "The message did not arrive at ops (5 tries, 2.5 s): connection refused\n";
        assert_eq!(one.render(), wanted);
    }
}
