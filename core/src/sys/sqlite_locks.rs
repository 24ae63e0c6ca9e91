//! SQLite's locks of the whole process, as a forked child finds them.

use rusqlite::ffi;

/// Whether one of them is held. Only for a child's only thread: then whoever holds one is not
/// there. Allocates nothing and waits for nothing.
///
/// These are all that two databases in different files have in common; a thread that waits for
/// the disk or for another program's lock holds none of them.
pub(super) fn any_is_held() -> bool {
    (ffi::SQLITE_MUTEX_STATIC_MAIN..=ffi::SQLITE_MUTEX_STATIC_VFS3).any(is_held)
}

fn is_held(number: i32) -> bool {
    // SAFETY: the number is one of a static mutex, for which SQLite answers a pointer that is
    // valid for ever, or NULL; the two other calls take that, and it is left only when entered.
    unsafe {
        let mutex = ffi::sqlite3_mutex_alloc(number);
        if mutex.is_null() {
            return true;
        }
        let is_held = ffi::sqlite3_mutex_try(mutex) != ffi::SQLITE_OK;
        if !is_held {
            ffi::sqlite3_mutex_leave(mutex);
        }
        is_held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_one_is_seen_and_a_free_one_stays_free() {
        // One that nothing in SQLite uses.
        let number = ffi::SQLITE_MUTEX_STATIC_APP3;
        assert!(!is_held(number));
        // SAFETY: a static mutex, entered and left by this thread.
        let mutex = unsafe { ffi::sqlite3_mutex_alloc(number) };
        // SAFETY: as above.
        unsafe { ffi::sqlite3_mutex_enter(mutex) };
        assert!(is_held(number) && any_is_held());
        // SAFETY: as above.
        unsafe { ffi::sqlite3_mutex_leave(mutex) };
        assert!(!is_held(number));
    }
}
