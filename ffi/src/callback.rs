//! Calls of the program's own functions.

use std::io::Write as _;

/// Calls a function of the program's, which must return. An exception that leaves it, or the
/// end of its thread, finds frames on its way whose locks and counts would stay as they are:
/// the process ends with a message that names the function.
pub(crate) fn call<R>(what: &'static str, function: impl FnOnce() -> R) -> R {
    let watch = MustReturn(what);
    let answer = function();
    std::mem::forget(watch);
    answer
}

/// Dropped by an unwinding only.
struct MustReturn(&'static str);

impl Drop for MustReturn {
    fn drop(&mut self) {
        let message = format!(
            "libusm: {} was left by an exception or by the end of its thread: it must return\n",
            self.0
        );
        // The process ends either way.
        let _ = std::io::stderr().write_all(message.as_bytes());
        std::process::abort();
    }
}
