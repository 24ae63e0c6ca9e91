//! How many processes there are of each kind, and what the monitor itself does and costs.

use crate::sample::Sample;
use crate::series::field::{Field, fields};

/// Metrics 500 to 549.
pub(crate) static CENSUS: &[Field<Sample>] = fields!(Census of Sample {
    500 "process_running_count" Count / 1 (gauge) "Processes running or ready to run" => [processes.running];
    501 "process_sleeping_count" Count / 1 (gauge) "Processes sleeping or idle" => [processes.sleeping];
    502 "process_disk_sleep_count" Count / 1 (gauge) "Processes in uninterruptible wait" => [processes.disk_sleep];
    503 "process_stopped_count" Count / 1 (gauge) "Processes stopped or traced" => [processes.stopped];
    504 "process_zombie_count" Count / 1 (gauge) "Processes ended but not collected" => [processes.zombie];
    510 "process_scan_is_stale" Flag / 1 (gauge) "The processes are those of an earlier scan" => [processes.stale];
    511 "process_scan_interval_seconds" Seconds / 1000 (gauge) "Between this scan of the processes and the one before" => [processes.interval_seconds];
    512 "process_scan_every_ticks" Count / 1 (gauge) "Samples from one scan of the processes to the next" => [overhead.process_scan_every];
    520 "sample_interval_seconds" Seconds / 1000 (gauge) "Between this sample and the one before" => [interval_seconds];
    521 "samples_total" Count / 1 (counter) "Samples since the monitor's start, this one included" => [sequence];
    530 "monitor_sample_seconds" Seconds / 100000 (gauge) "Wall time of this sample" => [overhead.sample_seconds];
    531 "monitor_sample_cpu_seconds" Seconds / 100000 (gauge) "CPU time of this sample" => [overhead.sample_cpu_seconds];
    532 "monitor_process_scan_seconds" Seconds / 100000 (gauge) "Wall time of the scan of the processes" => [overhead.process_scan_seconds];
});
