//! Changes that are made to every thread of a process.

use serde::{Deserialize, Serialize};

use super::{Applied, Door, ProcessId, ThreadPrior, Undo};
use crate::error::{Error, Result};

/// A value set for every thread of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadChange<T> {
    /// Whose threads.
    pub process: ProcessId,
    /// Name of the process, for people.
    pub name: String,
    /// What every thread gets.
    pub intended: T,
    /// The threads and what they had; those that had it already are left out.
    pub threads: Vec<ThreadPrior<T>>,
}

impl<T> ThreadChange<T> {
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
