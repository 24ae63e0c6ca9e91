//! Doing what was planned: checks at the act, journal first, measured, taken back when it did
//! not help. Actions that relieve the same thing are done and judged together; those that have
//! nothing to do with each other run side by side.

mod by_hand;
mod checks;
mod cleaning;
mod lane;
mod relief;
mod results;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{RecvTimeoutError, Sender, unbounded};

use super::action::{Action, RiskLevel};
use super::history;
use super::inner::{Inner, Shared, locked, now_unix};
use super::options::ExecuteOptions;
use super::outcome::{ActionResult, ExecutionReport, Progress};
use crate::act::ProcessId;
use crate::error::{Error, Result};

/// How often the caller's wish to cancel is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// One call, as the lanes see it.
pub(super) struct Run {
    pub(super) inner: Shared,
    pub(super) dry_run: bool,
    pub(super) verify: bool,
    pub(super) allowed_risk: RiskLevel,
    pub(super) cancelled: AtomicBool,
    progress: Sender<Progress>,
    total: u64,
}

impl Run {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || (!self.dry_run && self.inner.halt.is_on())
    }

    pub(super) fn tell(&self, stage: &str, what: &str, done: u64, total: u64) {
        // Nobody may listen any more; that is no failure.
        let _ = self.progress.send(Progress {
            stage: stage.into(),
            what: what.into(),
            done,
            total,
        });
    }

    pub(super) fn tell_action(&self, stage: &str, action: &Action, index: usize) {
        self.tell(stage, &action.description, index as u64, self.total);
    }
}

/// An action with its place in the caller's list.
pub(super) type Numbered = (usize, Action);

/// Executes the actions; see [`Optimizer::execute`](super::Optimizer::execute).
pub(super) fn execute(
    inner: &Shared,
    actions: &[Action],
    options: &ExecuteOptions<'_>,
) -> Result<ExecutionReport> {
    let started = Instant::now();
    if !options.dry_run {
        inner.halt.check()?;
    }
    let _one_batch_at_a_time = locked(&inner.acting);
    let (progress, heard) = unbounded();
    let run = Arc::new(Run {
        inner: inner.clone(),
        dry_run: options.dry_run,
        verify: options.verify,
        allowed_risk: options
            .allowed_risk
            .unwrap_or(inner.profile.load().allowed_risk),
        cancelled: AtomicBool::new(options.is_cancelled()),
        progress,
        total: actions.len() as u64,
    });
    let lanes = lane::split(record(inner, actions)?);
    let mut pending = Vec::new();
    for lane in lanes {
        let run = run.clone();
        pending.push(inner.pool.submit(move || lane.perform(&run))?);
    }
    let run_of_caller = Arc::downgrade(&run);
    drop(run);
    // The lanes hold the senders: the channel ends with the last of them.
    loop {
        match heard.recv_timeout(LOOK) {
            Ok(step) => {
                if let Some(progress) = options.progress {
                    progress(&step);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if options.is_cancelled()
            && let Some(run) = run_of_caller.upgrade()
        {
            run.cancelled.store(true, Ordering::Relaxed);
        }
    }
    let mut details: Vec<(usize, ActionResult)> = Vec::new();
    for lane in pending {
        details.extend(lane.wait(Duration::from_secs(5))??);
    }
    details.sort_by_key(|(index, _)| *index);
    let details: Vec<ActionResult> = details.into_iter().map(|(_, result)| result).collect();
    let report = summed(details, options, started.elapsed().as_secs_f64());
    history::note_batch(inner, &report)?;
    Ok(report)
}

fn summed(
    details: Vec<ActionResult>,
    options: &ExecuteOptions<'_>,
    execution_time: f64,
) -> ExecutionReport {
    let successful = details.iter().filter(|d| d.success).count();
    ExecutionReport {
        executed: details.len(),
        successful,
        failed: details.len() - successful,
        total_benefit: details
            .iter()
            .filter(|d| d.success)
            .filter_map(|d| d.improvement)
            // Not sum(), which is −0 of nothing.
            .fold(0.0, |sum, improvement| sum + improvement),
        execution_time,
        dry_run: options.dry_run,
        cancelled: options.is_cancelled(),
        details,
    }
}

/// Fills in what a hand-made action lacks and gives each a row.
fn record(inner: &Inner, actions: &[Action]) -> Result<Vec<Numbered>> {
    let mut numbered = Vec::with_capacity(actions.len());
    for (index, action) in actions.iter().enumerate() {
        let mut action = action.clone();
        if action.id == 0 {
            let rows = [history::action_row(&action)?];
            action.id = inner
                .ledger
                .save_actions(&rows)?
                .first()
                .copied()
                .ok_or_else(|| Error::Internal("an action was stored without a row".into()))?;
        }
        numbered.push((index, action));
    }
    Ok(numbered)
}

/// The processes that a list of actions is about.
fn culprits_of<'a>(actions: impl Iterator<Item = &'a Action>) -> BTreeSet<ProcessId> {
    actions
        .flat_map(|action| action.culprits.iter().copied().chain(action.process))
        .collect()
}

fn now() -> f64 {
    now_unix()
}
