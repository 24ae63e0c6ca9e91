//! Where there is no fork, no handle is ever inherited.

/// Always the same.
pub(crate) fn fork_generation() -> u64 {
    0
}
