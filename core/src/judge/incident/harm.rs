//! How much an incident matters: by what waits and what runs out, not by how unusual it is.

use once_cell::sync::Lazy;

use super::group::Resource;
use crate::judge::Severity;
use crate::series::{Frame, MetricPlace};

/// A value from which on a resource hurts.
struct Level {
    resource: Resource,
    place: Option<MetricPlace>,
    medium: f64,
    high: f64,
    critical: f64,
}

const NEVER: f64 = f64::INFINITY;

static LEVELS: Lazy<Vec<Level>> = Lazy::new(|| {
    use Resource::{Disks, Memory, Network, Processors, Space};
    let level = |resource, name, medium, high, critical| Level {
        resource,
        place: MetricPlace::named(name),
        medium,
        high,
        critical,
    };
    vec![
        level(Processors, "pressure_cpu_some_percent", 25.0, 60.0, NEVER),
        level(Processors, "container_throttled_percent", 10.0, 30.0, NEVER),
        level(Processors, "cpu_steal_percent", 10.0, 30.0, NEVER),
        level(Memory, "pressure_memory_some_percent", 5.0, 15.0, 50.0),
        level(Memory, "pressure_memory_full_percent", 2.0, 8.0, 25.0),
        level(Memory, "memory_percent", 85.0, 92.0, 97.0),
        level(Memory, "container_memory_percent", 85.0, 92.0, 97.0),
        level(Memory, "oom_kills_since_last", NEVER, 1.0, NEVER),
        level(Disks, "pressure_io_some_percent", 30.0, 60.0, NEVER),
        level(Disks, "pressure_io_full_percent", 15.0, 40.0, NEVER),
        level(Space, "filesystem_used_percent", 85.0, 95.0, 98.0),
        level(Space, "filesystem_inodes_used_percent", 85.0, 95.0, 98.0),
        level(Network, "interface_errors_per_sec", 1.0, 100.0, NEVER),
        level(Network, "tcp_retransmits_per_sec", 10.0, 100.0, NEVER),
    ]
});

/// How much a resource hurts now; of `mounts`, only those count.
pub(super) fn severity(frame: &Frame, resources: &[Resource], mounts: &[&str]) -> Severity {
    let mut worst = Severity::Low;
    for level in LEVELS
        .iter()
        .filter(|level| resources.contains(&level.resource))
    {
        let values = level
            .place
            .into_iter()
            .flat_map(|place| frame.values(place));
        for (entity, value) in values {
            let label = entity.labels.first().and_then(Option::as_deref);
            if level.resource == Resource::Space
                && !label.is_some_and(|label| mounts.contains(&label))
            {
                continue;
            }
            // What is not known is above no level.
            let is = match value {
                v if v >= level.critical => Severity::Critical,
                v if v >= level.high => Severity::High,
                v if v >= level.medium => Severity::Medium,
                _ => Severity::Low,
            };
            worst = worst.max(is);
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_of_a_metric_and_rises() {
        for level in LEVELS.iter() {
            assert!(level.place.is_some());
            assert!(level.medium <= level.high || level.medium == NEVER);
            assert!(level.high <= level.critical);
        }
    }
}
