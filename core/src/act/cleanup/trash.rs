//! The trash of desktops: `files/NAME` and `info/NAME.trashinfo` go together, by the age of
//! the info file, which was written when the user threw the thing away.

use std::cell::RefCell;
use std::collections::HashSet;
use std::os::fd::OwnedFd;

use super::beneath::Root;
use super::meta::Meta;
use super::outcome::Reason;

const SUFFIX: &[u8] = b".trashinfo";

pub(super) struct Trash {
    /// Names of what was thrown away long enough ago.
    old: HashSet<Vec<u8>>,
    /// Names of which a part stays.
    kept: RefCell<HashSet<Vec<u8>>>,
}

impl Trash {
    pub(super) fn read(root: &Root, min_age_seconds: f64, now: f64) -> Trash {
        let mut old = HashSet::new();
        if let Ok(folder) = root.folder(b"info") {
            each_name(folder, |folder, name| {
                let meta = Meta::at(folder, name);
                let is_old = meta.is_ok_and(|meta| now - meta.youngest >= min_age_seconds);
                if let (true, Some(name)) = (is_old, name.strip_suffix(SUFFIX)) {
                    old.insert(name.to_vec());
                }
            });
        }
        Trash {
            old,
            kept: RefCell::default(),
        }
    }

    /// Why half of a pair stays.
    pub(super) fn stays(&self, path: &[u8]) -> Option<Reason> {
        let (side, name) = split(path)?;
        if !self.old.contains(name) {
            return Some(Reason::TooYoung);
        }
        let waits = side == b"info" && self.kept.borrow().contains(name);
        waits.then_some(Reason::Pair)
    }

    /// Something of the thrown away thing stays: so must its info file.
    pub(super) fn keep(&self, path: &[u8]) {
        if let Some((b"files", name)) = split(path) {
            self.kept.borrow_mut().insert(name.to_vec());
        }
    }
}

/// `files` or `info`, and the name of the thing thrown away.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = path.splitn(3, |byte| *byte == b'/');
    let side = parts.next()?;
    let name = parts.next()?;
    match side {
        b"info" => Some((side, name.strip_suffix(SUFFIX).unwrap_or(name))),
        _ => Some((side, name)),
    }
}

fn each_name(folder: OwnedFd, mut each: impl FnMut(&OwnedFd, &[u8])) {
    let Ok(entries) = rustix::fs::Dir::read_from(&folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            each(&folder, name);
        }
    }
}
