//! Scheduling policies.

use std::io;

use serde::{Deserialize, Serialize};

use super::threads::ThreadValue;
use crate::sys::{set_thread_policy, thread_policy};

/// SCHED_BATCH: longer turns, later.
pub(super) const BATCH: u32 = 3;

/// SCHED_IDLE: only what nobody else wants.
pub(super) const IDLE: u32 = 5;

/// A scheduling policy with all that belongs to it, as sched_getattr(2) tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduling {
    /// SCHED_OTHER 0, SCHED_BATCH 3, SCHED_IDLE 5; others are never touched.
    pub policy: u32,
    /// Nice value; for information, a change of the policy keeps each thread's own.
    pub nice: i32,
    /// Flags (1: reset on fork); a change of the policy keeps each thread's own.
    pub flags: u64,
}

impl ThreadValue for Scheduling {
    const WHAT: &'static str = "scheduling policy";

    fn read(tid: i32) -> io::Result<Scheduling> {
        let found = thread_policy(tid)?;
        Ok(Scheduling {
            policy: found.policy,
            nice: found.nice,
            flags: found.flags,
        })
    }

    /// An ordinary user can set the flag "reset on fork" but not clear it: it stays as found.
    fn write(&self, tid: i32, found: &Scheduling) -> io::Result<()> {
        set_thread_policy(tid, self.policy, found.flags)
    }

    /// The policy alone: nice values are changed by others in their own right.
    fn is_same(&self, other: &Scheduling) -> bool {
        self.policy == other.policy
    }

    /// A thread that has SCHED_IDLE would get more by SCHED_BATCH.
    fn is_left_alone(&self, found: &Scheduling) -> bool {
        self.policy == BATCH && found.policy == IDLE
    }

    fn words(&self) -> String {
        match self.policy {
            0 => "SCHED_OTHER".into(),
            1 => "SCHED_FIFO".into(),
            2 => "SCHED_RR".into(),
            BATCH => "SCHED_BATCH".into(),
            IDLE => "SCHED_IDLE".into(),
            6 => "SCHED_DEADLINE".into(),
            other => format!("policy {other}"),
        }
    }
}
