//! Processes back out of a group that was made for them, and the group removed.

use std::path::Path;
use std::time::{Duration, Instant};

use super::group_members::membership;
use super::group_move::{Room, groups_in, pids_in, put};
use super::group_place::is_ours;
use super::hierarchy::Hierarchies;
use super::kin::start_of;
use super::{Door, ProcessId, Undo, stat};
use crate::error::{Error, Result};

/// How long a group may take to become empty.
const EMPTY_SECONDS: f64 = 5.0;
const PAUSE: Duration = Duration::from_millis(5);

/// errno values that say "not this group", while another may do.
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const ENOSPC: i32 = 28;
const EOPNOTSUPP: i32 = 95;
/// The process has ended.
const ESRCH: i32 = 3;

impl Room<'_> {
    /// Moves every process back that is in the group now, and removes the group.
    pub(super) fn empty(&self, door: &Door) -> Result<Undo> {
        self.check()?;
        door.check_live()?;
        let there: Vec<usize> = (0..self.folders.len())
            .filter(|at| self.folders[*at].is_dir())
            .collect();
        if there.is_empty() {
            return self.after_all(door, Undo::Unchanged);
        }
        let mut left = Vec::new();
        for at in there {
            if !self.empty_one(at, door)? {
                left.push(self.folders[at].display().to_string());
            }
        }
        if !left.is_empty() {
            return Ok(Undo::Left(format!(
                "somebody made groups below {}: it stays, without its limits",
                left.join(", ")
            )));
        }
        self.after_all(door, Undo::Restored)
    }

    /// # Errors
    /// `InvalidState` while a later change's group lies below one of these.
    pub(super) fn check_undoable(&self) -> Result<()> {
        for below in self.folders.iter().flat_map(|folder| groups_in(folder)) {
            if is_ours(&below) {
                return Err(Error::InvalidState(format!(
                    "a later change has made the group {}: it must be undone first",
                    below.display()
                )));
            }
        }
        Ok(())
    }

    /// False when the folder must stay because others have made groups in it.
    fn empty_one(&self, at: usize, door: &Door) -> Result<bool> {
        let folder = &self.folders[at];
        let hierarchies = Hierarchies::read(&door.roots)?;
        let deadline = Instant::now() + Duration::from_secs_f64(EMPTY_SECONDS);
        loop {
            let pids = match pids_in(folder) {
                Err(Error::NotFound { .. }) => return Ok(true),
                other => other?,
            };
            for pid in &pids {
                self.leave(at, *pid, door, &hierarchies)?;
            }
            if !groups_in(folder).is_empty() && pids.is_empty() {
                return Ok(false);
            }
            match std::fs::remove_dir(folder) {
                Ok(()) => return Ok(true),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(true),
                Err(e) if e.raw_os_error() == Some(EBUSY) => {}
                Err(e) => return Err(Error::io(folder, e)),
            }
            if Instant::now() >= deadline {
                return Err(Error::TimedOut {
                    what: format!("{} to become empty", folder.display()),
                    seconds: EMPTY_SECONDS,
                });
            }
            if pids.is_empty() {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Moves one process back: to its own former group, or, if it was born since, to that of
    /// the first member; if that is gone, to the nearest group above that takes it.
    fn leave(&self, at: usize, pid: i32, door: &Door, hierarchies: &Hierarchies) -> Result<()> {
        let folder = &self.folders[at];
        let Some(start_time_ticks) = start_of(&door.roots, pid) else {
            return Ok(());
        };
        let id = ProcessId {
            pid,
            start_time_ticks,
        };
        let recorded = self.members.iter().find(|member| member.0 == id);
        let prior = match recorded.or(self.members.first()) {
            Some((_, prior)) => prior[at].as_path(),
            None => folder.parent().unwrap_or(folder),
        };
        let mut last = None;
        for target in prior.ancestors() {
            if !target.join("cgroup.procs").exists() {
                continue;
            }
            match put(target, pid) {
                Ok(()) => {
                    if start_of(&door.roots, pid) != Some(start_time_ticks) {
                        send_home(door, hierarchies, folder, pid);
                    }
                    return Ok(());
                }
                Err(e) if e.raw_os_error() == Some(ESRCH) => return Ok(()),
                Err(e) => {
                    let is_for_this_group = e.kind() == std::io::ErrorKind::NotFound
                        || matches!(e.raw_os_error(), Some(EBUSY | ENODEV | ENOSPC | EOPNOTSUPP));
                    let error = Error::io(target.join("cgroup.procs"), e);
                    if !is_for_this_group {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| {
            Error::InvalidState(format!(
                "no group above {} is there any more for process {pid}",
                prior.display()
            ))
        }))
    }

    /// `otherwise` when every recorded process that still lives is in its former group.
    fn after_all(&self, door: &Door, otherwise: Undo) -> Result<Undo> {
        let hierarchies = Hierarchies::read(&door.roots)?;
        let (mut living, mut elsewhere) = (0, Vec::new());
        for (process, prior) in self.members {
            let Ok(text) = membership(door, &format!("{}/cgroup", process.pid)) else {
                continue;
            };
            let stat = process.stat(&door.roots);
            if !stat.is_ok_and(|stat| !stat.is_leaving()) {
                continue;
            }
            living += 1;
            for (folder, prior) in self.folders.iter().zip(prior) {
                let now = hierarchies.folder_beside(folder, &text);
                if now.as_ref() != Some(prior) {
                    let now =
                        now.map_or("a group out of sight".into(), |f| f.display().to_string());
                    elsewhere.push(format!(
                        "process {} is in {now}, not in {}",
                        process.pid,
                        prior.display()
                    ));
                }
            }
        }
        Ok(match (elsewhere.is_empty(), living, &otherwise) {
            (false, ..) => Undo::Left(elsewhere.join("; ")),
            (true, 0, Undo::Unchanged) => Undo::Gone,
            _ => otherwise,
        })
    }
}

/// Puts a process that was moved by mistake where it was: a process is born into the group
/// of its parent.
pub(super) fn send_home(door: &Door, hierarchies: &Hierarchies, moved_from_or_to: &Path, pid: i32) {
    let home = || {
        let parent = stat::of_process(&door.roots, pid).ok()?.parent_pid;
        let text = membership(door, &format!("{parent}/cgroup")).ok()?;
        hierarchies.folder_beside(moved_from_or_to, &text)
    };
    if let Some(home) = home() {
        // Nothing more can be done for it than to try.
        let _ = put(&home, pid);
    }
}
