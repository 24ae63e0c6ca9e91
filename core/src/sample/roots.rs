//! Where the kernel's files are: settings, so that a container can watch its
//! host and a test can watch a captured tree.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The three roots below which every file of the host is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roots {
    /// Folder that stands for `/proc`.
    pub proc_root: PathBuf,
    /// Folder that stands for `/sys`.
    pub sys_root: PathBuf,
    /// Folder that stands for `/` (mount points, `/etc`).
    pub host_root: PathBuf,
}

impl Default for Roots {
    fn default() -> Roots {
        Roots {
            proc_root: "/proc".into(),
            sys_root: "/sys".into(),
            host_root: "/".into(),
        }
    }
}

impl Roots {
    /// The roots of a captured tree: `DIR/proc` and `DIR/sys`, with `DIR` as the host's root.
    pub fn tree(dir: impl AsRef<Path>) -> Roots {
        let dir = dir.as_ref();
        Roots {
            proc_root: dir.join("proc"),
            sys_root: dir.join("sys"),
            host_root: dir.to_path_buf(),
        }
    }

    /// A path below the proc root, e.g. `proc("pressure/cpu")`.
    pub fn proc(&self, relative: &str) -> PathBuf {
        self.proc_root.join(relative)
    }

    /// A path below the sys root.
    pub fn sys(&self, relative: &str) -> PathBuf {
        self.sys_root.join(relative)
    }

    /// A path of the host as seen from here: `/etc/passwd` below the host's root.
    pub fn host(&self, absolute: &Path) -> PathBuf {
        match absolute.strip_prefix("/") {
            Ok(relative) => self.host_root.join(relative),
            Err(_) => self.host_root.join(absolute),
        }
    }

    /// True when `/proc` and `/sys` are the running kernel's own, so that system
    /// calls and files speak of the same machine.
    pub fn is_live(&self) -> bool {
        self.proc_root == Path::new("/proc") && self.sys_root == Path::new("/sys")
    }

    /// # Errors
    /// `NotFound`, `PermissionDenied` or `InvalidArgument` when the proc root is
    /// not a folder that can be listed. A missing sys root is not an error: what it
    /// would hold is reported as absent.
    pub fn check(&self) -> Result<()> {
        let metadata =
            std::fs::metadata(&self.proc_root).map_err(|e| Error::io(&self.proc_root, e))?;
        if !metadata.is_dir() {
            return Err(Error::invalid(
                "proc_root",
                self.proc_root.display(),
                "a folder",
            ));
        }
        std::fs::read_dir(&self.proc_root).map_err(|e| Error::io(&self.proc_root, e))?;
        Ok(())
    }
}
