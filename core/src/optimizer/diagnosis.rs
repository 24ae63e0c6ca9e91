//! Analyze and plan: from the newest state to targets, and from targets to actions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::action::Action;
use super::history;
use super::inner::{Inner, Measured, locked, now_unix};
use super::pain::{self, Pain};
use super::planning::{self, Ground};
use super::target::{Metric, Target};
use crate::act::{Change, Facts, ProcessId};
use crate::error::Result;
use crate::state::State;
use crate::sys;

/// Longest window in which an analysis watches what others suffer.
pub(super) const MOST_WINDOW: Duration = Duration::from_millis(500);
/// Samples between two storings of what was learnt as normal.
const STORE_EVERY: u64 = 60;
/// Where that is kept.
pub(super) const BASELINE_NOTE: &str = "baselines";

/// Watches for a moment and says what is wrong.
pub(super) fn analyze(inner: &Inner, stop: &dyn Fn() -> bool) -> Result<Vec<Target>> {
    let window = Duration::from_secs_f64(inner.settings.verify_seconds).min(MOST_WINDOW);
    let mut targets = look(inner, window, stop)?;
    save_targets(inner, &mut targets)?;
    Ok(targets)
}

/// The same with a window of one's own, and without storing the targets.
pub(super) fn look(
    inner: &Inner,
    window: Duration,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Target>> {
    let pain = pain::measure(&inner.roots, &held_back(inner)?, window, stop)?;
    let state = inner.source.fresh_state()?;
    targets(inner, &state, &pain)
}

/// The processes that a change in force holds back: what they wait is nobody's suffering.
pub(super) fn held_back(inner: &Inner) -> Result<BTreeSet<ProcessId>> {
    let rows = inner.ledger.journal_open()?;
    let changes = rows
        .iter()
        .filter_map(|row| serde_json::from_str::<Change>(&row.change).ok());
    Ok(changes.flat_map(|change| change.processes()).collect())
}

/// Judges a state with what was suffered.
fn targets(inner: &Inner, state: &Arc<State>, pain: &Pain) -> Result<Vec<Target>> {
    let profile = inner.profile.load_full();
    let door = inner.door();
    let (targets, learnt) = {
        let mut analyst = locked(&inner.analyst);
        let targets = analyst.analyze(state, pain, &profile, &door, now_unix());
        let learnt = state
            .sequence
            .is_multiple_of(STORE_EVERY)
            .then(|| analyst.learnt());
        (targets, learnt)
    };
    if let Some(learnt) = learnt {
        inner.ledger.put_note(BASELINE_NOTE, &learnt)?;
    }
    remember(inner, &targets, pain)?;
    Ok(targets)
}

/// Gives each a row.
pub(super) fn save_targets(inner: &Inner, targets: &mut [Target]) -> Result<()> {
    let rows: Vec<_> = targets
        .iter()
        .map(history::target_row)
        .collect::<Result<_>>()?;
    let ids = inner.ledger.save_targets(&rows)?;
    for (target, id) in targets.iter_mut().zip(ids) {
        target.id = id;
    }
    Ok(())
}

/// The measurement serves as the window before an action against these culprits.
fn remember(inner: &Inner, targets: &[Target], pain: &Pain) -> Result<()> {
    let mut culprits: BTreeSet<_> = targets
        .iter()
        .flat_map(|t| t.culprits.iter().map(|c| c.process))
        .collect();
    culprits.extend(held_back(inner)?);
    *locked(&inner.measured) = Some(Measured {
        pain: pain.seen_without(&culprits),
        culprits,
        at_monotonic_seconds: sys::moment().monotonic_seconds,
    });
    Ok(())
}

/// Plans, and stores the plan.
pub(super) fn plan(inner: &Inner, targets: &[Target]) -> Result<Vec<Action>> {
    let mut actions = think(inner, targets);
    save_actions(inner, &mut actions)?;
    Ok(actions)
}

/// Plans without storing.
pub(super) fn think(inner: &Inner, targets: &[Target]) -> Vec<Action> {
    let profile = inner.profile.load_full();
    let door = inner.door();
    let facts = Facts::read(&inner.roots);
    let in_vain = inner.in_vain_now();
    let has_space = |t: &Target| matches!(t.metric, Metric::SpaceUsed | Metric::InodesUsed);
    let cleanable_bytes = match targets.iter().any(has_space) {
        true => super::files::cleanable_bytes(inner),
        false => None,
    };
    let ground = Ground {
        facts: &facts,
        profile: &profile,
        door: &door,
        settings: &inner.settings,
        cpus: inner.cpus(),
        in_vain: &in_vain,
        cleanable_bytes,
        now: now_unix(),
    };
    planning::plan(targets, &ground)
}

/// Gives each a row.
pub(super) fn save_actions(inner: &Inner, actions: &mut [Action]) -> Result<()> {
    let rows: Vec<_> = actions
        .iter()
        .map(history::action_row)
        .collect::<Result<_>>()?;
    let ids = inner.ledger.save_actions(&rows)?;
    for (action, id) in actions.iter_mut().zip(ids) {
        action.id = id;
    }
    Ok(())
}
