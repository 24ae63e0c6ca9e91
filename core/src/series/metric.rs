//! What a series measures: name, unit, precision.

use serde::{Deserialize, Serialize};

/// What a metric is of. The number is part of the file format: never reused, only added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Family {
    /// The machine in the numbers that are asked for most, and the three scores.
    Headline = 1,
    /// Processors of the machine together: shares, ticks, interrupts.
    Cpu = 2,
    /// Memory and swap in detail.
    Memory = 3,
    /// Pressure stall information.
    Pressure = 4,
    /// Limits of the own control group and of the kernel's tables, and the kernel's clock.
    Limits = 5,
    /// TCP.
    Network = 6,
    /// How many processes there are of each kind, and what the monitor itself costs.
    Census = 7,
    /// One processor; label `core`.
    Core = 16,
    /// One block device; label `device`.
    Device = 17,
    /// One file system; label `mount`.
    Filesystem = 18,
    /// One network interface; label `interface`.
    Interface = 19,
    /// One sensor; labels `chip`, `sensor`.
    Sensor = 20,
    /// One battery; label `battery`.
    Battery = 21,
    /// One of the processes that use most; labels `pid`, `name`, `user`.
    Process = 32,
}

impl Family {
    /// Every family, in the order in which a frame holds them.
    pub const ALL: [Family; 14] = [
        Family::Headline,
        Family::Cpu,
        Family::Memory,
        Family::Pressure,
        Family::Limits,
        Family::Network,
        Family::Census,
        Family::Core,
        Family::Device,
        Family::Filesystem,
        Family::Interface,
        Family::Sensor,
        Family::Battery,
        Family::Process,
    ];

    /// The family of a number in a file; `None` for one of a newer release.
    pub fn from_code(code: u8) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.code() == code)
    }

    /// Its number in a file.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Names of the labels that its entities have, in order. Those of a process that are
    /// not labels of its series, but part of its identity, begin with a dot.
    pub fn label_names(self) -> &'static [&'static str] {
        match self {
            Family::Core => &["core"],
            Family::Device => &["device"],
            Family::Filesystem => &["mount"],
            Family::Interface => &["interface"],
            Family::Sensor => &["chip", "sensor"],
            Family::Battery => &["battery"],
            Family::Process => &[
                "pid",
                "name",
                "user",
                ".start_time_ticks",
                ".uid",
                ".cgroup",
                ".command_line",
                ".is_kernel_thread",
            ],
            _ => &[],
        }
    }

    /// The family describes the machine as a whole: one entity, without labels.
    pub fn is_single(self) -> bool {
        self.label_names().is_empty()
    }
}

/// Unit of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 0 to 100 (of a process: 100 for each core).
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// Things per second.
    PerSecond,
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// °C.
    Celsius,
    /// Turns per minute.
    Rpm,
    /// Megahertz.
    Megahertz,
    /// Watts.
    Watts,
    /// A number without a unit, e.g. a load average.
    Number,
    /// 1 for yes, 0 for no.
    Flag,
}

/// How its values behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value that goes up and down. Coarser tiers hold min, mean, max, last and count.
    Gauge,
    /// A count that only grows until it is reset. Coarser tiers hold the last value; its
    /// rate is asked for by `rate`.
    Counter,
}

/// One metric: what is measured, of each entity of its family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Its number in a file: never reused, only added to.
    pub id: u16,
    /// Name of its series, e.g. `cpu_percent`.
    pub name: &'static str,
    /// What it is of.
    pub family: Family,
    /// Unit of its values.
    pub unit: Unit,
    /// How its values behave.
    pub kind: Kind,
    /// Values are kept to one part in this of the unit: 100 keeps hundredths, 1 integers.
    pub steps_per_unit: u32,
    /// What is measured, in a few words.
    pub help: &'static str,
    /// For a counter, the gauge of the same family that tells its increase per second, and
    /// the counter's steps per second for each step of that gauge: what the packing
    /// predicts from.
    pub integral_of: Option<(u16, f64)>,
}

impl Metric {
    /// The value of a raw number; NaN for [`super::ABSENT`].
    pub fn value(&self, raw: i64) -> f64 {
        match raw {
            super::ABSENT => f64::NAN,
            raw => raw as f64 / f64::from(self.steps_per_unit),
        }
    }
}
