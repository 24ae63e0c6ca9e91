//! The files below `/proc`, opened relative to the kept folder and read at once.

use std::fmt::Write as _;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, RawDir};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Holds `stat` (some 1,100 bytes at most), `io` and `schedstat`.
const BUFFER_BYTES: usize = 4096;

const READ_ONLY: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// The folder and the memory that it is read through.
pub(super) struct Files {
    root: OwnedFd,
    path: String,
    buffer: Box<[u8]>,
    entries: Box<[MaybeUninit<u8>]>,
}

impl Files {
    /// # Errors
    /// When the folder can't be opened.
    pub(super) fn open(root: &Path) -> Result<Files> {
        let fd = rustix::fs::openat(CWD, root, READ_ONLY | OFlags::DIRECTORY, Mode::empty())
            .map_err(|errno| Error::io(root, errno))?;
        Ok(Files {
            root: fd,
            path: String::new(),
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            entries: vec![MaybeUninit::uninit(); 8 * BUFFER_BYTES].into_boxed_slice(),
        })
    }

    /// A file of a process; its first 4096 bytes.
    pub(super) fn read(&mut self, pid: i32, name: &str) -> std::result::Result<&[u8], Errno> {
        self.path.clear();
        let _ = write!(self.path, "{pid}/{name}");
        let file = self.open_path(READ_ONLY)?;
        self.read_kept(&file)
    }

    /// A file of a thread.
    pub(super) fn read_thread(
        &mut self,
        pid: i32,
        tid: i32,
        name: &str,
    ) -> std::result::Result<&[u8], Errno> {
        let file = self.open_thread(pid, tid, name)?;
        self.read_kept(&file)
    }

    /// Opens a file of a thread, to be read by [`read_kept`](Self::read_kept).
    pub(super) fn open_thread(
        &mut self,
        pid: i32,
        tid: i32,
        name: &str,
    ) -> std::result::Result<OwnedFd, Errno> {
        self.path.clear();
        let _ = write!(self.path, "{pid}/task/{tid}/{name}");
        self.open_path(READ_ONLY)
    }

    /// Reads an open file from its start.
    pub(super) fn read_kept(&mut self, file: &OwnedFd) -> std::result::Result<&[u8], Errno> {
        loop {
            match rustix::io::pread(file, &mut *self.buffer, 0) {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
                Ok(length) => return Ok(&self.buffer[..length]),
            }
        }
    }

    /// The pids, in rising order.
    pub(super) fn pids(&mut self) -> std::result::Result<Vec<i32>, Errno> {
        self.path.clear();
        self.path.push('.');
        self.numbers()
    }

    /// The threads of a process, in rising order.
    pub(super) fn threads(&mut self, pid: i32) -> std::result::Result<Vec<i32>, Errno> {
        self.path.clear();
        let _ = write!(self.path, "{pid}/task");
        self.numbers()
    }

    fn numbers(&mut self) -> std::result::Result<Vec<i32>, Errno> {
        let folder = self.open_path(READ_ONLY | OFlags::DIRECTORY)?;
        let mut numbers = Vec::new();
        let mut entries = RawDir::new(&folder, &mut self.entries);
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) => {
                    let name = crate::sample::parse::number(entry.file_name().to_bytes());
                    numbers.extend(name.and_then(|number| i32::try_from(number).ok()));
                }
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn open_path(&self, flags: OFlags) -> std::result::Result<OwnedFd, Errno> {
        rustix::fs::openat(&self.root, self.path.as_str(), flags, Mode::empty())
    }
}
