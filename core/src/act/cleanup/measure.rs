//! The sizes of folders now.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use rustix::fs::Dir;

use super::beneath::Root;
use super::growth::FolderSizes;
use super::meta::{self, Meta};
use super::rule::Watch;
use crate::error::{Error, Result};

struct Frame {
    path: Vec<u8>,
    bytes: u64,
    depth: usize,
    below: Vec<Vec<u8>>,
}

/// Measures the folders below one, on its file system; a file with several names counts once.
///
/// # Errors
/// When the folder itself can't be opened.
pub fn measure(root: &Path, depth: usize, watch: &dyn Watch) -> Result<FolderSizes> {
    let held = Root::open_to_look(root)?;
    let mut sizes = FolderSizes {
        root: root.to_path_buf(),
        at: meta::now(),
        depth,
        bytes: BTreeMap::new(),
        unreadable: 0,
        cancelled: false,
    };
    let mut seen = HashSet::new();
    let mut count = 0_u64;
    let top = read(&held, Vec::new(), 0, &mut seen).map_err(|e| Error::io(root, e))?;
    let mut stack = vec![top];
    while let Some(frame) = stack.last_mut() {
        if let Some(path) = frame.below.pop() {
            count += 1;
            if count.is_multiple_of(256) {
                watch.progress("measuring", &String::from_utf8_lossy(&path), count, 0);
                sizes.cancelled |= watch.cancelled();
            }
            let depth = frame.depth + 1;
            match read(&held, path, depth, &mut seen) {
                _ if sizes.cancelled => frame.below.clear(),
                Ok(below) => stack.push(below),
                Err(rustix::io::Errno::XDEV | rustix::io::Errno::NOENT) => {}
                Err(_) => sizes.unreadable += 1,
            }
            continue;
        }
        let Some(done) = stack.pop() else { break };
        if let Some(above) = stack.last_mut() {
            above.bytes += done.bytes;
        }
        if done.depth <= depth {
            let path = String::from_utf8_lossy(&done.path).into_owned();
            *sizes.bytes.entry(path).or_default() += done.bytes;
        }
    }
    Ok(sizes)
}

fn read(
    root: &Root,
    path: Vec<u8>,
    depth: usize,
    seen: &mut HashSet<meta::Id>,
) -> rustix::io::Result<Frame> {
    let opened = root.folder(&path)?;
    let own = Meta::of(&opened)?;
    let mut frame = Frame {
        bytes: own.bytes,
        path,
        depth,
        below: Vec::new(),
    };
    let mut entries = Dir::new(opened)?;
    while let Some(entry) = entries.read() {
        let Ok(entry) = entry else { break };
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let Ok(found) = Meta::at(entries.fd()?, name) else {
            continue;
        };
        if found.is_folder() {
            let mut path = frame.path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            frame.below.push(path);
        } else if found.links < 2 || seen.insert(found.id) {
            frame.bytes += found.bytes;
        }
    }
    Ok(frame)
}
