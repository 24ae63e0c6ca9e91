//! Rows of what was judged.

use serde::{Deserialize, Serialize};

use crate::alert::Silence;

/// What kind of finding a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An alert; its data is a [`crate::alert::Alert`].
    Alert,
    /// A metric outside its range; its data is a [`crate::judge::Anomaly`].
    Anomaly,
    /// Anomalies with one cause; its data is a [`crate::judge::Incident`].
    Incident,
    /// Its data is a [`crate::judge::Insight`].
    Insight,
    /// Its data is a security finding.
    Security,
    /// A silence of alerts; its data is a [`Silence`].
    Silence,
}

impl FindingKind {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::Alert => "alert",
            FindingKind::Anomaly => "anomaly",
            FindingKind::Incident => "incident",
            FindingKind::Insight => "insight",
            FindingKind::Security => "security",
            FindingKind::Silence => "silence",
        }
    }
}

/// A finding as it is now; a later row of the same kind and key takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    /// What kind.
    pub kind: FindingKind,
    /// Its name among those of its kind.
    pub key: String,
    /// When it began, Unix seconds.
    pub opened_at: f64,
    /// When it was last changed.
    pub updated_at: f64,
    /// When it ended; `None` while it lasts.
    pub closed_at: Option<f64>,
    /// How much it matters, in its kind's words.
    pub severity: Option<String>,
    /// In a sentence.
    pub title: Option<String>,
    /// JSON object.
    pub data: String,
}

/// Which findings.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingFilter {
    /// Of this kind.
    pub kind: FindingKind,
    /// That lasted at or after this time, Unix seconds.
    pub since: f64,
    /// That began before this time.
    pub until: f64,
    /// Only those that have not ended.
    pub open_only: bool,
    /// At most so many, the newest.
    pub limit: usize,
}

/// The memory of a model, in place of the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryRow {
    /// Which one.
    pub name: &'static str,
    /// Version of its form: another one is not read.
    pub version: u32,
    /// When it was saved, Unix seconds.
    pub saved_at: f64,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// A rule of alerts, in place of the one of its name; without a text it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its name.
    pub name: String,
    /// As TOML.
    pub toml: Option<String>,
    /// When it was set, Unix seconds.
    pub updated_at: f64,
}

/// A rule as the prototype's table `alert_rules` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRule {
    /// Its name.
    pub name: String,
    /// The metric, by the prototype's name.
    pub metric: String,
    /// Against what it is held.
    pub threshold: f64,
    /// `info`, `warning` or `critical`.
    pub severity: &'static str,
    /// Whether it counts.
    pub enabled: bool,
    /// What it is for.
    pub description: String,
}

/// One attempt to tell a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotificationRow {
    /// Number of the alert.
    pub alert_id: u64,
    /// Name of the rule.
    pub rule: String,
    /// Name of the channel.
    pub channel: String,
    /// What was told, e.g. `firing`.
    pub status: String,
    /// It arrived.
    pub ok: bool,
    /// Tries that it took.
    pub attempts: u32,
    /// Why it did not arrive.
    pub error: Option<String>,
    /// When it was to be sent, Unix seconds.
    pub queued_at: f64,
    /// When it was settled.
    pub finished_at: f64,
}

/// What another process asks of the one that monitors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Somebody takes note of an alert.
    Acknowledge {
        /// Number of the alert.
        id: u64,
        /// Who.
        by: String,
        /// In words.
        note: Option<String>,
    },
    /// Nobody is to be told of some alerts for a time.
    Silence(Silence),
    /// A silence ends.
    Unsilence {
        /// Its number.
        id: u64,
    },
    /// The rules in the database have changed.
    ReloadRules,
}

/// A request with its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Its number; 0 for one that is not in the table yet.
    pub id: i64,
    /// When it was made, Unix seconds.
    pub made_at: f64,
    /// What is asked.
    pub request: Request,
}

/// One row of these tables.
#[derive(Debug, Clone, PartialEq)]
pub enum JudgedRow {
    /// A finding as it is now.
    Finding(FindingRow),
    /// The memory of a model.
    Memory(MemoryRow),
    /// A rule.
    Rule(RuleRow),
    /// Every rule in force, for the prototype's table of them.
    Listed(Vec<ListedRule>),
    /// Who was told.
    Notification(NotificationRow),
    /// A request.
    Request(RequestRow),
    /// The request of this number was answered at this time.
    Answered(i64, f64),
}

impl JudgedRow {
    /// Bytes of its texts.
    pub(crate) fn text_bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            JudgedRow::Finding(row) => {
                row.key.len() + row.data.len() + length(&row.severity) + length(&row.title)
            }
            JudgedRow::Memory(row) => row.name.len() + row.data.len(),
            JudgedRow::Rule(row) => row.name.len() + length(&row.toml),
            JudgedRow::Listed(rules) => rules
                .iter()
                .map(|rule| 64 + rule.name.len() + rule.metric.len() + rule.description.len())
                .sum(),
            JudgedRow::Notification(row) => {
                row.rule.len() + row.channel.len() + row.status.len() + length(&row.error)
            }
            // A silence at most.
            JudgedRow::Request(_) => 1024,
            JudgedRow::Answered(..) => 0,
        }
    }
}
