//! Why the storage does not work at the moment, and what may help.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::Error;

/// What sort of trouble it is: decides what the writer does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The file is not a sound database: set it aside and begin a new one.
    Corrupt,
    /// No room: on the disk, or under SQLite's own page limit.
    Full,
    /// Another process or a long reader holds what is needed. The connection is sound.
    Held,
    /// This one row can't be stored, whatever is tried.
    Row,
    /// The file was moved or deleted under the connection.
    Moved,
    /// Everything else: close, and try to open again later.
    Other,
}

/// One failure, in words for the health report.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) cause: String,
}

/// What this part's own calls answer.
pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn new(kind: FaultKind, cause: impl Into<String>) -> Fault {
        Fault {
            kind,
            cause: cause.into(),
        }
    }

    /// For a file operation of our own; the error holds path and error number.
    pub(crate) fn from_error(error: &Error) -> Fault {
        let full = error.os_error() == Some(libc::ENOSPC) || error.os_error() == Some(libc::EDQUOT);
        let kind = if full {
            FaultKind::Full
        } else {
            FaultKind::Other
        };
        Fault::new(kind, error.to_string())
    }

    /// The public error for whoever waits for the write.
    pub(crate) fn to_error(cause: &str, path: &Path) -> Error {
        Error::Store {
            path: path.to_path_buf(),
            message: cause.to_owned(),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        let Some(code) = error.sqlite_error_code() else {
            return Fault::new(FaultKind::Other, error.to_string());
        };
        let (kind, words) = match code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                (FaultKind::Corrupt, "the file is corrupt")
            }
            ErrorCode::DiskFull => (FaultKind::Full, "disk full"),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                (FaultKind::Held, "locked by another process")
            }
            ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch => {
                (FaultKind::Row, "the table refuses the row")
            }
            ErrorCode::ReadOnly => (FaultKind::Other, "read-only"),
            ErrorCode::CannotOpen => (FaultKind::Other, "can't be opened"),
            ErrorCode::SystemIoFailure => (FaultKind::Other, "I/O error"),
            _ => (FaultKind::Other, "SQLite"),
        };
        let number = error.sqlite_extended_error_code();
        Fault::new(
            kind,
            match number {
                Some(number) => format!("{words}: {error} (SQLite error {number})"),
                None => format!("{words}: {error}"),
            },
        )
    }
}
