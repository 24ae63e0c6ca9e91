//! Files that are there in full or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usm_core::{Error, Result};

use crate::Format;

/// Most files of one name and second.
const MOST_ALIKE: u32 = 10_000;

/// Tells two files apart that one process writes at once.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A failed write on its way to the one who knows the file's name.
pub(crate) fn failed(source: io::Error) -> Error {
    Error::Io {
        path: PathBuf::new(),
        source,
    }
}

/// Names the file in an error that came of writing to it.
pub(crate) fn named(error: Error, path: &Path) -> Error {
    match error {
        Error::Io { path: none, source } if none.as_os_str().is_empty() => Error::io(path, source),
        other => other,
    }
}

#[derive(Debug)]
enum Place {
    /// This name, whatever was there.
    Exactly(PathBuf),
    /// The first of these names that is free: folder, name without ending, ending.
    Free(PathBuf, String, &'static str),
    /// A device, a pipe or the like, which is written to as it is.
    Through(PathBuf),
}

/// A file that is being written: under another name beside its own until it is whole.
/// Dropped before [`NewFile::finish`], nothing is left of it.
#[derive(Debug)]
pub struct NewFile {
    writer: Option<BufWriter<File>>,
    /// Of the file under its other name.
    temporary: Option<PathBuf>,
    place: Place,
    bytes: u64,
}

impl NewFile {
    /// A file of this name; one that is there is replaced when the new one is whole. A folder
    /// is no name: see [`NewFile::in_folder`].
    ///
    /// # Errors
    /// `Io` and the like when it can't be written there.
    pub fn at(path: impl AsRef<Path>) -> Result<NewFile> {
        let path = path.as_ref();
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(Error::invalid(
                "file",
                path.display(),
                "a file: this is a folder",
            )),
            Ok(found) if !found.is_file() => {
                let opened = OpenOptions::new().write(true).open(path);
                NewFile::new(
                    opened.map_err(|source| Error::io(path, source))?,
                    None,
                    Place::Through(path.to_path_buf()),
                )
            }
            // What a link leads to is replaced, not the link.
            Ok(_) => {
                let path = path.canonicalize().map_err(|e| Error::io(path, e))?;
                NewFile::beside(Place::Exactly(path))
            }
            Err(_) => NewFile::beside(Place::Exactly(path.to_path_buf())),
        }
    }

    /// A file `<stem>_YYYYMMDD_HHMMSS.<ending>` by the local time in a folder, which is made
    /// if it is not there; with `_2` and so on behind it where that name is taken.
    ///
    /// # Errors
    /// `Io` and the like when it can't be written there.
    pub fn in_folder(folder: impl AsRef<Path>, stem: &str, format: Format) -> Result<NewFile> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
        let now = Timestamp::now().to_zoned_datetime(TimeZone::system());
        let now = now.strftime("%Y%m%d_%H%M%S").to_string();
        let name = format!("{stem}_{now}");
        NewFile::beside(Place::Free(folder.to_path_buf(), name, format.ending()))
    }

    fn beside(place: Place) -> Result<NewFile> {
        let (folder, name) = match &place {
            Place::Free(folder, name, _) => (folder.clone(), name.clone()),
            Place::Exactly(path) | Place::Through(path) => {
                let name = path
                    .file_name()
                    .ok_or_else(|| Error::invalid("file", path.display(), "a name of a file"))?;
                let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
                (folder, name.to_string_lossy().chars().take(60).collect())
            }
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            // It tells of programs and weak settings: whom to show it is its owner's choice.
            .mode(0o600)
            .open(&temporary);
        let file = opened.map_err(|source| match &place {
            Place::Exactly(path) => Error::io(path, source),
            _ => Error::io(&temporary, source),
        })?;
        NewFile::new(file, Some(temporary), place)
    }

    fn new(file: File, temporary: Option<PathBuf>, place: Place) -> Result<NewFile> {
        Ok(NewFile {
            writer: Some(BufWriter::with_capacity(64 * 1024, file)),
            temporary,
            place,
            bytes: 0,
        })
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The name that it is to have, as far as that is known, for messages.
    pub fn goal(&self) -> PathBuf {
        match &self.place {
            Place::Exactly(path) | Place::Through(path) => path.clone(),
            Place::Free(folder, name, ending) => folder.join(format!("{name}.{ending}")),
        }
    }

    /// Gives the file its name, and tells it.
    ///
    /// # Errors
    /// `Io`, e.g. on a full disk: then nothing is left of it.
    pub fn finish(mut self) -> Result<PathBuf> {
        let goal = self.goal();
        let failed = |source| Error::io(&goal, source);
        let Some(writer) = self.writer.take() else {
            return Err(Error::Internal("a file that is finished twice".into()));
        };
        let file = writer.into_inner().map_err(|e| failed(e.into_error()))?;
        let Some(temporary) = self.temporary.clone() else {
            return Ok(goal);
        };
        if let Place::Exactly(path) = &self.place
            && let Ok(replaced) = std::fs::metadata(path)
        {
            let mode = replaced.permissions().mode() & 0o777;
            file.set_permissions(Permissions::from_mode(mode))
                .map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        drop(file);
        let path = match &self.place {
            Place::Exactly(path) | Place::Through(path) => {
                std::fs::rename(&temporary, path).map_err(failed)?;
                path.clone()
            }
            Place::Free(folder, name, ending) => free(&temporary, folder, name, ending)?,
        };
        self.temporary = None;
        Ok(path)
    }
}

/// Gives a file the first name that is free, without ever replacing another.
fn free(temporary: &Path, folder: &Path, name: &str, ending: &str) -> Result<PathBuf> {
    for number in 1..=MOST_ALIKE {
        let path = match number {
            1 => folder.join(format!("{name}.{ending}")),
            number => folder.join(format!("{name}_{number}.{ending}")),
        };
        match std::fs::hard_link(temporary, &path) {
            Ok(()) => {
                // The other name may stay where it can't be taken away: the file is whole.
                let _ = std::fs::remove_file(temporary);
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            // A file system without links: the name is taken first, then filled.
            Err(_) => match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(_) => {
                    let renamed = std::fs::rename(temporary, &path);
                    return renamed
                        .map(|()| path.clone())
                        .map_err(|source| Error::io(&path, source));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(source) => return Err(Error::io(&path, source)),
            },
        }
    }
    let taken = io::Error::from(io::ErrorKind::AlreadyExists);
    Err(Error::io(folder.join(format!("{name}.{ending}")), taken))
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(writer) = &mut self.writer else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let written = writer.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Some(writer) => writer.flush(),
            None => Ok(()),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nobody is left to be told.
            let _ = std::fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "old").unwrap();
        let mut file = NewFile::at(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(file.bytes(), 3);
        assert_eq!(file.finish().unwrap(), path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn nothing_is_left_of_a_file_that_was_not_finished() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = NewFile::at(folder.path().join("a.json")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn files_of_one_second_do_not_replace_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let open = || NewFile::beside(Place::Free(folder.path().into(), "m_1".into(), "csv"));
        // Begun at once, finished one after the other.
        let files = [open().unwrap(), open().unwrap(), open().unwrap()];
        for mut file in files {
            file.write_all(b"x").unwrap();
            file.finish().unwrap();
        }
        assert_eq!(names(folder.path()), ["m_1.csv", "m_1_2.csv", "m_1_3.csv"]);
    }

    #[test]
    fn a_name_is_made_of_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("new/exports");
        let file = NewFile::in_folder(&below, "system_alerts", Format::Html).unwrap();
        let path = file.finish().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let digits = name
            .strip_prefix("system_alerts_")
            .and_then(|rest| rest.strip_suffix(".html"))
            .unwrap();
        assert_eq!((digits.len(), &digits[8..9]), (15, "_"), "{name}");
    }

    #[test]
    fn what_a_link_leads_to_is_replaced_and_the_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = NewFile::at(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_new_file_is_the_users_alone_and_one_that_is_replaced_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        NewFile::at(&path).unwrap().finish().unwrap();
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        NewFile::at(&path).unwrap().finish().unwrap();
        assert_eq!(mode(), 0o644);
    }

    #[test]
    fn where_nothing_can_be_written_the_error_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/a.json");
        let error = NewFile::at(&path).unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("no/such/a.json"), "{error}");
        assert!(NewFile::at(folder.path()).is_err());
    }
}
