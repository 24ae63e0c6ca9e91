//! Why a call failed, and where the calling thread finds it.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

use usm_core::Error;

use crate::guard::guard_value;
use crate::status::{
    USM_ERR_INVALID_ARGUMENT, USM_ERR_INVALID_HANDLE, USM_ERR_INVALID_UTF8, USM_ERR_PANIC,
    status_of, usm_status,
};

/// A failed call: what it returns, and what the thread is told on request.
#[derive(Debug)]
pub(crate) struct Failure {
    status: usm_status,
    message: String,
    os_code: i32,
}

thread_local! {
    static LAST: RefCell<Option<(CString, i32)>> = const { RefCell::new(None) };
}

impl Failure {
    pub(crate) fn null(argument: &str) -> Failure {
        Failure::of(
            USM_ERR_INVALID_ARGUMENT,
            format!("{argument}: NULL is not allowed"),
        )
    }

    pub(crate) fn unaligned(argument: &str) -> Failure {
        Failure::of(
            USM_ERR_INVALID_ARGUMENT,
            format!("{argument}: not aligned for its type"),
        )
    }

    pub(crate) fn not_utf8(argument: &str, error: std::str::Utf8Error) -> Failure {
        Failure::of(
            USM_ERR_INVALID_UTF8,
            format!("{argument}: not UTF-8 ({error})"),
        )
    }

    pub(crate) fn not_a(kind: &str, argument: &str) -> Failure {
        Failure::of(
            USM_ERR_INVALID_HANDLE,
            format!("{argument}: not a {kind} that is in use"),
        )
    }

    pub(crate) fn panic(payload: &(dyn std::any::Any + Send)) -> Failure {
        let text = match (
            payload.downcast_ref::<&str>(),
            payload.downcast_ref::<String>(),
        ) {
            (Some(text), _) => text,
            (_, Some(text)) => text.as_str(),
            _ => "no message",
        };
        Failure::of(USM_ERR_PANIC, format!("a defect of the library: {text}"))
    }

    fn of(status: usm_status, message: String) -> Failure {
        Failure {
            status,
            message,
            os_code: 0,
        }
    }

    /// Makes this the last error of the calling thread, and gives its status.
    pub(crate) fn publish(self) -> usm_status {
        let message = CString::new(self.message.replace('\0', "\\0")).unwrap_or_default();
        // A thread that is ending has no place for it any more; the status still tells.
        let _ = LAST.try_with(|last| *last.borrow_mut() = Some((message, self.os_code)));
        self.status
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure {
            status: status_of(error.kind()),
            message: error.to_string(),
            os_code: error.os_error().unwrap_or(0),
        }
    }
}

/// What went wrong in the last call of this thread that failed: what, where and why, in
/// English, for people. The wording may change; test the status instead. A call that
/// succeeds does not clear it.
///
/// Returns: a borrowed text that lives until the next call of this thread that fails; never
/// NULL; empty when no call has failed yet.
/// Threads: any; each has its own.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_last_error_message() -> *const c_char {
    guard_value(c"".as_ptr(), || {
        let message = LAST.try_with(|last| {
            last.borrow()
                .as_ref()
                .map_or(c"".as_ptr(), |(message, _)| CStr::as_ptr(message))
        });
        Ok(message.unwrap_or(c"".as_ptr()))
    })
}

/// The system's error number (errno) behind the last call of this thread that failed.
///
/// Returns: the number; 0 when that failure came from no system call, or none has failed.
/// Threads: any; each has its own.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub extern "C" fn usm_last_error_os_code() -> i32 {
    guard_value(0, || {
        let code = LAST.try_with(|last| last.borrow().as_ref().map_or(0, |(_, code)| *code));
        Ok(code.unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::guard;
    use crate::status::USM_ERR_NOT_FOUND;

    fn last_message() -> String {
        // SAFETY: the function returns a text that lives until the next failure.
        unsafe { CStr::from_ptr(usm_last_error_message()) }
            .to_str()
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_failure_is_told_to_its_own_thread_only_and_outlives_a_success() {
        let missing = || std::fs::read("/nonexistent/file").map(drop);
        let failed = || Err(Error::io("/nonexistent/file", missing().unwrap_err()).into());
        assert_eq!(guard(failed), USM_ERR_NOT_FOUND);
        assert_eq!(guard(|| Ok(())), 0);
        assert!(
            last_message().contains("/nonexistent/file"),
            "{}",
            last_message()
        );
        assert_eq!(usm_last_error_os_code(), 2);
        std::thread::spawn(|| {
            assert_eq!(last_message(), "");
            assert_eq!(usm_last_error_os_code(), 0);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_message_with_a_nul_inside_is_told_whole() {
        assert_eq!(
            guard(|| Err(Failure::null("a\0b"))),
            USM_ERR_INVALID_ARGUMENT
        );
        assert_eq!(last_message(), "a\\0b: NULL is not allowed");
    }
}
