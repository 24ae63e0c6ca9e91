//! Settings.

use std::ffi::c_char;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use usm_core::{Config, Error};

use crate::failure::Failure;
use crate::guard::{guard, guard_value};
use crate::handle::{Opaque, free, new_handle, open, out_pointer};
use crate::status::usm_status;
use crate::text;

/// The settings of a monitor, by name. Made by usm_config_new(), ended by usm_config_free().
/// The names, units and ranges are those of the settings file and of the USM_... environment
/// variables: usm_setting_at() tells what each is, and usm_config_get_json() lists them with
/// their values.
pub struct usm_config {
    _opaque: (),
}

impl Opaque for usm_config {
    type Value = Mutex<Config>;
    const MAGIC: u64 = 0x7573_6d20_636f_6e66;
    const NAME: &'static str = "usm_config";
}

/// Makes a set of settings that holds the defaults.
///
/// - config: takes the handle, to be ended by usm_config_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_new(config: *mut *mut usm_config) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let config = unsafe { out_pointer(config, "config")? };
        *config = new_config(Config::default())?;
        Ok(())
    })
}

/// Ends a set of settings. A monitor that was made from it is not touched: it has a copy.
///
/// - config: address of the handle, which is set to NULL; NULL and a NULL handle are fine.
///
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_free(config: *mut *mut usm_config) {
    // SAFETY: by the contract of the header: NULL, or the address of a handle or of NULL.
    guard_value((), || unsafe { free(config, "config") });
}

/// Sets a number by its name, e.g. "refresh_interval" to 0.5. For a count, 5.0 is 5.
///
/// - name: name of the setting.
/// - value: the number, in the unit of the setting.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting (the message
/// tells the nearest), for a value out of its range or NaN, and for a setting that takes no
/// number; USM_ERR_INVALID_UTF8. On an error nothing is changed.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_set_number(
    config: *mut usm_config,
    name: *const c_char,
    value: f64,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe { change(config, name, |config, name| config.set_number(name, value)) })
}

/// Sets a switch by its name, e.g. "store_enabled" to 0.
///
/// - name: name of the setting.
/// - value: 0 is off, any other number is on.
///
/// Returns: as usm_config_set_number().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_set_bool(
    config: *mut usm_config,
    name: *const c_char,
    value: i32,
) -> usm_status {
    // SAFETY: by the contract of the header: NULL, or a handle and a text.
    guard(|| unsafe {
        change(config, name, |config, name| {
            config.set(name, (value != 0).into())
        })
    })
}

/// Sets anything by its name from text, as in the environment: a folder, a word, a number,
/// or for a switch true, yes, on or 1 and their opposites.
///
/// - name: name of the setting.
/// - value: the text; copied.
///
/// Returns: as usm_config_set_number().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_set_text(
    config: *mut usm_config,
    name: *const c_char,
    value: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL, or a text.
        let value = unsafe { text::read(value, "value")? };
        // SAFETY: by the contract of the header: NULL, or a handle and a text.
        unsafe { change(config, name, |config, name| config.set_text(name, value)) }
    })
}

/// Sets what a JSON object holds, e.g. {"refresh_interval": 0.5, "store_enabled": false}.
///
/// - json: the object as text.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT when it is not a JSON object, or for the first
/// setting that is refused; USM_ERR_INVALID_UTF8. On an error nothing is changed.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_set_json(
    config: *mut usm_config,
    json: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let config = unsafe { open(config.cast_const(), "config")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let json = unsafe { text::read(json, "json")? };
        Ok(lock(&config).apply_json(json)?)
    })
}

/// Sets what a file holds: TOML, or JSON when its name ends in ".json".
///
/// - path: path of the file.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for the file;
/// USM_ERR_MALFORMED with line and column; USM_ERR_INVALID_ARGUMENT for the first setting
/// that is refused; USM_ERR_INVALID_UTF8. On an error nothing is changed.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_load_file(
    config: *mut usm_config,
    path: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let config = unsafe { open(config.cast_const(), "config")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        Ok(lock(&config).apply_file(Path::new(path))?)
    })
}

/// Sets what the environment holds: a variable for each setting, e.g. USM_REFRESH_INTERVAL,
/// and HOST_PROC, HOST_SYS and HOST_ROOT for the three roots. Call it after the file and
/// before the settings of the program itself, so that these go before it.
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for the first variable that is refused. On an
/// error nothing is changed.
/// Threads: any, while no other thread changes the environment.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_apply_environment(config: *mut usm_config) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let config = unsafe { open(config.cast_const(), "config")? };
        Ok(lock(&config).apply_environment()?)
    })
}

/// Gives a setting, or all of them, as JSON.
///
/// - name: name of the setting; NULL for an object of all settings by name.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting;
/// USM_ERR_INVALID_UTF8.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_get_json(
    config: *const usm_config,
    name: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a handle.
        let config = unsafe { open(config, "config")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let name = unsafe { text::read_optional(name, "name")? };
        *json = text::give(json_of(&lock(&config), name)?)?;
        Ok(())
    })
}

/// One setting or all as JSON.
pub(crate) fn json_of(config: &Config, name: Option<&str>) -> Result<String, Failure> {
    match name {
        Some(name) => text::json(&config.get(name)?),
        None => text::json(config),
    }
}

/// Moves settings behind a new handle.
pub(crate) fn new_config(config: Config) -> Result<*mut usm_config, Failure> {
    new_handle(Mutex::new(config))
}

/// A copy of the settings behind a handle.
///
/// # Safety
/// As for [`open`].
pub(crate) unsafe fn copy_of(config: *const usm_config) -> Result<Config, Failure> {
    // SAFETY: by this function's contract.
    let config = unsafe { open(config, "config")? };
    let copy = lock(&config).clone();
    Ok(copy)
}

/// # Safety
/// As for [`open`] and [`text::read`].
unsafe fn change(
    config: *mut usm_config,
    name: *const c_char,
    set: impl FnOnce(&mut Config, &str) -> Result<(), Error>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let config = unsafe { open(config.cast_const(), "config")? };
    // SAFETY: by this function's contract.
    let name = unsafe { text::read(name, "name")? };
    Ok(set(&mut lock(&config), name)?)
}

/// The settings behind a handle.
pub(crate) fn lock(config: &Mutex<Config>) -> MutexGuard<'_, Config> {
    config.lock().unwrap_or_else(PoisonError::into_inner)
}
