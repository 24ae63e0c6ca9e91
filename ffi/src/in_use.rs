//! How many handles a program has.

use crate::guard::guard_value;
use crate::handle;

/// How many handles are in use, those that are lent to a running callback included: for a test
/// that a program frees what it makes. Leak checkers can't tell, since the library knows every
/// handle.
///
/// Returns: the number.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_handles_in_use() -> usize {
    guard_value(0, || Ok(handle::handles_in_use()))
}
