//! Texts on their way in and out.

use std::ffi::{CStr, CString, c_char};

use usm_core::Error;

use crate::failure::Failure;
use crate::guard::guard_value;

/// A text from the caller.
///
/// # Safety
/// `text` is NULL or ends with a NUL byte, and stays as it is during `'a`.
pub(crate) unsafe fn read<'a>(text: *const c_char, argument: &str) -> Result<&'a str, Failure> {
    // SAFETY: by this function's contract.
    let text = unsafe { read_optional(text, argument)? };
    text.ok_or_else(|| Failure::null(argument))
}

/// A text from the caller, who may leave it out.
///
/// # Safety
/// As for [`read`].
pub(crate) unsafe fn read_optional<'a>(
    text: *const c_char,
    argument: &str,
) -> Result<Option<&'a str>, Failure> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and ends with a NUL byte by this function's contract.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str()
        .map(Some)
        .map_err(|error| Failure::not_utf8(argument, error))
}

/// A text for the caller, who frees it with `usm_string_free`.
pub(crate) fn give(text: impl Into<Vec<u8>>) -> Result<*mut c_char, Failure> {
    Ok(c_text(text)?.into_raw())
}

/// A value as JSON for C.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))?)
}

/// The word that stands for a value in JSON.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    json.trim_matches('"').to_string()
}

/// A text as C has it. JSON escapes a NUL, so it never fails for that.
pub(crate) fn c_text(text: impl Into<Vec<u8>>) -> Result<CString, Failure> {
    Ok(CString::new(text).map_err(|error| Error::Internal(error.to_string()))?)
}

/// A text that lives with a list; a NUL inside, which C could not see past, is written out.
pub(crate) fn kept(text: &str) -> CString {
    CString::new(text.replace('\0', "\\0")).unwrap_or_default()
}

/// The same for a text that may not be there.
pub(crate) fn kept_optional(text: Option<&String>) -> Option<CString> {
    text.map(|text| kept(text))
}

/// The pointer to a kept text; NULL where there is none.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// Frees a text that a function of this library gave away through a `char **`.
///
/// - string: the text; NULL is fine. It must not be used or freed again.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_string_free(string: *mut c_char) {
    guard_value((), || {
        if !string.is_null() {
            // SAFETY: by the contract `give` made it, and it is not used again.
            drop(unsafe { CString::from_raw(string) });
        }
        Ok(())
    });
}
