//! One change to the host, complete enough to be undone by another process after a crash.

use serde::{Deserialize, Serialize};

use super::affinity::CpuList;
use super::autogroup::AutogroupChange;
use super::cleanup::Quarantine;
use super::freeze::FreezeChange;
use super::group::GroupChange;
use super::once::OnceChange;
use super::policy::Scheduling;
use super::stop::StopChange;
use super::threads::ThreadChange;
use super::{Door, Lever, ProcessId, put_aside};
use crate::error::Result;

/// One change. It is stored before it is applied, and holds all that undoing it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// Nice values of threads.
    Nice(ThreadChange<i32>),
    /// Scheduling policies of threads.
    Policy(ThreadChange<Scheduling>),
    /// I/O priorities of threads (the kernel's number: class << 13 | level).
    IoPriority(ThreadChange<u16>),
    /// Processors that threads may run on.
    Affinity(ThreadChange<CpuList>),
    /// Nice value of a session's autogroup.
    Autogroup(AutogroupChange),
    /// A control group made, its limits, and the processes moved into it.
    Group(GroupChange),
    /// Processes frozen in a control group made for it.
    Freeze(FreezeChange),
    /// A process stopped.
    Stop(StopChange),
    /// What can't be taken back: an end, pages written out, heap trimmed.
    Once(OnceChange),
    /// Files put aside; made by [`cleanup::clean`](super::cleanup::clean) alone.
    Quarantine(Quarantine),
}

/// What applying a change came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// What was done, in words, with numbers.
    pub what: String,
    /// When it ends by itself, Unix seconds.
    pub lease_until: Option<f64>,
}

impl Lever {
    /// Reads every prior value that pulling this lever would change. Nothing is changed.
    ///
    /// # Errors
    /// `Refused` outside the scope, for what is protected, or when the pid is another
    /// process's by now; `NotFound` when it has ended; `PermissionDenied`, `Unsupported` when
    /// it can't be done here.
    pub fn prepare(&self, door: &Door) -> Result<Vec<Change>> {
        super::prepare::prepare(self, door)
    }
}

impl Change {
    /// Makes the change. Identity, scope and protection are checked once more at the act.
    /// When it fails midway, [`Change::undo`] takes back what was done.
    ///
    /// # Errors
    /// As [`Lever::prepare`], and the system's own.
    pub fn apply(&self, door: &Door) -> Result<Applied> {
        match self {
            Change::Nice(change) => change.apply(door),
            Change::Policy(change) => change.apply(door),
            Change::IoPriority(change) => change.apply(door),
            Change::Affinity(change) => change.apply(door),
            Change::Autogroup(change) => change.apply(door),
            Change::Group(change) => change.apply(door),
            Change::Freeze(change) => change.apply(door),
            Change::Stop(change) => change.apply(door),
            Change::Once(change) => change.apply(door),
            Change::Quarantine(_) => put_aside::apply(),
        }
    }

    /// Puts the prior values back where the value is still the one that was set. It may be
    /// called for a change that was never applied or only in part, by any process of the same
    /// boot, and twice.
    ///
    /// # Errors
    /// When a value can't be put back now: try again later.
    pub fn undo(&self, door: &Door) -> Result<Undo> {
        match self {
            Change::Nice(change) => change.undo(door),
            Change::Policy(change) => change.undo(door),
            Change::IoPriority(change) => change.undo(door),
            Change::Affinity(change) => change.undo(door),
            Change::Autogroup(change) => change.undo(door),
            Change::Group(change) => change.undo(door),
            Change::Freeze(change) => change.undo(door),
            Change::Stop(change) => change.undo(door),
            Change::Once(change) => change.undo(door),
            Change::Quarantine(quarantine) => put_aside::undo(quarantine),
        }
    }

    /// What it changes from what to what, in words.
    pub fn about(&self) -> String {
        match self {
            Change::Nice(change) => change.about(),
            Change::Policy(change) => change.about(),
            Change::IoPriority(change) => change.about(),
            Change::Affinity(change) => change.about(),
            Change::Autogroup(change) => change.about(),
            Change::Group(change) => change.about(),
            Change::Freeze(change) => change.about(),
            Change::Stop(change) => change.about(),
            Change::Once(change) => change.about(),
            Change::Quarantine(quarantine) => put_aside::about(quarantine),
        }
    }

    /// It holds beyond a start of the machine: files do, processes don't.
    pub fn survives_boot(&self) -> bool {
        matches!(self, Change::Quarantine(_))
    }

    /// The processes that it touches.
    pub fn processes(&self) -> Vec<ProcessId> {
        match self {
            Change::Nice(change) => vec![change.process],
            Change::Policy(change) => vec![change.process],
            Change::IoPriority(change) => vec![change.process],
            Change::Affinity(change) => vec![change.process],
            Change::Autogroup(change) => vec![change.process],
            Change::Group(change) => change.processes(),
            Change::Freeze(change) => change.processes(),
            Change::Stop(change) => vec![change.process],
            Change::Once(change) => change.processes(),
            Change::Quarantine(_) => Vec::new(),
        }
    }
}

/// A thread and what it had before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadPrior<T> {
    /// Thread id.
    pub tid: i32,
    /// Start of the thread in clock ticks after boot.
    pub start_time_ticks: u64,
    /// The value before the change.
    pub prior: T,
}

/// What undoing a change came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// The prior value is back, and was read back.
    Restored,
    /// It was there already: the change was never applied.
    Unchanged,
    /// What was changed does not exist any more (process ended, group removed, reboot).
    Gone,
    /// Somebody else has changed it since: left alone, with what was found.
    Left(String),
    /// By its nature it can't be undone (a process has ended, pages were written out).
    Irreversible,
}
