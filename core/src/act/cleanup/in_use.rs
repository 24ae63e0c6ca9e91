//! Which files any process has open, mapped, locked, runs, or stands in.

use std::collections::HashSet;

use rustix::fs::{AtFlags, CWD, FileType, StatxFlags, makedev};

use super::meta::Id;
use crate::sample::Roots;

/// Files in use at one moment.
pub(super) struct InUse {
    open: HashSet<Id>,
    locked: HashSet<Id>,
    /// Inodes that /proc names as text: their device may be another than stat(2) tells.
    named: HashSet<u64>,
    /// Processes into which this user may not look.
    pub(super) unseen: u64,
}

impl InUse {
    pub(super) fn scan(roots: &Roots) -> InUse {
        let mut found = InUse {
            open: HashSet::new(),
            locked: HashSet::new(),
            named: HashSet::new(),
            unseen: 0,
        };
        found.read_locks(&std::fs::read(roots.proc("locks")).unwrap_or_default());
        let Ok(entries) = std::fs::read_dir(&roots.proc_root) else {
            return found;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_process = name.to_str().is_some_and(|n| n.parse::<u32>().is_ok());
            if is_process {
                found.process(&entry.path());
            }
        }
        found
    }

    /// Whether it is open, mapped, run or stood in.
    pub(super) fn uses(&self, id: Id, is_loose: bool) -> bool {
        self.open.contains(&id) || (is_loose && self.named.contains(&id.1))
    }

    /// Whether somebody holds a lock on it.
    pub(super) fn locks(&self, id: Id, is_loose: bool) -> bool {
        self.locked.contains(&id) || (is_loose && self.named.contains(&id.1))
    }

    fn process(&mut self, folder: &std::path::Path) {
        for link in ["cwd", "root", "exe"] {
            self.follow(&folder.join(link));
        }
        match std::fs::read_dir(folder.join("fd")) {
            Ok(entries) => {
                for entry in entries.flatten() {
                    self.follow(&entry.path());
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                // Kernel threads have no command line and no files.
                let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
                self.unseen += u64::from(!line.is_empty());
            }
            Err(_) => {}
        }
        self.read_maps(&std::fs::read(folder.join("maps")).unwrap_or_default());
    }

    /// What a link of /proc leads to, without waiting for a file server that is away.
    fn follow(&mut self, link: &std::path::Path) {
        const DO_NOT_WAIT: AtFlags = AtFlags::STATX_DONT_SYNC;
        let mask = StatxFlags::BASIC_STATS;
        let Ok(found) = rustix::fs::statx(CWD, link, DO_NOT_WAIT, mask) else {
            if let Ok(found) = std::fs::metadata(link) {
                use std::os::unix::fs::MetadataExt;
                self.open.insert((found.dev(), found.ino()));
            }
            return;
        };
        let kind = FileType::from_raw_mode(u32::from(found.stx_mode));
        if matches!(kind, FileType::RegularFile | FileType::Directory) {
            let device = makedev(found.stx_dev_major, found.stx_dev_minor);
            self.open.insert((device, found.stx_ino));
        }
    }

    /// `7f..-7f.. r-xp 00000000 fe:00 1234 /path`
    fn read_maps(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            let mut words = line
                .split(|byte| *byte == b' ')
                .filter(|word| !word.is_empty());
            let device = words.nth(3).and_then(device);
            let inode = words.next().and_then(decimal).filter(|inode| *inode != 0);
            if let (Some(device), Some(inode)) = (device, inode) {
                self.open.insert((device, inode));
                self.named.insert(inode);
            }
        }
    }

    /// `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`
    fn read_locks(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            for word in line.split(|byte| *byte == b' ') {
                let Some(last) = word.iter().rposition(|byte| *byte == b':') else {
                    continue;
                };
                let inode = decimal(&word[last + 1..]);
                if let (Some(device), Some(inode)) = (device(&word[..last]), inode) {
                    self.locked.insert((device, inode));
                    self.named.insert(inode);
                }
            }
        }
    }
}

/// `fe:00`
fn device(word: &[u8]) -> Option<u64> {
    let (major, minor) = std::str::from_utf8(word).ok()?.split_once(':')?;
    let number = |text| u32::from_str_radix(text, 16).ok();
    Some(makedev(number(major)?, number(minor)?))
}

fn decimal(word: &[u8]) -> Option<u64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_locks_are_read() {
        let mut found = InUse {
            open: HashSet::new(),
            locked: HashSet::new(),
            named: HashSet::new(),
            unseen: 0,
        };
        found.read_maps(b"7f00-7f01 r-xp 00000000 fe:01 1234    /lib/x y\n7f-8f rw-p 0 00:00 0 \n");
        found.read_locks(
            b"1: FLOCK  ADVISORY  WRITE 12 fe:01:77 0 EOF\n1: -> POSIX a b 5 00:10:8 0 9\n",
        );
        let disk = makedev(0xfe, 1);
        assert!(found.uses((disk, 1234), false));
        assert!(!found.uses((disk + 1, 1234), false));
        assert!(found.uses((disk + 1, 1234), true));
        assert!(found.locks((disk, 77), false));
        assert!(found.locks((makedev(0, 0x10), 8), false));
        assert_eq!(found.open.len(), 1);
    }
}
