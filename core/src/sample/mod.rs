//! Raw facts of one instant, and the rates between two: what the host says, nothing of
//! what it means.

pub mod battery;
mod bounds;
pub(crate) mod cgroup;
mod chip;
pub mod cpu;
mod cpu_frequency;
mod cpu_ticks;
mod decisive;
pub mod disk;
pub mod filesystem;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod golden;
pub mod hardening;
pub mod host;
pub mod kernel;
pub mod limits;
pub(crate) mod limits_reader;
mod listeners;
pub mod memory;
mod metrics;
mod mount_choice;
pub(crate) mod mounts;
pub mod network;
mod order;
mod own_memory;
pub(crate) mod parse;
pub mod pressure;
pub mod process;
pub(crate) mod rates;
pub mod roots;
mod roster;
mod sampler;
pub mod security;
pub mod sensors;
mod slow_jobs;
mod sock_diag;
pub mod source;
mod supply;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use battery::{BatterySample, PowerSample};
pub use cpu::{CoreSample, CpuSample, CpuShares, CpuTimes, LoadAverage};
pub use disk::{DiskCounters, DiskSample};
pub use filesystem::FilesystemSample;
pub use hardening::HardeningSample;
pub use host::HostFacts;
pub use kernel::KernelSample;
pub use limits::{CgroupVersion, Limits};
pub use memory::MemorySample;
pub use metrics::Metrics;
pub use network::{InterfaceCounters, InterfaceSample, NetworkSample, TcpSample};
pub use order::ProcessOrder;
pub(crate) use own_memory::{anonymous_bytes, own_anonymous_bytes};
pub use pressure::{PressureLine, PressureResource, PressureSample};
pub use process::{
    ProcessBackend, ProcessDetails, ProcessExtra, ProcessSample, ProcessScanner, ProcessSettings,
    ProcessState, ProcessTable,
};
pub use roots::Roots;
pub use sampler::{Sampler, SamplerSettings};
pub use security::{
    FailedLogin, Listener, LoginSample, NotableProgram, ProgramPlace, ProgramSample, SearchFolder,
    SecuritySample,
};
pub use sensors::{SensorKind, SensorSample};
pub use source::{Availability, SourceReport};

/// When something was read: by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// Unix seconds by the wall clock; it may jump.
    pub unix_seconds: f64,
    /// Seconds by the clock that never jumps and goes on in suspend (CLOCK_BOOTTIME);
    /// the base of all rates.
    pub monotonic_seconds: f64,
}

/// What every reader is told about the tick that it reads for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tick<'a> {
    /// When the reading began.
    pub(crate) moment: Moment,
    /// Seconds since the previous tick; `None` in the first one.
    pub(crate) elapsed_seconds: Option<f64>,
    /// Facts of the host.
    pub(crate) host: &'a HostFacts,
}

/// What the monitor itself costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Overhead {
    /// Wall time of this sample in seconds.
    pub sample_seconds: f64,
    /// Wall time of the scan of the processes in seconds; `None` when this sample had none.
    pub process_scan_seconds: Option<f64>,
    /// CPU time of this sample in seconds.
    pub sample_cpu_seconds: Option<f64>,
    /// CPU time of the library's own threads (sampling, judging, storing, slow sources and
    /// callbacks) since the previous sample, percent of one core; `None` in the first one.
    pub cpu_core_percent: Option<f64>,
    /// Resident memory of the whole process that embeds the monitor (`/proc/self/statm`).
    pub process_rss_bytes: Option<u64>,
    /// Ticks between two scans of the processes: 1, or more when the overhead budget
    /// would be exceeded.
    pub process_scan_every: u32,
}

/// Everything that was read at one moment. A value that can't be read is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// Number of this sample, from 1.
    pub sequence: u64,
    /// When the reading began.
    pub moment: Moment,
    /// Seconds since the previous sample by the monotonic clock; `None` in the first one.
    pub interval_seconds: Option<f64>,
    /// Processors.
    pub cpu: CpuSample,
    /// Memory and swap.
    pub memory: MemorySample,
    /// Pressure stall information.
    pub pressure: PressureSample,
    /// Block devices.
    pub disks: Vec<DiskSample>,
    /// File systems.
    pub filesystems: Vec<FilesystemSample>,
    /// Network.
    pub network: NetworkSample,
    /// Temperatures and fans.
    pub sensors: Vec<SensorSample>,
    /// Mains and batteries.
    pub power: PowerSample,
    /// Processes.
    pub processes: ProcessTable,
    /// Limits of the own control group.
    pub limits: Limits,
    /// Tables of the kernel against their limits, and its clock.
    #[serde(default)]
    pub kernel: KernelSample,
    /// The kernel's hardening settings; shared until they change.
    pub hardening: Arc<HardeningSample>,
    /// What can be seen of the machine's security; each part shared until it changes.
    pub security: SecuritySample,
    /// Facts of the host, the same in every sample.
    pub host: Arc<HostFacts>,
    /// The sources that can't be read here, and why; shared until that changes.
    pub unavailable: Arc<[SourceReport]>,
    /// What the monitor itself costs.
    pub overhead: Overhead,
}
