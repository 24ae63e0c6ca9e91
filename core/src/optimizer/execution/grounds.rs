//! What the safety of an action rests upon, taken from what it does and not from what the
//! caller says of it.

use super::super::action::{Action, ActionKind, Answer};
use super::super::planning;
use crate::act::{Change, Facts, Lever, Limit, ProcessId};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// The lever is one of the action's kind, and concerns the process that the action names: the
/// risk is assessed by the kind, and a person reads the name.
///
/// # Errors
/// `Refused` with what does not fit.
pub(super) fn check_lever(action: &Action) -> Result<()> {
    let Some(lever) = &action.lever else {
        return match action.action_type {
            ActionKind::CleanupDisk => Ok(()),
            kind => refused(format!("{kind:?} without a lever")),
        };
    };
    if !is_of_kind(action.action_type, lever) {
        return refused(format!(
            "its lever is none of {:?}: {lever:?}",
            action.action_type
        ));
    }
    let processes = processes_of(lever);
    let named: Option<i32> = action.target_id.trim().parse().ok();
    let names_another = !processes.is_empty()
        && (action.process.is_some_and(|p| !processes.contains(&p))
            || named.is_some_and(|pid| processes.iter().all(|p| p.pid != pid)));
    match names_another {
        true => refused(format!(
            "it names process {} and its lever another one",
            action
                .process
                .map_or_else(|| action.target_id.clone(), |p| p.pid.to_string())
        )),
        false => Ok(()),
    }
}

fn refused(why: String) -> Result<()> {
    Err(Error::Refused(why))
}

fn is_of_kind(kind: ActionKind, lever: &Lever) -> bool {
    match lever {
        Lever::Nice { .. } => kind == ActionKind::LowerPriority,
        Lever::Batch { .. } => kind == ActionKind::SetBatch,
        Lever::Idle { .. } => kind == ActionKind::SetIdle,
        Lever::Autogroup { .. } => kind == ActionKind::SetAutogroup,
        Lever::IoPriority { .. } => kind == ActionKind::SetIoPriority,
        Lever::Affinity { .. } => kind == ActionKind::SetAffinity,
        Lever::Group { limits, .. } => limits.iter().all(|limit| {
            kind == match limit {
                Limit::CpuWeight(_) | Limit::CpuQuotaPercent(_) => ActionKind::LimitCpu,
                Limit::IoBytesPerSec(_) => ActionKind::LimitIo,
                Limit::MemoryHighBytes(_) => ActionKind::LimitMemory,
                Limit::Processes(_) => ActionKind::LimitProcesses,
            }
        }),
        Lever::Freeze { .. } => kind == ActionKind::Freeze,
        Lever::Stop { .. } => kind == ActionKind::SuspendProcess,
        Lever::PageOut { .. } | Lever::Reclaim { .. } => kind == ActionKind::ReclaimMemory,
        Lever::TrimOwnHeap => kind == ActionKind::CleanupMemory,
        Lever::Terminate { .. } => kind == ActionKind::KillProcess,
    }
}

/// The processes that a lever names.
pub(super) fn processes_of(lever: &Lever) -> Vec<ProcessId> {
    match lever {
        Lever::Nice { process, .. }
        | Lever::Batch { process }
        | Lever::Idle { process }
        | Lever::Autogroup { process, .. }
        | Lever::IoPriority { process, .. }
        | Lever::Affinity { process, .. }
        | Lever::Stop { process, .. }
        | Lever::PageOut { process }
        | Lever::Terminate { process, .. } => vec![*process],
        Lever::Group { processes, .. } | Lever::Freeze { processes, .. } => processes.clone(),
        Lever::Reclaim { .. } | Lever::TrimOwnHeap => Vec::new(),
    }
}

/// Nothing here gives anybody more than he has.
///
/// # Errors
/// `Refused` when a priority would be raised.
pub(super) fn check_lowers(changes: &[Change]) -> Result<()> {
    let raises = changes.iter().any(|change| match change {
        Change::Nice(nice) => nice.threads.iter().any(|t| t.prior > nice.intended),
        Change::Autogroup(autogroup) => autogroup.prior > autogroup.intended,
        _ => false,
    });
    match raises {
        true => refused("it would raise a priority, and priorities are only lowered".into()),
        false => Ok(()),
    }
}

/// Whether it can be taken back with the privileges at hand.
pub(super) fn reversible(kind: ActionKind, facts: &Facts) -> Answer {
    match kind {
        ActionKind::LowerPriority | ActionKind::SetIdle => planning::nice_is_reversible(facts),
        ActionKind::KillProcess => Answer {
            yes: false,
            reason: "a process that has ended does not come back".into(),
        },
        _ => Answer {
            yes: true,
            reason: "by a rollback".into(),
        },
    }
}

/// Whether one of the processes is another user's. One that can't be read counts as such.
pub(super) fn is_another_users(lever: Option<&Lever>, facts: &Facts, roots: &Roots) -> bool {
    lever.map(processes_of).unwrap_or_default().iter().any(|p| {
        let status = std::fs::read_to_string(roots.proc(&format!("{}/status", p.pid)));
        let uid = status.ok().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("Uid:"))?;
            line.split_ascii_whitespace().nth(1)?.parse::<u32>().ok()
        });
        uid != Some(facts.euid)
    })
}
