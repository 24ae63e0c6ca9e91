//! Opening what is below a folder, and nothing else: no link is followed, no mount crossed,
//! no way leads out.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::chase::chase;
use super::meta::Meta;
use crate::error::{Error, Result};

/// File systems whose numbers of devices differ between stat(2) and /proc: btrfs, overlay,
/// bcachefs.
const LOOSE: [u64; 3] = [0x9123_683e, 0x794c_7630, 0xca45_1a4e];

/// A folder that is held, below which everything is opened.
pub(super) struct Root {
    fd: OwnedFd,
    pub(super) path: PathBuf,
    pub(super) meta: Meta,
    /// /proc may tell other device numbers than stat(2) for files of this file system.
    pub(super) is_loose: bool,
}

impl Root {
    /// # Errors
    /// `Refused` when the folder is neither root's nor the user's nor that of `owner`, when
    /// others may exchange what lies in it, or when a link on the way is not to be trusted.
    pub(super) fn open(path: &Path, owner: Option<u32>) -> Result<Root> {
        let (handle, meta) = chase(path)?;
        let own = rustix::process::geteuid().as_raw();
        let refused = |why: String| Error::Refused(format!("{}: {why}", path.display()));
        if meta.uid != 0 && meta.uid != own && Some(meta.uid) != owner {
            return Err(refused(format!("it belongs to user {}", meta.uid)));
        }
        if meta.mode & 0o1002 == 0o002 {
            return Err(refused("anybody may exchange what lies in it".into()));
        }
        Root::hold(path, &handle, meta)
    }

    /// For looking only: whoever owns it.
    pub(super) fn open_to_look(path: &Path) -> Result<Root> {
        let (handle, meta) = chase(path)?;
        Root::hold(path, &handle, meta)
    }

    fn hold(path: &Path, handle: &OwnedFd, meta: Meta) -> Result<Root> {
        let fd = open_folder(handle, b".", meta.id.0).map_err(|e| Error::io(path, e))?;
        let kind = rustix::fs::fstatfs(&fd).map(|found| found.f_type as u64);
        Ok(Root {
            fd,
            path: path.to_path_buf(),
            meta,
            is_loose: kind.is_ok_and(|kind| LOOSE.contains(&(kind & 0xffff_ffff))),
        })
    }

    /// The folder itself, for calls that take one.
    pub(super) fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    /// Opens a folder below; the empty path is the root itself.
    pub(super) fn folder(&self, relative: &[u8]) -> rustix::io::Result<OwnedFd> {
        let relative = if relative.is_empty() { b"." } else { relative };
        open_folder(&self.fd, relative, self.meta.id.0)
    }
}

/// Whether this user may add and remove names in an open folder.
pub(super) fn may_change(folder: impl AsFd) -> bool {
    let wanted = Access::WRITE_OK | Access::EXEC_OK;
    rustix::fs::accessat(folder, ".", wanted, AtFlags::EACCESS).is_ok()
}

/// Opens a folder below another for reading, on the same file system and mount.
pub(super) fn open_folder(
    base: impl AsFd,
    relative: &[u8],
    device: u64,
) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // Looking must not count as use; only the owner may look like that.
    match open_beneath(&base, relative, flags | OFlags::NOATIME, device) {
        Err(Errno::PERM) => open_beneath(&base, relative, flags, device),
        opened => opened,
    }
}

/// Opens anything below a folder, with flags and the mode 0600 for what is made.
pub(super) fn open_beneath(
    base: impl AsFd,
    relative: &[u8],
    flags: OFlags,
    device: u64,
) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mode = match flags.contains(OFlags::CREATE) {
        true => Mode::RUSR | Mode::WUSR,
        false => Mode::empty(),
    };
    for _ in 0..3 {
        match rustix::fs::openat2(&base, relative, flags, mode, resolve) {
            // Somebody renamed something meanwhile.
            Err(Errno::AGAIN) => continue,
            // Older kernels, and filters of containers.
            Err(Errno::NOSYS | Errno::PERM) => break,
            opened => return opened,
        }
    }
    step_by_step(base, relative, flags, mode, device)
}

/// The same for kernels without openat2(2).
fn step_by_step(
    base: impl AsFd,
    relative: &[u8],
    flags: OFlags,
    mode: Mode,
    device: u64,
) -> rustix::io::Result<OwnedFd> {
    let steps: Vec<&[u8]> = relative.split(|byte| *byte == b'/').collect();
    let (last, way) = steps.split_last().ok_or(Errno::NOENT)?;
    let mut held: Option<OwnedFd> = None;
    let way_flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for step in way.iter().filter(|step| !step.is_empty() && **step != b".") {
        if *step == b".." {
            return Err(Errno::XDEV);
        }
        let next = match &held {
            Some(folder) => rustix::fs::openat(folder, *step, way_flags, Mode::empty())?,
            None => rustix::fs::openat(&base, *step, way_flags, Mode::empty())?,
        };
        same_device(&next, device)?;
        held = Some(next);
    }
    if *last == b".." {
        return Err(Errno::XDEV);
    }
    let opened = match &held {
        Some(folder) => rustix::fs::openat(folder, *last, flags, mode)?,
        None => rustix::fs::openat(&base, *last, flags, mode)?,
    };
    same_device(&opened, device)?;
    Ok(opened)
}

fn same_device(fd: &OwnedFd, device: u64) -> rustix::io::Result<()> {
    let found = Meta::of(fd)?;
    match found.id.0 == device && !found.is_mount {
        true => Ok(()),
        false => Err(Errno::XDEV),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_leads_out_with_the_newer_call_or_without() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("base");
        std::fs::create_dir_all(base.join("a/b")).unwrap();
        std::fs::create_dir(dir.path().join("outside")).unwrap();
        std::os::unix::fs::symlink("../outside", base.join("link")).unwrap();
        std::os::unix::fs::symlink("/", base.join("a/top")).unwrap();
        let root = Root::open(&base, None).unwrap();
        let device = root.meta.id.0;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let old = |path: &[u8]| step_by_step(root.fd(), path, flags, Mode::empty(), device);
        assert!(root.folder(b"a/b").is_ok());
        assert!(old(b"a/b").is_ok());
        for path in ["..", "a/../..", "link", "a/top", "a/top/etc", "/etc"] {
            assert!(root.folder(path.as_bytes()).is_err(), "{path}");
            if path != "/etc" {
                assert!(old(path.as_bytes()).is_err(), "{path}, step by step");
            }
        }
    }
}
