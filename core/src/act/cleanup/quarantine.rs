//! The folder into which cleaned files are moved: on their own file system, closed to others,
//! and never one that somebody else has put there.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::Mode;
use rustix::io::Errno;

use super::beneath::{Root, open_folder};
use super::judge::QUARANTINE;
use super::manifest::{Line, Manifest};
use super::meta::{self, Meta};
use super::outcome::Quarantine;
use super::rule::Rule;
use crate::error::{Error, Result};

/// A quarantine that is open.
pub(super) struct Held {
    pub(super) root: Root,
    pub(super) base: OwnedFd,
    pub(super) folder: OwnedFd,
    pub(super) name: Vec<u8>,
}

/// Tries at a free name.
const MOST_NAMES: u32 = 10_000;

/// The folder of all quarantines of this user below a root; `None` where there is none.
///
/// # Errors
/// `Refused` for one that somebody else has put there or that others may look into.
pub(super) fn base(root: &Root, makes: bool) -> Result<Option<OwnedFd>> {
    let own = rustix::process::geteuid().as_raw();
    let name = format!("{QUARANTINE}{own}");
    let path = root.path.join(&name);
    let failed = |errno: Errno| Error::io(&path, errno);
    if makes {
        match rustix::fs::mkdirat(root.fd(), name.as_str(), Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(failed(errno)),
        }
    }
    let refused = |why: &str| Error::Refused(format!("{}: {why}", path.display()));
    let opened = match open_folder(root.fd(), name.as_bytes(), root.meta.id.0) {
        Ok(opened) => opened,
        Err(Errno::NOENT) if !makes => return Ok(None),
        Err(Errno::LOOP | Errno::NOTDIR) => {
            return Err(refused("somebody put something else there than a folder"));
        }
        Err(Errno::XDEV) => return Err(refused("it is on another file system")),
        Err(errno) => {
            // A planted one may not even be opened.
            return match Meta::at(root.fd(), name.as_bytes()) {
                Ok(found) if found.uid != own => Err(refused("another user made it")),
                _ => Err(failed(errno)),
            };
        }
    };
    let found = Meta::of(&opened).map_err(failed)?;
    if found.uid != own {
        return Err(refused("another user made it"));
    }
    if found.mode & 0o077 != 0 {
        return Err(refused("others may look into it"));
    }
    Ok(Some(opened))
}

/// Makes a new quarantine with the first line of its list.
pub(super) fn make(root: &Root, rule: &Rule) -> Result<(Quarantine, Held, Manifest)> {
    let base = base(root, true)?.ok_or_else(|| Error::Internal("no base".into()))?;
    let own = rustix::process::geteuid().as_raw();
    let made_at = meta::now();
    let parent = root.path.join(format!("{QUARANTINE}{own}"));
    let mut number = 0;
    let name = loop {
        let name = format!("{}-{number}", made_at as u64);
        match rustix::fs::mkdirat(&base, name.as_str(), Mode::RWXU) {
            Ok(()) => break name,
            Err(Errno::EXIST) if number < MOST_NAMES => number += 1,
            Err(errno) => return Err(Error::io(parent.join(name), errno)),
        }
    };
    let quarantine = Quarantine {
        folder: parent.join(&name),
        root: root.path.clone(),
        root_uid: root.meta.uid,
        device: root.meta.id.0,
        made_at,
        rule: rule.name.clone(),
        regenerable: rule.regenerable,
        uid: own,
    };
    let made = fill(root, &base, &quarantine, &name);
    let (folder, manifest) = match made {
        Ok(made) => made,
        Err(error) => {
            // Nothing is in it yet: leave nothing behind.
            if let Ok(folder) = open_folder(&base, name.as_bytes(), root.meta.id.0) {
                discard(&folder, &base, root, name.as_bytes());
            }
            return Err(error);
        }
    };
    let held = Held {
        root: Root::open(&root.path, Some(root.meta.uid))?,
        base,
        folder,
        name: name.into_bytes(),
    };
    Ok((quarantine, held, manifest))
}

fn fill(
    root: &Root,
    base: &OwnedFd,
    quarantine: &Quarantine,
    name: &str,
) -> Result<(OwnedFd, Manifest)> {
    let failed = |errno: Errno| Error::io(&quarantine.folder, errno);
    let folder = open_folder(base, name.as_bytes(), root.meta.id.0).map_err(failed)?;
    let mut manifest = Manifest::open(&folder, quarantine, root.meta.id.0, true)?;
    manifest.add(&[Line::Quarantine {
        quarantine: quarantine.clone(),
    }])?;
    // The names on the way too must be there after a power failure.
    for fd in [&folder, base, root.fd()] {
        let _ = rustix::fs::fsync(fd);
    }
    Ok((folder, manifest))
}

/// Takes away an empty quarantine.
pub(super) fn discard(folder: impl AsFd, base: impl AsFd, root: &Root, name: &[u8]) {
    use rustix::fs::{AtFlags, unlinkat};
    let _ = unlinkat(folder, super::manifest::MANIFEST, AtFlags::empty());
    let _ = unlinkat(base, name, AtFlags::REMOVEDIR);
    let own = rustix::process::geteuid().as_raw();
    // It goes only when no other quarantine is in it.
    let _ = unlinkat(root.fd(), format!("{QUARANTINE}{own}"), AtFlags::REMOVEDIR);
}

impl Quarantine {
    /// Opens it; `None` when it does not exist any more.
    pub(super) fn open(&self) -> Result<Option<Held>> {
        use std::os::unix::ffi::OsStrExt;
        let own = rustix::process::geteuid().as_raw();
        let refused = |why: String| Error::Refused(format!("{}: {why}", self.folder.display()));
        if self.uid != own {
            return Err(refused(format!("it is of user {}", self.uid)));
        }
        let expected = self.root.join(format!("{QUARANTINE}{own}"));
        let name = match self.folder.strip_prefix(&expected) {
            Ok(name) if name.components().count() == 1 => name.as_os_str().as_bytes().to_vec(),
            _ => return Err(refused("it is not where quarantines are".into())),
        };
        let root = match Root::open(&self.root, Some(self.root_uid)) {
            Err(Error::NotFound { .. }) => return Ok(None),
            root => root?,
        };
        let Some(base) = base(&root, false)? else {
            return Ok(None);
        };
        let folder = match open_folder(&base, &name, root.meta.id.0) {
            Err(Errno::NOENT) => return Ok(None),
            folder => folder.map_err(|errno| Error::io(&self.folder, errno))?,
        };
        let meta = Meta::of(&folder).map_err(|errno| Error::io(&self.folder, errno))?;
        if meta.uid != own {
            return Err(refused("another user made it".into()));
        }
        Ok(Some(Held {
            root,
            base,
            folder,
            name,
        }))
    }
}
