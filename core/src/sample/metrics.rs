//! The numbers that are asked for most, flat, out of a sample.

use serde::{Deserialize, Serialize};

use super::{FilesystemSample, Sample, SensorKind, SensorSample};

/// Chips whose temperature is the processor's.
const CPU_CHIPS: [&str; 6] = [
    "coretemp",
    "k10temp",
    "zenpower",
    "cpu_thermal",
    "x86_pkg_temp",
    "soc_thermal",
];

/// The machine in some fifty numbers; what can't be read is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// When the sample was read, Unix seconds.
    pub timestamp: f64,
    /// Processors busy, percent of the machine.
    pub cpu_percent: Option<f64>,
    /// User mode (niced included), percent of the machine.
    pub cpu_user_percent: Option<f64>,
    /// Kernel mode with interrupts, percent of the machine.
    pub cpu_system_percent: Option<f64>,
    /// Idle while waiting for a disk, percent of the machine.
    pub cpu_iowait_percent: Option<f64>,
    /// Taken by the hypervisor, percent of the machine.
    pub cpu_steal_percent: Option<f64>,
    /// Processors online.
    pub logical_cpus: Option<u64>,
    /// Processors that may be used under the control group's limits.
    pub effective_cpus: Option<f64>,
    /// CPU used by the own control group, percent of its limit; `None` when unlimited.
    pub container_cpu_percent: Option<f64>,
    /// Load average over 1 minute.
    pub load_average_1: Option<f64>,
    /// Load average over 5 minutes.
    pub load_average_5: Option<f64>,
    /// Load average over 15 minutes.
    pub load_average_15: Option<f64>,
    /// Tasks running or ready to run.
    pub runnable: Option<u64>,
    /// Tasks blocked in a disk read or write.
    pub blocked: Option<u64>,
    /// Context switches per second.
    pub context_switches_per_sec: Option<f64>,
    /// Memory used, percent of the machine's.
    pub memory_percent: Option<f64>,
    /// Memory used: total − available.
    pub memory_used_bytes: Option<u64>,
    /// Memory available without swapping.
    pub memory_available_bytes: Option<u64>,
    /// Memory of the machine.
    pub memory_total_bytes: Option<u64>,
    /// Memory that may be used under the control group's limits.
    pub effective_memory_bytes: Option<u64>,
    /// Memory used by the limited control group, percent of its limit; `None` when unlimited.
    pub container_memory_percent: Option<f64>,
    /// Swap used, percent; `None` without swap.
    pub swap_percent: Option<f64>,
    /// Swap used.
    pub swap_used_bytes: Option<u64>,
    /// Swap space; 0 when there is none.
    pub swap_total_bytes: Option<u64>,
    /// Page faults that needed a disk, per second.
    pub major_faults_per_sec: Option<f64>,
    /// Root file system used, percent as `df` shows it.
    pub disk_percent: Option<f64>,
    /// Root file system used.
    pub disk_used_bytes: Option<u64>,
    /// Root file system's size.
    pub disk_total_bytes: Option<u64>,
    /// Read from all disks per second.
    pub disk_read_bytes_per_sec: Option<f64>,
    /// Written to all disks per second.
    pub disk_write_bytes_per_sec: Option<f64>,
    /// Utilisation of the busiest disk, percent of the time.
    pub disk_utilisation_percent: Option<f64>,
    /// Received on all interfaces but loopback since boot.
    pub network_received_bytes_total: Option<u64>,
    /// Sent on all interfaces but loopback since boot.
    pub network_sent_bytes_total: Option<u64>,
    /// Received per second on all interfaces but loopback.
    pub network_received_bytes_per_sec: Option<f64>,
    /// Sent per second on all interfaces but loopback.
    pub network_sent_bytes_per_sec: Option<f64>,
    /// TCP connections established.
    pub tcp_established: Option<u64>,
    /// TCP segments sent again per second.
    pub tcp_retransmits_per_sec: Option<f64>,
    /// Time in which some task waited for a processor, percent of the last 10 s.
    pub pressure_cpu_some_percent: Option<f64>,
    /// Time in which some task waited for memory, percent of the last 10 s.
    pub pressure_memory_some_percent: Option<f64>,
    /// Time in which all tasks waited for memory, percent of the last 10 s.
    pub pressure_memory_full_percent: Option<f64>,
    /// Time in which some task waited for a disk, percent of the last 10 s.
    pub pressure_io_some_percent: Option<f64>,
    /// Time in which all tasks waited for a disk, percent of the last 10 s.
    pub pressure_io_full_percent: Option<f64>,
    /// Processes that may be seen; `None` when they are not scanned.
    pub process_count: Option<u64>,
    /// Threads of these processes.
    pub thread_count: Option<u64>,
    /// The processor's temperature, else the highest of all sensors, °C.
    pub temperature_celsius: Option<f64>,
    /// Charge of the first battery, percent.
    pub battery_percent: Option<f64>,
    /// Mains are plugged in.
    pub battery_plugged: Option<bool>,
    /// CPU time of the monitor's own threads, percent of one core.
    pub monitor_cpu_core_percent: Option<f64>,
    /// Resident memory of the process that embeds the monitor.
    pub monitor_rss_bytes: Option<u64>,
}

impl Metrics {
    /// The numbers of a sample.
    pub fn of(sample: &Sample) -> Metrics {
        let shares = sample.cpu.shares;
        let load = sample.cpu.load_average;
        let memory = &sample.memory;
        let pressure = &sample.pressure;
        let limits = &sample.limits;
        let root = root_filesystem(&sample.filesystems);
        let disks = || sample.disks.iter().filter(|disk| !disk.is_stacked);
        let interfaces = || sample.network.interfaces.iter().filter(|i| !i.is_loopback);
        let scanned = sample.processes.total > 0;
        Metrics {
            timestamp: sample.moment.unix_seconds,
            cpu_percent: shares.map(|s| s.busy_percent),
            cpu_user_percent: shares.map(|s| s.user_percent + s.nice_percent),
            cpu_system_percent: shares
                .map(|s| s.system_percent + s.irq_percent + s.softirq_percent),
            cpu_iowait_percent: shares.map(|s| s.iowait_percent),
            cpu_steal_percent: shares.map(|s| s.steal_percent),
            logical_cpus: (!sample.cpu.cores.is_empty()).then_some(sample.cpu.cores.len() as u64),
            effective_cpus: limits.effective_cpus,
            container_cpu_percent: limits.cpu_used_percent,
            load_average_1: load.map(|l| l.one),
            load_average_5: load.map(|l| l.five),
            load_average_15: load.map(|l| l.fifteen),
            runnable: sample.cpu.runnable.map(u64::from),
            blocked: sample.cpu.blocked.map(u64::from),
            context_switches_per_sec: sample.cpu.context_switches_per_sec,
            memory_percent: memory.used_percent,
            memory_used_bytes: memory.used_bytes,
            memory_available_bytes: memory.available_bytes,
            memory_total_bytes: memory.total_bytes,
            effective_memory_bytes: limits.effective_memory_bytes,
            container_memory_percent: limits.memory_used_percent,
            swap_percent: memory.swap_used_percent,
            swap_used_bytes: memory.swap_used_bytes,
            swap_total_bytes: memory.swap_total_bytes,
            major_faults_per_sec: memory.major_faults_per_sec,
            disk_percent: root.and_then(|f| f.used_percent),
            disk_used_bytes: root.and_then(|f| f.used_bytes),
            disk_total_bytes: root.and_then(|f| f.total_bytes),
            disk_read_bytes_per_sec: sum(disks().map(|d| d.read_bytes_per_sec)),
            disk_write_bytes_per_sec: sum(disks().map(|d| d.write_bytes_per_sec)),
            disk_utilisation_percent: disks()
                .filter_map(|d| d.utilisation_percent)
                .reduce(f64::max),
            network_received_bytes_total: total(
                interfaces().map(|i| i.counters.received_bytes_total),
            ),
            network_sent_bytes_total: total(interfaces().map(|i| i.counters.sent_bytes_total)),
            network_received_bytes_per_sec: sum(interfaces().map(|i| i.received_bytes_per_sec)),
            network_sent_bytes_per_sec: sum(interfaces().map(|i| i.sent_bytes_per_sec)),
            tcp_established: sample.network.tcp.established,
            tcp_retransmits_per_sec: sample.network.tcp.retransmits_per_sec,
            pressure_cpu_some_percent: pressure.cpu.map(|p| p.some.avg10_percent),
            pressure_memory_some_percent: pressure.memory.map(|p| p.some.avg10_percent),
            pressure_memory_full_percent: pressure
                .memory
                .and_then(|p| p.full)
                .map(|f| f.avg10_percent),
            pressure_io_some_percent: pressure.io.map(|p| p.some.avg10_percent),
            pressure_io_full_percent: pressure.io.and_then(|p| p.full).map(|f| f.avg10_percent),
            process_count: scanned.then_some(sample.processes.total as u64),
            thread_count: sample.processes.threads,
            temperature_celsius: temperature(&sample.sensors),
            battery_percent: sample.power.batteries.iter().find_map(|b| b.charge_percent),
            battery_plugged: sample.power.plugged,
            monitor_cpu_core_percent: sample.overhead.cpu_core_percent,
            monitor_rss_bytes: sample.overhead.process_rss_bytes,
        }
    }
}

/// The file system mounted at `/`.
fn root_filesystem(filesystems: &[FilesystemSample]) -> Option<&FilesystemSample> {
    filesystems.iter().find(|f| &*f.mount_point == "/")
}

/// The hottest of the processor's sensors, or of all where none is the processor's.
fn temperature(sensors: &[SensorSample]) -> Option<f64> {
    let hottest = |of_cpu: bool| {
        sensors
            .iter()
            .filter(|s| s.kind == SensorKind::Temperature)
            .filter(|s| !of_cpu || CPU_CHIPS.iter().any(|chip| s.chip.starts_with(chip)))
            .map(|s| s.value)
            .reduce(f64::max)
    };
    hottest(true).or_else(|| hottest(false))
}

/// The sum of the rates that are known; `None` when none is.
fn sum(rates: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    rates.flatten().reduce(|a, b| a + b)
}

/// The sum of counters; `None` when there is none.
fn total(counters: impl Iterator<Item = u64>) -> Option<u64> {
    counters.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{InterfaceCounters, InterfaceSample};

    #[test]
    fn an_empty_sample_has_no_numbers() {
        let metrics = serde_json::to_value(Metrics::of(&Sample::default())).unwrap();
        for (name, value) in metrics.as_object().unwrap() {
            assert!(name == "timestamp" || value.is_null(), "{name}: {value}");
        }
    }

    #[test]
    fn loopback_is_not_the_network() {
        let interface = |name: &str, is_loopback, received| InterfaceSample {
            name: name.into(),
            is_loopback,
            received_bytes_per_sec: Some(received),
            counters: InterfaceCounters {
                received_bytes_total: 100,
                ..Default::default()
            },
            ..Default::default()
        };
        let mut sample = Sample::default();
        sample.network.interfaces = vec![interface("lo", true, 5.0), interface("eth0", false, 2.0)];
        let metrics = Metrics::of(&sample);
        assert_eq!(metrics.network_received_bytes_per_sec, Some(2.0));
        assert_eq!(metrics.network_received_bytes_total, Some(100));
    }

    #[test]
    fn the_processors_temperature_goes_before_a_hotter_disk() {
        let sensor = |chip: &str, value| SensorSample {
            chip: chip.into(),
            value,
            ..SensorSample::default()
        };
        assert_eq!(
            temperature(&[sensor("nvme", 80.0), sensor("coretemp", 55.0)]),
            Some(55.0)
        );
        assert_eq!(temperature(&[sensor("nvme", 80.0)]), Some(80.0));
        assert_eq!(temperature(&[]), None);
    }
}
