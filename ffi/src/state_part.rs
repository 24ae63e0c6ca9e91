//! What the plain structs of a state's parts have in common: which whole numbers are known,
//! lists that go into the caller's array, and texts that live as long as the state.

use std::ffi::{CString, c_char};
use std::mem::size_of;

use once_cell::race::OnceBox;

use crate::failure::Failure;
use crate::handle::out;
use crate::plain::{self, PlainSize};
use crate::text;

/// Collects which whole numbers are known while they are taken.
#[derive(Default)]
pub(crate) struct Known(u64);

impl Known {
    /// The number, 0 where it is not known, and its bit.
    pub(crate) fn count(&mut self, bit: u32, value: Option<u64>) -> u64 {
        self.0 |= u64::from(value.is_some()) << bit;
        value.unwrap_or(0)
    }

    pub(crate) fn bits(&self) -> u64 {
        self.0
    }
}

/// Copies a list into the caller's array, as many as it holds. `make` gets the place in the
/// list, the item, and how many bytes of its element are filled.
///
/// # Safety
/// `array` is NULL or has `capacity` elements of `element_size` bytes; `count` as for [`out`].
pub(crate) unsafe fn give_rows<R, T: Copy>(
    list: &[R],
    make: impl Fn(usize, &R, u32) -> T,
    array: *mut T,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
    size: PlainSize,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let count = unsafe { out(count, "count")? };
    plain::check_array(array, element_size, capacity, size)?;
    let filled = size_of::<T>().min(element_size) as u32;
    for (at, item) in list.iter().enumerate().take(capacity) {
        let element = make(at, item, filled);
        // SAFETY: `at` is below capacity, so by this function's contract the element is the
        // caller's to write.
        unsafe { plain::put(array, at, element_size, &element) };
    }
    count.write(list.len());
    Ok(())
}

/// The texts of a list's items as C has them, `N` of each; made when an item is first asked
/// for. Without a lock, so that a forked child never finds it held.
pub(crate) struct TextRows<const N: usize>(OnceBox<Vec<OnceBox<[Option<CString>; N]>>>);

impl<const N: usize> Default for TextRows<N> {
    fn default() -> TextRows<N> {
        TextRows(OnceBox::new())
    }
}

impl<const N: usize> TextRows<N> {
    /// The texts of the item `at` of `rows`, which are always the same; NULL for one that is
    /// not there.
    pub(crate) fn row(
        &self,
        rows: usize,
        at: usize,
        texts: [Option<&str>; N],
    ) -> [*const c_char; N] {
        let all = self
            .0
            .get_or_init(|| Box::new((0..rows).map(|_| OnceBox::new()).collect()));
        let Some(row) = all.get(at) else {
            return [std::ptr::null(); N];
        };
        let kept = row.get_or_init(|| Box::new(texts.map(|text| text.map(text::kept))));
        kept.each_ref().map(|text| text::pointer(text.as_ref()))
    }
}

/// The texts of the parts of one state.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) disks: TextRows<1>,
    pub(crate) filesystems: TextRows<4>,
    pub(crate) interfaces: TextRows<1>,
    pub(crate) sensors: TextRows<2>,
    pub(crate) batteries: TextRows<2>,
    pub(crate) limits: TextRows<3>,
    pub(crate) host: TextRows<7>,
    pub(crate) store: TextRows<3>,
    /// By USM_SCORE_...
    pub(crate) scores: [TextRows<1>; 3],
    pub(crate) sources: TextRows<3>,
    pub(crate) processes: TextRows<4>,
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_text_is_made_once_and_what_is_not_there_is_null() {
        let rows = TextRows::<2>::default();
        let [first, none] = rows.row(2, 1, [Some("a\0b"), None]);
        // SAFETY: the text lives as long as `rows`.
        assert_eq!(unsafe { CStr::from_ptr(first) }, c"a\\0b");
        assert!(none.is_null());
        assert_eq!(rows.row(2, 1, [Some("a\0b"), None])[0], first);
        assert!(rows.row(2, 2, [Some("beyond"), None])[0].is_null());
    }

    #[test]
    fn what_is_not_known_has_no_bit() {
        let mut known = Known::default();
        assert_eq!((known.count(0, Some(7)), known.count(1, None)), (7, 0));
        assert_eq!((known.count(5, Some(0)), known.bits()), (0, 0b10_0001));
    }
}
