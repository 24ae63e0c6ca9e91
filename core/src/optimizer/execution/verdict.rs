//! The verdict: what the windows before and after say, and what follows from it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::inner::locked;
use super::super::outcome::{ActionResult, Verdict};
use super::super::pain::{self, Pain};
use super::super::target::Metric;
use super::checks::Ready;
use super::deed::Done;
use super::relief::measure;
use super::results::settle;
use super::{Results, Run, results};
use crate::act::{Change, ProcessId};
use crate::error::{Error, Result};
use crate::sys;

/// Between the act and the window after it.
const SETTLE: Duration = Duration::from_millis(100);
/// How long what did not help is not tried again, seconds.
const IN_VAIN_SECONDS: f64 = 300.0;

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
pub(super) fn judge(
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
