//! Scheduling policies.

use serde::{Deserialize, Serialize};

/// A scheduling policy with all that belongs to it, as sched_getattr(2) tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduling {
    /// SCHED_OTHER 0, SCHED_BATCH 3, SCHED_IDLE 5; others are never touched.
    pub policy: u32,
    /// Nice value.
    pub nice: i32,
    /// Flags (reset on fork).
    pub flags: u64,
}
