//! What of a sample is no number and changes seldom: names, kinds, settings.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sample::{CgroupVersion, Limits};

/// What a piece is of. The number is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ContextKind {
    /// Facts of the host.
    Host = 1,
    /// The kernel's hardening settings.
    Hardening = 2,
    /// Limits of the own control group: version, path, sources.
    Limits = 3,
    /// Sources that can't be read, and why.
    Unavailable = 4,
    /// Device, type and trouble of each file system.
    Filesystems = 5,
    /// What each block device is.
    Devices = 6,
    /// What each interface is.
    Interfaces = 7,
    /// Kind and marks of each sensor.
    Sensors = 8,
    /// State of each battery.
    Power = 9,
    /// Sockets that listen to other machines.
    Listeners = 10,
    /// Programs of which something is out of the ordinary.
    Programs = 11,
    /// Failed logins.
    Logins = 12,
    /// Folders in which commands are searched.
    SearchPath = 13,
}

/// One piece, as it is from a frame on.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextPiece {
    /// What it is of.
    pub kind: ContextKind,
    /// JSON.
    pub json: Arc<str>,
}

impl ContextPiece {
    /// The piece of a value; `None` when it has no JSON form.
    pub(crate) fn of(kind: ContextKind, value: &impl Serialize) -> Option<ContextPiece> {
        let json = serde_json::to_string(value).ok()?.into();
        Some(ContextPiece { kind, json })
    }
}

/// What of the limits is no number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct LimitWords {
    version: CgroupVersion,
    cgroup: Option<Arc<str>>,
    effective_cpus_source: Option<Arc<str>>,
    effective_memory_source: Option<Arc<str>>,
}

impl LimitWords {
    pub(crate) fn of(limits: &Limits) -> LimitWords {
        LimitWords {
            version: limits.version,
            cgroup: limits.cgroup.clone(),
            effective_cpus_source: limits.effective_cpus_source.clone(),
            effective_memory_source: limits.effective_memory_source.clone(),
        }
    }

    /// These are what the limits say.
    pub(crate) fn are_of(&self, limits: &Limits) -> bool {
        self.version == limits.version
            && self.cgroup == limits.cgroup
            && self.effective_cpus_source == limits.effective_cpus_source
            && self.effective_memory_source == limits.effective_memory_source
    }

    /// Puts them back beside the numbers.
    pub(crate) fn put(&self, limits: &mut Limits) {
        let words = self.clone();
        limits.version = words.version;
        limits.cgroup = words.cgroup;
        limits.effective_cpus_source = words.effective_cpus_source;
        limits.effective_memory_source = words.effective_memory_source;
    }
}
