//! Profiles: thresholds and what may be done about them.

use std::ffi::c_char;

use usm_core::optimizer::{Optimizer, Profile};

use crate::failure::Failure;
use crate::guard::guard;
use crate::optimizer::{at, give_json, usm_optimizer};
use crate::status::usm_status;
use crate::text;

/// The profile from which one that is saved takes what it does not say.
const BASE: &str = "balanced";

/// Gives the profiles as a JSON array, built-in ones first.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_profiles_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, |optimizer| Ok(optimizer.profiles()?)) })
}

/// Gives a profile as a JSON object, such as usm_optimizer_save_profile() takes.
///
/// - name: name of the profile.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for an unknown name, with those that there are;
/// USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_profile_json(
    optimizer: *const usm_optimizer,
    name: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |optimizer: &Optimizer| {
        // SAFETY: by the contract of the header: NULL or a text.
        Ok(optimizer.profile(unsafe { text::read(name, "name")? })?)
    };
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

/// Gives the profile in force as a JSON object.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_current_profile_json(
    optimizer: *const usm_optimizer,
    json: *mut *mut c_char,
) -> usm_status {
    let ask = |optimizer: &Optimizer| Ok(optimizer.current_profile());
    // SAFETY: by the contract of the header: NULL, or a handle and a variable.
    guard(|| unsafe { give_json(optimizer, json, ask) })
}

/// Makes or replaces a profile of the user's own.
///
/// - json: a JSON object with "profile_name" and what differs from the profile "balanced",
///   e.g. {"profile_name": "mine", "cpu_threshold": 60, "protected": ["postgres"]}.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT with field, value and range, or for the name of
/// a built-in profile; USM_ERR_INVALID_UTF8; USM_ERR_STORE; USM_ERR_FORKED. On an error
/// nothing is changed.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_save_profile(
    optimizer: *mut usm_optimizer,
    json: *const c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe {
        named(optimizer, json, "json", |optimizer, json| {
            let profile = Profile::from_json(json, &optimizer.profile(BASE)?)?;
            Ok(optimizer.save_profile(&profile)?)
        })
    })
}

/// Puts a profile in force, now and for later optimizers of this data folder. Its
/// "auto_optimize" switches auto-optimization.
///
/// - name: name of the profile.
///
/// Returns: as usm_optimizer_profile_json().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_apply_profile(
    optimizer: *mut usm_optimizer,
    name: *const c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe {
        named(optimizer, name, "name", |optimizer, name| {
            Ok(optimizer.apply_profile(name)?)
        })
    })
}

/// Deletes a profile of the user's own; if it was in force, "balanced" is.
///
/// - name: name of the profile.
///
/// Returns: as usm_optimizer_profile_json(); a built-in profile can't be deleted:
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_optimizer_delete_profile(
    optimizer: *mut usm_optimizer,
    name: *const c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe {
        named(optimizer, name, "name", |optimizer, name| {
            Ok(optimizer.delete_profile(name)?)
        })
    })
}

/// # Safety
/// `optimizer` is NULL or a handle, `given` NULL or a text.
unsafe fn named(
    optimizer: *mut usm_optimizer,
    given: *const c_char,
    argument: &str,
    act: impl FnOnce(&Optimizer, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let optimizer = unsafe { at(optimizer)? };
    // SAFETY: by this function's contract.
    act(&optimizer, unsafe { text::read(given, argument)? })
}
