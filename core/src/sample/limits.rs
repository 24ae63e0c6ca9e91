//! The limits of the control groups that this process lives in: v1, v2 and hybrid,
//! the whole chain of parents, with the file that decided each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Which control groups the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CgroupVersion {
    /// None mounted, or not readable.
    #[default]
    None,
    /// Only version 1 hierarchies.
    V1,
    /// Only the unified hierarchy.
    V2,
    /// Version 1 controllers beside a unified hierarchy.
    Hybrid,
}

/// What this process may use at most, and how close its group is to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Kind of control groups found.
    pub version: CgroupVersion,
    /// Path of the own group: of v2, unless that is `/` and the v1 cpu or memory
    /// controller names a deeper one.
    pub cgroup: Option<Arc<str>>,
    /// Processors that may really be used: the least of online processors, cpuset, quota
    /// over the chain of parents, and the main thread's affinity. May be a fraction.
    pub effective_cpus: Option<f64>,
    /// The file that decided `effective_cpus`, `sched_getaffinity` or `online processors`.
    pub effective_cpus_source: Option<Arc<str>>,
    /// Quota in processors (`cpu.max` or `cpu.cfs_quota_us / cpu.cfs_period_us`), the least
    /// of the chain; `None` when unlimited.
    pub quota_cpus: Option<f64>,
    /// Processors in the cpuset; `None` where there is no cpuset.
    pub cpuset_cpus: Option<u32>,
    /// Memory that may really be used: the least of the machine's and every limit.
    pub effective_memory_bytes: Option<u64>,
    /// The file that decided `effective_memory_bytes`, or `MemTotal`.
    pub effective_memory_source: Option<Arc<str>>,
    /// Least memory limit of the chain (`memory.max`, `memory.high` or
    /// `memory.limit_in_bytes`); `None` when unlimited.
    pub memory_limit_bytes: Option<u64>,
    /// Memory charged to the group that has the least limit (`memory.current` or
    /// `memory.usage_in_bytes`), less its inactive file cache, which is given back first.
    pub memory_used_bytes: Option<u64>,
    /// 100 · memory used / memory limit; `None` when unlimited.
    pub memory_used_percent: Option<f64>,
    /// CPU time used by the group that has the least quota, else by the own group, in
    /// microseconds (`usage_usec`, or `cpuacct.usage`).
    pub cpu_usage_usec_total: Option<u64>,
    /// 100 · CPU used since the last sample / effective CPUs; `None` when unlimited.
    pub cpu_used_percent: Option<f64>,
    /// Time in which that group was held back by its quota, microseconds since its start
    /// (`throttled_usec`, or `throttled_time`; the kernel adds up its processors).
    pub throttled_usec_total: Option<u64>,
    /// Share of the time since the previous sample in which it was held back, 0 to 100.
    pub throttled_percent: Option<f64>,
    /// Processes and threads in the group that has the least limit of them, else in the own
    /// group (`pids.current`).
    pub pids_current: Option<u64>,
    /// Most that are allowed (`pids.max`); `None` when unlimited.
    pub pids_limit: Option<u64>,
    /// Processes of the own group killed for want of memory (`oom_kill` in `memory.events`, or
    /// in v1 `memory.oom_control`).
    pub oom_kills_total: Option<u64>,
}
