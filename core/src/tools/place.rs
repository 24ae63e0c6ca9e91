//! Where a path of the host leads.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::sample::Roots;

/// Symbolic links that are followed one after the other, as many as the kernel does.
const MOST_LINKS: usize = 40;

/// Where a path leads, its links followed as the host itself would, below the host's root:
/// an absolute link of a host that is mounted here means a place on that host.
pub(super) fn resolve(roots: &Roots, path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::from("/");
    let mut links = 0;
    let mut ahead = reversed(path);
    while let Some(part) = ahead.pop() {
        if part == ".." {
            plain.pop();
            continue;
        }
        let next = plain.join(&part);
        let Ok(target) = roots.host(&next).read_link() else {
            plain = next;
            continue;
        };
        links += 1;
        if links > MOST_LINKS {
            return None;
        }
        if target.is_absolute() {
            plain = PathBuf::from("/");
        }
        ahead.extend(reversed(&target));
    }
    Some(plain)
}

/// The names of a path and its steps upwards, the last one first.
fn reversed(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| part.as_os_str().to_owned())
        .collect()
}
