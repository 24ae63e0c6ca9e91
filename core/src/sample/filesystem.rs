//! File systems: `/proc/PID/mountinfo` and statvfs(2), each mount read by a worker
//! with a deadline, so that a dead NFS or FUSE mount never delays a tick.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One mounted file system that holds data (pseudo file systems are left out; a device
/// that is mounted more than once is listed by its first mount point).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FilesystemSample {
    /// Where it is mounted, on the host.
    pub mount_point: Arc<str>,
    /// What is mounted, e.g. `/dev/sda1`.
    pub device: Arc<str>,
    /// Type, e.g. `ext4`.
    pub kind: Arc<str>,
    /// Mounted read-only.
    pub read_only: bool,
    /// Size.
    pub total_bytes: Option<u64>,
    /// In use: total − free (free counts what only root may use).
    pub used_bytes: Option<u64>,
    /// What an ordinary user may still write.
    pub available_bytes: Option<u64>,
    /// 100 · used / (used + available), as `df` shows it.
    pub used_percent: Option<f64>,
    /// Inodes; `None` where the file system has no fixed number.
    pub inodes_total: Option<u64>,
    /// Inodes in use.
    pub inodes_used: Option<u64>,
    /// 100 · inodes used / inodes total.
    pub inodes_used_percent: Option<f64>,
    /// The mount did not answer within the deadline; the values are the last known ones.
    pub stale: bool,
    /// Why the values are absent or stale.
    pub problem: Option<Arc<str>>,
}
