//! The numbers that stand for the optimizer's words, and their names.

use std::ffi::{CStr, c_char};

use usm_core::optimizer::{ActionKind, Metric, Priority, Resource, RiskLevel, Verdict};

use crate::guard::guard_value;

/// Processors.
pub const USM_RESOURCE_CPU: u32 = 0;
/// Memory.
pub const USM_RESOURCE_MEMORY: u32 = 1;
/// Space of a file system, or the time that tasks wait for disks.
pub const USM_RESOURCE_DISK: u32 = 2;
/// Network interfaces. There is advice, never an action.
pub const USM_RESOURCE_NETWORK: u32 = 3;
/// One process.
pub const USM_RESOURCE_PROCESS: u32 = 4;

/// Can wait.
pub const USM_PRIORITY_LOW: u32 = 0;
/// Should be looked at.
pub const USM_PRIORITY_MEDIUM: u32 = 1;
/// Now.
pub const USM_PRIORITY_HIGH: u32 = 2;

/// Taken back by a rollback; at worst something is slower.
pub const USM_RISK_LOW: u32 = 0;
/// Can disturb what it acts on, or can't be taken back in full.
pub const USM_RISK_MEDIUM: u32 = 1;
/// Work may be lost.
pub const USM_RISK_HIGH: u32 = 2;

/// Of the time in which processes other than the culprits wanted to run, the percentage in
/// which they waited for a processor.
pub const USM_TARGET_METRIC_CPU_WAIT: u32 = 0;
/// Percent of time in which some task waited for a processor (PSI).
pub const USM_TARGET_METRIC_CPU_PRESSURE: u32 = 1;
/// Of the looks at active processes other than the culprits, the percentage in which they were
/// in an uninterruptible wait.
pub const USM_TARGET_METRIC_IO_WAIT: u32 = 2;
/// Percent of time in which some task waited for a disk (PSI).
pub const USM_TARGET_METRIC_IO_PRESSURE: u32 = 3;
/// Percent of time in which some task waited for memory (PSI).
pub const USM_TARGET_METRIC_MEMORY_PRESSURE: u32 = 4;
/// Memory in use, percent of the machine or of the own limit, whichever is tighter.
pub const USM_TARGET_METRIC_MEMORY_USED: u32 = 5;
/// Space of a file system in use, percent of what users may take.
pub const USM_TARGET_METRIC_SPACE_USED: u32 = 6;
/// Inodes in use, percent.
pub const USM_TARGET_METRIC_INODES_USED: u32 = 7;
/// Traffic of an interface, percent of its speed.
pub const USM_TARGET_METRIC_NETWORK_USED: u32 = 8;
/// CPU of one process, percent of one core.
pub const USM_TARGET_METRIC_PROCESS_CPU: u32 = 9;
/// Memory of one process, percent of the machine.
pub const USM_TARGET_METRIC_PROCESS_MEMORY: u32 = 10;
/// Processes made per second.
pub const USM_TARGET_METRIC_FORK_RATE: u32 = 11;

/// Scheduling policy SCHED_BATCH for every thread.
pub const USM_ACTION_SET_BATCH: u32 = 0;
/// A nice value for every thread.
pub const USM_ACTION_LOWER_PRIORITY: u32 = 1;
/// Scheduling policy SCHED_IDLE for every thread.
pub const USM_ACTION_SET_IDLE: u32 = 2;
/// A nice value for a session's autogroup.
pub const USM_ACTION_SET_AUTOGROUP: u32 = 3;
/// An I/O priority for every thread.
pub const USM_ACTION_SET_IO_PRIORITY: u32 = 4;
/// Fewer processors for every thread.
pub const USM_ACTION_SET_AFFINITY: u32 = 5;
/// CPU weight or quota of a control group.
pub const USM_ACTION_LIMIT_CPU: u32 = 6;
/// Throughput of a control group.
pub const USM_ACTION_LIMIT_IO: u32 = 7;
/// Memory of a control group.
pub const USM_ACTION_LIMIT_MEMORY: u32 = 8;
/// Number of processes of a control group.
pub const USM_ACTION_LIMIT_PROCESSES: u32 = 9;
/// Reclaim from a control group, or page a process out.
pub const USM_ACTION_RECLAIM_MEMORY: u32 = 10;
/// Trim the heap of this process itself.
pub const USM_ACTION_CLEANUP_MEMORY: u32 = 11;
/// Move files into quarantine by rules.
pub const USM_ACTION_CLEANUP_DISK: u32 = 12;
/// Freeze a control group, with a lease.
pub const USM_ACTION_FREEZE: u32 = 13;
/// SIGSTOP, with a lease.
pub const USM_ACTION_SUSPEND_PROCESS: u32 = 14;
/// SIGTERM, then SIGKILL.
pub const USM_ACTION_KILL_PROCESS: u32 = 15;

/// The metric is clearly better, and nothing else is clearly worse.
pub const USM_VERDICT_HELPED: u32 = 0;
/// No difference beyond noise.
pub const USM_VERDICT_NO_EFFECT: u32 = 1;
/// The metric, or the pressure on something else, is clearly worse.
pub const USM_VERDICT_HARMED: u32 = 2;
/// Not measured: demo mode, or refused, failed or cancelled before the act.
pub const USM_VERDICT_NOT_MEASURED: u32 = 3;

pub(crate) fn resource_number(value: Resource) -> u32 {
    match value {
        Resource::Cpu => USM_RESOURCE_CPU,
        Resource::Memory => USM_RESOURCE_MEMORY,
        Resource::Disk => USM_RESOURCE_DISK,
        Resource::Network => USM_RESOURCE_NETWORK,
        Resource::Process => USM_RESOURCE_PROCESS,
    }
}

pub(crate) fn priority_number(value: Priority) -> u32 {
    match value {
        Priority::Low => USM_PRIORITY_LOW,
        Priority::Medium => USM_PRIORITY_MEDIUM,
        Priority::High => USM_PRIORITY_HIGH,
    }
}

pub(crate) fn risk_number(value: RiskLevel) -> u32 {
    match value {
        RiskLevel::Low => USM_RISK_LOW,
        RiskLevel::Medium => USM_RISK_MEDIUM,
        RiskLevel::High => USM_RISK_HIGH,
    }
}

pub(crate) fn metric_number(value: Metric) -> u32 {
    match value {
        Metric::CpuWait => USM_TARGET_METRIC_CPU_WAIT,
        Metric::CpuPressure => USM_TARGET_METRIC_CPU_PRESSURE,
        Metric::IoWait => USM_TARGET_METRIC_IO_WAIT,
        Metric::IoPressure => USM_TARGET_METRIC_IO_PRESSURE,
        Metric::MemoryPressure => USM_TARGET_METRIC_MEMORY_PRESSURE,
        Metric::MemoryUsed => USM_TARGET_METRIC_MEMORY_USED,
        Metric::SpaceUsed => USM_TARGET_METRIC_SPACE_USED,
        Metric::InodesUsed => USM_TARGET_METRIC_INODES_USED,
        Metric::NetworkUsed => USM_TARGET_METRIC_NETWORK_USED,
        Metric::ProcessCpu => USM_TARGET_METRIC_PROCESS_CPU,
        Metric::ProcessMemory => USM_TARGET_METRIC_PROCESS_MEMORY,
        Metric::ForkRate => USM_TARGET_METRIC_FORK_RATE,
    }
}

pub(crate) fn action_number(value: ActionKind) -> u32 {
    match value {
        ActionKind::SetBatch => USM_ACTION_SET_BATCH,
        ActionKind::LowerPriority => USM_ACTION_LOWER_PRIORITY,
        ActionKind::SetIdle => USM_ACTION_SET_IDLE,
        ActionKind::SetAutogroup => USM_ACTION_SET_AUTOGROUP,
        ActionKind::SetIoPriority => USM_ACTION_SET_IO_PRIORITY,
        ActionKind::SetAffinity => USM_ACTION_SET_AFFINITY,
        ActionKind::LimitCpu => USM_ACTION_LIMIT_CPU,
        ActionKind::LimitIo => USM_ACTION_LIMIT_IO,
        ActionKind::LimitMemory => USM_ACTION_LIMIT_MEMORY,
        ActionKind::LimitProcesses => USM_ACTION_LIMIT_PROCESSES,
        ActionKind::ReclaimMemory => USM_ACTION_RECLAIM_MEMORY,
        ActionKind::CleanupMemory => USM_ACTION_CLEANUP_MEMORY,
        ActionKind::CleanupDisk => USM_ACTION_CLEANUP_DISK,
        ActionKind::Freeze => USM_ACTION_FREEZE,
        ActionKind::SuspendProcess => USM_ACTION_SUSPEND_PROCESS,
        ActionKind::KillProcess => USM_ACTION_KILL_PROCESS,
    }
}

pub(crate) fn verdict_number(value: Verdict) -> u32 {
    match value {
        Verdict::Helped => USM_VERDICT_HELPED,
        Verdict::NoEffect => USM_VERDICT_NO_EFFECT,
        Verdict::Harmed => USM_VERDICT_HARMED,
        Verdict::NotMeasured => USM_VERDICT_NOT_MEASURED,
    }
}

/// The level of risk that a number stands for.
pub(crate) fn risk_of(number: i32) -> Option<RiskLevel> {
    [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High]
        .into_iter()
        .find(|level| i64::from(risk_number(*level)) == i64::from(number))
}

// The names in the order of the numbers; a test compares them with the core's.

const RESOURCES: [&CStr; 5] = [c"cpu", c"memory", c"disk", c"network", c"process"];

const LEVELS: [&CStr; 3] = [c"low", c"medium", c"high"];

const METRICS: [&CStr; 12] = [
    c"cpu_wait",
    c"cpu_pressure",
    c"io_wait",
    c"io_pressure",
    c"memory_pressure",
    c"memory_used",
    c"space_used",
    c"inodes_used",
    c"network_used",
    c"process_cpu",
    c"process_memory",
    c"fork_rate",
];

const ACTIONS: [&CStr; 16] = [
    c"set_batch",
    c"lower_priority",
    c"set_idle",
    c"set_autogroup",
    c"set_io_priority",
    c"set_affinity",
    c"limit_cpu",
    c"limit_io",
    c"limit_memory",
    c"limit_processes",
    c"reclaim_memory",
    c"cleanup_memory",
    c"cleanup_disk",
    c"freeze",
    c"suspend_process",
    c"kill_process",
];

const VERDICTS: [&CStr; 4] = [c"helped", c"no_effect", c"harmed", c"not_measured"];

fn name_of(names: &'static [&'static CStr], number: u32) -> *const c_char {
    names
        .get(number as usize)
        .map_or(c"unknown", |name| name)
        .as_ptr()
}

/// The name of a resource USM_RESOURCE_..., e.g. "cpu"; "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_resource_name(resource: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&RESOURCES, resource)))
}

/// The name of a level: of a priority USM_PRIORITY_... or a risk USM_RISK_..., e.g. "low";
/// "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_level_name(level: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&LEVELS, level)))
}

/// The name of a metric USM_TARGET_METRIC_..., e.g. "cpu_wait"; "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_target_metric_name(metric: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&METRICS, metric)))
}

/// The name of a type of action USM_ACTION_..., e.g. "set_batch"; "unknown" for a number that
/// is none.
///
/// - action_type: the number.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_action_name(action_type: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&ACTIONS, action_type)))
}

/// The name of a verdict USM_VERDICT_..., e.g. "helped"; "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_verdict_name(verdict: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&VERDICTS, verdict)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number is its place among the names, and the name is the core's own.
    fn check<T: Copy + serde::Serialize>(
        values: &[T],
        number: impl Fn(T) -> u32,
        name: extern "C" fn(u32) -> *const c_char,
    ) {
        for (at, value) in values.iter().enumerate() {
            assert_eq!(number(*value) as usize, at);
            // SAFETY: the functions return texts that live for ever.
            let name = unsafe { CStr::from_ptr(name(at as u32)) };
            let wanted = serde_json::to_value(value).unwrap();
            assert_eq!(name.to_str().unwrap(), wanted.as_str().unwrap());
        }
        // SAFETY: the same.
        let none = unsafe { CStr::from_ptr(name(values.len() as u32)) };
        assert_eq!(none, c"unknown");
    }

    #[test]
    fn numbers_and_names_are_those_of_the_core() {
        check(
            &[
                Resource::Cpu,
                Resource::Memory,
                Resource::Disk,
                Resource::Network,
                Resource::Process,
            ],
            resource_number,
            usm_resource_name,
        );
        check(
            &[Priority::Low, Priority::Medium, Priority::High],
            priority_number,
            usm_level_name,
        );
        check(
            &[RiskLevel::Low, RiskLevel::Medium, RiskLevel::High],
            risk_number,
            usm_level_name,
        );
        check(
            &[
                Metric::CpuWait,
                Metric::CpuPressure,
                Metric::IoWait,
                Metric::IoPressure,
                Metric::MemoryPressure,
                Metric::MemoryUsed,
                Metric::SpaceUsed,
                Metric::InodesUsed,
                Metric::NetworkUsed,
                Metric::ProcessCpu,
                Metric::ProcessMemory,
                Metric::ForkRate,
            ],
            metric_number,
            usm_target_metric_name,
        );
        check(&ActionKind::ALL, action_number, usm_action_name);
        check(
            &[
                Verdict::Helped,
                Verdict::NoEffect,
                Verdict::Harmed,
                Verdict::NotMeasured,
            ],
            verdict_number,
            usm_verdict_name,
        );
    }

    #[test]
    fn a_level_of_risk_is_one_of_three() {
        assert_eq!(risk_of(2), Some(RiskLevel::High));
        assert_eq!((risk_of(3), risk_of(-1)), (None, None));
    }
}
