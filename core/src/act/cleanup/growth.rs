//! Which folders grow: the difference between their sizes at two times.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::arrange::arrange_by_key;

/// Sizes of folders at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FolderSizes {
    /// The folder that was measured.
    pub root: PathBuf,
    /// When, Unix seconds.
    pub at: f64,
    /// How deep folders are named; deeper ones count in those above.
    pub depth: usize,
    /// Allocated bytes of each folder with all that is below it on the same file system, by
    /// its path below the root (the root is empty); what is not UTF-8 is replaced.
    pub bytes: BTreeMap<String, u64>,
    /// Folders that could not be read: they count nothing.
    pub unreadable: u64,
    /// Ended early by the caller: the numbers are of a part.
    pub cancelled: bool,
}

/// A folder that has grown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// Its path below the root.
    pub path: String,
    /// Bytes before.
    pub before_bytes: u64,
    /// Bytes after.
    pub after_bytes: u64,
    /// Bytes per day; `None` when no time lies between.
    pub per_day: Option<f64>,
}

/// The folders that have grown between two measurements of the same root, biggest growth
/// first. A folder that is in one of them only counts as empty in the other.
pub fn growth(before: &FolderSizes, after: &FolderSizes) -> Vec<Grown> {
    let days = (after.at - before.at) / 86_400.0;
    let mut grown: Vec<Grown> = after
        .bytes
        .iter()
        .map(|(path, bytes)| (path, before.bytes.get(path).copied().unwrap_or(0), *bytes))
        .filter(|(_, before_bytes, after_bytes)| after_bytes > before_bytes)
        .map(|(path, before_bytes, after_bytes)| Grown {
            path: path.clone(),
            before_bytes,
            after_bytes,
            per_day: (days > 0.0).then(|| (after_bytes - before_bytes) as f64 / days),
        })
        .collect();
    arrange_by_key(&mut grown, |one| {
        std::cmp::Reverse(one.after_bytes - one.before_bytes)
    });
    grown
}
