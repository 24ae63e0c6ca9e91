//! The numbers that stand for the judgement's words, and their names.

use std::ffi::{CStr, c_char};

use usm_core::Error;
use usm_core::alert::{AlertSeverity, AlertStatus};
use usm_core::judge::forecast::Verdict;
use usm_core::judge::{InsightKind, Outcome, SecurityKind, Severity};
use usm_core::store::FindingKind;

use crate::failure::Failure;
use crate::guard::guard_value;

/// Good to know.
pub const USM_SEVERITY_LOW: u32 = 0;
/// Should be looked at.
pub const USM_SEVERITY_MEDIUM: u32 = 1;
/// Should be looked at soon.
pub const USM_SEVERITY_HIGH: u32 = 2;
/// Harm is being done.
pub const USM_SEVERITY_CRITICAL: u32 = 3;

/// Good to know.
pub const USM_ALERT_SEVERITY_INFO: u32 = 0;
/// Should be looked at.
pub const USM_ALERT_SEVERITY_WARNING: u32 = 1;
/// Harm is being done or near.
pub const USM_ALERT_SEVERITY_CRITICAL: u32 = 2;
/// Nobody has answered a critical one.
pub const USM_ALERT_SEVERITY_EMERGENCY: u32 = 3;

/// The condition holds, but not for long enough yet.
pub const USM_ALERT_PENDING: u32 = 0;
/// It fires.
pub const USM_ALERT_FIRING: u32 = 1;
/// It fires or is pending, and its metric is not known any more: it neither fires nor clears.
pub const USM_ALERT_NO_DATA: u32 = 2;
/// It has ended.
pub const USM_ALERT_RESOLVED: u32 = 3;

/// The processors are the bottleneck.
pub const USM_INSIGHT_CPU_BOUND: u32 = 0;
/// Memory is short: pages are read and written over and over.
pub const USM_INSIGHT_MEMORY_THRASH: u32 = 1;
/// The disks are the bottleneck.
pub const USM_INSIGHT_IO_BOUND: u32 = 2;
/// More tasks are runnable than processors can run, or tasks wait for each other.
pub const USM_INSIGHT_RUN_QUEUE: u32 = 3;
/// The control group's quota holds the work back.
pub const USM_INSIGHT_THROTTLED: u32 = 4;
/// The network loses packets.
pub const USM_INSIGHT_NETWORK_RETRANSMITS: u32 = 5;
/// One processor is full while others are idle.
pub const USM_INSIGHT_CORE_SATURATED: u32 = 6;
/// The memory of a process grows steadily.
pub const USM_INSIGHT_LEAK_SUSPECTED: u32 = 7;
/// The hypervisor takes processor time.
pub const USM_INSIGHT_STEAL: u32 = 8;
/// A file system or its inodes run out.
pub const USM_INSIGHT_DISK_FILLING: u32 = 9;
/// Memory or swap run out.
pub const USM_INSIGHT_MEMORY_FILLING: u32 = 10;
/// Two metrics move together.
pub const USM_INSIGHT_CORRELATED: u32 = 11;

/// A TCP socket listens on an address that other machines can reach.
pub const USM_SECURITY_LISTENER: u32 = 0;
/// The executable of a running program was deleted or replaced.
pub const USM_SECURITY_DELETED_PROGRAM: u32 = 1;
/// A program runs from a folder in which every user may put files.
pub const USM_SECURITY_TEMPORARY_PROGRAM: u32 = 2;
/// A program runs that was never a file.
pub const USM_SECURITY_MEMORY_PROGRAM: u32 = 3;
/// A program runs with the rights of another user than the one who started it.
pub const USM_SECURITY_SETUID: u32 = 4;
/// A program bears the name of a thread of the kernel.
pub const USM_SECURITY_KERNEL_NAME: u32 = 5;
/// Many logins failed.
pub const USM_SECURITY_FAILED_LOGINS: u32 = 6;
/// Others may put a command where commands are searched.
pub const USM_SECURITY_SEARCH_PATH: u32 = 7;
/// A setting of the kernel is weak.
pub const USM_SECURITY_WEAK_SETTING: u32 = 8;

/// Too little was seen to tell anything.
pub const USM_OUTCOME_LEARNING: u32 = 0;
/// On the metric's own past it told no better than "same as now": the value is that of now, the
/// intervals hold.
pub const USM_OUTCOME_SAME_AS_NOW: u32 = 1;
/// On the metric's own past it was nearer to what came than "same as now".
pub const USM_OUTCOME_FORECAST: u32 = 2;

/// Alerts.
pub const USM_FINDING_ALERT: u32 = 0;
/// Metrics outside of their normal range.
pub const USM_FINDING_ANOMALY: u32 = 1;
/// Anomalies with one cause.
pub const USM_FINDING_INCIDENT: u32 = 2;
/// What is the matter.
pub const USM_FINDING_INSIGHT: u32 = 3;
/// What is wrong or new with the machine's security.
pub const USM_FINDING_SECURITY: u32 = 4;
/// Silences of alerts.
pub const USM_FINDING_SILENCE: u32 = 5;

pub(crate) fn severity_number(value: Severity) -> u32 {
    match value {
        Severity::Low => USM_SEVERITY_LOW,
        Severity::Medium => USM_SEVERITY_MEDIUM,
        Severity::High => USM_SEVERITY_HIGH,
        Severity::Critical => USM_SEVERITY_CRITICAL,
    }
}

pub(crate) fn alert_severity_number(value: AlertSeverity) -> u32 {
    match value {
        AlertSeverity::Info => USM_ALERT_SEVERITY_INFO,
        AlertSeverity::Warning => USM_ALERT_SEVERITY_WARNING,
        AlertSeverity::Critical => USM_ALERT_SEVERITY_CRITICAL,
        AlertSeverity::Emergency => USM_ALERT_SEVERITY_EMERGENCY,
    }
}

pub(crate) fn alert_status_number(value: AlertStatus) -> u32 {
    match value {
        AlertStatus::Pending => USM_ALERT_PENDING,
        AlertStatus::Firing => USM_ALERT_FIRING,
        AlertStatus::NoData => USM_ALERT_NO_DATA,
        AlertStatus::Resolved => USM_ALERT_RESOLVED,
    }
}

pub(crate) fn insight_number(value: InsightKind) -> u32 {
    match value {
        InsightKind::CpuBound => USM_INSIGHT_CPU_BOUND,
        InsightKind::MemoryThrash => USM_INSIGHT_MEMORY_THRASH,
        InsightKind::IoBound => USM_INSIGHT_IO_BOUND,
        InsightKind::RunQueue => USM_INSIGHT_RUN_QUEUE,
        InsightKind::Throttled => USM_INSIGHT_THROTTLED,
        InsightKind::NetworkRetransmits => USM_INSIGHT_NETWORK_RETRANSMITS,
        InsightKind::CoreSaturated => USM_INSIGHT_CORE_SATURATED,
        InsightKind::LeakSuspected => USM_INSIGHT_LEAK_SUSPECTED,
        InsightKind::Steal => USM_INSIGHT_STEAL,
        InsightKind::DiskFilling => USM_INSIGHT_DISK_FILLING,
        InsightKind::MemoryFilling => USM_INSIGHT_MEMORY_FILLING,
        InsightKind::Correlated => USM_INSIGHT_CORRELATED,
    }
}

pub(crate) fn security_number(value: SecurityKind) -> u32 {
    match value {
        SecurityKind::Listener => USM_SECURITY_LISTENER,
        SecurityKind::DeletedProgram => USM_SECURITY_DELETED_PROGRAM,
        SecurityKind::TemporaryProgram => USM_SECURITY_TEMPORARY_PROGRAM,
        SecurityKind::MemoryProgram => USM_SECURITY_MEMORY_PROGRAM,
        SecurityKind::Setuid => USM_SECURITY_SETUID,
        SecurityKind::KernelName => USM_SECURITY_KERNEL_NAME,
        SecurityKind::FailedLogins => USM_SECURITY_FAILED_LOGINS,
        SecurityKind::SearchPath => USM_SECURITY_SEARCH_PATH,
        SecurityKind::WeakSetting => USM_SECURITY_WEAK_SETTING,
    }
}

pub(crate) fn outcome_number(value: Outcome) -> u32 {
    match value {
        Outcome::Learning => USM_OUTCOME_LEARNING,
        Outcome::SameAsNow => USM_OUTCOME_SAME_AS_NOW,
        Outcome::Forecast => USM_OUTCOME_FORECAST,
    }
}

pub(crate) fn verdict_number(value: Verdict) -> u32 {
    outcome_number(value.into())
}

/// The kind of finding that a number stands for.
pub(crate) fn finding_kind_of(number: u32) -> Result<FindingKind, Failure> {
    match number {
        USM_FINDING_ALERT => Ok(FindingKind::Alert),
        USM_FINDING_ANOMALY => Ok(FindingKind::Anomaly),
        USM_FINDING_INCIDENT => Ok(FindingKind::Incident),
        USM_FINDING_INSIGHT => Ok(FindingKind::Insight),
        USM_FINDING_SECURITY => Ok(FindingKind::Security),
        USM_FINDING_SILENCE => Ok(FindingKind::Silence),
        other => Err(Error::invalid("kind", other, "one of USM_FINDING_...").into()),
    }
}

// The names in the order of the numbers; a test compares them with the core's.

const SEVERITIES: [&CStr; 4] = [c"low", c"medium", c"high", c"critical"];

const ALERT_SEVERITIES: [&CStr; 4] = [c"info", c"warning", c"critical", c"emergency"];

const ALERT_STATUSES: [&CStr; 4] = [c"pending", c"firing", c"no_data", c"resolved"];

const INSIGHTS: [&CStr; 12] = [
    c"cpu_bound",
    c"memory_thrash",
    c"io_bound",
    c"run_queue",
    c"throttled",
    c"network_retransmits",
    c"core_saturated",
    c"leak_suspected",
    c"steal",
    c"disk_filling",
    c"memory_filling",
    c"correlated",
];

const SECURITY: [&CStr; 9] = [
    c"listener",
    c"deleted_program",
    c"temporary_program",
    c"memory_program",
    c"setuid",
    c"kernel_name",
    c"failed_logins",
    c"search_path",
    c"weak_setting",
];

const OUTCOMES: [&CStr; 3] = [c"learning", c"same_as_now", c"forecast"];

fn name_of(names: &'static [&'static CStr], number: u32) -> *const c_char {
    let name = names.get(number as usize);
    name.map_or(c"unknown", |name| name).as_ptr()
}

/// The name of a severity USM_SEVERITY_..., e.g. "medium"; "unknown" for a number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_severity_name(severity: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&SEVERITIES, severity)))
}

/// The name of an alert's severity USM_ALERT_SEVERITY_..., e.g. "warning"; "unknown" for a
/// number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_alert_severity_name(severity: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || {
        Ok(name_of(&ALERT_SEVERITIES, severity))
    })
}

/// The name of an alert's status USM_ALERT_PENDING and the like, e.g. "firing"; "unknown" for a
/// number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_alert_status_name(status: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&ALERT_STATUSES, status)))
}

/// The name of a kind of insight USM_INSIGHT_..., e.g. "io_bound"; "unknown" for a number that
/// is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_insight_kind_name(kind: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&INSIGHTS, kind)))
}

/// The name of a kind of security finding USM_SECURITY_..., e.g. "listener"; "unknown" for a
/// number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_security_kind_name(kind: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&SECURITY, kind)))
}

/// The name of an outcome of a forecast USM_OUTCOME_..., e.g. "same_as_now"; "unknown" for a
/// number that is none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_outcome_name(outcome: u32) -> *const c_char {
    guard_value(c"unknown".as_ptr(), || Ok(name_of(&OUTCOMES, outcome)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number is its place among the names, and the name is the core's own.
    fn check<T: Copy + serde::Serialize, const N: usize>(
        values: [T; N],
        names: [&CStr; N],
        number: impl Fn(T) -> u32,
        name: extern "C" fn(u32) -> *const c_char,
    ) {
        for (at, (value, expected)) in values.into_iter().zip(names).enumerate() {
            assert_eq!(number(value) as usize, at);
            // SAFETY: the functions return texts that live for ever.
            let said = unsafe { CStr::from_ptr(name(at as u32)) };
            assert_eq!(said, expected);
            let word = serde_json::to_value(value).unwrap();
            assert_eq!(word, said.to_str().unwrap());
        }
        // SAFETY: as above.
        let beyond = unsafe { CStr::from_ptr(name(N as u32)) };
        assert_eq!(beyond, c"unknown");
    }

    #[test]
    fn severities_and_outcomes_are_those_of_the_core() {
        let all = [
            Severity::Low,
            Severity::Medium,
            Severity::High,
            Severity::Critical,
        ];
        check(all, SEVERITIES, severity_number, usm_severity_name);
        let all = [Outcome::Learning, Outcome::SameAsNow, Outcome::Forecast];
        check(all, OUTCOMES, outcome_number, usm_outcome_name);
    }

    #[test]
    fn alerts_words_are_those_of_the_core() {
        check(
            AlertSeverity::ALL,
            ALERT_SEVERITIES,
            alert_severity_number,
            usm_alert_severity_name,
        );
        let all = [
            AlertStatus::Pending,
            AlertStatus::Firing,
            AlertStatus::NoData,
            AlertStatus::Resolved,
        ];
        check(
            all,
            ALERT_STATUSES,
            alert_status_number,
            usm_alert_status_name,
        );
    }

    #[test]
    fn kinds_of_insights_are_those_of_the_core() {
        let all = [
            InsightKind::CpuBound,
            InsightKind::MemoryThrash,
            InsightKind::IoBound,
            InsightKind::RunQueue,
            InsightKind::Throttled,
            InsightKind::NetworkRetransmits,
            InsightKind::CoreSaturated,
            InsightKind::LeakSuspected,
            InsightKind::Steal,
            InsightKind::DiskFilling,
            InsightKind::MemoryFilling,
            InsightKind::Correlated,
        ];
        check(all, INSIGHTS, insight_number, usm_insight_kind_name);
    }

    #[test]
    fn kinds_of_security_findings_are_those_of_the_core() {
        let all = [
            SecurityKind::Listener,
            SecurityKind::DeletedProgram,
            SecurityKind::TemporaryProgram,
            SecurityKind::MemoryProgram,
            SecurityKind::Setuid,
            SecurityKind::KernelName,
            SecurityKind::FailedLogins,
            SecurityKind::SearchPath,
            SecurityKind::WeakSetting,
        ];
        check(all, SECURITY, security_number, usm_security_kind_name);
    }
}
