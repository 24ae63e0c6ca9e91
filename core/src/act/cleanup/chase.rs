//! The way from `/` to a rule's root, one step at a time: nobody who owns a folder on the way
//! may lead it to what is another's.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags};

use super::meta::Meta;
use crate::error::{Error, Result};

/// Links that are followed before it counts as a loop.
const MOST_LINKS: usize = 40;

/// A handle to the folder that grants no access, and what it is.
pub(super) fn chase(path: &Path) -> Result<(OwnedFd, Meta)> {
    if !path.is_absolute() {
        return Err(Error::invalid("root", path.display(), "an absolute path"));
    }
    let failed = |errno: rustix::io::Errno| Error::io(path, errno);
    let own = rustix::process::geteuid().as_raw();
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open_top = || rustix::fs::openat(CWD, "/", flags | OFlags::DIRECTORY, Mode::empty());
    let mut at = open_top().map_err(failed)?;
    let mut found = Meta::of(&at).map_err(failed)?;
    let mut left = steps(path);
    let mut links = 0;
    while let Some(step) = left.pop_front() {
        let next = rustix::fs::openat(&at, step.as_slice(), flags, Mode::empty());
        let next = next.map_err(failed)?;
        let meta = Meta::of(&next).map_err(failed)?;
        if meta.kind == FileType::Symlink {
            let is_last = left.is_empty();
            let is_trusted = meta.uid == 0 || (!is_last && meta.uid == own);
            links += 1;
            if !is_trusted || links > MOST_LINKS {
                return Err(Error::Refused(format!(
                    "{}: there is a symbolic link of user {} on the way, at {:?}",
                    path.display(),
                    meta.uid,
                    String::from_utf8_lossy(&step)
                )));
            }
            let target = rustix::fs::readlinkat(&at, step.as_slice(), Vec::new());
            let target = PathBuf::from(std::ffi::OsString::from_vec(
                target.map_err(failed)?.into_bytes(),
            ));
            if target.is_absolute() {
                at = open_top().map_err(failed)?;
                found = Meta::of(&at).map_err(failed)?;
            }
            for step in steps(&target).into_iter().rev() {
                left.push_front(step);
            }
            continue;
        }
        // Who owns a folder can put any other in its place.
        let is_foreign = found.uid != 0 && found.uid != own;
        if is_foreign && meta.uid != found.uid {
            return Err(Error::Refused(format!(
                "{}: user {} may exchange what is below a folder on the way",
                path.display(),
                found.uid
            )));
        }
        (at, found) = (next, meta);
    }
    match found.is_folder() {
        true => Ok((at, found)),
        false => Err(Error::Refused(format!(
            "{}: it is not a folder",
            path.display()
        ))),
    }
}

fn steps(path: &Path) -> VecDeque<Vec<u8>> {
    path.as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'/')
        .filter(|step| !step.is_empty() && *step != b".")
        .map(<[u8]>::to_vec)
        .collect()
}
