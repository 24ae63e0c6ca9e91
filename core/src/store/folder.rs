//! The data folder: where it is, and that only its owner can look into it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::sys;
use crate::{Error, Result};

/// Name of the monitor's database in the data folder.
pub const DATABASE_NAME: &str = "unified_system.db";

/// What SQLite puts beside a database.
pub(crate) const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// The default data folder: `$USM_DATA_DIR`, else `$XDG_STATE_HOME/usm`, else
/// `~/.local/state/usm`. Nothing is made yet.
pub fn default_folder() -> Result<PathBuf> {
    folder_from(|name| std::env::var_os(name).map(PathBuf::from))
}

/// As the XDG base directory specification has it, relative paths and empty values of
/// its variables count as not set; our own variable may be relative.
fn folder_from(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    if let Some(own) = variable("USM_DATA_DIR").filter(|path| !path.as_os_str().is_empty()) {
        return Ok(own);
    }
    if let Some(state) = absolute("XDG_STATE_HOME") {
        return Ok(state.join("usm"));
    }
    match absolute("HOME") {
        Some(home) => Ok(home.join(".local/state/usm")),
        None => Err(Error::InvalidState(
            "no data folder: USM_DATA_DIR, XDG_STATE_HOME and HOME are all unset, empty or \
             relative; set USM_DATA_DIR or name the folder in the configuration"
                .to_owned(),
        )),
    }
}

/// `name` with `suffix` put after it, as SQLite names its side files.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the folder (0700) and an empty database file (0600) where they are missing,
/// and takes group and others off the files that are ours. An existing folder keeps its
/// mode. An existing file is never opened here: closing it would drop the locks that
/// SQLite holds on it in this process.
pub(crate) fn prepare(database: &Path) -> Result<()> {
    let folder = database.parent().unwrap_or(Path::new("."));
    let made = DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(folder);
    made.map_err(|source| Error::io(folder, source))?;
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(database);
    match created {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => close_to_others(database)?,
        Err(error) => return Err(Error::io(database, error)),
    }
    for suffix in SIDE_FILES {
        close_to_others(&with_suffix(database, suffix))?;
    }
    Ok(())
}

fn close_to_others(path: &Path) -> Result<()> {
    match sys::close_to_others(path) {
        Ok(()) => Ok(()),
        // Not there, or gone since (SQLite removes side files): nothing to protect.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // A read-only mount: whether it can be written is SQLite's to say.
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => Ok(()),
        Err(error) => Err(Error::io(path, error)),
    }
}

/// Whether this process may write the database and make files beside it.
pub(crate) fn check_writable(database: &Path) -> Result<()> {
    let folder = database.parent().unwrap_or(Path::new("."));
    for (path, wanted) in [
        (folder, Access::WRITE_OK | Access::EXEC_OK),
        (database, Access::READ_OK | Access::WRITE_OK),
    ] {
        rustix::fs::access(path, wanted).map_err(|errno| Error::io(path, errno))?;
    }
    Ok(())
}

/// Size of the database with all its side files, bytes; a missing one counts nothing.
pub(crate) fn total_bytes(database: &Path) -> u64 {
    let side: u64 = SIDE_FILES
        .iter()
        .map(|suffix| file_bytes(&with_suffix(database, suffix)))
        .sum();
    file_bytes(database) + side
}

/// Size of one file, 0 where there is none.
pub(crate) fn file_bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn from(pairs: &[(&str, &str)]) -> Result<PathBuf> {
        folder_from(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        })
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn our_own_variable_wins_then_xdg_then_home() {
        let all = [
            ("USM_DATA_DIR", "/d"),
            ("XDG_STATE_HOME", "/x"),
            ("HOME", "/h"),
        ];
        assert_eq!(from(&all).unwrap(), Path::new("/d"));
        assert_eq!(from(&all[1..]).unwrap(), Path::new("/x/usm"));
        assert_eq!(from(&all[2..]).unwrap(), Path::new("/h/.local/state/usm"));
    }

    #[test]
    fn empty_and_relative_variables_count_as_not_set() {
        let odd = [
            ("USM_DATA_DIR", ""),
            ("XDG_STATE_HOME", "state"),
            ("HOME", "/h"),
        ];
        assert_eq!(from(&odd).unwrap(), Path::new("/h/.local/state/usm"));
        let error = from(&[("HOME", "")]).unwrap_err();
        assert!(error.to_string().contains("HOME"), "{error}");
    }

    #[test]
    fn what_is_made_is_for_the_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let database = root.path().join("a/b").join(DATABASE_NAME);
        prepare(&database).unwrap();
        assert_eq!(mode(&root.path().join("a")), 0o700);
        assert_eq!(mode(&root.path().join("a/b")), 0o700);
        assert_eq!(mode(&database), 0o600);
    }

    #[test]
    fn an_existing_folder_keeps_its_mode_and_our_files_lose_their_readers() {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let database = root.path().join(DATABASE_NAME);
        let other = root.path().join("other.txt");
        for path in [&database, &with_suffix(&database, "-wal"), &other] {
            fs::write(path, "").unwrap();
            fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
        }
        prepare(&database).unwrap();
        assert_eq!(mode(root.path()), 0o755);
        assert_eq!(mode(&database), 0o600);
        assert_eq!(mode(&with_suffix(&database, "-wal")), 0o600);
        assert_eq!(mode(&other), 0o644);
    }

    /// A data folder in which somebody else may write, with a link in the database's place.
    #[test]
    fn a_planted_link_changes_no_other_file() {
        let root = tempfile::tempdir().unwrap();
        let database = root.path().join(DATABASE_NAME);
        let victim = root.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        fs::set_permissions(&victim, Permissions::from_mode(0o644)).unwrap();

        fs::hard_link(&victim, &database).unwrap();
        prepare(&database).unwrap();
        assert_eq!(mode(&victim), 0o644);
        fs::remove_file(&database).unwrap();

        std::os::unix::fs::symlink(&victim, &database).unwrap();
        prepare(&database).unwrap();
        assert_eq!(mode(&victim), 0o600, "an own link is followed");
        fs::set_permissions(&victim, Permissions::from_mode(0o644)).unwrap();
        let another = Some(1);
        if std::os::unix::fs::lchown(&database, another, None).is_err() {
            println!("skipped: a link of another user can only be made as root");
            return;
        }
        let error = prepare(&database).unwrap_err();
        assert!(error.to_string().contains("another user"), "{error}");
        assert_eq!(mode(&victim), 0o644);
    }

    #[test]
    fn a_file_in_the_folders_place_is_named_with_its_error_number() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        let error = prepare(&file.join(DATABASE_NAME)).unwrap_err();
        assert!(error.os_error().is_some(), "{error:?}");
        assert!(error.to_string().contains("file"), "{error}");
    }
}
