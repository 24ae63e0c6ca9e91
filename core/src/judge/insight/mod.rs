//! What is the matter, in words with numbers: which resource holds the machine back, and
//! which process.

mod correlated;
mod cpu;
mod disk;
mod leak;
mod life;
mod means;
mod memory;
mod network;
#[cfg(test)]
mod tests;
mod view;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::leak::LeakWatch;
use self::life::Lives;
use self::means::{CORES, DEVICES, FILESYSTEMS, INTERFACES, MEAN_SECONDS, Means, Members};
use self::view::View;
use super::process_use::{LONGEST_STEP_SECONDS, ProcessUse, weight};
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
    /// Its value, averaged over the time that was judged; of two correlated metrics the
    /// coefficient and the lag.
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

/// The rules are held against the means so often; a step of a slower clock at each sample.
const JUDGE_SECONDS: f64 = 5.0;

/// Memory of the insights.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct InsightJudge {
    means: Means,
    cores: Members,
    devices: Members,
    filesystems: Members,
    interfaces: Members,
    processes: ProcessUse,
    leaks: LeakWatch,
    lives: Lives,
    last_monotonic: Option<f64>,
    /// Time since the rules were held against the means; one sample stands for no more than
    /// [`LONGEST_STEP_SECONDS`].
    waited_seconds: f64,
}

impl InsightJudge {
    /// The insights that last, most severe first, and those that ended with this sample.
    pub(crate) fn judge(
        &mut self,
        seen: &Observation<'_>,
        _anomalies: &[Anomaly],
        correlations: &[Correlation],
        predictions: &Predictions,
    ) -> Arc<[Insight]> {
        let last = self.last_monotonic.replace(seen.monotonic_seconds);
        let elapsed = last.map_or(0.0, |last| {
            // The clock begins anew with the machine.
            (seen.monotonic_seconds - last).clamp(0.0, LONGEST_STEP_SECONDS)
        });
        let step = weight(elapsed, MEAN_SECONDS);
        self.means.see(seen.frame, step);
        self.cores.see(seen.frame, &CORES, step);
        self.devices.see(seen.frame, &DEVICES, step);
        self.filesystems.see(seen.frame, &FILESYSTEMS, step);
        self.interfaces.see(seen.frame, &INTERFACES, step);
        self.processes.see(seen, MEAN_SECONDS, true);
        self.waited_seconds += elapsed;
        if self.waited_seconds < JUDGE_SECONDS {
            return self.lives.between();
        }
        let waited = std::mem::take(&mut self.waited_seconds);
        self.leaks.see(&self.processes, seen);
        let drafts = self.drafts(correlations, predictions);
        self.lives.take(drafts, waited, seen.unix_seconds)
    }

    fn drafts(&self, correlations: &[Correlation], predictions: &Predictions) -> Vec<view::Draft> {
        let view = View {
            means: &self.means,
            cores: &self.cores,
            devices: &self.devices,
            filesystems: &self.filesystems,
            interfaces: &self.interfaces,
            processes: &self.processes,
            correlations,
            predictions,
            open: self.lives.open(),
        };
        let mut drafts = Vec::new();
        cpu::judge(&view, &mut drafts);
        memory::judge(&view, &mut drafts);
        disk::judge(&view, &mut drafts);
        network::judge(&view, &mut drafts);
        self.leaks.judge(&view, &mut drafts);
        correlated::judge(&view, &mut drafts);
        drafts
    }
}
