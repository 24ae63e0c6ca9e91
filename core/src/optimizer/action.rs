//! What could be done, with its benefit, its risk and whether it can be taken back.

use serde::{Deserialize, Serialize};

use super::target::{Metric, Priority, Resource};
use crate::act::{Lever, ProcessId};

/// What an action does. The names are the prototype's where it had them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// SCHED_BATCH.
    SetBatch,
    /// Nice.
    LowerPriority,
    /// SCHED_IDLE.
    SetIdle,
    /// Nice of a session's autogroup.
    SetAutogroup,
    /// I/O priority.
    SetIoPriority,
    /// Fewer processors.
    SetAffinity,
    /// CPU weight or quota of a control group.
    LimitCpu,
    /// Throughput of a control group.
    LimitIo,
    /// Memory of a control group.
    LimitMemory,
    /// Number of processes of a control group.
    LimitProcesses,
    /// Reclaim from a group, or page a process out.
    ReclaimMemory,
    /// The own heap trimmed.
    CleanupMemory,
    /// Files by rules.
    CleanupDisk,
    /// A control group frozen, with a lease.
    Freeze,
    /// SIGSTOP, with a lease.
    SuspendProcess,
    /// SIGTERM, then SIGKILL.
    KillProcess,
}

/// How much could be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// Taken back by a rollback; at worst something is slower.
    Low,
    /// Can disturb what it acts on, or can't be taken back in full.
    Medium,
    /// Work may be lost.
    High,
}

/// Risk with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// In three steps.
    pub level: RiskLevel,
    /// 0 (none) to 100.
    pub score: f64,
    /// Why, each in a sentence.
    pub reasons: Vec<String>,
}

/// Something that may be so or not, with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether.
    pub yes: bool,
    /// Why.
    pub reason: String,
}

/// Something that could be done. The first eight fields are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Row in `optimization_actions`; 0 while it is not stored.
    pub id: i64,
    /// What it does.
    pub action_type: ActionKind,
    /// Pid as text, `system_memory` or `system_disk`.
    pub target_id: String,
    /// In a sentence.
    pub description: String,
    /// How urgent.
    pub priority: Priority,
    /// Percent points of the target's metric that it may bring, from the evidence.
    pub estimated_benefit: f64,
    /// How much could be lost.
    pub risk: Risk,
    /// Estimated duration in seconds.
    pub execution_time: f64,

    /// For which resource.
    pub resource: Resource,
    /// The metric by which the effect is judged.
    pub metric: Metric,
    /// Mount point, device or interface of the target.
    pub subject: Option<String>,
    /// The process acted on, where it is one.
    pub process: Option<ProcessId>,
    /// All culprits of its target: whoever else waits is a victim.
    pub culprits: Vec<ProcessId>,
    /// What is done to the host; `None` for `cleanup_disk`, which follows the rules.
    pub lever: Option<Lever>,
    /// Whether a rollback restores what was, with the privileges at hand.
    pub reversible: Answer,
    /// Whether it can have any effect here.
    pub effect: Answer,
    /// When it was planned, Unix seconds; 0 for an action that a caller made by hand.
    pub planned_at: f64,
    /// Token of the plan; empty for an action that a caller made by hand.
    pub token: String,
}

impl ActionKind {
    /// Every kind there is, the gentlest first.
    pub const ALL: [ActionKind; 16] = [
        ActionKind::SetBatch,
        ActionKind::LowerPriority,
        ActionKind::SetIdle,
        ActionKind::SetAutogroup,
        ActionKind::SetIoPriority,
        ActionKind::SetAffinity,
        ActionKind::LimitCpu,
        ActionKind::LimitIo,
        ActionKind::LimitMemory,
        ActionKind::LimitProcesses,
        ActionKind::ReclaimMemory,
        ActionKind::CleanupMemory,
        ActionKind::CleanupDisk,
        ActionKind::Freeze,
        ActionKind::SuspendProcess,
        ActionKind::KillProcess,
    ];
}
