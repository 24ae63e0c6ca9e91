//! Limits of the own control group and of the kernel's tables, and the kernel's clock.

use crate::sample::{Limits, Sample};
use crate::series::field::{Field, fields};

/// Metrics 400 to 449.
pub(crate) static LIMITS: &[Field<Sample>] = fields!(Limits of Sample {
    400 "container_quota_cpus" Number / 1000 (gauge) "CPU quota in processors" => [limits.quota_cpus];
    401 "container_cpuset_cpus" Count / 1 (gauge) "Processors in the cpuset" => [limits.cpuset_cpus];
    402 "container_memory_limit_bytes" Bytes / 1 (gauge) "Least memory limit of the chain of groups" => [limits.memory_limit_bytes];
    403 "container_memory_used_bytes" Bytes / 1 (gauge) "Memory charged to the group that has it, inactive file cache excluded" => [limits.memory_used_bytes];
    404 "container_cpu_usage_usec_total" Microseconds / 1 (counter) "CPU time used by the limited group" => [limits.cpu_usage_usec_total];
    405 "container_throttled_percent" Percent / 100 (gauge) "Held back by its quota, of the time since the sample before" => [limits.throttled_percent];
    406 "container_throttled_usec_total" Microseconds / 1 (counter 405 100.0) "Held back by its quota, since its start" => [limits.throttled_usec_total];
    407 "container_pids" Count / 1 (gauge) "Processes and threads in the limited group" => [limits.pids_current];
    408 "container_pids_limit" Count / 1 (gauge) "Most of them that are allowed" => [limits.pids_limit];
    409 "container_oom_kills_total" Count / 1 (counter) "Processes of the own group killed for want of memory" => [limits.oom_kills_total];
    410 "container_pids_percent" Percent / 100 (gauge) "Processes and threads in the limited group, of those allowed" => [|sample| pids_percent(&sample.limits)];
    420 "open_files" Count / 1 (gauge) "Open files of all processes" => [kernel.open_files];
    421 "open_files_limit" Count / 1 (gauge) "Most open files that are allowed" => [kernel.open_files_limit];
    422 "open_files_percent" Percent / 100 (gauge) "Open files of all processes, of those allowed" => [kernel.open_files_percent];
    423 "task_limit" Count / 1 (gauge) "Most tasks that are allowed, threads counted" => [kernel.task_limit];
    424 "task_percent" Percent / 100 (gauge) "Tasks that exist, of those allowed" => [kernel.task_percent];
    430 "clock_is_synchronised" Flag / 1 (gauge) "The clock is kept right by others" => [kernel.clock_is_synchronised];
    431 "clock_jump_seconds" Seconds / 1000 (gauge) "How far the wall clock was set since the sample before" => [kernel.clock_jump_seconds];
});

fn pids_percent(limits: &Limits) -> Option<f64> {
    let (pids, limit) = (limits.pids_current?, limits.pids_limit?);
    (limit > 0).then(|| 100.0 * pids as f64 / limit as f64)
}
