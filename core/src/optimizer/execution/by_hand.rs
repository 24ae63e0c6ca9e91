//! Completing an action that a caller made from a type and a target alone.

use super::super::action::{Action, ActionKind};
use super::super::owner::start_of;
use super::super::settings::OptimizerSettings;
use crate::act::{IoClass, Lever, Limit, ProcessId};
use crate::error::{Error, Result};

/// The lowest priority that a nice value can give.
const LOWEST: i32 = 19;

/// Gives an action without a lever the usual one of its kind, for the process that has the pid
/// now. What has one is left as it is.
///
/// # Errors
/// `InvalidArgument` for a target that is no pid, `NotFound` when there is no such process.
pub(in crate::optimizer) fn complete(
    mut action: Action,
    settings: &OptimizerSettings,
    cpus: &[u32],
) -> Result<Action> {
    if action.lever.is_some() || action.action_type == ActionKind::CleanupDisk {
        return Ok(action);
    }
    if action.action_type == ActionKind::CleanupMemory {
        action.lever = Some(Lever::TrimOwnHeap);
        return Ok(action);
    }
    let process = match action.process {
        Some(process) => process,
        None => process_of(&action.target_id)?,
    };
    let lease_seconds = settings.lease_seconds;
    let group = |limits| Lever::Group {
        processes: vec![process],
        limits,
    };
    action.lever = Some(match action.action_type {
        ActionKind::SetBatch => Lever::Batch { process },
        ActionKind::LowerPriority => Lever::Nice {
            process,
            nice: LOWEST,
        },
        ActionKind::SetIdle => Lever::Idle { process },
        ActionKind::SetAutogroup => Lever::Autogroup {
            process,
            nice: LOWEST,
        },
        ActionKind::SetIoPriority => Lever::IoPriority {
            process,
            class: IoClass::Idle,
            level: 0,
        },
        ActionKind::SetAffinity => match cpus {
            [] | [_] => {
                return Err(Error::Unsupported("fewer processors than one".into()));
            }
            cpus => Lever::Affinity {
                process,
                cpus: vec![cpus[cpus.len() - 1]],
            },
        },
        ActionKind::LimitCpu => group(vec![Limit::CpuWeight(1)]),
        ActionKind::LimitIo => group(vec![Limit::IoBytesPerSec(10 << 20)]),
        ActionKind::LimitMemory => group(vec![Limit::MemoryHighBytes(64 << 20)]),
        ActionKind::LimitProcesses => group(vec![Limit::Processes(8)]),
        ActionKind::ReclaimMemory => Lever::PageOut { process },
        ActionKind::Freeze => Lever::Freeze {
            processes: vec![process],
            lease_seconds,
        },
        ActionKind::SuspendProcess => Lever::Stop {
            process,
            lease_seconds,
        },
        ActionKind::KillProcess => Lever::Terminate {
            process,
            grace_seconds: settings.kill_timeout,
            may_kill: true,
        },
        ActionKind::CleanupMemory | ActionKind::CleanupDisk => return Ok(action),
    });
    action.process = Some(process);
    Ok(action)
}

fn process_of(target_id: &str) -> Result<ProcessId> {
    let pid: i32 = target_id
        .trim()
        .parse()
        .ok()
        .filter(|pid| *pid > 0)
        .ok_or_else(|| Error::invalid("target_id", format!("{target_id:?}"), "a pid as text"))?;
    match start_of(pid) {
        Some(start_time_ticks) => Ok(ProcessId {
            pid,
            start_time_ticks,
        }),
        None => Err(Error::io(
            format!("/proc/{pid}"),
            std::io::ErrorKind::NotFound,
        )),
    }
}
