//! The one gate that every exported function passes: panics end here, failures become a
//! status and the last error of the thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::Failure;
use crate::status::{USM_OK, usm_status};

/// Runs the body of a function that returns a status.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Failure>) -> usm_status {
    match run(body) {
        Ok(()) => USM_OK,
        Err(failure) => failure.publish(),
    }
}

/// Runs the body of a function that returns a value, which is `fallback` when it fails.
pub(crate) fn guard_value<T>(fallback: T, body: impl FnOnce() -> Result<T, Failure>) -> T {
    run(body).unwrap_or_else(|failure| {
        failure.publish();
        fallback
    })
}

fn run<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // Unwind safety: what the bodies share is the core's, whose locks outlive a panic.
    let body = || {
        panic_for_a_test();
        body()
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => {
            let failure = Failure::panic(payload.as_ref());
            // Dropping it might panic again; what that leaves is not dropped.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
            Err(failure)
        }
    }
}

#[cfg(not(feature = "injected-panics"))]
fn panic_for_a_test() {}

/// Lets a test see what becomes of a panic in any function.
#[cfg(feature = "injected-panics")]
#[allow(clippy::panic, reason = "that is what it is for")]
fn panic_for_a_test() {
    if std::env::var_os("USM_INJECTED_PANIC").is_some() {
        panic!("a panic for a test");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::USM_ERR_PANIC;

    #[test]
    fn a_panic_becomes_a_status() {
        assert_eq!(guard(|| panic!("on purpose")), USM_ERR_PANIC);
        assert_eq!(guard(|| std::panic::panic_any(7)), USM_ERR_PANIC);
        assert_eq!(guard_value(7, || panic!("on purpose")), 7);
    }
}
