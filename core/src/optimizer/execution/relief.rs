//! A group of actions against the same trouble: measured before, done, measured after, kept or
//! taken back together.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::super::action::Action;
use super::super::inner::{Measured, locked};
use super::super::outcome::{ActionResult, Verdict};
use super::super::pain::{self, Pain};
use super::super::target::Metric;
use super::super::{diagnosis, history, journal};
use super::checks::{self, Ready};
use super::{Numbered, Run, culprits_of, results};
use crate::act::{Change, Door, ProcessId};
use crate::error::{Error, Result};
use crate::sample::own_anonymous_bytes;
use crate::sys;

/// Between the act and the window after it.
const SETTLE: Duration = Duration::from_millis(100);
/// Most age of a measurement that serves as the window before.
const FRESH_SECONDS: f64 = 3.0;
/// How long what did not help is not tried again, seconds.
const IN_VAIN_SECONDS: f64 = 300.0;
/// Heap given back from which on it counts as help.
const NOTABLE_BYTES: f64 = 1_048_576.0;

/// An action that was begun and waits for its verdict. Dropped without one, by an error or a
/// panic, it is taken back.
struct Done<'r> {
    run: &'r Run,
    ready: Ready,
    entries: Vec<journal::Entry>,
    seconds: f64,
    is_judged: bool,
}

impl Done<'_> {
    /// Takes back what was applied; answers what stood against that.
    fn take_back(&mut self) -> Option<String> {
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
    fn is_final(&self) -> bool {
        let is_once = |e: &journal::Entry| matches!(e.change, Change::Once(_));
        self.entries.iter().all(is_once)
    }

    /// Leaves it in force; answers what stands against that or could not be written down.
    fn keep(&mut self) -> Option<String> {
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

type Results = Vec<(usize, ActionResult)>;

pub(super) fn perform(run: &Run, group: Vec<Numbered>) -> Results {
    let mut out = Vec::new();
    let mut taken = BTreeSet::new();
    let mut ready = Vec::new();
    for (index, action) in group {
        run.tell_action("checking", &action, index);
        match checks::check(run, index, &action, &mut taken) {
            Ok(found) => ready.push(found),
            Err(error) => out.push((index, failed(run, &action, &error))),
        }
    }
    if run.dry_run {
        for found in ready {
            let result = results::would(&found.action, &found.changes);
            out.push((found.index, settle(run, result, "demo")));
        }
        return out;
    }
    if ready.is_empty() {
        return out;
    }
    let mut culprits = culprits_of(ready.iter().map(|r| &r.action));
    let known = diagnosis::held_back(&run.inner).and_then(|held| {
        culprits.extend(held);
        run.verify
            .then(|| before(run, &culprits, &ready))
            .transpose()
    });
    let before = match known {
        Ok(before) => before,
        Err(error) => {
            out.extend(
                ready
                    .iter()
                    .map(|r| (r.index, failed(run, &r.action, &error))),
            );
            return out;
        }
    };
    let mut done = Vec::new();
    for found in ready {
        let (index, action) = (found.index, found.action.clone());
        if run.is_cancelled() {
            let result = results::cancelled(&action, false);
            out.push((index, settle(run, result, "failed")));
            continue;
        }
        run.tell_action("acting", &action, index);
        match act(run, found) {
            Ok(acted) => done.push(acted),
            Err(error) => out.push((index, failed(run, &action, &error))),
        }
    }
    out.extend(judge(run, done, before.as_ref(), &culprits));
    out
}

fn failed(run: &Run, action: &Action, error: &Error) -> ActionResult {
    let result = results::failed(action, run.dry_run, error);
    settle(run, result, refused_status(error))
}

fn refused_status(error: &Error) -> &'static str {
    match error {
        Error::Refused(_) => "refused",
        _ => "failed",
    }
}

/// The measurement before: one that was made a moment ago for the same culprits will do.
fn before(run: &Run, culprits: &BTreeSet<ProcessId>, ready: &[Ready]) -> Result<Pain> {
    let now = sys::moment().monotonic_seconds;
    if let Some(measured) = &*locked(&run.inner.measured)
        && measured.culprits == *culprits
        // Equal windows: a shorter one is less sure.
        && !measured.pain.was_stopped
        && measured.pain.window_seconds >= 0.9 * run.inner.settings.verify_seconds
        && now - measured.at_monotonic_seconds <= FRESH_SECONDS
    {
        return Ok(measured.pain.clone());
    }
    if let Some(first) = ready.first() {
        run.tell_action("measuring", &first.action, first.index);
    }
    measure(run, culprits)
}

fn measure(run: &Run, culprits: &BTreeSet<ProcessId>) -> Result<Pain> {
    let window = Duration::from_secs_f64(run.inner.settings.verify_seconds);
    let pain = pain::measure(&run.inner.roots, culprits, window, &|| run.is_cancelled())?;
    *locked(&run.inner.measured) = Some(Measured {
        pain: pain.clone(),
        culprits: culprits.clone(),
        at_monotonic_seconds: sys::moment().monotonic_seconds,
    });
    Ok(pain)
}

/// Journals and applies every change of an action; on a failure takes back what was done.
fn act(run: &Run, ready: Ready) -> Result<Done<'_>> {
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

/// The metric, the verdict and what it rests upon.
struct Judgement {
    metric: Metric,
    verdict: Verdict,
    improvement: f64,
    reason: String,
    before: Option<f64>,
    after: Option<f64>,
}

/// Measures after, and keeps or takes back.
fn judge(
    run: &Run,
    done: Vec<Done<'_>>,
    before: Option<&Pain>,
    culprits: &BTreeSet<ProcessId>,
) -> Results {
    let measured = match (done.first(), before) {
        (Some(first), Some(before)) => compared(run, &first.ready, before, culprits).map(Some),
        _ => Ok(None),
    };
    let cancelled = run.is_cancelled();
    let mut out = Vec::new();
    for mut acted in done {
        let index = acted.ready.index;
        let (result, status) = match &measured {
            Ok(judgement) => sentence(run, &mut acted, judgement.as_ref(), cancelled),
            Err(error) => unmeasured(&mut acted, error),
        };
        out.push((index, settle(run, result, status)));
    }
    out
}

fn compared(
    run: &Run,
    first: &Ready,
    before: &Pain,
    culprits: &BTreeSet<ProcessId>,
) -> Result<Judgement> {
    let metric = first.action.metric;
    let subject = first.action.subject.as_deref();
    let mut windows_left = windows(metric);
    loop {
        std::thread::sleep(SETTLE);
        run.tell_action("verifying", &first.action, first.index);
        let after = measure(run, culprits)?;
        let (verdict, improvement, reason) = pain::compare_about(metric, subject, before, &after);
        windows_left -= 1;
        // Memory is given back slowly, processors at once.
        if verdict != Verdict::NoEffect || run.is_cancelled() || windows_left == 0 {
            return Ok(Judgement {
                metric,
                verdict,
                improvement,
                reason,
                before: before.value(metric, subject),
                after: after.value(metric, subject),
            });
        }
    }
}

/// What was done cannot be proven to have helped, so it does not stay.
fn unmeasured(acted: &mut Done<'_>, error: &Error) -> (ActionResult, &'static str) {
    let mut result = told(acted);
    if acted.is_final() {
        acted.keep();
        result.success = true;
        result.reason = format!("done; its effect could not be measured: {error}");
        return (result, "completed");
    }
    let failure = acted.take_back();
    result.rolled_back = failure.is_none();
    result.error = Some(error.to_string());
    result.reason = match failure {
        None => format!("its effect could not be measured, and it was taken back: {error}"),
        Some(failure) => format!(
            "its effect could not be measured ({error}), and it could not be taken back: {failure}"
        ),
    };
    let status = if result.rolled_back {
        "rolled_back"
    } else {
        "failed"
    };
    (result, status)
}

fn told(acted: &Done<'_>) -> ActionResult {
    let applied = || {
        acted
            .entries
            .iter()
            .filter_map(|entry| entry.applied.as_ref())
    };
    let mut result = results::blank(&acted.ready.action, false);
    result.changes = applied().map(|a| a.what.clone()).collect();
    result.lease_until = applied()
        .filter_map(|a| a.lease_until)
        .min_by(f64::total_cmp);
    result.execution_time = acted.seconds;
    result
}

fn sentence(
    run: &Run,
    acted: &mut Done<'_>,
    judgement: Option<&Judgement>,
    cancelled: bool,
) -> (ActionResult, &'static str) {
    let mut result = told(acted);
    result.reason = "done; its effect was not measured".into();
    if let Some(judgement) = judgement {
        result.metric = judgement.metric;
        result.verdict = judgement.verdict;
        result.improvement = Some(judgement.improvement);
        result.reason = judgement.reason.clone();
        result.before_value = judgement.before;
        result.after_value = judgement.after;
    }
    let is_bad = matches!(result.verdict, Verdict::NoEffect | Verdict::Harmed);
    let is_final = acted.is_final();
    if is_bad && !cancelled {
        note_in_vain(run, &acted.ready);
    }
    if (cancelled || is_bad) && !is_final {
        let failure = acted.take_back();
        result.rolled_back = failure.is_none();
        if cancelled {
            result.error = Some("cancelled".into());
            result.reason = match &failure {
                None => "cancelled before its effect was known, and taken back".into(),
                Some(failure) => format!("cancelled, but it could not be taken back: {failure}"),
            };
        } else {
            result.error = failure.map(|failure| format!("it could not be taken back: {failure}"));
        }
        let status = if result.rolled_back {
            "rolled_back"
        } else {
            "failed"
        };
        return (result, status);
    }
    match acted.keep() {
        Some(trouble) if trouble.starts_with("it was taken back") => {
            result.rolled_back = true;
            result.reason = format!("{}; {trouble}", result.reason);
            (result, "rolled_back")
        }
        trouble => {
            result.success = true;
            if let Some(trouble) = trouble {
                result.reason = format!("{}; {trouble}", result.reason);
            }
            (result, "completed")
        }
    }
}

fn windows(metric: Metric) -> usize {
    match metric {
        Metric::CpuWait | Metric::CpuPressure | Metric::ProcessCpu | Metric::ForkRate => 2,
        _ => 3,
    }
}

/// Only the processes that were acted upon: it may help with other culprits.
fn note_in_vain(run: &Run, ready: &Ready) {
    let until = sys::moment().monotonic_seconds + IN_VAIN_SECONDS;
    let changed = ready.changes.iter().flat_map(Change::processes);
    let processes: BTreeSet<ProcessId> = changed.chain(ready.action.process).collect();
    let mut list = locked(&run.inner.in_vain);
    for process in processes {
        list.push((ready.action.action_type, process, until));
    }
}

/// The own heap: measured in what this program itself holds.
pub(super) fn trim_own_heap(run: &Run, actions: Vec<Numbered>) -> Results {
    let one = |(index, action): Numbered| (index, trim_once(run, index, &action));
    actions.into_iter().map(one).collect()
}

fn trim_once(run: &Run, index: usize, action: &Action) -> ActionResult {
    run.tell_action("checking", action, index);
    let ready = match checks::check(run, index, action, &mut BTreeSet::new()) {
        Ok(ready) => ready,
        Err(error) => return failed(run, action, &error),
    };
    if run.dry_run {
        return settle(run, results::would(&ready.action, &ready.changes), "demo");
    }
    if run.is_cancelled() {
        return settle(run, results::cancelled(&ready.action, false), "failed");
    }
    let before = own_anonymous_bytes(&run.inner.roots);
    run.tell_action("acting", &ready.action, index);
    match act(run, ready) {
        Ok(mut done) => {
            let now = sys::moment().monotonic_seconds;
            locked(&run.inner.budget).note_done(action.action_type, now);
            done.keep();
            settle(run, trimmed(run, &done, before), "completed")
        }
        Err(error) => failed(run, action, &error),
    }
}

fn trimmed(run: &Run, done: &Done<'_>, before: Option<u64>) -> ActionResult {
    let after = own_anonymous_bytes(&run.inner.roots);
    let mut result = results::blank(&done.ready.action, false);
    result.success = true;
    result.execution_time = done.seconds;
    result.changes = done
        .entries
        .iter()
        .filter_map(|entry| entry.applied.as_ref().map(|a| a.what.clone()))
        .collect();
    let total = run.inner.memory_total_bytes();
    if let (Some(before), Some(after), Some(total)) = (before, after, total) {
        let percent = |bytes: f64| 100.0 * bytes / total as f64;
        let freed = before as f64 - after as f64;
        result.before_value = Some(percent(before as f64));
        result.after_value = Some(percent(after as f64));
        result.improvement = Some(percent(freed));
        (result.verdict, result.reason) = match freed >= NOTABLE_BYTES {
            true => (
                Verdict::Helped,
                format!("this program gave {:.1} MB back to the system", freed / 1e6),
            ),
            false => (
                Verdict::NoEffect,
                "this program's heap held nothing that could be given back".into(),
            ),
        };
    } else {
        result.reason = "done; this program's memory can't be read to measure it".into();
    }
    result
}

/// Writes the result down. That it can't be does not change what was done.
pub(super) fn settle(run: &Run, mut result: ActionResult, status: &str) -> ActionResult {
    if let Err(error) = history::note_result(&run.inner, &result, status) {
        result.reason = format!("{} (not recorded: {error})", result.reason);
    }
    result
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::super::{ActionKind, Optimizer, OptimizerSettings};
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
