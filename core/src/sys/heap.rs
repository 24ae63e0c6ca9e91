//! Giving free memory of the own heap back to the system.

use std::io;

/// malloc_trim(3); whether any memory was given back.
///
/// # Errors
/// `Unsupported` with any other C library than glibc.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn trim_heap() -> io::Result<bool> {
    // SAFETY: thread-safe by its manual, takes the C library's own locks, and gives back
    // only memory that is free.
    Ok(unsafe { libc::malloc_trim(0) } == 1)
}

/// # Errors
/// `Unsupported`: only glibc has it.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn trim_heap() -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}
