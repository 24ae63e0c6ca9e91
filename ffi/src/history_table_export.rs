//! An answer of the history for others to read: an Arrow stream, or text.

use std::ffi::c_char;
use std::sync::Arc;

use usm_arrow::ArrowArrayStream;
use usm_core::history::Table;

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::history_table::{at, usm_table};
use crate::status::usm_status;
use crate::text;

/// Gives a table as an Arrow C stream of one batch: a column `time` (timestamp[us, UTC]), and
/// one of doubles for each series, by its name with labels, null where nothing is known; with
/// "metric", "labels", "unit" and "kind" in the metadata of each. The values are not copied.
///
/// - stream: filled; what it held is not looked at. The caller calls its `release`, at any
///   time, also after usm_table_free(). It is marked as released when the call fails.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any; the stream by one thread at a time.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_arrow_stream(
    table: *const usm_table,
    stream: *mut ArrowArrayStream,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a handle and a struct.
        unsafe {
            give_stream(table, stream, |table| {
                usm_arrow::table_stream(table.clone())
            })
        }
    })
}

/// The same in long form: a row for each value that is known, with the columns `time`,
/// `metric`, one for each label that any series has, and `value`. The texts are dictionaries.
///
/// - stream: as for usm_table_arrow_stream().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any; the stream by one thread at a time.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_arrow_stream_long(
    table: *const usm_table,
    stream: *mut ArrowArrayStream,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a struct.
    guard(|| unsafe { give_stream(table, stream, usm_arrow::long_stream) })
}

/// Gives a table as a JSON object: "step_seconds", "tiers", "notes", "times", and "columns"
/// with "name", "metric", "labels", "unit", "kind" and "values", null where nothing is known.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_json(
    table: *const usm_table,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let made = unsafe { at(table)? }.table.to_json();
        *json = text::give(text::json(&made)?)?;
        Ok(())
    })
}

/// Gives a table as CSV (RFC 4180): a column `timestamp` in seconds since 1970, and one for
/// each series, empty where nothing is known.
///
/// - csv: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_table_csv(
    table: *const usm_table,
    csv: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let csv = unsafe { out_pointer(csv, "csv")? };
        let mut bytes = Vec::new();
        // SAFETY: by the contract of the header: NULL or a handle.
        unsafe { at(table)? }.table.write_csv(&mut bytes)?;
        // A name with a NUL inside, which C could not see past, is written out.
        let bytes = String::from_utf8_lossy(&bytes).replace('\0', "\\0");
        *csv = text::give(bytes)?;
        Ok(())
    })
}

/// # Safety
/// As for [`at`] and [`out`].
unsafe fn give_stream(
    table: *const usm_table,
    stream: *mut ArrowArrayStream,
    make: impl FnOnce(&Arc<Table>) -> ArrowArrayStream,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let stream = unsafe { out(stream, "stream")? };
    stream.write(ArrowArrayStream::EMPTY);
    // SAFETY: by this function's contract.
    stream.write(make(&unsafe { at(table)? }.table));
    Ok(())
}
