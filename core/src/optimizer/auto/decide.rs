//! What to do about one state: mostly nothing, and why.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::super::action::{Action, RiskLevel};
use super::super::inner::{Inner, Shared, locked};
use super::super::options::ExecuteOptions;
use super::super::outcome::{ExecutionReport, Verdict};
use super::super::target::{Resource, Target};
use super::super::{diagnosis, execution, journal, undoing};
use super::say;
use crate::arrange::set_of;
use crate::error::Result;
use crate::state::State;
use crate::sys;

/// Seconds of calm after which temporary changes are not needed any more.
const CALM_SECONDS: f64 = 30.0;
/// Below this share of a threshold it is calm: between the two nothing changes (hysteresis).
const CALM_SHARE: f64 = 0.6;

/// What tells one trouble from another between two measurements.
type Trouble = (Resource, Option<String>);

/// Remembers what it saw.
#[derive(Debug, Default)]
pub(super) struct Decider {
    calm_since: Option<f64>,
}

impl Decider {
    pub(super) fn decide(&mut self, inner: &Shared, state: &Arc<State>) -> Result<()> {
        if inner.halt.is_on() {
            // Whoever has pulled it can't take back what a living optimizer has done.
            release(inner, "the kill switch is on")?;
            say(
                inner,
                "skipped",
                "did nothing because the kill switch is on",
            );
            return Ok(());
        }
        let profile = inner.profile.load_full();
        let now = sys::moment().monotonic_seconds;
        locked(&inner.budget).forget(now, inner.settings.cooldown_seconds);
        if !locked(&inner.analyst).is_worth_a_look(state, &profile) {
            say(
                inner,
                "skipped",
                "did nothing because no resource is under pressure",
            );
            return self.release_when_calm(inner, state, now);
        }
        self.calm_since = None;
        let mut targets = lasting_targets(inner)?;
        if targets.is_empty() {
            say(
                inner,
                "skipped",
                "did nothing because nobody suffers, though a resource is busy",
            );
            return Ok(());
        }
        let planned = diagnosis::think(inner, &targets);
        let (mut actions, reasons) = sift(inner, planned, now)?;
        one_trouble_only(&mut actions);
        if actions.is_empty() {
            say(inner, "skipped", &nothing_to_do(&targets, &reasons));
            return Ok(());
        }
        if is_unwanted(inner) {
            return Ok(());
        }
        // What leads to nothing is told in the history alone: it may be so for days.
        diagnosis::save_targets(inner, &mut targets)?;
        diagnosis::save_actions(inner, &mut actions)?;
        let dry_run = inner.settings.auto_dry_run;
        let options = ExecuteOptions {
            dry_run,
            cancel: Some(&inner.auto.is_closing),
            ..ExecuteOptions::default()
        };
        let report = execution::execute(inner, &actions, &options)?;
        if dry_run {
            locked(&inner.budget).note_touched(&processes_of(&actions), now);
        }
        for action in actions.iter().filter(|a| a.process.is_none()) {
            locked(&inner.budget).note_done(action.action_type, now);
        }
        if !dry_run {
            let kept = report.details.iter().filter(|d| d.success);
            locked(&inner.auto.actions).extend(kept.map(|d| d.action_id));
        }
        let status = if dry_run { "demo" } else { "acted" };
        say(inner, status, &summary(&targets, &report));
        Ok(())
    }

    /// Temporary changes are taken back when they have not been needed for a while.
    fn release_when_calm(&mut self, inner: &Inner, state: &State, now: f64) -> Result<()> {
        if !is_calm(inner, state) {
            self.calm_since = None;
            return Ok(());
        }
        let since = *self.calm_since.get_or_insert(now);
        if now - since < CALM_SECONDS {
            return Ok(());
        }
        self.calm_since = Some(now);
        if release(inner, "not needed any more")? {
            say(
                inner,
                "released",
                "took the changes back because all has been calm for a while",
            );
        }
        Ok(())
    }
}

/// Takes back what auto-optimization has done; answers whether there was anything.
fn release(inner: &Inner, why: &str) -> Result<bool> {
    let actions = locked(&inner.auto.actions).clone();
    let rows = undoing::temporary_changes(inner, &actions)?;
    let results = undoing::take_back(inner, &rows, why);
    if results.iter().all(|result| result.error.is_none()) {
        locked(&inner.auto.actions).clear();
    }
    Ok(!results.is_empty())
}

/// It was switched off meanwhile.
fn is_unwanted(inner: &Inner) -> bool {
    inner.auto.is_closing() || !inner.auto.is_on()
}

/// The targets that stand in several measurements in a row.
fn lasting_targets(inner: &Inner) -> Result<Vec<Target>> {
    let closing = || is_unwanted(inner);
    let verify = Duration::from_secs_f64(inner.settings.verify_seconds);
    let samples = inner.settings.auto_samples;
    let mut lasting: Option<BTreeSet<Trouble>> = None;
    let mut targets = Vec::new();
    for sample in 1..=samples {
        // The last one serves as the window before the act, which is as long as that after.
        let window = match sample == samples {
            true => verify,
            false => verify.min(diagnosis::MOST_WINDOW),
        };
        targets = diagnosis::look(inner, window, &closing)?;
        let seen: BTreeSet<Trouble> = set_of(targets.iter().map(trouble));
        let both = match &lasting {
            Some(before) => set_of(before.intersection(&seen).cloned()),
            None => seen,
        };
        if both.is_empty() || closing() {
            return Ok(Vec::new());
        }
        lasting = Some(both);
    }
    let lasting = lasting.unwrap_or_default();
    targets.retain(|target| lasting.contains(&trouble(target)));
    Ok(targets)
}

fn trouble(target: &Target) -> Trouble {
    (target.target_type, target.subject.clone())
}

/// Leaves what may be done without anybody's word, and says why not of the rest.
fn sift(inner: &Inner, planned: Vec<Action>, now: f64) -> Result<(Vec<Action>, Vec<String>)> {
    let allowed = inner.profile.load().allowed_risk;
    let cooldown = inner.settings.cooldown_seconds;
    let mut actions = Vec::new();
    let mut reasons = Vec::new();
    for action in planned {
        let budget = locked(&inner.budget);
        let cooling = match action.action_type {
            kind if action.process.is_none() => budget.is_kind_cooling(kind, now, cooldown),
            _ => action
                .process
                .is_some_and(|p| budget.is_cooling(p, now, cooldown)),
        };
        drop(budget);
        let reason = if !action.effect.yes {
            Some(action.effect.reason.clone())
        } else if action.risk.level > allowed {
            Some("its risk is above what the profile allows".into())
        } else if !action.reversible.yes && allowed == RiskLevel::Low {
            Some(action.reversible.reason.clone())
        } else if cooling {
            Some("it was acted upon a moment ago (cooldown)".into())
        } else {
            let concerned: Vec<_> = action.process.into_iter().collect();
            journal::conflict(inner, &concerned)?
        };
        match reason {
            Some(reason) => reasons.push(format!("{}: {reason}", action.description)),
            None => actions.push(action),
        }
    }
    Ok((actions, reasons))
}

/// The effect of one relief is waited for before the next: the trouble of the first action, and
/// what has to do with no process.
fn one_trouble_only(actions: &mut Vec<Action>) {
    let first = actions.iter().find(|action| action.process.is_some());
    let Some((resource, culprits)) = first.map(|a| (a.resource, a.culprits.clone())) else {
        return;
    };
    actions.retain(|action| {
        action.process.is_none() || (action.resource == resource && action.culprits == culprits)
    });
}

fn processes_of(actions: &[Action]) -> Vec<crate::act::ProcessId> {
    actions.iter().filter_map(|action| action.process).collect()
}

fn nothing_to_do(targets: &[Target], reasons: &[String]) -> String {
    let trouble: Vec<&str> = targets.iter().map(|t| t.description.as_str()).collect();
    let mut why: Vec<String> = reasons.to_vec();
    for culprit in targets.iter().flat_map(|t| &t.culprits) {
        if let Some(reason) = &culprit.untouchable_reason {
            let text = format!("{} (PID: {}): {reason}", culprit.name, culprit.process.pid);
            if !why.contains(&text) {
                why.push(text);
            }
        }
    }
    if why.is_empty() {
        why.push("no lever of the profile works here".into());
    }
    why.truncate(5);
    format!(
        "did nothing about: {}; because {}",
        trouble.join(" "),
        why.join("; ")
    )
}

fn summary(targets: &[Target], report: &ExecutionReport) -> String {
    let trouble: Vec<&str> = targets.iter().map(|t| t.description.as_str()).collect();
    let done: Vec<String> = report
        .details
        .iter()
        .map(|result| {
            let end = match (result.dry_run, result.rolled_back, result.verdict) {
                (true, ..) => "would be done",
                (_, true, _) => "taken back",
                (_, _, Verdict::Helped) => "helped",
                _ if result.success => "done",
                _ => "not done",
            };
            format!("{}: {end} ({})", result.action, result.reason)
        })
        .collect();
    format!("because {} {}", trouble.join(" "), done.join("; "))
}

/// Well below every threshold.
fn is_calm(inner: &Inner, state: &State) -> bool {
    let profile = inner.profile.load();
    let Some(sample) = &state.sample else {
        return false;
    };
    let busy = sample.cpu.shares.map(|shares| shares.busy_percent);
    let is_idle = busy.is_some_and(|busy| busy < CALM_SHARE * profile.cpu_threshold);
    let pressure = &sample.pressure;
    let is_quiet = [pressure.cpu, pressure.memory, pressure.io]
        .into_iter()
        .flatten()
        .all(|p| p.some.avg10_percent < CALM_SHARE * profile.pressure_threshold);
    is_idle && is_quiet
}
