//! Processes: `/proc/PID/stat` and `io` each tick; `status`, `cmdline` and `cgroup`
//! once for each program that a process runs.

#[cfg(any(feature = "sysinfo-backend", not(target_os = "linux"), test))]
mod by_sysinfo;
mod escape;
mod mask;
mod scanner;
mod secret;
mod settings;

#[cfg(target_os = "linux")]
mod details;
#[cfg(target_os = "linux")]
mod extra;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod io;
#[cfg(target_os = "linux")]
mod known;
#[cfg(target_os = "linux")]
mod listing;
#[cfg(target_os = "linux")]
mod scan;
#[cfg(target_os = "linux")]
pub(crate) mod stat;
#[cfg(target_os = "linux")]
mod trouble;
#[cfg(target_os = "linux")]
mod users;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::roots::Roots;
use crate::error::Result;

pub(crate) use escape::escape_into;
pub use scanner::ProcessScanner;
pub use settings::{ProcessBackend, ProcessSettings};

/// What a process is doing: the third field of `/proc/PID/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessState {
    /// `R`: running or ready to run.
    Running,
    /// `S`: sleeping, can be woken.
    #[default]
    Sleeping,
    /// `D`: in an uninterruptible wait, mostly for a disk.
    DiskSleep,
    /// `Z`: ended, not yet collected by its parent.
    Zombie,
    /// `T`: stopped by a signal.
    Stopped,
    /// `t`: stopped by a debugger.
    Tracing,
    /// `I`: idle kernel thread.
    Idle,
    /// `X`, `x`: dead.
    Dead,
    /// Any letter that this version does not know (`W`, `P`, `K`).
    Other,
}

/// What identifies a process beyond its pid, and what stays as it is while it runs one
/// program. Shared between samples.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProcessDetails {
    /// Name of the program (`comm`), control characters and invalid UTF-8 escaped (a line
    /// end shows as `\x0a`). A kernel worker's is without what it works on.
    pub name: Arc<str>,
    /// Effective user id (`Uid` in `status`).
    pub uid: Option<u32>,
    /// User name by `/etc/passwd` of the host's root; `None` when it is not listed there.
    pub user: Option<Arc<str>>,
    /// Control group path: the v2 one, else that of the v1 cpu controller; the latter too
    /// when the v2 one is the root.
    pub cgroup: Option<Arc<str>>,
    /// Command line with secrets masked, arguments joined by spaces; `None` for kernel
    /// threads and where it can't be read.
    pub command_line: Option<Arc<str>>,
    /// A thread of the kernel (flag PF_KTHREAD in `stat`).
    pub is_kernel_thread: bool,
}

/// What is read only for a chosen few, since it is dear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProcessExtra {
    /// Proportional set size: shared pages counted by share (`smaps_rollup`).
    pub pss_bytes: Option<u64>,
    /// Open file descriptors (entries of `fd`).
    pub open_files: Option<u64>,
}

/// One process. Rates are `None` until it has been seen twice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProcessSample {
    /// Process id.
    pub pid: i32,
    /// Parent's process id; 0 for the first processes.
    pub parent_pid: i32,
    /// Session id (field 6); `None` from the sysinfo backend.
    pub session_id: Option<i32>,
    /// Start in clock ticks after boot (field 22); with the pid it is the identity. The
    /// sysinfo backend knows it to the second only.
    pub start_time_ticks: u64,
    /// Start in Unix seconds; `None` when the boot time is unknown.
    pub start_time_seconds: Option<f64>,
    /// Name, user, command line and so on.
    pub details: Arc<ProcessDetails>,
    /// What it is doing.
    pub state: ProcessState,
    /// CPU time of one core, 0 to 100 × cores, as `top` shows it.
    pub cpu_core_percent: Option<f64>,
    /// CPU time of the whole machine, 0 to 100.
    pub cpu_machine_percent: Option<f64>,
    /// User and system time since its start, in seconds.
    pub cpu_seconds_total: f64,
    /// User and system time of its children that ended and were collected, with theirs, in
    /// seconds; `None` from the sysinfo backend.
    pub children_cpu_seconds_total: Option<f64>,
    /// The same per second, percent of one core. It comes in leaps, one at each child's end:
    /// much of it beside many forks tells who makes short-lived processes.
    pub children_cpu_core_percent: Option<f64>,
    /// Resident memory, from `stat` (approximate by some pages on recent kernels).
    pub rss_bytes: u64,
    /// 100 · RSS / memory of the machine.
    pub memory_percent: Option<f64>,
    /// Threads; `None` from the sysinfo backend, which does not tell.
    pub threads: Option<u32>,
    /// Nice value, −20 to 19; `None` from the sysinfo backend.
    pub nice: Option<i32>,
    /// Page faults that needed a disk, since its start; `None` from the sysinfo backend.
    pub major_faults_total: Option<u64>,
    /// Bytes read from storage since its start (`read_bytes` in `io`); `None` without
    /// permission.
    pub read_bytes_total: Option<u64>,
    /// Bytes sent to storage since its start (`write_bytes` in `io`).
    pub write_bytes_total: Option<u64>,
    /// Bytes read from storage per second.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes sent to storage per second.
    pub write_bytes_per_sec: Option<f64>,
    /// Dear details, for the chosen few.
    pub extra: Option<ProcessExtra>,
}

/// All processes that may be seen, and how many there are of each kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProcessTable {
    /// Every process, by pid. Empty when the scan is switched off.
    pub list: Vec<ProcessSample>,
    /// The scan was skipped in this tick to keep the overhead budget, or switched off;
    /// the list is the last one.
    pub stale: bool,
    /// Seconds between this scan and the one before: the base of the rates.
    pub interval_seconds: Option<f64>,
    /// Processes.
    pub total: usize,
    /// In state running.
    pub running: usize,
    /// In state sleeping or idle.
    pub sleeping: usize,
    /// In uninterruptible wait.
    pub disk_sleep: usize,
    /// Stopped or traced.
    pub stopped: usize,
    /// Ended but not collected.
    pub zombie: usize,
    /// Threads of all processes; `None` when they are not known, or without a scan.
    pub threads: Option<u64>,
}

impl ProcessExtra {
    /// Reads them of one process that the caller has chosen; what may not be read is `None`.
    ///
    /// # Errors
    /// `NotFound` when there is no such process, `Unsupported` off Linux.
    #[cfg(target_os = "linux")]
    pub fn read(roots: &Roots, pid: i32) -> Result<ProcessExtra> {
        extra::read_chosen(roots, pid)
    }

    /// # Errors
    /// `Unsupported`: only Linux is read directly.
    #[cfg(not(target_os = "linux"))]
    pub fn read(_roots: &Roots, _pid: i32) -> Result<ProcessExtra> {
        Err(crate::Error::Unsupported(
            "PSS and open files of a process".into(),
        ))
    }
}

/// The table of a list, with its sums.
fn count(list: Vec<ProcessSample>) -> ProcessTable {
    let mut table = ProcessTable {
        total: list.len(),
        ..ProcessTable::default()
    };
    for row in &list {
        if let Some(threads) = row.threads {
            *table.threads.get_or_insert(0) += u64::from(threads);
        }
        let sum = match row.state {
            ProcessState::Running => &mut table.running,
            ProcessState::Sleeping | ProcessState::Idle => &mut table.sleeping,
            ProcessState::DiskSleep => &mut table.disk_sleep,
            ProcessState::Stopped | ProcessState::Tracing => &mut table.stopped,
            ProcessState::Zombie => &mut table.zombie,
            ProcessState::Dead | ProcessState::Other => continue,
        };
        *sum += 1;
    }
    table.list = list;
    table
}
