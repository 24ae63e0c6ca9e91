//! The same table through the `sysinfo` crate: the backend of other systems, and a second
//! opinion on Linux. It costs several times more than the native scan.
//!
//! It knows less: the start to the second, and neither threads, nice value, page faults,
//! control group nor extra facts; a refused `disk_usage` shows as 0 there, so storage bytes
//! are left out where they are 0.

use std::collections::HashMap;
use std::sync::Arc;

use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, ThreadKind,
    UpdateKind, Users,
};

use super::escape::escape_into;
use super::mask::mask_into;
use super::{ProcessDetails, ProcessSample, ProcessSettings, ProcessState, ProcessTable};
use crate::error::{Error, Result};
use crate::sample::rates::{per_second_of, percent_of};
use crate::sample::source::{Availability, SourceReport};
use crate::sample::{HostFacts, Moment};

/// The crate's own memory of the processes, and what rates need.
pub(super) struct SysinfoScan {
    settings: ProcessSettings,
    system: Option<System>,
    /// `None` where the system does not list them.
    users: Option<Users>,
    known: HashMap<Pid, Known>,
    previous_seconds: Option<f64>,
    failure: Option<String>,
}

impl std::fmt::Debug for SysinfoScan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SysinfoScan")
            .field("settings", &self.settings)
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Known {
    start_seconds: u64,
    cpu_ms: u64,
    read_bytes: Option<u64>,
    write_bytes: Option<u64>,
    details: Arc<ProcessDetails>,
}

impl SysinfoScan {
    pub(super) fn new(settings: ProcessSettings) -> SysinfoScan {
        SysinfoScan {
            settings,
            system: None,
            users: Users::new_with_refreshed_list().ok(),
            known: HashMap::new(),
            previous_seconds: None,
            failure: None,
        }
    }

    pub(super) fn set_settings(&mut self, settings: ProcessSettings) {
        self.settings = settings;
    }

    pub(super) fn report(&self, out: &mut Vec<SourceReport>) {
        let availability = match (&self.failure, self.previous_seconds) {
            (Some(_), _) => Availability::Failed,
            (None, None) => Availability::Unknown,
            (None, Some(_)) => Availability::Available,
        };
        out.push(SourceReport {
            source: "sysinfo".to_string(),
            gives: "processes, without threads, nice value and page faults".to_string(),
            availability,
            reason: self.failure.clone(),
        });
    }

    pub(super) fn read(
        &mut self,
        moment: Moment,
        host: &HostFacts,
        memory_total_bytes: Option<u64>,
        logical_cpus: Option<u32>,
        into: &mut ProcessTable,
    ) -> Result<()> {
        let now = moment.monotonic_seconds;
        let system = match &mut self.system {
            Some(system) => system,
            none => {
                let system = System::new().map_err(|error| {
                    let text = format!("sysinfo: {error:?}");
                    self.failure = Some(text.clone());
                    Error::Unsupported(text)
                })?;
                none.insert(system)
            }
        };
        let once = UpdateKind::OnlyIfNotSet;
        let mut what = ProcessRefreshKind::nothing()
            .without_tasks()
            .with_cpu()
            .with_memory()
            .with_user(once)
            .with_cmd(once);
        if self.settings.io {
            what = what.with_disk_usage();
        }
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        if system.processes().is_empty() {
            // Not even this process itself: the list could not be read.
            let text = "sysinfo lists no process".to_string();
            self.failure = Some(text.clone());
            return Err(Error::Unsupported(text));
        }
        self.failure = None;
        let facts = Facts {
            elapsed: self
                .previous_seconds
                .map(|before| now - before)
                .filter(|elapsed| *elapsed > 0.0),
            host,
            memory_total_bytes,
            logical_cpus,
            io: self.settings.io,
        };
        self.previous_seconds = Some(now);
        let mut list = std::mem::take(&mut into.list);
        list.clear();
        let mut next = HashMap::with_capacity(self.known.len());
        for (pid, process) in system.processes() {
            if process.thread_kind() == Some(ThreadKind::Userland) {
                continue;
            }
            let before = self
                .known
                .get(pid)
                .filter(|known| known.start_seconds == process.start_time());
            let now_known = known(process, before, self.users.as_ref(), facts.io);
            list.push(row(*pid, process, &now_known, before, &facts));
            next.insert(*pid, now_known);
        }
        self.known = next;
        list.sort_unstable_by_key(|row| row.pid);
        *into = super::count(list);
        into.interval_seconds = facts.elapsed;
        Ok(())
    }
}

struct Facts<'a> {
    elapsed: Option<f64>,
    host: &'a HostFacts,
    memory_total_bytes: Option<u64>,
    logical_cpus: Option<u32>,
    io: bool,
}

fn known(process: &Process, before: Option<&Known>, users: Option<&Users>, io: bool) -> Known {
    let usage = process.disk_usage();
    let read = |bytes: u64| (io && bytes > 0).then_some(bytes);
    let details = details(process, users);
    Known {
        start_seconds: process.start_time(),
        cpu_ms: process.accumulated_cpu_time(),
        read_bytes: read(usage.total_read_bytes),
        write_bytes: read(usage.total_written_bytes),
        details: match before {
            Some(before) if *before.details == details => before.details.clone(),
            _ => Arc::new(details),
        },
    }
}

fn details(process: &Process, users: Option<&Users>) -> ProcessDetails {
    let text = |bytes: &[u8]| {
        let mut text = String::new();
        escape_into(bytes, &mut text);
        text
    };
    let user_id = process.effective_user_id().or(process.user_id());
    #[cfg(unix)]
    let uid = user_id.map(|uid| **uid);
    #[cfg(not(unix))]
    let uid = None;
    let user = user_id
        .zip(users)
        .and_then(|(id, users)| users.get_user_by_id(id))
        .map(|user| text(user.name().as_bytes()).into());
    let mut arguments = Vec::new();
    for argument in process.cmd() {
        if !arguments.is_empty() {
            arguments.push(0);
        }
        arguments.extend_from_slice(argument.as_encoded_bytes());
    }
    let mut masked = Vec::new();
    mask_into(&arguments, &mut masked);
    ProcessDetails {
        name: text(process.name().as_encoded_bytes()).into(),
        uid,
        user,
        cgroup: None,
        command_line: (!arguments.is_empty()).then(|| text(&masked).into()),
        is_kernel_thread: process.thread_kind() == Some(ThreadKind::Kernel),
    }
}

fn row(
    pid: Pid,
    process: &Process,
    now: &Known,
    before: Option<&Known>,
    facts: &Facts<'_>,
) -> ProcessSample {
    let core_percent = before
        .and_then(|before| now.cpu_ms.checked_sub(before.cpu_ms))
        .zip(facts.elapsed)
        .map(|(ms, seconds)| {
            let percent = ms as f64 / 10.0 / seconds;
            match facts.logical_cpus {
                Some(cpus) if cpus > 0 => percent.min(100.0 * f64::from(cpus)),
                _ => percent,
            }
        });
    let since_boot = facts
        .host
        .boot_time_seconds
        .map(|boot| (now.start_seconds as f64 - boot).max(0.0));
    let rate = |before: Option<u64>, now: Option<u64>| per_second_of(before, now, facts.elapsed);
    ProcessSample {
        pid: pid.as_u32() as i32,
        parent_pid: process.parent().map_or(0, |parent| parent.as_u32() as i32),
        // Whole seconds in ticks: with the pid it tells processes apart all the same.
        start_time_ticks: since_boot.map_or(now.start_seconds, |seconds| {
            (seconds * facts.host.clock_ticks_per_second as f64) as u64
        }),
        start_time_seconds: Some(now.start_seconds as f64),
        details: now.details.clone(),
        state: state(process.status()),
        cpu_core_percent: core_percent,
        cpu_machine_percent: core_percent
            .zip(facts.logical_cpus.filter(|cpus| *cpus > 0))
            .map(|(percent, cpus)| percent / f64::from(cpus)),
        cpu_seconds_total: now.cpu_ms as f64 / 1000.0,
        rss_bytes: process.memory(),
        memory_percent: facts
            .memory_total_bytes
            .and_then(|total| percent_of(process.memory() as f64, total as f64)),
        read_bytes_total: now.read_bytes,
        write_bytes_total: now.write_bytes,
        read_bytes_per_sec: rate(before.and_then(|b| b.read_bytes), now.read_bytes),
        write_bytes_per_sec: rate(before.and_then(|b| b.write_bytes), now.write_bytes),
        ..ProcessSample::default()
    }
}

fn state(status: ProcessStatus) -> ProcessState {
    match status {
        ProcessStatus::Run => ProcessState::Running,
        ProcessStatus::Sleep => ProcessState::Sleeping,
        ProcessStatus::UninterruptibleDiskSleep => ProcessState::DiskSleep,
        ProcessStatus::Zombie => ProcessState::Zombie,
        ProcessStatus::Stop => ProcessState::Stopped,
        ProcessStatus::Tracing => ProcessState::Tracing,
        ProcessStatus::Idle => ProcessState::Idle,
        ProcessStatus::Dead => ProcessState::Dead,
        _ => ProcessState::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_finds_itself_and_gets_rates_from_the_second_scan_on() {
        let host = HostFacts {
            clock_ticks_per_second: 100,
            page_size_bytes: 4096,
            ..HostFacts::default()
        };
        let mut scan = SysinfoScan::new(ProcessSettings::default());
        let mut table = ProcessTable::default();
        let own = |table: &ProcessTable| {
            let pid = std::process::id() as i32;
            table.list.iter().find(|row| row.pid == pid).cloned()
        };
        let at = |monotonic_seconds| Moment {
            unix_seconds: 0.0,
            monotonic_seconds,
        };
        scan.read(at(1.0), &host, Some(1 << 40), Some(2), &mut table)
            .unwrap();
        let first = own(&table).unwrap();
        assert_eq!(first.cpu_core_percent, None);
        assert!(first.rss_bytes > 0 && first.memory_percent.is_some());
        scan.read(at(2.0), &host, Some(1 << 40), Some(2), &mut table)
            .unwrap();
        let second = own(&table).unwrap();
        let percent = second.cpu_core_percent.unwrap();
        assert!((0.0..=200.0).contains(&percent));
        assert!(table.list.is_sorted_by_key(|row| row.pid));
        assert_eq!(table.interval_seconds, Some(1.0));
    }
}
