//! Plain structs that begin with their size, and so may be those of another version.

use crate::failure::Failure;
use crate::handle::in_out;
use usm_core::Error;

/// A size beyond this is not from any version of the header.
const MOST_SIZE: usize = 64 * 1024;

/// Which sizes a struct may have.
#[derive(Clone, Copy)]
pub(crate) struct PlainSize {
    /// Bytes of the smallest version.
    pub(crate) least: usize,
    /// What to do, in words.
    pub(crate) allowed: &'static str,
}

impl PlainSize {
    /// Reads and checks the size that a struct begins with.
    ///
    /// # Safety
    /// `place` is NULL or points to a struct of as many bytes as its first field says.
    unsafe fn of<T>(self, place: *mut T, argument: &str) -> Result<usize, Failure> {
        // SAFETY: by this function's contract the first field, at least, is there.
        let size = *unsafe { in_out(place.cast::<u32>(), argument)? } as usize;
        // Every version ends where the struct's alignment lets it.
        if !(self.least..=MOST_SIZE).contains(&size) || !size.is_multiple_of(align_of::<T>()) {
            return Err(Error::invalid("struct_size", size, self.allowed).into());
        }
        Ok(size)
    }
}

/// Fills the caller's struct as far as it goes; what is beyond the size that is known here is
/// set to 0. `make` gets the struct's size for its first field.
///
/// # Safety
/// `place` is NULL or points to a struct of as many bytes as its first field, a `u32`, says.
pub(crate) unsafe fn fill<T: Copy>(
    place: *mut T,
    argument: &str,
    size: PlainSize,
    make: impl FnOnce(u32) -> T,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let size = unsafe { size.of(place, argument)? };
    let filled = make(size as u32);
    let known = size.min(size_of::<T>());
    // SAFETY: `size` bytes are the caller's by this function's contract, and `known` is
    // neither more than that nor more than what was just filled.
    unsafe {
        let place = place.cast::<u8>();
        place.copy_from_nonoverlapping((&raw const filled).cast::<u8>(), known);
        place.add(known).write_bytes(0, size - known);
    }
    Ok(())
}

/// Checks that the caller's struct can be filled later.
///
/// # Safety
/// As for [`fill`].
pub(crate) unsafe fn check<T>(
    place: *mut T,
    argument: &str,
    size: PlainSize,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    unsafe { size.of(place, argument) }.map(drop)
}

/// Reads the caller's struct: what an older version of it lacks is as in `default`, and what
/// a newer version asks for is refused, since it could not be done.
///
/// # Safety
/// As for [`fill`]; the bytes are initialised.
pub(crate) unsafe fn read<T: Copy>(
    place: *const T,
    argument: &str,
    size: PlainSize,
    default: T,
) -> Result<T, Failure> {
    // SAFETY: by this function's contract.
    let size = unsafe { size.of(place.cast_mut(), argument)? };
    // SAFETY: `size` bytes can be read by this function's contract.
    let bytes = unsafe { std::slice::from_raw_parts(place.cast::<u8>(), size) };
    let known = size.min(size_of::<T>());
    if bytes[known..].iter().any(|byte| *byte != 0) {
        let what = format!("{argument} has a field that this version does not know");
        return Err(Error::Unsupported(what).into());
    }
    let mut value = default;
    // SAFETY: `known` is at most the size of both.
    unsafe {
        (&raw mut value)
            .cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), known);
    }
    Ok(value)
}

/// Checks an array of the caller's that takes elements of the size that the caller knows.
pub(crate) fn check_array<T>(
    array: *mut T,
    element_size: usize,
    capacity: usize,
    size: PlainSize,
) -> Result<(), Failure> {
    if !(size.least..=MOST_SIZE).contains(&element_size) {
        return Err(Error::invalid("element_size", element_size, size.allowed).into());
    }
    if capacity > 0 && array.is_null() {
        return Err(Failure::null("array"));
    }
    if capacity > isize::MAX as usize / element_size {
        let allowed = "as many elements as fit into memory";
        return Err(Error::invalid("capacity", capacity, allowed).into());
    }
    Ok(())
}

/// Writes an element of such an array as far as it goes, and zero behind.
///
/// # Safety
/// The array has more than `at` elements of `element_size` bytes.
pub(crate) unsafe fn put<T: Copy>(array: *mut T, at: usize, element_size: usize, element: &T) {
    let known = size_of::<T>().min(element_size);
    // SAFETY: these bytes are the caller's to write by this function's contract; alignment
    // does not matter for bytes.
    unsafe {
        let place = array.cast::<u8>().add(at * element_size);
        place.copy_from_nonoverlapping(std::ptr::from_ref(element).cast::<u8>(), known);
        place.add(known).write_bytes(0, element_size - known);
    }
}

/// The element of a list.
pub(crate) fn element<'a, T>(list: &'a [T], field: &str, index: usize) -> Result<&'a T, Failure> {
    list.get(index).ok_or_else(|| {
        let allowed = match list.len() {
            0 => "nothing: the list is empty".to_string(),
            length => format!("0 to {}", length - 1),
        };
        Error::invalid(field, index, allowed).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Old {
        struct_size: u32,
        a: u32,
    }

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct New {
        struct_size: u32,
        a: u32,
        b: u32,
    }

    const SIZE: PlainSize = PlainSize {
        least: 8,
        allowed: "sizeof",
    };

    fn new(b: u32) -> New {
        New {
            struct_size: 12,
            a: 5,
            b,
        }
    }

    #[test]
    fn an_older_struct_is_filled_as_far_as_it_goes_and_a_newer_one_is_cleared() {
        let mut room = new(77);
        room.struct_size = 8;
        // SAFETY: the room is there, and larger than it says.
        unsafe {
            fill(&mut room, "x", SIZE, |struct_size| New {
                struct_size,
                a: 1,
                b: 2,
            })
            .unwrap();
        }
        assert_eq!((room.struct_size, room.a, room.b), (8, 1, 77));

        let mut room = new(77);
        // SAFETY: the struct is there.
        unsafe {
            let place = (&raw mut room).cast::<Old>();
            fill(place, "x", SIZE, |struct_size| Old { struct_size, a: 3 }).unwrap();
        }
        assert_eq!((room.struct_size, room.a, room.b), (12, 3, 0));
    }

    #[test]
    fn an_older_struct_is_read_over_the_default_and_an_unknown_wish_is_refused() {
        let old = Old {
            struct_size: 8,
            a: 1,
        };
        // SAFETY: the structs are there in the sizes that they say.
        unsafe {
            let read_new = read((&raw const old).cast::<New>(), "x", SIZE, new(9)).unwrap();
            assert_eq!((read_new.a, read_new.b), (1, 9));
            let (silent, asks) = (new(0), new(1));
            let place = |new: &New| std::ptr::from_ref(new).cast::<Old>();
            assert_eq!(read(place(&silent), "x", SIZE, old).unwrap().a, 5);
            assert!(read(place(&asks), "x", SIZE, old).is_err());
        }
    }

    #[test]
    fn an_index_beyond_the_end_is_refused() {
        assert_eq!(*element(&[1, 2], "index", 1).unwrap(), 2);
        assert!(element(&[1, 2], "index", 2).is_err());
        assert!(element::<u8>(&[], "index", 0).is_err());
    }
}
