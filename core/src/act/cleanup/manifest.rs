//! The list of what is in a quarantine: JSON lines, written and synced before the files that
//! they name are moved, so that whatever was moved can be put back after a crash.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::beneath::open_beneath;
use super::meta::Meta;
use super::outcome::Quarantine;
use crate::error::{Error, Result};

pub(super) const MANIFEST: &[u8] = b"manifest.jsonl";

/// A path below the root, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Text(String),
    Bytes(Vec<u8>),
}

impl Name {
    pub(super) fn new(path: &[u8]) -> Name {
        match std::str::from_utf8(path) {
            Ok(text) => Name::Text(text.to_owned()),
            Err(_) => Name::Bytes(path.to_vec()),
        }
    }

    /// The bytes, if they are a way that leads down only.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        let bytes = match self {
            Name::Text(text) => text.as_bytes(),
            Name::Bytes(bytes) => bytes,
        };
        let mut steps = bytes.split(|byte| *byte == b'/');
        let leads_down = |step: &[u8]| !matches!(step, b"" | b"." | b"..") && !step.contains(&0);
        steps.all(leads_down).then_some(bytes)
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "entry")]
pub(super) enum Line {
    /// The first: which quarantine it is.
    Quarantine { quarantine: Quarantine },
    /// A file or link, moved to the name `slot`.
    File {
        slot: u64,
        path: Name,
        inode: u64,
        size: u64,
        mode: u32,
        uid: u32,
        gid: u32,
        mtime: (i64, u32),
    },
    /// An empty folder, removed.
    Folder {
        path: Name,
        inode: u64,
        mode: u32,
        uid: u32,
        gid: u32,
        atime: (i64, u32),
        mtime: (i64, u32),
    },
    /// A folder made again by a restoration, so that the next one knows it.
    Remade { path: Name, inode: u64 },
}

impl Line {
    pub(super) fn file(slot: u64, path: &[u8], meta: &Meta) -> Line {
        Line::File {
            slot,
            path: Name::new(path),
            inode: meta.id.1,
            size: meta.size,
            mode: meta.mode,
            uid: meta.uid,
            gid: meta.gid,
            mtime: meta.mtime,
        }
    }

    pub(super) fn folder(path: &[u8], meta: &Meta) -> Line {
        Line::Folder {
            path: Name::new(path),
            inode: meta.id.1,
            mode: meta.mode,
            uid: meta.uid,
            gid: meta.gid,
            atime: meta.atime,
            mtime: meta.mtime,
        }
    }
}

/// The open list of one quarantine; its lock keeps others from restoring or purging
/// meanwhile.
pub(super) struct Manifest {
    file: File,
    path: std::path::PathBuf,
    bytes: u64,
}

impl Manifest {
    /// # Errors
    /// `NotFound` where there is none, `Refused` for one that is not ours or that another
    /// process works on.
    pub(super) fn open(
        folder: impl AsFd,
        quarantine: &Quarantine,
        device: u64,
        makes: bool,
    ) -> Result<Manifest> {
        let path = quarantine.folder.join("manifest.jsonl");
        let mut flags = OFlags::RDWR | OFlags::APPEND;
        if makes {
            flags |= OFlags::CREATE | OFlags::EXCL;
        }
        let failed = |errno: rustix::io::Errno| Error::io(&path, errno);
        let file = open_beneath(folder, MANIFEST, flags, device).map_err(failed)?;
        let meta = Meta::of(&file).map_err(failed)?;
        let own = rustix::process::geteuid().as_raw();
        if meta.kind != rustix::fs::FileType::RegularFile || meta.uid != own || meta.links != 1 {
            return Err(Error::Refused(format!(
                "{}: not made by this user",
                path.display()
            )));
        }
        let lock = rustix::fs::FlockOperation::NonBlockingLockExclusive;
        if rustix::fs::flock(&file, lock) == Err(rustix::io::Errno::WOULDBLOCK) {
            return Err(Error::Refused(format!(
                "{}: another process works on this quarantine",
                path.display()
            )));
        }
        Ok(Manifest {
            file: File::from(file),
            path,
            bytes: meta.size,
        })
    }

    /// Every whole line, and what is wrong with those that can't be read. One that a crash
    /// cut off was not acted upon.
    pub(super) fn lines(&self) -> Result<(Vec<Line>, Vec<String>)> {
        let text = self.text()?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
        let (mut lines, mut wrong) = (Vec::new(), Vec::new());
        for (index, line) in text[..whole].split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let mut is_wrong = |why: &dyn std::fmt::Display| {
                wrong.push(format!("line {} of its list: {why}", index + 1));
            };
            match std::str::from_utf8(line).map(serde_json::from_str) {
                Ok(Ok(line)) => lines.push(line),
                Ok(Err(error)) => is_wrong(&error),
                Err(error) => is_wrong(&error),
            }
        }
        Ok((lines, wrong))
    }

    /// Adds lines and waits until they are on the disk. On failure none of them stays.
    pub(super) fn add(&mut self, lines: &[Line]) -> Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)
                .map_err(|error| Error::malformed(&self.path, error.to_string()))?;
            text.push(b'\n');
        }
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.bytes += text.len() as u64;
                Ok(())
            }
            Err(error) => {
                let _ = self.file.set_len(self.bytes);
                Err(Error::io(&self.path, error))
            }
        }
    }

    /// Takes off a line that a crash cut short, so that the next starts on its own.
    pub(super) fn mend(&mut self) -> Result<()> {
        let failed = |error| Error::io(&self.path, error);
        let text = self.text()?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        if whole < text.len() {
            self.file.set_len(whole as u64).map_err(failed)?;
        }
        self.bytes = whole as u64;
        Ok(())
    }

    fn text(&self) -> Result<Vec<u8>> {
        let failed = |error| Error::io(&self.path, error);
        let mut file = &self.file;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.read_to_end(&mut text).map_err(failed)?;
        Ok(text)
    }
}

impl Drop for Manifest {
    /// Closing is not enough: a child that another thread of the program is just starting
    /// has a copy of the file until its exec, and the lock would live as long.
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.file, rustix::fs::FlockOperation::Unlock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_list_is_free_once_dropped_although_a_starting_child_has_a_copy() {
        let temp = tempfile::tempdir().unwrap();
        let folder = File::open(temp.path()).unwrap();
        let device = folder.metadata().unwrap().dev();
        let quarantine = Quarantine {
            folder: temp.path().to_path_buf(),
            root: temp.path().to_path_buf(),
            root_uid: 0,
            device,
            made_at: 0.0,
            rule: "test".into(),
            regenerable: false,
            uid: 0,
        };
        let open = |makes| Manifest::open(&folder, &quarantine, device, makes);
        let manifest = open(true).unwrap();
        assert!(matches!(open(false), Err(Error::Refused(_))));
        let copy_of_the_child = manifest.file.try_clone().unwrap();
        drop(manifest);
        assert!(open(false).is_ok());
        drop(copy_of_the_child);
    }
}
