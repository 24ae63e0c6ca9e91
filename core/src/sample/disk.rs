//! Block devices: `/proc/diskstats`, with `/sys/block` to tell whole devices from
//! partitions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Cumulative counters of a device since boot, as in `/proc/diskstats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DiskCounters {
    /// Reads completed.
    pub reads_total: u64,
    /// Bytes read (sectors of 512 bytes).
    pub read_bytes_total: u64,
    /// Time spent reading in milliseconds, summed over requests.
    pub read_ms_total: u64,
    /// Writes completed.
    pub writes_total: u64,
    /// Bytes written.
    pub write_bytes_total: u64,
    /// Time spent writing in milliseconds, summed over requests.
    pub write_ms_total: u64,
    /// Time in which the device had anything to do, in milliseconds.
    pub busy_ms_total: u64,
    /// Requests in flight multiplied by time, in milliseconds.
    pub weighted_ms_total: u64,
}

/// One whole block device (no partitions, no device that was never used).
/// Rates are `None` in the first sample and after a counter reset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DiskSample {
    /// Name of the device, e.g. `nvme0n1`.
    pub name: Arc<str>,
    /// Made of other devices (dm, md) or of a file (loop): what it does is done again by
    /// these, so the machine's totals leave it out.
    pub is_stacked: bool,
    /// Bytes read per second.
    pub read_bytes_per_sec: Option<f64>,
    /// Bytes written per second.
    pub write_bytes_per_sec: Option<f64>,
    /// Reads completed per second.
    pub reads_per_sec: Option<f64>,
    /// Writes completed per second.
    pub writes_per_sec: Option<f64>,
    /// Mean time of a read in milliseconds, queueing included; `None` without a read.
    pub read_latency_ms: Option<f64>,
    /// Mean time of a write in milliseconds, queueing included; `None` without a write.
    pub write_latency_ms: Option<f64>,
    /// Share of time in which the device had anything to do, 0 to 100. A device that
    /// serves requests side by side (SSD, RAID) is not full at 100.
    pub utilisation_percent: Option<f64>,
    /// Mean number of requests in flight.
    pub queue_length: Option<f64>,
    /// Requests in flight now.
    pub in_flight: u64,
    /// Raw counters.
    pub counters: DiskCounters,
}
