//! One file of the kernel, kept open and read again from its start each tick, with
//! the reason kept once when it can't be read.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};

/// Whether a source can be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Not tried yet.
    #[default]
    Unknown,
    /// Read without trouble.
    Available,
    /// This kernel or machine does not have it.
    Absent,
    /// It exists, but this user may not read it.
    Forbidden,
    /// It does not answer in time.
    Slow,
    /// It was read, but its content is not what its format promises.
    Malformed,
    /// Any other failure.
    Failed,
}

/// What became of one source: a line of `usm doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceReport {
    /// The file, or what else the facts come from.
    pub source: String,
    /// What it tells, e.g. `load averages`.
    pub gives: String,
    /// Whether it can be read.
    pub availability: Availability,
    /// Why not, in words with the error number; `None` while it can be read.
    pub reason: Option<String>,
}

/// Ticks between two tries to open a file that could not be opened.
const RETRY_TICKS: u32 = 30;

/// First size of the common buffer; it grows to the largest file and stays.
pub(crate) const BUFFER_BYTES: usize = 16 * 1024;

/// The least that the kernel fills with a file's records before it hands them out.
const PAGE_BYTES: usize = 4096;
/// Longest line of the files that are lists of devices or counters, with much to spare.
const SHORT_RECORD_BYTES: usize = 512;

/// A file that is opened once and read from its start each time.
#[derive(Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
    gives: &'static str,
    file: Option<OwnedFd>,
    availability: Availability,
    reason: Option<String>,
    retry_in: u32,
    /// A read shorter than this tells by itself that the end was reached.
    short_bytes: usize,
}

impl KeptFile {
    /// A source at `path`; nothing is opened before the first read.
    pub(crate) fn new(path: PathBuf, gives: &'static str) -> KeptFile {
        KeptFile {
            path,
            gives,
            file: None,
            availability: Availability::Unknown,
            reason: None,
            retry_in: 0,
            short_bytes: 0,
        }
    }

    /// Says that the kernel writes this file as one record, or as records of at most
    /// [`SHORT_RECORD_BYTES`]. It fills a page with records until the next does not fit,
    /// so a read well below a page was the last: one system call instead of two. Not for
    /// a file such as mountinfo, with lines of any length.
    pub(crate) fn with_short_records(mut self) -> KeptFile {
        self.short_bytes = PAGE_BYTES - SHORT_RECORD_BYTES;
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The whole content, in `buffer`; `None` when it can't be read now (the reason is kept).
    pub(crate) fn read<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let short_bytes = self.short_bytes;
        let outcome = read_until(self.opened()?, buffer, usize::MAX, |piece, _| {
            piece < short_bytes
        });
        self.settle(outcome).map(|length| &buffer[..length])
    }

    /// The head of the content: piece after piece until `enough` says so of all that was
    /// read so far, or the end. For a file whose rest would be dear and isn't needed.
    pub(crate) fn read_head<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
        mut enough: impl FnMut(&[u8]) -> bool,
    ) -> Option<&'b [u8]> {
        let outcome = read_until(self.opened()?, buffer, PAGE_BYTES, |_, read| enough(read));
        self.settle(outcome).map(|length| &buffer[..length])
    }

    /// Whether the last read went well.
    pub(crate) fn availability(&self) -> Availability {
        self.availability
    }

    /// The open file; opened now if it is not, and if a new try is due.
    fn opened(&mut self) -> Option<&OwnedFd> {
        if self.file.is_none() {
            if self.retry_in > 0 {
                self.retry_in -= 1;
                return None;
            }
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
            match rustix::fs::open(&self.path, flags, Mode::empty()) {
                Ok(file) => self.file = Some(file),
                Err(errno) => self.fail(errno),
            }
        }
        self.file.as_ref()
    }

    /// Keeps what became of a read; its length when it went well.
    fn settle(&mut self, outcome: Result<usize, rustix::io::Errno>) -> Option<usize> {
        match outcome {
            Ok(length) => {
                if self.availability != Availability::Available {
                    self.availability = Availability::Available;
                    self.reason = None;
                }
                Some(length)
            }
            Err(errno) => {
                self.fail(errno);
                None
            }
        }
    }

    /// Notes that the content just read is not what the format promises.
    pub(crate) fn malformed(&mut self, wanted: &str) {
        if self.availability != Availability::Malformed {
            self.availability = Availability::Malformed;
            self.reason = Some(format!("malformed: {wanted}"));
        }
    }

    fn fail(&mut self, errno: rustix::io::Errno) {
        self.file = None;
        self.retry_in = RETRY_TICKS;
        let availability = availability_of(errno);
        if self.availability != availability {
            self.availability = availability;
            self.reason = Some(std::io::Error::from(errno).to_string());
        }
    }

    pub(crate) fn report(&self) -> SourceReport {
        SourceReport {
            source: self.path.display().to_string(),
            gives: self.gives.to_string(),
            availability: self.availability,
            reason: self.reason.clone(),
        }
    }
}

/// What an error number says about a source. EOPNOTSUPP is what PSI files answer when
/// accounting is compiled in but switched off.
pub(crate) fn availability_of(errno: rustix::io::Errno) -> Availability {
    use rustix::io::Errno;
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::NODEV | Errno::NXIO | Errno::OPNOTSUPP => {
            Availability::Absent
        }
        Errno::ACCESS | Errno::PERM => Availability::Forbidden,
        _ => Availability::Failed,
    }
}

/// Reads a file from its start to its end into `buffer`, which grows when it must and is
/// never cleared; returns the length. A file of /proc may be handed out in several pieces.
pub(crate) fn read_whole(file: &OwnedFd, buffer: &mut Vec<u8>) -> Result<usize, rustix::io::Errno> {
    read_until(file, buffer, usize::MAX, |_, _| false)
}

/// The same in pieces of at most `piece_bytes`, until `enough` says so of the length of a
/// piece and of all that was read.
fn read_until(
    file: &OwnedFd,
    buffer: &mut Vec<u8>,
    piece_bytes: usize,
    mut enough: impl FnMut(usize, &[u8]) -> bool,
) -> Result<usize, rustix::io::Errno> {
    if buffer.len() < BUFFER_BYTES {
        buffer.resize(BUFFER_BYTES, 0);
    }
    let mut length = 0;
    loop {
        if length == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
        let end = buffer.len().min(length.saturating_add(piece_bytes));
        match rustix::io::pread(file, &mut buffer[length..end], length as u64) {
            Ok(0) => return Ok(length),
            Ok(count) => {
                length += count;
                if length < buffer.len() && enough(count, &buffer[..length]) {
                    return Ok(length);
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Reads a small file once: open, read, close. For what is not read each tick.
pub(crate) fn read_once<'b>(
    path: &Path,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], rustix::io::Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    let length = read_whole(&file, buffer)?;
    Ok(&buffer[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_file_is_absent_and_found_again_when_it_appears() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stat");
        let mut kept = KeptFile::new(path.clone(), "a test");
        let mut buffer = Vec::new();
        assert!(kept.read(&mut buffer).is_none());
        assert_eq!(kept.report().availability, Availability::Absent);
        assert!(kept.report().reason.unwrap().contains("os error 2"));

        std::fs::write(&path, b"one").unwrap();
        let content = (0..=RETRY_TICKS).find_map(|_| kept.read(&mut buffer).map(<[u8]>::to_vec));
        assert_eq!(content.as_deref(), Some(&b"one"[..]));
        assert_eq!(kept.report().reason, None);
    }

    #[test]
    fn a_file_larger_than_the_buffer_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big");
        let content: Vec<u8> = (0..BUFFER_BYTES * 3 + 7).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let mut kept = KeptFile::new(path, "a test");
        let mut buffer = Vec::new();
        assert_eq!(kept.read(&mut buffer), Some(&content[..]));
        assert_eq!(kept.read(&mut buffer), Some(&content[..]));
    }

    #[test]
    fn the_head_of_a_file_is_read_until_it_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        std::fs::write(&path, vec![b'x'; PAGE_BYTES * 5]).unwrap();
        let mut kept = KeptFile::new(path, "a test");
        let mut buffer = Vec::new();
        let head = kept.read_head(&mut buffer, |read| read.len() > PAGE_BYTES);
        assert_eq!(head.map(<[u8]>::len), Some(PAGE_BYTES * 2));
        let all = kept.read_head(&mut buffer, |_| false);
        assert_eq!(all.map(<[u8]>::len), Some(PAGE_BYTES * 5));
        assert_eq!(kept.availability(), Availability::Available);
    }

    #[test]
    fn a_file_of_short_records_is_read_whole_whatever_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        let mut kept = KeptFile::new(path.clone(), "a test").with_short_records();
        let mut buffer = Vec::new();
        std::fs::write(&path, "").unwrap();
        for length in [
            0,
            1,
            3583,
            3584,
            3585,
            4096,
            BUFFER_BYTES,
            BUFFER_BYTES * 2 + 1,
        ] {
            let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            assert_eq!(kept.read(&mut buffer), Some(&content[..]));
        }
    }

    #[test]
    fn the_kernels_own_files_are_the_same_with_and_without_the_shortcut() {
        // Files that do not change between two reads.
        for file in [
            "/proc/version",
            "/proc/filesystems",
            "/proc/devices",
            "/proc/partitions",
        ] {
            let mut plain = KeptFile::new(file.into(), "a test");
            let mut short = KeptFile::new(file.into(), "a test").with_short_records();
            let (mut one, mut other) = (Vec::new(), Vec::new());
            assert_eq!(plain.read(&mut one), short.read(&mut other));
        }
    }
}
