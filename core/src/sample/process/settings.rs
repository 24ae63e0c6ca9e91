//! What the process scan reads, and by which means.

use serde::{Deserialize, Serialize};

/// Most files that a library may keep open for its scan when nothing else is said.
const KEPT_FILES_MOST: u64 = 256;

/// Which reader does the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessBackend {
    /// The native one on Linux, `sysinfo` elsewhere.
    #[default]
    Auto,
    /// Kept-open files of /proc; Linux only.
    Native,
    /// The `sysinfo` crate; on Linux only with the feature `sysinfo-backend`.
    Sysinfo,
}

/// What the scan reads beyond the plain facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessSettings {
    /// Read each process's `io` too. Those of other users need privilege.
    pub io: bool,
    /// How many of the first by CPU, and how many of the first by resident memory, get a
    /// [`ProcessExtra`](super::ProcessExtra), which is dear to read.
    pub extra_count: usize,
    /// Most files kept open between scans, which halves the cost of a process. Two per
    /// process with `io`, else one. The kernel keeps a page of memory for each.
    pub kept_files: usize,
    /// Which reader does the scan.
    pub backend: ProcessBackend,
}

impl Default for ProcessSettings {
    /// With `io`, without extras. Of the files that the program may open, a quarter and at
    /// most 256 are kept: the rest is the program's own.
    fn default() -> ProcessSettings {
        let share = (crate::sys::fd_limit() / 4).min(KEPT_FILES_MOST);
        ProcessSettings {
            io: true,
            extra_count: 0,
            kept_files: share as usize,
            backend: ProcessBackend::Auto,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_most_of_the_files_are_left_to_the_program() {
        let kept = ProcessSettings::default().kept_files as u64;
        assert!(kept <= crate::sys::fd_limit() / 4 && kept <= 256);
    }
}
