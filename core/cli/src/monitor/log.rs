//! `usm monitor --log`: what the monitor in the background told.

use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use usm_core::Error;
use usm_core::service::{last_lines, log_path};

use super::{MonitorOptions, folder};
use crate::draw::escape_lines;
use crate::failure::{Failure, Outcome};
use crate::options::GlobalOptions;
use crate::outlet::Outlet;

/// How often it is looked for more.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn perform(
    options: &MonitorOptions,
    global: &GlobalOptions,
    out: &mut Outlet,
) -> Outcome {
    let folder = folder(global)?;
    let path = log_path(&folder);
    if !path.exists() && !options.follow {
        return Err(Failure::new(
            &format!("there is no log yet: {} does not exist", path.display()),
            Some("`usm monitor --start` watches in the background, and begins one"),
        ));
    }
    let mut place = Place::at_the_end(&path);
    for line in last_lines(&folder, options.lines)? {
        tell(&line, options, out)?;
    }
    if !options.follow {
        return Ok(());
    }
    loop {
        std::thread::sleep(LOOK);
        for line in place.more(&path)? {
            tell(&line, options, out)?;
        }
    }
}

fn tell(line: &str, options: &MonitorOptions, out: &mut Outlet) -> Outcome {
    match options.json {
        true => out.json(&json!({ "line": line }), options.pretty),
        false => out.write(&format!("{}\n", escape_lines(line))),
    }
}

/// How far a log is read.
#[derive(Debug, Default)]
struct Place {
    inode: u64,
    bytes: u64,
    /// A line of which only the beginning is there.
    begun: Vec<u8>,
}

impl Place {
    fn at_the_end(path: &Path) -> Place {
        match std::fs::metadata(path) {
            Ok(found) => Place {
                inode: found.ino(),
                bytes: found.size(),
                begun: Vec::new(),
            },
            Err(_) => Place::default(),
        }
    }

    /// The lines that have come; from the beginning of a new one.
    fn more(&mut self, path: &Path) -> Outcome<Vec<String>> {
        let mut file = match std::fs::File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened.map_err(|error| Error::io(path, error))?,
        };
        let of_log = |error| Error::io(path, error);
        let found = file.metadata().map_err(of_log)?;
        if found.ino() != self.inode || found.size() < self.bytes {
            *self = Place {
                inode: found.ino(),
                ..Place::default()
            };
        }
        file.seek(SeekFrom::Start(self.bytes)).map_err(of_log)?;
        let mut bytes = std::mem::take(&mut self.begun);
        let count = file.read_to_end(&mut bytes).map_err(of_log)?;
        self.bytes += count as u64;
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        self.begun = bytes.split_off(end.map_or(0, |end| end + 1));
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_when_they_are_whole_and_a_new_log_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut place = Place::at_the_end(&path);
        assert!(place.more(&path).unwrap().is_empty());
        std::fs::write(&path, "one\ntw").unwrap();
        assert_eq!(place.more(&path).unwrap(), ["one"]);
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert_eq!(place.more(&path).unwrap(), ["two"]);
        let new = folder.path().join("new");
        std::fs::write(&new, "three\n").unwrap();
        std::fs::rename(&new, &path).unwrap();
        assert_eq!(place.more(&path).unwrap(), ["three"]);
        assert!(place.more(&path).unwrap().is_empty());
    }
}
