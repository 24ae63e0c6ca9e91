//! The log of a monitor in the background: what it tells, line by line, in the data folder.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{LOG_NAME, absolute, file};
use crate::error::{Error, Result};

/// Size beyond which a log is put aside when a monitor starts.
const AT_START_BYTES: u64 = 1 << 20;

/// Size beyond which it is put aside while one runs.
const RUNNING_BYTES: u64 = 4 << 20;

/// What the one before is called.
const OLD_SUFFIX: &str = ".1";

/// Most that is read of a log's end.
const MOST_TAIL_BYTES: u64 = 8 << 20;

/// Where the log of a folder's monitor is.
pub fn log_path(folder: &Path) -> PathBuf {
    folder.join(LOG_NAME)
}

/// Opens the log to add to it.
pub(super) fn open(path: &Path) -> Result<File> {
    file::open_own(path, OFlags::WRONLY | OFlags::APPEND)
}

/// The log of this process, which monitors in the background: standard output and standard
/// error go there, too.
#[derive(Debug)]
pub struct ServiceLog {
    path: PathBuf,
    file: File,
}

impl ServiceLog {
    /// The log of the folder, when that is where this process's standard output goes.
    ///
    /// # Errors
    /// `Refused` for what is not a plain file of this user's, `Io` and the like.
    pub fn of_stdout(folder: &Path) -> Result<Option<ServiceLog>> {
        let path = log_path(&absolute(folder)?);
        let Some((there, _)) = file::open_to_read(&path)? else {
            return Ok(None);
        };
        let known = file::identity(&there);
        if known.is_none() || known != file::identity(&std::io::stdout()) {
            return Ok(None);
        }
        let file = open(&path)?;
        Ok(Some(ServiceLog { path, file }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a new one where the last one has grown long. Only for who holds the folder's lock.
    ///
    /// # Errors
    /// `Io` and the like; then the old one is gone on with.
    pub fn begin(&mut self) -> Result<()> {
        self.put_aside_beyond(AT_START_BYTES)
    }

    /// Begins a new one where it has grown long in the meantime; to be asked now and then.
    ///
    /// # Errors
    /// As [`ServiceLog::begin`].
    pub fn keep_short(&mut self) -> Result<()> {
        self.put_aside_beyond(RUNNING_BYTES)
    }

    fn put_aside_beyond(&mut self, most: u64) -> Result<()> {
        let of_log = |error| Error::io(&self.path, error);
        if self.file.metadata().map_err(of_log)?.len() <= most {
            return Ok(());
        }
        let mut old = self.path.clone().into_os_string();
        old.push(OLD_SUFFIX);
        std::fs::rename(&self.path, &old).map_err(of_log)?;
        let file = open(&self.path)?;
        let stdio = |errno| Error::io(&self.path, errno);
        rustix::stdio::dup2_stdout(&file).map_err(stdio)?;
        rustix::stdio::dup2_stderr(&file).map_err(stdio)?;
        self.file = file;
        Ok(())
    }
}

/// The last lines of a folder's log, at most `most`; the one before is looked into where this
/// one has fewer. None where there is no log.
///
/// # Errors
/// What reading them answers.
pub fn last_lines(folder: &Path, most: usize) -> Result<Vec<String>> {
    let path = log_path(&absolute(folder)?);
    let mut lines = tail(&path, 0)?;
    if lines.len() < most {
        let mut old = path.into_os_string();
        old.push(OLD_SUFFIX);
        let mut all = tail(Path::new(&old), 0)?;
        all.append(&mut lines);
        lines = all;
    }
    Ok(lines.split_off(lines.len().saturating_sub(most)))
}

/// The lines of a file from a place on; none where there is no file.
pub(super) fn tail(path: &Path, from: u64) -> Result<Vec<String>> {
    let Some((mut file, _)) = file::open_to_read(path)? else {
        return Ok(Vec::new());
    };
    let of_file = |error| Error::io(path, error);
    let length = file.metadata().map_err(of_file)?.len();
    // Shorter than it was: it is a new one.
    let from = if from > length { 0 } else { from };
    let from = from.max(length.saturating_sub(MOST_TAIL_BYTES));
    file.seek(SeekFrom::Start(from)).map_err(of_file)?;
    let mut bytes = Vec::new();
    file.take(MOST_TAIL_BYTES)
        .read_to_end(&mut bytes)
        .map_err(of_file)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_reach_into_the_log_before() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(last_lines(folder.path(), 5).unwrap(), [""; 0]);
        std::fs::write(folder.path().join("monitor.log.1"), "a\nb\n").unwrap();
        std::fs::write(log_path(folder.path()), "c\n\u{e4}").unwrap();
        assert_eq!(last_lines(folder.path(), 3).unwrap(), ["b", "c", "\u{e4}"]);
        assert_eq!(last_lines(folder.path(), 1).unwrap(), ["\u{e4}"]);
        assert_eq!(last_lines(folder.path(), 0).unwrap(), [""; 0]);
        assert_eq!(last_lines(folder.path(), 99).unwrap().len(), 4);
    }

    #[test]
    fn what_is_no_log_is_neither_read_nor_written() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "mine\n").unwrap();
        std::os::unix::fs::symlink(&victim, log_path(folder.path())).unwrap();
        for refused in [
            last_lines(folder.path(), 5).unwrap_err(),
            open(&log_path(folder.path())).unwrap_err(),
        ] {
            assert!(refused.to_string().contains("symbolic link"), "{refused}");
        }
        std::fs::remove_file(log_path(folder.path())).unwrap();
        std::fs::hard_link(&victim, log_path(folder.path())).unwrap();
        let refused = open(&log_path(folder.path())).unwrap_err();
        assert!(refused.to_string().contains("another name"), "{refused}");
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine\n");
    }
}
