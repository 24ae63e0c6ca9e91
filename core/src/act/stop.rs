//! SIGSTOP with a lease.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Applied, Door, Held, ProcessId, Undo, leases, stat};
use crate::error::{Error, Result};
use crate::sys::{LeaseEnd, ProcessSignal};

/// A process that waits for a device stops only when the device has answered.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// A process stopped until its lease ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopChange {
    /// Whose.
    pub process: ProcessId,
    /// Its name, for people.
    pub name: String,
    /// It was stopped before: nothing is done, and nothing is undone.
    pub was_stopped: bool,
    /// Seconds after which it goes on whatever happens to this program.
    pub lease_seconds: f64,
}

impl StopChange {
    pub(super) fn prepare(
        process: ProcessId,
        lease_seconds: f64,
        door: &Door,
    ) -> Result<StopChange> {
        leases::check_seconds(lease_seconds)?;
        let held = door.admit(process)?;
        for tid in stat::threads(&door.roots, process.pid)? {
            match stat::of_thread(&door.roots, process.pid, tid) {
                Ok(thread) if thread.is_real_time() => {
                    return Err(Error::Refused(format!(
                        "thread {tid} of {} runs with a real-time policy",
                        held.name
                    )));
                }
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let was_stopped = held.stat()?.is_stopped();
        Ok(StopChange {
            process,
            name: held.name,
            was_stopped,
            lease_seconds,
        })
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        let held = door.admit(self.process)?;
        if self.was_stopped {
            return Ok(Applied {
                what: format!("{} was stopped already: nothing done", self.about_whom()),
                lease_until: None,
            });
        }
        if held.stat()?.is_stopped() {
            return Err(Error::Refused(format!(
                "{} was stopped by somebody else since",
                self.about_whom()
            )));
        }
        // The lease first: there is no moment at which it is stopped without one.
        let pidfd = held.pidfd().to_owned_fd().map_err(|e| held.error(e))?;
        let until = leases::begin(&self.key(), LeaseEnd::Continue(pidfd), self.lease_seconds)?;
        let stopped = held
            .signal(ProcessSignal::Stop)
            .and_then(|()| wait_for(&held, true));
        if let Err(error) = stopped {
            let _ = held.signal(ProcessSignal::Continue);
            leases::release(&self.key());
            return Err(error);
        }
        Ok(Applied {
            what: format!(
                "{} stopped for at most {} s",
                self.about_whom(),
                self.lease_seconds
            ),
            lease_until: Some(until),
        })
    }

    pub(crate) fn undo(&self, door: &Door) -> Result<Undo> {
        if self.was_stopped {
            return Ok(Undo::Unchanged);
        }
        let undone = self.go_on(door);
        if !matches!(undone, Err(_) | Ok(Undo::Left(_))) {
            leases::release(&self.key());
        }
        undone
    }

    fn go_on(&self, door: &Door) -> Result<Undo> {
        let held = match door.hold(self.process) {
            Err(Error::NotFound { .. }) => return Ok(Undo::Gone),
            held => held?,
        };
        let answer = match held.stat() {
            Ok(stat) if stat.state == b't' => Ok(Undo::Left(format!(
                "{} is held by a debugger",
                self.about_whom()
            ))),
            Ok(stat) if stat.state == b'T' => held
                .signal(ProcessSignal::Continue)
                .and_then(|()| wait_for(&held, false))
                .map(|()| Undo::Restored),
            // Its lease has ended, or somebody let it go on.
            Ok(_) => Ok(Undo::Unchanged),
            Err(error) => Err(error),
        };
        match answer {
            Err(Error::NotFound { .. }) => Ok(Undo::Gone),
            answer => answer,
        }
    }

    pub(crate) fn about(&self) -> String {
        match self.was_stopped {
            true => format!("{} is stopped already", self.about_whom()),
            false => format!(
                "{}: running → stopped for at most {} s",
                self.about_whom(),
                self.lease_seconds
            ),
        }
    }

    fn about_whom(&self) -> String {
        format!("{} (pid {})", self.name, self.process.pid)
    }

    fn key(&self) -> String {
        let ProcessId {
            pid,
            start_time_ticks,
        } = self.process;
        format!("stop {pid} {start_time_ticks}")
    }
}

/// Lets a process go on that somebody has stopped.
pub(crate) fn let_go_on(process: ProcessId, door: &Door) -> Result<Undo> {
    let change = StopChange::prepare(process, 1.0, door)?;
    match change.was_stopped {
        true => change.go_on(door),
        false => Ok(Undo::Unchanged),
    }
}

/// Waits until it is stopped, or is not any more.
fn wait_for(held: &Held, stopped: bool) -> Result<()> {
    let start = Instant::now();
    while held.stat()?.is_stopped() != stopped {
        if start.elapsed() > LONGEST_WAIT {
            let what = match stopped {
                true => "to stop",
                false => "to go on",
            };
            return Err(Error::TimedOut {
                what: format!("{} (pid {}) {what}", held.name, held.id.pid),
                seconds: LONGEST_WAIT.as_secs_f64(),
            });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}
