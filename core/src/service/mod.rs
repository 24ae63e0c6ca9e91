//! The monitor of a data folder that runs on its own: who it is, starting it in the
//! background, and stopping it.
//!
//! One process at a time monitors for a folder. It says so by a lock on `monitor.lock` there
//! ([`Hold`]), which the kernel gives back however the process ends; the file says which
//! process it is, and how it fares. Nothing is believed that the lock does not back, and no
//! process is signalled but the one that was meant: its pid, start and boot are compared, and
//! it is held by a pidfd.
//!
//! The library needs none of this: a [`Monitor`](crate::Monitor) within a program takes no
//! such lock.

mod file;
mod hold;
mod log;
mod process;
mod record;
mod start;
mod status;
mod stop;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub use hold::{Claim, Hold, Taken};
pub use log::{ServiceLog, last_lines, log_path};
pub use record::{Beat, Ended, ServiceRecord};
pub use start::{Started, start, usual_command};
pub use status::{ServiceStatus, Silence, status};
pub use stop::{Stopped, kill, stop};

/// Name of the lock in the data folder.
pub const LOCK_NAME: &str = "monitor.lock";

/// Name of the log in the data folder.
pub const LOG_NAME: &str = "monitor.log";

/// The folder as a path that stays the same wherever the process goes.
fn absolute(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).map_err(|error| Error::io(folder, error))
}
