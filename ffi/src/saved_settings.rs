//! Settings that are saved in a data folder, and settings in layers.

use std::ffi::c_char;
use std::path::Path;
use std::sync::Mutex;

use usm_core::Config;
use usm_core::config::{SETTINGS, reset, save, saved};

use crate::config::{lock, usm_config};
use crate::folder;
use crate::guard::guard;
use crate::handle::{new_handle, open, out_pointer};
use crate::status::usm_status;
use crate::text;

/// Makes a set of settings as the command `usm` has them: the defaults, over them what is saved
/// in a data folder, over that a file, over that the environment.
///
/// - folder: the data folder; NULL for the default one.
/// - file: path of a file of settings, TOML, or JSON when its name ends in ".json"; NULL for
///   none.
/// - config: takes the handle, to be ended by usm_config_free(). Its "data_dir" is the folder,
///   unless that is NULL.
///
/// Returns: USM_OK; USM_ERR_NOT_FOUND, USM_ERR_PERMISSION_DENIED or USM_ERR_IO for a file;
/// USM_ERR_MALFORMED with line and column; USM_ERR_INVALID_ARGUMENT for the first setting that
/// is refused; USM_ERR_INVALID_STATE when there is no default folder; USM_ERR_INVALID_UTF8.
/// Threads: any, while no other thread changes the environment.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_new_layered(
    folder: *const c_char,
    file: *const c_char,
    config: *mut *mut usm_config,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let config = unsafe { out_pointer(config, "config")? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (given, file) = unsafe {
            (
                text::read_optional(folder, "folder")?,
                text::read_optional(file, "file")?,
            )
        };
        // SAFETY: as above.
        let folder = unsafe { folder::read(folder)? };
        let mut layered = Config::layered_with_saved(&folder, file.map(Path::new))?;
        if given.is_some() {
            layered.data_dir = Some(folder);
        }
        *config = new_handle(Mutex::new(layered))?;
        Ok(())
    })
}

/// Sets what is saved in a data folder. Call it before the file, the environment and the
/// settings of the program itself, so that these go before it.
///
/// - folder: the data folder; NULL for the default one.
///
/// Returns: USM_OK, also when nothing is saved there; otherwise as usm_config_new_layered(). On
/// an error nothing is changed.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_config_apply_saved(
    config: *mut usm_config,
    folder: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let config = unsafe { open(config.cast_const(), "config")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        Ok(lock(&config).apply_saved(&folder)?)
    })
}

/// Gives the settings that are saved in a data folder as a JSON object by name; those that are
/// not have their defaults.
///
/// - folder: the data folder; NULL for the default one.
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK, also when nothing is saved there; otherwise as usm_config_new_layered().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_saved_settings_json(
    folder: *const c_char,
    json: *mut *mut c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        // SAFETY: by the contract of the header: NULL or a text.
        let folder = unsafe { folder::read(folder)? };
        *json = text::give(text::json(&saved(&folder)?)?)?;
        Ok(())
    })
}

/// Saves a setting in a data folder, which is made where it is missing. A monitor that runs in
/// the background takes it over. Comments and other lines of the file stay as they are.
///
/// - folder: the data folder; NULL for the default one.
/// - name: name of the setting.
/// - value: its value as text; see usm_config_set_text().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT for a name that is not a setting or can't be saved
/// ("data_dir"), and for a value; USM_ERR_MALFORMED for what is in the file already;
/// USM_ERR_REFUSED when the file is a symbolic link; USM_ERR_PERMISSION_DENIED, USM_ERR_IO and
/// the like; USM_ERR_INVALID_UTF8. On an error the file is as it was.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_saved_settings_set(
    folder: *const c_char,
    name: *const c_char,
    value: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or texts.
        let (folder, name, value) = unsafe {
            (
                folder::read(folder)?,
                text::read(name, "name")?,
                text::read(value, "value")?,
            )
        };
        save(&folder, name, value)?;
        Ok(())
    })
}

/// Takes a setting, or all of them, out of the saved ones, so that it has its default again. A
/// file that can't be read is set aside when all are meant.
///
/// - folder: the data folder; NULL for the default one.
/// - name: name of the setting; NULL for all.
///
/// Returns: USM_OK, also when it was not saved; otherwise as usm_saved_settings_set().
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_saved_settings_reset(
    folder: *const c_char,
    name: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or texts.
        let (folder, name) = unsafe { (folder::read(folder)?, text::read_optional(name, "name")?) };
        reset(&folder, name.as_slice())?;
        Ok(())
    })
}

/// Gives every setting as a JSON array of objects: "name", "about", "allowed", "default" and
/// "live", whether it acts on a monitor that runs.
///
/// - json: takes the text, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_ARGUMENT.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_settings_json(json: *mut *mut c_char) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let json = unsafe { out_pointer(json, "json")? };
        let defaults = Config::default();
        let settings = SETTINGS.iter().map(|setting| {
            Ok(serde_json::json!({
                "name": setting.name,
                "about": setting.about,
                "allowed": setting.allowed(),
                "default": defaults.get(setting.name)?,
                "live": setting.live,
            }))
        });
        let settings: Vec<_> = settings.collect::<usm_core::Result<_>>()?;
        *json = text::give(text::json(&settings)?)?;
        Ok(())
    })
}
