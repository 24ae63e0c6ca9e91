//! How far a long piece of work is, told to the caller, who may end it.

use std::ffi::{c_char, c_void};

use crate::callback;
use crate::text;

/// How far a long piece of work is; written by the library, and gone when the callback
/// returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_progress {
    /// How many bytes of this struct the library has filled.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 when that is not known.
    pub total: u64,
    /// "checking", "measuring", "acting", "verifying", "rolling back", "scanning", "cleaning",
    /// "extracting" or "testing"; more may come.
    pub stage: *const c_char,
    /// What is being worked on.
    pub what: *const c_char,
}

/// Called for each step of a long piece of work, on the thread that called for it. It may call
/// every function of the library; when it frees the handle that works, that ends after the
/// work. It must return normally.
///
/// - progress: how far it is, borrowed until the callback returns.
/// - user_data: what the options say.
///
/// Returns: 0 to go on; any other number cancels: what has not begun is left undone, and
/// what waits for its verdict is taken back.
pub type usm_progress_callback = Option<
    unsafe extern "C-unwind" fn(progress: *const usm_progress, user_data: *mut c_void) -> i32,
>;

/// The caller's callback.
pub(crate) struct Caller {
    callback: usm_progress_callback,
    user_data: *mut c_void,
}

// SAFETY: the core calls it on the thread that called the library, one call after the other;
// what the pointer leads to is the caller's to share.
unsafe impl Sync for Caller {}

impl Caller {
    pub(crate) fn new(callback: usm_progress_callback, user_data: *mut c_void) -> Caller {
        Caller {
            callback,
            user_data,
        }
    }

    /// Tells a step; true when the caller wants to end it.
    pub(crate) fn tell(&self, stage: &str, what: &str, done: u64, total: u64) -> bool {
        let Some(callback) = self.callback else {
            return false;
        };
        let (stage, what) = (text::kept(stage), text::kept(what));
        let seen = usm_progress {
            struct_size: size_of::<usm_progress>() as u32,
            reserved: 0,
            done,
            total,
            stage: stage.as_ptr(),
            what: what.as_ptr(),
        };
        callback::call("a progress callback", || {
            // SAFETY: the caller's function with the caller's pointer; what it is shown lives
            // until it returns.
            unsafe { callback(&raw const seen, self.user_data) != 0 }
        })
    }
}
