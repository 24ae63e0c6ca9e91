//! Processes frozen through a control group, with a lease.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::group_members::companies;
use super::group_move::{Room, write_existing};
use super::group_place::{base, check_base, is_ours, new_name};
use super::hierarchy::{Hierarchies, Kind};
use super::{Applied, Door, ProcessId, Undo, leases};
use crate::error::{Error, Result};
use crate::sys::LeaseEnd;

/// How long processes may take to stand still, or to go on.
const WAIT_SECONDS: f64 = 2.0;
const PAUSE: Duration = Duration::from_millis(2);

/// Processes frozen until their lease ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreezeChange {
    /// The group made for it, as an absolute folder.
    pub folder: PathBuf,
    /// The processes, and the folder of their group before. All of them were in the same one.
    pub members: Vec<(ProcessId, PathBuf)>,
    /// Seconds after which they are thawed whatever happens to this program.
    pub lease_seconds: f64,
}

/// How a group is frozen.
struct Switch {
    file: PathBuf,
    freeze: &'static str,
    thaw: &'static str,
}

impl Switch {
    /// The one that a group has: `cgroup.freeze` (version 2) or `freezer.state` (version 1).
    fn of(folder: &Path) -> Result<Switch> {
        let (new, old) = (folder.join("cgroup.freeze"), folder.join("freezer.state"));
        if new.exists() {
            return Ok(Switch {
                file: new,
                freeze: "1",
                thaw: "0",
            });
        }
        if old.exists() {
            return Ok(Switch {
                file: old,
                freeze: "FROZEN",
                thaw: "THAWED",
            });
        }
        Err(Error::Unsupported(format!(
            "{} has no switch to freeze it (cgroup.freeze needs Linux 5.2)",
            folder.display()
        )))
    }

    /// Whether every process stands still, or none is held any more.
    fn stands(&self, folder: &Path, frozen: bool) -> Result<bool> {
        let is_new = self.freeze == "1";
        let file = if is_new {
            folder.join("cgroup.events")
        } else {
            self.file.clone()
        };
        let text = std::fs::read_to_string(&file).map_err(|e| Error::io(&file, e))?;
        let wanted = match (is_new, frozen) {
            (true, true) => "frozen 1",
            (true, false) => "frozen 0",
            (false, true) => "FROZEN",
            (false, false) => "THAWED",
        };
        Ok(text.lines().any(|line| line.trim() == wanted))
    }

    fn wait(&self, folder: &Path, frozen: bool) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs_f64(WAIT_SECONDS);
        while !self.stands(folder, frozen)? {
            if Instant::now() >= deadline {
                let what = if frozen { "stand still" } else { "go on" };
                return Err(Error::TimedOut {
                    what: format!("the processes in {} to {what}", folder.display()),
                    seconds: WAIT_SECONDS,
                });
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn set(&self, text: &str) -> Result<()> {
        write_existing(&self.file, text).map_err(|e| Error::io(&self.file, e))
    }
}

impl FreezeChange {
    /// One change for each group that the processes and their descendants are in now.
    pub(crate) fn prepare(
        processes: &[ProcessId],
        lease_seconds: f64,
        door: &Door,
    ) -> Result<Vec<FreezeChange>> {
        leases::check_seconds(lease_seconds)?;
        let hierarchies = Hierarchies::read(&door.roots)?;
        let seats_of = |text: &[u8]| Ok(vec![hierarchies.freezer_seat(text)?]);
        let mut changes = Vec::new();
        for company in companies(processes, door, seats_of)? {
            let plan = || -> Result<FreezeChange> {
                let seat = &company.seats[0];
                let base = base(seat, &[Kind::Freezer])?;
                check_base(seat.version, base)?;
                let prior = seat.folder().to_path_buf();
                Ok(FreezeChange {
                    // Never an existing group: that would freeze others too.
                    folder: base.join(new_name()),
                    members: company
                        .members
                        .iter()
                        .map(|id| (*id, prior.clone()))
                        .collect(),
                    lease_seconds,
                })
            };
            match plan() {
                Ok(change) => changes.push(change),
                Err(error) if company.was_asked => return Err(error),
                // Descendants in groups where nothing can be made go on.
                Err(_) => {}
            }
        }
        Ok(changes)
    }

    pub(crate) fn apply(&self, door: &Door) -> Result<Applied> {
        self.apply_with(door, |file, thaw| {
            let end = LeaseEnd::Write {
                file,
                bytes: thaw.as_bytes(),
            };
            leases::begin(&self.key(), end, self.lease_seconds)
        })
    }

    /// `lease` sees to it that the bytes are written into the file at the lease's end, and
    /// answers when that is.
    pub(super) fn apply_with(
        &self,
        door: &Door,
        lease: impl FnOnce(OwnedFd, &'static str) -> Result<f64>,
    ) -> Result<Applied> {
        let (folders, members) = self.parts();
        let room = Room {
            folders: &folders,
            members: &members,
        };
        room.make(door)?;
        let switch = Switch::of(&self.folder)?;
        let filled = room.fill(door)?;
        let file = std::fs::OpenOptions::new().write(true).open(&switch.file);
        let file = file.map_err(|e| Error::io(&switch.file, e))?;
        // First the promise that it ends.
        let lease_until = lease(file.into(), switch.thaw)?;
        if let Err(error) = switch
            .set(switch.freeze)
            .and_then(|()| switch.wait(&self.folder, true))
        {
            // Without an answer the lease goes on, and does it once more.
            if switch.set(switch.thaw).is_ok() {
                leases::release(&self.key());
            }
            return Err(error);
        }
        Ok(Applied {
            what: format!(
                "{} processes frozen in the control group {} for at most {} s",
                filled.moved + filled.joined,
                self.folder.display(),
                self.lease_seconds
            ),
            lease_until: Some(lease_until),
        })
    }

    pub(crate) fn undo(&self, door: &Door) -> Result<Undo> {
        let (folders, members) = self.parts();
        let room = Room {
            folders: &folders,
            members: &members,
        };
        if is_ours(&self.folder) && self.folder.is_dir() {
            door.check_live()?;
            let switch = Switch::of(&self.folder)?;
            switch.set(switch.thaw)?;
            // Below a group that others have frozen it would go on only with that.
            let _ = switch.wait(&self.folder, false);
            leases::release(&self.key());
        }
        room.check_undoable()?;
        room.empty(door)
    }

    /// The name under which its lease is kept.
    fn key(&self) -> String {
        self.folder.display().to_string()
    }

    pub(crate) fn about(&self) -> String {
        let names = self.members.iter().map(|(id, _)| id.pid.to_string());
        format!(
            "processes {} frozen in the control group {} for at most {} s",
            names.collect::<Vec<_>>().join(", "),
            self.folder.display(),
            self.lease_seconds
        )
    }

    pub(crate) fn processes(&self) -> Vec<ProcessId> {
        self.members.iter().map(|(id, _)| *id).collect()
    }

    /// As a room of one folder.
    fn parts(&self) -> ([PathBuf; 1], Vec<(ProcessId, Vec<PathBuf>)>) {
        let members = self.members.iter();
        (
            [self.folder.clone()],
            members
                .map(|(id, prior)| (*id, vec![prior.clone()]))
                .collect(),
        )
    }
}
