//! The thin layer of system calls that no safe crate offers: the only place of this
//! crate where `unsafe` is allowed.
#![allow(unsafe_code)] // Each block below states why it is sound.

mod clock;
#[cfg_attr(unix, path = "fork.rs")]
#[cfg_attr(not(unix), path = "fork_elsewhere.rs")]
mod fork;
mod limit;
#[cfg_attr(target_os = "linux", path = "pidfd.rs")]
#[cfg_attr(not(target_os = "linux"), path = "pidfd_elsewhere.rs")]
mod pidfd;
#[cfg(unix)]
mod privacy;
#[cfg_attr(target_os = "linux", path = "thread.rs")]
#[cfg_attr(not(target_os = "linux"), path = "thread_elsewhere.rs")]
mod thread;

pub(crate) use clock::{moment, thread_cpu_seconds};
pub(crate) use fork::fork_generation;
pub(crate) use limit::{fd_limit, private_fd_table};
pub(crate) use pidfd::PidFd;
#[cfg(unix)]
pub(crate) use privacy::close_to_others;
pub(crate) use thread::{library_cpu_seconds, spawn};

/// The signals that are ever sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessSignal {
    Terminate,
    Kill,
    Stop,
    Continue,
}
