//! The few kinds that tools are sorted by.

use serde::{Deserialize, Serialize};

/// What may be wrong with a machine, as insights name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Problem {
    /// Slow, and nothing more is known.
    General,
    /// The processors are busy.
    CpuBound,
    /// One core is busy while others idle.
    CoreSaturated,
    /// More tasks are ready than processors can run, or wait for locks.
    RunQueue,
    /// Memory is short: swapping, reclaim, out-of-memory kills.
    MemoryThrash,
    /// A process grows steadily.
    Leak,
    /// Tasks wait for disks.
    IoBound,
    /// Space or inodes run out.
    DiskFull,
    /// An interface carries what it can.
    NetworkSaturated,
    /// Packets are lost and sent again.
    NetworkRetransmits,
    /// A control group's quota holds processes back.
    Throttled,
    /// Too hot.
    Temperature,
    /// Something that should not be.
    Security,
    /// Too many processes.
    ProcessCount,
}

impl Problem {
    /// Every kind.
    pub const ALL: [Problem; 14] = [
        Problem::General,
        Problem::CpuBound,
        Problem::CoreSaturated,
        Problem::RunQueue,
        Problem::MemoryThrash,
        Problem::Leak,
        Problem::IoBound,
        Problem::DiskFull,
        Problem::NetworkSaturated,
        Problem::NetworkRetransmits,
        Problem::Throttled,
        Problem::Temperature,
        Problem::Security,
        Problem::ProcessCount,
    ];

    /// Its name, e.g. `cpu_bound`.
    pub fn name(self) -> &'static str {
        match self {
            Problem::General => "general",
            Problem::CpuBound => "cpu_bound",
            Problem::CoreSaturated => "core_saturated",
            Problem::RunQueue => "run_queue",
            Problem::MemoryThrash => "memory_thrash",
            Problem::Leak => "leak",
            Problem::IoBound => "io_bound",
            Problem::DiskFull => "disk_full",
            Problem::NetworkSaturated => "network_saturated",
            Problem::NetworkRetransmits => "network_retransmits",
            Problem::Throttled => "throttled",
            Problem::Temperature => "temperature",
            Problem::Security => "security",
            Problem::ProcessCount => "process_count",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Problem> {
        Problem::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The matter in words, as in "asked about …".
    pub fn words(self) -> &'static str {
        match self {
            Problem::General => "a slow system",
            Problem::CpuBound => "busy processors",
            Problem::CoreSaturated => "one busy core",
            Problem::RunQueue => "tasks that wait for a processor",
            Problem::MemoryThrash => "short memory",
            Problem::Leak => "growing memory",
            Problem::IoBound => "slow disks",
            Problem::DiskFull => "full disks",
            Problem::NetworkSaturated => "network traffic",
            Problem::NetworkRetransmits => "lost packets",
            Problem::Throttled => "container limits",
            Problem::Temperature => "heat",
            Problem::Security => "security",
            Problem::ProcessCount => "many processes",
        }
    }
}

/// The shelf that a tool stands on; the prototype's categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Watching the machine.
    Monitoring,
    /// Writing and debugging programs.
    Development,
    /// Working faster in a terminal.
    Productivity,
    /// Finding and keeping out what should not be.
    Security,
    /// Small helpers.
    Utilities,
    /// Networks.
    Network,
    /// Disks and file systems.
    Storage,
    /// Sound and pictures.
    Multimedia,
}

impl Category {
    /// Every category.
    pub const ALL: [Category; 8] = [
        Category::Monitoring,
        Category::Development,
        Category::Productivity,
        Category::Security,
        Category::Utilities,
        Category::Network,
        Category::Storage,
        Category::Multimedia,
    ];

    /// Its name, e.g. `monitoring`.
    pub fn name(self) -> &'static str {
        match self {
            Category::Monitoring => "monitoring",
            Category::Development => "development",
            Category::Productivity => "productivity",
            Category::Security => "security",
            Category::Utilities => "utilities",
            Category::Network => "network",
            Category::Storage => "storage",
            Category::Multimedia => "multimedia",
        }
    }

    /// The category of that name.
    pub fn named(name: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How much a tool itself burdens the machine while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Impact {
    /// Hardly.
    Low,
    /// Noticeably: it traces, scans or records.
    Medium,
    /// Heavily, or it slows or stops what it looks at.
    High,
}

impl Impact {
    /// Its name, e.g. `Low`.
    pub fn name(self) -> &'static str {
        match self {
            Impact::Low => "Low",
            Impact::Medium => "Medium",
            Impact::High => "High",
        }
    }

    pub(super) fn named(name: &str) -> Option<Impact> {
        [Impact::Low, Impact::Medium, Impact::High]
            .into_iter()
            .find(|impact| impact.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_are_those_of_the_json() {
        for problem in Problem::ALL {
            assert_eq!(Problem::named(problem.name()), Some(problem));
            let json = serde_json::to_string(&problem).unwrap();
            assert_eq!(json, format!("\"{}\"", problem.name()));
            assert!(!problem.words().is_empty());
        }
        for category in Category::ALL {
            assert_eq!(Category::named(category.name()), Some(category));
            let json = serde_json::to_string(&category).unwrap();
            assert_eq!(json, format!("\"{}\"", category.name()));
        }
        for impact in [Impact::Low, Impact::Medium, Impact::High] {
            assert_eq!(Impact::named(impact.name()), Some(impact));
            let json = serde_json::to_string(&impact).unwrap();
            assert_eq!(json, format!("\"{}\"", impact.name()));
        }
        assert_eq!(Problem::named("tags"), None);
        assert_eq!(Category::named("Storage"), None);
    }
}
