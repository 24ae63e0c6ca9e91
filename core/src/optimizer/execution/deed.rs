//! The deed: every change of an action journalled and applied, and taken back unless it is judged.

use std::time::Instant;

use super::super::inner::locked;
use super::super::journal;
use super::Run;
use super::checks::Ready;
use crate::act::{Change, Door, ProcessId};
use crate::error::{Error, Result};
use crate::sys;

/// An action that was begun and waits for its verdict. Dropped without one, by an error or a
/// panic, it is taken back.
pub(super) struct Done<'r> {
    run: &'r Run,
    pub(super) ready: Ready,
    pub(super) entries: Vec<journal::Entry>,
    pub(super) seconds: f64,
    is_judged: bool,
}

impl Done<'_> {
    /// Takes back what was applied; answers what stood against that.
    pub(super) fn take_back(&mut self) -> Option<String> {
        self.is_judged = true;
        self.run.forget_measurement();
        let mut failure = None;
        for entry in self.entries.iter().rev() {
            let id = self.ready.action.id;
            let undone = journal::undo(&self.run.inner, entry.row, id, &entry.change);
            failure = failure.or(undone.error);
        }
        failure
    }

    /// By its nature it can't be taken back.
    pub(super) fn is_final(&self) -> bool {
        let is_once = |e: &journal::Entry| matches!(e.change, Change::Once(_));
        self.entries.iter().all(is_once)
    }

    /// Leaves it in force; answers what stands against that or could not be written down.
    pub(super) fn keep(&mut self) -> Option<String> {
        self.is_judged = true;
        let mut trouble = None;
        for entry in &self.entries {
            let kept = match journal::keep(&self.run.inner, entry) {
                Ok(true) => None,
                Ok(false) => Some("it was taken back by somebody meanwhile".to_string()),
                Err(error) => Some(format!("that it stays could not be recorded: {error}")),
            };
            trouble = trouble.or(kept);
        }
        trouble
    }
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        if !self.is_judged {
            self.take_back();
        }
    }
}

/// Journals and applies every change of an action; on a failure takes back what was done.
pub(super) fn act(run: &Run, ready: Ready) -> Result<Done<'_>> {
    let started = Instant::now();
    let inner = &run.inner;
    let stays = !inner.settings.rollback_on_close;
    let door = inner.door();
    let touched: Vec<ProcessId> = ready.changes.iter().flat_map(Change::processes).collect();
    run.forget_measurement();
    let mut done = Done {
        run,
        ready,
        entries: Vec::new(),
        seconds: 0.0,
        is_judged: false,
    };
    if let Err(error) = apply_all(&mut done, &door, &touched, stays) {
        return Err(match done.take_back() {
            None => error,
            Some(failure) => Error::InvalidState(format!(
                "{error}; what was done of it could not be taken back: {failure}"
            )),
        });
    }
    let now = sys::moment().monotonic_seconds;
    locked(&inner.budget).note_touched(&touched, now);
    inner.wake_housekeeping();
    done.seconds = started.elapsed().as_secs_f64();
    Ok(done)
}

fn apply_all(done: &mut Done<'_>, door: &Door, touched: &[ProcessId], stays: bool) -> Result<()> {
    let inner = &done.run.inner;
    for change in &done.ready.changes {
        inner.halt.check()?;
        let entry = journal::begin(inner, done.ready.action.id, change, stays)?;
        let row = entry.row;
        // From here on it is taken back, whatever happens.
        done.entries.push(entry);
        if let Some(conflict) = journal::conflict_before(inner, row, touched)? {
            return Err(Error::Refused(conflict));
        }
        if let Some(entry) = done.entries.last_mut() {
            journal::apply(inner, entry, door)?;
        }
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::super::{Action, ActionKind, Optimizer, OptimizerSettings};
    use super::*;
    use crate::act::{Lever, Scope};
    use crate::config::Config;
    use crate::sample::Roots;

    struct Own(std::process::Child);

    impl Drop for Own {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn policy(pid: i32) -> Option<u32> {
        sys::thread_policy(pid).ok().map(|found| found.policy)
    }

    /// As it is on the way of a panic or of an error between the act and the verdict.
    #[test]
    fn what_is_dropped_without_a_verdict_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let own = Own(std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap());
        let pid = own.0.id() as i32;
        let process = ProcessId::now(&Roots::default(), pid).unwrap();
        let config = Config {
            data_dir: Some(folder.path().into()),
            store_enabled: false,
            ..Config::default()
        };
        let settings = OptimizerSettings {
            scope: Some(Scope::List(vec![process])),
            ..OptimizerSettings::default()
        };
        let optimizer = Optimizer::new(config, settings).unwrap();
        let run = Run::for_test(&optimizer.inner);
        let changes = Lever::Batch { process }
            .prepare(&optimizer.inner.door())
            .unwrap();
        let ready = || Ready {
            index: 0,
            action: Action::by_hand(ActionKind::SetBatch, pid.to_string()),
            changes: changes.clone(),
        };
        let done = act(&run, ready()).unwrap();
        assert_eq!(policy(pid), Some(3));
        drop(done);
        assert_eq!(policy(pid), Some(0));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _done = act(&run, ready()).unwrap();
            assert_eq!(policy(pid), Some(3));
            panic!("of the test");
        }));
        assert!(panicked.is_err());
        assert_eq!(policy(pid), Some(0));
        assert!(optimizer.inner.ledger.journal_open().unwrap().is_empty());
    }
}
