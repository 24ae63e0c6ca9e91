//! The monitor of a data folder that runs in the background: looking at it, starting it and
//! stopping it.

use std::ffi::{CStr, OsStr, OsString, c_char};
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;

use usm_core::Error;
use usm_core::service::{self, ServiceStatus, Started, Stopped};

use crate::failure::Failure;
use crate::folder;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::monitor::timeout;
use crate::plain::{self, PlainSize};
use crate::status::usm_status;
use crate::text;

/// None ran.
pub const USM_SERVICE_NOT_RUNNING: u32 = 0;
/// It ran, and has ended as it was asked to.
pub const USM_SERVICE_STOPPED: u32 = 1;
/// It ran, and had to be killed: what it had not written yet is lost.
pub const USM_SERVICE_KILLED: u32 = 2;

/// Most words of a command; more than a system would take.
const MOST_WORDS: usize = 65_536;

/// The monitor in the background of a data folder, as usm_service_status() finds it. While none
/// runs, the numbers are what the last one said.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_service_info {
    /// sizeof(usm_service_info) in the caller's program, as usm_service_info_init() sets it.
    pub struct_size: u32,
    /// 1 when a process monitors for the folder, else 0.
    pub running: i32,
    /// 1 when it has begun to monitor, else 0.
    pub ready: i32,
    /// 1 when it runs where its pid means nothing here: in another container or on another
    /// machine; else 0.
    pub elsewhere: i32,
    /// 1 when none runs and the last one did not end in good order, else 0.
    pub fell_silent: i32,
    /// 1 when the machine was started since it fell silent, else 0.
    pub rebooted: i32,
    /// 1 when it acts by itself, else 0.
    pub auto_optimize: i32,
    /// 1 when it only says what it would do, else 0.
    pub demo: i32,
    /// Its process, of the last one when none runs; -1 when there never was one.
    pub pid: i32,
    /// 0.
    pub reserved: u32,
    /// When it began, seconds since 1970; NaN when it is not known.
    pub started_at: f64,
    /// When it last said how it fares; NaN when it has not yet.
    pub heard_at: f64,
    /// When it ended in good order; NaN while it runs, and when it did not.
    pub ended_at: f64,
    /// Time of its newest state; NaN before the first.
    pub state_at: f64,
    /// Seconds between two states; NaN when it is not known.
    pub refresh_interval: f64,
    /// Number of its newest state, from 1; NaN before the first.
    pub sequence: f64,
    /// Rows that it has written into the database; NaN when it is not known.
    pub rows_written: f64,
    /// Rows that wait in memory; NaN when it is not known.
    pub rows_waiting: f64,
    /// Size of the database; NaN when it is not known.
    pub store_bytes: f64,
    /// What it costs, percent of one core; NaN when it is not known.
    pub cpu_core_percent: f64,
    /// Memory of its process; NaN when it is not known.
    pub rss_bytes: f64,
    /// Alerts that fire; NaN when it has not said yet.
    pub alerts_firing: f64,
}

const INFO: PlainSize = PlainSize {
    least: offset_of!(usm_service_info, refresh_interval),
    allowed: "sizeof(usm_service_info); call usm_service_info_init() first",
};

/// Looks at the monitor of a data folder. Nothing is made, and nobody is disturbed.
///
/// - folder: the data folder; NULL for the default one.
/// - info: filled as far as its struct_size goes; see usm_service_info_init().
///
/// Returns: USM_OK, also when none runs and when there is no such folder;
/// USM_ERR_INVALID_ARGUMENT; USM_ERR_INVALID_STATE when there is no default folder, or when the
/// lock is held by who does not say who it is; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and the
/// like; USM_ERR_INVALID_UTF8.
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_status(
    folder: *const c_char,
    info: *mut usm_service_info,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { plain::check(info, "info", INFO)? };
        let found = service::status(&folder)?;
        // SAFETY: as above.
        unsafe { give(info, &found) }
    })
}

/// Looks at the monitor of a data folder, and gives all that it says of itself as JSON: "running",
/// "folder", "elsewhere", "silence" (how the last one fell silent, or null) and "record" (what
/// it says of itself: "pid", "started_at", "version", "command", "log", "refresh_interval",
/// "auto_optimize", "demo", "ready", "beat", "settings_read_at", "settings_error", "ended"; null
/// when there never was one).
///
/// - folder: the data folder; NULL for the default one.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: as usm_service_status().
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_status_json(
    folder: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        *json = text::give(text::json(&service::status(&folder)?)?)?;
        Ok(())
    })
}

/// Runs a command as the monitor of a data folder in the background, and waits until it is
/// ready. The library itself is no such monitor: the command is to be one that takes the
/// folder's lock, as `usm monitor --foreground` does, and a program with
/// usm_service_hold_take(). It runs in a session of its own, without input, with "/" as its
/// folder, with the data folder in USM_DATA_DIR, and what it prints is added to the log in that
/// folder; it goes on when the caller ends. The folder is made where it is missing.
///
/// - folder: the data folder; NULL for the default one.
/// - command: the program and its arguments; a program without "/" is looked for in PATH. NULL
///   for `usm monitor --foreground`, with the `usm` that is beside the running program, if it is
///   of the same owner or root's, else the one in PATH: then usm must be installed.
/// - words: how many texts `command` has; 0 when it is NULL.
/// - wait_seconds: longest wait, 0 or more; INFINITY waits for ever.
/// - is_new: takes 1 when it was started, 0 when one ran already and nothing was done; NULL when
///   that is not wanted.
/// - info: filled with the one that runs now; see usm_service_info_init(). NULL when it is not
///   wanted.
///
/// Returns: USM_OK, also when one ran already; USM_ERR_INVALID_STATE with what it said when it
/// ended instead; USM_ERR_TIMED_OUT when it is not ready by then (it goes on);
/// USM_ERR_NOT_FOUND when there is no such program; USM_ERR_PERMISSION_DENIED, USM_ERR_REFUSED,
/// USM_ERR_IO and the like for program, folder and log; USM_ERR_INVALID_ARGUMENT;
/// USM_ERR_INVALID_UTF8 for the folder: the command may be any bytes.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_start(
    folder: *const c_char,
    command: *const *const c_char,
    words: usize,
    wait_seconds: f64,
    is_new: *mut i32,
    info: *mut usm_service_info,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        // SAFETY: by the contract of the header: NULL, or so many texts.
        let command = unsafe { command_of(command, words)? };
        let is_new = match is_new.is_null() {
            true => None,
            // SAFETY: by the contract of the header: a variable of the caller's.
            false => Some(unsafe { out(is_new, "is_new")? }),
        };
        if !info.is_null() {
            // SAFETY: by the contract of the header: a struct of the caller's.
            unsafe { plain::check(info, "info", INFO)? };
        }
        let (status, was_started) = match service::start(&folder, &command, timeout(wait_seconds)?)?
        {
            Started::Now(status) => (status, true),
            Started::AlreadyRunning(status) => (status, false),
        };
        if let Some(is_new) = is_new {
            is_new.write(was_started.into());
        }
        match info.is_null() {
            true => Ok(()),
            // SAFETY: as above.
            false => unsafe { give(info, &status) },
        }
    })
}

/// Asks the monitor of a data folder to end (SIGTERM), and waits until it has. No process is
/// signalled but the one that holds the folder's lock.
///
/// - folder: the data folder; NULL for the default one.
/// - patience_seconds: longest wait, 0 or more; INFINITY waits for ever.
/// - force: any number but 0: when it has not ended by then, it is killed.
/// - what: takes USM_SERVICE_...; NULL when it is not wanted.
///
/// Returns: USM_OK, also when none ran; USM_ERR_TIMED_OUT when it has not ended by then (it is
/// still asked to); USM_ERR_REFUSED when the process can't be the one that is meant, or runs
/// elsewhere; USM_ERR_PERMISSION_DENIED for another user's; USM_ERR_UNSUPPORTED before Linux
/// 5.3; USM_ERR_INVALID_ARGUMENT; otherwise as usm_service_status().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_stop(
    folder: *const c_char,
    patience_seconds: f64,
    force: i32,
    what: *mut u32,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        let patience = timeout(patience_seconds)?;
        let what = match what.is_null() {
            true => None,
            // SAFETY: by the contract of the header: a variable of the caller's.
            false => Some(unsafe { out(what, "what")? }),
        };
        let stopped = match force {
            0 => service::stop(&folder, patience)?,
            _ => service::kill(&folder, patience)?,
        };
        if let Some(what) = what {
            what.write(match stopped {
                Stopped::NotRunning(_) => USM_SERVICE_NOT_RUNNING,
                Stopped::Stopped { killed: false, .. } => USM_SERVICE_STOPPED,
                Stopped::Stopped { killed: true, .. } => USM_SERVICE_KILLED,
            });
        }
        Ok(())
    })
}

/// Gives the last lines of the log of a data folder's monitor.
///
/// - folder: the data folder; NULL for the default one.
/// - most: how many lines at most.
/// - lines: takes the text, to be freed by usm_string_free(); empty when there is no log.
///
/// Returns: as usm_service_status(); USM_ERR_REFUSED when the log is a link.
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_service_log(
    folder: *const c_char,
    most: usize,
    lines: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let lines = unsafe { out_pointer(lines, "lines")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        *lines = text::kept(&service::last_lines(&folder, most)?.join("\n")).into_raw();
        Ok(())
    })
}

/// # Safety
/// As for [`plain::fill`].
unsafe fn give(info: *mut usm_service_info, found: &ServiceStatus) -> Result<(), Failure> {
    let make = |struct_size| usm_service_info::of(found, struct_size);
    // SAFETY: by this function's contract.
    unsafe { plain::fill(info, "info", INFO, make) }
}

/// A command from the caller; NULL for the usual one.
///
/// # Safety
/// `command` is NULL or has `words` texts, each NULL or with a NUL byte at its end.
unsafe fn command_of(
    command: *const *const c_char,
    words: usize,
) -> Result<Vec<OsString>, Failure> {
    if command.is_null() {
        return match words {
            0 => Ok(service::usual_command()),
            _ => Err(Failure::null("command")),
        };
    }
    if !(1..=MOST_WORDS).contains(&words) {
        let allowed = "the program and its arguments, at least one word";
        return Err(Error::invalid("words", words, allowed).into());
    }
    if !command.is_aligned() {
        return Err(Failure::unaligned("command"));
    }
    // SAFETY: aligned, and so many by this function's contract.
    let words = unsafe { std::slice::from_raw_parts(command, words) };
    let words = words.iter().map(|word| match word.is_null() {
        true => Err(Failure::null("command")),
        // SAFETY: by this function's contract it ends with a NUL byte.
        false => Ok(OsStr::from_bytes(unsafe { CStr::from_ptr(*word) }.to_bytes()).to_owned()),
    });
    words.collect()
}

impl usm_service_info {
    fn of(status: &ServiceStatus, struct_size: u32) -> usm_service_info {
        let (record, beat) = (status.record.as_ref(), status.beat());
        let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let whole = |value: Option<u64>| value.map_or(f64::NAN, |value| value as f64);
        usm_service_info {
            struct_size,
            running: status.running.into(),
            ready: record
                .is_some_and(|record| status.running && record.ready)
                .into(),
            elsewhere: status.elsewhere.into(),
            fell_silent: status.silence.is_some().into(),
            rebooted: status
                .silence
                .as_ref()
                .is_some_and(|silence| silence.rebooted)
                .into(),
            auto_optimize: record.is_some_and(|record| record.auto_optimize).into(),
            demo: record.is_some_and(|record| record.demo).into(),
            pid: record.map_or(-1, |record| record.pid()),
            reserved: 0,
            started_at: known(record.map(|record| record.started_at)),
            heard_at: known(beat.map(|beat| beat.at)),
            ended_at: known(status.ended().map(|ended| ended.at)),
            state_at: known(beat.and_then(|beat| beat.state_at)),
            refresh_interval: known(record.map(|record| record.refresh_interval)),
            sequence: whole(beat.map(|beat| beat.sequence).filter(|number| *number > 0)),
            rows_written: whole(beat.and_then(|beat| beat.rows_written)),
            rows_waiting: whole(beat.and_then(|beat| beat.rows_waiting)),
            store_bytes: whole(beat.and_then(|beat| beat.store_bytes)),
            cpu_core_percent: known(beat.and_then(|beat| beat.cpu_core_percent)),
            rss_bytes: whole(beat.and_then(|beat| beat.rss_bytes)),
            alerts_firing: whole(beat.map(|beat| beat.alerts_firing as u64)),
        }
    }
}
