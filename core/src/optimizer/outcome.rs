//! What became of an action.

use serde::{Deserialize, Serialize};

use super::action::ActionKind;
use super::target::Metric;
use crate::act::Undo;

/// What the measurement before and after says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The metric is clearly better, and nothing else is clearly worse.
    Helped,
    /// No difference beyond noise.
    NoEffect,
    /// The metric or the pressure on something else is clearly worse.
    Harmed,
    /// Not measured: demo mode, refused, failed or cancelled before the act.
    NotMeasured,
}

/// One action's result. The first five fields and `error` are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionResult {
    /// The action's description.
    pub action: String,
    /// It was done (in demo mode: it would be done), and was not taken back.
    pub success: bool,
    /// The metric over a window before.
    pub before_value: Option<f64>,
    /// The metric over an equal window after.
    pub after_value: Option<f64>,
    /// How much better it is, in the metric's unit; negative when worse.
    pub improvement: Option<f64>,
    /// Why it failed or was refused.
    pub error: Option<String>,

    /// Row in `optimization_actions`.
    pub action_id: i64,
    /// What was done.
    pub action_type: ActionKind,
    /// Pid as text, `system_memory` or `system_disk`.
    pub target_id: String,
    /// What `before_value` and `after_value` measure.
    pub metric: Metric,
    /// What the measurement says.
    pub verdict: Verdict,
    /// It was taken back by itself, since it did not help.
    pub rolled_back: bool,
    /// The verdict, refusal or failure in a sentence.
    pub reason: String,
    /// Nothing was changed: demo mode.
    pub dry_run: bool,
    /// When a freeze or stop ends by itself, Unix seconds.
    pub lease_until: Option<f64>,
    /// What was changed (in demo mode: would be), each in words.
    pub changes: Vec<String>,
    /// Bytes freed on disk at once, and bytes moved to quarantine, for `cleanup_disk`.
    pub freed_bytes: Option<u64>,
    /// Bytes in quarantine, to be freed when they are purged.
    pub quarantined_bytes: Option<u64>,
    /// Seconds that it took.
    pub execution_time: f64,
}

/// What [`execute`](super::Optimizer::execute) did. The first six fields are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExecutionReport {
    /// Actions looked at.
    pub executed: usize,
    /// Done and kept (in demo mode: would be done).
    pub successful: usize,
    /// Refused, failed or taken back.
    pub failed: usize,
    /// Sum of the measured improvements of what was kept, one that several actions brought
    /// together counted once; in demo mode of the estimates.
    pub total_benefit: f64,
    /// Seconds in all.
    pub execution_time: f64,
    /// One for each action, in the order given.
    pub details: Vec<ActionResult>,
    /// Nothing was changed.
    pub dry_run: bool,
    /// Ended early by the caller.
    pub cancelled: bool,
}

/// One change taken back, or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolledBack {
    /// Row in `optimization_actions`.
    pub action_id: i64,
    /// What had been changed, in words.
    pub change: String,
    /// What it came to; `None` when it failed.
    pub undo: Option<Undo>,
    /// Why it failed; it will be tried again.
    pub error: Option<String>,
}

/// How far a long piece of work is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// `checking`, `measuring`, `acting`, `verifying`, `rolling back`, `scanning`, `cleaning`.
    pub stage: String,
    /// What is being worked on.
    pub what: String,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 when that is not known.
    pub total: u64,
}

impl ExecutionReport {
    /// Results with a measurement, one for each: actions against the same trouble are measured
    /// together and share it.
    pub(super) fn measurements(details: &[ActionResult]) -> Vec<&ActionResult> {
        let mut seen = std::collections::HashSet::new();
        details
            .iter()
            .filter(|d| {
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                let values = (bits(d.before_value), bits(d.after_value));
                // Without any values each stands for itself.
                values == (None, None) || seen.insert((d.metric, values))
            })
            .collect()
    }
}
