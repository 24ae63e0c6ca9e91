//! The pids in /proc, in rising order.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::fs::{RawDir, SeekFrom};
use rustix::io::Errno;

/// Room for about 1,000 entries per call.
const BUFFER_BYTES: usize = 32 * 1024;

/// Readings after which the folder is read from its very start again.
const WHOLE_EVERY: u32 = 256;

/// The list and the buffer that it is read through.
pub(super) struct Listing {
    pub(super) pids: Vec<i32>,
    /// Where the first pid is: the cookie of the entry before it.
    first_pid: u64,
    /// The first pid of the last whole reading.
    lowest_pid: Option<i32>,
    /// Readings until the next whole one.
    whole_in: u32,
    buffer: Box<[MaybeUninit<u8>]>,
}

impl std::fmt::Debug for Listing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("pids", &self.pids.len())
            .finish_non_exhaustive()
    }
}

impl Listing {
    pub(super) fn new() -> Listing {
        Listing {
            pids: Vec::new(),
            first_pid: 0,
            lowest_pid: None,
            whole_in: 0,
            buffer: vec![MaybeUninit::uninit(); BUFFER_BYTES].into_boxed_slice(),
        }
    }

    /// Reads the list anew from the folder. In the kernel's own /proc the pids come last,
    /// behind some sixty other entries. Those are skipped by a seek to the cookie that the
    /// kernel gave with the last of them; it stays valid, since cookies of pids are made of
    /// the pid. Should they not be, then the lowest pid, which hardly ever ends, is missed at
    /// once. A captured tree is always read whole.
    pub(super) fn read(&mut self, folder: &OwnedFd, is_procfs: bool) -> Result<(), Errno> {
        if self.whole_in > 0 && is_procfs {
            self.whole_in -= 1;
            self.read_from(folder, self.first_pid)?;
            if !self.pids.is_empty() && self.pids.first().copied() == self.lowest_pid {
                return Ok(());
            }
        }
        self.whole_in = WHOLE_EVERY;
        self.read_from(folder, 0)?;
        self.lowest_pid = self.pids.first().copied();
        Ok(())
    }

    fn read_from(&mut self, folder: &OwnedFd, start: u64) -> Result<(), Errno> {
        self.pids.clear();
        rustix::fs::seek(folder, SeekFrom::Start(start))?;
        let mut ascending = true;
        let mut before = start;
        let mut entries = RawDir::new(folder, &mut self.buffer);
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(errno),
            };
            if let Some(pid) = pid_of(entry.file_name().to_bytes()) {
                if self.pids.is_empty() {
                    self.first_pid = before;
                }
                ascending &= self.pids.last().is_none_or(|last| *last < pid);
                self.pids.push(pid);
            } else {
                before = entry.next_entry_cookie();
            }
        }
        if !ascending {
            // An ordinary file system (a captured tree) lists in any order.
            self.pids.sort_unstable();
            self.pids.dedup();
        }
        Ok(())
    }
}

/// The pid that a name is: digits without a leading zero.
fn pid_of(name: &[u8]) -> Option<i32> {
    if !matches!(name.first(), Some(b'1'..=b'9')) {
        return None;
    }
    let mut pid: i32 = 0;
    for byte in name {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        pid = pid.checked_mul(10)?.checked_add(i32::from(digit))?;
    }
    Some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_pids() {
        assert_eq!(pid_of(b"1"), Some(1));
        assert_eq!(pid_of(b"4194304"), Some(4_194_304));
        for name in [&b"self"[..], b"0", b"01", b"1x", b"99999999999", b"", b"-1"] {
            assert_eq!(pid_of(name), None);
        }
    }

    #[test]
    fn the_list_is_sorted_whatever_the_file_system_does() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["300", "2", "10", "self", "1", "meminfo", "77"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let fd = OwnedFd::from(std::fs::File::open(folder.path()).unwrap());
        let mut listing = Listing::new();
        for _ in 0..2 {
            listing.read(&fd, false).unwrap();
            assert_eq!(listing.pids, [1, 2, 10, 77, 300]);
        }
    }

    #[test]
    fn the_live_list_holds_what_the_whole_folder_holds() {
        let fd = OwnedFd::from(std::fs::File::open("/proc").unwrap());
        let mut listing = Listing::new();
        // The parent, this process and a child: known to live while both readings are made.
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let own = [std::process::id() as i32, child.id() as i32];
        let mut lists = Vec::new();
        for _ in 0..3 {
            listing.read(&fd, true).unwrap();
            lists.push(listing.pids.clone());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(listing.first_pid > 0);
        for list in &lists {
            assert!(own.iter().all(|pid| list.contains(pid)));
            assert!(list.is_sorted() && list[0] == lists[0][0]);
        }
    }
}
