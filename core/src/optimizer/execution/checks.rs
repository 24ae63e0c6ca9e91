//! What is asked of an action before anything is done, at the moment of the act.

use std::collections::BTreeSet;

use super::super::action::{Action, ActionKind};
use super::super::inner::{Inner, locked};
use super::super::owner::start_of;
use super::super::{journal, planning};
use super::{Run, by_hand, grounds, now};
use crate::act::{Change, ProcessId};
use crate::error::{Error, Result};
use crate::sys;

/// Why an action is refused that would leave everything as it is.
pub(super) const NOTHING_TO_CHANGE: &str =
    "there is nothing to change: everything is as it would be made already";

/// An action that may be done, with what it would change.
pub(super) struct Ready {
    pub(super) index: usize,
    pub(super) action: Action,
    pub(super) changes: Vec<Change>,
}

/// Checks one action and reads what it would change. `taken` are the processes of the actions
/// before it in the same call.
///
/// # Errors
/// `Refused` with the reason, or what reading the prior values met.
pub(super) fn check(
    run: &Run,
    index: usize,
    action: &Action,
    taken: &mut BTreeSet<ProcessId>,
) -> Result<Ready> {
    let inner = &run.inner;
    check_plan(inner, action)?;
    let cpus = inner.cpus();
    let action = by_hand::complete(action.clone(), &inner.settings, &cpus)?;
    check_risk(run, &action)?;
    let changes = match &action.lever {
        Some(lever) => lever.prepare(&inner.door())?,
        None => Vec::new(),
    };
    if changes.is_empty() && action.lever.is_some() {
        return Err(Error::Refused(NOTHING_TO_CHANGE.into()));
    }
    grounds::check_lowers(&changes)?;
    let processes: Vec<ProcessId> = changes.iter().flat_map(Change::processes).collect();
    if let Some(twice) = processes.iter().find(|process| taken.contains(process)) {
        return Err(Error::Refused(format!(
            "process {} has an action in this call already",
            twice.pid
        )));
    }
    if let Some(conflict) = journal::conflict(inner, &processes)? {
        return Err(Error::Refused(conflict));
    }
    let all: Vec<ProcessId> = taken.iter().copied().chain(processes).collect();
    check_budget(run, &all)?;
    taken.extend(all);
    Ok(Ready {
        index,
        action,
        changes,
    })
}

/// The plan is fresh, and the action is the one that was planned.
pub(super) fn check_plan(inner: &Inner, action: &Action) -> Result<()> {
    if action.token.is_empty() {
        return Ok(());
    }
    if !planning::is_unaltered(action) {
        return Err(Error::Refused(
            "the action was altered since it was planned".into(),
        ));
    }
    let age = now() - action.planned_at;
    let shelf = inner.settings.plan_shelf_seconds;
    if !(-1.0..=shelf).contains(&age) {
        return Err(Error::Refused(format!(
            "the plan is {age:.0} s old, older than {shelf:.0} s (plan_shelf_seconds): plan anew"
        )));
    }
    if !action.effect.yes {
        return Err(Error::Refused(action.effect.reason.clone()));
    }
    Ok(())
}

/// The risk, assessed anew from what the action does. What the caller says of it counts only
/// where it is more.
pub(super) fn check_risk(run: &Run, action: &Action) -> Result<()> {
    grounds::check_lever(action)?;
    let facts = run.facts();
    let confidence = match action.token.is_empty() {
        // Who asks for it by hand is sure.
        true => 1.0,
        false => 0.8,
    };
    let roots = &run.inner.roots;
    let is_hazardous = action.action_type == ActionKind::LimitMemory
        && facts.memory.version == 1
        && action
            .lever
            .as_ref()
            .is_some_and(|lever| planning::starves(lever, roots));
    let risk = planning::assess_risk(
        action.action_type,
        &grounds::reversible(action.action_type, facts),
        grounds::is_another_users(action.lever.as_ref(), facts, roots),
        confidence,
        is_hazardous,
    );
    let (level, reasons) = match action.token.is_empty() || action.risk.level <= risk.level {
        true => (risk.level, risk.reasons),
        false => (action.risk.level, action.risk.reasons.clone()),
    };
    if level > run.allowed_risk {
        return Err(Error::Refused(format!(
            "its risk is {} and at most {} is allowed: {}",
            words(level),
            words(run.allowed_risk),
            reasons.join("; ")
        )));
    }
    Ok(())
}

fn words(level: super::RiskLevel) -> &'static str {
    match level {
        super::RiskLevel::Low => "low",
        super::RiskLevel::Medium => "medium",
        super::RiskLevel::High => "high",
    }
}

pub(super) fn check_budget(run: &Run, processes: &[ProcessId]) -> Result<()> {
    let inner = &run.inner;
    let most = inner.settings.max_processes_touched as usize;
    let mut touched: BTreeSet<ProcessId> = processes.iter().copied().collect();
    for row in inner.ledger.journal_open()? {
        if let Ok(change) = serde_json::from_str::<Change>(&row.change) {
            // One that has ended is under no change any more.
            let living = |p: &ProcessId| start_of(p.pid) == Some(p.start_time_ticks);
            touched.extend(change.processes().into_iter().filter(living));
        }
    }
    if touched.len() > most {
        return Err(Error::Refused(format!(
            "{} processes would be under changes, more than {most} (max_processes_touched)",
            touched.len()
        )));
    }
    if run.dry_run {
        return Ok(());
    }
    let now = sys::moment().monotonic_seconds;
    locked(&inner.budget)
        .take(now, inner.settings.max_actions_per_minute)
        .map_err(Error::Refused)
}
