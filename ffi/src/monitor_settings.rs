//! Several settings of a monitor changed at once.

use std::ffi::c_char;
use std::path::Path;

use crate::guard::guard;
use crate::monitor::{at, usm_monitor};
use crate::status::usm_status;
use crate::text;

/// Changes settings of a monitor from a JSON object, e.g. "{\"refresh_interval\": 3.0}", also
/// while it is active: all of them, or none. See usm_monitor_set_number() and
/// usm_config_set_json().
///
/// - json: the object; copied.
///
/// Returns: as usm_config_set_json(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_set_json(
    monitor: *mut usm_monitor,
    json: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { at(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let json = unsafe { text::read(json, "json")? };
        Ok(monitor.reconfigure(|config| config.apply_json(json))?)
    })
}

/// Changes settings of a monitor to what a file holds, e.g. when the file was changed, also
/// while it is active: all of them, or none. What the file does not name stays as it is. See
/// usm_monitor_set_number() and usm_config_load_file().
///
/// - path: path of the file.
///
/// Returns: as usm_config_load_file(), and USM_ERR_FORKED.
/// Threads: any.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_monitor_load_file(
    monitor: *mut usm_monitor,
    path: *const c_char,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a handle.
        let monitor = unsafe { at(monitor)? };
        // SAFETY: by the contract of the header: NULL or a text.
        let path = unsafe { text::read(path, "path")? };
        Ok(monitor.reconfigure(|config| config.apply_file(Path::new(path)))?)
    })
}
