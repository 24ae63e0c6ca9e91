//! The version that runs. The version that was compiled for is in the header's macros.

use std::ffi::c_char;

use usm_core::Error;

use crate::guard::{guard, guard_value};
use crate::status::usm_status;

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

/// Checks that the library that runs is for a program of a binary interface. Worth a call at
/// the start of a program that loads the library by dlopen(), where no linker compares the
/// names; usm_check_header() does it for the header that the program was compiled with.
///
/// - abi_version: USM_ABI_VERSION, as the program was compiled with it.
///
/// Returns: USM_OK; USM_ERR_UNSUPPORTED, and the message has both numbers.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_check_version(abi_version: u32) -> usm_status {
    guard(|| match abi_version == USM_ABI_VERSION {
        true => Ok(()),
        false => Err(Error::Unsupported(format!(
            "the program is for binary interface {abi_version} of libusm, and this is {}, of \
             binary interface {USM_ABI_VERSION}",
            env!("CARGO_PKG_VERSION")
        ))
        .into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{USM_ERR_UNSUPPORTED, USM_OK};

    #[test]
    fn only_a_program_of_this_interface_is_served() {
        assert_eq!(usm_check_version(USM_ABI_VERSION), USM_OK);
        for other in [USM_ABI_VERSION + 1, u32::MAX] {
            assert_eq!(usm_check_version(other), USM_ERR_UNSUPPORTED);
        }
    }
}
