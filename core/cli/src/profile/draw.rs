//! Profiles as a table, and one in full.

use usm_core::optimizer::{Profile, Rule};

use crate::draw::{Column, Flow, Line, Page, Table, Tone, number};
use crate::optimize::draw::{labelled, words};

/// Columns of the names at the left edge.
const GUTTER: usize = 16;

pub(super) fn list(profiles: &[Profile], current: &str, page: &mut Page) {
    page.heading("Profiles", &format!("{current} is in force"));
    let mut table = Table::new(&[
        Column::text(""),
        Column::text("NAME"),
        Column::number("CPU"),
        Column::number("MEMORY"),
        Column::number("DISK"),
        Column::number("NETWORK").dispensable(3),
        Column::number("WAITING").dispensable(2),
        Column::text("RISK"),
        Column::text("BY ITSELF").dispensable(1),
        Column::text("WHOSE").dispensable(4),
    ]);
    for profile in profiles {
        let plain = |text: &str| Line::of(Tone::Plain, text);
        let percent = |value| plain(&number::whole_percent(Some(value)));
        let is_current = profile.profile_name == current;
        let (risk_tone, risk) = words::risk(profile.allowed_risk);
        table.row(vec![
            Line::of(Tone::Good, if is_current { "●" } else { "" }),
            Line::of(Tone::Strong, &profile.profile_name),
            percent(profile.cpu_threshold),
            percent(profile.memory_threshold),
            percent(profile.disk_threshold),
            percent(profile.network_threshold),
            percent(profile.pressure_threshold),
            Line::of(risk_tone, risk),
            plain(yes_or_no(profile.auto_optimize)),
            Line::of(
                Tone::Quiet,
                if profile.built_in { "built in" } else { "own" },
            ),
        ]);
    }
    table.draw(page);
}

pub(super) fn profile(profile: &Profile, page: &mut Page) {
    let whose = match profile.built_in {
        true => "built in".to_string(),
        false => format!("made {}", crate::status::time_of(profile.created_at)),
    };
    let mut head = Flow::new(page, Line::new(), 0);
    head.add(Line::of(Tone::Strong, &profile.profile_name));
    head.add(Line::of(Tone::Quiet, whose));
    head.end(page);
    page.heading("Something is wrong from", "");
    for (name, value, of) in [
        ("CPU", profile.cpu_threshold, "of the machine in use"),
        ("Memory", profile.memory_threshold, "in use"),
        ("Disk", profile.disk_threshold, "of space or inodes in use"),
        (
            "Network",
            profile.network_threshold,
            "of an interface's speed",
        ),
        (
            "Waiting",
            profile.pressure_threshold,
            "of their time that others wait",
        ),
        (
            "One process",
            profile.process_cpu_threshold,
            "of one core, or",
        ),
        ("", profile.process_memory_threshold, "of the memory"),
    ] {
        let mut flow = Flow::new(page, Line::of(Tone::Label, format!("  {name}")), GUTTER);
        let amount = format!("{:>5}", number::whole_percent(Some(value)));
        flow.add(Line::of(Tone::Plain, amount).and(Tone::Quiet, format!(" {of}")));
        flow.end(page);
    }
    page.heading("What may be done", "");
    rules(&profile.optimization_rules, page);
    page.gap();
    let (tone, risk) = words::risk(profile.allowed_risk);
    let names = |list: &[String]| match list {
        [] => "none besides the built-in ones".to_string(),
        list => list.join(", "),
    };
    let foreground = match profile.foreground.as_slice() {
        [] => "none".to_string(),
        list => list.join(", "),
    };
    for (name, tone, text) in [
        ("  Most risk", tone, risk.to_string()),
        (
            "  By itself",
            Tone::Plain,
            yes_or_no(profile.auto_optimize).to_string(),
        ),
        ("  Protected", Tone::Plain, names(&profile.protected)),
        ("  Foreground", Tone::Plain, foreground),
    ] {
        labelled(page, Line::of(Tone::Label, name), GUTTER, tone, &text);
    }
}

fn rules(rules: &[Rule], page: &mut Page) {
    if rules.is_empty() {
        page.push(Line::of(Tone::Quiet, "  nothing"));
        return;
    }
    let mut table = Table::new(&[
        Column::text("ABOUT"),
        Column::text("ACTION"),
        Column::number("FROM"),
        Column::text("PRIORITY"),
    ]);
    for rule in rules {
        let (tone, priority) = words::priority(rule.priority);
        table.row(vec![
            Line::of(Tone::Plain, words::resource(rule.resource)),
            Line::of(Tone::Strong, words::kind(rule.action)),
            Line::of(Tone::Plain, number::whole_percent(Some(rule.threshold))),
            Line::of(tone, priority),
        ]);
    }
    table.draw(page);
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::super::edit::tests::base;
    use super::*;
    use crate::draw::Style;

    #[test]
    fn a_profile_is_drawn_in_full_at_every_width() {
        let mut own = base();
        own.profile_name = "mine\x1b[2J".into();
        own.built_in = false;
        own.protected = vec!["nginx".into()];
        for width in [20, 40, 80, 200] {
            let mut page = Page::new(Style {
                width,
                unicode: true,
                colour: false,
            });
            list(&[base(), own.clone()], "balanced", &mut page);
            profile(&own, &mut page);
            let text = page.render();
            assert!(!text.contains('\x1b'));
            for line in text.lines() {
                assert!(
                    unicode_width::UnicodeWidthStr::width(line) <= width,
                    "{line}"
                );
            }
            if width >= 200 {
                for part in ["● ", "built in", "own", "nginx", "set_idle", "80 %"] {
                    assert!(text.contains(part), "{part} in\n{text}");
                }
            }
        }
    }
}
