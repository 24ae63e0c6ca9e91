//! Why channels were refused.

use std::fmt;
use std::io;

/// A channel's configuration that can't be used: which channel, which field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Name of the channel.
    pub channel: String,
    /// Name of the field.
    pub field: String,
    /// What is wrong with it, and what would be right. Never holds a secret.
    pub reason: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigError {
            channel,
            field,
            reason,
        } = self;
        write!(f, "channel {channel:?}: {field}: {reason}")
    }
}

impl std::error::Error for ConfigError {}

/// Why a [`crate::Notifier`] could not be made or changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A channel is not usable as it is configured.
    Config(ConfigError),
    /// The system gave no thread.
    Thread(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(error) => error.fmt(f),
            Error::Thread(error) => write!(f, "no thread for the notifications: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Config(error) => Some(error),
            Error::Thread(error) => Some(error),
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Error {
        Error::Config(error)
    }
}
