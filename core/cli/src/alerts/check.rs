//! A rules' file checked: the place of what is wrong, in its own text.

use std::path::Path;

use serde_json::json;
use usm_core::Error;
use usm_core::alert::RuleSet;

use super::rules::Rules;
use super::{FormOptions, name_of, read};
use crate::draw::{Flow, Line, Page, Tone};
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::words::count_of;

/// Lines of the file that are shown before the one that is wrong.
const BEFORE: usize = 2;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wrong {
    /// Line and column, from 1.
    place: Option<(usize, usize)>,
    words: String,
}

impl Wrong {
    fn of(error: &Error) -> Wrong {
        let text = match error {
            Error::Malformed { wanted, .. } => wanted.clone(),
            other => other.to_string(),
        };
        let place = || {
            let rest = text.strip_prefix("line ")?;
            let (line, rest) = rest.split_once(", column ")?;
            let (column, words) = rest.split_once(": ")?;
            Some((line.parse().ok()?, column.parse().ok()?, words.to_string()))
        };
        match place() {
            Some((line, column, words)) => Wrong {
                place: Some((line, column)),
                words,
            },
            None => Wrong {
                place: None,
                words: text,
            },
        }
    }

    fn draw(&self, name: &str, text: &str, page: &mut Page) {
        let place = match self.place {
            Some((line, column)) => format!("{name}, line {line}, column {column}:"),
            None => format!("{name}:"),
        };
        let mut flow = Flow::new(page, Line::new(), 0);
        flow.words(Tone::Strong, &place);
        flow.words(Tone::Bad, &self.words);
        flow.end(page);
        let Some((wrong, column)) = self.place else {
            return;
        };
        page.gap();
        let gutter = wrong.to_string().len() + 2;
        let first = wrong.saturating_sub(BEFORE).max(1);
        for (number, line) in (1..).zip(text.lines()) {
            if !(first..=wrong).contains(&number) {
                continue;
            }
            // A tab would shift what stands behind it.
            let shown = line.replace('\t', " ");
            let tone = if number == wrong {
                Tone::Plain
            } else {
                Tone::Quiet
            };
            let label = format!("{number:>gutter$} │ ");
            page.push(Line::of(Tone::Quiet, label).and(tone, shown));
            if number == wrong {
                let before: String = line.chars().take(column.saturating_sub(1)).collect();
                let at = unicode_width::UnicodeWidthStr::width(before.replace('\t', " ").as_str());
                let edge = Line::of(Tone::Quiet, format!("{:>gutter$} │ ", ""));
                let start = edge.width() + at;
                page.push(edge.padded(start).and(Tone::Bad, "^"));
            }
        }
    }
}

/// A file that will not do, for a command that wanted its rules: shown, and the failure.
pub(super) fn refused(error: &Error, text: &str, out: &mut Outlet) -> Failure {
    let Error::Malformed { path, .. } = error else {
        return super::rules::of_rule(error);
    };
    let mut page = Page::new(out.style());
    Wrong::of(error).draw(&path.display().to_string(), text, &mut page);
    match out.draw(&page) {
        Ok(()) => Failure::shown(),
        Err(failure) => failure,
    }
}

pub(super) fn perform(
    file: &Path,
    form: FormOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let text = read(file)?;
    let name = name_of(file);
    // What it leaves out is taken from the rules in force.
    let rules = Rules::read(global)?;
    let wrong = match RuleSet::parse_over(&rules.set(), &text, &name) {
        Ok(set) => return well(&set, &name, form, out),
        Err(error) => Wrong::of(&error),
    };
    if form.json {
        let value = json!({
            "file": name,
            "ok": false,
            "line": wrong.place.map(|(line, _)| line),
            "column": wrong.place.map(|(_, column)| column),
            "error": wrong.words,
        });
        out.json(&value, form.pretty)?;
    } else {
        let mut page = Page::new(out.style());
        wrong.draw(&name, &text, &mut page);
        out.draw(&page)?;
    }
    Err(Failure::shown())
}

fn well(set: &RuleSet, name: &str, form: FormOptions, out: &mut Outlet) -> Outcome {
    let channels: Vec<&String> = set.channels.keys().collect();
    if form.json {
        let names: Vec<&str> = set.rules.iter().map(|rule| rule.name.as_str()).collect();
        let value = json!({
            "file": name,
            "ok": true,
            "rules": names,
            "channels": channels,
            "default_channels": set.default_channels,
        });
        return out.json(&value, form.pretty);
    }
    let mut page = Page::new(out.style());
    let mut flow = Flow::new(&page, Line::new(), 0);
    flow.words(
        Tone::Good,
        &format!(
            "{name} will do: {}, {}.",
            count_of(set.rules.len(), "rule", "rules"),
            count_of(channels.len(), "channel", "channels")
        ),
    );
    flow.end(&mut page);
    for rule in &set.rules {
        let mut flow = Flow::new(&page, Line::of(Tone::Good, "  ●"), 4);
        flow.words(Tone::Strong, &rule.name);
        flow.words(Tone::Quiet, "when");
        flow.words(Tone::Plain, &rule.when.to_string());
        flow.end(&mut page);
    }
    out.draw(&page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    const TEXT: &str =
        "default_channels = []\n\n[[rule]]\nname = \"A\"\nwhen = \"cpu_percnt > 90%\"\n";

    #[test]
    fn the_place_is_marked_in_the_files_own_text() {
        let error = RuleSet::parse(TEXT, "a.toml").unwrap_err();
        let wrong = Wrong::of(&error);
        let mut page = Page::new(Style {
            width: 120,
            unicode: true,
            colour: false,
        });
        wrong.draw("a.toml", TEXT, &mut page);
        let text = page.render();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("a.toml, line 5, column 9:"), "{text}");
        assert!(text.contains("did you mean cpu_percent"), "{text}");
        assert_eq!(
            &lines[lines.len() - 4..],
            [
                "  3 │ [[rule]]",
                "  4 │ name = \"A\"",
                "  5 │ when = \"cpu_percnt > 90%\"",
                "    │         ^",
            ]
        );
    }

    #[test]
    fn what_has_no_place_is_told_without_one() {
        let wrong = Wrong::of(&Error::Internal("odd".into()));
        assert_eq!(wrong.place, None);
        assert!(wrong.words.contains("odd"));
    }
}
