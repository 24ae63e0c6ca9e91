//! What is wrong, with numbers and evidence.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::act::ProcessId;

/// What a target is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Processors.
    Cpu,
    /// Memory.
    Memory,
    /// Space of a file system, or the time that tasks wait for disks.
    Disk,
    /// Network interfaces. There is advice, never an action.
    Network,
    /// One process.
    Process,
}

/// How urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// Should be looked at.
    Medium,
    /// Now.
    High,
}

/// What a [`Target`] is measured by, in percent where not said otherwise. After an action the
/// same metric is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Of the time in which processes other than the culprits wanted to run, the share in
    /// which they waited for a processor (`/proc/PID/task/TID/schedstat`).
    CpuWait,
    /// Share of time in which some task waited for a processor (PSI), where no run delays
    /// are told.
    CpuPressure,
    /// Of the looks at processes other than the culprits that were active, the share in which
    /// they were in an uninterruptible wait (`D`).
    IoWait,
    /// Share of time in which some task waited for a disk (PSI).
    IoPressure,
    /// Share of time in which some task waited for memory (PSI).
    MemoryPressure,
    /// Memory in use, of the machine or of the own limit, whichever is tighter.
    MemoryUsed,
    /// Space of a file system in use, of what users may take.
    SpaceUsed,
    /// Inodes in use.
    InodesUsed,
    /// Traffic of an interface, of its speed; where that is not known or packets are lost,
    /// the share of packets lost.
    NetworkUsed,
    /// CPU of one process, percent of one core.
    ProcessCpu,
    /// Memory of one process, of the machine.
    ProcessMemory,
    /// Processes made per second (a number, not a percent).
    ForkRate,
}

/// Unit of a culprit's usage that tells a fork storm.
pub(super) const PROCESSES_PER_SECOND: &str = "processes per second";

/// A process that causes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Culprit {
    /// Which.
    pub process: ProcessId,
    /// Name of its program.
    pub name: String,
    /// User id.
    pub uid: Option<u32>,
    /// Session id: with autogroup, processes of one session share a scheduling group.
    pub session_id: Option<i32>,
    /// Its control group.
    pub cgroup: Option<String>,
    /// What it uses of the resource: percent of one core, bytes, bytes per second or
    /// processes per second, as `unit` says.
    pub usage: f64,
    /// `percent of one core`, `bytes`, `bytes per second`, `processes per second`.
    pub unit: String,
    /// Its share of what all culprits and others use, 0 to 1.
    pub share: f64,
    /// It is inside the scope and not protected: a plan may act on it.
    pub may_be_touched: bool,
    /// Why not, in words.
    pub untouchable_reason: Option<String>,
}

/// A process that waits since others use the resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Victim {
    /// Which.
    pub process: ProcessId,
    /// Name of its program.
    pub name: String,
    /// Session id.
    pub session_id: Option<i32>,
    /// Of the time in which it wanted to go on, the share in which it waited, percent.
    pub wait_percent: f64,
}

/// The host's own normal for a metric, learnt from what this optimizer has seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Median.
    pub typical: f64,
    /// 95th percentile.
    pub high: f64,
    /// Samples that it rests upon.
    pub samples: u64,
}

/// Something that is wrong. The first seven fields after `id` are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Row in `optimization_targets`; 0 while it is not stored.
    pub id: i64,
    /// `target_type` of the prototype.
    pub target_type: Resource,
    /// Now, in the unit of `metric`.
    pub current_value: f64,
    /// What it should come down to.
    pub target_value: f64,
    /// How urgent.
    pub priority: Priority,
    /// In a sentence.
    pub description: String,
    /// `process_optimization`, `memory_cleanup`, `disk_cleanup`, `memory_optimization`,
    /// `network_advice`.
    pub optimization_method: String,
    /// What relief would bring, in words.
    pub estimated_impact: String,

    /// What `current_value` measures.
    pub metric: Metric,
    /// Mount point, device or interface, where it is about one.
    pub subject: Option<String>,
    /// Since when the threshold is exceeded, Unix seconds; `None` when that was not watched.
    pub since: Option<f64>,
    /// How sure the diagnosis is, 0 to 1.
    pub confidence: f64,
    /// The host's own normal.
    pub baseline: Option<Baseline>,
    /// Whoever causes it, most first.
    pub culprits: Vec<Culprit>,
    /// The numbers that led to it, each in a sentence.
    pub evidence: Vec<String>,
    /// What the user could do beyond what a plan can.
    pub advice: Option<String>,
    /// Who suffers, most first.
    #[serde(default)]
    pub victims: Vec<Victim>,
    /// Size of the file system, for a target of space.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// Use of the resource itself, percent, beside the waits that `current_value` may tell:
    /// a rule's threshold is reached by either.
    #[serde(default)]
    pub utilisation_percent: Option<f64>,
}

impl Target {
    /// What a [`Rule`](super::Rule)'s threshold is compared with: the greater of the
    /// resource's use and, where it is a percentage, `current_value`.
    pub fn reached_percent(&self) -> f64 {
        let own = match self.metric {
            Metric::ForkRate => 0.0,
            _ => self.current_value,
        };
        self.utilisation_percent.map_or(own, |used| used.max(own))
    }

    /// Sessions of those who suffer.
    pub fn victim_sessions(&self) -> BTreeSet<i32> {
        self.victims.iter().filter_map(|v| v.session_id).collect()
    }
}
