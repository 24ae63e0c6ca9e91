//! From what is wanted to the changes that would do it.

use super::affinity::CpuList;
use super::autogroup::AutogroupChange;
use super::freeze::FreezeChange;
use super::group::GroupChange;
use super::once::OnceChange;
use super::policy::{BATCH, IDLE, Scheduling};
use super::stop::StopChange;
use super::threads::{ThreadChange, ThreadValue, thread_error};
use super::{Change, Door, Lever, ProcessId, io_priority};
use crate::error::{Error, Result};

/// Nothing is answered when every thread has what is wanted already.
pub(super) fn prepare(lever: &Lever, door: &Door) -> Result<Vec<Change>> {
    let change = match lever {
        Lever::Nice { process, nice } => {
            check_nice(*nice)?;
            ThreadChange::prepare(*process, *nice, door)?.map(Change::Nice)
        }
        Lever::Batch { process } => policy(*process, BATCH, door)?,
        Lever::Idle { process } => policy(*process, IDLE, door)?,
        Lever::Autogroup { process, nice } => {
            check_nice(*nice)?;
            AutogroupChange::prepare(*process, *nice, door)?.map(Change::Autogroup)
        }
        Lever::IoPriority {
            process,
            class,
            level,
        } => {
            let number = io_priority::number(*class, *level)?;
            ThreadChange::prepare(*process, number, door)?.map(Change::IoPriority)
        }
        Lever::Affinity { process, cpus } => {
            let wanted = CpuList::wanted(cpus)?;
            ThreadChange::prepare(*process, wanted, door)?.map(Change::Affinity)
        }
        Lever::Group { processes, limits } => {
            let changes = GroupChange::prepare(processes, limits, door)?;
            return Ok(changes.into_iter().map(Change::Group).collect());
        }
        Lever::Freeze {
            processes,
            lease_seconds,
        } => {
            let changes = FreezeChange::prepare(processes, *lease_seconds, door)?;
            return Ok(changes.into_iter().map(Change::Freeze).collect());
        }
        Lever::Stop {
            process,
            lease_seconds,
        } => Some(Change::Stop(StopChange::prepare(
            *process,
            *lease_seconds,
            door,
        )?)),
        Lever::PageOut { .. }
        | Lever::Reclaim { .. }
        | Lever::TrimOwnHeap
        | Lever::Terminate { .. } => Some(Change::Once(OnceChange::prepare(lever, door)?)),
    };
    Ok(change.into_iter().collect())
}

fn policy(process: ProcessId, policy: u32, door: &Door) -> Result<Option<Change>> {
    let held = door.admit(process)?;
    let leader = Scheduling::read(process.pid)
        .map_err(|e| thread_error(&door.roots, process.pid, process.pid, e))?;
    held.check()?;
    let intended = Scheduling { policy, ..leader };
    Ok(ThreadChange::prepare(process, intended, door)?.map(Change::Policy))
}

fn check_nice(nice: i32) -> Result<()> {
    match (-20..=19).contains(&nice) {
        true => Ok(()),
        false => Err(Error::invalid("nice", nice, "-20 to 19")),
    }
}
