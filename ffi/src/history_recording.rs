//! Recordings: made live, taken out of a history, or made of text.

use std::ffi::{c_char, c_void};
use std::fs::File;
use std::io::BufReader;
use std::mem::offset_of;
use std::path::Path;

use usm_core::history::{Names, RecordingSummary, TextFormat, import};
use usm_core::{Config, Error, Recorder};

use crate::config::{copy_of, usm_config};
use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{
    Held, LAST_USE_PATIENCE, Opaque, Taken, new_handle, open, out, out_pointer, take,
};
use crate::history::{at as history_at, usm_history};
use crate::history_query::end_of;
use crate::history_state::{Moment, usm_state};
use crate::monitor::timeout;
use crate::plain::{self, PlainSize};
use crate::progress::{Caller, usm_progress_callback};
use crate::status::usm_status;
use crate::text;

/// Text as usm_table_csv() gives it.
pub const USM_TEXT_CSV: u32 = 0;
/// Text as usm_table_json() gives it.
pub const USM_TEXT_JSON: u32 = 1;

/// Records this host into a file. Made by usm_recorder_start(), ended by usm_recorder_finish()
/// or usm_recorder_free(). Any number of threads may use it at the same time.
pub struct usm_recorder {
    _opaque: (),
}

impl Opaque for usm_recorder {
    type Value = Recording;
    const MAGIC: u64 = 0x7573_6d20_7265_636f;
    const NAME: &'static str = "usm_recorder";
}

/// A recorder at work.
pub(crate) struct Recording {
    recorder: Recorder,
    /// Process that made it.
    owner: u32,
}

// What the header promises of threads.
const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<Recording>();
};

/// What a recording holds.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_recording_summary {
    /// sizeof(usm_recording_summary) in the caller's program, as
    /// usm_recording_summary_init() sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Samples.
    pub samples: u64,
    /// Time of the first, seconds since 1970; NaN without any.
    pub first: f64,
    /// Time of the last, seconds since 1970; NaN without any.
    pub last: f64,
    /// Size of the file.
    pub bytes: u64,
}

const SUMMARY: PlainSize = PlainSize {
    least: offset_of!(usm_recording_summary, first),
    allowed: "sizeof(usm_recording_summary); call usm_recording_summary_init() first",
};

/// What usm_history_extract() takes out. Begin with `usm_extract_options options =
/// USM_EXTRACT_OPTIONS_INIT;`: everything, with all names.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_extract_options {
    /// sizeof(usm_extract_options) in the caller's program.
    pub struct_size: u32,
    /// 1: names of processes, users, control groups, hosts, mounts and interfaces are replaced
    /// by numbered ones (the same name by the same number), and command lines are left out;
    /// names that every machine has ("/", "lo", "eth0", "root") stay. 0: all stay as they are.
    pub mask_names: i32,
    /// From this time on, seconds since 1970; 0 for the beginning.
    pub since: f64,
    /// To before this time, seconds since 1970; 0 for the end.
    pub until: f64,
    /// Told of the progress in thousandths; may be NULL.
    pub progress: usm_progress_callback,
    /// Handed to the callback; may be NULL.
    pub user_data: *mut c_void,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_extract_options, since),
    allowed: "sizeof(usm_extract_options); begin with USM_EXTRACT_OPTIONS_INIT",
};

/// What NULL stands for.
const EVERYTHING: usm_extract_options = usm_extract_options {
    struct_size: size_of::<usm_extract_options>() as u32,
    mask_names: 0,
    since: 0.0,
    until: 0.0,
    progress: None,
    user_data: std::ptr::null_mut(),
};

/// Starts recording this host into a new file, on a thread of its own. The file is a database
/// that usm_history_open() and usm_replay_open() read, also while it is being written.
///
/// - config: the settings, copied ("data_dir" and "store_enabled" have no meaning here); NULL
///   for the defaults overridden by the environment.
/// - path: the file, which must not exist.
/// - recorder: takes the handle, to be ended by usm_recorder_finish().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a setting; USM_ERR_INVALID_UTF8; USM_ERR_IO
/// and the like when the file exists or can't be made; USM_ERR_STORE when it can't be written;
/// otherwise as usm_monitor_new() and usm_monitor_start().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recorder_start(
    config: *const usm_config,
    path: *const c_char,
    recorder: *mut *mut usm_recorder,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let handle = unsafe { out_pointer(recorder, "recorder")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        let config = match config.is_null() {
            true => Config::layered(None)?,
            // SAFETY: by the contract of the header: a handle.
            false => unsafe { copy_of(config)? },
        };
        *handle = new_handle(Recording {
            recorder: Recorder::start(config, path)?,
            owner: std::process::id(),
        })?;
        Ok(())
    })
}

/// Waits until a state newer than a given one is recorded; see usm_monitor_wait().
///
/// - after_sequence: number of the state that is known; 0 for none.
/// - timeout_seconds: longest wait, 0 or more; INFINITY waits for ever.
/// - sequence: takes the number of the newest state; NULL when it is not wanted.
///
/// Returns: as usm_monitor_wait().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recorder_wait(
    recorder: *const usm_recorder,
    after_sequence: u64,
    timeout_seconds: f64,
    sequence: *mut u64,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let recorder = unsafe { at(recorder)? };
        let monitor = recorder.monitor();
        let state = monitor.wait_for_state(after_sequence, timeout(timeout_seconds)?)?;
        if !sequence.is_null() {
            // SAFETY: by the contract of the header: a variable of the caller's.
            unsafe { out(sequence, "sequence")? }.write(state.sequence);
        }
        Ok(())
    })
}

/// Gives the newest state that was recorded.
///
/// - state: takes the state, to be ended by usm_state_free().
///
/// Returns: USM_OK, also before the first sample; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recorder_state(
    recorder: *const usm_recorder,
    state: *mut *mut usm_state,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let state = unsafe { out_pointer(state, "state")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let recorder = unsafe { at(recorder)? };
        let monitor = recorder.monitor();
        *state = new_handle(Moment::sampled(monitor.state()))?;
        Ok(())
    })
}

/// Ends a recording: stops, packs what is open, and leaves one file without side files.
///
/// - recorder: address of the handle, which is set to NULL, also when the call fails.
/// - summary: filled as far as its struct_size goes; begin with usm_recording_summary_init().
///   NULL when it is not wanted.
///
/// Returns: USM_OK, also for a NULL handle, whose recording holds nothing; USM_ERR_STORE with
/// the cause when not everything could be written; USM_ERR_TIMED_OUT when another thread does not
/// leave the recorder within 5 seconds, and finishes it then; USM_ERR_INVALID_HANDLE;
/// USM_ERR_INVALID_ARGUMENT for a struct_size, and nothing is done; USM_ERR_FORKED, where the recording stays the parent's.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recorder_finish(
    recorder: *mut *mut usm_recorder,
    summary: *mut usm_recording_summary,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { check_summary(summary)? };
        // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
        let found = match unsafe { take(recorder, "recorder")? } {
            Some(recording) => finish(recording)?,
            None => RecordingSummary::default(),
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { tell_summary(summary, &found) }
    })
}

/// Ends a recording as usm_recorder_finish() does, for who does not want to know how it went.
///
/// - recorder: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recorder_free(recorder: *mut *mut usm_recorder) {
    guard_value((), || {
        // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
        match unsafe { take(recorder, "recorder")? } {
            Some(recording) => finish(recording).map(drop),
            None => Ok(()),
        }
    });
}

/// Writes a part of a history into a new recording, to keep, to send, or to attach to a bug
/// report. Others may use the history meanwhile.
///
/// - path: the recording's file, which must not exist.
/// - options: NULL for everything, with all names.
/// - summary: filled as far as its struct_size goes; NULL when it is not wanted.
/// - notes: takes what could not be read of the history (torn blocks) and so is missing, a
///   line for each, to be freed by usm_string_free(); empty when nothing is. NULL when it is
///   not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when the file exists, or for an option;
/// USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_INVALID_STATE when the
/// callback ended it, or for a monitor that keeps no history or was freed; USM_ERR_IO and the
/// like; USM_ERR_STORE; USM_ERR_INVALID_UTF8; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_history_extract(
    history: *const usm_history,
    path: *const c_char,
    options: *const usm_extract_options,
    summary: *mut usm_recording_summary,
    notes: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        let notes = match notes.is_null() {
            true => None,
            // SAFETY: by the contract of the header: a variable of the caller's.
            false => Some(unsafe { out_pointer(notes, "notes")? }),
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { check_summary(summary)? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let source = unsafe { history_at(history)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        let options = match options.is_null() {
            true => EVERYTHING,
            // SAFETY: by the contract of the header: a struct of the caller's.
            false => unsafe { plain::read(options, "options", OPTIONS, EVERYTHING)? },
        };
        let caller = Caller::new(options.progress, options.user_data);
        let found = source.reopened()?.extract(
            Path::new(path),
            options.since,
            end_of(options.until),
            match options.mask_names {
                0 => Names::Kept,
                _ => Names::Masked,
            },
            &mut |share| !caller.tell("extracting", path, (share * 1000.0) as u64, 1000),
        )?;
        if let Some(notes) = notes {
            *notes = text::kept(&found.notes.join("\n")).into_raw();
        }
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { tell_summary(summary, &found) }
    })
}

/// Makes a recording of a table in text. Only metrics that this library knows are understood.
///
/// - from: the file that holds the text.
/// - format: USM_TEXT_...
/// - to: the recording's file, which must not exist.
/// - summary: filled as far as its struct_size goes; NULL when it is not wanted.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with line and column for what can't be read, for
/// a series that is not known, and for times that do not ascend; USM_ERR_NOT_FOUND and the
/// like for the files; USM_ERR_STORE; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_recording_import(
    from: *const c_char,
    format: u32,
    to: *const c_char,
    summary: *mut usm_recording_summary,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { check_summary(summary)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let (from, to) = unsafe { (text::read(from, "from")?, text::read(to, "to")?) };
        let format = match format {
            USM_TEXT_CSV => TextFormat::Csv,
            USM_TEXT_JSON => TextFormat::Json,
            other => return Err(Error::invalid("format", other, "one of USM_TEXT_...").into()),
        };
        let file = File::open(from).map_err(|source| Error::io(from, source))?;
        let found = import(&mut BufReader::new(file), format, Path::new(to))?;
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        unsafe { tell_summary(summary, &found) }
    })
}

impl Recording {
    fn check_process(&self) -> Result<(), Failure> {
        match self.owner == std::process::id() {
            true => Ok(()),
            false => Err(Error::Forked { owner: self.owner }.into()),
        }
    }
}

/// Ends a recording whose handle has ended.
fn finish(recording: Taken<Recording>) -> Result<RecordingSummary, Failure> {
    // In a forked child only the memory is the child's.
    recording.check_process()?;
    // Wakes whoever waits for a state of it, so that it is ours alone.
    recording.recorder.monitor().close()?;
    match recording.into_value(LAST_USE_PATIENCE) {
        Ok(recording) => Ok(recording.recorder.finish()?),
        Err(_) => Err(Error::TimedOut {
            what: "another thread to leave the recorder, which then finishes it".into(),
            seconds: LAST_USE_PATIENCE.as_secs_f64(),
        }
        .into()),
    }
}

/// The recorder behind a handle, unless it is the parent's.
///
/// # Safety
/// As for [`open`].
unsafe fn at(recorder: *const usm_recorder) -> Result<Held<Recorder>, Failure> {
    // SAFETY: by this function's contract.
    let recording = unsafe { open(recorder, "recorder")? };
    recording.recorder.monitor().check_process()?;
    Ok(recording.map(|recording| &recording.recorder))
}

/// Checks a summary that the caller may not want, before anything is done.
///
/// # Safety
/// `place` is NULL or points to a struct of as many bytes as its `struct_size` says.
unsafe fn check_summary(place: *mut usm_recording_summary) -> Result<(), Failure> {
    match place.is_null() {
        true => Ok(()),
        // SAFETY: by this function's contract.
        false => unsafe { plain::check(place, "summary", SUMMARY) },
    }
}

/// Fills a summary that the caller may not want.
///
/// # Safety
/// `place` is NULL or points to a struct of as many bytes as its `struct_size` says.
unsafe fn tell_summary(
    place: *mut usm_recording_summary,
    summary: &RecordingSummary,
) -> Result<(), Failure> {
    if place.is_null() {
        return Ok(());
    }
    let filled = |struct_size| usm_recording_summary {
        struct_size,
        reserved: 0,
        samples: summary.samples,
        first: summary.first.unwrap_or(f64::NAN),
        last: summary.last.unwrap_or(f64::NAN),
        bytes: summary.bytes,
    };
    // SAFETY: by this function's contract.
    unsafe { plain::fill(place, "summary", SUMMARY, filled) }
}
