//! Handles and out-parameters: what C holds of a Rust value, and the checks on the way back.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::failure::Failure;

/// A type that C knows by pointer only.
pub(crate) trait Opaque {
    /// What is behind the pointer.
    type Value;
    /// What the memory behind the pointer begins with while the handle lives.
    const MAGIC: u64;
    /// The type's name in C.
    const NAME: &'static str;
}

/// The memory behind a handle.
#[repr(C)]
pub(crate) struct Handle<T> {
    magic: Magic,
    value: T,
}

/// Says what a handle is while it lives.
#[repr(transparent)]
struct Magic(AtomicU64);

impl Drop for Magic {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Release);
    }
}

impl<T> Handle<T> {
    /// A handle in place, for a value that is lent to a callback.
    pub(crate) fn lent<H: Opaque<Value = T>>(value: T) -> Handle<T> {
        Handle {
            magic: Magic(AtomicU64::new(H::MAGIC)),
            value,
        }
    }

    /// The value.
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// The value, once nobody else has the handle.
    pub(crate) fn into_value(self) -> T {
        self.value
    }

    pub(crate) fn as_pointer<H: Opaque<Value = T>>(&self) -> *const H {
        std::ptr::from_ref(self).cast()
    }
}

/// Moves a value behind a new handle.
pub(crate) fn new_handle<H: Opaque>(value: H::Value) -> *mut H {
    Box::into_raw(Box::new(Handle::lent::<H>(value))).cast()
}

/// The value behind a handle.
///
/// # Safety
/// `handle` is NULL or points to memory that may be read; a handle of this type is not
/// freed during `'a`.
pub(crate) unsafe fn open<'a, H: Opaque>(
    handle: *const H,
    argument: &str,
) -> Result<&'a H::Value, Failure> {
    let handle = handle.cast::<Handle<H::Value>>();
    if handle.is_null() {
        return Err(Failure::null(argument));
    }
    if !handle.is_aligned() {
        return Err(Failure::not_a(H::NAME, argument));
    }
    // SAFETY: readable by this function's contract and aligned; only the first eight bytes
    // are looked at until they show that this is a handle of the type.
    let magic = unsafe { &(*handle).magic.0 };
    if magic.load(Ordering::Acquire) != H::MAGIC {
        return Err(Failure::not_a(H::NAME, argument));
    }
    // SAFETY: `new_handle` or `lent` made it, and it lives for `'a`.
    Ok(unsafe { &(*handle).value })
}

/// Ends a handle: clears the caller's variable, then drops the value. NULL is fine.
///
/// # Safety
/// As for [`take`].
pub(crate) unsafe fn free<H: Opaque>(address: *mut *mut H, argument: &str) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    unsafe { take(address, argument) }.map(drop)
}

/// Ends a handle: clears the caller's variable and gives its value. NULL is fine.
///
/// # Safety
/// `address` is NULL or points to a variable that is NULL or as for [`open`]; nobody else
/// uses the handle.
pub(crate) unsafe fn take<H: Opaque>(
    address: *mut *mut H,
    argument: &str,
) -> Result<Option<Box<Handle<H::Value>>>, Failure> {
    if address.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract it is a variable of the caller's.
    let variable = unsafe { in_out(address, argument)? };
    let handle = *variable;
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: the same contract; the value is only looked for.
    unsafe { open(handle.cast_const(), argument)? };
    *variable = std::ptr::null_mut();
    // SAFETY: `open` has shown that it came from `new_handle`, and it is the last use.
    Ok(Some(unsafe {
        Box::from_raw(handle.cast::<Handle<H::Value>>())
    }))
}

/// A variable of the caller's that takes a result; what it holds before does not matter.
///
/// # Safety
/// `variable` is NULL or points to a variable that nobody else uses during `'a`.
pub(crate) unsafe fn out<'a, T>(
    variable: *mut T,
    argument: &str,
) -> Result<&'a mut MaybeUninit<T>, Failure> {
    if !variable.is_null() && !variable.is_aligned() {
        return Err(Failure::unaligned(argument));
    }
    // SAFETY: aligned, and valid by this function's contract.
    unsafe { variable.cast::<MaybeUninit<T>>().as_mut() }.ok_or_else(|| Failure::null(argument))
}

/// A variable of the caller's that holds something and may be changed.
///
/// # Safety
/// As for [`out`], and the variable is initialised.
pub(crate) unsafe fn in_out<'a, T>(variable: *mut T, argument: &str) -> Result<&'a mut T, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { out(variable, argument)?.assume_init_mut() })
}

/// A variable of the caller's that takes a pointer: NULL until there is one.
///
/// # Safety
/// As for [`out`].
pub(crate) unsafe fn out_pointer<'a, T>(
    variable: *mut *mut T,
    argument: &str,
) -> Result<&'a mut *mut T, Failure> {
    // SAFETY: by this function's contract.
    Ok(unsafe { out(variable, argument)? }.write(std::ptr::null_mut()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kind;
    impl Opaque for Kind {
        type Value = std::sync::Arc<()>;
        const MAGIC: u64 = 11;
        const NAME: &'static str = "kind";
    }
    struct OtherKind;
    impl Opaque for OtherKind {
        type Value = u64;
        const MAGIC: u64 = 12;
        const NAME: &'static str = "other";
    }

    #[test]
    fn a_handle_gives_its_value_until_it_is_freed_once() {
        let value = std::sync::Arc::new(());
        let mut handle = new_handle::<Kind>(value.clone());
        // SAFETY: the handle was made just now and is used here only.
        unsafe {
            assert!(std::sync::Arc::ptr_eq(
                open(handle.cast_const(), "h").unwrap(),
                &value
            ));
            free(&mut handle, "h").unwrap();
            assert!(handle.is_null());
            free(&mut handle, "h").unwrap();
            free::<Kind>(std::ptr::null_mut(), "h").unwrap();
        }
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    }

    #[test]
    fn what_is_no_handle_of_the_kind_is_refused_and_left_alone() {
        let mut other = new_handle::<OtherKind>(7);
        let mut wrong = other.cast::<Kind>();
        let odd = other.cast::<u8>().wrapping_add(1).cast::<Kind>();
        // SAFETY: all point into the memory of a handle that lives.
        unsafe {
            assert!(open(wrong.cast_const(), "h").is_err());
            assert!(open(odd.cast_const(), "h").is_err());
            assert!(open(std::ptr::null::<Kind>(), "h").is_err());
            assert!(free(&mut wrong, "h").is_err());
            assert!(!wrong.is_null());
            assert_eq!(*open(other.cast_const(), "h").unwrap(), 7);
            free(&mut other, "h").unwrap();
        }
    }
}
