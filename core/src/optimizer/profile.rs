//! Profiles: the one source of thresholds, and what the planner may do about them.

use serde::{Deserialize, Serialize};

use super::action::{ActionKind, RiskLevel};
use super::target::{Priority, Resource};

/// From `threshold` percent of the target's value on, `action` may be planned for `type`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// For which resource.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// What may be done.
    pub action: ActionKind,
    /// From which value of the target's own resource on, percent.
    pub threshold: f64,
    /// The priority that the action gets.
    pub priority: Priority,
}

/// A profile. The first seven fields are the prototype's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub profile_name: String,
    /// CPU use of the machine, percent.
    pub cpu_threshold: f64,
    /// Memory use, percent of the machine or of the own limit.
    pub memory_threshold: f64,
    /// Space or inodes of a file system in use, percent.
    pub disk_threshold: f64,
    /// Traffic of an interface, percent of its speed.
    pub network_threshold: f64,
    /// What may be planned, in no order.
    pub optimization_rules: Vec<Rule>,
    /// Acts by itself while the monitor runs.
    pub auto_optimize: bool,
    /// When it was made, Unix seconds.
    pub created_at: f64,

    /// Waiting of others (PSI or measured) from which on a busy resource is a problem,
    /// percent.
    pub pressure_threshold: f64,
    /// CPU of one process, percent of one core.
    pub process_cpu_threshold: f64,
    /// Memory of one process, percent of the machine.
    pub process_memory_threshold: f64,
    /// Programs and units that are never touched, besides the built-in ones.
    pub protected: Vec<String>,
    /// Programs in whose favour the planner acts: never culprits.
    pub foreground: Vec<String>,
    /// Most risk that a plan may hold.
    pub allowed_risk: RiskLevel,
    /// It comes with the library and can't be deleted.
    pub built_in: bool,
}
