//! A corrupt database is renamed, never deleted, never over another file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use super::folder::{SIDE_FILES, with_suffix};
use crate::{Error, Result};

/// How many set-aside files may pile up. A disk that corrupts one file after another is
/// not to be filled with them.
const MAX_SET_ASIDE: usize = 8;

/// Renames the database to `…corrupt-<unix seconds>` with its side files, which keep
/// their suffix so that recovery tools find them. Returns the new name.
///
/// The database goes last: were this interrupted, what is left is found corrupt again,
/// and a new database never meets the old one's log.
pub(crate) fn set_aside(database: &Path, unix_seconds: u64) -> Result<PathBuf> {
    if count(database)? >= MAX_SET_ASIDE {
        return Err(Error::InvalidState(format!(
            "{}: corrupt, and {MAX_SET_ASIDE} corrupt files were set aside already; look at \
             the disk and remove them",
            database.display()
        )));
    }
    let target = free_name(database, unix_seconds)?;
    for suffix in SIDE_FILES {
        match rename(
            &with_suffix(database, suffix),
            &with_suffix(&target, suffix),
        ) {
            Err(error) if error.kind() != crate::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    rename(database, &target)?;
    Ok(target)
}

fn count(database: &Path) -> Result<usize> {
    let folder = database.parent().unwrap_or(Path::new("."));
    let mut prefix = database.file_name().unwrap_or_default().to_owned();
    prefix.push(".corrupt-");
    let entries = std::fs::read_dir(folder).map_err(|source| Error::io(folder, source))?;
    let mut count = 0;
    for entry in entries {
        let name = entry
            .map_err(|source| Error::io(folder, source))?
            .file_name();
        let name = name.as_encoded_bytes();
        let is_side_file = SIDE_FILES
            .iter()
            .any(|suffix| name.ends_with(suffix.as_bytes()));
        count += usize::from(name.starts_with(prefix.as_encoded_bytes()) && !is_side_file);
    }
    Ok(count)
}

fn free_name(database: &Path, unix_seconds: u64) -> Result<PathBuf> {
    let first = with_suffix(database, &format!(".corrupt-{unix_seconds}"));
    let further = (1..100).map(|number| with_suffix(&first, &format!("-{number}")));
    std::iter::once(first.clone())
        .chain(further)
        .find(|name| {
            let taken = |path: &Path| path.symlink_metadata().is_ok();
            !taken(name) && !SIDE_FILES.iter().any(|s| taken(&with_suffix(name, s)))
        })
        .ok_or_else(|| Error::io(first, std::io::Error::from(ErrorKind::AlreadyExists)))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system without the flag: the name was found free a moment ago.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            std::fs::rename(from, to).map_err(|source| Error::io(from, source))
        }
        other => other.map_err(|errno| Error::io(from, errno)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_file_and_its_side_files_get_a_new_name_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("x.db");
        for (round, expected) in [(0, "x.db.corrupt-7"), (1, "x.db.corrupt-7-1")] {
            fs::write(&database, format!("db {round}")).unwrap();
            fs::write(with_suffix(&database, "-wal"), format!("wal {round}")).unwrap();
            let target = set_aside(&database, 7).unwrap();
            assert_eq!(target, folder.path().join(expected));
            assert_eq!(fs::read_to_string(&target).unwrap(), format!("db {round}"));
            assert_eq!(
                fs::read_to_string(with_suffix(&target, "-wal")).unwrap(),
                format!("wal {round}")
            );
            assert!(!database.exists());
        }
    }

    #[test]
    fn there_is_an_end_to_setting_aside() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("x.db");
        for second in 0..MAX_SET_ASIDE as u64 {
            fs::write(&database, "broken").unwrap();
            set_aside(&database, second).unwrap();
        }
        fs::write(&database, "broken").unwrap();
        let error = set_aside(&database, 99).unwrap_err();
        assert!(error.to_string().contains("set aside already"), "{error}");
        assert!(database.exists());
    }
}
