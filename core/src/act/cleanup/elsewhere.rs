//! Where the calls that make cleaning safe do not exist, nothing is cleaned.

use std::path::Path;

use super::growth::FolderSizes;
use super::outcome::{Cleaned, Preview, Quarantine, Restored, Stored};
use super::rule::{Rule, Settings, Watch};
use crate::error::{Error, Result};
use crate::sample::Roots;

fn unsupported<T>() -> Result<T> {
    Err(Error::Unsupported("cleaning works on Linux only".into()))
}

/// # Errors
/// Always `Unsupported`.
pub fn preview(_: &Roots, _: &[Rule], _: &Settings, _: &dyn Watch) -> Result<Preview> {
    unsupported()
}

/// # Errors
/// Always `Unsupported`.
pub fn clean(
    _: &Roots,
    _: &[Rule],
    _: &Settings,
    _: &mut dyn FnMut(&Quarantine) -> Result<()>,
    _: &dyn Watch,
) -> Result<Cleaned> {
    unsupported()
}

/// # Errors
/// Always `Unsupported`.
pub fn restore(_: &Quarantine) -> Result<Restored> {
    unsupported()
}

/// # Errors
/// Always `Unsupported`.
pub fn purge(_: &Quarantine) -> Result<u64> {
    unsupported()
}

/// # Errors
/// Always `Unsupported`.
pub fn purge_expired(_: &[Rule], _: &Settings, _: &dyn Watch) -> Result<u64> {
    unsupported()
}

/// There are none.
pub fn quarantines(_: &[Rule], _: &Settings) -> Vec<Stored> {
    Vec::new()
}

/// # Errors
/// Always `Unsupported`.
pub fn measure(_: &Path, _: usize, _: &dyn Watch) -> Result<FolderSizes> {
    unsupported()
}
