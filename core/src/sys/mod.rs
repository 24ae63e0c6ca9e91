//! The thin layer of system calls that no safe crate offers: the only place of this
//! crate where `unsafe` is allowed.
#![allow(unsafe_code)] // Each block below states why it is sound.

mod clock;
#[cfg(unix)]
mod detached;
#[cfg_attr(unix, path = "fork.rs")]
#[cfg_attr(not(unix), path = "fork_elsewhere.rs")]
mod fork;
mod fork_gate;
mod heap;
#[cfg(unix)]
mod held_file;
#[cfg_attr(target_os = "linux", path = "lease_keeper.rs")]
#[cfg_attr(not(target_os = "linux"), path = "lease_keeper_elsewhere.rs")]
mod lease_keeper;
mod limit;
#[cfg_attr(target_os = "linux", path = "pidfd.rs")]
#[cfg_attr(not(target_os = "linux"), path = "pidfd_elsewhere.rs")]
mod pidfd;
#[cfg(unix)]
mod privacy;
#[cfg_attr(target_os = "linux", path = "scheduling.rs")]
#[cfg_attr(not(target_os = "linux"), path = "scheduling_elsewhere.rs")]
mod scheduling;
#[cfg_attr(target_os = "linux", path = "sqlite_files.rs")]
#[cfg_attr(not(target_os = "linux"), path = "sqlite_files_elsewhere.rs")]
mod sqlite_files;
mod sqlite_locks;
#[cfg_attr(target_os = "linux", path = "thread.rs")]
#[cfg_attr(not(target_os = "linux"), path = "thread_elsewhere.rs")]
mod thread;

pub(crate) use clock::{clock_is_synchronised, moment, thread_cpu_seconds};
#[cfg(unix)]
pub(crate) use detached::detach;
pub(crate) use fork::fork_generation;
pub(crate) use fork_gate::{ForkGate, Gated};
pub(crate) use heap::trim_heap;
#[cfg(unix)]
pub(crate) use held_file::HeldFile;
pub(crate) use lease_keeper::{Keeper, KeeperWord, LeaseEnd};
pub(crate) use limit::{fd_limit, private_fd_table};
pub(crate) use pidfd::PidFd;
#[cfg(unix)]
pub(crate) use privacy::close_to_others;
pub(crate) use scheduling::{
    set_thread_io_priority, set_thread_nice, set_thread_policy, set_thread_processors,
    thread_io_priority, thread_nice, thread_policy, thread_processors,
};
pub(crate) use sqlite_files::keep_sqlite_locks_apart;
pub(crate) use thread::{library_cpu_seconds, spawn};

/// A file that the keeper of a lease holds.
#[cfg(not(unix))]
pub(crate) use std::fs::File as LeaseFile;

/// The signals that are ever sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessSignal {
    Terminate,
    Kill,
    Stop,
    Continue,
}

/// How a thread is scheduled, as sched_getattr(2) tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadPolicy {
    pub(crate) policy: u32,
    pub(crate) nice: i32,
    pub(crate) flags: u64,
}
