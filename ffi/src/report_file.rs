//! Reports for people: how the machine is and was, and where its metrics go.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::path::Path;

use crate::export::{Answer, USM_FORMAT_HTML, tell, usm_written};
use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::plain::{self, PlainSize};
use crate::progress::{Caller, usm_progress_callback};
use crate::reporting;
use crate::status::usm_status;
use crate::text;

/// How the machine is and how it was.
pub const USM_REPORT_HEALTH: u32 = 0;
/// Where its metrics go.
pub const USM_REPORT_TRENDS: u32 = 1;

/// What a report is of. Begin with `usm_report_options options = USM_REPORT_OPTIONS_INIT;`: the
/// health of the last day, as an HTML page.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_report_options {
    /// sizeof(usm_report_options) in the caller's program.
    pub struct_size: u32,
    /// USM_REPORT_...
    pub kind: u32,
    /// USM_FORMAT_HTML or USM_FORMAT_JSON. It has no meaning for usm_report_json().
    pub format: u32,
    /// 1: with what is advised; 0: without.
    pub recommendations: i32,
    /// From this time on, seconds since 1970; 0 for the beginning of what is kept; negative for
    /// so many seconds before the end.
    pub since: f64,
    /// To before this time, seconds since 1970; 0 for now.
    pub until: f64,
    /// Told of the progress in thousandths; may be NULL.
    pub progress: usm_progress_callback,
    /// Handed to the callback; may be NULL.
    pub user_data: *mut c_void,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_report_options, progress),
    allowed: "sizeof(usm_report_options); begin with USM_REPORT_OPTIONS_INIT",
};

/// What NULL stands for.
const HEALTH_OF_LAST_DAY: usm_report_options = usm_report_options {
    struct_size: size_of::<usm_report_options>() as u32,
    kind: USM_REPORT_HEALTH,
    format: USM_FORMAT_HTML,
    recommendations: 1,
    since: -86_400.0,
    until: 0.0,
    progress: None,
    user_data: std::ptr::null_mut(),
};

/// Makes a report and writes it to a file, as usm_export() writes an export.
///
/// - source: a data folder, a database or a recording; NULL for the default data folder.
/// - options: NULL for the health of the last day as an HTML page.
/// - to: the file, which is replaced; or a folder, for a new file in it that replaces none,
///   e.g. "system_health_report_24h_20261128_181500.html".
/// - written: filled as far as its struct_size goes; see usm_written_init(). NULL when it is
///   not wanted.
/// - path: takes the file's path, to be freed by usm_string_free(), or NULL when nothing was
///   recorded in the range; NULL when it is not wanted.
///
/// Returns: USM_OK, also when nothing was recorded; USM_ERR_UNSUPPORTED for USM_FORMAT_CSV (a
/// report is no table); otherwise as usm_export().
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_report_write(
    source: *const c_char,
    options: *const usm_report_options,
    to: *const c_char,
    written: *mut usm_written,
    path: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a struct and a variable.
        let answer = unsafe { Answer::of(written, path, std::ptr::null_mut())? };
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
        let mut tell = |share| tell(&caller, "reporting", to, share);
        let done = reporting::report_to_file(source, &options, Path::new(to), &mut tell)?;
        // SAFETY: by the contract of the header: as at the beginning.
        unsafe { answer.give(&done) }
    })
}

/// Gives a report as a JSON object; see the manual for its fields.
///
/// - source: as for usm_report_write().
/// - options: as for usm_report_write(); their format has no meaning here.
/// - json: takes the text, to be freed by usm_string_free(), or NULL when nothing was recorded
///   in the range.
///
/// Returns: as usm_report_write().
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_report_json(
    source: *const c_char,
    options: *const usm_report_options,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let source = unsafe { text::read_optional(source, "source")? };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let options = unsafe { read_options(options)? };
        let caller = Caller::new(options.progress, options.user_data);
        let mut tell = |share| tell(&caller, "reporting", "", share);
        if let Some(report) = reporting::report_json(source, &options, &mut tell)? {
            *json = text::give(report)?;
        }
        Ok(())
    })
}

/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says.
unsafe fn read_options(options: *const usm_report_options) -> Result<usm_report_options, Failure> {
    match options.is_null() {
        true => Ok(HEALTH_OF_LAST_DAY),
        // SAFETY: by this function's contract.
        false => unsafe { plain::read(options, "options", OPTIONS, HEALTH_OF_LAST_DAY) },
    }
}
