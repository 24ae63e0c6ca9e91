//! The numbers of a state as one plain struct.

use std::mem::offset_of;

use usm_core::State;

use crate::failure::Failure;
use crate::guard::guard;
use crate::monitor::{in_own_process, usm_monitor};
use crate::plain::{self, PlainSize};
use crate::status::usm_status;

/// Bit of usm_metrics.present: cpu_percent.
pub const USM_METRIC_CPU_PERCENT: u32 = 0;
/// Bit of usm_metrics.present: cpu_user_percent.
pub const USM_METRIC_CPU_USER_PERCENT: u32 = 1;
/// Bit of usm_metrics.present: cpu_system_percent.
pub const USM_METRIC_CPU_SYSTEM_PERCENT: u32 = 2;
/// Bit of usm_metrics.present: cpu_iowait_percent.
pub const USM_METRIC_CPU_IOWAIT_PERCENT: u32 = 3;
/// Bit of usm_metrics.present: cpu_steal_percent.
pub const USM_METRIC_CPU_STEAL_PERCENT: u32 = 4;
/// Bit of usm_metrics.present: logical_cpus.
pub const USM_METRIC_LOGICAL_CPUS: u32 = 5;
/// Bit of usm_metrics.present: effective_cpus.
pub const USM_METRIC_EFFECTIVE_CPUS: u32 = 6;
/// Bit of usm_metrics.present: container_cpu_percent.
pub const USM_METRIC_CONTAINER_CPU_PERCENT: u32 = 7;
/// Bit of usm_metrics.present: load_average_1.
pub const USM_METRIC_LOAD_AVERAGE_1: u32 = 8;
/// Bit of usm_metrics.present: load_average_5.
pub const USM_METRIC_LOAD_AVERAGE_5: u32 = 9;
/// Bit of usm_metrics.present: load_average_15.
pub const USM_METRIC_LOAD_AVERAGE_15: u32 = 10;
/// Bit of usm_metrics.present: runnable.
pub const USM_METRIC_RUNNABLE: u32 = 11;
/// Bit of usm_metrics.present: blocked.
pub const USM_METRIC_BLOCKED: u32 = 12;
/// Bit of usm_metrics.present: context_switches_per_sec.
pub const USM_METRIC_CONTEXT_SWITCHES_PER_SEC: u32 = 13;
/// Bit of usm_metrics.present: memory_percent.
pub const USM_METRIC_MEMORY_PERCENT: u32 = 14;
/// Bit of usm_metrics.present: memory_used_bytes.
pub const USM_METRIC_MEMORY_USED_BYTES: u32 = 15;
/// Bit of usm_metrics.present: memory_available_bytes.
pub const USM_METRIC_MEMORY_AVAILABLE_BYTES: u32 = 16;
/// Bit of usm_metrics.present: memory_total_bytes.
pub const USM_METRIC_MEMORY_TOTAL_BYTES: u32 = 17;
/// Bit of usm_metrics.present: effective_memory_bytes.
pub const USM_METRIC_EFFECTIVE_MEMORY_BYTES: u32 = 18;
/// Bit of usm_metrics.present: container_memory_percent.
pub const USM_METRIC_CONTAINER_MEMORY_PERCENT: u32 = 19;
/// Bit of usm_metrics.present: swap_percent.
pub const USM_METRIC_SWAP_PERCENT: u32 = 20;
/// Bit of usm_metrics.present: swap_used_bytes.
pub const USM_METRIC_SWAP_USED_BYTES: u32 = 21;
/// Bit of usm_metrics.present: swap_total_bytes.
pub const USM_METRIC_SWAP_TOTAL_BYTES: u32 = 22;
/// Bit of usm_metrics.present: major_faults_per_sec.
pub const USM_METRIC_MAJOR_FAULTS_PER_SEC: u32 = 23;
/// Bit of usm_metrics.present: disk_percent.
pub const USM_METRIC_DISK_PERCENT: u32 = 24;
/// Bit of usm_metrics.present: disk_used_bytes.
pub const USM_METRIC_DISK_USED_BYTES: u32 = 25;
/// Bit of usm_metrics.present: disk_total_bytes.
pub const USM_METRIC_DISK_TOTAL_BYTES: u32 = 26;
/// Bit of usm_metrics.present: disk_read_bytes_per_sec.
pub const USM_METRIC_DISK_READ_BYTES_PER_SEC: u32 = 27;
/// Bit of usm_metrics.present: disk_write_bytes_per_sec.
pub const USM_METRIC_DISK_WRITE_BYTES_PER_SEC: u32 = 28;
/// Bit of usm_metrics.present: disk_utilisation_percent.
pub const USM_METRIC_DISK_UTILISATION_PERCENT: u32 = 29;
/// Bit of usm_metrics.present: network_received_bytes_total.
pub const USM_METRIC_NETWORK_RECEIVED_BYTES_TOTAL: u32 = 30;
/// Bit of usm_metrics.present: network_sent_bytes_total.
pub const USM_METRIC_NETWORK_SENT_BYTES_TOTAL: u32 = 31;
/// Bit of usm_metrics.present: network_received_bytes_per_sec.
pub const USM_METRIC_NETWORK_RECEIVED_BYTES_PER_SEC: u32 = 32;
/// Bit of usm_metrics.present: network_sent_bytes_per_sec.
pub const USM_METRIC_NETWORK_SENT_BYTES_PER_SEC: u32 = 33;
/// Bit of usm_metrics.present: tcp_established.
pub const USM_METRIC_TCP_ESTABLISHED: u32 = 34;
/// Bit of usm_metrics.present: tcp_retransmits_per_sec.
pub const USM_METRIC_TCP_RETRANSMITS_PER_SEC: u32 = 35;
/// Bit of usm_metrics.present: pressure_cpu_some_percent.
pub const USM_METRIC_PRESSURE_CPU_SOME_PERCENT: u32 = 36;
/// Bit of usm_metrics.present: pressure_memory_some_percent.
pub const USM_METRIC_PRESSURE_MEMORY_SOME_PERCENT: u32 = 37;
/// Bit of usm_metrics.present: pressure_memory_full_percent.
pub const USM_METRIC_PRESSURE_MEMORY_FULL_PERCENT: u32 = 38;
/// Bit of usm_metrics.present: pressure_io_some_percent.
pub const USM_METRIC_PRESSURE_IO_SOME_PERCENT: u32 = 39;
/// Bit of usm_metrics.present: pressure_io_full_percent.
pub const USM_METRIC_PRESSURE_IO_FULL_PERCENT: u32 = 40;
/// Bit of usm_metrics.present: process_count.
pub const USM_METRIC_PROCESS_COUNT: u32 = 41;
/// Bit of usm_metrics.present: thread_count.
pub const USM_METRIC_THREAD_COUNT: u32 = 42;
/// Bit of usm_metrics.present: temperature_celsius.
pub const USM_METRIC_TEMPERATURE_CELSIUS: u32 = 43;
/// Bit of usm_metrics.present: battery_percent.
pub const USM_METRIC_BATTERY_PERCENT: u32 = 44;
/// Bit of usm_metrics.present: battery_plugged.
pub const USM_METRIC_BATTERY_PLUGGED: u32 = 45;
/// Bit of usm_metrics.present: monitor_cpu_core_percent.
pub const USM_METRIC_MONITOR_CPU_CORE_PERCENT: u32 = 46;
/// Bit of usm_metrics.present: monitor_rss_bytes.
pub const USM_METRIC_MONITOR_RSS_BYTES: u32 = 47;
/// Bit of usm_metrics.present: health_score.
pub const USM_METRIC_HEALTH_SCORE: u32 = 48;
/// Bit of usm_metrics.present: performance_score.
pub const USM_METRIC_PERFORMANCE_SCORE: u32 = 49;
/// Bit of usm_metrics.present: security_score.
pub const USM_METRIC_SECURITY_SCORE: u32 = 50;

/// The machine in some fifty numbers. Begin with usm_metrics_init(), or set struct_size to
/// sizeof(usm_metrics). A value that can't be read on this host has its bit in `present`
/// cleared (ask by usm_metrics_has()); a double is then NaN, a whole number 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_metrics {
    /// Size of the struct in the caller's program; set by the caller, left as it is.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Number of the state, from 1; 0 before the first sample.
    pub sequence: u64,
    /// Bit USM_METRIC_... is set when that value is known.
    pub present: u64,
    /// When the sample was read, seconds since 1970; 0 before the first sample.
    pub timestamp: f64,
    /// Processors busy, percent of the machine.
    pub cpu_percent: f64,
    /// User mode (niced included), percent of the machine.
    pub cpu_user_percent: f64,
    /// Kernel mode with interrupts, percent of the machine.
    pub cpu_system_percent: f64,
    /// Idle while waiting for a disk, percent of the machine.
    pub cpu_iowait_percent: f64,
    /// Taken by the hypervisor, percent of the machine.
    pub cpu_steal_percent: f64,
    /// Processors online.
    pub logical_cpus: u64,
    /// Processors that may be used under the control group's limits.
    pub effective_cpus: f64,
    /// CPU used by the own control group, percent of its limit; absent when unlimited.
    pub container_cpu_percent: f64,
    /// Load average over 1 minute.
    pub load_average_1: f64,
    /// Load average over 5 minutes.
    pub load_average_5: f64,
    /// Load average over 15 minutes.
    pub load_average_15: f64,
    /// Tasks running or ready to run.
    pub runnable: u64,
    /// Tasks blocked in a disk read or write.
    pub blocked: u64,
    /// Context switches per second.
    pub context_switches_per_sec: f64,
    /// Memory used, percent of the machine's.
    pub memory_percent: f64,
    /// Memory used: total - available.
    pub memory_used_bytes: u64,
    /// Memory available without swapping.
    pub memory_available_bytes: u64,
    /// Memory of the machine.
    pub memory_total_bytes: u64,
    /// Memory that may be used under the control group's limits.
    pub effective_memory_bytes: u64,
    /// Memory used by the limited control group, percent of its limit; absent when unlimited.
    pub container_memory_percent: f64,
    /// Swap used, percent; absent without swap.
    pub swap_percent: f64,
    /// Swap used.
    pub swap_used_bytes: u64,
    /// Swap space; 0 when there is none.
    pub swap_total_bytes: u64,
    /// Page faults that needed a disk, per second.
    pub major_faults_per_sec: f64,
    /// Root file system used, percent as `df` shows it.
    pub disk_percent: f64,
    /// Root file system used.
    pub disk_used_bytes: u64,
    /// Root file system's size.
    pub disk_total_bytes: u64,
    /// Read from all disks per second.
    pub disk_read_bytes_per_sec: f64,
    /// Written to all disks per second.
    pub disk_write_bytes_per_sec: f64,
    /// Utilisation of the busiest disk, percent of the time.
    pub disk_utilisation_percent: f64,
    /// Received on all interfaces but loopback since boot.
    pub network_received_bytes_total: u64,
    /// Sent on all interfaces but loopback since boot.
    pub network_sent_bytes_total: u64,
    /// Received per second on all interfaces but loopback.
    pub network_received_bytes_per_sec: f64,
    /// Sent per second on all interfaces but loopback.
    pub network_sent_bytes_per_sec: f64,
    /// TCP connections established.
    pub tcp_established: u64,
    /// TCP segments sent again per second.
    pub tcp_retransmits_per_sec: f64,
    /// Time in which some task waited for a processor, percent of the last 10 s.
    pub pressure_cpu_some_percent: f64,
    /// Time in which some task waited for memory, percent of the last 10 s.
    pub pressure_memory_some_percent: f64,
    /// Time in which all tasks waited for memory, percent of the last 10 s.
    pub pressure_memory_full_percent: f64,
    /// Time in which some task waited for a disk, percent of the last 10 s.
    pub pressure_io_some_percent: f64,
    /// Time in which all tasks waited for a disk, percent of the last 10 s.
    pub pressure_io_full_percent: f64,
    /// Processes that may be seen; absent when they are not scanned.
    pub process_count: u64,
    /// Threads of these processes.
    pub thread_count: u64,
    /// The processor's temperature, else the highest of all sensors, degrees Celsius.
    pub temperature_celsius: f64,
    /// Charge of the first battery, percent.
    pub battery_percent: f64,
    /// 1 when mains are plugged in, else 0.
    pub battery_plugged: u64,
    /// CPU time of the monitor's own threads, percent of one core.
    pub monitor_cpu_core_percent: f64,
    /// Resident memory of the process that embeds the monitor.
    pub monitor_rss_bytes: u64,
    /// Health, 0 (worst) to 100: how much of the machine's resources is left.
    pub health_score: f64,
    /// Performance, 0 (worst) to 100: how little work has to wait.
    pub performance_score: f64,
    /// Security, 0 (worst) to 100: how few weak settings and other findings there are.
    pub security_score: f64,
}

/// Least struct: one that holds `present`.
const LEAST_SIZE: usize = offset_of!(usm_metrics, timestamp);

/// Copies the numbers of the newest state: no lock, no allocation, no waiting for a sample.
///
/// - metrics: filled as far as its struct_size goes; what is beyond the size that this
///   library knows is set to 0.
///
/// Returns: USM_OK, also before the first sample, with `sequence` and `present` 0;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has;
/// USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_metrics(
    monitor: *const usm_monitor,
    metrics: *mut usm_metrics,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { in_own_process(monitor)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        monitor.peek(|state| unsafe { fill(metrics, state) })
    })
}

/// Fills the caller's struct as far as it goes.
///
/// # Safety
/// `metrics` is NULL or points to a struct of as many bytes as its `struct_size` says.
pub(crate) unsafe fn fill(metrics: *mut usm_metrics, state: &State) -> Result<(), Failure> {
    let size = PlainSize {
        least: LEAST_SIZE,
        allowed: "sizeof(usm_metrics); call usm_metrics_init() first",
    };
    // SAFETY: by this function's contract.
    unsafe {
        plain::fill(metrics, "metrics", size, |size| {
            usm_metrics::of(state, size)
        })
    }
}

/// Collects which values are known while they are taken.
#[derive(Default)]
struct Presence(u64);

impl Presence {
    fn number(&mut self, bit: u32, value: Option<f64>) -> f64 {
        self.0 |= u64::from(value.is_some()) << bit;
        value.unwrap_or(f64::NAN)
    }

    fn count(&mut self, bit: u32, value: Option<u64>) -> u64 {
        self.0 |= u64::from(value.is_some()) << bit;
        value.unwrap_or(0)
    }
}

impl usm_metrics {
    fn of(state: &State, struct_size: u32) -> usm_metrics {
        let mut known = Presence::default();
        let metrics = &state.metrics;
        let scores = &state.scores;
        let mut filled = usm_metrics {
            struct_size,
            reserved: 0,
            sequence: state.sequence,
            present: 0,
            timestamp: metrics.timestamp,
            cpu_percent: known.number(USM_METRIC_CPU_PERCENT, metrics.cpu_percent),
            cpu_user_percent: known.number(USM_METRIC_CPU_USER_PERCENT, metrics.cpu_user_percent),
            cpu_system_percent: known
                .number(USM_METRIC_CPU_SYSTEM_PERCENT, metrics.cpu_system_percent),
            cpu_iowait_percent: known
                .number(USM_METRIC_CPU_IOWAIT_PERCENT, metrics.cpu_iowait_percent),
            cpu_steal_percent: known
                .number(USM_METRIC_CPU_STEAL_PERCENT, metrics.cpu_steal_percent),
            logical_cpus: known.count(USM_METRIC_LOGICAL_CPUS, metrics.logical_cpus),
            effective_cpus: known.number(USM_METRIC_EFFECTIVE_CPUS, metrics.effective_cpus),
            container_cpu_percent: known.number(
                USM_METRIC_CONTAINER_CPU_PERCENT,
                metrics.container_cpu_percent,
            ),
            load_average_1: known.number(USM_METRIC_LOAD_AVERAGE_1, metrics.load_average_1),
            load_average_5: known.number(USM_METRIC_LOAD_AVERAGE_5, metrics.load_average_5),
            load_average_15: known.number(USM_METRIC_LOAD_AVERAGE_15, metrics.load_average_15),
            runnable: known.count(USM_METRIC_RUNNABLE, metrics.runnable),
            blocked: known.count(USM_METRIC_BLOCKED, metrics.blocked),
            context_switches_per_sec: known.number(
                USM_METRIC_CONTEXT_SWITCHES_PER_SEC,
                metrics.context_switches_per_sec,
            ),
            memory_percent: known.number(USM_METRIC_MEMORY_PERCENT, metrics.memory_percent),
            memory_used_bytes: known.count(USM_METRIC_MEMORY_USED_BYTES, metrics.memory_used_bytes),
            memory_available_bytes: known.count(
                USM_METRIC_MEMORY_AVAILABLE_BYTES,
                metrics.memory_available_bytes,
            ),
            memory_total_bytes: known
                .count(USM_METRIC_MEMORY_TOTAL_BYTES, metrics.memory_total_bytes),
            effective_memory_bytes: known.count(
                USM_METRIC_EFFECTIVE_MEMORY_BYTES,
                metrics.effective_memory_bytes,
            ),
            container_memory_percent: known.number(
                USM_METRIC_CONTAINER_MEMORY_PERCENT,
                metrics.container_memory_percent,
            ),
            swap_percent: known.number(USM_METRIC_SWAP_PERCENT, metrics.swap_percent),
            swap_used_bytes: known.count(USM_METRIC_SWAP_USED_BYTES, metrics.swap_used_bytes),
            swap_total_bytes: known.count(USM_METRIC_SWAP_TOTAL_BYTES, metrics.swap_total_bytes),
            major_faults_per_sec: known.number(
                USM_METRIC_MAJOR_FAULTS_PER_SEC,
                metrics.major_faults_per_sec,
            ),
            disk_percent: known.number(USM_METRIC_DISK_PERCENT, metrics.disk_percent),
            disk_used_bytes: known.count(USM_METRIC_DISK_USED_BYTES, metrics.disk_used_bytes),
            disk_total_bytes: known.count(USM_METRIC_DISK_TOTAL_BYTES, metrics.disk_total_bytes),
            disk_read_bytes_per_sec: known.number(
                USM_METRIC_DISK_READ_BYTES_PER_SEC,
                metrics.disk_read_bytes_per_sec,
            ),
            disk_write_bytes_per_sec: known.number(
                USM_METRIC_DISK_WRITE_BYTES_PER_SEC,
                metrics.disk_write_bytes_per_sec,
            ),
            disk_utilisation_percent: known.number(
                USM_METRIC_DISK_UTILISATION_PERCENT,
                metrics.disk_utilisation_percent,
            ),
            network_received_bytes_total: known.count(
                USM_METRIC_NETWORK_RECEIVED_BYTES_TOTAL,
                metrics.network_received_bytes_total,
            ),
            network_sent_bytes_total: known.count(
                USM_METRIC_NETWORK_SENT_BYTES_TOTAL,
                metrics.network_sent_bytes_total,
            ),
            network_received_bytes_per_sec: known.number(
                USM_METRIC_NETWORK_RECEIVED_BYTES_PER_SEC,
                metrics.network_received_bytes_per_sec,
            ),
            network_sent_bytes_per_sec: known.number(
                USM_METRIC_NETWORK_SENT_BYTES_PER_SEC,
                metrics.network_sent_bytes_per_sec,
            ),
            tcp_established: known.count(USM_METRIC_TCP_ESTABLISHED, metrics.tcp_established),
            tcp_retransmits_per_sec: known.number(
                USM_METRIC_TCP_RETRANSMITS_PER_SEC,
                metrics.tcp_retransmits_per_sec,
            ),
            pressure_cpu_some_percent: known.number(
                USM_METRIC_PRESSURE_CPU_SOME_PERCENT,
                metrics.pressure_cpu_some_percent,
            ),
            pressure_memory_some_percent: known.number(
                USM_METRIC_PRESSURE_MEMORY_SOME_PERCENT,
                metrics.pressure_memory_some_percent,
            ),
            pressure_memory_full_percent: known.number(
                USM_METRIC_PRESSURE_MEMORY_FULL_PERCENT,
                metrics.pressure_memory_full_percent,
            ),
            pressure_io_some_percent: known.number(
                USM_METRIC_PRESSURE_IO_SOME_PERCENT,
                metrics.pressure_io_some_percent,
            ),
            pressure_io_full_percent: known.number(
                USM_METRIC_PRESSURE_IO_FULL_PERCENT,
                metrics.pressure_io_full_percent,
            ),
            process_count: known.count(USM_METRIC_PROCESS_COUNT, metrics.process_count),
            thread_count: known.count(USM_METRIC_THREAD_COUNT, metrics.thread_count),
            temperature_celsius: known
                .number(USM_METRIC_TEMPERATURE_CELSIUS, metrics.temperature_celsius),
            battery_percent: known.number(USM_METRIC_BATTERY_PERCENT, metrics.battery_percent),
            battery_plugged: known.count(
                USM_METRIC_BATTERY_PLUGGED,
                metrics.battery_plugged.map(u64::from),
            ),
            monitor_cpu_core_percent: known.number(
                USM_METRIC_MONITOR_CPU_CORE_PERCENT,
                metrics.monitor_cpu_core_percent,
            ),
            monitor_rss_bytes: known.count(USM_METRIC_MONITOR_RSS_BYTES, metrics.monitor_rss_bytes),
            health_score: known.number(USM_METRIC_HEALTH_SCORE, scores.health.value),
            performance_score: known.number(USM_METRIC_PERFORMANCE_SCORE, scores.performance.value),
            security_score: known.number(USM_METRIC_SECURITY_SCORE, scores.security.value),
        };
        filled.present = known.0;
        filled
    }
}

#[cfg(test)]
mod tests;
