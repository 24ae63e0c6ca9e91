//! Alerts: rules over any metric, and the life of what they find: pending, firing,
//! resolved. Pure: time comes in with the sample, so that a rule can be tested on history.

mod backtest;
mod book;
mod channels;
mod clock;
mod compiled;
mod condition;
mod expression;
mod life;
#[cfg(test)]
mod life_tests;
mod message;
mod node;
mod quantity;
mod rule;
mod rule_set;
#[cfg(test)]
mod rule_tests;
mod rule_text;
mod running;
mod silence;
mod toml_text;
mod watch;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::series::SeriesKey;

pub use backtest::Backtest;
pub(crate) use backtest::Backtester;
pub(crate) use book::{Book, Change};
pub use channels::{ChannelTable, OWN_CHANNELS};
pub use condition::{Check, Comparison, Condition, Test};
pub use rule::{Escalation, Flapping, Level, Rule, Step};
pub use rule_set::RuleSet;
pub use silence::Silence;

/// How bad an alert is. The words are the prototype's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// Good to know.
    Info,
    /// Should be looked at.
    #[default]
    Warning,
    /// Harm is being done or near.
    Critical,
    /// Nobody has answered a critical one.
    Emergency,
}

impl AlertSeverity {
    /// Every severity, the least first.
    pub const ALL: [AlertSeverity; 4] = [
        AlertSeverity::Info,
        AlertSeverity::Warning,
        AlertSeverity::Critical,
        AlertSeverity::Emergency,
    ];

    /// Its word with a capital, e.g. `Warning`.
    pub fn title(self) -> &'static str {
        match self {
            AlertSeverity::Info => "Info",
            AlertSeverity::Warning => "Warning",
            AlertSeverity::Critical => "Critical",
            AlertSeverity::Emergency => "Emergency",
        }
    }

    /// Its word, e.g. `warning`.
    pub fn name(self) -> &'static str {
        match self {
            AlertSeverity::Info => "info",
            AlertSeverity::Warning => "warning",
            AlertSeverity::Critical => "critical",
            AlertSeverity::Emergency => "emergency",
        }
    }
}

/// Where an alert is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// The condition holds, but not for long enough yet.
    #[default]
    Pending,
    /// It fires.
    Firing,
    /// It fires or is pending, and its metric is not known any more: neither fires nor clears.
    NoData,
    /// It has ended.
    Resolved,
}

/// Who took note of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Name.
    pub by: String,
    /// When, Unix seconds.
    pub at: f64,
    /// In words.
    pub note: Option<String>,
}

/// One rule that holds for one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number in the database: never used again.
    pub id: u64,
    /// Name of the rule.
    pub rule: String,
    /// The series; for a condition over several the first that decided.
    pub series: SeriesKey,
    /// How bad it is now.
    pub severity: AlertSeverity,
    /// Where it is in its life.
    pub status: AlertStatus,
    /// Newest value; `None` when it is not known.
    pub value: Option<f64>,
    /// What the value is held against at this severity.
    pub threshold: Option<f64>,
    /// In words, with the numbers.
    pub message: String,
    /// Since when the condition holds, Unix seconds.
    pub since: f64,
    /// Since when it fires.
    pub fired_at: Option<f64>,
    /// When it ended.
    pub resolved_at: Option<f64>,
    /// When it was last evaluated.
    pub updated_at: f64,
    /// Who took note of it.
    pub acknowledged: Option<Acknowledgement>,
    /// A silence covers it until then: nobody is told.
    pub silenced_until: Option<f64>,
    /// It fires and clears so often that only the first change is told.
    pub is_flapping: bool,
    /// Step of the escalation that was reached, from 0.
    pub escalation_step: u32,
}

/// The alerts that are not over, worst first.
pub(crate) type Active = Arc<[Arc<Alert>]>;
