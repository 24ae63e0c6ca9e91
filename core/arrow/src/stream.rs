//! One table as a stream of one batch.

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::abi::{ArrowArray, ArrowArrayStream, ArrowSchema};
use crate::array::Array;
use crate::column::Column;
use crate::field::Field;

/// Error numbers of the system, as the specification wants them.
const EINVAL: c_int = 22;
const EIO: c_int = 5;

/// What a stream's callbacks know.
struct Private {
    schema: Field,
    /// The one batch, until it is taken.
    batch: Option<Array>,
    error: Option<&'static CStr>,
}

/// A stream of the rows that columns of equal length make.
pub(crate) fn stream(
    rows: usize,
    columns: Vec<Column>,
    metadata: &[(&str, String)],
) -> ArrowArrayStream {
    let (fields, arrays) = columns
        .into_iter()
        .map(|column| (column.field, column.array))
        .unzip();
    let private = Box::new(Private {
        schema: Field::record(fields).with_metadata(metadata),
        batch: Some(Array::record(rows, arrays)),
        error: None,
    });
    ArrowArrayStream {
        get_schema: Some(get_schema),
        get_next: Some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release),
        private_data: Box::into_raw(private).cast(),
    }
}

/// # Safety
/// `stream` is NULL, released, or one that `stream` made; nobody else uses it during `'a`.
unsafe fn private<'a>(stream: *mut ArrowArrayStream) -> Option<&'a mut Private> {
    // SAFETY: by this function's contract; a released one leads to nothing.
    unsafe { stream.as_mut()?.private_data.cast::<Private>().as_mut() }
}

/// Gives what `make` makes to the consumer's variable.
///
/// # Safety
/// As for [`private`]; `out` is NULL or a variable of the consumer's.
unsafe fn give<T>(
    stream: *mut ArrowArrayStream,
    out: *mut T,
    make: impl FnOnce(&mut Private) -> T,
) -> c_int {
    // SAFETY: by this function's contract.
    let Some(private) = (unsafe { private(stream) }) else {
        return EINVAL;
    };
    if out.is_null() {
        private.error = Some(c"the place for the result is NULL");
        return EINVAL;
    }
    // A panic must not leave through C. What it might leave behind is only read again.
    match catch_unwind(AssertUnwindSafe(|| make(private))) {
        Ok(made) => {
            // SAFETY: not NULL; what the variable held before is the consumer's to end.
            unsafe { out.write(made) };
            0
        }
        Err(payload) => {
            // Dropping it might panic again.
            std::mem::forget(payload);
            private.error = Some(c"a defect of the library");
            EIO
        }
    }
}

/// # Safety
/// As the specification says.
unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { give(stream, out, |private| private.schema.clone().export()) }
}

/// # Safety
/// As the specification says.
unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    let next = |private: &mut Private| match private.batch.take() {
        Some(batch) => batch.export(),
        None => ArrowArray::EMPTY,
    };
    // SAFETY: by this function's contract.
    unsafe { give(stream, out, next) }
}

/// # Safety
/// As the specification says.
unsafe extern "C" fn get_last_error(stream: *mut ArrowArrayStream) -> *const c_char {
    // SAFETY: by this function's contract.
    let error = unsafe { private(stream) }.and_then(|private| private.error);
    error.map_or(std::ptr::null(), CStr::as_ptr)
}

/// # Safety
/// As the specification says.
unsafe extern "C" fn release(stream: *mut ArrowArrayStream) {
    // SAFETY: by this function's contract.
    let Some(stream) = (unsafe { stream.as_mut() }) else {
        return;
    };
    if stream.release.take().is_some() {
        // SAFETY: `stream` made it, and `release` was not taken before.
        drop(unsafe { Box::from_raw(stream.private_data.cast::<Private>()) });
        stream.private_data = std::ptr::null_mut();
    }
}
