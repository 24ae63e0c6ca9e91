//! One process as it was read last, and what follows from reading it again.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::io::Errno;

use super::details::{DetailsReader, stable_name};
use super::escape::is_escaped;
use super::files::ProcFiles;
use super::io::{self, Io};
use super::stat::Stat;
use super::{ProcessDetails, ProcessExtra, ProcessSample, ProcessState};
use crate::sample::HostFacts;
use crate::sample::rates::{per_second, per_second_of, percent_of};

/// What the facts of a row are computed with.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) now: f64,
    pub(super) elapsed: Option<f64>,
    pub(super) host: &'a HostFacts,
    pub(super) memory_total_bytes: Option<u64>,
    pub(super) logical_cpus: Option<u32>,
}

/// One process as it was read last.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) pid: i32,
    pub(super) start_time_ticks: u64,
    pub(super) stat: Option<OwnedFd>,
    pub(super) io: Option<OwnedFd>,
    /// `io` was refused to this program; not asked again before it runs another one.
    pub(super) io_refused: bool,
    /// The scan from which `stat` is tried again after it was refused.
    pub(super) retry_at: u64,
    /// The scan in which it was read last.
    pub(super) read_in: u64,
    pub(super) cpu_ticks: u64,
    pub(super) children_cpu_ticks: u64,
    pub(super) io_bytes: Option<Io>,
    pub(super) start_code: u64,
    pub(super) details: Option<Arc<ProcessDetails>>,
    pub(super) details_due: bool,
    pub(super) extra: Option<ProcessExtra>,
    pub(super) extra_due: u64,
}

impl Known {
    pub(super) fn new(pid: i32) -> Known {
        Known {
            pid,
            start_time_ticks: 0,
            stat: None,
            io: None,
            io_refused: false,
            retry_at: 0,
            read_in: 0,
            cpu_ticks: 0,
            children_cpu_ticks: 0,
            io_bytes: None,
            start_code: 0,
            details: None,
            details_due: false,
            extra: None,
            extra_due: 0,
        }
    }
}

/// Reads the details anew when the process runs another program than before. An ended one
/// keeps those that it had: the kernel has dropped them.
pub(super) fn update_details(
    reader: &mut DetailsReader,
    files: &mut ProcFiles,
    known: &mut Known,
    stat: &Stat<'_>,
    now: f64,
) {
    if let Some(details) = &known.details {
        let has_ended = matches!(stat.state, ProcessState::Zombie | ProcessState::Dead);
        let another = known.details_due
            || known.start_code != stat.start_code
            || !is_escaped(stable_name(stat), &details.name);
        if has_ended || !another {
            return;
        }
    }
    known.start_code = stat.start_code;
    known.details_due = false;
    let details = reader.read(files, known.pid, stat, known.details.as_deref(), now);
    if known.details.as_deref() != Some(&details) {
        known.io_refused = false;
        known.details = Some(Arc::new(details));
    }
}

/// Reads `io`; a refusal is remembered.
pub(super) fn read_io(files: &mut ProcFiles, known: &mut Known, line: &mut [u8]) -> Option<Io> {
    match files.read_line(known.pid, "io", &mut known.io, line) {
        Ok(text) => io::parse(text),
        Err(Errno::ACCESS | Errno::PERM) => {
            files.close(&mut known.io);
            known.io_refused = true;
            None
        }
        // Gone in between, or a kernel without accounting: there is nothing to show.
        Err(_) => None,
    }
}

/// Writes the row of a process from what was read now and before.
pub(super) fn fill(
    row: &mut ProcessSample,
    known: &Known,
    stat: &Stat<'_>,
    io_bytes: Option<Io>,
    elapsed: Option<f64>,
    facts: &Facts<'_>,
) {
    let ticks_per_second = facts.host.clock_ticks_per_second.max(1) as f64;
    let cpus = facts.logical_cpus.filter(|cpus| *cpus > 0).map(f64::from);
    let ticks = elapsed.and_then(|_| stat.cpu_ticks.checked_sub(known.cpu_ticks));
    let core_percent = ticks.zip(elapsed).map(|(ticks, seconds)| {
        let percent = 100.0 * ticks as f64 / ticks_per_second / seconds;
        // Times come in whole ticks: over a short interval they can exceed what there is.
        cpus.map_or(percent, |cpus| percent.min(100.0 * cpus))
    });
    let rss = stat.rss_pages.saturating_mul(facts.host.page_size_bytes);
    let (read_before, write_before) = totals(known.io_bytes);
    let (read, write) = totals(io_bytes);
    // Every field is named, so that none of the row that stood here before remains.
    let ProcessSample {
        pid,
        parent_pid,
        session_id,
        start_time_ticks,
        start_time_seconds,
        details,
        state,
        cpu_core_percent,
        cpu_machine_percent,
        cpu_seconds_total,
        children_cpu_seconds_total,
        children_cpu_core_percent,
        rss_bytes,
        memory_percent,
        threads,
        nice,
        major_faults_total,
        read_bytes_total,
        write_bytes_total,
        read_bytes_per_sec,
        write_bytes_per_sec,
        extra,
    } = row;
    *pid = known.pid;
    *parent_pid = stat.parent_pid;
    *session_id = Some(stat.session_id);
    *start_time_ticks = stat.start_time_ticks;
    *start_time_seconds = facts
        .host
        .boot_time_seconds
        .map(|boot| boot + stat.start_time_ticks as f64 / ticks_per_second);
    if let Some(own) = &known.details
        && !Arc::ptr_eq(own, details)
    {
        *details = own.clone();
    }
    *state = stat.state;
    *cpu_core_percent = core_percent;
    *cpu_machine_percent = core_percent.zip(cpus).map(|(percent, cpus)| percent / cpus);
    *cpu_seconds_total = stat.cpu_ticks as f64 / ticks_per_second;
    *children_cpu_seconds_total = Some(stat.children_cpu_ticks as f64 / ticks_per_second);
    *children_cpu_core_percent =
        per_second(known.children_cpu_ticks, stat.children_cpu_ticks, elapsed)
            .map(|ticks| 100.0 * ticks / ticks_per_second);
    *rss_bytes = rss;
    *memory_percent = facts
        .memory_total_bytes
        .and_then(|total| percent_of(rss as f64, total as f64));
    *threads = Some(stat.threads);
    *nice = Some(stat.nice);
    *major_faults_total = Some(stat.major_faults);
    *read_bytes_total = read;
    *write_bytes_total = write;
    *read_bytes_per_sec = per_second_of(read_before, read, elapsed);
    *write_bytes_per_sec = per_second_of(write_before, write, elapsed);
    *extra = None;
}

fn totals(io: Option<Io>) -> (Option<u64>, Option<u64>) {
    (io.map(|io| io.read_bytes), io.map(|io| io.write_bytes))
}
