//! Every number of the core arrives in C under the same name, with its bit.

use serde_json::{Value, json};
use usm_core::{Metrics, State};

use super::*;

/// Name, bit and place of every value of the struct, in its order.
const FIELDS: &[(&str, u32, usize)] = &[
    (
        "cpu_percent",
        USM_METRIC_CPU_PERCENT,
        offset_of!(usm_metrics, cpu_percent),
    ),
    (
        "cpu_user_percent",
        USM_METRIC_CPU_USER_PERCENT,
        offset_of!(usm_metrics, cpu_user_percent),
    ),
    (
        "cpu_system_percent",
        USM_METRIC_CPU_SYSTEM_PERCENT,
        offset_of!(usm_metrics, cpu_system_percent),
    ),
    (
        "cpu_iowait_percent",
        USM_METRIC_CPU_IOWAIT_PERCENT,
        offset_of!(usm_metrics, cpu_iowait_percent),
    ),
    (
        "cpu_steal_percent",
        USM_METRIC_CPU_STEAL_PERCENT,
        offset_of!(usm_metrics, cpu_steal_percent),
    ),
    (
        "logical_cpus",
        USM_METRIC_LOGICAL_CPUS,
        offset_of!(usm_metrics, logical_cpus),
    ),
    (
        "effective_cpus",
        USM_METRIC_EFFECTIVE_CPUS,
        offset_of!(usm_metrics, effective_cpus),
    ),
    (
        "container_cpu_percent",
        USM_METRIC_CONTAINER_CPU_PERCENT,
        offset_of!(usm_metrics, container_cpu_percent),
    ),
    (
        "load_average_1",
        USM_METRIC_LOAD_AVERAGE_1,
        offset_of!(usm_metrics, load_average_1),
    ),
    (
        "load_average_5",
        USM_METRIC_LOAD_AVERAGE_5,
        offset_of!(usm_metrics, load_average_5),
    ),
    (
        "load_average_15",
        USM_METRIC_LOAD_AVERAGE_15,
        offset_of!(usm_metrics, load_average_15),
    ),
    (
        "runnable",
        USM_METRIC_RUNNABLE,
        offset_of!(usm_metrics, runnable),
    ),
    (
        "blocked",
        USM_METRIC_BLOCKED,
        offset_of!(usm_metrics, blocked),
    ),
    (
        "context_switches_per_sec",
        USM_METRIC_CONTEXT_SWITCHES_PER_SEC,
        offset_of!(usm_metrics, context_switches_per_sec),
    ),
    (
        "memory_percent",
        USM_METRIC_MEMORY_PERCENT,
        offset_of!(usm_metrics, memory_percent),
    ),
    (
        "memory_used_bytes",
        USM_METRIC_MEMORY_USED_BYTES,
        offset_of!(usm_metrics, memory_used_bytes),
    ),
    (
        "memory_available_bytes",
        USM_METRIC_MEMORY_AVAILABLE_BYTES,
        offset_of!(usm_metrics, memory_available_bytes),
    ),
    (
        "memory_total_bytes",
        USM_METRIC_MEMORY_TOTAL_BYTES,
        offset_of!(usm_metrics, memory_total_bytes),
    ),
    (
        "effective_memory_bytes",
        USM_METRIC_EFFECTIVE_MEMORY_BYTES,
        offset_of!(usm_metrics, effective_memory_bytes),
    ),
    (
        "container_memory_percent",
        USM_METRIC_CONTAINER_MEMORY_PERCENT,
        offset_of!(usm_metrics, container_memory_percent),
    ),
    (
        "swap_percent",
        USM_METRIC_SWAP_PERCENT,
        offset_of!(usm_metrics, swap_percent),
    ),
    (
        "swap_used_bytes",
        USM_METRIC_SWAP_USED_BYTES,
        offset_of!(usm_metrics, swap_used_bytes),
    ),
    (
        "swap_total_bytes",
        USM_METRIC_SWAP_TOTAL_BYTES,
        offset_of!(usm_metrics, swap_total_bytes),
    ),
    (
        "major_faults_per_sec",
        USM_METRIC_MAJOR_FAULTS_PER_SEC,
        offset_of!(usm_metrics, major_faults_per_sec),
    ),
    (
        "disk_percent",
        USM_METRIC_DISK_PERCENT,
        offset_of!(usm_metrics, disk_percent),
    ),
    (
        "disk_used_bytes",
        USM_METRIC_DISK_USED_BYTES,
        offset_of!(usm_metrics, disk_used_bytes),
    ),
    (
        "disk_total_bytes",
        USM_METRIC_DISK_TOTAL_BYTES,
        offset_of!(usm_metrics, disk_total_bytes),
    ),
    (
        "disk_read_bytes_per_sec",
        USM_METRIC_DISK_READ_BYTES_PER_SEC,
        offset_of!(usm_metrics, disk_read_bytes_per_sec),
    ),
    (
        "disk_write_bytes_per_sec",
        USM_METRIC_DISK_WRITE_BYTES_PER_SEC,
        offset_of!(usm_metrics, disk_write_bytes_per_sec),
    ),
    (
        "disk_utilisation_percent",
        USM_METRIC_DISK_UTILISATION_PERCENT,
        offset_of!(usm_metrics, disk_utilisation_percent),
    ),
    (
        "network_received_bytes_total",
        USM_METRIC_NETWORK_RECEIVED_BYTES_TOTAL,
        offset_of!(usm_metrics, network_received_bytes_total),
    ),
    (
        "network_sent_bytes_total",
        USM_METRIC_NETWORK_SENT_BYTES_TOTAL,
        offset_of!(usm_metrics, network_sent_bytes_total),
    ),
    (
        "network_received_bytes_per_sec",
        USM_METRIC_NETWORK_RECEIVED_BYTES_PER_SEC,
        offset_of!(usm_metrics, network_received_bytes_per_sec),
    ),
    (
        "network_sent_bytes_per_sec",
        USM_METRIC_NETWORK_SENT_BYTES_PER_SEC,
        offset_of!(usm_metrics, network_sent_bytes_per_sec),
    ),
    (
        "tcp_established",
        USM_METRIC_TCP_ESTABLISHED,
        offset_of!(usm_metrics, tcp_established),
    ),
    (
        "tcp_retransmits_per_sec",
        USM_METRIC_TCP_RETRANSMITS_PER_SEC,
        offset_of!(usm_metrics, tcp_retransmits_per_sec),
    ),
    (
        "pressure_cpu_some_percent",
        USM_METRIC_PRESSURE_CPU_SOME_PERCENT,
        offset_of!(usm_metrics, pressure_cpu_some_percent),
    ),
    (
        "pressure_memory_some_percent",
        USM_METRIC_PRESSURE_MEMORY_SOME_PERCENT,
        offset_of!(usm_metrics, pressure_memory_some_percent),
    ),
    (
        "pressure_memory_full_percent",
        USM_METRIC_PRESSURE_MEMORY_FULL_PERCENT,
        offset_of!(usm_metrics, pressure_memory_full_percent),
    ),
    (
        "pressure_io_some_percent",
        USM_METRIC_PRESSURE_IO_SOME_PERCENT,
        offset_of!(usm_metrics, pressure_io_some_percent),
    ),
    (
        "pressure_io_full_percent",
        USM_METRIC_PRESSURE_IO_FULL_PERCENT,
        offset_of!(usm_metrics, pressure_io_full_percent),
    ),
    (
        "process_count",
        USM_METRIC_PROCESS_COUNT,
        offset_of!(usm_metrics, process_count),
    ),
    (
        "thread_count",
        USM_METRIC_THREAD_COUNT,
        offset_of!(usm_metrics, thread_count),
    ),
    (
        "temperature_celsius",
        USM_METRIC_TEMPERATURE_CELSIUS,
        offset_of!(usm_metrics, temperature_celsius),
    ),
    (
        "battery_percent",
        USM_METRIC_BATTERY_PERCENT,
        offset_of!(usm_metrics, battery_percent),
    ),
    (
        "battery_plugged",
        USM_METRIC_BATTERY_PLUGGED,
        offset_of!(usm_metrics, battery_plugged),
    ),
    (
        "monitor_cpu_core_percent",
        USM_METRIC_MONITOR_CPU_CORE_PERCENT,
        offset_of!(usm_metrics, monitor_cpu_core_percent),
    ),
    (
        "monitor_rss_bytes",
        USM_METRIC_MONITOR_RSS_BYTES,
        offset_of!(usm_metrics, monitor_rss_bytes),
    ),
    (
        "health_score",
        USM_METRIC_HEALTH_SCORE,
        offset_of!(usm_metrics, health_score),
    ),
    (
        "performance_score",
        USM_METRIC_PERFORMANCE_SCORE,
        offset_of!(usm_metrics, performance_score),
    ),
    (
        "security_score",
        USM_METRIC_SECURITY_SCORE,
        offset_of!(usm_metrics, security_score),
    ),
];

fn bytes_at(metrics: &usm_metrics, offset: usize) -> [u8; 8] {
    // SAFETY: the offsets are those of fields of eight bytes.
    unsafe {
        (&raw const *metrics)
            .cast::<u8>()
            .add(offset)
            .cast::<[u8; 8]>()
            .read()
    }
}

/// A state in which every value is known and no two are the same.
fn full_state() -> State {
    let mut state = State {
        sequence: 7,
        ..State::default()
    };
    let mut values = serde_json::to_value(Metrics::default()).unwrap();
    for (number, value) in values.as_object_mut().unwrap().values_mut().enumerate() {
        *value = json!(100 + number);
    }
    values["battery_plugged"] = json!(true);
    state.metrics = serde_json::from_value(values).unwrap();
    state.scores.health.value = Some(1.5);
    state.scores.performance.value = Some(2.5);
    state.scores.security.value = Some(3.5);
    state
}

fn expected(state: &State) -> Value {
    let mut values = serde_json::to_value(state.metrics).unwrap();
    values["health_score"] = json!(state.scores.health.value);
    values["performance_score"] = json!(state.scores.performance.value);
    values["security_score"] = json!(state.scores.security.value);
    values
}

fn blank(struct_size: u32) -> usm_metrics {
    usm_metrics {
        struct_size,
        ..usm_metrics::of(&State::default(), 0)
    }
}

#[test]
fn every_number_of_the_core_is_there_under_its_name() {
    let state = full_state();
    let expected = expected(&state);
    let metrics = usm_metrics::of(&state, 0);
    assert_eq!(metrics.timestamp, expected["timestamp"].as_f64().unwrap());
    assert_eq!(FIELDS.len() + 1, expected.as_object().unwrap().len());
    for (at, &(name, bit, offset)) in FIELDS.iter().enumerate() {
        assert_eq!(bit as usize, at, "{name}");
        assert_eq!(
            offset,
            offset_of!(usm_metrics, timestamp) + 8 + at * 8,
            "{name}"
        );
        let bytes = bytes_at(&metrics, offset);
        match &expected[name] {
            Value::Bool(plugged) => assert_eq!(u64::from_ne_bytes(bytes), u64::from(*plugged)),
            Value::Number(number) if number.is_u64() => {
                assert_eq!(
                    u64::from_ne_bytes(bytes),
                    number.as_u64().unwrap(),
                    "{name}"
                );
            }
            number => assert_eq!(
                f64::from_ne_bytes(bytes),
                number.as_f64().unwrap(),
                "{name}"
            ),
        }
    }
    assert_eq!(metrics.present, (1 << FIELDS.len()) - 1);
}

#[test]
fn what_is_absent_has_no_bit_and_is_nan_or_zero() {
    let metrics = usm_metrics::of(&State::default(), 0);
    assert_eq!((metrics.present, metrics.sequence), (0, 0));
    for &(name, _, offset) in FIELDS {
        let bytes = bytes_at(&metrics, offset);
        assert!(
            bytes == [0; 8] || f64::from_ne_bytes(bytes).is_nan(),
            "{name}"
        );
    }
}

#[test]
fn an_earlier_callers_struct_is_filled_as_far_as_it_goes() {
    let state = full_state();
    let whole = usm_metrics::of(&state, 0);
    for size in (LEAST_SIZE..=size_of::<usm_metrics>()).step_by(8) {
        let mut metrics = blank(size as u32);
        // SAFETY: the struct is at least as large as it says.
        unsafe { fill(&raw mut metrics, &state) }.unwrap();
        assert_eq!(metrics.struct_size as usize, size);
        assert_eq!(metrics.sequence, 7);
        for &(name, _, offset) in FIELDS {
            let from = if offset < size { &whole } else { &blank(0) };
            assert_eq!(
                bytes_at(&metrics, offset),
                bytes_at(from, offset),
                "{name} of {size}"
            );
        }
    }
}

#[test]
fn a_later_callers_struct_has_zeros_at_its_end() {
    #[repr(C)]
    struct Later {
        metrics: usm_metrics,
        more: [u64; 3],
    }
    let mut later = Later {
        metrics: blank(size_of::<Later>() as u32),
        more: [9; 3],
    };
    // SAFETY: the struct is as large as it says.
    unsafe { fill((&raw mut later).cast(), &full_state()) }.unwrap();
    assert_eq!((later.metrics.sequence, later.more), (7, [0; 3]));
}

#[test]
fn a_size_of_no_version_is_refused_and_nothing_is_written() {
    for size in [0, 4, 8, 16, LEAST_SIZE as u32 + 4, 100_000, u32::MAX] {
        let mut metrics = blank(size);
        // SAFETY: a size that is refused is not used.
        let outcome = unsafe { fill(&raw mut metrics, &full_state()) };
        assert!(outcome.is_err(), "{size}");
        assert_eq!(metrics.sequence, 0);
    }
}
