//! SIGSTOP with a lease.

use serde::{Deserialize, Serialize};

use super::{Applied, Door, ProcessId, Undo};
use crate::error::{Error, Result};

/// A process stopped until its lease ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopChange {
    /// Whose.
    pub process: ProcessId,
    /// Its name, for people.
    pub name: String,
    /// It was stopped before: nothing is done, and nothing is undone.
    pub was_stopped: bool,
    /// Seconds after which it goes on whatever happens to this program.
    pub lease_seconds: f64,
}

impl StopChange {
    pub(crate) fn apply(&self, _door: &Door) -> Result<Applied> {
        Err(Error::Internal("not built yet".into()))
    }

    pub(crate) fn undo(&self, _door: &Door) -> Result<Undo> {
        Err(Error::Internal("not built yet".into()))
    }

    pub(crate) fn about(&self) -> String {
        String::new()
    }
}
