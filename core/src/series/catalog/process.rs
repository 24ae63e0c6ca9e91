//! One of the processes that use most. Its share of the machine is not kept: it follows
//! from its share of a core.

use crate::sample::ProcessSample;
use crate::series::field::{Field, fields};

/// Metrics 1000 to 1099.
pub(crate) static PROCESS: &[Field<ProcessSample>] = fields!(Process of ProcessSample {
    1000 "process_cpu_core_percent" Percent / 100 (gauge) "CPU time, of one core" => [cpu_core_percent];
    1001 "process_rss_bytes" Bytes / 1 (gauge) "Resident memory" => [rss_bytes];
    1002 "process_memory_percent" Percent / 100 (gauge) "Resident memory, of the machine's" => [memory_percent];
    1003 "process_read_bytes_per_sec" BytesPerSecond / 1 (gauge) "Read from storage" => [read_bytes_per_sec];
    1004 "process_write_bytes_per_sec" BytesPerSecond / 1 (gauge) "Sent to storage" => [write_bytes_per_sec];
    1005 "process_threads" Count / 1 (gauge) "Threads" => [threads];
    1006 "process_nice" Number / 1 (gauge) "Nice value" => [nice];
    1007 "process_state" Number / 1 (gauge) "1 running, 2 sleeping, 3 disk sleep, 4 zombie, 5 stopped, 6 traced, 7 idle, 8 dead, 9 other" => [state];
    1010 "process_cpu_seconds_total" Seconds / 100 (counter 1000 0.01) "User and system time since its start" => [cpu_seconds_total];
    1011 "process_read_bytes_total" Bytes / 1 (counter 1003 1.0) "Read from storage since its start" => [read_bytes_total];
    1012 "process_write_bytes_total" Bytes / 1 (counter 1004 1.0) "Sent to storage since its start" => [write_bytes_total];
    1013 "process_major_faults_total" Count / 1 (counter) "Page faults that needed a disk, since its start" => [major_faults_total];
    1020 "process_children_cpu_core_percent" Percent / 100 (gauge) "CPU time of its children that ended, of one core" => [children_cpu_core_percent];
    1021 "process_children_cpu_seconds_total" Seconds / 100 (counter 1020 0.01) "CPU time of its children that ended, since its start" => [children_cpu_seconds_total];
    1030 "process_parent_pid" Number / 1 (gauge) "Parent's process id" => [parent_pid];
    1031 "process_session_id" Number / 1 (gauge) "Session id" => [session_id];
    1032 "process_start_time_seconds" Seconds / 100 (gauge) "Start in Unix seconds" => [start_time_seconds];
    1040 "process_pss_bytes" Bytes / 1 (gauge) "Proportional set size" => [extra ? pss_bytes];
    1041 "process_open_files" Count / 1 (gauge) "Open file descriptors" => [extra ? open_files];
});
