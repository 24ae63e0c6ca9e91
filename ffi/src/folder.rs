//! Data folders: where a monitor keeps what it remembers.

use std::ffi::c_char;
use std::path::{Path, PathBuf};

use usm_core::store::default_folder;

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::out_pointer;
use crate::status::usm_status;
use crate::text;

/// Tells the data folder where no setting says another one: that of USM_DATA_DIR, else "usm" in
/// XDG_STATE_HOME, else ".local/state/usm" in the home folder. Nothing is made.
///
/// - folder: takes the path, to be freed by usm_string_free().
///
/// Returns: USM_OK; USM_ERR_INVALID_STATE when none of these says a folder;
/// USM_ERR_INVALID_ARGUMENT.
/// Threads: any, while no other thread changes the environment.
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_default_folder(folder: *mut *mut c_char) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let folder = unsafe { out_pointer(folder, "folder")? };
        *folder = text::give(of_path(&default_folder()?))?;
        Ok(())
    })
}

/// A data folder from the caller; NULL for the default one.
///
/// # Safety
/// As for [`text::read`].
pub(crate) unsafe fn read(folder: *const c_char) -> Result<PathBuf, Failure> {
    // SAFETY: by this function's contract.
    match unsafe { text::read_optional(folder, "folder")? } {
        Some(folder) => Ok(folder.into()),
        None => Ok(default_folder()?),
    }
}

/// A path as text.
pub(crate) fn of_path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
