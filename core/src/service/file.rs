//! Opening the files of the service without being led elsewhere by what somebody planted.

use std::fs::{DirBuilder, File};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::error::{Error, Result};

const FOLDER_MODE: u32 = 0o700;

/// Makes the data folder where it is missing; one that is there keeps its mode.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(folder);
    made.map_err(|error| Error::io(folder, error))
}

/// Opens a file to be written, for its owner only, and makes it where it is missing.
///
/// # Errors
/// `Refused` for what is not a plain file of this user's with one name.
pub(super) fn open_own(path: &Path, flags: OFlags) -> Result<File> {
    let flags = flags | OFlags::CREATE;
    let file = open(path, flags)?;
    let found = rustix::fs::fstat(&file).map_err(|errno| Error::io(path, errno))?;
    check_plain(path, &found)?;
    if found.st_uid != rustix::process::geteuid().as_raw() {
        let owner = found.st_uid;
        let message = format!("{}: it belongs to another user ({owner})", path.display());
        return Err(Error::Refused(message));
    }
    if found.st_nlink != 1 {
        let message = format!("{}: it has another name elsewhere", path.display());
        return Err(Error::Refused(message));
    }
    if found.st_mode & 0o077 != 0 {
        rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| Error::io(path, errno))?;
    }
    Ok(file)
}

/// Opens a file to be read; `None` where there is none. Answers its owner, too.
pub(super) fn open_to_read(path: &Path) -> Result<Option<(File, u32)>> {
    let file = match open(path, OFlags::RDONLY) {
        Err(Error::NotFound { .. }) => return Ok(None),
        opened => opened?,
    };
    let found = rustix::fs::fstat(&file).map_err(|errno| Error::io(path, errno))?;
    check_plain(path, &found)?;
    Ok(Some((file, found.st_uid)))
}

fn open(path: &Path, flags: OFlags) -> Result<File> {
    // Without NONBLOCK a planted pipe would be waited for.
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    match rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR) {
        Ok(fd) => Ok(File::from(fd)),
        Err(Errno::LOOP) => Err(Error::Refused(format!(
            "{}: it is a symbolic link",
            path.display()
        ))),
        Err(errno) => Err(Error::io(path, errno)),
    }
}

fn check_plain(path: &Path, found: &Stat) -> Result<()> {
    match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => Ok(()),
        _ => Err(Error::Refused(format!(
            "{}: it is not a plain file",
            path.display()
        ))),
    }
}

/// Device and inode: which file it is.
pub(super) fn identity(file: &impl AsFd) -> Option<(u64, u64)> {
    let found = rustix::fs::fstat(file).ok()?;
    Some((found.st_dev, found.st_ino))
}
