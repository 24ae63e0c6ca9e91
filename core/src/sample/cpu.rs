//! Processors: `/proc/stat`, `/proc/loadavg` and, on request, cpufreq.

use serde::{Deserialize, Serialize};

/// Where the time of one processor, or of all together, went. Shares of the whole
/// interval between two samples, 0 to 100; they add up to 100 (guest time is part of
/// user time and not counted twice, as in `user_percent` minus guest).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuShares {
    /// Everything but idle and iowait: 100 − idle − iowait.
    pub busy_percent: f64,
    /// Normal processes in user mode, without guests.
    pub user_percent: f64,
    /// Niced processes in user mode, without guests.
    pub nice_percent: f64,
    /// Kernel mode.
    pub system_percent: f64,
    /// Nothing to do.
    pub idle_percent: f64,
    /// Nothing to do while a task of this processor waits for a disk.
    pub iowait_percent: f64,
    /// Hardware interrupts.
    pub irq_percent: f64,
    /// Soft interrupts.
    pub softirq_percent: f64,
    /// Taken by the hypervisor for other machines.
    pub steal_percent: f64,
    /// Virtual processors of guests, niced ones included.
    pub guest_percent: f64,
}

/// Cumulative processor time since boot in seconds, as in `/proc/stat` (there in
/// ticks of 1/USER_HZ). `user` and `nice` include guest time, as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuTimes {
    /// Normal processes in user mode.
    pub user_seconds_total: f64,
    /// Niced processes in user mode.
    pub nice_seconds_total: f64,
    /// Kernel mode.
    pub system_seconds_total: f64,
    /// Idle.
    pub idle_seconds_total: f64,
    /// Idle with a disk read or write outstanding.
    pub iowait_seconds_total: f64,
    /// Hardware interrupts.
    pub irq_seconds_total: f64,
    /// Soft interrupts.
    pub softirq_seconds_total: f64,
    /// Stolen by the hypervisor.
    pub steal_seconds_total: f64,
    /// Guests.
    pub guest_seconds_total: f64,
    /// Niced guests.
    pub guest_nice_seconds_total: f64,
}

/// One processor that is online.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CoreSample {
    /// Number of the processor, as in `cpuN`.
    pub id: u32,
    /// `None` in the first sample, and after the processor came online.
    pub shares: Option<CpuShares>,
    /// Raw counters.
    pub times: CpuTimes,
    /// Current frequency in MHz (`cpufreq/scaling_cur_freq`); only when asked for,
    /// since the read wakes the processor and may take milliseconds.
    pub frequency_mhz: Option<f64>,
}

/// Load averages and run queue: `/proc/loadavg`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LoadAverage {
    /// Mean number of runnable or uninterruptible tasks over 1 minute.
    pub one: f64,
    /// The same over 5 minutes.
    pub five: f64,
    /// The same over 15 minutes.
    pub fifteen: f64,
    /// Tasks that are runnable now (fourth field, before the slash).
    pub runnable: u64,
    /// Tasks that exist now, threads counted (after the slash).
    pub tasks: u64,
}

/// The processors of the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuSample {
    /// All processors together; `None` in the first sample.
    pub shares: Option<CpuShares>,
    /// Raw counters of all together; `None` when `/proc/stat` can't be read.
    pub times: Option<CpuTimes>,
    /// Every online processor, by number.
    pub cores: Vec<CoreSample>,
    /// Load averages; `None` when `/proc/loadavg` can't be read.
    pub load_average: Option<LoadAverage>,
    /// Context switches since boot (`ctxt`).
    pub context_switches_total: Option<u64>,
    /// Context switches per second.
    pub context_switches_per_sec: Option<f64>,
    /// Interrupts since boot (`intr`, first number).
    pub interrupts_total: Option<u64>,
    /// Interrupts per second.
    pub interrupts_per_sec: Option<f64>,
    /// Processes and threads made since boot (`processes`).
    pub forks_total: Option<u64>,
    /// Processes and threads made per second.
    pub forks_per_sec: Option<f64>,
    /// Tasks that are running or ready to run (`procs_running`).
    pub runnable: Option<u32>,
    /// Tasks blocked in a disk read or write (`procs_blocked`).
    pub blocked: Option<u32>,
}
