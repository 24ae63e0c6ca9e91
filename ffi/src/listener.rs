//! A callback that any thread may call, and that can be taken away while it runs.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use log::Level;

use crate::callback::{self, UserData};
use crate::logging::usm_log_message;

type Callback = unsafe extern "C-unwind" fn(*const usm_log_message, *mut c_void);

thread_local! {
    /// The listener whose callback this thread is in.
    static INSIDE: Cell<*const Listener> = const { Cell::new(std::ptr::null()) };
}

/// The callback, and who is in it.
pub(crate) struct Listener {
    callback: Callback,
    level: Level,
    owner: u32,
    calls: Mutex<Calls>,
    ended: Condvar,
}

struct Calls {
    /// `None` once it is destroyed.
    user_data: Option<UserData>,
    running: usize,
    /// No call begins any more.
    is_closed: bool,
    /// It was closed from inside: who leaves last destroys the user data.
    is_left_to_the_last: bool,
}

impl Listener {
    pub(crate) fn new(callback: Callback, user_data: UserData, level: Level) -> Listener {
        Listener {
            callback,
            level,
            owner: std::process::id(),
            calls: Mutex::new(Calls {
                user_data: Some(user_data),
                running: 0,
                is_closed: false,
                is_left_to_the_last: false,
            }),
            ended: Condvar::new(),
        }
    }

    /// The least urgent that it hears.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Calls the callback, unless this thread is in one already.
    pub(crate) fn tell(&self, message: &usm_log_message) {
        // In a child of a fork it is the parent's, and its lock may be held for ever.
        if self.owner != std::process::id() {
            return;
        }
        // A thread that is ending has no place to note it.
        let is_free = INSIDE.try_with(|inside| {
            let is_free = inside.get().is_null();
            if is_free {
                inside.set(self);
            }
            is_free
        });
        if is_free != Ok(true) {
            return;
        }
        if let Some(pointer) = self.enter() {
            callback::call("a callback given to usm_log_set_callback()", || {
                // SAFETY: the caller's function with the caller's pointer, which is destroyed
                // only when nobody is inside; the message lives until it returns.
                unsafe { (self.callback)(message, pointer) }
            });
            self.leave();
        }
        let _ = INSIDE.try_with(|inside| inside.set(std::ptr::null()));
    }

    fn enter(&self) -> Option<*mut c_void> {
        let mut calls = self.lock();
        if calls.is_closed {
            return None;
        }
        let pointer = calls.user_data.as_ref()?.pointer();
        calls.running += 1;
        Some(pointer)
    }

    fn leave(&self) {
        let mut calls = self.lock();
        let is_last = calls.running == 1 && calls.is_left_to_the_last;
        let user_data = calls.user_data.take_if(|_| is_last);
        calls.running -= 1;
        if calls.running == 0 {
            self.ended.notify_all();
        }
        drop(calls);
        drop(user_data);
    }

    /// Ends it: when this returns, the callback is not running and its user data is destroyed;
    /// called from inside it, that is left to who leaves it last.
    pub(crate) fn end(self: Arc<Self>) {
        if self.owner != std::process::id() {
            // In a child of a fork its user data is the parent's.
            std::mem::forget(self);
            return;
        }
        let is_inside = INSIDE.try_with(|inside| std::ptr::eq(inside.get(), &*self));
        let mut calls = self.lock();
        calls.is_closed = true;
        if is_inside == Ok(true) {
            calls.is_left_to_the_last = true;
            return;
        }
        while calls.running > 0 {
            calls = self
                .ended
                .wait(calls)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let user_data = calls.user_data.take();
        drop(calls);
        drop(user_data);
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
