//! Why one attempt failed, and whether another one could help.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why one attempt failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) again: Again,
}

/// Whether another attempt could help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// No: it would fail in the same way.
    Never,
    /// After the usual wait.
    Later,
    /// Not before this time is over: the other side said so.
    After(Duration),
}

impl Failure {
    pub(crate) fn final_(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            again: Again::Never,
        }
    }

    pub(crate) fn passing(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            again: Again::Later,
        }
    }

    /// The same, with what it is about in front.
    pub(crate) fn about(self, what: impl fmt::Display) -> Failure {
        Failure {
            message: format!("{what}: {}", self.message),
            again: self.again,
        }
    }

    /// A connection that broke or fell silent, in the middle of `doing`.
    pub(crate) fn broken(doing: impl fmt::Display, error: &io::Error) -> Failure {
        Failure::passing(match error.kind() {
            io::ErrorKind::TimedOut => format!("{doing}: timed out"),
            io::ErrorKind::UnexpectedEof => format!("{doing}: the other side hung up"),
            _ => format!("{doing}: {error}"),
        })
    }
}
