//! Failed logins: counted in `/var/log/btmp` where that may be read, else in the log of the
//! authentication.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::reader::failure;
use crate::sample::parse::{lines, number};
use crate::sample::process::escape_into;
use crate::sample::source::read_once;
use crate::sample::{Availability, Roots, SourceReport};

/// Bytes of a log that are read in one look; what is beyond waits for the next.
const MOST_LOG_BYTES: usize = 256 * 1024;

/// Logs of the authentication, by the custom of Debian and of Red Hat.
const LOGS: [&str; 2] = ["/var/log/auth.log", "/var/log/secure"];
const BTMP: &str = "/var/log/btmp";

/// A login that failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FailedLogin {
    /// When, Unix seconds; only `btmp` tells.
    pub unix_seconds: Option<i64>,
    /// The user; `None` when this machine has none of that name. Passwords are often typed
    /// where the name belongs, so other names are not kept.
    pub user: Option<Arc<str>>,
    /// Where it came from: a host, an address or a terminal.
    pub from: Option<Arc<str>>,
}

/// Failed logins as far as they can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LoginSample {
    /// The file that tells.
    pub source: Arc<str>,
    /// How many failed since the first look.
    pub failed: u64,
    /// The last one.
    pub last: Option<FailedLogin>,
}

/// Looks at the files, and remembers how far each was read.
#[derive(Debug)]
pub(super) struct LoginReader {
    roots: Roots,
    layout: Layout,
    place: Option<Place>,
    sample: Option<Arc<LoginSample>>,
}

/// How far a file was read.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    source: &'static str,
    inode: (u64, u64),
    offset: u64,
}

impl LoginReader {
    pub(super) fn new(roots: &Roots) -> LoginReader {
        LoginReader {
            roots: roots.clone(),
            layout: Layout::OF_THIS_MACHINE,
            place: None,
            sample: None,
        }
    }

    /// What failed since the last look, and what became of the files.
    pub(super) fn look(&mut self) -> (Option<Arc<LoginSample>>, Vec<SourceReport>) {
        let mut reports = Vec::new();
        for source in [BTMP, LOGS[0], LOGS[1]] {
            let path = self.roots.host(Path::new(source));
            let outcome = self.look_at(source, &path);
            reports.push(SourceReport {
                source: path.display().to_string(),
                gives: "failed logins".into(),
                availability: match &outcome {
                    Ok(()) => Availability::Available,
                    Err(error) => failure(error),
                },
                reason: outcome.as_ref().err().map(ToString::to_string),
            });
            if outcome.is_ok() {
                return (self.sample.clone(), reports);
            }
        }
        self.place = None;
        self.sample = None;
        (None, reports)
    }

    fn look_at(&mut self, source: &'static str, path: &Path) -> std::io::Result<()> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let (inode, size) = ((metadata.dev(), metadata.ino()), metadata.len());
        let before = self.place.take().filter(|place| place.source == source);
        let is_first = before.is_none();
        let offset = match before {
            // What was there before the first look is not counted.
            None => size,
            Some(place) if place.inode == inode && place.offset <= size => place.offset,
            // Rotated or cut: another file, read from its start.
            Some(_) => 0,
        };
        let (count, last, offset) = match source {
            BTMP => self.records(&file, offset, size, is_first)?,
            _ => self.log_lines(&file, offset)?,
        };
        self.place = Some(Place {
            source,
            inode,
            offset,
        });
        self.count(source, is_first, count, last);
        Ok(())
    }

    fn count(&mut self, source: &str, is_first: bool, count: u64, last: Option<FailedLogin>) {
        let before = match is_first {
            true => None,
            false => self.sample.as_deref(),
        };
        let sample = LoginSample {
            source: source.into(),
            failed: before
                .map_or(0, |before| before.failed)
                .saturating_add(count),
            last: last.or_else(|| before.and_then(|before| before.last.clone())),
        };
        if self.sample.as_deref() != Some(&sample) {
            self.sample = Some(sample.into());
        }
    }

    /// Counts the records behind `offset`; only the last one is read.
    fn records(
        &self,
        file: &File,
        offset: u64,
        size: u64,
        is_first: bool,
    ) -> std::io::Result<(u64, Option<FailedLogin>, u64)> {
        let bytes = self.layout.bytes as u64;
        let (done, whole) = (offset / bytes, size / bytes);
        let count = match is_first {
            true => 0,
            false => whole.saturating_sub(done),
        };
        let has_news = count > 0 || is_first;
        let last = match whole.checked_sub(1).filter(|_| has_news) {
            Some(last) => {
                let mut record = vec![0; self.layout.bytes];
                file.read_exact_at(&mut record, last * bytes)?;
                Some(self.layout.login(&record, &self.roots))
            }
            None => None,
        };
        Ok((count, last, whole * bytes))
    }

    /// Counts failures in whole lines behind `offset`.
    fn log_lines(
        &self,
        file: &File,
        offset: u64,
    ) -> std::io::Result<(u64, Option<FailedLogin>, u64)> {
        let mut text = vec![0; MOST_LOG_BYTES];
        let length = file.read_at(&mut text, offset)?;
        let text = &text[..length];
        let end = match memchr::memrchr(b'\n', text) {
            Some(end) => end + 1,
            // A line that fills all that is read at once is no line.
            None if length == MOST_LOG_BYTES => length,
            None => 0,
        };
        let (mut count, mut last) = (0_u64, None);
        for line in lines(&text[..end]) {
            let times = failures_in(line);
            if times > 0 {
                count = count.saturating_add(times);
                last = Some(line);
            }
        }
        let last = last.map(|line| login_of_line(line, &self.roots));
        Ok((count, last, offset + end as u64))
    }
}

/// How `utmp` records lie in the file (utmp(5)). Where the C library keeps them as they were
/// with 32 bits they have 384 bytes, elsewhere 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    bytes: usize,
    /// Place and width of the seconds.
    seconds: (usize, usize),
}

impl Layout {
    const NARROW: Layout = Layout {
        bytes: 384,
        seconds: (340, 4),
    };
    const WIDE: Layout = Layout {
        bytes: 400,
        seconds: (344, 8),
    };
    const OF_THIS_MACHINE: Layout = match cfg!(any(
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "loongarch64"
    )) {
        true => Layout::WIDE,
        false => Layout::NARROW,
    };
    const LINE: std::ops::Range<usize> = 8..40;
    const USER: std::ops::Range<usize> = 44..76;
    const HOST: std::ops::Range<usize> = 76..332;

    fn login(self, record: &[u8], roots: &Roots) -> FailedLogin {
        let text = |range| {
            let bytes: &[u8] = record.get(range).unwrap_or_default();
            let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
            &bytes[..end]
        };
        let (at, width) = self.seconds;
        let seconds = record.get(at..at + width).and_then(|bytes| {
            Some(match width {
                4 => i64::from(i32::from_ne_bytes(bytes.try_into().ok()?)),
                _ => i64::from_ne_bytes(bytes.try_into().ok()?),
            })
        });
        let from = [text(Layout::HOST), text(Layout::LINE)]
            .into_iter()
            .find(|text| !text.is_empty());
        FailedLogin {
            unix_seconds: seconds.filter(|seconds| *seconds > 0),
            user: known_user(text(Layout::USER), roots),
            from: from.map(shown),
        }
    }
}

fn shown(bytes: &[u8]) -> Arc<str> {
    let mut text = String::new();
    escape_into(bytes, &mut text);
    text.into()
}

/// The name, when `/etc/passwd` lists it.
fn known_user(name: &[u8], roots: &Roots) -> Option<Arc<str>> {
    if name.is_empty() {
        return None;
    }
    let mut buffer = Vec::new();
    let users = read_once(&roots.host(Path::new("/etc/passwd")), &mut buffer).ok()?;
    lines(users)
        .any(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(b":"))
        })
        .then(|| shown(name))
}

/// How many failed logins a line tells of. sshd tells of each in a line of its own and by
/// PAM, so that of PAM's lines those of others are counted.
fn failures_in(line: &[u8]) -> u64 {
    let has = |part: &[u8]| memchr::memmem::find(line, part).is_some();
    let is_failure =
        has(b"Failed password for ") || (has(b"authentication failure;") && !has(b"(sshd:auth)"));
    if !is_failure {
        return 0;
    }
    // rsyslog: `message repeated 3 times: [ Failed password for …]`.
    let times = after(line, b"message repeated ").and_then(|rest| number(word(rest)));
    times.unwrap_or(1)
}

fn login_of_line(line: &[u8], roots: &Roots) -> FailedLogin {
    let by_sshd = after(line, b"Failed password for ");
    let (user, from) = match by_sshd {
        Some(rest) => {
            let rest = rest.strip_prefix(b"invalid user ").unwrap_or(rest);
            (Some(word(rest)), after(rest, b" from ").map(word))
        }
        None => (
            after(line, b" user=").map(word),
            after(line, b" rhost=").map(word),
        ),
    };
    FailedLogin {
        unix_seconds: None,
        user: user.and_then(|user| known_user(user, roots)),
        from: from.filter(|from| !from.is_empty()).map(shown),
    }
}

fn after<'a>(line: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(line, part)?;
    line.get(at + part.len()..)
}

/// Up to the next blank.
fn word(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(b' ', text).unwrap_or(text.len());
    &text[..end]
}
