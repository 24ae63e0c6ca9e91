//! What every act needs to know of the place, and the check that lets a process in.

use super::{ProcessId, Scope};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// Where the host's files are, and what may be touched there.
#[derive(Debug, Clone)]
pub struct Door {
    /// Roots of /proc, /sys and /.
    pub roots: Roots,
    /// What may be touched; checked again at each act.
    pub scope: Scope,
    /// Names, units (`x.service`) and executables that are protected besides the built-in
    /// ones.
    pub protected: Vec<String>,
}

/// A process that was let in: it is held by a pidfd, so that its pid can't become another's
/// unnoticed.
#[derive(Debug)]
pub struct Held {
    /// Which.
    pub id: ProcessId,
    /// Name of its program, as the kernel shows it.
    pub name: String,
}

impl Door {
    /// Lets a process in: it is the one that is meant (pidfd opened, then the start time
    /// read), in the scope and not protected.
    ///
    /// # Errors
    /// `NotFound` when it has ended or the pid is another's by now; `Refused` with the reason
    /// outside the scope or for what is protected; `PermissionDenied`.
    pub fn admit(&self, _process: ProcessId) -> Result<Held> {
        Err(Error::Internal("not built yet".into()))
    }
}

impl Held {
    /// # Errors
    /// `NotFound` when it has ended since.
    pub fn check(&self) -> Result<()> {
        Err(Error::Internal("not built yet".into()))
    }
}
