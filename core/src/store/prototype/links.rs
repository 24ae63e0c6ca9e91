//! The names of the prototype's other files, as links to the one database.
//!
//! A link is made beneath a handle of the folder and only where nothing of its name is:
//! whatever is there, a prototype's file or a link to somewhere else, is left as it is and
//! never opened.

use std::path::{Path, PathBuf};

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::store::folder::DATABASE_NAME;
use crate::{Error, Result};

/// Names of the prototype's files whose tables are in [`DATABASE_NAME`].
pub const PROTOTYPE_FILES: [&str; 7] = [
    "system_metrics.db",
    "system_alerts.db",
    "ml_integration.db",
    "advanced_analytics.db",
    "predictive_analytics.db",
    "custom_alert_rules.db",
    "tool_analytics.db",
];

/// What the name of a file leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// Our link.
    Ours,
    Another,
}

/// What stands in a data folder under a name of [`PROTOTYPE_FILES`] and is no link to the
/// monitor's database: as a rule a file of the prototype's, which `usm migrate` can bring in. A
/// folder that is not there has none.
///
/// # Errors
/// `Io` when the folder can't be looked into.
pub fn prototype_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let handle = match handle_of(folder) {
        Ok(handle) => handle,
        Err(Errno::NOENT) => return Ok(Vec::new()),
        Err(errno) => return Err(Error::io(folder, errno)),
    };
    let mut others = Vec::new();
    for name in PROTOTYPE_FILES {
        let path = folder.join(name);
        if look(&handle, name).map_err(|errno| Error::io(&path, errno))? == Found::Another {
            others.push(path);
        }
    }
    Ok(others)
}

/// Makes the links that are missing. Tells what is in their place, and why one could not be
/// made.
pub(in crate::store) fn make_links(folder: &Path) -> (Vec<PathBuf>, Option<Error>) {
    let handle = match handle_of(folder) {
        Ok(handle) => handle,
        Err(errno) => return (Vec::new(), Some(Error::io(folder, errno))),
    };
    let (mut others, mut failure) = (Vec::new(), None);
    for name in PROTOTYPE_FILES {
        match make(&handle, name) {
            Ok(Found::Another) => others.push(folder.join(name)),
            Ok(_) => {}
            Err(errno) => failure = Some(Error::io(folder.join(name), errno)),
        }
    }
    (others, failure)
}

fn handle_of(folder: &Path) -> std::result::Result<OwnedFd, Errno> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, folder, flags, Mode::empty())
}

/// Answers what is there afterwards.
fn make(folder: &OwnedFd, name: &str) -> std::result::Result<Found, Errno> {
    match look(folder, name)? {
        Found::Nothing => match rustix::fs::symlinkat(DATABASE_NAME, folder, name) {
            Ok(()) => Ok(Found::Ours),
            // Made by somebody else meanwhile.
            Err(Errno::EXIST) => look(folder, name),
            Err(errno) => Err(errno),
        },
        found => Ok(found),
    }
}

fn look(folder: &OwnedFd, name: &str) -> std::result::Result<Found, Errno> {
    let stat = match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) => return Ok(Found::Nothing),
        Err(errno) => return Err(errno),
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
        return Ok(Found::Another);
    }
    match rustix::fs::readlinkat(folder, name, Vec::new()) {
        Ok(target) if target.as_bytes() == DATABASE_NAME.as_bytes() => Ok(Found::Ours),
        Ok(_) => Ok(Found::Another),
        Err(Errno::NOENT) => Ok(Found::Nothing),
        // It is no link any more.
        Err(Errno::INVAL) => Ok(Found::Another),
        Err(errno) => Err(errno),
    }
}
