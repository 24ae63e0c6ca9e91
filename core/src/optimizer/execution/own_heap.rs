//! The own heap: given back, and measured in what this program itself holds.

use std::collections::BTreeSet;

use super::super::action::Action;
use super::super::inner::locked;
use super::super::outcome::{ActionResult, Verdict};
use super::deed::{Done, act};
use super::relief::failed;
use super::results::settle;
use super::{Numbered, Results, Run, checks, results};
use crate::sample::own_anonymous_bytes;
use crate::sys;

/// Heap given back from which on it counts as help.
const NOTABLE_BYTES: f64 = 1_048_576.0;

/// The own heap: measured in what this program itself holds.
pub(super) fn trim(run: &Run, actions: Vec<Numbered>) -> Results {
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
