//! Files that may go by the rules of cleaning: put aside, measured in what is free.

use std::time::Instant;

use super::super::action::{Action, ActionKind};
use super::super::outcome::{ActionResult, Verdict};
use super::super::pain::Pain;
use super::super::target::Metric;
use super::super::{files, journal};
use super::results::settle;
use super::{Numbered, Run, checks, results};
use crate::act::Change;
use crate::act::cleanup::{self, Cleaned, Watch};
use crate::error::Result;
use crate::logging::{Level, tell};
use crate::sys;

/// Passes progress on, and the wish to end.
struct Told<'a>(&'a Run);

impl Watch for Told<'_> {
    fn progress(&self, stage: &str, what: &str, done: u64, total: u64) {
        self.0.tell(stage, what, done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

pub(super) fn perform(run: &Run, actions: Vec<Numbered>) -> Vec<(usize, ActionResult)> {
    let mut out = Vec::new();
    for (index, action) in actions {
        run.tell_action("checking", &action, index);
        let started = Instant::now();
        let checked = checks::check_plan(&run.inner, &action)
            .and_then(|()| checks::check_risk(run, &action))
            .and_then(|()| checks::check_budget(run, &[]));
        let (mut result, status) = match checked {
            Err(error) => (results::failed(&action, run.dry_run, &error), "refused"),
            Ok(()) if run.is_cancelled() => (results::cancelled(&action, run.dry_run), "failed"),
            Ok(()) if run.dry_run => match would(run, &action) {
                Ok(result) => (result, "demo"),
                Err(error) => (results::failed(&action, true, &error), "failed"),
            },
            Ok(()) => match clean(run, &action) {
                Ok(result) => (result, "completed"),
                Err(error) => (results::failed(&action, false, &error), "failed"),
            },
        };
        result.execution_time = started.elapsed().as_secs_f64();
        out.push((index, settle(run, result, status)));
    }
    out
}

/// What would go.
fn would(run: &Run, action: &Action) -> Result<ActionResult> {
    let inner = &run.inner;
    let (book, settings) = files::rules(inner);
    let preview = cleanup::preview(&inner.roots, &book.rules, &settings, &Told(run))?;
    let changes = preview
        .rules
        .iter()
        .filter(|rule| rule.files > 0)
        .map(|rule| {
            format!(
                "{} files, {:.1} MB of {} by the rule {:?}",
                rule.files,
                rule.bytes as f64 / 1e6,
                rule.rule.root.display(),
                rule.rule.name
            )
        })
        .collect();
    Ok(ActionResult {
        success: true,
        improvement: Some(action.estimated_benefit).filter(|benefit| benefit.is_finite()),
        reason: format!(
            "demo mode: {} files with {:.1} MB would be put aside",
            preview.files,
            preview.bytes as f64 / 1e6
        ),
        changes,
        quarantined_bytes: Some(preview.bytes),
        ..results::blank(action, true)
    })
}

fn clean(run: &Run, action: &Action) -> Result<ActionResult> {
    let inner = &run.inner;
    let subject = action.subject.as_deref().unwrap_or("/");
    let used = || Pain::default().value(Metric::SpaceUsed, Some(subject));
    let before = used();
    let purged = files::purge_expired(inner)?;
    let (book, settings) = files::rules(inner);
    let mut entries = Vec::new();
    let mut note = |quarantine: &cleanup::Quarantine| {
        let change = Change::Quarantine(quarantine.clone());
        // It is not there to relieve for a while: it stays when the optimizer ends.
        entries.push(journal::begin(inner, action.id, &change, true)?);
        Ok(())
    };
    let done = cleanup::clean(&inner.roots, &book.rules, &settings, &mut note, &Told(run));
    let cleaned = match done {
        Ok(cleaned) if !cleaned.cancelled => cleaned,
        other => {
            for entry in entries.iter().rev() {
                journal::undo(inner, entry.row, action.id, &entry.change);
            }
            return match other {
                Ok(_) => Ok(ActionResult {
                    rolled_back: true,
                    ..results::cancelled(action, false)
                }),
                Err(error) => Err(error),
            };
        }
    };
    for entry in &entries {
        let Change::Quarantine(quarantine) = &entry.change else {
            continue;
        };
        let is_purged = cleaned
            .rules
            .iter()
            .any(|rule| rule.purged && rule.quarantine.as_ref() == Some(quarantine));
        let marked = match is_purged {
            true => journal::settle(inner, entry),
            false => journal::keep(inner, entry).map(drop),
        };
        // The files are where they are; what is not known to stay is restored at the close.
        if let Err(error) = marked {
            let told = format_args!("{} was not recorded: {error}", entry.change.about());
            tell(Level::Warn, told);
        }
    }
    let now = sys::moment().monotonic_seconds;
    super::locked(&inner.budget).note_done(ActionKind::CleanupDisk, now);
    Ok(told(
        action,
        &cleaned,
        purged,
        before.zip(used()),
        &settings,
    ))
}

fn told(
    action: &Action,
    cleaned: &Cleaned,
    purged: u64,
    used: Option<(f64, f64)>,
    settings: &cleanup::Settings,
) -> ActionResult {
    let freed = cleaned.freed_bytes + purged;
    let aside = cleaned.quarantined_bytes;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let hours = settings.quarantine_seconds / 3600.0;
    let (verdict, reason) = match (freed, aside) {
        (0, 0) => (
            Verdict::NoEffect,
            "the rules of cleaning found nothing that may go".to_string(),
        ),
        (0, aside) => (
            Verdict::NotMeasured,
            format!(
                "{} files put aside: {:.1} MB get free when they are purged, after {hours:.0} h",
                cleaned.files,
                megabytes(aside)
            ),
        ),
        (freed, aside) => (
            Verdict::Helped,
            format!(
                "{:.1} MB freed; {:.1} MB put aside for {hours:.0} h",
                megabytes(freed),
                megabytes(aside)
            ),
        ),
    };
    let failures: Vec<String> = cleaned
        .rules
        .iter()
        .filter_map(|rule| Some(format!("{}: {}", rule.rule, rule.error.as_ref()?)))
        .collect();
    ActionResult {
        success: true,
        before_value: used.map(|(before, _)| before),
        after_value: used.map(|(_, after)| after),
        improvement: used.map(|(before, after)| before - after),
        verdict,
        reason: match failures.is_empty() {
            true => reason,
            false => format!("{reason}; not followed: {}", failures.join("; ")),
        },
        changes: cleaned
            .rules
            .iter()
            .filter(|rule| rule.files + rule.folders > 0)
            .map(|rule| {
                format!(
                    "{} files, {:.1} MB by the rule {:?}",
                    rule.files,
                    megabytes(rule.bytes),
                    rule.rule
                )
            })
            .collect(),
        freed_bytes: Some(freed),
        quarantined_bytes: Some(aside),
        ..results::blank(action, false)
    }
}
