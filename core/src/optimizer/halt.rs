//! The kill switch: a file in the data folder, so that it stops every optimizer there, and a
//! person without any program of ours can pull it.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
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

    /// Whatever stands there by this name counts, a link that leads nowhere too, and so does
    /// what can't be looked for: when in doubt, nothing is done.
    pub(super) fn is_on(&self) -> bool {
        let is_absent =
            |found: std::io::Result<_>| matches!(found, Err(e) if e.kind() == ErrorKind::NotFound);
        self.is_pulled.load(Ordering::SeqCst) || !is_absent(self.path.symlink_metadata())
    }

    /// # Errors
    /// When the file can't be made or removed.
    pub(super) fn set(&self, on: bool) -> Result<()> {
        let done = match on {
            true => {
                // From now on, also while the file is made.
                self.is_pulled.store(true, Ordering::SeqCst);
                self.make_file()
            }
            false => match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                other => other,
            },
        };
        // Where there is a file, it alone counts: whoever removes it lets all go on.
        if done.is_ok() {
            self.is_pulled.store(false, Ordering::SeqCst);
        }
        done.map_err(|e| Error::io(&self.path, e))
    }

    /// Never through a link that somebody has planted there; what is there already will do.
    fn make_file(&self) -> std::io::Result<()> {
        let made = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.path);
        match made {
            Ok(mut file) => {
                // On a full disk the empty file does as well.
                let _ = file.write_all(b"no optimizer acts while this file is here\n");
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
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
    fn a_planted_link_is_the_switch_and_its_target_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "mine").unwrap();
        for target in [&victim, &folder.path().join("nowhere")] {
            std::os::unix::fs::symlink(target, folder.path().join(NAME)).unwrap();
            let halt = Halt::of(folder.path());
            assert!(halt.is_on());
            halt.set(true).unwrap();
            assert!(halt.is_on());
            halt.set(false).unwrap();
            assert!(!halt.is_on());
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
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
