//! The thin layer of system calls that no safe crate offers: the only place of this
//! crate where `unsafe` is allowed.
#![allow(unsafe_code)] // Each block below states why it is sound.

mod clock;
#[cfg(unix)]
mod fork;
mod limit;

#[allow(unused_imports)] // The sampler and the monitor use them.
pub(crate) use clock::{moment, thread_cpu_seconds};
#[cfg(unix)]
#[allow(unused_imports)]
pub(crate) use fork::fork_generation;
pub(crate) use limit::fd_limit;
#[cfg(target_os = "linux")]
#[allow(unused_imports)]
pub(crate) use limit::private_fd_table;
