//! Being the monitor of a folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::process::Identity;
use super::record::{Ended, ServiceRecord};
use super::status::{self, ServiceStatus, Silence};
use super::{LOCK_NAME, absolute, file};
use crate::error::{Error, Result};
use crate::sys::{self, HeldFile};

/// For how long a lock that nobody seems to hold is tried: who only asks whether it is held
/// holds it for a moment.
const PATIENCE: Duration = Duration::from_millis(500);

const PAUSE: Duration = Duration::from_millis(2);

/// What the monitor of a folder will be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claim {
    /// Seconds between two states.
    pub refresh_interval: f64,
    /// It acts by itself.
    pub auto_optimize: bool,
    /// It only says what it would do.
    pub demo: bool,
    /// Where it tells what happens, when not to who started it.
    pub log: Option<PathBuf>,
}

/// The lock of a folder, held by this process as its monitor. Dropping it gives the lock back;
/// a child of a fork does not have it.
#[derive(Debug)]
pub struct Hold {
    file: HeldFile,
    path: PathBuf,
    record: ServiceRecord,
    before: Option<Silence>,
}

/// What came of taking the lock.
#[derive(Debug)]
pub enum Taken {
    /// This process is the monitor.
    Held(Box<Hold>),
    /// Another one is.
    Busy(Box<ServiceStatus>),
}

impl Hold {
    /// Takes the lock of a folder, which is made where it is missing. What a dead monitor left
    /// is no hindrance: see [`Hold::before`].
    ///
    /// # Errors
    /// `PermissionDenied`, `Io` (a full disk) and the like, and `Refused` where something else
    /// stands in the lock's place.
    pub fn take(folder: &Path, claim: &Claim) -> Result<Taken> {
        let folder = absolute(folder)?;
        file::make_folder(&folder)?;
        let path = folder.join(LOCK_NAME);
        let file = file::open_own(&path, OFlags::RDWR)?;
        while !lock(&file, &path)? {
            let status = super::status(&folder)?;
            // It may have ended between the two looks.
            if status.running {
                return Ok(Taken::Busy(Box::new(status)));
            }
        }
        let before = status::silence(ServiceRecord::read(&file).as_ref());
        let record = ServiceRecord {
            who: Identity::own(),
            started_at: sys::moment().unix_seconds,
            version: crate::VERSION.to_owned(),
            command: std::env::args_os()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            log: claim.log.clone(),
            refresh_interval: claim.refresh_interval,
            auto_optimize: claim.auto_optimize,
            demo: claim.demo,
            ..ServiceRecord::default()
        };
        record.write(&file, &path)?;
        let file = HeldFile::new(file).map_err(|error| Error::io(&path, error))?;
        Ok(Taken::Held(Box::new(Hold {
            file,
            path,
            record,
            before,
        })))
    }

    /// What was found of the monitor before this one, when it did not end in good order.
    pub fn before(&self) -> Option<&Silence> {
        self.before.as_ref()
    }

    /// What this one says of itself.
    pub fn record(&self) -> &ServiceRecord {
        &self.record
    }

    /// Says something else of itself.
    ///
    /// # Errors
    /// `Forked` in a child; `Io` when it can't be written, e.g. for want of space: the lock is
    /// held all the same.
    pub fn tell(&mut self, change: impl FnOnce(&mut ServiceRecord)) -> Result<()> {
        let mut changed = self.record.clone();
        change(&mut changed);
        if changed == self.record {
            return Ok(());
        }
        self.record = changed;
        let file = self.file.file().ok_or(Error::Forked {
            owner: self.record.who.pid.unsigned_abs(),
        })?;
        self.record.write(file, &self.path)
    }

    /// Whether its file is still where others look for it. Where somebody removed it, another
    /// monitor could begin: see [`Hold::renew`].
    pub fn is_in_place(&self) -> bool {
        let there = file::open_to_read(&self.path);
        match (there, self.file.file()) {
            (Ok(Some((there, _))), Some(own)) => file::identity(&there) == file::identity(own),
            // What can't be looked at is not known to be gone.
            (Ok(None), _) => false,
            _ => true,
        }
    }

    /// Makes the file again and locks it; false when another monitor was quicker.
    ///
    /// # Errors
    /// As [`Hold::take`].
    pub fn renew(&mut self) -> Result<bool> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        file::make_folder(folder)?;
        let file = file::open_own(&self.path, OFlags::RDWR)?;
        if !lock(&file, &self.path)? {
            return Ok(false);
        }
        self.record.write(&file, &self.path)?;
        self.file = HeldFile::new(file).map_err(|error| Error::io(&self.path, error))?;
        Ok(true)
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// As [`Hold::tell`].
    pub fn end(mut self, why: &str) -> Result<()> {
        self.tell(|record| {
            record.ready = false;
            record.ended = Some(Ended {
                at: sys::moment().unix_seconds,
                why: why.to_owned(),
            });
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some(file) = self.file.file() {
            // Not only by closing it: a thread with a table of files of its own may have a copy.
            // Nobody is left to be told where it fails, and the close gives it back as well.
            let _ = flock(file, FlockOperation::Unlock);
        }
    }
}

/// Locks the file, or answers false when a living monitor has it.
fn lock(file: &File, path: &Path) -> Result<bool> {
    let begun = Instant::now();
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) => {
                let holder = ServiceRecord::read(file);
                let is_known = holder.is_some_and(|holder| {
                    holder.ended.is_none() && (!holder.who.is_of_here() || holder.who.is_alive())
                });
                if is_known && begun.elapsed() > PAUSE || begun.elapsed() > PATIENCE {
                    return Ok(false);
                }
                std::thread::sleep(PAUSE);
            }
            Err(errno) => return Err(Error::io(path, errno)),
        }
    }
}
