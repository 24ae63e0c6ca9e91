//! Stopping the monitor of a folder, and saying so only when it has ended.

use std::path::Path;
use std::time::{Duration, Instant};

use super::process;
use super::status::{ServiceStatus, look};
use super::{LOCK_NAME, absolute};
use crate::error::{Error, Result};
use crate::sys::{PidFd, ProcessSignal};

/// How long the kernel may take to end a process.
const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Stopped {
    /// None ran.
    NotRunning(Box<ServiceStatus>),
    /// It ran, and has ended.
    Stopped {
        /// Its process.
        pid: i32,
        /// How long it took, seconds.
        seconds: f64,
        /// It had to be killed.
        killed: bool,
    },
}

/// Asks the monitor of a folder to end, and waits until it has.
///
/// # Errors
/// `TimedOut` when it has not ended by then: it is still asked to; `Refused` when the process
/// can't be the one that is meant, `PermissionDenied`, `Unsupported` before Linux 5.3, and what
/// [`super::status`] answers.
pub fn stop(folder: &Path, patience: Duration) -> Result<Stopped> {
    end(folder, patience, false)
}

/// The same, and when it has not ended by then, it is killed: what it has not written yet is
/// lost.
///
/// # Errors
/// As [`stop`].
pub fn kill(folder: &Path, patience: Duration) -> Result<Stopped> {
    end(folder, patience, true)
}

fn end(folder: &Path, patience: Duration, may_kill: bool) -> Result<Stopped> {
    let begun = Instant::now();
    let (status, owner) = look(folder)?;
    let Some(record) = status.running_record() else {
        return Ok(Stopped::NotRunning(Box::new(status)));
    };
    let (who, pid) = (&record.who, record.who.pid);
    if status.elsewhere {
        return Err(Error::Refused(format!(
            "the monitor of {} runs in another container or on another machine: it can only be \
             stopped there",
            status.folder.display()
        )));
    }
    let path = absolute(folder)?.join(LOCK_NAME);
    let held = match PidFd::open(pid) {
        Ok(held) => held,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return ended(pid, begun, false);
        }
        // Before Linux 5.3, and under valgrind.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
            let message = "a process can't be held by a pidfd, so none is signalled";
            return Err(Error::Unsupported(message.into()));
        }
        Err(error) => return Err(Error::io(format!("/proc/{pid}"), error)),
    };
    // From here on the pid can't become another's: now it is looked at again.
    if !who.has_its_start() {
        return ended(pid, begun, false);
    }
    // Somebody who may write the lock could name any process.
    if process::owner_of(pid) != owner {
        return Err(Error::Refused(format!(
            "{}: it names process {pid}, which is another user's",
            path.display()
        )));
    }
    let signal = |signal| match held.signal(signal) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io(format!("/proc/{pid}"), error)),
        Ok(()) => Ok(()),
    };
    let wait = |longest| {
        held.wait_for_end(longest)
            .map_err(|error| Error::io(format!("/proc/{pid}"), error))
    };
    signal(ProcessSignal::Terminate)?;
    if wait(patience)? {
        return ended(pid, begun, false);
    }
    let late = |patience: Duration| Error::TimedOut {
        what: format!("the monitor (process {pid}) to end"),
        seconds: patience.as_secs_f64(),
    };
    if !may_kill {
        return Err(late(patience));
    }
    signal(ProcessSignal::Kill)?;
    match wait(KILL_PATIENCE)? {
        true => ended(pid, begun, true),
        false => Err(late(KILL_PATIENCE)),
    }
}

fn ended(pid: i32, begun: Instant, killed: bool) -> Result<Stopped> {
    Ok(Stopped::Stopped {
        pid,
        seconds: begun.elapsed().as_secs_f64(),
        killed,
    })
}
