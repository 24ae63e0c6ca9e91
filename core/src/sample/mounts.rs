//! The mount table, `/proc/PID/mountinfo`: kept open, and read again only when the
//! kernel says that it has changed.

use std::borrow::Cow;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use super::parse::{lines, number, words};
use super::source::{Availability, SourceReport, availability_of, read_whole};

/// Ticks between two readings where the kernel gives no notice of changes (a captured
/// tree), and between two tries to open a table that can't be opened.
const REREAD_TICKS: u32 = 30;

/// Type of the proc file system, as statfs(2) tells it (linux/magic.h).
const PROC_SUPER_MAGIC: u64 = 0x9fa0;

/// One line of the table; mount point, root and source are still escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MountLine<'a> {
    pub(crate) id: u64,
    /// `major:minor` of the file system.
    pub(crate) device_number: &'a [u8],
    /// Folder of the file system that is mounted.
    pub(crate) root: &'a [u8],
    pub(crate) mount_point: &'a [u8],
    pub(crate) options: &'a [u8],
    pub(crate) kind: &'a [u8],
    pub(crate) source: &'a [u8],
    pub(crate) super_options: &'a [u8],
}

impl MountLine<'_> {
    pub(crate) fn is_read_only(&self) -> bool {
        has_option(self.options, b"ro") || has_option(self.super_options, b"ro")
    }
}

/// The kept table.
#[derive(Debug)]
pub(crate) struct MountTable {
    path: PathBuf,
    file: Option<OwnedFd>,
    gives_notice: bool,
    content: Vec<u8>,
    wait_ticks: u32,
    availability: Availability,
    reason: Option<String>,
}

impl MountTable {
    pub(crate) fn new(path: PathBuf) -> MountTable {
        MountTable {
            path,
            file: None,
            gives_notice: false,
            content: Vec::new(),
            wait_ticks: 0,
            availability: Availability::Unknown,
            reason: None,
        }
    }

    /// Looks whether the table has changed, and reads it then. True when it is another
    /// one than before.
    pub(crate) fn refresh(&mut self, buffer: &mut Vec<u8>) -> bool {
        if let Some(file) = self.file.as_ref().filter(|_| self.gives_notice) {
            if !has_notice(file) {
                return false;
            }
        } else if self.wait_ticks > 0 {
            self.wait_ticks -= 1;
            return false;
        }
        self.wait_ticks = REREAD_TICKS;
        match self.read(buffer) {
            Ok(length) => {
                self.availability = Availability::Available;
                self.reason = None;
                let changed = self.content != buffer[..length];
                if changed {
                    self.content.clear();
                    self.content.extend_from_slice(&buffer[..length]);
                }
                changed
            }
            Err(errno) => {
                self.file = None;
                self.gives_notice = false;
                if self.reason.is_none() || self.availability != availability_of(errno) {
                    self.availability = availability_of(errno);
                    self.reason = Some(std::io::Error::from(errno).to_string());
                }
                let changed = !self.content.is_empty();
                self.content.clear();
                changed
            }
        }
    }

    /// The mounts of the last reading, in the order in which they were mounted.
    pub(crate) fn mounts(&self) -> impl Iterator<Item = MountLine<'_>> {
        parse(&self.content)
    }

    pub(crate) fn report(&self, gives: &str) -> SourceReport {
        SourceReport {
            source: self.path.display().to_string(),
            gives: gives.to_string(),
            availability: self.availability,
            reason: self.reason.clone(),
        }
    }

    fn read(&mut self, buffer: &mut Vec<u8>) -> rustix::io::Result<usize> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
                let file = rustix::fs::open(&self.path, flags, Mode::empty())?;
                // Only the kernel's own file answers poll(2) with news.
                let kind = rustix::fs::fstatfs(&file)?.f_type;
                self.gives_notice = u64::try_from(kind) == Ok(PROC_SUPER_MAGIC);
                file
            }
        };
        let length = read_whole(&file, buffer)?;
        // A captured tree may be replaced: it is opened anew each time.
        self.file = Some(file).filter(|_| self.gives_notice);
        Ok(length)
    }
}

/// proc(5): the table's file is "urgent" (POLLPRI) and "in error" (POLLERR) once after
/// each change.
fn has_notice(file: &OwnedFd) -> bool {
    let news = PollFlags::PRI | PollFlags::ERR;
    let mut asked = [PollFd::new(file, news)];
    match poll(&mut asked, Some(&Timespec::default())) {
        Ok(_) => asked[0].revents().intersects(news),
        // Reading once too often is the safe side.
        Err(_) => true,
    }
}

/// The lines of a mount table; those that do not follow the format are skipped.
pub(crate) fn parse(text: &[u8]) -> impl Iterator<Item = MountLine<'_>> {
    lines(text).filter_map(parse_line)
}

fn parse_line(line: &[u8]) -> Option<MountLine<'_>> {
    // The optional fields end at a lone hyphen; an escaped blank never looks like one.
    let hyphen = line.windows(3).position(|three| three == b" - ")?;
    let mut before = words(&line[..hyphen]);
    let id = number(before.next()?)?;
    let _parent = before.next()?;
    let device_number = before.next()?;
    let root = before.next()?;
    let mount_point = before.next()?;
    let options = before.next()?;
    // The source may be an empty string: two blanks in a row.
    let mut after = line[hyphen + 3..].split(|b| *b == b' ');
    Some(MountLine {
        id,
        device_number,
        root,
        mount_point,
        options,
        kind: after.next().filter(|kind| !kind.is_empty())?,
        source: after.next()?,
        super_options: after.next().unwrap_or(b""),
    })
}

/// True when a comma separated list holds `wanted`.
pub(crate) fn has_option(list: &[u8], wanted: &[u8]) -> bool {
    list.split(|b| *b == b',').any(|option| option == wanted)
}

/// The kernel writes blank, tab, line end and backslash as `\` and three octal digits.
pub(crate) fn unescape(field: &[u8]) -> Cow<'_, [u8]> {
    if !field.contains(&b'\\') {
        return Cow::Borrowed(field);
    }
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, tail) {
            (
                b'\\',
                [
                    high @ b'0'..=b'3',
                    middle @ b'0'..=b'7',
                    low @ b'0'..=b'7',
                    ..,
                ],
            ) => {
                plain.push(((high - b'0') << 6) | ((middle - b'0') << 3) | (low - b'0'));
                rest = &tail[3..];
            }
            _ => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_read_with_any_number_of_optional_fields() {
        let text = b"36 35 98:0 /mnt1 /mnt\\0402 ro,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n\
                     16 21 0:16 / /run rw - tmpfs  rw,size=5k\n";
        let mounts: Vec<MountLine<'_>> = parse(text).collect();
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[0].id, 36);
        assert_eq!(mounts[0].device_number, b"98:0");
        assert_eq!(mounts[0].root, b"/mnt1");
        assert_eq!(&*unescape(mounts[0].mount_point), b"/mnt 2");
        assert_eq!(mounts[0].kind, b"ext3");
        assert_eq!(mounts[0].source, b"/dev/root");
        assert!(mounts[0].is_read_only());
        assert_eq!(mounts[1].source, b"");
        assert_eq!(mounts[1].super_options, b"rw,size=5k");
        assert!(!mounts[1].is_read_only());
    }

    #[test]
    fn escapes_are_undone_and_other_backslashes_stay() {
        assert_eq!(
            &*unescape(b"a\\040b\\011c\\012d\\134e"),
            b"a b\tc\nd\\e".as_slice()
        );
        assert_eq!(&*unescape(b"\\04"), b"\\04");
        assert_eq!(&*unescape(b"\\999\\777\\"), b"\\999\\777\\");
        assert_eq!(&*unescape(b"\\377"), b"\xff");
    }

    #[test]
    fn the_kernels_own_table_is_read_once_and_then_only_on_notice() {
        let mut table = MountTable::new("/proc/self/mountinfo".into());
        let mut buffer = Vec::new();
        assert!(table.refresh(&mut buffer));
        assert!(table.gives_notice);
        assert!(table.mounts().any(|mount| mount.mount_point == b"/"));
        assert_eq!(table.report("x").availability, Availability::Available);
    }

    #[test]
    fn a_captured_table_is_read_again_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mountinfo");
        let mut table = MountTable::new(path.clone());
        let mut buffer = Vec::new();
        assert!(!table.refresh(&mut buffer));
        assert_eq!(table.report("x").availability, Availability::Absent);
        std::fs::write(&path, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n").unwrap();
        assert!((0..=REREAD_TICKS).any(|_| table.refresh(&mut buffer)));
        assert!((0..=REREAD_TICKS).all(|_| !table.refresh(&mut buffer)));
        std::fs::write(&path, "1 0 8:1 / /other rw - ext4 /dev/sda1 rw\n").unwrap();
        assert!((0..=REREAD_TICKS).any(|_| table.refresh(&mut buffer)));
        assert_eq!(table.mounts().next().unwrap().mount_point, b"/other");
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            for mount in parse(&text) {
                let _ = (unescape(mount.mount_point), mount.is_read_only());
            }
            let _ = unescape(&text);
        }

        #[test]
        fn any_words_in_place_of_the_fields_are_parsed_without_panic(
            text in "([0-9]{1,3} ){2}[0-9]:[0-9] (/[a-z\\\\0-7]{0,6} ){2}[a-z,]{0,4} (- )?[ -~]{0,20}",
        ) {
            for mount in parse(text.as_bytes()) {
                let _ = unescape(mount.mount_point);
            }
        }
    }
}
