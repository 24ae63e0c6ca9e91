//! A made-up process tree for the tests of what reads files only.

use std::path::PathBuf;

use super::ProcessId;
use crate::sample::Roots;

/// A folder with `proc` in it, gone at the end.
pub(super) struct Tree {
    pub(super) roots: Roots,
    folder: tempfile::TempDir,
}

impl Tree {
    pub(super) fn new() -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots::tree(folder.path());
        Tree { roots, folder }
    }

    /// Identity of the processes made by [`Tree::process`].
    pub(super) fn id(pid: i32) -> ProcessId {
        ProcessId {
            pid,
            start_time_ticks: 1000 + pid as u64,
        }
    }

    fn path(&self, pid: i32, file: &str) -> PathBuf {
        let folder = self.folder.path().join(format!("proc/{pid}"));
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(file)
    }

    fn stat(&self, pid: i32, head: &str, flags: u64, start: u64, policy: u32) -> &Tree {
        let line = format!(
            "{pid} {head} 0 -1 {flags} 1 2 3 4 5 6 7 8 20 0 1 0 {start} 10 11 12 13 14 15 16 17 \
             18 19 20 21 22 23 24 17 1 0 {policy} 0 0 0\n"
        );
        std::fs::write(self.path(pid, "stat"), line).unwrap();
        self
    }

    pub(super) fn process(&self, pid: i32, parent: i32, name: &str) -> &Tree {
        self.process_started(pid, parent, name, 1000 + pid as u64)
    }

    pub(super) fn process_started(&self, pid: i32, parent: i32, name: &str, start: u64) -> &Tree {
        let head = format!("({name}) S {parent} {pid} {pid}");
        self.stat(pid, &head, 0x40_0000, start, 0)
    }

    pub(super) fn in_session(&self, pid: i32, parent: i32, session: i32) -> &Tree {
        let head = format!("(x) S {parent} {pid} {session}");
        self.stat(pid, &head, 0x40_0000, 1000 + pid as u64, 0)
    }

    pub(super) fn kernel_thread(&self, pid: i32, parent: i32, name: &str) -> &Tree {
        let head = format!("({name}) S {parent} 0 0");
        self.stat(pid, &head, 0x20_8040, 1000 + pid as u64, 0)
    }

    pub(super) fn with_policy(&self, pid: i32, policy: u32) -> &Tree {
        let head = format!("(x) S 1 {pid} {pid}");
        self.stat(pid, &head, 0x40_0000, 1000 + pid as u64, policy)
    }

    pub(super) fn users(&self, pid: i32, ids: [u32; 4]) -> &Tree {
        let [real, effective, saved, files] = ids;
        let text = format!("Name:\tx\nUid:\t{real}\t{effective}\t{saved}\t{files}\nGid:\t0\n");
        std::fs::write(self.path(pid, "status"), text).unwrap();
        self
    }

    pub(super) fn groups(&self, pid: i32, text: &str) -> &Tree {
        std::fs::write(self.path(pid, "cgroup"), text).unwrap();
        self
    }

    pub(super) fn executable(&self, pid: i32, target: &str) -> &Tree {
        std::os::unix::fs::symlink(target, self.path(pid, "exe")).unwrap();
        self
    }

    pub(super) fn command(&self, pid: i32, arguments: &[&str]) -> &Tree {
        let text: String = arguments.iter().map(|a| format!("{a}\0")).collect();
        std::fs::write(self.path(pid, "cmdline"), text).unwrap();
        self
    }

    /// Which of them this program is.
    pub(super) fn own(&self, pid: i32) -> &Tree {
        std::os::unix::fs::symlink(pid.to_string(), self.roots.proc("self")).unwrap();
        self
    }
}
