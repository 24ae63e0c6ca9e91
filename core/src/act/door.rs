//! What every act needs to know of the place, and the check that lets a process in.

use std::io;
use std::time::Duration;

use super::protect::{own_pid, protection};
use super::scope::scope_contains;
use super::{ProcessId, Scope, stat};
use crate::error::{Error, Result};
use crate::sample::Roots;
use crate::sys::{PidFd, ProcessSignal};

/// Where the host's files are, and what may be touched there.
#[derive(Debug, Clone)]
pub struct Door {
    /// Roots of /proc, /sys and /.
    pub roots: Roots,
    /// What may be touched; checked again at each act.
    pub scope: Scope,
    /// Names of programs, units (`x.service`) and executables (absolute paths) that are
    /// protected besides the built-in ones; a `*` at the end stands for any rest.
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
    pidfd: PidFd,
    roots: Roots,
}

impl Door {
    /// Lets a process in: it is the one that is meant (pidfd opened, then the start time
    /// read), in the scope and not protected.
    ///
    /// # Errors
    /// `NotFound` when it has ended or the pid is another's by now; `Refused` with the reason
    /// outside the scope, for what is protected, or when the roots are not the running
    /// kernel's; `PermissionDenied`; `Unsupported` without pidfds.
    pub fn admit(&self, process: ProcessId) -> Result<Held> {
        let held = self.hold(process)?;
        self.may_touch(process).map_err(Error::Refused)?;
        // What was read by pid since was its own, if it still lives.
        held.check()?;
        Ok(held)
    }

    /// Whether a process is the one that is meant, in the scope and not protected: by files
    /// alone, without holding it, so for a plan and not for an act.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn may_touch(&self, process: ProcessId) -> std::result::Result<(), String> {
        let stat = process.stat(&self.roots).map_err(|e| e.to_string())?;
        if stat.has_ended() {
            return Err(format!("process {} has ended", process.pid));
        }
        scope_contains(&self.roots, &self.scope, process)?;
        match protection(&self.roots, process, &self.protected) {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }

    /// Holds a process without asking whether it may be touched: to put back what was changed
    /// by an earlier act, when scope and protection may be others.
    pub(super) fn hold(&self, process: ProcessId) -> Result<Held> {
        self.check_live()?;
        let folder = self.roots.proc(&process.pid.to_string());
        let pidfd = PidFd::open(process.pid).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => process.gone(&self.roots, "it has ended"),
            _ if e.raw_os_error() == Some(ENOSYS) => {
                Error::Unsupported("holding a process by a pidfd needs Linux 5.3".into())
            }
            _ => Error::io(folder, e),
        })?;
        let name = process.stat(&self.roots)?.name;
        let held = Held {
            id: process,
            name,
            pidfd,
            roots: self.roots.clone(),
        };
        held.check()?;
        Ok(held)
    }

    /// # Errors
    /// `Refused` unless files and system calls speak of the same processes.
    pub(super) fn check_live(&self) -> Result<()> {
        if !self.roots.is_live() {
            return Err(Error::Refused(format!(
                "{} is not the running kernel's own, so nothing can be acted upon",
                self.roots.proc_root.display()
            )));
        }
        if own_pid(&self.roots) != i32::try_from(std::process::id()).ok() {
            return Err(Error::Refused(format!(
                "{} shows the processes of another pid namespace",
                self.roots.proc_root.display()
            )));
        }
        Ok(())
    }
}

/// The call is not known to this kernel.
const ENOSYS: i32 = 38;

impl Held {
    /// # Errors
    /// `NotFound` when it has ended since.
    pub fn check(&self) -> Result<()> {
        match self.pidfd.has_ended() {
            Ok(false) => Ok(()),
            Ok(true) => Err(self.id.gone(&self.roots, "it has ended")),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Its `stat` now; checked afterwards to have been its own.
    pub(super) fn stat(&self) -> Result<stat::Stat> {
        let stat = stat::of_process(&self.roots, self.id.pid);
        self.check()?;
        stat
    }

    pub(crate) fn signal(&self, signal: ProcessSignal) -> Result<()> {
        self.pidfd.signal(signal).map_err(|e| self.error(e))
    }

    /// Waits until it has ended; false when the time is over before.
    pub(crate) fn wait_for_end(&self, longest: Duration) -> Result<bool> {
        self.pidfd.wait_for_end(longest).map_err(|e| self.error(e))
    }

    pub(super) fn pidfd(&self) -> &PidFd {
        &self.pidfd
    }

    /// An error of the system with the process at which it happened.
    pub(super) fn error(&self, source: io::Error) -> Error {
        let path = self.roots.proc(&self.id.pid.to_string());
        match source.kind() {
            io::ErrorKind::Unsupported => {
                Error::Unsupported(format!("{}: {source}", path.display()))
            }
            _ => Error::io(path, source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::fixture::Tree;

    #[test]
    fn nothing_is_let_in_where_the_files_are_not_this_kernels() {
        let tree = Tree::new();
        tree.process(10, 1, "w").executable(10, "/w");
        let door = Door {
            roots: tree.roots.clone(),
            scope: Scope::Machine,
            protected: Vec::new(),
        };
        door.may_touch(Tree::id(10)).unwrap();
        let refused = door.admit(Tree::id(10)).unwrap_err();
        assert!(
            matches!(&refused, Error::Refused(why) if why.contains("not the running kernel's"))
        );
    }

    #[test]
    fn a_plan_learns_why_not() {
        let tree = Tree::new();
        tree.process(10, 1, "w").executable(10, "/usr/sbin/sshd");
        let mut door = Door {
            roots: tree.roots.clone(),
            scope: Scope::List(vec![Tree::id(10)]),
            protected: Vec::new(),
        };
        assert!(door.may_touch(Tree::id(10)).unwrap_err().contains("sshd"));
        let mut other = Tree::id(10);
        other.start_time_ticks += 1;
        assert!(
            door.may_touch(other)
                .unwrap_err()
                .contains("another process's")
        );
        door.scope = Scope::List(Vec::new());
        assert!(
            door.may_touch(Tree::id(10))
                .unwrap_err()
                .contains("outside the scope")
        );
    }
}
