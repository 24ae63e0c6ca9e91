//! Which processes come along into a new group: those asked for and their living
//! descendants, sorted by the groups that they are in now.

use std::path::PathBuf;

use super::hierarchy::Seat;
use super::kin::Kin;
use super::{Door, ProcessId, stat};
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
        let _held = door.admit(process)?;
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
