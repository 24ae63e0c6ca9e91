//! Which series have a model of what is normal, and which are foretold.

use crate::series::MetricPlace;

/// One metric whose series are watched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub(super) place: MetricPlace,
    /// A series that in all moved by less than this, in its unit, is constant in effect.
    pub(super) resolution: f64,
    /// Least and greatest value that it can have, where it is foretold.
    pub(super) bounds: Option<(f64, f64)>,
    /// The value at which something is used up.
    pub(super) limit: Option<f64>,
}

/// Name; resolution; whether it is foretold, and the greatest value; the limit.
type Line = (&'static str, f64, Option<f64>, Option<f64>);

const PERCENT: Option<f64> = Some(100.0);
const OPEN: Option<f64> = Some(f64::INFINITY);
const KIB: f64 = 1024.0;
const MIB: f64 = KIB * KIB;

/// Resolutions are where a user would not look up: a percent or two, a mebibyte.
const LINES: [Line; 44] = [
    ("cpu_percent", 10.0, PERCENT, None),
    ("cpu_iowait_percent", 5.0, PERCENT, None),
    ("cpu_steal_percent", 5.0, PERCENT, None),
    ("container_cpu_percent", 10.0, PERCENT, None),
    ("load_average_1", 1.0, OPEN, None),
    ("runnable", 2.0, None, None),
    ("blocked", 2.0, None, None),
    ("context_switches_per_sec", 2_000.0, None, None),
    ("interrupts_per_sec", 2_000.0, None, None),
    ("forks_per_sec", 20.0, None, None),
    ("memory_percent", 3.0, PERCENT, Some(100.0)),
    ("container_memory_percent", 3.0, PERCENT, Some(100.0)),
    ("memory_dirty_bytes", 64.0 * MIB, None, None),
    ("swap_percent", 3.0, PERCENT, Some(100.0)),
    ("swap_in_bytes_per_sec", MIB, None, None),
    ("swap_out_bytes_per_sec", MIB, None, None),
    ("major_faults_per_sec", 50.0, None, None),
    ("disk_read_bytes_per_sec", 4.0 * MIB, OPEN, None),
    ("disk_write_bytes_per_sec", 4.0 * MIB, OPEN, None),
    ("disk_utilisation_percent", 10.0, PERCENT, None),
    ("network_received_bytes_per_sec", 256.0 * KIB, OPEN, None),
    ("network_sent_bytes_per_sec", 256.0 * KIB, OPEN, None),
    ("tcp_established", 10.0, OPEN, None),
    ("tcp_retransmits_per_sec", 5.0, None, None),
    ("pressure_cpu_some_percent", 5.0, PERCENT, None),
    ("pressure_memory_some_percent", 2.0, PERCENT, None),
    ("pressure_memory_full_percent", 2.0, None, None),
    ("pressure_io_some_percent", 5.0, PERCENT, None),
    ("pressure_io_full_percent", 5.0, None, None),
    ("container_throttled_percent", 5.0, None, None),
    ("open_files_percent", 2.0, PERCENT, Some(100.0)),
    ("task_percent", 2.0, PERCENT, Some(100.0)),
    ("process_count", 10.0, OPEN, None),
    ("thread_count", 20.0, OPEN, None),
    ("temperature_celsius", 5.0, OPEN, None),
    ("core_busy_percent", 20.0, None, None),
    ("device_read_latency_ms", 5.0, None, None),
    ("device_write_latency_ms", 5.0, None, None),
    ("device_utilisation_percent", 10.0, None, None),
    ("filesystem_used_percent", 1.0, PERCENT, Some(100.0)),
    ("filesystem_inodes_used_percent", 1.0, PERCENT, Some(100.0)),
    ("interface_received_bytes_per_sec", 256.0 * KIB, None, None),
    ("interface_sent_bytes_per_sec", 256.0 * KIB, None, None),
    ("interface_errors_per_sec", 1.0, None, None),
];

/// Every metric that is watched.
pub(super) fn all() -> Vec<Watch> {
    let watch = |(name, resolution, most, limit): Line| {
        Some(Watch {
            place: MetricPlace::named(name)?,
            resolution,
            bounds: most.map(|most| (0.0, most)),
            limit,
        })
    };
    LINES.into_iter().filter_map(watch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_metric_that_there_is() {
        assert_eq!(all().len(), LINES.len());
    }

    #[test]
    fn what_runs_out_is_foretold_up_to_its_limit() {
        for watch in all() {
            let most = watch.bounds.map(|(_, most)| most);
            if let Some(limit) = watch.limit {
                assert_eq!(most, Some(limit), "{}", watch.place.metric.name);
            }
        }
    }
}
