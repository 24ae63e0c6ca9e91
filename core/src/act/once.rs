//! What can be done but not taken back.

use serde::{Deserialize, Serialize};

use super::{Applied, Door, Lever, ProcessId, Undo};
use crate::error::{Error, Result};

/// An act that can't be taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnceChange {
    /// `Terminate`, `PageOut`, `Reclaim` or `TrimOwnHeap`.
    pub lever: Lever,
    /// Name of the process, for people; empty where there is none.
    pub name: String,
}

impl OnceChange {
    pub(crate) fn apply(&self, _door: &Door) -> Result<Applied> {
        Err(Error::Internal("not built yet".into()))
    }

    pub(crate) fn undo(&self, _door: &Door) -> Result<Undo> {
        Err(Error::Internal("not built yet".into()))
    }

    pub(crate) fn about(&self) -> String {
        String::new()
    }

    pub(crate) fn processes(&self) -> Vec<ProcessId> {
        Vec::new()
    }
}
