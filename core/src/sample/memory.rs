//! Memory: `/proc/meminfo` and `/proc/vmstat`.

use serde::{Deserialize, Serialize};

/// Memory and swap of the machine. A field is `None` where the kernel does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MemorySample {
    /// Memory that the kernel can use (`MemTotal`).
    pub total_bytes: Option<u64>,
    /// What new programs could get without swapping (`MemAvailable`; before Linux 3.14
    /// estimated, see `available_is_estimated`).
    pub available_bytes: Option<u64>,
    /// True where the kernel has no `MemAvailable` and it was estimated as
    /// free + buffers + page cache + reclaimable slab − shmem.
    pub available_is_estimated: bool,
    /// total − available.
    pub used_bytes: Option<u64>,
    /// 100 · used / total.
    pub used_percent: Option<f64>,
    /// Not used for anything (`MemFree`).
    pub free_bytes: Option<u64>,
    /// Block device buffers (`Buffers`).
    pub buffers_bytes: Option<u64>,
    /// Page cache with shmem (`Cached`).
    pub cached_bytes: Option<u64>,
    /// Kernel data structures (`Slab`).
    pub slab_bytes: Option<u64>,
    /// The part of slab that can be reclaimed (`SReclaimable`).
    pub slab_reclaimable_bytes: Option<u64>,
    /// Shared memory and tmpfs (`Shmem`).
    pub shmem_bytes: Option<u64>,
    /// Waiting to be written to disk (`Dirty`).
    pub dirty_bytes: Option<u64>,
    /// Being written to disk (`Writeback`).
    pub writeback_bytes: Option<u64>,
    /// Anonymous memory (`AnonPages`).
    pub anonymous_bytes: Option<u64>,
    /// Swap space (`SwapTotal`); 0 when the machine has none.
    pub swap_total_bytes: Option<u64>,
    /// SwapTotal − SwapFree.
    pub swap_used_bytes: Option<u64>,
    /// 100 · swap used / swap total; `None` without swap.
    pub swap_used_percent: Option<f64>,
    /// Read back from swap since boot (`pswpin` pages).
    pub swap_in_bytes_total: Option<u64>,
    /// Read back from swap per second.
    pub swap_in_bytes_per_sec: Option<f64>,
    /// Written to swap since boot (`pswpout` pages).
    pub swap_out_bytes_total: Option<u64>,
    /// Written to swap per second.
    pub swap_out_bytes_per_sec: Option<f64>,
    /// Page faults that needed a disk since boot (`pgmajfault`).
    pub major_faults_total: Option<u64>,
    /// Page faults that needed a disk, per second.
    pub major_faults_per_sec: Option<f64>,
    /// Processes killed for want of memory since boot (`oom_kill`, Linux ≥ 4.13).
    pub oom_kills_total: Option<u64>,
    /// Processes killed for want of memory since the previous sample.
    pub oom_kills_since_last: Option<u64>,
}
