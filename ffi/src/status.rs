//! The statuses that calls return, and their names.

use std::ffi::{CStr, c_char};

use usm_core::ErrorKind;

use crate::guard::guard_value;

/// Whether a call succeeded: USM_OK, or one of the negative numbers USM_ERR_....
pub type usm_status = i32;

/// Success.
pub const USM_OK: usm_status = 0;
/// An argument or a setting is NULL, unknown, or out of its range. Nothing was done.
pub const USM_ERR_INVALID_ARGUMENT: usm_status = -1;
/// A text is not UTF-8. Nothing was done.
pub const USM_ERR_INVALID_UTF8: usm_status = -2;
/// The pointer is not a handle of the kind that is wanted. Nothing was done.
pub const USM_ERR_INVALID_HANDLE: usm_status = -3;
/// A file, folder or process that is needed does not exist.
pub const USM_ERR_NOT_FOUND: usm_status = -4;
/// The system refused, for want of a privilege.
pub const USM_ERR_PERMISSION_DENIED: usm_status = -5;
/// Any other failed read or write; see usm_last_error_os_code().
pub const USM_ERR_IO: usm_status = -6;
/// The content of a file is not what its format promises.
pub const USM_ERR_MALFORMED: usm_status = -7;
/// The database could not be opened, read or written.
pub const USM_ERR_STORE: usm_status = -8;
/// The call is not possible in the state that the object is in.
pub const USM_ERR_INVALID_STATE: usm_status = -9;
/// The wait ended before what it waited for came.
pub const USM_ERR_TIMED_OUT: usm_status = -10;
/// The handle was made by the parent of this forked process.
pub const USM_ERR_FORKED: usm_status = -11;
/// This system or kernel can't do it.
pub const USM_ERR_UNSUPPORTED: usm_status = -12;
/// A defect of the library: please report it with its message.
pub const USM_ERR_INTERNAL: usm_status = -13;
/// A defect of the library that interrupted the call: please report it with its message.
pub const USM_ERR_PANIC: usm_status = -14;
/// The rules of safety forbid the act: outside the scope, protected, not what was meant, or
/// too late.
pub const USM_ERR_REFUSED: usm_status = -15;

struct Row {
    status: usm_status,
    name: &'static CStr,
    kind: Option<ErrorKind>,
}

const fn row(status: usm_status, name: &'static CStr, kind: Option<ErrorKind>) -> Row {
    Row { status, name, kind }
}

/// Each status, its name and the kind of error that it stands for.
const TABLE: [Row; 16] = [
    row(USM_OK, c"USM_OK", None),
    row(
        USM_ERR_INVALID_ARGUMENT,
        c"USM_ERR_INVALID_ARGUMENT",
        Some(ErrorKind::InvalidArgument),
    ),
    row(USM_ERR_INVALID_UTF8, c"USM_ERR_INVALID_UTF8", None),
    row(USM_ERR_INVALID_HANDLE, c"USM_ERR_INVALID_HANDLE", None),
    row(
        USM_ERR_NOT_FOUND,
        c"USM_ERR_NOT_FOUND",
        Some(ErrorKind::NotFound),
    ),
    row(
        USM_ERR_PERMISSION_DENIED,
        c"USM_ERR_PERMISSION_DENIED",
        Some(ErrorKind::PermissionDenied),
    ),
    row(USM_ERR_IO, c"USM_ERR_IO", Some(ErrorKind::Io)),
    row(
        USM_ERR_MALFORMED,
        c"USM_ERR_MALFORMED",
        Some(ErrorKind::Malformed),
    ),
    row(USM_ERR_STORE, c"USM_ERR_STORE", Some(ErrorKind::Store)),
    row(
        USM_ERR_INVALID_STATE,
        c"USM_ERR_INVALID_STATE",
        Some(ErrorKind::InvalidState),
    ),
    row(
        USM_ERR_TIMED_OUT,
        c"USM_ERR_TIMED_OUT",
        Some(ErrorKind::TimedOut),
    ),
    row(USM_ERR_FORKED, c"USM_ERR_FORKED", Some(ErrorKind::Forked)),
    row(
        USM_ERR_UNSUPPORTED,
        c"USM_ERR_UNSUPPORTED",
        Some(ErrorKind::Unsupported),
    ),
    row(
        USM_ERR_INTERNAL,
        c"USM_ERR_INTERNAL",
        Some(ErrorKind::Internal),
    ),
    row(USM_ERR_PANIC, c"USM_ERR_PANIC", None),
    row(
        USM_ERR_REFUSED,
        c"USM_ERR_REFUSED",
        Some(ErrorKind::Refused),
    ),
];

/// The status of a kind of error.
pub(crate) fn status_of(kind: ErrorKind) -> usm_status {
    TABLE
        .iter()
        .find(|row| row.kind == Some(kind))
        .map_or(USM_ERR_INTERNAL, |row| row.status)
}

/// The name of a status, e.g. "USM_ERR_TIMED_OUT"; "unknown status" for a number that is
/// none.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_status_name(status: usm_status) -> *const c_char {
    guard_value(c"unknown status".as_ptr(), || {
        let row = TABLE.iter().find(|row| row.status == status);
        Ok(row.map_or(c"unknown status", |row| row.name).as_ptr())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_a_status_of_its_own() {
        let mut statuses: Vec<usm_status> = ErrorKind::ALL
            .into_iter()
            .map(|kind| {
                let row = TABLE.iter().find(|row| row.kind == Some(kind));
                row.unwrap_or_else(|| panic!("{kind:?} has no row")).status
            })
            .collect();
        statuses.sort_unstable();
        statuses.dedup();
        assert_eq!(statuses.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn numbers_and_names_are_used_once_and_failures_are_negative() {
        for (number, row) in TABLE.iter().enumerate() {
            assert_eq!(row.status, -(number as usm_status), "{:?}", row.name);
            assert!(TABLE.iter().filter(|other| other.name == row.name).count() == 1);
        }
    }
}
