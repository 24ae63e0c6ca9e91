//! Settings read back by name, those of a set and those of a monitor.

use std::ffi::c_char;

use usm_core::{Config, Error};

use crate::config::{copy_of, new_config, usm_config};
use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{out, out_pointer};
use crate::monitor::{in_own_process, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Makes a set of settings that holds what another one holds.
///
/// - copy: takes the handle, to be ended by usm_config_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_copy(
    config: *const usm_config,
    copy: *mut *mut usm_config,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let copy = unsafe { out_pointer(copy, "copy")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *copy = new_config(unsafe { copy_of(config)? })?;
        Ok(())
    })
}

/// Gives a number by its name, e.g. "refresh_interval"; of a count, too.
///
/// - name: name of the setting.
/// - value: takes the number, in the unit of the setting.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
/// tells the nearest), and for a setting that is no number; USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_get_number(
    config: *const usm_config,
    name: *const c_char,
    value: *mut f64,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { tell(of_config(config), name, value, Config::number) })
}

/// Gives a switch by its name, e.g. "store_enabled".
///
/// - name: name of the setting.
/// - value: takes 1 when it is on, else 0.
///
/// Returns: as usm_config_get_number(), for a setting that is no switch.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_get_bool(
    config: *const usm_config,
    name: *const c_char,
    value: *mut i32,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { tell(of_config(config), name, value, switch) })
}

/// Gives any setting by its name as the text that usm_config_set_text() takes.
///
/// - name: name of the setting.
/// - value: takes the text, to be freed by usm_string_free(); NULL for a path that is not set.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting;
/// USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_get_text(
    config: *const usm_config,
    name: *const c_char,
    value: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { give(of_config(config), name, value) })
}

/// Makes a set of settings that holds those in force in a monitor. A change of it does not
/// reach the monitor: usm_monitor_set_number() and its like do that.
///
/// - config: takes the handle, to be ended by usm_config_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT; USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_config(
    monitor: *const usm_monitor,
    config: *mut *mut usm_config,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let config = unsafe { out_pointer(config, "config")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        *config = new_config(unsafe { of_monitor(monitor)? })?;
        Ok(())
    })
}

/// Gives a number in force in a monitor; see usm_config_get_number().
///
/// - name: name of the setting.
/// - value: takes the number, in the unit of the setting.
///
/// Returns: as usm_config_get_number(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_get_number(
    monitor: *const usm_monitor,
    name: *const c_char,
    value: *mut f64,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { tell(of_monitor(monitor), name, value, Config::number) })
}

/// Gives a switch in force in a monitor; see usm_config_get_bool().
///
/// - name: name of the setting.
/// - value: takes 1 when it is on, else 0.
///
/// Returns: as usm_config_get_bool(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_get_bool(
    monitor: *const usm_monitor,
    name: *const c_char,
    value: *mut i32,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { tell(of_monitor(monitor), name, value, switch) })
}

/// Gives any setting in force in a monitor as text; see usm_config_get_text().
///
/// - name: name of the setting.
/// - value: takes the text, to be freed by usm_string_free(); NULL for a path that is not set.
///
/// Returns: as usm_config_get_text(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_get_text(
    monitor: *const usm_monitor,
    name: *const c_char,
    value: *mut *mut c_char,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle, a text and a variable.
    guard(|| unsafe { give(of_monitor(monitor), name, value) })
}

fn switch(config: &Config, name: &str) -> Result<i32, Error> {
    config.switch(name).map(i32::from)
}

/// # Safety
/// As for [`copy_of`].
unsafe fn of_config(config: *const usm_config) -> Result<Config, Failure> {
    // SAFETY: by this function's contract.
    unsafe { copy_of(config) }
}

/// # Safety
/// As for [`in_own_process`].
unsafe fn of_monitor(monitor: *const usm_monitor) -> Result<Config, Failure> {
    // SAFETY: by this function's contract.
    Ok(Config::clone(&unsafe { in_own_process(monitor)? }.config()))
}

/// Writes one setting into the caller's variable.
///
/// # Safety
/// As for [`text::read`] and [`out`].
unsafe fn tell<T>(
    config: Result<Config, Failure>,
    name: *const c_char,
    value: *mut T,
    of: impl FnOnce(&Config, &str) -> Result<T, Error>,
) -> Result<(), Failure> {
    let config = config?;
    // SAFETY: by this function's contract.
    let name = unsafe { text::read(name, "name")? };
    // SAFETY: by this function's contract.
    let value = unsafe { out(value, "value")? };
    value.write(of(&config, name)?);
    Ok(())
}

/// Gives one setting as a text of the caller's.
///
/// # Safety
/// As for [`text::read`] and [`out_pointer`].
unsafe fn give(
    config: Result<Config, Failure>,
    name: *const c_char,
    value: *mut *mut c_char,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let value = unsafe { out_pointer(value, "value")? };
    let config = config?;
    // SAFETY: by this function's contract.
    let name = unsafe { text::read(name, "name")? };
    if let Some(text) = config.text(name)? {
        *value = text::give(text)?;
    }
    Ok(())
}
