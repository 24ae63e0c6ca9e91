//! Which processes come along into a new group: those asked for and their living
//! descendants, sorted by the groups that they are in now.

use std::path::PathBuf;

use super::hierarchy::Seat;
use super::kin::Kin;
use super::{Door, Held, ProcessId, stat};
use crate::error::{Error, Result};

/// Processes that are in the same groups of the hierarchies in question.
#[derive(Debug)]
pub(super) struct Company {
    /// Their group in each hierarchy.
    pub(super) seats: Vec<Seat>,
    pub(super) members: Vec<ProcessId>,
    /// One of them was asked for by name: what can't be done for it is an error.
    pub(super) was_asked: bool,
}

/// The companies of these processes and of their descendants that may be touched. `seats_of`
/// answers the groups for the text of a `/proc/PID/cgroup`.
///
/// # Errors
/// `Refused` and the like for a process asked for; `NotFound` when all of them have ended.
pub(super) fn companies(
    processes: &[ProcessId],
    door: &Door,
    seats_of: impl Fn(&[u8]) -> Result<Vec<Seat>>,
) -> Result<Vec<Company>> {
    let mut found: Vec<Company> = Vec::new();
    let mut ended = None;
    let mut add = |process: ProcessId, was_asked: bool| -> Result<()> {
        let _held = admit(door, process)?;
        let seats = seats(process, door, &seats_of)?;
        match found.iter_mut().find(|company| company.seats == seats) {
            Some(company) => {
                company.members.push(process);
                company.was_asked |= was_asked;
            }
            None => found.push(Company {
                seats,
                members: vec![process],
                was_asked,
            }),
        }
        Ok(())
    };
    let mut asked = processes.to_vec();
    asked.sort_unstable();
    asked.dedup();
    for process in &asked {
        match add(*process, true) {
            Err(error @ Error::NotFound { .. }) => ended = Some(error),
            other => other?,
        }
    }
    for process in Kin::read(&door.roots).descendants(&asked) {
        // Outside the scope, protected, ended or out of sight: it stays where it is.
        let _ = add(process, false);
    }
    match (found.is_empty(), ended) {
        (true, Some(error)) => Err(error),
        (true, None) => Err(Error::invalid("processes", "none", "at least one")),
        _ => Ok(found),
    }
}

/// The groups of a process; an error when its threads are not all in the same ones.
fn seats(
    process: ProcessId,
    door: &Door,
    seats_of: &impl Fn(&[u8]) -> Result<Vec<Seat>>,
) -> Result<Vec<Seat>> {
    let pid = process.pid;
    let membership = membership(door, &format!("{pid}/cgroup"))?;
    let seats = seats_of(&membership)?;
    // Who is about to end is shown in the roots. Asked afterwards: it may begin any time.
    if process.stat(&door.roots)?.is_leaving() {
        return Err(process.gone(&door.roots, "it is about to end"));
    }
    for tid in stat::threads(&door.roots, pid)? {
        let of_thread = match self::membership(door, &format!("{pid}/task/{tid}/cgroup")) {
            Err(Error::NotFound { .. }) => continue,
            other => other?,
        };
        // Version 1 takes single threads: moved back together they would not all be where
        // they were.
        if of_thread != membership && seats_of(&of_thread)? != seats {
            return Err(Error::Unsupported(format!(
                "the threads of process {pid} are in different control groups"
            )));
        }
    }
    Ok(seats)
}

/// As [`Door::admit`]; who ended meanwhile is not found, whatever could not be read of it.
pub(super) fn admit(door: &Door, process: ProcessId) -> Result<Held> {
    door.admit(process)
        .map_err(|error| match process.stat(&door.roots) {
            Ok(stat) if !stat.is_leaving() => error,
            Err(_) | Ok(_) => process.gone(&door.roots, "it has ended"),
        })
}

/// Text of a process's or a thread's `cgroup` file.
pub(super) fn membership(door: &Door, file: &str) -> Result<Vec<u8>> {
    let path = door.roots.proc(file);
    std::fs::read(&path).map_err(|e| stat::file_error(path, e))
}

/// Folders of the seats.
pub(super) fn folders(seats: &[Seat]) -> Vec<PathBuf> {
    seats
        .iter()
        .map(|seat| seat.folder().to_path_buf())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::Scope;
    use crate::act::fixture::Tree;
    use crate::act::hierarchy::{Hierarchies, Kind};

    #[test]
    fn threads_in_different_groups_are_seen_only_where_it_matters() {
        let tree = Tree::new();
        tree.process(10, 1, "w");
        let top = tree.roots.host_root.clone();
        let put = |path: &str, text: &str| {
            let path = top.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for group in ["cpu/a", "cpuset/a", "cpuset/b", "cpu/b"] {
            put(&format!("sys/fs/cgroup/{group}/cgroup.procs"), "");
        }
        put(
            "proc/self/mountinfo",
            "31 30 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
             32 30 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n",
        );
        put("proc/10/cgroup", "2:cpuset:/a\n1:cpu:/a\n");
        put("proc/10/task/10/cgroup", "2:cpuset:/a\n1:cpu:/a\n");
        put("proc/10/task/11/cgroup", "2:cpuset:/b\n1:cpu:/a\n");
        let door = Door {
            roots: tree.roots.clone(),
            scope: Scope::Machine,
            protected: Vec::new(),
        };
        let all = Hierarchies::read(&tree.roots).unwrap();
        let seats_of = |text: &[u8]| Ok(vec![all.seat(Kind::Cpu, text)?]);
        let found = seats(Tree::id(10), &door, &seats_of).unwrap();
        assert_eq!(folders(&found), [top.join("sys/fs/cgroup/cpu/a")]);
        put("proc/10/task/11/cgroup", "2:cpuset:/a\n1:cpu:/b\n");
        let error = seats(Tree::id(10), &door, &seats_of).unwrap_err();
        assert!(error.to_string().contains("threads"), "{error}");
        // The pid is another's by now.
        put("proc/10/task/11/cgroup", "2:cpuset:/a\n1:cpu:/a\n");
        let mut other = Tree::id(10);
        other.start_time_ticks += 1;
        assert!(matches!(
            seats(other, &door, &seats_of),
            Err(Error::NotFound { .. })
        ));
    }
}
