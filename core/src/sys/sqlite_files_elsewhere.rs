//! Locks of open file descriptions are Linux' own.

/// Leaves SQLite's locks as they are.
pub(crate) fn keep_sqlite_locks_apart() {}
