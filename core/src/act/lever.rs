//! What can be asked of the door.

use serde::{Deserialize, Serialize};

use super::ProcessId;

/// Class of an I/O priority (ioprio_set(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IoClass {
    /// As the nice value says.
    None,
    /// Levels 0 (first) to 7.
    BestEffort,
    /// Only when nobody else wants the disk.
    Idle,
}

/// A limit that a control group sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Share of the processors under contention: 1 to 10,000, 100 is normal (v2 `cpu.weight`;
    /// v1 `cpu.shares`). Costs nothing while nobody else wants to run.
    CpuWeight(u32),
    /// Most CPU, percent of one core (v2 `cpu.max`; v1 `cpu.cfs_quota_us`).
    CpuQuotaPercent(f64),
    /// Most bytes per second, read and written each, on each device that the processes use
    /// (v2 `io.max`; v1 `blkio.throttle.*_bps_device`).
    IoBytesPerSec(u64),
    /// Memory above which the group is reclaimed and slowed down, never killed
    /// (v2 `memory.high`; v1 `memory.limit_in_bytes` with the group's OOM killer off).
    MemoryHighBytes(u64),
    /// Most processes and threads (`pids.max`).
    Processes(u64),
}

/// What is wanted of the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// A nice value for every thread.
    Nice {
        /// Whose.
        process: ProcessId,
        /// −20 to 19.
        nice: i32,
    },
    /// SCHED_BATCH for every thread.
    Batch {
        /// Whose.
        process: ProcessId,
    },
    /// SCHED_IDLE for every thread.
    Idle {
        /// Whose.
        process: ProcessId,
    },
    /// The nice value of the process's autogroup: it concerns its whole session.
    Autogroup {
        /// Whose.
        process: ProcessId,
        /// −20 to 19.
        nice: i32,
    },
    /// An I/O priority for every thread.
    IoPriority {
        /// Whose.
        process: ProcessId,
        /// Class.
        class: IoClass,
        /// Level within best effort, 0 to 7.
        level: u8,
    },
    /// The processors that every thread may run on.
    Affinity {
        /// Whose.
        process: ProcessId,
        /// Processor numbers.
        cpus: Vec<u32>,
    },
    /// A control group with limits, into which the processes and all their living
    /// descendants are moved.
    Group {
        /// The processes; descendants within the scope come along.
        processes: Vec<ProcessId>,
        /// At least one.
        limits: Vec<Limit>,
    },
    /// The processes are frozen through a control group (v2 `cgroup.freeze`, v1 freezer).
    Freeze {
        /// The processes; descendants within the scope come along.
        processes: Vec<ProcessId>,
        /// Seconds after which they are thawed whatever happens to this program.
        lease_seconds: f64,
    },
    /// SIGSTOP, and SIGCONT when the lease ends.
    Stop {
        /// Whose.
        process: ProcessId,
        /// Seconds after which it goes on whatever happens to this program.
        lease_seconds: f64,
    },
    /// MADV_PAGEOUT over its private memory (process_madvise(2)).
    PageOut {
        /// Whose.
        process: ProcessId,
    },
    /// Reclaim from a control group: v2 `memory.reclaim`, v1 `memory.force_empty` is not used.
    Reclaim {
        /// Path of the group as `/proc/PID/cgroup` shows it.
        cgroup: String,
        /// How much, bytes.
        bytes: u64,
    },
    /// Gives free memory of this process's own heap back to the system (malloc_trim(3)).
    TrimOwnHeap,
    /// SIGTERM, wait, then SIGKILL if that is allowed.
    Terminate {
        /// Whose.
        process: ProcessId,
        /// How long it may take to end by itself, seconds.
        grace_seconds: f64,
        /// Whether SIGKILL may follow.
        may_kill: bool,
    },
}
