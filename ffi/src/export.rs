//! Exports: what a history holds, as CSV, JSON or one HTML page, for other programs.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::path::Path;

use crate::callback::call;
use crate::failure::Failure;
use crate::folder::of_path;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::plain::{self, PlainSize};
use crate::progress::{Caller, usm_progress_callback};
use crate::reporting::{self, Done};
use crate::status::usm_status;
use crate::text;

/// The main metrics of the machine, a row for each time.
pub const USM_EXPORT_METRICS: u32 = 0;
/// The alerts that fired.
pub const USM_EXPORT_ALERTS: u32 = 1;
/// Trends, anomalies and forecasts.
pub const USM_EXPORT_PREDICTIONS: u32 = 2;

/// For spreadsheets. A text that one would take for a formula is disarmed.
pub const USM_FORMAT_CSV: u32 = 0;
/// For programs.
pub const USM_FORMAT_JSON: u32 = 1;
/// For people: one page that needs no other file.
pub const USM_FORMAT_HTML: u32 = 2;

/// What is exported, and how. Begin with `usm_export_options options =
/// USM_EXPORT_OPTIONS_INIT;`: the metrics of the last day as CSV.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_export_options {
    /// sizeof(usm_export_options) in the caller's program.
    pub struct_size: u32,
    /// USM_EXPORT_...
    pub kind: u32,
    /// USM_FORMAT_...
    pub format: u32,
    /// 1: beside each metric the least and the greatest value within its row. 0: not.
    pub extremes: i32,
    /// From this time on, seconds since 1970; 0 for the beginning of what is kept; negative for
    /// so many seconds before the end.
    pub since: f64,
    /// To before this time, seconds since 1970; 0 for now.
    pub until: f64,
    /// Width of a row of metrics in seconds; 0 for every row as it is kept.
    pub step_seconds: f64,
    /// Told of the progress in thousandths; may be NULL.
    pub progress: usm_progress_callback,
    /// Handed to the callback; may be NULL.
    pub user_data: *mut c_void,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_export_options, progress),
    allowed: "sizeof(usm_export_options); begin with USM_EXPORT_OPTIONS_INIT",
};

/// What NULL stands for.
const LAST_DAY: usm_export_options = usm_export_options {
    struct_size: size_of::<usm_export_options>() as u32,
    kind: USM_EXPORT_METRICS,
    format: USM_FORMAT_CSV,
    extremes: 0,
    since: -86_400.0,
    until: 0.0,
    step_seconds: 0.0,
    progress: None,
    user_data: std::ptr::null_mut(),
};

/// What an export or a report came to.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_written {
    /// sizeof(usm_written) in the caller's program, as usm_written_init() sets it.
    pub struct_size: u32,
    /// 1 when something was written; 0 when there was no data: then there is no new file.
    pub is_written: i32,
    /// Rows.
    pub rows: u64,
    /// Length of the file or the text.
    pub bytes: u64,
}

const WRITTEN: PlainSize = PlainSize {
    least: size_of::<usm_written>(),
    allowed: "sizeof(usm_written); call usm_written_init() first",
};

/// Called with one piece of an export after the other, on the thread that called for it. It
/// must return normally.
///
/// - bytes: the piece, borrowed until the callback returns. Pieces end anywhere, also within a
///   character.
/// - count: its length.
/// - user_data: what was given with the callback.
///
/// Returns: 0 to go on; any other number ends the export, and it is not called again.
pub type usm_write_callback = Option<
    unsafe extern "C-unwind" fn(bytes: *const c_char, count: usize, user_data: *mut c_void) -> i32,
>;

/// Writes an export to a file. It is there in full or not at all: it is written under another
/// name beside its own until it is whole. A monitor may run meanwhile. Only its owner may read
/// a new file; one that is replaced keeps its mode.
///
/// - source: a data folder, a database or a recording; NULL for the default data folder.
/// - options: NULL for the metrics of the last day as CSV.
/// - to: the file, which is replaced; or a folder, for a new file in it that replaces none,
///   e.g. "system_metrics_20261128_181500.csv".
/// - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
///   not wanted.
/// - path: takes the file's path, to be freed by usm_string_free(), or NULL when there was no
///   data; NULL when it is not wanted.
/// - notes: takes what the reader should know (a damaged part that was left out), a line for
///   each, to be freed by usm_string_free(); empty when nothing is. NULL when it is not wanted.
///
/// Returns: USM_OK, also when there was no data; USM_ERR_INVALID_ARGUMENT for an option or a
/// range that is none; USM_ERR_UNSUPPORTED for an option of a later version, or where the
/// library was built without reports; USM_ERR_NOT_FOUND, USM_ERR_STORE and the like for the
/// source; USM_ERR_INVALID_STATE when the callback ended it; USM_ERR_PERMISSION_DENIED,
/// USM_ERR_IO and the like for the file; USM_ERR_INVALID_UTF8.
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_export(
    source: *const c_char,
    options: *const usm_export_options,
    to: *const c_char,
    written: *mut usm_written,
    path: *mut *mut c_char,
    notes: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a struct and variables.
        let answer = unsafe { Answer::of(written, path, notes)? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (source, to) = unsafe {
            (
                text::read_optional(source, "source")?,
                text::read(to, "to")?,
            )
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let options = unsafe { read_options(options)? };
        let caller = Caller::new(options.progress, options.user_data);
        let mut tell = |share| tell(&caller, "exporting", to, share);
        let done = reporting::export_to_file(source, &options, Path::new(to), &mut tell)?;
        // SAFETY: by the contract of the header: as at the beginning.
        unsafe { answer.give(&done) }
    })
}

/// Gives an export as text.
///
/// - source: as for usm_export().
/// - options: as for usm_export().
/// - text: takes the text, to be freed by usm_string_free(), or NULL when there was no data.
///
/// Returns: USM_OK, also when there was no data; otherwise as usm_export(). A long one is
/// better written to a file or by usm_export_write().
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_export_text(
    source: *const c_char,
    options: *const usm_export_options,
    text: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let text = unsafe { out_pointer(text, "text")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let source = unsafe { text::read_optional(source, "source")? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let options = unsafe { read_options(options)? };
        let caller = Caller::new(options.progress, options.user_data);
        let mut tell = |share| tell(&caller, "exporting", "", share);
        let mut bytes = Vec::new();
        let done = reporting::export_through(source, &options, &mut bytes, &mut tell)?;
        if done.rows > 0 {
            *text = text::give(bytes)?;
        }
        Ok(())
    })
}

/// Gives an export piece by piece to a function of the caller's.
///
/// - source: as for usm_export().
/// - options: as for usm_export().
/// - write: called for each piece; when there is no data, maybe for a head without rows.
/// - user_data: handed to `write`; may be NULL. That of the options goes to their callback.
/// - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
///   not wanted.
/// - notes: as for usm_export().
///
/// Returns: USM_OK, also when there was no data; USM_ERR_INVALID_STATE when a callback ended it;
/// otherwise as usm_export().
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_export_write(
    source: *const c_char,
    options: *const usm_export_options,
    write: usm_write_callback,
    user_data: *mut c_void,
    written: *mut usm_written,
    notes: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a struct and a variable.
        let answer = unsafe { Answer::of(written, std::ptr::null_mut(), notes)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let source = unsafe { text::read_optional(source, "source")? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let options = unsafe { read_options(options)? };
        let write = write.ok_or_else(|| Failure::null("write"))?;
        let caller = Caller::new(options.progress, options.user_data);
        let mut tell = |share| tell(&caller, "exporting", "", share);
        let mut pass_on = |bytes: &[u8]| {
            call("a callback given to usm_export_write()", || {
                // SAFETY: the caller's function with the caller's pointer; the bytes live until
                // it returns.
                unsafe { write(bytes.as_ptr().cast(), bytes.len(), user_data) }
            })
        };
        let done = reporting::export_piecewise(source, &options, &mut pass_on, &mut tell)?;
        // SAFETY: by the contract of the header: as at the beginning.
        unsafe { answer.give(&done) }
    })
}

/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says.
unsafe fn read_options(options: *const usm_export_options) -> Result<usm_export_options, Failure> {
    match options.is_null() {
        true => Ok(LAST_DAY),
        // SAFETY: by this function's contract.
        false => unsafe { plain::read(options, "options", OPTIONS, LAST_DAY) },
    }
}

/// Tells the share that is done; false ends the work.
pub(crate) fn tell(caller: &Caller, stage: &str, what: &str, share: f64) -> bool {
    !caller.tell(stage, what, (share * 1000.0) as u64, 1000)
}

/// Where the caller wants to have what came of it.
pub(crate) struct Answer {
    written: *mut usm_written,
    path: *mut *mut c_char,
    notes: *mut *mut c_char,
}

impl Answer {
    /// Checks them, before anything is done.
    ///
    /// # Safety
    /// Each is NULL or a variable of the caller's; `written` has as many bytes as it says.
    pub(crate) unsafe fn of(
        written: *mut usm_written,
        path: *mut *mut c_char,
        notes: *mut *mut c_char,
    ) -> Result<Answer, Failure> {
        for (variable, argument) in [(path, "path"), (notes, "notes")] {
            if !variable.is_null() {
                // SAFETY: by this function's contract.
                unsafe { out_pointer(variable, argument)? };
            }
        }
        if !written.is_null() {
            // SAFETY: by this function's contract.
            unsafe { plain::check(written, "written", WRITTEN)? };
        }
        Ok(Answer {
            written,
            path,
            notes,
        })
    }

    /// # Safety
    /// As for [`Answer::of`].
    pub(crate) unsafe fn give(&self, done: &Done) -> Result<(), Failure> {
        if !self.written.is_null() {
            let make = |struct_size| usm_written {
                struct_size,
                is_written: (done.rows > 0).into(),
                rows: done.rows,
                bytes: done.bytes,
            };
            // SAFETY: by this function's contract.
            unsafe { plain::fill(self.written, "written", WRITTEN, make)? };
        }
        if !self.path.is_null()
            && let Some(path) = &done.path
        {
            // SAFETY: by this function's contract.
            *unsafe { out_pointer(self.path, "path")? } = text::kept(&of_path(path)).into_raw();
        }
        if !self.notes.is_null() {
            let notes = text::kept(&done.notes.join("\n"));
            // SAFETY: by this function's contract.
            *unsafe { out_pointer(self.notes, "notes")? } = notes.into_raw();
        }
        Ok(())
    }
}
