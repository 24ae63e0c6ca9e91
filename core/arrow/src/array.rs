//! Values on their way to C.

use std::any::Any;
use std::ffi::c_void;
use std::sync::Arc;

use crate::abi::ArrowArray;

/// Memory that is kept as long as an array uses it.
#[derive(Clone)]
pub(crate) struct Buffer {
    pointer: *const c_void,
    _owner: Option<Arc<dyn Any + Send + Sync>>,
}

impl Buffer {
    /// No memory: all values are there.
    pub(crate) const NONE: Buffer = Buffer {
        pointer: std::ptr::null(),
        _owner: None,
    };

    /// Memory of one's own.
    pub(crate) fn of<T: Send + Sync + 'static>(values: Vec<T>) -> Buffer {
        let owner = Arc::new(values);
        Buffer {
            pointer: pointer_of(&owner),
            _owner: Some(owner),
        }
    }

    /// A part of something shared.
    pub(crate) fn within<O: Any + Send + Sync, T>(
        owner: &Arc<O>,
        part: impl FnOnce(&O) -> &[T],
    ) -> Buffer {
        Buffer {
            pointer: pointer_of(part(owner)),
            _owner: Some(owner.clone()),
        }
    }
}

/// Nothing has no place.
fn pointer_of<T>(values: &[T]) -> *const c_void {
    match values.is_empty() {
        true => std::ptr::null(),
        false => values.as_ptr().cast(),
    }
}

/// The values of a column, or of a table's rows.
pub(crate) struct Array {
    pub(crate) length: usize,
    pub(crate) null_count: usize,
    /// In the order that the type wants; the first says which values are there.
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) children: Vec<Array>,
    pub(crate) dictionary: Option<Box<Array>>,
}

// SAFETY: a buffer's pointer leads into what its owner, Send + Sync, keeps unchanged.
unsafe impl Send for Buffer {}

impl Array {
    /// A column without children.
    pub(crate) fn new(length: usize, null_count: usize, buffers: Vec<Buffer>) -> Array {
        Array {
            length,
            null_count,
            buffers,
            children: Vec::new(),
            dictionary: None,
        }
    }

    /// The rows of a table.
    pub(crate) fn record(length: usize, children: Vec<Array>) -> Array {
        Array {
            children,
            ..Array::new(length, 0, vec![Buffer::NONE])
        }
    }

    /// As C has it.
    pub(crate) fn export(self) -> ArrowArray {
        let children = self.children.into_iter().map(|child| boxed(child.export()));
        let dictionary = self.dictionary.map(|array| boxed(array.export()));
        let private = Box::into_raw(Box::new(Private {
            pointers: self.buffers.iter().map(|buffer| buffer.pointer).collect(),
            _buffers: self.buffers,
            children: children.collect(),
            dictionary,
        }));
        // SAFETY: it was made just now, and is not moved before it is released.
        let kept = unsafe { &mut *private };
        ArrowArray {
            length: self.length as i64,
            null_count: self.null_count as i64,
            offset: 0,
            n_buffers: kept.pointers.len() as i64,
            n_children: kept.children.len() as i64,
            buffers: kept.pointers.as_mut_ptr(),
            children: kept.children.as_mut_ptr(),
            dictionary: kept.dictionary.unwrap_or(std::ptr::null_mut()),
            release: Some(release),
            private_data: private.cast(),
        }
    }
}

fn boxed(array: ArrowArray) -> *mut ArrowArray {
    Box::into_raw(Box::new(array))
}

/// What an array's pointers lead to. Each child has its own, so that it may outlive this one.
struct Private {
    pointers: Vec<*const c_void>,
    _buffers: Vec<Buffer>,
    children: Vec<*mut ArrowArray>,
    dictionary: Option<*mut ArrowArray>,
}

impl Drop for Private {
    fn drop(&mut self) {
        for child in self.children.drain(..).chain(self.dictionary.take()) {
            // SAFETY: `boxed` made it, and this is its only owner. One that the consumer has
            // moved away is marked as released, so that only its memory goes.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}

/// # Safety
/// `array` is NULL, or an array that `Array::export` made, here or moved.
unsafe extern "C" fn release(array: *mut ArrowArray) {
    // SAFETY: by this function's contract.
    let Some(array) = (unsafe { array.as_mut() }) else {
        return;
    };
    if array.release.take().is_some() {
        // SAFETY: `export` made it, and `release` was not taken before.
        drop(unsafe { Box::from_raw(array.private_data.cast::<Private>()) });
        array.private_data = std::ptr::null_mut();
    }
}
