//! The rules of alerts, who would be told, and what the models remember.

use serde_json::{Value, json};
use usm_core::Config;

use crate::alerts::{Rules, rules_file};
use crate::draw::{Flow, Line, Page, Tone, number};
use crate::options::GlobalOptions;
use crate::status::time_of;
use crate::words::count_of;

/// What was found of them.
#[derive(Debug, Default)]
pub(super) struct AlertCheck {
    file: Option<std::path::PathBuf>,
    rules: usize,
    enabled: usize,
    channels: Vec<(String, String)>,
    /// Rules of the database that are not in force.
    notes: Vec<String>,
    /// The rules can't be read.
    problem: Option<String>,
}

pub(super) fn check(config: &Config, global: &GlobalOptions) -> AlertCheck {
    let mut found = AlertCheck {
        // Without a data folder there is none: that is told with the folder.
        file: rules_file(config).ok().flatten(),
        ..AlertCheck::default()
    };
    match Rules::read_in_use(global) {
        Ok(rules) => {
            found.rules = rules.list.len();
            found.enabled = rules.list.iter().filter(|one| one.rule.enabled).count();
            found.channels = rules.channels();
            found.notes = rules.notes;
        }
        Err(failure) => {
            let text = failure
                .text()
                .unwrap_or_default()
                .replace("usm: error: ", "");
            found.problem = Some(text.lines().next().unwrap_or_default().to_string());
        }
    }
    found
}

impl AlertCheck {
    pub(super) fn is_well(&self) -> bool {
        self.problem.is_none() && self.notes.is_empty()
    }

    pub(super) fn as_json(&self) -> Value {
        let channels = self.channels.iter();
        let channels: Vec<Value> = channels
            .map(|(name, kind)| json!({ "name": name, "kind": kind }))
            .collect();
        json!({
            "rules_file": self.file,
            "rules": self.rules,
            "enabled": self.enabled,
            "channels": channels,
            "notes": self.notes,
            "problem": self.problem,
        })
    }

    pub(super) fn draw(&self, page: &mut Page, gutter: usize) {
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Alerts"), gutter);
        if let Some(file) = &self.file {
            flow.words(Tone::Plain, &file.display().to_string());
        }
        match &self.problem {
            Some(problem) => flow.words(Tone::Bad, problem),
            None => {
                let rules = count_of(self.rules, "rule", "rules");
                flow.words(
                    Tone::Plain,
                    &format!("{rules}, {} switched on", self.enabled),
                );
            }
        }
        for note in &self.notes {
            flow.end_line();
            flow.words(Tone::Warning, note);
        }
        flow.end(page);
        if self.channels.is_empty() {
            return;
        }
        let channels: Vec<String> = self
            .channels
            .iter()
            .map(|(name, kind)| match name == kind {
                true => name.clone(),
                false => format!("{name} ({kind})"),
            })
            .collect();
        let mut flow = Flow::new(page, Line::of(Tone::Label, "Channels"), gutter);
        flow.words(Tone::Quiet, &channels.join(", "));
        flow.end(page);
    }
}

/// `judge 1.2 MiB saved 2026-…`: what the models remember.
pub(super) fn draw_memories(memories: &[(String, u32, f64, u64)], page: &mut Page, gutter: usize) {
    if memories.is_empty() {
        return;
    }
    let one = |(name, _, saved_at, bytes): &(String, u32, f64, u64)| {
        format!(
            "{name} {}, saved {}",
            number::bytes(*bytes),
            time_of(*saved_at)
        )
    };
    let all: Vec<String> = memories.iter().map(one).collect();
    let mut flow = Flow::new(page, Line::of(Tone::Label, "Learnt"), gutter);
    flow.words(Tone::Quiet, &all.join("; "));
    flow.end(page);
}

pub(super) fn memories_as_json(memories: &[(String, u32, f64, u64)]) -> Value {
    let one = |(name, version, saved_at, bytes): &(String, u32, f64, u64)| json!({ "name": name, "version": version, "saved_at": saved_at, "bytes": bytes });
    memories.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    #[test]
    fn a_file_that_cannot_be_read_is_told_with_its_place() {
        let check = AlertCheck {
            file: Some("/etc/alerts.toml".into()),
            channels: vec![
                ("log".into(), "log".into()),
                ("ops".into(), "webhook".into()),
            ],
            problem: Some("line 3, column 8: no metric of this name".into()),
            ..AlertCheck::default()
        };
        assert!(!check.is_well());
        let mut page = Page::new(Style {
            width: 100,
            unicode: true,
            colour: false,
        });
        check.draw(&mut page, 13);
        draw_memories(&[("judge".into(), 1, 1_795_442_400.0, 2048)], &mut page, 13);
        let text = page.render();
        for part in [
            "Alerts       /etc/alerts.toml line 3, column 8: no metric",
            "Channels     log, ops (webhook)\n",
            "Learnt       judge 2.0 KiB, saved 2026-11-",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }
}
