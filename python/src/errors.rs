//! Core's errors as Python's exceptions. The classes are in `_errors.py`, where Python's
//! multiple inheritance is at home; here is the one table from kind to class.

use pyo3::prelude::*;
use pyo3::types::{PyModule, PyString};
use usm_core::{Error, ErrorKind};

/// Each kind, its name and its class in `_errors.py`.
const TABLE: [(ErrorKind, &str, &str); 12] = [
    (
        ErrorKind::InvalidArgument,
        "InvalidArgument",
        "InvalidArgumentError",
    ),
    (ErrorKind::NotFound, "NotFound", "NotFoundError"),
    (
        ErrorKind::PermissionDenied,
        "PermissionDenied",
        "PermissionDeniedError",
    ),
    (ErrorKind::Io, "Io", "IoError"),
    (ErrorKind::Malformed, "Malformed", "MalformedError"),
    (ErrorKind::Store, "Store", "StoreError"),
    (ErrorKind::InvalidState, "InvalidState", "InvalidStateError"),
    (ErrorKind::TimedOut, "TimedOut", "TimedOutError"),
    (ErrorKind::Forked, "Forked", "ForkedError"),
    (ErrorKind::Unsupported, "Unsupported", "UnsupportedError"),
    (ErrorKind::Refused, "Refused", "RefusedError"),
    (ErrorKind::Internal, "Internal", "InternalError"),
];

/// Every kind of core's errors with the name of its exception, `None` where it has none.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(String, Option<&'static str>)> {
    ErrorKind::ALL
        .map(|kind| (format!("{kind:?}"), row(kind).map(|(_, class)| class)))
        .into()
}

fn row(kind: ErrorKind) -> Option<(&'static str, &'static str)> {
    TABLE
        .iter()
        .find(|row| row.0 == kind)
        .map(|row| (row.1, row.2))
}

/// The exception for an error of core.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).unwrap_or_else(|failure| failure)
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let (_, class) = row(error.kind()).unwrap_or(("Internal", "InternalError"));
    let module = PyModule::import(py, "unified_system_monitor._errors")?;
    let class = module.getattr(class)?;
    let message = error.to_string();
    let value = match error {
        // As Python's own: errno, what the system says, the file.
        Error::NotFound { path, source }
        | Error::PermissionDenied { path, source }
        | Error::Io { path, source } => {
            let os = PyModule::import(py, "os")?;
            let (number, text) = match (source.raw_os_error(), error.kind()) {
                (Some(number), _) => (number, os.call_method1("strerror", (number,))?),
                // Not the system's answer but ours: the number is what its kind has.
                (None, kind) => {
                    let errno = PyModule::import(py, "errno")?;
                    let name = match kind {
                        ErrorKind::NotFound => "ENOENT",
                        ErrorKind::PermissionDenied => "EACCES",
                        _ => "EIO",
                    };
                    let text = PyString::new(py, &source.to_string());
                    (errno.getattr(name)?.extract()?, text.into_any())
                }
            };
            class.call1((number, text, path.to_string_lossy()))?
        }
        Error::InvalidArgument {
            field,
            value,
            allowed,
        } => {
            let exception = class.call1((message,))?;
            exception.setattr("field", field)?;
            exception.setattr("value", value)?;
            exception.setattr("allowed", allowed)?;
            exception
        }
        Error::Malformed { path, .. } | Error::Store { path, .. } => {
            let exception = class.call1((message,))?;
            exception.setattr("path", path.to_string_lossy())?;
            exception
        }
        _ => class.call1((message,))?,
    };
    Ok(PyErr::from_value(value))
}

/// What is raised for a call on a closed monitor.
pub(crate) fn closed(py: Python<'_>) -> PyErr {
    raise(py, &Error::InvalidState("the monitor is closed".into()))
}
