//! A control group with limits, made beside or below the group of the processes that are
//! moved into it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Applied, Door, Limit, ProcessId, Undo};
use crate::error::{Error, Result};

/// A control group made, its limits, and the processes moved into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupChange {
    /// What it limits.
    pub limits: Vec<Limit>,
    /// The group made in each hierarchy that a limit needs, as an absolute folder.
    pub folders: Vec<PathBuf>,
    /// The processes, and the folder of their group before, for each of `folders`.
    pub members: Vec<(ProcessId, Vec<PathBuf>)>,
}

impl GroupChange {
    pub(crate) fn prepare(
        _processes: &[ProcessId],
        _limits: &[Limit],
        _door: &Door,
    ) -> Result<GroupChange> {
        Err(Error::Internal("not built yet".into()))
    }

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
