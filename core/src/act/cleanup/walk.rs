//! The walk through a rule's folder: no recursion, one open folder at a time, every folder
//! opened anew from the root, so that a folder swapped for a link leads nowhere.

use std::collections::BTreeMap;

use rustix::fs::{Dir, FileType, FlockOperation};
use rustix::io::Errno;

use super::beneath::{Root, may_change};
use super::in_use::InUse;
use super::judge::Judge;
use super::meta::{Id, Meta};
use super::outcome::Reason;
use super::rule::Watch;
use crate::arrange::arrange_by;
use crate::error::{Error, Result};

/// Longest relative path that is opened: the kernel takes 4,096 bytes.
const LONGEST_PATH: usize = 3_800;
/// Entries between two looks at the watch.
const BETWEEN_LOOKS: u64 = 256;

pub(super) type Skips = BTreeMap<Reason, u64>;

/// Something that may go.
pub(super) struct Find {
    /// Path below the root.
    pub(super) path: Vec<u8>,
    /// The folder that holds it.
    pub(super) folder: Id,
    pub(super) meta: Meta,
}

/// One walk.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Root,
    pub(super) judge: &'a Judge,
    pub(super) in_use: &'a InUse,
    pub(super) watch: &'a dyn Watch,
    /// `scanning` or `cleaning`.
    pub(super) stage: &'static str,
    /// Try a lock on each folder: done when something is to be moved out of it.
    pub(super) tries_locks: bool,
    pub(super) skips: Skips,
    seen: u64,
}

struct Frame {
    path: Vec<u8>,
    meta: Meta,
    /// The folder that holds it.
    parent: Meta,
    below: Vec<(Vec<u8>, Meta)>,
    keeps: bool,
    /// It was not looked through, and that is counted.
    is_told: bool,
    depth: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        root: &'a Root,
        judge: &'a Judge,
        in_use: &'a InUse,
        watch: &'a dyn Watch,
    ) -> Walk<'a> {
        Walk {
            root,
            judge,
            in_use,
            watch,
            stage: "scanning",
            tries_locks: false,
            skips: Skips::new(),
            seen: 0,
        }
    }

    /// Tells each find; a folder after all that is in it, and only when nothing of it stays.
    /// Answers whether it was ended early.
    pub(super) fn run(&mut self, each: &mut dyn FnMut(Find) -> Result<()>) -> Result<bool> {
        let top = self.root.meta;
        let mut stack = Vec::new();
        match self.enter(Vec::new(), top, top, 0, each) {
            Ok(Some(frame)) => stack.push(frame),
            Ok(None) => return Ok(true),
            Err(error) => return Err(error),
        }
        while let Some(frame) = stack.last_mut() {
            if let Some((path, meta)) = frame.below.pop() {
                let (parent, depth) = (frame.meta, frame.depth + 1);
                match self.enter(path, meta, parent, depth, each)? {
                    Some(frame) => stack.push(frame),
                    None => return Ok(true),
                }
                continue;
            }
            let Some(done) = stack.pop() else { break };
            let Some(above) = stack.last_mut() else { break };
            let goes = self.leave(&done, each)?;
            above.keeps |= !goes;
        }
        Ok(false)
    }

    /// Looks through one folder. `None`: ended early.
    fn enter(
        &mut self,
        path: Vec<u8>,
        meta: Meta,
        parent: Meta,
        depth: usize,
        each: &mut dyn FnMut(Find) -> Result<()>,
    ) -> Result<Option<Frame>> {
        let mut frame = Frame {
            path,
            meta,
            parent,
            below: Vec::new(),
            keeps: true,
            is_told: true,
            depth,
        };
        let opened = match self.root.folder(&frame.path) {
            Ok(opened) => opened,
            Err(errno) if depth == 0 => return Err(Error::io(&self.root.path, errno)),
            Err(errno) => {
                self.skip(&frame.path, reason_of(errno));
                return Ok(Some(frame));
            }
        };
        let is_same = Meta::of(&opened).is_ok_and(|found| found.id == meta.id);
        let reason = match () {
            () if !is_same => Some(Reason::Changed),
            () if self.judge.is_locked(&meta, self.in_use) => Some(Reason::Locked),
            () if self.tries_locks && is_locked_now(&opened) => Some(Reason::Locked),
            () => None,
        };
        if let Some(reason) = reason {
            self.skip(&frame.path, reason);
            return Ok(Some(frame));
        }
        (frame.keeps, frame.is_told) = (false, false);
        let is_open = may_change(&opened);
        let mut entries = Dir::new(opened).map_err(|e| Error::io(&self.root.path, e))?;
        while let Some(entry) = entries.read() {
            let Ok(entry) = entry else {
                frame.keeps = true;
                self.skip(&frame.path, Reason::Failed);
                break;
            };
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            self.seen += 1;
            if self.seen.is_multiple_of(BETWEEN_LOOKS) {
                let what = String::from_utf8_lossy(&frame.path);
                self.watch.progress(self.stage, &what, self.seen, 0);
                if self.watch.cancelled() {
                    return Ok(None);
                }
            }
            let mut path = frame.path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name);
            let is_named = self.judge.names(&path);
            if !is_named && known_file(entry.file_type()) {
                frame.keeps = true;
                continue;
            }
            let found = match entries.fd().and_then(|fd| Meta::at(fd, name)) {
                Ok(found) => found,
                Err(Errno::NOENT) => continue,
                Err(errno) => {
                    frame.keeps = true;
                    self.skip(&path, reason_of(errno));
                    continue;
                }
            };
            let stays = match () {
                () if found.is_folder() => {
                    frame.keeps |= !self.descend(&mut frame.below, path, found, depth);
                    continue;
                }
                () if !is_named => {
                    frame.keeps = true;
                    continue;
                }
                () if !is_open => Some(Reason::NotPermitted),
                () => self.judge.stays(&path, &found, &meta, self.in_use),
            };
            match stays {
                Some(reason) => {
                    frame.keeps = true;
                    self.skip(&path, reason);
                }
                None => each(Find {
                    path,
                    folder: meta.id,
                    meta: found,
                })?,
            }
        }
        // The last is taken first: in the order of their names.
        arrange_by(&mut frame.below, |a, b| b.0.cmp(&a.0));
        Ok(Some(frame))
    }

    /// Notes a folder to be looked through; false when it stays with all that is in it.
    fn descend(
        &mut self,
        below: &mut Vec<(Vec<u8>, Meta)>,
        path: Vec<u8>,
        meta: Meta,
        depth: usize,
    ) -> bool {
        let reason = match () {
            () if self.judge.excludes(&path) => Reason::Excluded,
            () if meta.id.0 != self.root.meta.id.0 || meta.is_mount => Reason::Mount,
            () if path.len() > LONGEST_PATH => Reason::TooDeep,
            () if !self.judge.reaches_below(depth + 1) => return false,
            () => {
                below.push((path, meta));
                return true;
            }
        };
        self.skip(&path, reason);
        false
    }

    /// Whether the folder goes too.
    fn leave(&mut self, done: &Frame, each: &mut dyn FnMut(Find) -> Result<()>) -> Result<bool> {
        if done.is_told || !self.judge.names(&done.path) {
            return Ok(false);
        }
        let stays = self
            .judge
            .stays(&done.path, &done.meta, &done.parent, self.in_use);
        match stays {
            Some(Reason::Excluded) => return Ok(false),
            Some(reason) => self.skip(&done.path, reason),
            None if done.keeps => self.skip(&done.path, Reason::NotEmpty),
            None => {
                each(Find {
                    path: done.path.clone(),
                    folder: done.parent.id,
                    meta: done.meta,
                })?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn skip(&mut self, path: &[u8], reason: Reason) {
        if let Some(trash) = &self.judge.trash {
            trash.keep(path);
        }
        *self.skips.entry(reason).or_default() += 1;
    }
}

/// Entries of other kinds may be folders, or the file system does not tell.
fn known_file(kind: FileType) -> bool {
    !matches!(kind, FileType::Directory | FileType::Unknown)
}

/// Whether another open file holds a lock on the folder.
fn is_locked_now(folder: &std::os::fd::OwnedFd) -> bool {
    match rustix::fs::flock(folder, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => rustix::fs::flock(folder, FlockOperation::Unlock).is_err(),
        Err(errno) => errno == Errno::WOULDBLOCK,
    }
}

/// What the system's answer means for an entry.
pub(super) fn reason_of(errno: Errno) -> Reason {
    match errno {
        Errno::ACCESS | Errno::PERM | Errno::ROFS => Reason::NotPermitted,
        Errno::XDEV | Errno::BUSY => Reason::Mount,
        Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::STALE => Reason::Changed,
        Errno::NAMETOOLONG => Reason::TooDeep,
        Errno::NOTEMPTY | Errno::EXIST => Reason::NotEmpty,
        _ => Reason::Failed,
    }
}
