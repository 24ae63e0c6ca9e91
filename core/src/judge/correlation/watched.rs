//! Which metrics are compared, and which pairs say nothing new.

use once_cell::sync::Lazy;

use crate::series::MetricPlace;

/// Metrics of the machine.
pub(super) const WATCHED: [&str; 24] = [
    "cpu_percent",
    "cpu_steal_percent",
    "load_average_1",
    "runnable",
    "pressure_cpu_some_stalled_percent",
    "context_switches_per_sec",
    "forks_per_sec",
    "process_count",
    "temperature_celsius",
    "memory_used_bytes",
    "memory_cached_bytes",
    "swap_used_bytes",
    "major_faults_per_sec",
    "pressure_memory_some_stalled_percent",
    "memory_dirty_bytes",
    "disk_read_bytes_per_sec",
    "disk_write_bytes_per_sec",
    "disk_utilisation_percent",
    "pressure_io_some_stalled_percent",
    "disk_used_bytes",
    "network_received_bytes_per_sec",
    "network_sent_bytes_per_sec",
    "tcp_established",
    "tcp_retransmits_per_sec",
];

/// Two of a line are parts or measures of the same thing.
const SAME_THING: [&[&str]; 9] = [
    &[
        "cpu_percent",
        "load_average_1",
        "runnable",
        "pressure_cpu_some_stalled_percent",
        "context_switches_per_sec",
        "temperature_celsius",
    ],
    &[
        "cpu_percent",
        "cpu_steal_percent",
        "pressure_cpu_some_stalled_percent",
    ],
    &[
        "forks_per_sec",
        "process_count",
        "context_switches_per_sec",
        "runnable",
        "load_average_1",
    ],
    &[
        "memory_used_bytes",
        "memory_cached_bytes",
        "swap_used_bytes",
    ],
    &[
        "swap_used_bytes",
        "major_faults_per_sec",
        "pressure_memory_some_stalled_percent",
    ],
    &[
        "disk_read_bytes_per_sec",
        "disk_utilisation_percent",
        "pressure_io_some_stalled_percent",
        "major_faults_per_sec",
    ],
    &[
        "disk_write_bytes_per_sec",
        "disk_utilisation_percent",
        "pressure_io_some_stalled_percent",
        "memory_dirty_bytes",
    ],
    &[
        "disk_used_bytes",
        "memory_dirty_bytes",
        "memory_cached_bytes",
    ],
    &[
        "network_received_bytes_per_sec",
        "network_sent_bytes_per_sec",
    ],
];

/// Their places in a frame.
pub(super) static PLACES: Lazy<Vec<Option<MetricPlace>>> = Lazy::new(|| {
    WATCHED
        .iter()
        .map(|name| MetricPlace::named(name))
        .collect()
});

/// The pairs that are compared, by their places in [`WATCHED`].
pub(super) static PAIRS: Lazy<Vec<(usize, usize)>> = Lazy::new(|| {
    let is_trivial = |a: &str, b: &str| {
        let both = |line: &&&[&str]| line.contains(&a) && line.contains(&b);
        SAME_THING.iter().find(both).is_some()
    };
    let mut pairs = Vec::new();
    for (place, first) in WATCHED.iter().enumerate() {
        let others = WATCHED.iter().enumerate().skip(place + 1);
        let told = others.filter(|(_, second)| !is_trivial(first, second));
        pairs.extend(told.map(|(other, _)| (place, other)));
    }
    pairs
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_metrics_and_the_lines_hold_watched_ones() {
        assert!(PLACES.iter().all(Option::is_some));
        for name in SAME_THING.iter().flat_map(|line| line.iter()) {
            assert!(WATCHED.contains(name), "{name}");
        }
    }

    #[test]
    fn a_metric_and_its_part_are_no_pair() {
        let has = |a: &str, b: &str| {
            PAIRS.iter().any(|(x, y)| {
                let names = (WATCHED[*x], WATCHED[*y]);
                names == (a, b) || names == (b, a)
            })
        };
        assert!(!has("cpu_percent", "load_average_1"));
        assert!(!has("cpu_percent", "cpu_percent"));
        assert!(!has("disk_write_bytes_per_sec", "disk_utilisation_percent"));
        assert!(has("cpu_percent", "disk_read_bytes_per_sec"));
        assert!(has(
            "network_received_bytes_per_sec",
            "disk_write_bytes_per_sec"
        ));
        assert!(PAIRS.len() > 200);
    }
}
