//! Calls of the program's own functions.

use std::ffi::c_void;
use std::io::Write as _;

use crate::event::usm_destroy_callback;

/// Calls a function of the program's, which must return. An exception that leaves it, or the
/// end of its thread, finds frames on its way whose locks and counts would stay as they are:
/// the process ends with a message that names the function.
pub(crate) fn call<R>(what: &'static str, function: impl FnOnce() -> R) -> R {
    let watch = MustReturn(what);
    let answer = function();
    std::mem::forget(watch);
    answer
}

/// What the caller wants back in its callback, and how it is ended: when this is dropped.
pub(crate) struct UserData {
    pointer: *mut c_void,
    destroy: usm_destroy_callback,
}

// SAFETY: the header says on which threads callback and destructor run; what the pointer leads
// to is the caller's to share.
unsafe impl Send for UserData {}

impl UserData {
    pub(crate) fn new(pointer: *mut c_void, destroy: usm_destroy_callback) -> UserData {
        UserData { pointer, destroy }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            call("a destroy function", || {
                // SAFETY: the caller's own function with its own pointer, for the last time.
                unsafe { destroy(self.pointer) }
            });
        }
    }
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
