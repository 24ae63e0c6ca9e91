//! `usm security`: what is wrong or new with this machine's security, the score with its
//! parts, and what could not be looked at.

mod allow;
mod draw;

use std::collections::HashMap;

use clap::Args;
use serde::Serialize;
use usm_core::State;
use usm_core::judge::{Score, SecurityFinding};
use usm_core::sample::{Availability, SourceReport};
use usm_core::store::FindingKind;

use crate::draw::Page;
use crate::failure::Outcome;
use crate::found::{Found, MOST, Wanted};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;
use crate::status::look;
pub(crate) use draw::one as draw_one;

const EXAMPLES: &str = "\
Examples:
  usm security                           what is wrong, with evidence and what to do
  usm security --all                     also what is known, allowed, or was there at first
  usm security --allow listener:tcp:0.0.0.0:8080
                                         the line of the settings that allows it
  usm security --json | jq '.findings[] | select(.known or .allowed | not) | .id'
  sudo usm security                      root can look at the programs of others, too

Only what this user may read is looked at: nothing is scanned and nothing sent. The first look
at a machine takes what it serves and runs for its normal state (known); where a monitor has
watched before, e.g. `usm monitor --start`, what came later is told as new.

--json is one object: score (value, parts), findings (id, kind, severity, subject, text,
evidence, advice, since, known, allowed, raised), not_read (source, gives, availability,
reason), now, newest_state, is_watched, notes.";

/// What the sources of the security findings give.
const GIVES: [&str; 5] = [
    "listening sockets",
    "executables of processes",
    "failed logins",
    "search path",
    "security score",
];

/// Show what is wrong or new with this machine's security, and what to do about it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SecurityOptions {
    /// Also what is known or allowed.
    #[arg(long)]
    all: bool,
    /// Write the line of the settings that allows a finding, besides what is allowed now; *
    /// stands for any text; may be given several times.
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    allow: Vec<String>,
    /// As one JSON object in one line.
    #[arg(long)]
    json: bool,
    /// JSON with line breaks and indentation.
    #[arg(long, requires = "json")]
    pretty: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Security {
    score: Score,
    findings: Vec<SecurityFinding>,
    /// What could not be looked at, and why.
    not_read: Vec<SourceReport>,
    /// When it was looked at, Unix seconds.
    now: f64,
    newest_state: Option<f64>,
    is_watched: bool,
    notes: Vec<String>,
}

pub(crate) fn perform(
    options: &SecurityOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let config = global.settings_without_store()?;
    let allowed = config.security_allow.clone();
    let mut security = Security::of(&*look(config)?);
    if let Some(found) = Found::open_if_there(global)? {
        security.remember(found)?;
    } else {
        let note = "Nobody has monitored here yet: what this machine serves and runs now is \
                    taken for its normal state.";
        security.notes.push(note.into());
    }
    if !options.allow.is_empty() {
        return allow::tell(
            &options.allow,
            &allowed,
            &security.findings,
            options,
            global,
            out,
        );
    }
    if options.json {
        return out.json(&security, options.pretty);
    }
    let mut page = Page::new(out.style());
    draw::draw(&security, options.all, &mut page);
    out.draw(&page)
}

impl Security {
    fn of(state: &State) -> Security {
        let unavailable = state.sample.iter().flat_map(|s| s.unavailable.iter());
        Security {
            score: state.scores.security.clone(),
            findings: state.security.to_vec(),
            not_read: unavailable.filter(|one| is_meant(one)).cloned().collect(),
            now: state.timestamp,
            ..Security::default()
        }
    }

    /// A monitor that has watched before knows since when something is there, and whether it
    /// was at first.
    fn remember(&mut self, mut found: Found) -> Outcome {
        let past = found.of::<SecurityFinding>(FindingKind::Security, Wanted::Open, MOST)?;
        let known: HashMap<&str, &SecurityFinding> = past
            .iter()
            .map(|past| (past.value.id.as_str(), &past.value))
            .collect();
        for finding in &mut self.findings {
            if let Some(before) = known.get(finding.id.as_str()) {
                finding.since = before.since;
                finding.known = before.known;
                finding.raised = before.raised;
            }
        }
        self.newest_state = found.newest();
        self.is_watched = found.is_watched();
        self.notes.extend(found.notes());
        let last = found.reader().latest_state()?;
        let score = last.and_then(|row| row.security_score);
        let here = self.score.value;
        if let (Some(score), Some(here), true) = (score, here, self.is_watched)
            && (score - here).abs() >= 1.0
        {
            self.notes.push(format!(
                "The monitor gives {score:.0} of 100 points: it knows what is new here, of \
                 which a single look ({here:.0}) does not take points off."
            ));
        }
        Ok(())
    }
}

/// Whether it is a source of security findings that could be there, but can't be read.
fn is_meant(source: &SourceReport) -> bool {
    let is_missing = matches!(
        source.availability,
        Availability::Absent | Availability::Unknown
    );
    !is_missing && GIVES.iter().any(|gives| source.gives.contains(gives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_read_by_others_is_told_as_not_read() {
        let source = |gives: &str, availability| SourceReport {
            source: "/var/log/btmp".into(),
            gives: gives.into(),
            availability,
            reason: None,
        };
        assert!(is_meant(&source("failed logins", Availability::Forbidden)));
        assert!(!is_meant(&source("failed logins", Availability::Absent)));
        assert!(!is_meant(&source("load averages", Availability::Forbidden)));
    }
}
