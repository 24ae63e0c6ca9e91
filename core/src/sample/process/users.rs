//! User names by `/etc/passwd` of the host's root.

use std::path::PathBuf;
use std::sync::Arc;

use crate::arrange::arrange_by_key;
use crate::sample::parse::{lines, number};
use crate::sample::source::read_once;

/// Seconds between two looks at whether the file has changed.
const CHECK_SECONDS: f64 = 60.0;

/// The names, read again when the file changes.
#[derive(Debug)]
pub(super) struct Users {
    path: PathBuf,
    /// By user id; the first line of an id counts.
    names: Vec<(u32, Arc<str>)>,
    /// Device, inode, size and time of change of what was read.
    read: Option<(u64, u64, i64, i64, i64)>,
    checked_at: Option<f64>,
}

impl Users {
    pub(super) fn new(path: PathBuf) -> Users {
        Users {
            path,
            names: Vec::new(),
            read: None,
            checked_at: None,
        }
    }

    /// The name of a user; `None` when the file does not list it or can't be read.
    pub(super) fn name(&mut self, uid: u32, now: f64, buffer: &mut Vec<u8>) -> Option<Arc<str>> {
        if self
            .checked_at
            .is_none_or(|at| (now - at).abs() >= CHECK_SECONDS)
        {
            self.checked_at = Some(now);
            self.check(buffer);
        }
        let at = self.names.binary_search_by_key(&uid, |(id, _)| *id).ok()?;
        Some(self.names[at].1.clone())
    }

    fn check(&mut self, buffer: &mut Vec<u8>) {
        let Ok(stat) = rustix::fs::stat(&self.path) else {
            // Gone or out of reach: what was read before may be wrong by now.
            self.names.clear();
            self.read = None;
            return;
        };
        #[allow(clippy::unnecessary_cast)] // The types differ between architectures.
        let mark = (
            stat.st_dev as u64,
            stat.st_ino as u64,
            stat.st_size as i64,
            stat.st_mtime as i64,
            stat.st_mtime_nsec as i64,
        );
        if self.read == Some(mark) {
            return;
        }
        self.names.clear();
        self.read = match read_once(&self.path, buffer) {
            Ok(text) => {
                self.names.extend(lines(text).filter_map(entry));
                arrange_by_key(&mut self.names, |(uid, _)| *uid);
                self.names.dedup_by_key(|(uid, _)| *uid);
                Some(mark)
            }
            Err(_) => None,
        };
    }
}

/// `name:x:1000:…`
fn entry(line: &[u8]) -> Option<(u32, Arc<str>)> {
    let mut fields = line.split(|b| *b == b':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    let uid = u32::try_from(number(fields.nth(1)?)?).ok()?;
    let mut text = String::new();
    super::escape::escape_into(name, &mut text);
    Some((uid, text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_an_id_counts_and_a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passwd");
        let text = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n# a note\n\nbad:x\n\
            ann:x:1000:1000::/home/ann:/bin/sh\n";
        std::fs::write(&path, text).unwrap();
        let (mut users, mut buffer) = (Users::new(path.clone()), Vec::new());
        let mut name = |uid, now| users.name(uid, now, &mut buffer).map(|n| n.to_string());
        assert_eq!(name(0, 10.0).as_deref(), Some("root"));
        assert_eq!(name(1000, 10.0).as_deref(), Some("ann"));
        assert_eq!(name(1001, 10.0), None);

        std::fs::write(&path, format!("{text}eve:x:1001:1::/:/bin/sh\n")).unwrap();
        assert_eq!(name(1001, 11.0), None);
        assert_eq!(name(1001, 10.0 + CHECK_SECONDS).as_deref(), Some("eve"));

        std::fs::remove_file(&path).unwrap();
        assert_eq!(name(0, 10.0 + 2.0 * CHECK_SECONDS), None);
    }
}
