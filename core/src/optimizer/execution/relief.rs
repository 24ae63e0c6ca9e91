//! A group of actions against the same trouble: measured before, done, measured after, kept or
//! taken back together.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::action::Action;
use super::super::diagnosis;
use super::super::inner::{Measured, locked};
use super::super::outcome::ActionResult;
use super::super::pain::{self, Pain};
use super::checks::{self, Ready};
use super::deed::act;
use super::results::settle;
use super::verdict::judge;
use super::{Numbered, Results, Run, culprits_of, results};
use crate::act::ProcessId;
use crate::error::{Error, Result};
use crate::sys;

/// Most age of a measurement that serves as the window before.
const FRESH_SECONDS: f64 = 3.0;

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

pub(super) fn failed(run: &Run, action: &Action, error: &Error) -> ActionResult {
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

pub(super) fn measure(run: &Run, culprits: &BTreeSet<ProcessId>) -> Result<Pain> {
    let window = Duration::from_secs_f64(run.inner.settings.verify_seconds);
    let pain = pain::measure(&run.inner.roots, culprits, window, &|| run.is_cancelled())?;
    *locked(&run.inner.measured) = Some(Measured {
        pain: pain.clone(),
        culprits: culprits.clone(),
        at_monotonic_seconds: sys::moment().monotonic_seconds,
    });
    Ok(pain)
}
