//! Handles and out-parameters: what C holds of a Rust value, and the checks on the way back.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use usm_core::Error;

use crate::arena::{HANDLES, Seat};
use crate::failure::Failure;

/// A type that C knows by pointer only.
pub(crate) trait Opaque {
    /// What is behind the handle. Whoever leaves it last drops it, on any thread.
    type Value: Send + Sync + 'static;
    /// Tells its handles from those of other types.
    const MAGIC: u64;
    /// The type's name in C.
    const NAME: &'static str;
}

/// How long the end of a handle waits for other threads that are still inside.
pub(crate) const LAST_USE_PATIENCE: Duration = Duration::from_secs(5);

/// Use of what is behind a handle: it stays as long, also when the handle is freed meanwhile.
pub(crate) struct Held<T: ?Sized> {
    /// Before `seat` is dropped nobody ends the value that this is, or is a part of.
    value: NonNull<T>,
    seat: Seat,
}

impl<T: 'static> Held<T> {
    fn of(seat: Seat) -> Option<Held<T>> {
        Some(Held {
            value: seat.value()?,
            seat,
        })
    }
}

impl<T: ?Sized> Held<T> {
    /// Use of a part of it.
    pub(crate) fn map<U: ?Sized>(self, part: impl FnOnce(&T) -> &U) -> Held<U> {
        Held {
            value: NonNull::from(part(&self)),
            seat: self.seat,
        }
    }
}

impl<T: ?Sized> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it is not changed, and stays while the seat is held.
        unsafe { self.value.as_ref() }
    }
}

/// What was behind a handle that has ended: dropped with this, or by the last other thread
/// that is still inside.
pub(crate) struct Taken<T>(Held<T>);

impl<T: 'static> Taken<T> {
    /// The value, once no other thread is inside; it is given up after `patience`.
    pub(crate) fn into_value(self, patience: Duration) -> Result<T, Taken<T>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(value) = self.0.seat.take() {
                // It was seen to be a T when it was taken.
                return value.downcast::<T>().map(|value| *value).map_err(|_| self);
            }
            if Instant::now() >= deadline {
                return Err(self);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl<T> Deref for Taken<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A handle that is lent to a callback, and ends with this.
pub(crate) struct Lent<H: Opaque> {
    handle: usize,
    kind: PhantomData<fn() -> H>,
}

impl<H: Opaque> Lent<H> {
    pub(crate) fn new(value: H::Value) -> Result<Lent<H>, Failure> {
        Ok(Lent {
            handle: new_handle::<H>(value)?.addr(),
            kind: PhantomData,
        })
    }

    pub(crate) fn as_pointer(&self) -> *const H {
        std::ptr::without_provenance(self.handle)
    }
}

impl<H: Opaque> Drop for Lent<H> {
    fn drop(&mut self) {
        drop(HANDLES.end(self.handle, H::MAGIC));
    }
}

/// Puts a value behind a new handle.
pub(crate) fn new_handle<H: Opaque>(value: H::Value) -> Result<*mut H, Failure> {
    let handle = HANDLES.insert(H::MAGIC, Box::new(value));
    let too_many = || Error::Internal("millions of handles are in use: none is left".into());
    Ok(std::ptr::without_provenance_mut(
        handle.ok_or_else(too_many)?,
    ))
}

/// How many handles are in use.
pub(crate) fn handles_in_use() -> usize {
    HANDLES.taken()
}

/// The value behind a handle. Whatever the pointer is, it is looked up and not followed.
///
/// # Safety
/// What is lent to C of the value is documented to end with the handle.
pub(crate) unsafe fn open<H: Opaque>(
    handle: *const H,
    argument: &str,
) -> Result<Held<H::Value>, Failure> {
    if handle.is_null() {
        return Err(Failure::null(argument));
    }
    let seat = HANDLES.enter(handle.addr(), H::MAGIC);
    let not_a = || Failure::not_a(H::NAME, argument);
    seat.and_then(Held::of).ok_or_else(not_a)
}

/// Ends a handle: clears the caller's variable, then drops the value, or leaves that to the
/// last thread that is still inside. NULL is fine.
///
/// # Safety
/// As for [`take`].
pub(crate) unsafe fn free<H: Opaque>(address: *mut *mut H, argument: &str) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    unsafe { take(address, argument) }.map(drop)
}

/// Ends a handle: clears the caller's variable and gives its value. NULL is fine. Of several
/// threads that end the same handle one gets it, and the others are refused.
///
/// # Safety
/// `address` is NULL or points to a variable that nobody else uses.
pub(crate) unsafe fn take<H: Opaque>(
    address: *mut *mut H,
    argument: &str,
) -> Result<Option<Taken<H::Value>>, Failure> {
    if address.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract it is a variable of the caller's.
    let variable = unsafe { in_out(address, argument)? };
    if variable.is_null() {
        return Ok(None);
    }
    let seat = HANDLES.end(variable.addr(), H::MAGIC);
    let not_a = || Failure::not_a(H::NAME, argument);
    let held = seat.and_then(Held::of).ok_or_else(not_a)?;
    *variable = std::ptr::null_mut();
    Ok(Some(Taken(held)))
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
        let mut handle = new_handle::<Kind>(value.clone()).unwrap();
        let mut copy = handle;
        // SAFETY: the variables are this test's own.
        unsafe {
            let held = open(handle.cast_const(), "h").unwrap();
            assert!(std::sync::Arc::ptr_eq(&held, &value));
            free(&mut handle, "h").unwrap();
            assert!(handle.is_null());
            free(&mut handle, "h").unwrap();
            free::<Kind>(std::ptr::null_mut(), "h").unwrap();
            assert!(free(&mut copy, "h").is_err());
            assert!(open(copy.cast_const(), "h").is_err());
            assert_eq!(std::sync::Arc::strong_count(&held), 2);
        }
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    }

    #[test]
    fn what_is_no_handle_of_the_kind_is_refused_and_left_alone() {
        let mut other = new_handle::<OtherKind>(7).unwrap();
        let mut wrong = other.cast::<Kind>();
        let odd = other.cast::<u8>().wrapping_add(1).cast::<Kind>();
        // SAFETY: the variables are this test's own.
        unsafe {
            assert!(open(wrong.cast_const(), "h").is_err());
            assert!(open(odd.cast_const(), "h").is_err());
            assert!(open(std::ptr::null::<Kind>(), "h").is_err());
            assert!(open(std::ptr::dangling::<Kind>(), "h").is_err());
            assert!(open((&raw const wrong).cast::<Kind>(), "h").is_err());
            assert!(free(&mut wrong, "h").is_err());
            assert!(!wrong.is_null());
            assert_eq!(*open(other.cast_const(), "h").unwrap(), 7);
            free(&mut other, "h").unwrap();
        }
    }

    #[test]
    fn a_value_is_given_away_once_nobody_else_is_inside() {
        let mut handle = new_handle::<OtherKind>(7).unwrap();
        // SAFETY: the variable is this test's own.
        unsafe {
            let held = open(handle.cast_const(), "h").unwrap();
            let taken = take(&mut handle, "h").unwrap().unwrap();
            let taken = taken.into_value(Duration::ZERO).err().unwrap();
            assert_eq!((*taken, *held), (7, 7));
            drop(held);
            assert_eq!(taken.into_value(Duration::ZERO).ok(), Some(7));
        }
    }

    #[test]
    fn a_lent_handle_ends_with_its_callback() {
        let lent = Lent::<OtherKind>::new(7).unwrap();
        let kept = lent.as_pointer();
        // SAFETY: nothing is lent of the value.
        unsafe {
            assert_eq!(*open(kept, "h").unwrap(), 7);
            drop(lent);
            assert!(open(kept, "h").is_err());
        }
    }
}
