//! The private folder that copies are made in. It also keeps two migrations apart.

use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};

use crate::logging::{Level, tell};
use crate::store::{DATABASE_NAME, Fault, LEDGER_NAME};
use crate::sys::{ForkGate, Gated};
use crate::{Error, Result};

/// Its name in the data folder.
const NAME: &str = ".migrate";

/// The folder; it is deleted when this is dropped, and what a killed migration has left in it
/// when the next one begins.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Holds the lock.
    _lock: File,
}

impl Scratch {
    /// Makes it in the data folder, which is made if it is missing; what only looks makes
    /// nothing there.
    pub(super) fn new(folder: &Path, dry_run: bool) -> Result<Scratch> {
        let path = match dry_run {
            true => make_new(&std::env::temp_dir())?,
            false => {
                let path = folder.join(NAME);
                make(&path)?;
                path
            }
        };
        let lock = open_own(&path)?;
        if let Err(errno) = flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            return Err(match errno {
                rustix::io::Errno::WOULDBLOCK => Error::InvalidState(format!(
                    "another migration into {} runs; wait for its end",
                    folder.display()
                )),
                errno => Error::io(&path, errno),
            });
        }
        let scratch = Scratch { path, _lock: lock };
        scratch.clear()?;
        Ok(scratch)
    }

    /// A place for a copy of this name, with nothing there.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A copy of our own two files, to see what would become of them.
    pub(super) fn copy_of(&self, folder: &Path) -> Result<PathBuf> {
        let to = self.path.join("target");
        make(&to)?;
        for name in [DATABASE_NAME, LEDGER_NAME] {
            let from = folder.join(name);
            match fs::metadata(&from) {
                Ok(found) if found.len() > 0 => snapshot(&from, &to.join(name))?,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io(&from, error)),
            }
        }
        Ok(to)
    }

    fn clear(&self) -> Result<()> {
        let failed = |source| Error::io(&self.path, source);
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let removed = match is_folder {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
            removed.map_err(|source| Error::io(entry.path(), source))?;
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tell(
                Level::Warn,
                format_args!("{}: {error}", self.path.display()),
            );
        }
    }
}

fn make(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| Error::io(path, source))
}

/// A folder that was not there before: in one that others write to, what is there already may be
/// somebody else's, or a link to what must not be cleared.
fn make_new(within: &Path) -> Result<PathBuf> {
    for number in 0..1000 {
        let path = within.join(format!("usm-migrate-{}-{number}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::io(&path, source)),
        }
    }
    let taken = std::io::Error::from(ErrorKind::AlreadyExists);
    Err(Error::io(within.join("usm-migrate-*"), taken))
}

/// Opens the folder, which will be cleared: no link, and nobody else's.
fn open_own(path: &Path) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let failed = |errno| Error::io(path, errno);
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(failed)?;
    let owner = rustix::fs::fstat(&file).map_err(failed)?.st_uid;
    if owner != rustix::process::geteuid().as_raw() {
        return Err(Error::Refused(format!(
            "{}: it is another user's; remove it",
            path.display()
        )));
    }
    Ok(file.into())
}

/// What a database holds at this moment, whoever writes to it.
fn snapshot(from: &Path, to: &Path) -> Result<()> {
    let failed = |error| Fault::to_error(&Fault::from(error).cause, from);
    let inside = ForkGate::enter();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Gated::new(Connection::open_with_flags(from, flags).map_err(failed)?);
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(failed)?;
    let target = to.to_string_lossy();
    let done = connection.execute("VACUUM INTO ?1", [&*target]);
    drop(connection);
    drop(inside);
    done.map(|_| ()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_that_was_planted_in_its_place_is_not_followed_and_nothing_is_cleared() {
        let place = tempfile::tempdir().unwrap();
        let (data, other) = (place.path().join("data"), place.path().join("other"));
        fs::create_dir(&data).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("kept"), "kept").unwrap();
        symlink(&other, data.join(NAME)).unwrap();
        assert!(Scratch::new(&data, false).is_err());
        symlink(
            &other,
            data.join(format!("usm-migrate-{}-0", std::process::id())),
        )
        .unwrap();
        let made = make_new(&data).unwrap();
        assert!(made.ends_with(format!("usm-migrate-{}-1", std::process::id())));
        assert_eq!(fs::read_to_string(other.join("kept")).unwrap(), "kept");
    }
}
