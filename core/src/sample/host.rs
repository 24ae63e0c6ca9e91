//! Facts of the host that do not change while it runs: read once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What machine this is. A fact that can't be read is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HostFacts {
    /// Host name (`/proc/sys/kernel/hostname`).
    pub hostname: Option<Arc<str>>,
    /// Operating system, e.g. `Debian GNU/Linux 12 (bookworm)` (`PRETTY_NAME` in os-release).
    pub os_name: Option<Arc<str>>,
    /// Kernel, e.g. `6.1.0-18-amd64` (`/proc/sys/kernel/osrelease`).
    pub kernel_release: Option<Arc<str>>,
    /// Architecture of this build, e.g. `x86_64`.
    pub architecture: Arc<str>,
    /// Processor, e.g. `AMD EPYC 7B13` (`/proc/cpuinfo`).
    pub cpu_model: Option<Arc<str>>,
    /// Processors online (`cpuN` lines of `/proc/stat`).
    pub logical_cpus: Option<u32>,
    /// Cores, threads of one core counted once (`/proc/cpuinfo`).
    pub physical_cores: Option<u32>,
    /// Memory of the machine (`MemTotal`).
    pub memory_total_bytes: Option<u64>,
    /// Start of the machine in Unix seconds (`btime` in `/proc/stat`).
    pub boot_time_seconds: Option<f64>,
    /// Random id of this boot (`/proc/sys/kernel/random/boot_id`).
    pub boot_id: Option<Arc<str>>,
    /// Size of a page of memory in bytes.
    pub page_size_bytes: u64,
    /// Clock ticks per second (USER_HZ), the unit of times in `/proc`.
    pub clock_ticks_per_second: u64,
    /// Hypervisor or container, where a file tells (`kvm`, `docker`, `lxc`, …).
    pub virtualization: Option<Arc<str>>,
}
