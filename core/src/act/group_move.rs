//! Processes into a group that was made for them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::group_back::send_home;
use super::group_members::{admit, membership};
use super::group_place::is_ours;
use super::hierarchy::Hierarchies;
use super::kin::{Kin, start_of};
use super::{Door, ProcessId};
use crate::error::{Error, Result};

/// Looks for members born meanwhile, at most.
const MOST_ROUNDS: usize = 50;
/// errno values: the group went away, the process has ended.
const ENODEV: i32 = 19;
const ESRCH: i32 = 3;

/// A group made for some processes: one folder in each of one or more hierarchies.
pub(super) struct Room<'a> {
    pub(super) folders: &'a [PathBuf],
    /// The processes, and their group before for each of `folders`.
    pub(super) members: &'a [(ProcessId, Vec<PathBuf>)],
}

/// How many processes were moved.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) moved: usize,
    pub(super) ended: usize,
    /// Born since the change was prepared.
    pub(super) joined: usize,
}

impl Room<'_> {
    /// What a journal says is believed only as far as it can be ours.
    pub(super) fn check(&self) -> Result<()> {
        let is_right = !self.folders.is_empty()
            && self.folders.iter().all(|folder| is_ours(folder))
            && self.members.iter().all(|m| m.1.len() == self.folders.len());
        is_right.then_some(()).ok_or_else(|| {
            Error::Refused(format!(
                "{:?} are not groups that this library makes",
                self.folders
            ))
        })
    }

    /// Makes the folders.
    pub(super) fn make(&self, door: &Door) -> Result<()> {
        self.check()?;
        door.check_live()?;
        for folder in self.folders {
            std::fs::create_dir(folder).map_err(|e| Error::io(folder, e))?;
        }
        Ok(())
    }

    /// Moves the members in, and those of their descendants that were born meanwhile.
    pub(super) fn fill(&self, door: &Door) -> Result<Filled> {
        let hierarchies = Hierarchies::read(&door.roots)?;
        let mut filled = Filled::default();
        for (process, prior) in self.members {
            match self.enter(door, &hierarchies, *process, prior) {
                Ok(()) => filled.moved += 1,
                Err(Error::NotFound { .. }) => filled.ended += 1,
                Err(error) => return Err(error),
            }
        }
        if filled.moved == 0 {
            return Err(Error::NotFound {
                path: door.roots.proc_root.clone(),
                source: std::io::Error::new(
                    std::io::ErrorKind::NotFound,
                    "all of the processes have ended",
                ),
            });
        }
        let mut seen: HashSet<ProcessId> = self.members.iter().map(|m| m.0).collect();
        for _ in 0..MOST_ROUNDS {
            let joined = self.fetch_descendants(door, &hierarchies, &mut seen)?;
            filled.joined += joined;
            if joined == 0 {
                break;
            }
        }
        Ok(filled)
    }

    /// One look for descendants that are still outside; answers how many were moved in.
    fn fetch_descendants(
        &self,
        door: &Door,
        hierarchies: &Hierarchies,
        seen: &mut HashSet<ProcessId>,
    ) -> Result<usize> {
        let Some((_, prior)) = self.members.first() else {
            return Ok(0);
        };
        let mut family: Vec<ProcessId> = seen.iter().copied().collect();
        // Who was born inside and lost its parent belongs to it as well.
        for pid in self
            .folders
            .iter()
            .flat_map(|f| pids_in(f).unwrap_or_default())
        {
            let start = start_of(&door.roots, pid);
            family.extend(start.map(|start_time_ticks| ProcessId {
                pid,
                start_time_ticks,
            }));
        }
        let mut joined = 0;
        for process in Kin::read(&door.roots).descendants(&family) {
            if !seen.insert(process) {
                continue;
            }
            let Ok(text) = membership(door, &format!("{}/cgroup", process.pid)) else {
                continue;
            };
            // Only from the group that undoing leads back to.
            let is_outside = self.folders.iter().zip(prior).any(|(folder, prior)| {
                hierarchies.folder_beside(folder, &text).as_deref() == Some(prior)
            });
            if !is_outside {
                continue;
            }
            match self.enter(door, hierarchies, process, prior) {
                Ok(()) => joined += 1,
                // It stays outside: not in the scope, protected, or ended.
                Err(Error::Refused(_) | Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(joined)
    }

    fn enter(
        &self,
        door: &Door,
        hierarchies: &Hierarchies,
        process: ProcessId,
        prior: &[PathBuf],
    ) -> Result<()> {
        let held = admit(door, process)?;
        let text = membership(door, &format!("{}/cgroup", process.pid))?;
        for (folder, prior) in self.folders.iter().zip(prior) {
            let now = hierarchies.folder_beside(folder, &text);
            if now.as_ref() != Some(prior) && now.as_ref() != Some(folder) {
                // Who is about to end is shown in the roots.
                if process.stat(&door.roots)?.is_leaving() {
                    return Err(process.gone(&door.roots, "it is about to end"));
                }
                return Err(Error::Refused(format!(
                    "process {} ({}) is not in {} any more",
                    process.pid,
                    held.name,
                    prior.display()
                )));
            }
        }
        for folder in self.folders {
            put(folder, process.pid).map_err(|e| match e.raw_os_error() {
                Some(ESRCH) => process.gone(&door.roots, "it has ended"),
                _ => Error::io(folder.join("cgroup.procs"), e),
            })?;
            if start_of(&door.roots, process.pid) != Some(process.start_time_ticks) {
                // The pid became another's between the check and the move.
                send_home(door, hierarchies, folder, process.pid);
                return Err(process.gone(&door.roots, "it has ended"));
            }
        }
        held.check()
    }
}

/// Moves a process into a group.
pub(super) fn put(folder: &Path, pid: i32) -> std::io::Result<()> {
    write_existing(&folder.join("cgroup.procs"), &pid.to_string())
}

/// Writes a file of the kernel's; none is ever made.
pub(super) fn write_existing(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().write(true).open(file)?;
    file.write_all(text.as_bytes())
}

/// The processes in a group, not in those below it.
pub(super) fn pids_in(folder: &Path) -> Result<Vec<i32>> {
    let path = folder.join("cgroup.procs");
    let text = match std::fs::read_to_string(&path) {
        // The group went away between open and read.
        Err(e) if e.raw_os_error() == Some(ENODEV) => String::new(),
        other => other.map_err(|e| Error::io(&path, e))?,
    };
    let mut pids: Vec<i32> = Vec::new();
    for word in text.split_ascii_whitespace() {
        match word.parse() {
            // Zero: it lives in a pid namespace that can't be seen from here.
            Ok(pid) if pid > 0 => pids.push(pid),
            _ => return Err(Error::malformed(&path, "pids of this namespace")),
        }
    }
    pids.sort_unstable();
    pids.dedup();
    Ok(pids)
}

/// The groups directly below a group.
pub(super) fn groups_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_folder = |e: &std::fs::DirEntry| e.file_type().is_ok_and(|kind| kind.is_dir());
    let found = entries.flatten().filter(is_folder);
    found.map(|entry| entry.path()).collect()
}
