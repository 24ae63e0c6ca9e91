//! What of a sample is no number and changes seldom: names, kinds, settings.

use std::sync::Arc;

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
}

/// One piece, as it is from a frame on.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextPiece {
    /// What it is of.
    pub kind: ContextKind,
    /// JSON.
    pub json: Arc<str>,
}
