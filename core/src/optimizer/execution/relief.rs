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
use crate::act::{Change, ProcessId};
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

/// An action that was done and waits for its verdict.
struct Done {
    ready: Ready,
    entries: Vec<journal::Entry>,
    seconds: f64,
}

pub(super) fn perform(run: &Run, group: Vec<Numbered>) -> Result<Vec<(usize, ActionResult)>> {
    let mut out = Vec::new();
    let mut taken = BTreeSet::new();
    let mut ready = Vec::new();
    for (index, action) in group {
        run.tell_action("checking", &action, index);
        match checks::check(run, index, &action, &mut taken) {
            Ok(found) => ready.push(found),
            Err(error) => {
                let result = results::failed(&action, run.dry_run, &error);
                out.push((index, settle(run, result, refused_status(&error))?));
            }
        }
    }
    if run.dry_run {
        for found in ready {
            let result = results::would(&found.action, &found.changes);
            out.push((found.index, settle(run, result, "demo")?));
        }
        return Ok(out);
    }
    if ready.is_empty() {
        return Ok(out);
    }
    let mut culprits = culprits_of(ready.iter().map(|r| &r.action));
    culprits.extend(diagnosis::held_back(&run.inner)?);
    let before = match run.verify {
        true => Some(before(run, &culprits, &ready)?),
        false => None,
    };
    let mut done = Vec::new();
    for found in ready {
        let (index, action) = (found.index, found.action.clone());
        if run.is_cancelled() {
            let result = results::cancelled(&action, false);
            out.push((index, settle(run, result, "failed")?));
            continue;
        }
        run.tell_action("acting", &action, index);
        match act(run, found) {
            Ok(acted) => done.push(acted),
            Err(error) => {
                let result = results::failed(&action, false, &error);
                out.push((index, settle(run, result, refused_status(&error))?));
            }
        }
    }
    out.extend(judge(run, done, before.as_ref(), &culprits)?);
    Ok(out)
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
fn act(run: &Run, ready: Ready) -> Result<Done> {
    let started = Instant::now();
    let inner = &run.inner;
    let stays = !inner.settings.rollback_on_close;
    let door = inner.door();
    let mut entries: Vec<journal::Entry> = Vec::new();
    for change in &ready.changes {
        inner.halt.check()?;
        let step = journal::begin(inner, ready.action.id, change, stays).and_then(|mut entry| {
            let applied = journal::apply(inner, &mut entry, &door);
            entries.push(entry);
            applied
        });
        if let Err(error) = step {
            take_back(run, &ready.action, &entries);
            return Err(error);
        }
    }
    let touched: Vec<ProcessId> = ready.changes.iter().flat_map(Change::processes).collect();
    let now = sys::moment().monotonic_seconds;
    locked(&inner.budget).note_touched(&touched, now);
    inner.wake_housekeeping();
    Ok(Done {
        ready,
        entries,
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn take_back(run: &Run, action: &Action, entries: &[journal::Entry]) -> Option<String> {
    let mut failure = None;
    for entry in entries.iter().rev() {
        let undone = journal::undo(&run.inner, entry.row, action.id, &entry.change);
        failure = failure.or(undone.error);
    }
    failure
}

/// Measures after, and keeps or takes back.
fn judge(
    run: &Run,
    done: Vec<Done>,
    before: Option<&Pain>,
    culprits: &BTreeSet<ProcessId>,
) -> Result<Vec<(usize, ActionResult)>> {
    let Some(first) = done.first() else {
        return Ok(Vec::new());
    };
    let metric = first.ready.action.metric;
    let subject = first.ready.action.subject.clone();
    let mut judgement = None;
    if let Some(before) = before {
        // Memory is given back slowly, processors at once.
        for _ in 0..windows(metric) {
            std::thread::sleep(SETTLE);
            run.tell_action("verifying", &first.ready.action, first.ready.index);
            let after = measure(run, culprits)?;
            let (verdict, improvement, reason) =
                pain::compare_about(metric, subject.as_deref(), before, &after);
            let values = (
                before.value(metric, subject.as_deref()),
                after.value(metric, subject.as_deref()),
            );
            judgement = Some((verdict, improvement, reason, values));
            if verdict != Verdict::NoEffect || run.is_cancelled() {
                break;
            }
        }
    }
    let cancelled = run.is_cancelled();
    let mut out = Vec::new();
    for acted in done {
        let Done {
            ready,
            entries,
            seconds,
        } = acted;
        let mut result = results::blank(&ready.action, false);
        result.changes = entries
            .iter()
            .filter_map(|entry| entry.applied.as_ref().map(|a| a.what.clone()))
            .collect();
        result.lease_until = entries
            .iter()
            .filter_map(|entry| entry.applied.as_ref()?.lease_until)
            .min_by(f64::total_cmp);
        result.execution_time = seconds;
        result.reason = "done; its effect was not measured".into();
        if let Some((verdict, improvement, reason, (value_before, value_after))) = &judgement {
            result.verdict = *verdict;
            result.improvement = Some(*improvement);
            result.reason = reason.clone();
            result.before_value = *value_before;
            result.after_value = *value_after;
        }
        let is_bad = matches!(result.verdict, Verdict::NoEffect | Verdict::Harmed);
        let is_final = entries.iter().all(|e| matches!(e.change, Change::Once(_)));
        let status;
        if cancelled && !is_final {
            let failure = take_back(run, &ready.action, &entries);
            result.rolled_back = failure.is_none();
            result.error = Some("cancelled".into());
            result.reason = match failure {
                None => "cancelled before its effect was known, and taken back".into(),
                Some(failure) => format!("cancelled, but it could not be taken back: {failure}"),
            };
            status = "rolled_back";
        } else if is_bad && !is_final {
            note_in_vain(run, &ready.action);
            let failure = take_back(run, &ready.action, &entries);
            result.rolled_back = failure.is_none();
            result.error = failure.map(|failure| format!("it could not be taken back: {failure}"));
            status = "rolled_back";
        } else {
            for entry in &entries {
                journal::keep(&run.inner, entry)?;
            }
            if is_bad {
                note_in_vain(run, &ready.action);
            }
            result.success = true;
            status = "completed";
        }
        out.push((ready.index, settle(run, result, status)?));
    }
    Ok(out)
}

fn windows(metric: Metric) -> usize {
    match metric {
        Metric::CpuWait | Metric::CpuPressure | Metric::ProcessCpu | Metric::ForkRate => 2,
        _ => 3,
    }
}

fn note_in_vain(run: &Run, action: &Action) {
    let until = sys::moment().monotonic_seconds + IN_VAIN_SECONDS;
    let mut list = locked(&run.inner.in_vain);
    for process in action.culprits.iter().copied().chain(action.process) {
        list.push((action.action_type, process, until));
    }
}

/// The own heap: measured in what this program itself holds.
pub(super) fn trim_own_heap(
    run: &Run,
    actions: Vec<Numbered>,
) -> Result<Vec<(usize, ActionResult)>> {
    let mut out = Vec::new();
    for (index, action) in actions {
        run.tell_action("checking", &action, index);
        let mut taken = BTreeSet::new();
        let ready = match checks::check(run, index, &action, &mut taken) {
            Ok(ready) => ready,
            Err(error) => {
                let result = results::failed(&action, run.dry_run, &error);
                out.push((index, settle(run, result, refused_status(&error))?));
                continue;
            }
        };
        if run.dry_run || run.is_cancelled() {
            let (result, status) = match run.dry_run {
                true => (results::would(&ready.action, &ready.changes), "demo"),
                false => (results::cancelled(&ready.action, false), "failed"),
            };
            out.push((index, settle(run, result, status)?));
            continue;
        }
        let roots = &run.inner.roots;
        let before = own_anonymous_bytes(roots);
        run.tell_action("acting", &ready.action, index);
        let (result, status) = match act(run, ready) {
            Ok(done) => {
                for entry in &done.entries {
                    journal::keep(&run.inner, entry)?;
                }
                (trimmed(run, &done, before), "completed")
            }
            Err(error) => (
                results::failed(&action, false, &error),
                refused_status(&error),
            ),
        };
        out.push((index, settle(run, result, status)?));
    }
    Ok(out)
}

fn trimmed(run: &Run, done: &Done, before: Option<u64>) -> ActionResult {
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

/// Writes the result down.
pub(super) fn settle(run: &Run, result: ActionResult, status: &str) -> Result<ActionResult> {
    history::note_result(&run.inner, &result, status)?;
    Ok(result)
}
