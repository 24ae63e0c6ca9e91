//! One process of a state by its pid, with its details, and how many there are.

use std::ffi::c_char;
use std::mem::offset_of;

use usm_core::Error;
use usm_core::sample::{ProcessSample, ProcessTable};

use crate::failure::Failure;
use crate::forecast::number;
use crate::guard::guard;
use crate::history_state::{Moment, at, usm_state};
use crate::plain::{self, PlainSize};
use crate::process::{SINGLE, usm_process};
use crate::state_part::Known;
use crate::status::usm_status;

/// Bit of usm_process_counts.present: total.
pub const USM_PROCESS_COUNTS_TOTAL: u32 = 0;
/// Bit of usm_process_counts.present: running.
pub const USM_PROCESS_COUNTS_RUNNING: u32 = 1;
/// Bit of usm_process_counts.present: sleeping.
pub const USM_PROCESS_COUNTS_SLEEPING: u32 = 2;
/// Bit of usm_process_counts.present: disk_sleep.
pub const USM_PROCESS_COUNTS_DISK_SLEEP: u32 = 3;
/// Bit of usm_process_counts.present: stopped.
pub const USM_PROCESS_COUNTS_STOPPED: u32 = 4;
/// Bit of usm_process_counts.present: zombie.
pub const USM_PROCESS_COUNTS_ZOMBIE: u32 = 5;
/// Bit of usm_process_counts.present: threads.
pub const USM_PROCESS_COUNTS_THREADS: u32 = 6;

/// How many processes there are of each kind.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_process_counts {
    /// sizeof(usm_process_counts) in the caller's program, as usm_process_counts_init() sets
    /// it.
    pub struct_size: u32,
    /// 1 when this sample had no scan, to keep the overhead budget or by the setting
    /// "process_scan", and the last one is shown; else 0.
    pub is_stale: u32,
    /// Bit USM_PROCESS_COUNTS_... is set when that whole number is known.
    pub present: u64,
    /// Processes that may be seen.
    pub total: u64,
    /// Running or ready to run.
    pub running: u64,
    /// Sleeping or idle.
    pub sleeping: u64,
    /// In an uninterruptible wait, mostly for a disk.
    pub disk_sleep: u64,
    /// Stopped or traced.
    pub stopped: u64,
    /// Ended but not collected.
    pub zombie: u64,
    /// Threads of all of them.
    pub threads: u64,
    /// Between this scan and the one before, the base of the rates, seconds; NaN in the first
    /// one.
    pub interval_seconds: f64,
}

const PROCESS_COUNTS: PlainSize = PlainSize {
    least: offset_of!(usm_process_counts, sleeping),
    allowed: "sizeof(usm_process_counts); call usm_process_counts_init() first",
};

/// Bit of usm_process_details.present: session_id.
pub const USM_PROCESS_DETAILS_SESSION_ID: u32 = 0;
/// Bit of usm_process_details.present: major_faults_total.
pub const USM_PROCESS_DETAILS_MAJOR_FAULTS_TOTAL: u32 = 1;
/// Bit of usm_process_details.present: read_bytes_total.
pub const USM_PROCESS_DETAILS_READ_BYTES_TOTAL: u32 = 2;
/// Bit of usm_process_details.present: write_bytes_total.
pub const USM_PROCESS_DETAILS_WRITE_BYTES_TOTAL: u32 = 3;
/// Bit of usm_process_details.present: pss_bytes.
pub const USM_PROCESS_DETAILS_PSS_BYTES: u32 = 4;
/// Bit of usm_process_details.present: open_files.
pub const USM_PROCESS_DETAILS_OPEN_FILES: u32 = 5;

/// What usm_process lacks of a process. A text or number that is not known is NULL or NaN, a
/// whole number has its bit in `present` cleared (ask by usm_is_present()). Its texts live as
/// long as the state.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_process_details {
    /// sizeof(usm_process_details) in the caller's program, as usm_process_details_init() sets
    /// it.
    pub struct_size: u32,
    /// Process id.
    pub pid: i32,
    /// Bit USM_PROCESS_DETAILS_... is set when that whole number is known.
    pub present: u64,
    /// Name of the program, not cut.
    pub name: *const c_char,
    /// User name.
    pub user: *const c_char,
    /// Path of its control group.
    pub cgroup: *const c_char,
    /// Command line with secrets masked, arguments joined by blanks; NULL for a thread of the
    /// kernel.
    pub command_line: *const c_char,
    /// Start in clock ticks after boot; with the pid it identifies the process.
    pub start_time_ticks: u64,
    /// Session id.
    pub session_id: u64,
    /// CPU time of its children that ended and were collected, seconds.
    pub children_cpu_seconds_total: f64,
    /// The same since the sample before, percent of one core.
    pub children_cpu_core_percent: f64,
    /// Page faults that needed a disk, since its start.
    pub major_faults_total: u64,
    /// Bytes read from storage since its start.
    pub read_bytes_total: u64,
    /// Bytes sent to storage since its start.
    pub write_bytes_total: u64,
    /// Resident memory, shared pages counted by share; only for the few of the setting
    /// "process_extra_count"; usm_monitor_process_extra() reads it of any.
    pub pss_bytes: u64,
    /// Open file descriptors; as pss_bytes.
    pub open_files: u64,
}

const PROCESS_DETAILS: PlainSize = PlainSize {
    least: offset_of!(usm_process_details, cgroup),
    allowed: "sizeof(usm_process_details); call usm_process_details_init() first",
};

/// Copies how many processes there are.
///
/// - counts: filled as far as its struct_size goes; see usm_process_counts_init().
///
/// Returns: USM_OK, also before the first sample, when nothing is known;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_process_counts(
    state: *const usm_state,
    counts: *mut usm_process_counts,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        let make = |struct_size| {
            usm_process_counts::of(moment.part(|sample| &sample.processes), struct_size)
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(counts, "counts", PROCESS_COUNTS, make) }
    })
}

/// Copies one process of a state. All of them: usm_state_top_processes().
///
/// - pid: process id.
/// - process: filled as far as its struct_size goes; see usm_process_init().
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND when the state has no such process;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_process(
    state: *const usm_state,
    pid: i32,
    process: *mut usm_process,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::check(process, "process", SINGLE)? };
        let (_, found) = process_of(&moment, pid)?;
        // Of a single struct the size stays as the caller set it.
        let make = |struct_size: u32| usm_process {
            struct_size,
            ..usm_process::of(found, struct_size as usize)
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(process, "process", SINGLE, make) }
    })
}

/// Copies what else is known of one process of a state. Its texts live as long as the state.
///
/// - pid: process id.
/// - details: filled as far as its struct_size goes; see usm_process_details_init().
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND when the state has no such process;
/// USM_ERR_INVALID_ARGUMENT for a struct_size that no version of this header has.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_state_process_details(
    state: *const usm_state,
    pid: i32,
    details: *mut usm_process_details,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let moment = unsafe { at(state)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::check(details, "details", PROCESS_DETAILS)? };
        let (at, found) = process_of(&moment, pid)?;
        let make = |struct_size: u32| usm_process_details::of(&moment, at, found, struct_size);
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::fill(details, "details", PROCESS_DETAILS, make) }
    })
}

/// The process and its place in the list, which is sorted by pid.
fn process_of(moment: &Moment, pid: i32) -> Result<(usize, &ProcessSample), Failure> {
    let list = moment.list(|sample| &sample.processes.list);
    let mut places = list.iter().enumerate();
    places
        .find(|(_, process)| process.pid == pid)
        .ok_or_else(|| {
            let what = format!("process {pid} in this state");
            Error::io(what, std::io::ErrorKind::NotFound).into()
        })
}

impl usm_process_counts {
    fn of(table: Option<&ProcessTable>, struct_size: u32) -> usm_process_counts {
        let mut known = Known::default();
        let mut filled = usm_process_counts {
            struct_size,
            is_stale: table.is_some_and(|table| table.stale).into(),
            present: 0,
            total: known.count(
                USM_PROCESS_COUNTS_TOTAL,
                table.map(|table| table.total as u64),
            ),
            running: known.count(
                USM_PROCESS_COUNTS_RUNNING,
                table.map(|table| table.running as u64),
            ),
            sleeping: known.count(
                USM_PROCESS_COUNTS_SLEEPING,
                table.map(|table| table.sleeping as u64),
            ),
            disk_sleep: known.count(
                USM_PROCESS_COUNTS_DISK_SLEEP,
                table.map(|table| table.disk_sleep as u64),
            ),
            stopped: known.count(
                USM_PROCESS_COUNTS_STOPPED,
                table.map(|table| table.stopped as u64),
            ),
            zombie: known.count(
                USM_PROCESS_COUNTS_ZOMBIE,
                table.map(|table| table.zombie as u64),
            ),
            threads: known.count(
                USM_PROCESS_COUNTS_THREADS,
                table.and_then(|table| table.threads),
            ),
            interval_seconds: number(table.and_then(|table| table.interval_seconds)),
        };
        filled.present = known.bits();
        filled
    }
}

impl usm_process_details {
    fn of(
        moment: &Moment,
        at: usize,
        process: &ProcessSample,
        struct_size: u32,
    ) -> usm_process_details {
        let told = &process.details;
        let texts = [
            Some(&*told.name),
            told.user.as_deref(),
            told.cgroup.as_deref(),
            told.command_line.as_deref(),
        ];
        let rows = moment.list(|sample| &sample.processes.list).len();
        let [name, user, cgroup, command_line] = moment.texts.processes.row(rows, at, texts);
        let mut known = Known::default();
        let mut filled = usm_process_details {
            struct_size,
            pid: process.pid,
            present: 0,
            name,
            user,
            cgroup,
            command_line,
            start_time_ticks: process.start_time_ticks,
            session_id: known.count(
                USM_PROCESS_DETAILS_SESSION_ID,
                process.session_id.map(|id| id as u64),
            ),
            children_cpu_seconds_total: number(process.children_cpu_seconds_total),
            children_cpu_core_percent: number(process.children_cpu_core_percent),
            major_faults_total: known.count(
                USM_PROCESS_DETAILS_MAJOR_FAULTS_TOTAL,
                process.major_faults_total,
            ),
            read_bytes_total: known.count(
                USM_PROCESS_DETAILS_READ_BYTES_TOTAL,
                process.read_bytes_total,
            ),
            write_bytes_total: known.count(
                USM_PROCESS_DETAILS_WRITE_BYTES_TOTAL,
                process.write_bytes_total,
            ),
            pss_bytes: known.count(
                USM_PROCESS_DETAILS_PSS_BYTES,
                process.extra.and_then(|extra| extra.pss_bytes),
            ),
            open_files: known.count(
                USM_PROCESS_DETAILS_OPEN_FILES,
                process.extra.and_then(|extra| extra.open_files),
            ),
        };
        filled.present = known.bits();
        filled
    }
}
