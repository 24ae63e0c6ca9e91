//! The version that runs. The version that was compiled for is in the header's macros.

use std::ffi::c_char;

use crate::guard::guard_value;

/// Number of the binary interface. It is raised only when a program would have to be
/// compiled again, and then the shared library's name changes with it.
pub const USM_ABI_VERSION: u32 = 0;

/// The version of the library that runs, e.g. "0.1.0"; USM_VERSION is that of the header.
///
/// Returns: a text that lives for ever; never NULL.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_version() -> *const c_char {
    guard_value(c"".as_ptr(), || {
        Ok(concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
    })
}

/// The number of the binary interface of the library that runs.
///
/// Returns: a number that must equal USM_ABI_VERSION.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_abi_version() -> u32 {
    guard_value(0, || Ok(USM_ABI_VERSION))
}
