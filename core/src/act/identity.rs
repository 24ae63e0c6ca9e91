//! Which process is meant: pid and start time, held by a pidfd while it is acted upon.

use serde::{Deserialize, Serialize};

/// What identifies a process within one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// Process id.
    pub pid: i32,
    /// Start in clock ticks after boot (field 22 of `/proc/PID/stat`).
    pub start_time_ticks: u64,
}
