//! The files below `/proc/PID`: opened relative to the kept folder, and kept open as long
//! as the number of open files allows.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::sample::source::read_whole;

/// Holds each file that is read every tick: `stat` has at most some 1,100 bytes, `io` 200.
pub(super) const LINE_BYTES: usize = 4096;

/// Digits of the largest pid, a slash, the longest file name asked for, and a NUL.
const PATH_BYTES: usize = 40;

/// Type of the file system (statfs) of /proc.
const PROC_SUPER_MAGIC: u64 = 0x9fa0;

const READ_ONLY: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// The folder and how many files of it are kept open.
#[derive(Debug)]
pub(super) struct ProcFiles {
    root: OwnedFd,
    is_procfs: bool,
    /// Files kept open now.
    pub(super) kept: usize,
    /// Most files to keep.
    pub(super) most: usize,
    /// A file could not be opened because too many are open.
    pub(super) starved: bool,
}

impl ProcFiles {
    /// # Errors
    /// When the folder can't be opened.
    pub(super) fn open(root: &std::path::Path, most: usize) -> Result<ProcFiles> {
        let flags = READ_ONLY | OFlags::DIRECTORY;
        let fd = rustix::fs::openat(CWD, root, flags, Mode::empty())
            .map_err(|errno| Error::io(root, errno))?;
        let is_procfs =
            rustix::fs::fstatfs(&fd).is_ok_and(|fs| fs.f_type as u64 == PROC_SUPER_MAGIC);
        Ok(ProcFiles {
            root: fd,
            is_procfs,
            kept: 0,
            most,
            starved: false,
        })
    }

    /// The kernel's own file system, not a captured tree.
    pub(super) fn is_procfs(&self) -> bool {
        self.is_procfs
    }

    pub(super) fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// A small file that is read each tick: one read gives all of it. The file is kept
    /// open in `slot` while there is room. The first ones keep theirs and the others are
    /// opened each time: a cache of the ones used last would be emptied before each use,
    /// since the scan goes round in a circle.
    pub(super) fn read_line<'b>(
        &mut self,
        pid: i32,
        name: &str,
        slot: &mut Option<OwnedFd>,
        line: &'b mut [u8],
    ) -> std::result::Result<&'b [u8], Errno> {
        if let Some(file) = slot {
            match read_at_start(file, line) {
                // The process is gone; its pid may have gone to another one.
                Err(Errno::SRCH) => self.close(slot),
                Err(errno) => return Err(errno),
                Ok(length) => return Ok(&line[..length]),
            }
        }
        let file = self.open_file(pid, name, READ_ONLY)?;
        let length = read_at_start(&file, line)?;
        if self.kept < self.most {
            self.kept += 1;
            *slot = Some(file);
        }
        Ok(&line[..length])
    }

    /// Reads a file once, at most `most` bytes of it.
    pub(super) fn read_once<'b>(
        &mut self,
        pid: i32,
        name: &str,
        most: usize,
        buffer: &'b mut Vec<u8>,
    ) -> std::result::Result<&'b [u8], Errno> {
        let file = self.open_file(pid, name, READ_ONLY)?;
        if most == usize::MAX {
            let length = read_whole(&file, buffer)?;
            return Ok(&buffer[..length]);
        }
        if buffer.len() < most {
            buffer.resize(most, 0);
        }
        let mut length = 0;
        while length < most {
            match rustix::io::pread(&file, &mut buffer[length..most], length as u64) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(&buffer[..length])
    }

    /// Opens the folder `name` of a process.
    pub(super) fn open_folder(
        &mut self,
        pid: i32,
        name: &str,
    ) -> std::result::Result<OwnedFd, Errno> {
        self.open_file(pid, name, READ_ONLY | OFlags::DIRECTORY)
    }

    /// Closes a kept file.
    pub(super) fn close(&mut self, slot: &mut Option<OwnedFd>) {
        if slot.take().is_some() {
            self.kept -= 1;
        }
    }

    fn open_file(
        &mut self,
        pid: i32,
        name: &str,
        flags: OFlags,
    ) -> std::result::Result<OwnedFd, Errno> {
        let mut bytes = [0; PATH_BYTES];
        let path = path_of(pid, name, &mut bytes)?;
        let file = rustix::fs::openat(&self.root, path, flags, Mode::empty());
        if matches!(file, Err(Errno::MFILE | Errno::NFILE)) {
            self.starved = true;
        }
        file
    }
}

/// `PID/name` as the kernel wants it, in `bytes`.
fn path_of<'b>(
    pid: i32,
    name: &str,
    bytes: &'b mut [u8; PATH_BYTES],
) -> std::result::Result<&'b CStr, Errno> {
    use std::io::Write;
    let mut rest = &mut bytes[..PATH_BYTES - 1];
    write!(rest, "{pid}/{name}").map_err(|_| Errno::NAMETOOLONG)?;
    CStr::from_bytes_until_nul(bytes).map_err(|_| Errno::INVAL)
}

fn read_at_start(file: &OwnedFd, buffer: &mut [u8]) -> std::result::Result<usize, Errno> {
    loop {
        match rustix::io::pread(file, &mut *buffer, 0) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for pid in [1, 2] {
            std::fs::create_dir(folder.path().join(pid.to_string())).unwrap();
            std::fs::write(
                folder.path().join(format!("{pid}/stat")),
                format!("{pid} x\n"),
            )
            .unwrap();
        }
        folder
    }

    #[test]
    fn files_are_kept_while_there_is_room_and_read_all_the_same_without() {
        let folder = tree();
        let mut files = ProcFiles::open(folder.path(), 1).unwrap();
        let (mut first, mut second, mut line) = (None, None, [0; 64]);
        for _ in 0..2 {
            assert_eq!(
                files.read_line(1, "stat", &mut first, &mut line),
                Ok(&b"1 x\n"[..])
            );
            assert_eq!(
                files.read_line(2, "stat", &mut second, &mut line),
                Ok(&b"2 x\n"[..])
            );
        }
        assert!(first.is_some() && second.is_none());
        assert_eq!(files.kept, 1);
        files.close(&mut first);
        files.close(&mut second);
        assert_eq!(files.kept, 0);
    }

    #[test]
    fn a_missing_process_or_folder_is_told_apart() {
        let folder = tree();
        let mut files = ProcFiles::open(folder.path(), 1).unwrap();
        assert_eq!(
            files.read_line(3, "stat", &mut None, &mut [0; 64]),
            Err(Errno::NOENT)
        );
        let missing = ProcFiles::open(&folder.path().join("no"), 1).unwrap_err();
        assert_eq!(missing.kind(), crate::ErrorKind::NotFound);
    }

    #[test]
    fn a_long_file_is_cut_where_it_is_asked_for() {
        let folder = tree();
        std::fs::write(folder.path().join("1/cmdline"), vec![b'a'; 10_000]).unwrap();
        let mut files = ProcFiles::open(folder.path(), 1).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(
            files
                .read_once(1, "cmdline", 100, &mut buffer)
                .unwrap()
                .len(),
            100
        );
    }
}
