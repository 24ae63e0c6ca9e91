//! Failed logins: counted in `/var/log/btmp` where that may be read, else in the log of the
//! authentication.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fixture::Fixture;
    use proptest::prelude::*;

    fn record(layout: Layout, user: &str, host: &str, seconds: i64) -> Vec<u8> {
        let mut record = vec![0; layout.bytes];
        record[0] = 6;
        record[8..18].copy_from_slice(b"ssh:notty\0");
        record[44..44 + user.len()].copy_from_slice(user.as_bytes());
        record[76..76 + host.len()].copy_from_slice(host.as_bytes());
        let (at, width) = layout.seconds;
        record[at..at + width].copy_from_slice(&seconds.to_ne_bytes()[..width]);
        record
    }

    fn machine() -> Fixture {
        let fixture = Fixture::new();
        fixture.write(
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n",
        );
        fixture
    }

    fn failed(reader: &mut LoginReader) -> Option<(u64, Option<FailedLogin>)> {
        let (sample, _) = reader.look();
        sample.map(|sample| (sample.failed, sample.last.clone()))
    }

    #[test]
    fn new_records_are_counted_and_the_last_one_is_told_in_both_layouts() {
        for layout in [Layout::NARROW, Layout::WIDE] {
            let fixture = machine();
            let mut all = record(layout, "ann", "192.0.2.1", 1_700_000_000);
            fixture.write("var/log/btmp", &all);
            let mut reader = LoginReader::new(&fixture.roots());
            reader.layout = layout;
            let (count, last) = failed(&mut reader).unwrap();
            assert_eq!(count, 0);
            assert_eq!(last.unwrap().user.as_deref(), Some("ann"));

            all.extend(record(layout, "root", "203.0.113.5", 1_700_000_060));
            all.extend(record(layout, "hunter2", "", 1_700_000_090));
            fixture.write("var/log/btmp", &all);
            let (count, last) = failed(&mut reader).unwrap();
            assert_eq!(count, 2);
            let last = last.unwrap();
            // What may be a password is not kept; without a host the terminal is told.
            assert_eq!((last.user, last.from.as_deref()), (None, Some("ssh:notty")));
            assert_eq!(last.unix_seconds, Some(1_700_000_090));
            assert_eq!(failed(&mut reader).unwrap().0, 2);
        }
    }

    #[test]
    fn a_file_that_was_cut_or_rotated_is_read_from_its_start() {
        let layout = Layout::OF_THIS_MACHINE;
        let fixture = machine();
        let one = record(layout, "root", "192.0.2.1", 1_700_000_000);
        fixture.write("var/log/btmp", one.repeat(5));
        let mut reader = LoginReader::new(&fixture.roots());
        assert_eq!(failed(&mut reader).unwrap().0, 0);
        fixture.write("var/log/btmp", one.repeat(2));
        assert_eq!(failed(&mut reader).unwrap().0, 2);
        std::fs::rename(fixture.path("var/log/btmp"), fixture.path("var/log/btmp.1")).unwrap();
        fixture.write("var/log/btmp", one.repeat(4));
        assert_eq!(failed(&mut reader).unwrap().0, 6);
    }

    const LOG: &str = "\
        Nov 28 10:00:01 host sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root\n\
        Nov 28 10:00:03 host sshd[1]: Failed password for root from 203.0.113.5 port 4711 ssh2\n\
        Nov 28 10:00:04 host sshd[1]: message repeated 2 times: [ Failed password for root from 203.0.113.5 port 4711 ssh2]\n\
        Nov 28 10:00:05 host sshd[1]: PAM 2 more authentication failures; logname= rhost=203.0.113.5  user=root\n\
        Nov 28 10:00:06 host sshd[2]: Failed password for invalid user bob from 203.0.113.9 port 1 ssh2\n\
        Nov 28 10:00:07 host su: pam_unix(su:auth): authentication failure; logname=ann uid=1000 euid=0 tty=/dev/pts/0 ruser=ann rhost=  user=root\n\
        Nov 28 10:00:08 host sshd[3]: Accepted publickey for ann from 192.0.2.1 port 2 ssh2\n";

    #[test]
    fn without_btmp_the_log_tells_and_each_failure_counts_once() {
        let fixture = machine();
        fixture.write(
            "var/log/auth.log",
            "Nov 28 09:00:00 host sshd[1]: Failed password for root from ::1 port 1 ssh2\n",
        );
        let mut reader = LoginReader::new(&fixture.roots());
        assert_eq!(failed(&mut reader), Some((0, None)));
        let first = std::fs::read_to_string(fixture.path("var/log/auth.log")).unwrap();
        // The last line is still being written.
        let half = format!("{first}{LOG}Nov 28 10:00:09 host sshd[4]: Failed passw");
        fixture.write("var/log/auth.log", &half);
        let (count, last) = failed(&mut reader).unwrap();
        assert_eq!(count, 5);
        let last = last.unwrap();
        assert_eq!((last.user.as_deref(), last.from), (Some("root"), None));
        let whole = format!("{half}ord for ann from 203.0.113.77 port 3 ssh2\n");
        fixture.write("var/log/auth.log", whole);
        let (count, last) = failed(&mut reader).unwrap();
        assert_eq!(count, 6);
        let last = last.unwrap();
        assert_eq!(last.user.as_deref(), Some("ann"));
        assert_eq!(last.from.as_deref(), Some("203.0.113.77"));
    }

    #[test]
    fn where_nothing_can_be_read_each_reason_is_told() {
        let fixture = machine();
        let mut reader = LoginReader::new(&fixture.roots());
        let (sample, reports) = reader.look();
        assert_eq!(sample, None);
        assert_eq!(reports.len(), 3);
        for report in &reports {
            assert_eq!(report.availability, Availability::Absent);
            assert!(report.reason.as_ref().unwrap().contains("os error 2"));
        }
        // A folder in its place is no file to read.
        fixture.folder("var/log/auth.log");
        let (sample, reports) = reader.look();
        assert_eq!(sample, None);
        assert_eq!(reports[1].availability, Availability::Failed);
    }

    proptest! {
        #[test]
        fn any_log_and_any_records_are_read_without_panic(
            first in Fixture::content(LOG), second in Fixture::content(LOG),
        ) {
            let fixture = machine();
            for file in ["var/log/auth.log", "var/log/btmp"] {
                let mut reader = LoginReader::new(&fixture.roots());
                fixture.write(file, &first);
                let before = failed(&mut reader).unwrap().0;
                fixture.write(file, &second);
                prop_assert!(failed(&mut reader).unwrap().0 >= before);
            }
        }
    }
}
