//! What may be touched at all.

use serde::{Deserialize, Serialize};

use super::ProcessId;

/// What the optimizer may touch. Whatever lies outside is never touched, whatever a plan says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The processes of one user: real, effective, saved and file-system id must all be it.
    User(u32),
    /// A process and its living descendants.
    Subtree(ProcessId),
    /// The processes of a control group and of those below it, by the path that
    /// `/proc/PID/cgroup` shows (any hierarchy).
    Cgroup(String),
    /// These processes only.
    List(Vec<ProcessId>),
    /// Every process of the machine that is not protected.
    Machine,
}
