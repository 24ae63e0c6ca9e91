//! Taking group and others off a file, without being led to another one by a planted link.

use std::io;
use std::path::Path;

/// What a file must not allow: anything to group and others.
const OTHERS: u32 = 0o077;

/// Takes group and others off a plain file of this user's; leaves alone what is another's and
/// what has a second name elsewhere (a hard link that somebody planted would lead to it).
/// The file is looked at and changed through one descriptor that grants no access, so that it
/// can't be swapped in between, and closing it drops no lock that SQLite holds.
///
/// # Errors
/// `PermissionDenied` for a symbolic link that another user made; else the system's own.
#[cfg(target_os = "linux")]
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, OFlags};
    let own = rustix::process::geteuid().as_raw();
    let open = |flags| {
        rustix::fs::openat(
            CWD,
            path,
            OFlags::PATH | OFlags::CLOEXEC | flags,
            Mode::empty(),
        )
    };
    let mut file = open(OFlags::NOFOLLOW)?;
    let mut found = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
        refuse_foreign_link(found.st_uid == own)?;
        file = open(OFlags::empty())?;
        found = rustix::fs::fstat(&file)?;
    }
    let is_ours = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
        && found.st_uid == own
        && found.st_nlink == 1;
    if !is_ours || found.st_mode & OTHERS == 0 {
        return Ok(());
    }
    use std::os::fd::AsRawFd;
    let through = format!("/proc/thread-self/fd/{}", file.as_raw_fd());
    rustix::fs::chmod(through, Mode::RUSR | Mode::WUSR)?;
    Ok(())
}

/// The same by name, where a descriptor without access does not exist.
#[cfg(not(target_os = "linux"))]
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let own = rustix::process::geteuid().as_raw();
    let link = std::fs::symlink_metadata(path)?;
    if link.is_symlink() {
        refuse_foreign_link(link.uid() == own)?;
    }
    let found = std::fs::metadata(path)?;
    if found.is_file() && found.uid() == own && found.nlink() == 1 && found.mode() & OTHERS != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn refuse_foreign_link(is_own: bool) -> io::Result<()> {
    match is_own {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is a symbolic link that another user made",
        )),
    }
}
