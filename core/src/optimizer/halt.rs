//! The kill switch: a file in the data folder, so that it stops every optimizer there, and a
//! person without any program of ours can pull it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Name of the file whose presence forbids every change.
const NAME: &str = "optimizer.halt";

/// The kill switch of a data folder.
#[derive(Debug)]
pub(super) struct Halt {
    path: PathBuf,
    /// Pulled here where the file could not be made.
    is_pulled: AtomicBool,
}

impl Halt {
    pub(super) fn of(folder: &Path) -> Halt {
        Halt {
            path: folder.join(NAME),
            is_pulled: AtomicBool::new(false),
        }
    }

    /// A file that can't be looked for counts as present: when in doubt, nothing is done.
    pub(super) fn is_on(&self) -> bool {
        self.is_pulled.load(Ordering::SeqCst) || self.path.try_exists().unwrap_or(true)
    }

    /// # Errors
    /// When the file can't be made or removed.
    pub(super) fn set(&self, on: bool) -> Result<()> {
        let done = match on {
            true => {
                // From now on, also while the file is made.
                self.is_pulled.store(true, Ordering::SeqCst);
                std::fs::File::create(&self.path).map(|mut file| {
                    // On a full disk the empty file does as well.
                    let _ = file.write_all(b"no optimizer acts while this file is here\n");
                })
            }
            false => match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                other => other,
            },
        };
        // Where there is a file, it alone counts: whoever removes it lets all go on.
        if done.is_ok() {
            self.is_pulled.store(false, Ordering::SeqCst);
        }
        done.map_err(|e| Error::io(&self.path, e))
    }

    /// # Errors
    /// `Refused` while it is on.
    pub(super) fn check(&self) -> Result<()> {
        match self.is_on() {
            true => Err(Error::Refused(format!(
                "the kill switch is on: {} is there",
                self.path.display()
            ))),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_switch() {
        let folder = tempfile::tempdir().unwrap();
        let halt = Halt::of(folder.path());
        assert!(!halt.is_on());
        halt.set(true).unwrap();
        assert!(folder.path().join("optimizer.halt").exists());
        assert!(
            halt.check()
                .unwrap_err()
                .to_string()
                .contains("kill switch")
        );
        halt.set(false).unwrap();
        halt.set(false).unwrap();
        assert!(halt.check().is_ok());
    }

    #[test]
    fn where_no_file_can_be_made_it_holds_for_this_optimizer() {
        let folder = tempfile::tempdir().unwrap();
        let halt = Halt::of(&folder.path().join("gone"));
        halt.set(true).unwrap_err();
        assert!(halt.is_on());
        halt.set(false).unwrap();
        assert!(!halt.is_on());
    }
}
