//! What belongs together: the resource that a metric tells of, and which resources move
//! each other.

use crate::judge::process_use::Use;

/// What a metric tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Resource {
    /// Processors: use, queue, load, what heats them.
    Processors,
    /// Memory, swap and major faults.
    Memory,
    /// Disks: traffic, latency, waiting for them.
    Disks,
    /// Space and inodes of file systems.
    Space,
    /// Interfaces and TCP.
    Network,
    /// Anything else: batteries, the monitor itself.
    Other,
}

impl Resource {
    /// By the name of the metric.
    pub(super) fn of(metric: &str) -> Resource {
        let begins = |starts: &[&str]| starts.iter().any(|start| metric.starts_with(start));
        let has = |words: &[&str]| words.iter().any(|word| metric.contains(word));
        if has(&["iowait", "pressure_io"]) || begins(&["device_", "blocked"]) {
            Resource::Disks
        } else if begins(&["filesystem_", "disk_percent", "disk_used", "disk_total"]) {
            Resource::Space
        } else if begins(&[
            "disk_",
            "process_read_",
            "process_write_",
            "process_disk_sleep",
        ]) {
            Resource::Disks
        } else if begins(&["network_", "interface_", "tcp_"]) {
            Resource::Network
        } else if begins(&[
            "memory_",
            "swap_",
            "major_faults",
            "oom_",
            "pressure_memory",
        ]) || begins(&[
            "container_memory",
            "container_oom",
            "process_rss",
            "process_memory",
        ]) || begins(&["process_pss", "effective_memory"])
        {
            Resource::Memory
        } else if begins(&["battery_", "monitor_", "sample", "health_", "performance_"])
            || begins(&["security_", "process_scan"])
        {
            Resource::Other
        } else {
            Resource::Processors
        }
    }

    /// One is a known cause of the other: memory that is short is read and written again
    /// and again; what runs makes the disks and the network work, and waits for them; what
    /// is written takes space.
    pub(super) fn may_move(self, other: Resource) -> bool {
        use Resource::{Disks, Memory, Network, Processors, Space};
        let known = [
            (Memory, Disks),
            (Processors, Disks),
            (Processors, Memory),
            (Processors, Network),
            (Disks, Space),
            (Network, Disks),
        ];
        self == other || known.contains(&(self, other)) || known.contains(&(other, self))
    }

    /// By which uses of the processes culprits are looked for.
    pub(super) fn uses(self) -> &'static [Use] {
        match self {
            Resource::Processors => &[Use::Cpu],
            Resource::Memory => &[Use::Memory],
            Resource::Disks => &[Use::Read, Use::Write],
            Resource::Space => &[Use::Write],
            // Nobody tells which process sends or receives.
            Resource::Network | Resource::Other => &[],
        }
    }
}

/// How well a metric stands for its incident: what hurts first, then what is used, then
/// what only goes with it.
pub(super) fn weight(metric: &str) -> u8 {
    let has = |words: &[&str]| words.iter().any(|word| metric.contains(word));
    if has(&["oom_kills"]) {
        5
    } else if has(&["pressure_", "throttled", "latency"]) {
        4
    } else if has(&[
        "filesystem_used_percent",
        "inodes_used_percent",
        "errors_per_sec",
    ]) || matches!(
        metric,
        "cpu_percent"
            | "memory_percent"
            | "swap_percent"
            | "cpu_iowait_percent"
            | "cpu_steal_percent"
            | "tcp_retransmits_per_sec"
    ) {
        3
    } else if has(&[
        "utilisation",
        "load_average_1",
        "bytes_per_sec",
        "core_busy",
        "runnable",
    ]) || has(&["memory_used", "memory_available", "swap_"])
    {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::catalog;

    #[test]
    fn metrics_tell_of_their_resource() {
        for (metric, resource) in [
            ("cpu_percent", Resource::Processors),
            ("cpu_iowait_percent", Resource::Disks),
            ("pressure_cpu_some_percent", Resource::Processors),
            ("pressure_io_full_percent", Resource::Disks),
            ("pressure_memory_full_percent", Resource::Memory),
            ("disk_percent", Resource::Space),
            ("disk_write_bytes_per_sec", Resource::Disks),
            ("device_write_latency_ms", Resource::Disks),
            ("filesystem_inodes_used_percent", Resource::Space),
            ("tcp_retransmits_per_sec", Resource::Network),
            ("major_faults_per_sec", Resource::Memory),
            ("container_memory_percent", Resource::Memory),
            ("container_throttled_percent", Resource::Processors),
            ("temperature_celsius", Resource::Processors),
            ("battery_percent", Resource::Other),
        ] {
            assert_eq!(Resource::of(metric), resource, "{metric}");
        }
    }

    #[test]
    fn no_metric_of_a_family_is_taken_for_another_resource() {
        use crate::series::Family;
        for metric in catalog::metrics() {
            let wanted = match metric.family {
                Family::Device => Resource::Disks,
                Family::Filesystem => Resource::Space,
                Family::Interface | Family::Network => Resource::Network,
                Family::Memory => Resource::Memory,
                _ => continue,
            };
            assert_eq!(Resource::of(metric.name), wanted, "{}", metric.name);
        }
    }

    #[test]
    fn moving_each_other_is_mutual() {
        assert!(Resource::Memory.may_move(Resource::Disks));
        assert!(Resource::Disks.may_move(Resource::Memory));
        assert!(!Resource::Space.may_move(Resource::Network));
        assert!(!Resource::Other.may_move(Resource::Processors));
    }
}
