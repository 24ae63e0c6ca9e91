//! Doing what was planned: checks at the act, journal first, measured, taken back when it did
//! not help. Actions that relieve the same thing are done and judged together; those that have
//! nothing to do with each other run side by side.

mod by_hand;
mod checks;
mod cleaning;
mod deed;
mod grounds;
mod lane;
mod own_heap;
mod relief;
mod results;
mod verdict;
mod weigh;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::RollbackOf;
use super::action::{Action, RiskLevel};
use super::inner::{Inner, Shared, locked, now_unix};
use super::options::ExecuteOptions;
use super::outcome::{ActionResult, ExecutionReport, Progress};
use super::{history, undoing};
use crate::act::{Facts, ProcessId};
use crate::arrange::arrange_by_key;
use crate::error::{Error, Result};
use crate::logging::{Level, tell};

pub use weigh::Weighed;
pub(super) use weigh::weigh;

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
    facts: OnceLock<Facts>,
}

impl Run {
    #[cfg(test)]
    fn for_test(inner: &Shared) -> Run {
        Run {
            inner: inner.clone(),
            dry_run: false,
            verify: false,
            allowed_risk: RiskLevel::Low,
            cancelled: AtomicBool::new(false),
            progress: unbounded().0,
            total: 1,
            facts: OnceLock::new(),
        }
    }

    /// What decides here whether a lever can work, read once for the whole call.
    pub(super) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::read(&self.inner.roots))
    }

    /// What was measured before is not how it is any more.
    pub(super) fn forget_measurement(&self) {
        *locked(&self.inner.measured) = None;
    }

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

/// Results with their actions' places in the caller's list.
type Results = Vec<(usize, ActionResult)>;

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
    let turn = inner.acting.begin()?;
    let numbered = record(inner, actions)?;
    let (progress, steps) = unbounded();
    let mut heard = Heard {
        steps,
        run: Weak::new(),
    };
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
        facts: OnceLock::new(),
    });
    heard.run = Arc::downgrade(&run);
    let mut details: Vec<(usize, ActionResult)> = Vec::new();
    let mut pending = Vec::new();
    for lane in lane::split(numbered) {
        let (run, actions) = (run.clone(), lane.actions());
        match inner.pool.submit(move || lane.perform(&run)) {
            Ok(lane) => pending.push((lane, actions)),
            Err(error) => details.extend(lost(&actions, options.dry_run, &error)),
        }
    }
    drop(run);
    heard.pass_on(options);
    for (lane, actions) in pending {
        // What one lane has met takes nothing from the others' results.
        match lane.wait(Duration::from_secs(5)) {
            Ok(results) => details.extend(results),
            Err(error) => details.extend(lost(&actions, options.dry_run, &error)),
        }
    }
    if turn.was_halted() {
        undoing::rollback(inner, RollbackOf::All)?;
    }
    arrange_by_key(&mut details, |(index, _)| *index);
    let details: Vec<ActionResult> = details.into_iter().map(|(_, result)| result).collect();
    let report = summed(details, options, started.elapsed().as_secs_f64());
    // What was done is told, whether it can be recorded or not.
    if let Err(error) = history::note_batch(inner, &report) {
        tell(
            Level::Warn,
            format_args!("a call was not recorded: {error}"),
        );
    }
    Ok(report)
}

/// The results of a lane that did not come to its end. What it had applied was taken back.
fn lost(actions: &[Numbered], dry_run: bool, error: &Error) -> Vec<(usize, ActionResult)> {
    let failed = |(index, action): &Numbered| (*index, results::failed(action, dry_run, error));
    actions.iter().map(failed).collect()
}

/// What the lanes tell. When the caller's own function panics they are ended and waited for,
/// before another call may begin.
struct Heard {
    steps: Receiver<Progress>,
    run: Weak<Run>,
}

impl Heard {
    /// Passes it on until the lanes, which hold the senders, have ended.
    fn pass_on(&self, options: &ExecuteOptions<'_>) {
        loop {
            match self.steps.recv_timeout(LOOK) {
                Ok(step) => {
                    if let Some(progress) = options.progress {
                        progress(&step);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if options.is_cancelled() {
                self.cancel();
            }
        }
    }

    fn cancel(&self) {
        if let Some(run) = self.run.upgrade() {
            run.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.cancel();
        while self.steps.recv().is_ok() {}
    }
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
        total_benefit: ExecutionReport::measurements(&details)
            .into_iter()
            .filter(|d| d.success)
            .filter_map(|d| d.improvement)
            .filter(|improvement| improvement.is_finite())
            // Not sum(), which is −0 of nothing.
            .fold(0.0, |sum, improvement| sum + improvement),
        execution_time,
        dry_run: options.dry_run,
        cancelled: options.is_cancelled(),
        details,
    }
}

/// Gives each action a row that is its own: one that has none or no such one, one that occurs
/// twice, and one that was done before, whose result is not to be written over.
fn record(inner: &Inner, actions: &[Action]) -> Result<Vec<Numbered>> {
    let mut numbered = Vec::with_capacity(actions.len());
    let (mut known, mut unknown) = (BTreeSet::new(), Vec::new());
    for (index, action) in actions.iter().enumerate() {
        let has_row = action.id > 0 && !known.contains(&action.id) && {
            let row = inner.ledger.action(action.id)?;
            row.is_some_and(|row| !matches!(row.status.as_str(), "completed" | "rolled_back"))
        };
        match has_row {
            true => drop(known.insert(action.id)),
            false => unknown.push(index),
        }
        numbered.push((index, action.clone()));
    }
    let rows: Vec<_> = unknown
        .iter()
        .map(|index| history::action_row(&actions[*index]))
        .collect::<Result<_>>()?;
    let ids = inner.ledger.save_actions(&rows)?;
    if ids.len() != unknown.len() {
        return Err(Error::Internal("an action was stored without a row".into()));
    }
    for (index, id) in unknown.into_iter().zip(ids) {
        numbered[index].1.id = id;
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
