//! Why a call failed: what, where and which value, in few kinds.

use std::path::{Path, PathBuf};

/// Result of every fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. The kind of an error is stable; its wording is not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting or an argument is out of its range or of the wrong type.
    #[error("{field}: {value} is not allowed: {allowed}")]
    InvalidArgument {
        /// Name of the setting or argument.
        field: String,
        /// The value that was given.
        value: String,
        /// What would have been allowed, in words.
        allowed: String,
    },
    /// A file, folder or process that is needed does not exist.
    #[error("{path}: not found ({source})", path = path.display())]
    NotFound {
        /// What was looked for.
        path: PathBuf,
        /// The system's own answer.
        source: std::io::Error,
    },
    /// The system refused, for want of a privilege.
    #[error("{path}: permission denied ({source})", path = path.display())]
    PermissionDenied {
        /// What was to be read or written.
        path: PathBuf,
        /// The system's own answer.
        source: std::io::Error,
    },
    /// Any other failed read or write.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// The system's own answer.
        source: std::io::Error,
    },
    /// A file's content is not what its format promises.
    #[error("{path}: malformed: {wanted}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected, and where.
        wanted: String,
    },
    /// The database could not be opened, read or written.
    #[error("database {path}: {message}", path = path.display())]
    Store {
        /// The database file.
        path: PathBuf,
        /// SQLite's own words.
        message: String,
    },
    /// The call is not possible in the state that the object is in.
    #[error("{0}")]
    InvalidState(String),
    /// The wait ended before what it waited for came.
    #[error("timed out after {seconds} s waiting for {what}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long, in seconds.
        seconds: f64,
    },
    /// The handle was made by the parent of this forked process.
    #[error("this handle belongs to process {owner}; after fork() make a new one in the child")]
    Forked {
        /// Process that made the handle.
        owner: u32,
    },
    /// This system or kernel can't do it.
    #[error("not supported here: {0}")]
    Unsupported(String),
    /// An act that the rules of safety forbid: outside the scope, protected, not the process
    /// that was meant, or too late.
    #[error("refused: {0}")]
    Refused(String),
    /// A defect of this library.
    #[error("internal error: {0}")]
    Internal(String),
}

/// The kind of an [`Error`], for translation into C statuses and Python exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// See [`Error::InvalidArgument`].
    InvalidArgument,
    /// See [`Error::NotFound`].
    NotFound,
    /// See [`Error::PermissionDenied`].
    PermissionDenied,
    /// See [`Error::Io`].
    Io,
    /// See [`Error::Malformed`].
    Malformed,
    /// See [`Error::Store`].
    Store,
    /// See [`Error::InvalidState`].
    InvalidState,
    /// See [`Error::TimedOut`].
    TimedOut,
    /// See [`Error::Forked`].
    Forked,
    /// See [`Error::Unsupported`].
    Unsupported,
    /// See [`Error::Refused`].
    Refused,
    /// See [`Error::Internal`].
    Internal,
}

impl ErrorKind {
    /// Every kind there is; the borders test their tables against it.
    pub const ALL: [ErrorKind; 12] = [
        ErrorKind::InvalidArgument,
        ErrorKind::NotFound,
        ErrorKind::PermissionDenied,
        ErrorKind::Io,
        ErrorKind::Malformed,
        ErrorKind::Store,
        ErrorKind::InvalidState,
        ErrorKind::TimedOut,
        ErrorKind::Forked,
        ErrorKind::Unsupported,
        ErrorKind::Refused,
        ErrorKind::Internal,
    ];
}

impl Error {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::InvalidArgument { .. } => ErrorKind::InvalidArgument,
            Error::NotFound { .. } => ErrorKind::NotFound,
            Error::PermissionDenied { .. } => ErrorKind::PermissionDenied,
            Error::Io { .. } => ErrorKind::Io,
            Error::Malformed { .. } => ErrorKind::Malformed,
            Error::Store { .. } => ErrorKind::Store,
            Error::InvalidState(_) => ErrorKind::InvalidState,
            Error::TimedOut { .. } => ErrorKind::TimedOut,
            Error::Forked { .. } => ErrorKind::Forked,
            Error::Unsupported(_) => ErrorKind::Unsupported,
            Error::Refused(_) => ErrorKind::Refused,
            Error::Internal(_) => ErrorKind::Internal,
        }
    }

    /// The system's error number (errno), where there was one.
    pub fn os_error(&self) -> Option<i32> {
        match self {
            Error::NotFound { source, .. }
            | Error::PermissionDenied { source, .. }
            | Error::Io { source, .. } => source.raw_os_error(),
            _ => None,
        }
    }

    /// An I/O failure with the path at which it happened.
    pub fn io(path: impl AsRef<Path>, source: impl Into<std::io::Error>) -> Error {
        let (path, source) = (path.as_ref().to_path_buf(), source.into());
        match source.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { path, source },
            std::io::ErrorKind::PermissionDenied => Error::PermissionDenied { path, source },
            _ => Error::Io { path, source },
        }
    }

    /// A value outside what a setting or argument allows.
    pub fn invalid(
        field: impl Into<String>,
        value: impl std::fmt::Display,
        allowed: impl Into<String>,
    ) -> Error {
        Error::InvalidArgument {
            field: field.into(),
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }

    /// Content that does not follow its format.
    pub fn malformed(path: impl AsRef<Path>, wanted: impl Into<String>) -> Error {
        Error::Malformed {
            path: path.as_ref().to_path_buf(),
            wanted: wanted.into(),
        }
    }
}
