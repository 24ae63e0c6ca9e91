//! An action's result in each of the ways in which it can come out.

use super::super::action::Action;
use super::super::history;
use super::super::outcome::{ActionResult, Verdict};
use super::Run;
use crate::act::Change;
use crate::error::Error;

/// A result in which nothing was done yet.
pub(super) fn blank(action: &Action, dry_run: bool) -> ActionResult {
    ActionResult {
        action: action.description.clone(),
        success: false,
        before_value: None,
        after_value: None,
        improvement: None,
        error: None,
        action_id: action.id,
        action_type: action.action_type,
        target_id: action.target_id.clone(),
        metric: action.metric,
        verdict: Verdict::NotMeasured,
        rolled_back: false,
        reason: String::new(),
        dry_run,
        lease_until: None,
        changes: Vec::new(),
        freed_bytes: None,
        quarantined_bytes: None,
        execution_time: 0.0,
    }
}

/// It was refused or failed, and nothing is left of it.
pub(super) fn failed(action: &Action, dry_run: bool, error: &Error) -> ActionResult {
    ActionResult {
        error: Some(error.to_string()),
        reason: error.to_string(),
        ..blank(action, dry_run)
    }
}

/// What would be done.
pub(super) fn would(action: &Action, changes: &[Change]) -> ActionResult {
    ActionResult {
        success: true,
        improvement: Some(action.estimated_benefit).filter(|benefit| benefit.is_finite()),
        reason: "demo mode: it would be done".into(),
        changes: changes.iter().map(Change::about).collect(),
        ..blank(action, true)
    }
}

pub(super) fn cancelled(action: &Action, dry_run: bool) -> ActionResult {
    ActionResult {
        error: Some("cancelled".into()),
        reason: "cancelled before it was done".into(),
        ..blank(action, dry_run)
    }
}

/// Writes the result down. That it can't be does not change what was done.
pub(super) fn settle(run: &Run, mut result: ActionResult, status: &str) -> ActionResult {
    if let Err(error) = history::note_result(&run.inner, &result, status) {
        result.reason = format!("{} (not recorded: {error})", result.reason);
    }
    result
}
