//! What the tests of groups share: children of their own, and changes that are undone
//! whatever happens.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::facts::{Facts, GroupFacts};
use super::group::GroupChange;
use super::kin::Kin;
use super::{Door, FreezeChange, Limit, ProcessId, Scope};
use crate::sample::Roots;

/// A child of the test, in a process group of its own; ended with all of it.
pub(super) struct Worker(Child);

impl Worker {
    /// Runs a shell script.
    pub(super) fn shell(script: &str) -> Worker {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).process_group(0);
        Worker(command.stdin(Stdio::null()).spawn().unwrap())
    }

    /// A process that sleeps.
    pub(super) fn single() -> Worker {
        let worker = Worker::shell("exec sleep 1000");
        until("the sleeper", || name(worker.id().pid) == "sleep");
        worker
    }

    /// A shell with sleeping children, once they are there.
    pub(super) fn family(children: usize) -> Worker {
        let worker = Worker::shell(&format!(
            "for i in $(seq {children}); do sleep 1000 & done; wait"
        ));
        let is_sleep = |id: &ProcessId| name(id.pid) == "sleep";
        until("the family", || {
            worker
                .descendants()
                .iter()
                .filter(|id| is_sleep(id))
                .count()
                == children
        });
        worker
    }

    pub(super) fn id(&self) -> ProcessId {
        ProcessId::now(&Roots::default(), i32::try_from(self.0.id()).unwrap()).unwrap()
    }

    pub(super) fn descendants(&self) -> Vec<ProcessId> {
        Kin::read(&Roots::default()).descendants(&[self.id()])
    }

    pub(super) fn all(&self) -> Vec<ProcessId> {
        let mut all = vec![self.id()];
        all.extend(self.descendants());
        all
    }

    /// A door to this family and nothing else.
    pub(super) fn door(&self) -> Door {
        door(Scope::Subtree(self.id()))
    }

    pub(super) fn wait(&mut self) -> std::process::ExitStatus {
        self.0.wait().unwrap()
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            // Not yet waited for: the number is still its own, and that of its group.
            let group = rustix::process::Pid::from_child(&self.0);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

pub(super) fn door(scope: Scope) -> Door {
    Door {
        roots: Roots::default(),
        scope,
        protected: Vec::new(),
    }
}

fn name(pid: i32) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    text.trim().to_owned()
}

/// The whole text of `/proc/PID/cgroup`: every hierarchy. Empty for who has ended or is about
/// to: it is shown in the roots.
pub(super) fn groups_of(pid: i32) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    match super::stat::of_process(&Roots::default(), pid) {
        Ok(stat) if !stat.is_leaving() => text,
        _ => String::new(),
    }
}

pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether groups can be made here for a limit; says why not.
pub(super) fn can(limit: &Limit) -> bool {
    let facts = Facts::read(&Roots::default());
    let group = match limit {
        Limit::CpuWeight(_) | Limit::CpuQuotaPercent(_) => facts.cpu,
        Limit::IoBytesPerSec(_) => facts.io,
        Limit::MemoryHighBytes(_) => facts.memory,
        Limit::Processes(_) => facts.pids,
    };
    can_make(&group)
}

pub(super) fn can_make(group: &GroupFacts) -> bool {
    if !group.writable {
        println!("skipped: {}", group.reason);
    }
    group.writable
}

/// A change that is undone at the end of the test.
pub(super) struct Kept<C: Undoable>(pub(super) C);

pub(super) trait Undoable {
    fn clean(&self);
}

impl Undoable for GroupChange {
    fn clean(&self) {
        let _ = self.undo(&door(Scope::Machine));
    }
}

impl Undoable for FreezeChange {
    fn clean(&self) {
        let _ = self.undo(&door(Scope::Machine));
    }
}

impl<C: Undoable> Deref for Kept<C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C: Undoable> Drop for Kept<C> {
    fn drop(&mut self) {
        self.0.clean();
    }
}

/// A group that the test itself makes, removed at the end; its processes must be gone or
/// elsewhere by then.
pub(super) struct OwnGroup(pub(super) PathBuf);

impl OwnGroup {
    pub(super) fn below(folder: &Path) -> OwnGroup {
        // Not a name of ours: it stands for somebody else's.
        let folder = folder.join(format!("test-{}", super::group_place::new_name()));
        std::fs::create_dir(&folder).unwrap();
        OwnGroup(folder)
    }

    pub(super) fn take(&self, pid: i32) {
        std::fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for OwnGroup {
    fn drop(&mut self) {
        for _ in 0..1000 {
            let outcome = std::fs::remove_dir(&self.0);
            match outcome {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                _ => return,
            }
        }
    }
}
