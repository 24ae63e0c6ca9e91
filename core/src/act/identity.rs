//! Which process is meant: pid and start time, held by a pidfd while it is acted upon.

use serde::{Deserialize, Serialize};

use super::stat;
use crate::error::{Error, Result};
use crate::sample::Roots;

/// What identifies a process within one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// Process id.
    pub pid: i32,
    /// Start in clock ticks after boot (field 22 of `/proc/PID/stat`).
    pub start_time_ticks: u64,
}

impl ProcessId {
    /// The process that has this pid now.
    ///
    /// # Errors
    /// `NotFound` when there is none; what reading its `stat` answers.
    pub fn now(roots: &Roots, pid: i32) -> Result<ProcessId> {
        Ok(ProcessId {
            pid,
            start_time_ticks: stat::of_process(roots, pid)?.start_time_ticks,
        })
    }

    /// Its `stat`, when the pid is still its own.
    pub(super) fn stat(self, roots: &Roots) -> Result<stat::Stat> {
        let found = stat::of_process(roots, self.pid)?;
        match found.start_time_ticks == self.start_time_ticks {
            true => Ok(found),
            false => Err(self.gone(roots, "the pid is another process's by now")),
        }
    }

    /// That it is not there any more.
    pub(super) fn gone(self, roots: &Roots, why: &str) -> Error {
        Error::NotFound {
            path: roots.proc(&self.pid.to_string()),
            source: std::io::Error::new(std::io::ErrorKind::NotFound, why),
        }
    }
}
