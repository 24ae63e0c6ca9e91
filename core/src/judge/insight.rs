//! What is the matter, in words with numbers: which resource holds the machine back, and
//! which process.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Anomaly, Correlation, Observation, Predictions, Severity};
use crate::series::{SeriesKey, Unit};

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsightKind {
    /// The processors are the bottleneck.
    CpuBound,
    /// Memory is short: pages are read and written over and over.
    MemoryThrash,
    /// The disks are the bottleneck.
    IoBound,
    /// More tasks are runnable than processors can run, or tasks wait for each other.
    RunQueue,
    /// The control group's quota holds the work back.
    Throttled,
    /// The network loses packets.
    NetworkRetransmits,
    /// One processor is full while others are idle.
    CoreSaturated,
    /// The memory of a process grows steadily.
    LeakSuspected,
    /// The hypervisor takes processor time.
    Steal,
    /// A file system or its inodes run out.
    DiskFilling,
    /// Memory or swap run out.
    MemoryFilling,
    /// Two metrics move together.
    Correlated,
}

/// One number that an insight stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The series.
    pub series: SeriesKey,
    /// Its value, averaged over the time that was judged.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// What it is held against; `None` where there is nothing.
    pub against: Option<f64>,
}

/// What is the matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Insight {
    /// Stable name of the finding with what it speaks of, e.g. `leak_suspected:4711:12345`.
    pub id: Cow<'static, str>,
    /// What kind of trouble.
    pub kind: InsightKind,
    /// How much it matters.
    pub severity: Severity,
    /// 0 to 1.
    pub confidence: f64,
    /// In a sentence or two, with the numbers.
    pub text: String,
    /// The numbers.
    pub evidence: Vec<Evidence>,
    /// What could be done, best first.
    pub advice: Vec<String>,
    /// Since when, Unix seconds.
    pub opened_at: f64,
    /// When its words or numbers last changed.
    pub updated_at: f64,
    /// When it ended; `None` while it lasts.
    pub closed_at: Option<f64>,
}

/// Memory of the insights.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct InsightJudge {}

impl InsightJudge {
    /// The insights that last, most severe first, and those that ended with this sample.
    pub(crate) fn judge(
        &mut self,
        _seen: &Observation<'_>,
        _anomalies: &[Anomaly],
        _correlations: &[Correlation],
        _predictions: &Predictions,
    ) -> Arc<[Insight]> {
        Arc::default()
    }
}
