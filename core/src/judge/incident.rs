//! One incident for one cause: anomalies that come together, and which processes moved with
//! them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Anomaly, Observation, Severity};

/// A process whose usage moved with an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Process id.
    pub pid: i32,
    /// When it started, in ticks since boot: with the pid its identity.
    pub start_time_ticks: u64,
    /// Name.
    pub name: String,
    /// User; `None` when not known.
    pub user: Option<String>,
    /// What of it moved, e.g. `process_cpu_core_percent`.
    pub metric: String,
    /// Its share of what changed on the machine, percent; all of an incident add up to at
    /// most 100.
    pub share_percent: f64,
    /// In words, with the numbers.
    pub text: String,
}

/// Anomalies with one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number: never used again.
    pub id: u64,
    /// How much it matters.
    pub severity: Severity,
    /// What happens, in a sentence with numbers.
    pub summary: String,
    /// Since when, Unix seconds.
    pub since: f64,
    /// When it was last looked at.
    pub updated_at: f64,
    /// When it ended; `None` while it lasts.
    pub closed_at: Option<f64>,
    /// The metrics, the one that moved first in front.
    pub anomalies: Vec<Anomaly>,
    /// The processes that moved with it, most first.
    pub culprits: Vec<Culprit>,
}

/// Memory of the incidents.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct IncidentJudge {}

impl IncidentJudge {
    /// The incidents that last, and those that ended with this sample. Gives each anomaly
    /// the number of its incident.
    pub(crate) fn judge(
        &mut self,
        _seen: &Observation<'_>,
        anomalies: Arc<[Anomaly]>,
    ) -> (Arc<[Incident]>, Arc<[Anomaly]>) {
        (Arc::default(), anomalies)
    }
}
