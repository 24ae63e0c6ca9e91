//! A stretch of history in a file of its own: to keep, to send, to attach to a bug report.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::History;
use crate::{Error, Result};

/// What of a recording tells about the user rather than the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// All names as they are.
    #[default]
    Kept,
    /// Names of processes, users, control groups, hosts, mounts and interfaces are replaced
    /// by numbered ones (the same name by the same number); command lines are left out.
    Masked,
}

/// What a recording holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RecordingSummary {
    /// Samples.
    pub samples: u64,
    /// Time of the first, Unix seconds.
    pub first: Option<f64>,
    /// Time of the last.
    pub last: Option<f64>,
    /// Size of the file.
    pub bytes: u64,
}

impl History {
    /// Writes the samples between two Unix times into a new recording. `progress` is told
    /// the share that is done, 0 to 1, and ends the work by returning false.
    ///
    /// # Errors
    /// `InvalidArgument` when the file exists, `Cancelled`-like `InvalidState` when ended,
    /// `Io`, `Store`.
    pub fn extract(
        &self,
        _to: &Path,
        _since: f64,
        _until: f64,
        _names: Names,
        _progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<RecordingSummary> {
        Err(Error::Unsupported("not written yet".into()))
    }
}
