//! A prototype's databases, brought into a data folder.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::ops::ControlFlow;
use std::path::Path;

use usm_core::migrate::{MigrateSettings, MigrationProgress};

use crate::failure::Failure;
use crate::guard::guard;
use crate::handle::{new_handle, out_pointer};
use crate::migration::{Brought, usm_migration};
use crate::plain::{self, PlainSize};
use crate::progress::{Caller, usm_progress_callback};
use crate::status::usm_status;
use crate::text;

/// How usm_migrate() works. Begin with `usm_migrate_options options =
/// USM_MIGRATE_OPTIONS_INIT;`, which brings everything in.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct usm_migrate_options {
    /// sizeof(usm_migrate_options) in the caller's program.
    pub struct_size: u32,
    /// 0 brings in; any other number only tells what would be done, and writes nothing.
    pub dry_run: i32,
    /// Called from time to time; may be NULL. The stage is "migrating", the steps are
    /// thousandths of the whole, and what is being worked on is "file" or "file: table".
    /// Ending it keeps what was committed: doing it again goes on from there.
    pub progress: usm_progress_callback,
    /// Handed to the callback; may be NULL.
    pub user_data: *mut c_void,
}

const OPTIONS: PlainSize = PlainSize {
    least: offset_of!(usm_migrate_options, progress),
    allowed: "sizeof(usm_migrate_options); begin with USM_MIGRATE_OPTIONS_INIT",
};

/// What NULL stands for.
const EVERYTHING: usm_migrate_options = usm_migrate_options {
    struct_size: size_of::<usm_migrate_options>() as u32,
    dry_run: 0,
    progress: None,
    user_data: std::ptr::null_mut(),
};

/// Brings the databases of the prototype in a folder into a data folder. The originals are only
/// read. What is there already is told by its content, so that it can be done again at any time.
/// A monitor may run on the data folder meanwhile; then samples stay out of its packed history,
/// which the report tells. What could not be read is told in the report, not as an error.
///
/// - source: the folder of the prototype's databases (its "db").
/// - folder: the data folder, by the settings that are saved there and those of the
///   environment; NULL for the default one.
/// - options: NULL brings everything in.
/// - migration: takes the report, to be ended by usm_migration_free(). It is given also when
///   the callback ended it; usm_migration_summary() tells that.
///
/// Returns: USM_OK, also when a part could not be read; USM_ERR_NOT_FOUND when there is no such
/// source; USM_ERR_INVALID_ARGUMENT when it holds no database of the prototype, or for a
/// setting; USM_ERR_INVALID_STATE when another migration into the folder runs;
/// USM_ERR_UNSUPPORTED for an option of a later version; USM_ERR_PERMISSION_DENIED, USM_ERR_IO
/// or USM_ERR_STORE when the data folder can't be written; USM_ERR_INVALID_UTF8. What was
/// brought in until then stays.
/// Threads: any; also in a child after fork().
/// Since: 0.1.0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn usm_migrate(
    source: *const c_char,
    folder: *const c_char,
    options: *const usm_migrate_options,
    migration: *mut *mut usm_migration,
) -> usm_status {
    guard(|| {
        // SAFETY: by the contract of the header: NULL or a variable of the caller's.
        let migration = unsafe { out_pointer(migration, "migration")? };
        // SAFETY: by the contract of the header: NULL or texts.
        let (source, folder) = unsafe {
            (
                text::read(source, "source")?,
                text::read_optional(folder, "folder")?,
            )
        };
        // SAFETY: by the contract of the header: NULL, or a struct of the caller's.
        let options = unsafe { read_options(options)? };
        let mut settings = MigrateSettings::in_force(folder.map(Path::new))?;
        settings.dry_run = options.dry_run != 0;
        let caller = Caller::new(options.progress, options.user_data);
        let mut watch = |progress: &MigrationProgress| tell(&caller, progress);
        let done = usm_core::migrate::migrate(Path::new(source), &settings, &mut watch)?;
        *migration = new_handle(Brought::of(done))?;
        Ok(())
    })
}

fn tell(caller: &Caller, progress: &MigrationProgress) -> ControlFlow<()> {
    let MigrationProgress {
        file, table, share, ..
    } = progress;
    let what = match table.is_empty() {
        true => file.clone(),
        false => format!("{file}: {table}"),
    };
    match caller.tell("migrating", &what, (share * 1000.0) as u64, 1000) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// # Safety
/// `options` is NULL or points to a struct of as many bytes as it says.
unsafe fn read_options(
    options: *const usm_migrate_options,
) -> Result<usm_migrate_options, Failure> {
    match options.is_null() {
        true => Ok(EVERYTHING),
        // SAFETY: by this function's contract.
        false => unsafe { plain::read(options, "options", OPTIONS, EVERYTHING) },
    }
}
