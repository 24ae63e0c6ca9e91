//! Processes frozen through a control group, with a lease.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Applied, Door, ProcessId, Undo};
use crate::error::{Error, Result};

/// Processes frozen until their lease ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreezeChange {
    /// The group made for it, as an absolute folder.
    pub folder: PathBuf,
    /// The processes, and the folder of their group before.
    pub members: Vec<(ProcessId, PathBuf)>,
    /// Seconds after which they are thawed whatever happens to this program.
    pub lease_seconds: f64,
}

impl FreezeChange {
    pub(crate) fn prepare(
        _processes: &[ProcessId],
        _lease_seconds: f64,
        _door: &Door,
    ) -> Result<FreezeChange> {
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
