//! The machine in the numbers that are asked for most: the fields of
//! [`crate::sample::Metrics`] under the same names, the counters of their rates, and the
//! scores.

use crate::sample::{Metrics, Sample};
use crate::score::Scores;
use crate::series::field::{Field, fields};
use crate::series::raw::Stored;

/// Those of 1 to 99 that are numbers of the sample itself; they are kept nowhere else.
pub(crate) static HEADLINE: &[Field<Sample>] = fields!(Headline of Sample {
    1 "cpu_percent" Percent / 100 (gauge) "Processors busy, of the machine" => [cpu.shares ? busy_percent];
    4 "cpu_iowait_percent" Percent / 100 (gauge) "Idle while waiting for a disk, of the machine" => [cpu.shares ? iowait_percent];
    5 "cpu_steal_percent" Percent / 100 (gauge) "Taken by the hypervisor, of the machine" => [cpu.shares ? steal_percent];
    7 "effective_cpus" Number / 1000 (gauge) "Processors that may be used under the control group's limits" => [limits.effective_cpus];
    8 "container_cpu_percent" Percent / 100 (gauge) "CPU used by the own control group, of its limit" => [limits.cpu_used_percent];
    9 "load_average_1" Number / 100 (gauge) "Load average over 1 minute" => [cpu.load_average ? one];
    10 "load_average_5" Number / 100 (gauge) "Load average over 5 minutes" => [cpu.load_average ? five];
    11 "load_average_15" Number / 100 (gauge) "Load average over 15 minutes" => [cpu.load_average ? fifteen];
    12 "runnable" Count / 1 (gauge) "Tasks running or ready to run" => [cpu.runnable];
    13 "blocked" Count / 1 (gauge) "Tasks blocked in a disk read or write" => [cpu.blocked];
    14 "context_switches_per_sec" PerSecond / 10 (gauge) "Context switches" => [cpu.context_switches_per_sec];
    15 "memory_percent" Percent / 100 (gauge) "Memory used, of the machine's" => [memory.used_percent];
    16 "memory_used_bytes" Bytes / 1 (gauge) "Memory used: total − available" => [memory.used_bytes];
    17 "memory_available_bytes" Bytes / 1 (gauge) "Memory available without swapping" => [memory.available_bytes];
    18 "memory_total_bytes" Bytes / 1 (gauge) "Memory of the machine" => [memory.total_bytes];
    19 "effective_memory_bytes" Bytes / 1 (gauge) "Memory that may be used under the control group's limits" => [limits.effective_memory_bytes];
    20 "container_memory_percent" Percent / 100 (gauge) "Memory used by the limited control group, of its limit" => [limits.memory_used_percent];
    21 "swap_percent" Percent / 100 (gauge) "Swap used" => [memory.swap_used_percent];
    22 "swap_used_bytes" Bytes / 1 (gauge) "Swap used" => [memory.swap_used_bytes];
    23 "swap_total_bytes" Bytes / 1 (gauge) "Swap space" => [memory.swap_total_bytes];
    24 "major_faults_per_sec" PerSecond / 100 (gauge) "Page faults that needed a disk" => [memory.major_faults_per_sec];
    35 "tcp_established" Count / 1 (gauge) "TCP connections established" => [network.tcp.established];
    36 "tcp_retransmits_per_sec" PerSecond / 100 (gauge) "TCP segments sent again" => [network.tcp.retransmits_per_sec];
    37 "pressure_cpu_some_percent" Percent / 100 (gauge) "Some task waited for a processor, of the last 10 s" => [pressure.cpu ? some.avg10_percent];
    38 "pressure_memory_some_percent" Percent / 100 (gauge) "Some task waited for memory, of the last 10 s" => [pressure.memory ? some.avg10_percent];
    39 "pressure_memory_full_percent" Percent / 100 (gauge) "All tasks waited for memory, of the last 10 s" => [pressure.memory ? full ? avg10_percent];
    40 "pressure_io_some_percent" Percent / 100 (gauge) "Some task waited for a disk, of the last 10 s" => [pressure.io ? some.avg10_percent];
    41 "pressure_io_full_percent" Percent / 100 (gauge) "All tasks waited for a disk, of the last 10 s" => [pressure.io ? full ? avg10_percent];
    42 "process_count" Count / 1 (gauge) "Processes that may be seen" => [|sample| scanned(sample.processes.total), |sample, raw| sample.processes.total.take_raw(raw, 1)];
    43 "thread_count" Count / 1 (gauge) "Threads of these processes" => [processes.threads];
    46 "battery_plugged" Flag / 1 (gauge) "Mains are plugged in" => [power.plugged];
    47 "monitor_cpu_core_percent" Percent / 1000 (gauge) "CPU time of the monitor's own threads, of one core" => [overhead.cpu_core_percent];
    48 "monitor_rss_bytes" Bytes / 1 (gauge) "Resident memory of the process that embeds the monitor" => [overhead.process_rss_bytes];
    71 "context_switches_total" Count / 1 (counter 14 0.1) "Context switches since boot" => [cpu.context_switches_total];
    72 "major_faults_total" Count / 1 (counter 24 0.01) "Page faults that needed a disk, since boot" => [memory.major_faults_total];
    73 "tcp_retransmits_total" Count / 1 (counter 36 0.01) "TCP segments sent again, since boot" => [network.tcp.retransmits_total];
});

/// Those that are worked out from numbers that other families keep.
pub(crate) static HEADLINE_MADE: &[Field<Metrics>] = fields!(Headline of Metrics {
    2 "cpu_user_percent" Percent / 100 (gauge) "User mode, niced included, of the machine" => [|metrics| metrics.cpu_user_percent];
    3 "cpu_system_percent" Percent / 100 (gauge) "Kernel mode with interrupts, of the machine" => [|metrics| metrics.cpu_system_percent];
    6 "logical_cpus" Count / 1 (gauge) "Processors online" => [|metrics| metrics.logical_cpus];
    25 "disk_percent" Percent / 100 (gauge) "Root file system used, as df shows it" => [|metrics| metrics.disk_percent];
    26 "disk_used_bytes" Bytes / 1 (gauge) "Root file system used" => [|metrics| metrics.disk_used_bytes];
    27 "disk_total_bytes" Bytes / 1 (gauge) "Root file system's size" => [|metrics| metrics.disk_total_bytes];
    28 "disk_read_bytes_per_sec" BytesPerSecond / 1 (gauge) "Read from all disks" => [|metrics| metrics.disk_read_bytes_per_sec];
    29 "disk_write_bytes_per_sec" BytesPerSecond / 1 (gauge) "Written to all disks" => [|metrics| metrics.disk_write_bytes_per_sec];
    30 "disk_utilisation_percent" Percent / 100 (gauge) "Utilisation of the busiest disk" => [|metrics| metrics.disk_utilisation_percent];
    31 "network_received_bytes_total" Bytes / 1 (counter 33 1.0) "Received on all interfaces but loopback since boot" => [|metrics| metrics.network_received_bytes_total];
    32 "network_sent_bytes_total" Bytes / 1 (counter 34 1.0) "Sent on all interfaces but loopback since boot" => [|metrics| metrics.network_sent_bytes_total];
    33 "network_received_bytes_per_sec" BytesPerSecond / 1 (gauge) "Received on all interfaces but loopback" => [|metrics| metrics.network_received_bytes_per_sec];
    34 "network_sent_bytes_per_sec" BytesPerSecond / 1 (gauge) "Sent on all interfaces but loopback" => [|metrics| metrics.network_sent_bytes_per_sec];
    44 "temperature_celsius" Celsius / 1000 (gauge) "The processor's temperature, else the highest of all sensors" => [|metrics| metrics.temperature_celsius];
    45 "battery_percent" Percent / 100 (gauge) "Charge of the first battery" => [|metrics| metrics.battery_percent];
});

/// The scores.
pub(crate) static HEADLINE_SCORES: &[Field<Scores>] = fields!(Headline of Scores {
    60 "health_score" Number / 100 (gauge) "How much of the machine's resources is left, 0 to 100" => [|scores| scores.health.value];
    61 "performance_score" Number / 100 (gauge) "How little work has to wait, 0 to 100" => [|scores| scores.performance.value];
    62 "security_score" Number / 100 (gauge) "How few weak kernel settings and other security findings there are, 0 to 100" => [|scores| scores.security.value];
});

/// No process at all means that they were not scanned.
fn scanned(total: usize) -> Option<usize> {
    (total > 0).then_some(total)
}
