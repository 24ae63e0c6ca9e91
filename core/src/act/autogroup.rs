//! The nice value of a session's autogroup: `/proc/PID/autogroup`.

use serde::{Deserialize, Serialize};

use super::{Applied, Door, ProcessId, Undo};
use crate::error::{Error, Result};

/// The nice value of a session's autogroup set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutogroupChange {
    /// A process of the session, through which the value is written.
    pub process: ProcessId,
    /// Its name, for people.
    pub name: String,
    /// The autogroup's number, as the file tells it: another number is another group.
    pub autogroup: u64,
    /// Value before.
    pub prior: i32,
    /// Value set.
    pub intended: i32,
}

impl AutogroupChange {
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
