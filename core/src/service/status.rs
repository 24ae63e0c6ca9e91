//! Whether a monitor runs for a folder, and what it says of itself.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::Serialize;

use super::process;
use super::record::{Beat, Ended, ServiceRecord};
use super::{LOCK_NAME, absolute, file};
use crate::error::{Error, Result};

/// How long who holds the lock may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(5);

/// The monitor of a folder, as it is found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceStatus {
    /// A process monitors for this folder.
    pub running: bool,
    /// The folder.
    pub folder: PathBuf,
    /// What that process says of itself; without one, what the last one said.
    pub record: Option<ServiceRecord>,
    /// It runs where its pid means nothing here: in another container or on another machine.
    pub elsewhere: bool,
    /// The last one did not end in good order.
    pub silence: Option<Silence>,
}

/// A monitor that did not end in good order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Silence {
    /// Its process.
    pub pid: i32,
    /// When it began, Unix seconds.
    pub started_at: f64,
    /// When it was last heard of, Unix seconds.
    pub heard_at: f64,
    /// The machine was started since.
    pub rebooted: bool,
}

impl ServiceStatus {
    /// Process of the running one.
    pub fn pid(&self) -> Option<i32> {
        self.running_record().map(ServiceRecord::pid)
    }

    /// Since when it runs, Unix seconds.
    pub fn since(&self) -> Option<f64> {
        self.running_record().map(|record| record.started_at)
    }

    /// How it last fared; of the last one, when none runs.
    pub fn beat(&self) -> Option<&Beat> {
        self.record.as_ref()?.beat.as_ref()
    }

    /// How the last one ended, when none runs and it ended in good order.
    pub fn ended(&self) -> Option<&Ended> {
        match self.running {
            true => None,
            false => self.record.as_ref()?.ended.as_ref(),
        }
    }

    /// What the running one says of itself.
    pub fn running_record(&self) -> Option<&ServiceRecord> {
        self.record.as_ref().filter(|_| self.running)
    }
}

/// The monitor of a folder. Nothing is made, and nobody is disturbed.
///
/// # Errors
/// What reading the lock answers; none where there is no lock.
pub fn status(folder: &Path) -> Result<ServiceStatus> {
    Ok(look(folder)?.0)
}

/// The same with the owner of the lock's file.
pub(super) fn look(folder: &Path) -> Result<(ServiceStatus, Option<u32>)> {
    let folder = absolute(folder)?;
    let path = folder.join(LOCK_NAME);
    let Some((lock, owner)) = file::open_to_read(&path)? else {
        let status = ServiceStatus {
            running: false,
            folder,
            record: None,
            elsewhere: false,
            silence: None,
        };
        return Ok((status, None));
    };
    let status = match is_held(&lock, &path)? {
        true => known_holder(&folder, &lock, &path)?,
        false => free(folder, ServiceRecord::read(&lock)),
    };
    Ok((status, Some(owner)))
}

/// How the last one fell silent, where it did.
pub(super) fn silence(record: Option<&ServiceRecord>) -> Option<Silence> {
    let record = record.filter(|record| record.ended.is_none() && record.who.pid > 0)?;
    let beat = record.beat.as_ref().map(|beat| beat.at);
    Some(Silence {
        pid: record.who.pid,
        started_at: record.started_at,
        heard_at: beat.unwrap_or(record.started_at),
        rebooted: record.who.boot_id != process::boot_id(),
    })
}

fn free(folder: PathBuf, record: Option<ServiceRecord>) -> ServiceStatus {
    ServiceStatus {
        running: false,
        folder,
        elsewhere: false,
        silence: silence(record.as_ref()),
        record,
    }
}

/// Waits until the holder has said who it is.
fn known_holder(folder: &Path, lock: &File, path: &Path) -> Result<ServiceStatus> {
    let begun = Instant::now();
    loop {
        let record = ServiceRecord::read(lock).filter(|record| record.ended.is_none());
        let is_alive = record.as_ref().is_some_and(|record| record.who.is_alive());
        let is_late = begun.elapsed() > PATIENCE;
        let elsewhere = record.as_ref().is_some_and(|r| !r.who.is_of_here());
        if is_alive || (is_late && elsewhere) {
            return Ok(ServiceStatus {
                running: true,
                folder: folder.to_path_buf(),
                record,
                elsewhere: !is_alive,
                silence: None,
            });
        }
        // It may have ended since.
        if !is_held(lock, path)? {
            return Ok(free(folder.to_path_buf(), ServiceRecord::read(lock)));
        }
        if is_late {
            return Err(Error::InvalidState(format!(
                "{}: it is locked by a process that does not say who it is",
                path.display()
            )));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Whether somebody holds the lock. Asking holds it for a moment, together with others who ask.
fn is_held(lock: &File, path: &Path) -> Result<bool> {
    loop {
        match flock(lock, FlockOperation::NonBlockingLockShared) {
            Ok(()) => {
                flock(lock, FlockOperation::Unlock).map_err(|errno| Error::io(path, errno))?;
                return Ok(false);
            }
            Err(Errno::WOULDBLOCK) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(Error::io(path, errno)),
        }
    }
}
