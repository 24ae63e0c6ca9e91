//! Cleaned files as a change that can be taken back.

use super::cleanup::{Quarantine, restore};
use super::{Applied, Undo};
use crate::error::{Error, Result};

pub(super) fn apply() -> Result<Applied> {
    Err(Error::InvalidState(
        "files are put aside while they are looked for, not by themselves".into(),
    ))
}

pub(super) fn undo(quarantine: &Quarantine) -> Result<Undo> {
    let restored = restore(quarantine)?;
    if restored.gone {
        return Ok(Undo::Gone);
    }
    match restored.left.as_slice() {
        [] if restored.files + restored.folders == 0 => Ok(Undo::Unchanged),
        [] => Ok(Undo::Restored),
        [first, ..] => Ok(Undo::Left(format!(
            "{} entries stay in {}: {}: {}",
            restored.left.len(),
            quarantine.folder.display(),
            first.path,
            first.why
        ))),
    }
}

pub(super) fn about(quarantine: &Quarantine) -> String {
    format!(
        "files of {} by the rule {:?} put aside in {}",
        quarantine.root.display(),
        quarantine.rule,
        quarantine.folder.display()
    )
}
