//! Processes into a group that was made for them, and back again.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::group_members::membership;
use super::group_place::is_ours;
use super::hierarchy::Hierarchies;
use super::kin::{Kin, start_of};
use super::{Door, ProcessId, Undo};
use crate::error::{Error, Result};

/// Looks for members born meanwhile, at most.
const MOST_ROUNDS: usize = 50;
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
    fn check(&self) -> Result<()> {
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
        let held = door.admit(process)?;
        let text = membership(door, &format!("{}/cgroup", process.pid))?;
        for (folder, prior) in self.folders.iter().zip(prior) {
            let now = hierarchies.folder_beside(folder, &text);
            if now.as_ref() != Some(prior) && now.as_ref() != Some(folder) {
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
            if !stat.is_ok_and(|stat| !stat.has_ended()) {
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

/// Moves a process into a group.
fn put(folder: &Path, pid: i32) -> std::io::Result<()> {
    write_existing(&folder.join("cgroup.procs"), &pid.to_string())
}

/// Writes a file of the kernel's; none is ever made.
pub(super) fn write_existing(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().write(true).open(file)?;
    file.write_all(text.as_bytes())
}

/// Puts a process that was moved by mistake where it was: a process is born into the group
/// of its parent.
fn send_home(door: &Door, hierarchies: &Hierarchies, moved_from_or_to: &Path, pid: i32) {
    let home = || {
        let parent = super::stat::of_process(&door.roots, pid).ok()?.parent_pid;
        let text = membership(door, &format!("{parent}/cgroup")).ok()?;
        hierarchies.folder_beside(moved_from_or_to, &text)
    };
    if let Some(home) = home() {
        // Nothing more can be done for it than to try.
        let _ = put(&home, pid);
    }
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
