//! What the optimizer remembers: a row of one of the prototype's tables.
//!
//! A number that is not known is NaN where the field is a plain `f64`, and NULL in the file.
//! `created_at` that is not a positive number becomes the time of the call.

use serde::{Deserialize, Serialize};

/// One target found, for `optimization_targets`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TargetRow {
    /// `cpu`, `memory`, `disk`, `network` or `process`.
    pub target_type: String,
    /// Percent.
    pub current_value: f64,
    /// Percent.
    pub target_value: f64,
    /// `low`, `medium` or `high`.
    pub priority: String,
    /// In a sentence.
    pub description: String,
    /// E.g. `process_optimization`.
    pub optimization_method: String,
    /// In words.
    pub estimated_impact: String,
    /// The whole target as JSON.
    pub details: Option<String>,
    /// When it was found, Unix seconds.
    pub created_at: f64,
}

/// One action planned, for `optimization_actions`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ActionRow {
    /// Number of the row; ignored when it is saved.
    pub id: i64,
    /// E.g. `suspend_process`.
    pub action_type: String,
    /// Pid as text, `system_memory` or `system_disk`.
    pub target_id: String,
    /// In a sentence.
    pub description: String,
    /// `low`, `medium` or `high`.
    pub priority: String,
    /// Percent points.
    pub estimated_benefit: f64,
    /// `low`, `medium` or `high`.
    pub risk_level: String,
    /// Estimated seconds.
    pub execution_time: f64,
    /// `pending` at first, then what became of it.
    pub status: String,
    /// The whole action as JSON.
    pub details: Option<String>,
    /// The whole result as JSON.
    pub result: Option<String>,
    /// When it was planned, Unix seconds.
    pub created_at: f64,
}

/// Something that was done, or left, and why, for `optimization_history`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Number of the row; ignored when it is appended.
    pub id: i64,
    /// E.g. `batch_optimization`.
    pub optimization_type: String,
    /// E.g. `system`.
    pub target_component: String,
    /// Measured before, in the unit of the metric.
    pub before_value: Option<f64>,
    /// Measured after.
    pub after_value: Option<f64>,
    /// How much better, percent.
    pub improvement_percentage: Option<f64>,
    /// Seconds.
    pub execution_time: Option<f64>,
    /// E.g. `completed`.
    pub status: String,
    /// Row in `optimization_actions`, where it is about one.
    pub action_id: Option<i64>,
    /// E.g. `helped`.
    pub verdict: Option<String>,
    /// In a sentence.
    pub reason: Option<String>,
    /// JSON.
    pub details: Option<String>,
    /// When, Unix seconds.
    pub created_at: f64,
}

/// One profile, for `performance_profiles`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProfileRow {
    /// Its name.
    pub profile_name: String,
    /// Percent.
    pub cpu_threshold: f64,
    /// Percent.
    pub memory_threshold: f64,
    /// Percent.
    pub disk_threshold: f64,
    /// Percent.
    pub network_threshold: f64,
    /// JSON list.
    pub optimization_rules: String,
    /// Acts by itself.
    pub auto_optimize: bool,
    /// When it was made, Unix seconds.
    pub created_at: f64,
    /// What the prototype's columns do not hold, as JSON.
    pub settings: Option<String>,
}
