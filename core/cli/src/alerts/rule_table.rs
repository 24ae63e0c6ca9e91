//! Rules as a table, and one in full.

use usm_core::alert::{AlertSeverity, Rule, RuleSet};

use super::rules::{InForce, Rules};
use crate::draw::quantity::quantity;
use crate::draw::{Column, Flow, Line, Page, Table, Tone, notes};
use crate::when::in_words;
use crate::words::{alert_tone, count_of, unit_of};

/// Columns of the names at the left edge of a rule in full.
const GUTTER: usize = 14;

pub(super) fn table(shown: &[&InForce], rules: &Rules, page: &mut Page) {
    let mut table = Table::new(&[
        Column::text(""),
        Column::text("RULE"),
        Column::text("SEVERITY"),
        Column::text("WHEN").flexible(),
        Column::text("FOR").dispensable(1),
        Column::text("FROM").dispensable(2),
    ])
    .indented(0);
    for one in shown {
        let rule = &one.rule;
        let (tone, mark) = match rule.enabled {
            true => (Tone::Good, "●"),
            false => (Tone::Quiet, "○"),
        };
        let hold = match rule.for_seconds {
            0.0 => String::new(),
            seconds => in_words(seconds),
        };
        table.row(vec![
            Line::of(tone, mark),
            Line::of(Tone::Strong, &rule.name),
            severities(rule),
            Line::of(Tone::Plain, rule.when.to_string()),
            Line::of(Tone::Plain, hold),
            Line::of(Tone::Quiet, from(one)),
        ]);
    }
    table.draw(page);
    page.gap();
    let on = shown.iter().filter(|one| one.rule.enabled).count();
    let mut flow = Flow::new(page, Line::new(), 0);
    flow.words(
        Tone::Quiet,
        &format!(
            "{}, {on} switched on (●). `usm alerts show RULE` shows one in full.",
            count_of(shown.len(), "rule", "rules")
        ),
    );
    flow.end(page);
    notes(&rules.notes, page);
}

/// `built in`, `file`, `file, changes a built-in one`.
fn from(one: &InForce) -> String {
    let from = one.from.words();
    match one.is_builtin_name && from != "built in" {
        true => format!("{from}, changes a built-in one"),
        false => from.into(),
    }
}

/// Every severity that it may have, the least first.
fn severities(rule: &Rule) -> Line {
    let mut all: Vec<AlertSeverity> = rule.levels().iter().map(|level| level.severity).collect();
    all.sort();
    all.dedup();
    let mut line = Line::new();
    for (at, severity) in all.into_iter().enumerate() {
        if at > 0 {
            line.push(Tone::Quiet, ", ");
        }
        line.push(alert_tone(severity), severity.name());
    }
    line
}

pub(super) fn in_full(one: &InForce, page: &mut Page) {
    let rule = &one.rule;
    let mut head = Flow::new(page, Line::new(), 0);
    head.add(Line::of(Tone::Strong, &rule.name));
    head.add(match rule.enabled {
        true => Line::of(Tone::Good, "switched on"),
        false => Line::of(Tone::Warning, "switched off"),
    });
    head.add(Line::of(Tone::Quiet, from(one)));
    head.end(page);
    let mut say = |name: &str, tone: Tone, text: &str| {
        if !text.is_empty() {
            let mut flow = Flow::new(page, Line::of(Tone::Label, format!("  {name}")), GUTTER);
            flow.words(tone, text);
            flow.end(page);
        }
    };
    say("What for", Tone::Plain, &rule.description);
    say("When", Tone::Strong, &rule.when.to_string());
    let hold = match rule.for_seconds {
        0.0 => "it fires at once".into(),
        seconds => format!("it must hold for {}", in_words(seconds)),
    };
    say("Hold", Tone::Plain, &hold);
    let clear = match rule.clear_for_seconds {
        0.0 => String::new(),
        seconds => format!("it is over when it has not held for {}", in_words(seconds)),
    };
    say("End", Tone::Plain, &clear);
    let cooldown = match rule.cooldown_seconds {
        0.0 => String::new(),
        seconds => format!("then it is quiet for {}", in_words(seconds)),
    };
    say("Cooldown", Tone::Plain, &cooldown);
    let channels = match rule.channels.as_slice() {
        [] => "the default channels are told".to_string(),
        names => format!("{} told", are(names)),
    };
    say("Channels", Tone::Plain, &channels);
    for step in &rule.escalate {
        let names = match step.channels.as_slice() {
            [] => "the same channels are told again".to_string(),
            names => format!("{} told", are(names)),
        };
        let severity = step
            .severity
            .map(|severity| format!("it is {} and ", severity.name()));
        let text = format!(
            "when nobody took note for {}, {}{names}",
            in_words(step.after_seconds),
            severity.unwrap_or_default()
        );
        say("Escalation", Tone::Plain, &text);
    }
    levels(rule, page);
    text(rule, page);
}

fn are(names: &[String]) -> String {
    match names {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

fn levels(rule: &Rule, page: &mut Page) {
    let levels = rule.levels();
    if levels.len() < 2 {
        return;
    }
    page.heading("Severities", "");
    let mut table = Table::new(&[
        Column::text("NAME"),
        Column::text("SEVERITY"),
        Column::number("LIMIT"),
        Column::text("IN FORCE"),
    ]);
    for level in levels {
        let limit = level.threshold.map_or_else(String::new, |limit| {
            let metric = level.metric.clone().unwrap_or_default();
            let series = usm_core::series::SeriesKey {
                metric,
                labels: Vec::new(),
            };
            quantity(limit, unit_of(&series))
        });
        table.row(vec![
            Line::of(Tone::Plain, &level.name),
            Line::of(alert_tone(level.severity), level.severity.name()),
            Line::of(Tone::Plain, limit),
            Line::of(Tone::Plain, if level.enabled { "yes" } else { "no" }),
        ]);
    }
    table.draw(page);
}

/// As it is written in a rules' file.
fn text(rule: &Rule, page: &mut Page) {
    page.heading(
        "As it is written in a rules' file",
        "--toml writes it alone",
    );
    for line in as_file(rule).lines() {
        let mut flow = Flow::new(page, Line::new().padded(2), 4);
        flow.words(Tone::Plain, line);
        flow.end(page);
    }
}

/// A rule as a rules' file of its own.
pub(super) fn as_file(rule: &Rule) -> String {
    let set = RuleSet {
        rules: vec![rule.clone()],
        ..RuleSet::default()
    };
    set.to_toml().trim_start().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::rules;
    use super::*;
    use crate::draw::Style;

    fn page(width: usize) -> Page {
        Page::new(Style {
            width,
            unicode: true,
            colour: false,
        })
    }

    #[test]
    fn the_table_tells_condition_hold_and_origin() {
        let rules = rules();
        let shown: Vec<_> = rules.list.iter().collect();
        let mut page = page(200);
        table(&shown, &rules, &mut page);
        let text = page.render();
        let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap();
        assert!(
            line("●  Full ").contains("filesystem_used_percent > 85"),
            "{text}"
        );
        assert!(line("●  Full ").ends_with("5 min   database"), "{text}");
        assert!(line("●  Memory ").contains("warning, critical"), "{text}");
        assert!(
            line("○  ").contains("file, changes a built-in one"),
            "{text}"
        );
        assert!(
            text.contains("\"Wrong\" of the database is not in force"),
            "{text}"
        );
    }

    #[test]
    fn a_rule_in_full_ends_with_a_text_that_is_read_back_as_the_same() {
        let rules = rules();
        for one in &rules.list {
            let written = as_file(&one.rule);
            let read = Rule::parse_toml(&written).unwrap();
            assert_eq!(read, one.rule, "{written}");
            let mut page = page(60);
            in_full(one, &mut page);
            assert!(page.render().contains("\n    [[rule]]\n"));
        }
    }
}
