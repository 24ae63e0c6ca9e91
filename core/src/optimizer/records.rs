//! What was done, and why: for people and programs that ask afterwards.

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::outcome::ActionResult;

/// One entry of the history: an action, a batch of them, or a decision to do nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Row in `optimization_history`.
    pub id: i64,
    /// `batch_optimization`, `auto_decision`, `rollback`, or the action's type.
    pub optimization_type: String,
    /// `system`, a pid, or a resource.
    pub target_component: String,
    /// The metric before.
    pub before_value: Option<f64>,
    /// The metric after.
    pub after_value: Option<f64>,
    /// How much better, in the metric's unit.
    pub improvement_percentage: Option<f64>,
    /// Seconds that it took.
    pub execution_time: Option<f64>,
    /// `completed`, `partial`, `failed`, `refused`, `rolled_back`, `demo`, `skipped`.
    pub status: String,
    /// Row in `optimization_actions`.
    pub action_id: Option<i64>,
    /// What the measurement said.
    pub verdict: Option<String>,
    /// Why, in a sentence.
    pub reason: Option<String>,
    /// When, Unix seconds.
    pub created_at: f64,
}

/// All that is known of one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Row in `optimization_actions`.
    pub action_id: i64,
    /// `pending`, `completed`, `failed`, `refused`, `rolled_back`, `demo`.
    pub status: String,
    /// The action as it was planned: why, benefit, risk; `None` for a row of the prototype.
    pub action: Option<Action>,
    /// The last result.
    pub result: Option<ActionResult>,
    /// Each change to the host and where it stands.
    pub changes: Vec<ChangeRecord>,
    /// The history's entries of it, newest first.
    pub history: Vec<HistoryEntry>,
}

/// One change to the host, from the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Row in the journal.
    pub id: i64,
    /// Row in `optimization_actions`.
    pub action_id: i64,
    /// What was changed from what to what, in words.
    pub about: String,
    /// `intended`, `applied`, `kept`, `undone`, `left`, `gone` or `settled`.
    pub state: String,
    /// More of that.
    pub detail: Option<String>,
    /// Process that made it.
    pub owner_pid: i32,
    /// When it ends by itself, Unix seconds.
    pub lease_until: Option<f64>,
    /// When, Unix seconds.
    pub created_at: f64,
}

/// How the optimizer stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptimizerStatus {
    /// Acts by itself.
    pub auto_optimize: bool,
    /// The kill switch is on: nothing is changed, by any optimizer of this data folder.
    pub halted: bool,
    /// Profile in force.
    pub profile: String,
    /// What may be touched, in words.
    pub scope: String,
    /// Changes in force.
    pub changes: Vec<ChangeRecord>,
    /// What `auto_optimize` decided last, and why.
    pub last_decision: Option<String>,
    /// The database.
    pub database: std::path::PathBuf,
    /// What is amiss with it.
    pub database_warning: Option<String>,
}
