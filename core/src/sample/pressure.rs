//! Pressure stall information (PSI): `/proc/pressure/*`, Linux ≥ 4.20.

use serde::{Deserialize, Serialize};

/// One line of a pressure file: the share of time in which tasks waited.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureLine {
    /// Percent of the last 10 seconds, 0 to 100.
    pub avg10_percent: f64,
    /// Percent of the last minute.
    pub avg60_percent: f64,
    /// Percent of the last 5 minutes.
    pub avg300_percent: f64,
    /// Time waited since boot in microseconds (`total`).
    pub stalled_usec_total: u64,
    /// Percent of the time since the previous sample; `None` in the first one.
    pub stalled_percent: Option<f64>,
}

/// Pressure on one resource.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureResource {
    /// At least one task waited.
    pub some: PressureLine,
    /// All non-idle tasks waited at once; `None` where the kernel does not tell (cpu
    /// before Linux 5.13).
    pub full: Option<PressureLine>,
}

/// Pressure on the machine. A resource is `None` where the kernel does not account it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PressureSample {
    /// Waiting for a processor.
    pub cpu: Option<PressureResource>,
    /// Waiting for memory: reclaim, swap, refaults.
    pub memory: Option<PressureResource>,
    /// Waiting for a disk.
    pub io: Option<PressureResource>,
}
