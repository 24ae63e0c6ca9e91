//! What is told: one change of one alert.

use serde::{Deserialize, Serialize};

/// One change of one alert, as every channel gets it. In JSON the names are those of the
/// fields; a value that is absent or not finite is `null`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Number of the alert; the same from firing to resolved.
    pub alert_id: u64,
    /// Name of the rule that was judged.
    pub rule: String,
    /// What happened: `firing`, `resolved`, `escalated`, `acknowledged`, …
    pub status: String,
    /// How bad it is: `info`, `warning`, `critical`, `emergency`.
    pub severity: String,
    /// The alert in a few words.
    pub title: String,
    /// The alert in full, with its numbers.
    pub message: String,
    /// The metric that decided; `None` where a rule looks at several.
    pub metric: Option<String>,
    /// What the alert is about (disk, interface, process, …), as name and value.
    pub labels: Vec<(String, String)>,
    /// The metric's value, in its own unit; `None` when there is none.
    pub value: Option<f64>,
    /// The level that was crossed, in the metric's unit; `None` when there is none.
    pub threshold: Option<f64>,
    /// Name of the host.
    pub host: String,
    /// When it was judged, Unix seconds.
    pub timestamp: f64,
    /// When the alert began, Unix seconds; `None` when that is not known.
    pub since: Option<f64>,
    /// What else is known, passed on as it is.
    pub extra: serde_json::Value,
}
