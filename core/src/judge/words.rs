//! Numbers, spans of time and series in words.

use crate::series::{SeriesKey, Unit, catalog};

const KIB: f64 = 1024.0;

/// A value with its unit, to the digits that matter.
pub(super) fn amount(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{} %", digits(value)),
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::PerSecond => format!("{}/s", digits(value)),
        Unit::Seconds => span(value),
        Unit::Milliseconds => format!("{} ms", digits(value)),
        Unit::Microseconds => format!("{} µs", digits(value)),
        Unit::Celsius => format!("{} °C", digits(value)),
        Unit::Rpm => format!("{} rpm", digits(value)),
        Unit::Megahertz => format!("{} MHz", digits(value)),
        Unit::Watts => format!("{} W", digits(value)),
        Unit::Count | Unit::Number => digits(value),
        Unit::Flag => if value != 0.0 { "yes" } else { "no" }.to_string(),
    }
}

/// Two values of a unit, from low to high.
pub(super) fn range(low: f64, high: f64, unit: Unit) -> String {
    let (low, high) = (amount(low, unit), amount(high, unit));
    match low == high {
        true => low,
        false => format!("{low} to {high}"),
    }
}

/// A number to about three digits.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 10_000.0 => {
            // Thousands apart, as long numbers are read.
            let text = format!("{:.0}", value.abs());
            let mut out = String::from(if value < 0.0 { "-" } else { "" });
            for (place, digit) in text.char_indices() {
                if place > 0 && (text.len() - place).is_multiple_of(3) {
                    out.push(' ');
                }
                out.push(digit);
            }
            out
        }
        size if size >= 10.0 || size == 0.0 => format!("{value:.0}"),
        size if size >= 0.1 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn bytes(value: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut scaled = value;
    let mut place = 0;
    while scaled.abs() >= KIB && place + 1 < units.len() {
        scaled /= KIB;
        place += 1;
    }
    format!("{} {}", digits(scaled), units[place])
}

/// A span of time.
pub(super) fn span(seconds: f64) -> String {
    match seconds {
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 5970.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{} h", digits(s / 3600.0)),
        s => format!("{} days", digits(s / 86_400.0)),
    }
}

/// What a series measures, e.g. `write time of sda`.
pub(super) fn name(series: &SeriesKey) -> String {
    let words = short_name(&series.metric).map_or_else(
        || {
            let help = catalog::by_name(&series.metric).map(|metric| metric.help);
            help.map_or_else(|| series.metric.replace('_', " "), lower_first)
        },
        str::to_string,
    );
    match series.labels.last() {
        Some((_, label)) if !label.is_empty() => format!("{words} of {label}"),
        _ => words,
    }
}

fn short_name(metric: &str) -> Option<&'static str> {
    Some(match metric {
        "cpu_percent" => "processor use",
        "cpu_user_percent" => "processor use in user mode",
        "cpu_system_percent" => "processor use in the kernel",
        "cpu_iowait_percent" => "waiting for disks (iowait)",
        "cpu_steal_percent" => "processor time taken by the hypervisor",
        "container_cpu_percent" => "processor use of the control group",
        "container_memory_percent" => "memory use of the control group",
        "container_throttled_percent" => "time held back by the quota",
        "load_average_1" => "load average (1 min)",
        "load_average_5" => "load average (5 min)",
        "load_average_15" => "load average (15 min)",
        "runnable" => "runnable tasks",
        "blocked" => "tasks blocked in disk reads or writes",
        "context_switches_per_sec" => "context switches",
        "memory_percent" | "memory_used_bytes" => "memory in use",
        "memory_available_bytes" => "available memory",
        "swap_percent" | "swap_used_bytes" => "swap in use",
        "major_faults_per_sec" => "major page faults",
        "disk_percent" | "disk_used_bytes" => "space in use on /",
        "disk_read_bytes_per_sec" => "disk reads",
        "disk_write_bytes_per_sec" => "disk writes",
        "disk_utilisation_percent" => "utilisation of the busiest disk",
        "network_received_bytes_per_sec" => "network traffic received",
        "network_sent_bytes_per_sec" => "network traffic sent",
        "tcp_established" => "TCP connections",
        "tcp_retransmits_per_sec" => "TCP segments sent again",
        "pressure_cpu_some_percent" => "waiting for a processor (CPU pressure)",
        "pressure_memory_some_percent" => "waiting for memory (memory pressure, some)",
        "pressure_memory_full_percent" => "waiting for memory (memory pressure, full)",
        "pressure_io_some_percent" => "waiting for disks (I/O pressure, some)",
        "pressure_io_full_percent" => "waiting for disks (I/O pressure, full)",
        "process_count" => "number of processes",
        "thread_count" => "number of threads",
        "forks_per_sec" => "new processes",
        "temperature_celsius" => "temperature",
        "filesystem_used_percent" | "filesystem_used_bytes" => "space in use",
        "filesystem_inodes_used_percent" => "inodes in use",
        "device_utilisation_percent" => "utilisation",
        "device_read_latency_ms" => "read time",
        "device_write_latency_ms" => "write time",
        "device_queue_length" => "queue length",
        "core_busy_percent" => "use of processor core",
        _ => return None,
    })
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let second = letters.clone().next();
    match first {
        // "TCP sockets" stays as it is.
        Some(first) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_string(),
    }
}

/// The sentence begins with a capital.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(metric: &str, label: Option<&str>) -> SeriesKey {
        SeriesKey {
            metric: metric.into(),
            labels: label.into_iter().map(|l| ("l".into(), l.into())).collect(),
        }
    }

    #[test]
    fn amounts_are_as_long_as_they_have_to_be() {
        assert_eq!(amount(97.349, Unit::Percent), "97 %");
        assert_eq!(amount(2.349, Unit::Percent), "2.3 %");
        assert_eq!(amount(3.5 * KIB * KIB * KIB, Unit::Bytes), "3.5 GiB");
        assert_eq!(amount(1536.0 * KIB, Unit::BytesPerSecond), "1.5 MiB/s");
        assert_eq!(amount(123_456.0, Unit::PerSecond), "123 456/s");
        assert_eq!(amount(-12_345.0, Unit::Number), "-12 345");
        assert_eq!(amount(0.0, Unit::Number), "0");
        assert_eq!(range(1.0, 5.0, Unit::Percent), "1.0 % to 5.0 %");
        assert_eq!(range(0.0, 0.0, Unit::Count), "0");
        assert_eq!(span(45.0), "45 s");
        assert_eq!(span(600.0), "10 min");
        assert_eq!(span(7.5 * 3600.0), "7.5 h");
        assert_eq!(span(5.0 * 86_400.0), "5.0 days");
    }

    #[test]
    fn absurd_values_have_words_too() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            for unit in [Unit::Percent, Unit::Bytes, Unit::Seconds, Unit::Count] {
                assert!(!amount(value, unit).is_empty());
            }
        }
    }

    #[test]
    fn a_series_is_called_by_what_it_measures() {
        assert_eq!(name(&key("cpu_percent", None)), "processor use");
        assert_eq!(
            name(&key("device_write_latency_ms", Some("sda"))),
            "write time of sda"
        );
        assert_eq!(name(&key("tcp_listening", None)), "TCP sockets that listen");
        assert_eq!(
            name(&key("task_count", None)),
            "tasks that exist, threads counted"
        );
        assert_eq!(name(&key("not_known", None)), "not known");
        assert_eq!(sentence("write time"), "Write time");
    }
}
