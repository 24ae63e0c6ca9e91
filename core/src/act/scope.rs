//! What may be touched at all.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ProcessId, stat};
use crate::sample::Roots;

/// No chain of parents is longer; a fixture might go in circles.
const LONGEST_CHAIN: usize = 10_000;

/// What the optimizer may touch. Whatever lies outside is never touched, whatever a plan says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The processes of one user: real, effective, saved and file-system id must all be it.
    User(u32),
    /// A process and its living descendants.
    Subtree(ProcessId),
    /// The processes of a control group and of those below it, by the path that
    /// `/proc/PID/cgroup` shows (any hierarchy); `/` holds everything.
    Cgroup(String),
    /// These processes only.
    List(Vec<ProcessId>),
    /// Every process of the machine that is not protected.
    Machine,
}

/// Whether a process lies in the scope; if not, why, in words. One that can't be read lies
/// outside. Only files below the roots are read.
pub(crate) fn scope_contains(
    roots: &Roots,
    scope: &Scope,
    process: ProcessId,
) -> Result<(), String> {
    match scope {
        Scope::User(uid) => of_user(roots, *uid, process),
        Scope::Subtree(root) => in_subtree(roots, *root, process),
        Scope::Cgroup(path) => in_group(roots, path, process),
        Scope::List(list) => match list.contains(&process) {
            true => Ok(()),
            false => Err("outside the scope: not one of the listed processes".into()),
        },
        Scope::Machine => Ok(()),
    }
}

fn of_user(roots: &Roots, uid: u32, process: ProcessId) -> Result<(), String> {
    let text = std::fs::read(roots.proc(&format!("{}/status", process.pid)))
        .map_err(|e| format!("outside the scope: its users can't be read ({e})"))?;
    let ids = users(&text).ok_or("outside the scope: its users can't be read")?;
    match ids.iter().all(|id| *id == uid) {
        true => Ok(()),
        false => Err(format!(
            "outside the scope: it runs as user {} (effective {}, saved {}, files {}), not as \
             {uid}",
            ids[0], ids[1], ids[2], ids[3]
        )),
    }
}

/// Real, effective, saved and file-system id of a `status` file.
fn users(status: &[u8]) -> Option<[u32; 4]> {
    let line = status
        .split(|b| *b == b'\n')
        .find_map(|line| line.strip_prefix(b"Uid:"))?;
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    let mut id = || words.next()?.parse().ok();
    Some([id()?, id()?, id()?, id()?])
}

fn in_subtree(roots: &Roots, root: ProcessId, process: ProcessId) -> Result<(), String> {
    let outside = || {
        format!(
            "outside the scope: it does not descend from process {}",
            root.pid
        )
    };
    let unread = |e| format!("outside the scope: its parents can't be read ({e})");
    let mut at = process.stat(roots).map_err(unread)?;
    let mut pid = process.pid;
    for _ in 0..LONGEST_CHAIN {
        if pid == root.pid {
            return match at.start_time_ticks == root.start_time_ticks {
                true => Ok(()),
                false => Err(format!(
                    "outside the scope: pid {pid} is not the process any more that the scope means"
                )),
            };
        }
        pid = at.parent_pid;
        if pid <= 0 {
            return Err(outside());
        }
        let parent = stat::of_process(roots, pid).map_err(unread)?;
        if parent.start_time_ticks > at.start_time_ticks {
            // The parent ended while we read, and its number went to a younger process.
            return Err(outside());
        }
        at = parent;
    }
    Err(outside())
}

fn in_group(roots: &Roots, wanted: &str, process: ProcessId) -> Result<(), String> {
    let text = std::fs::read(roots.proc(&format!("{}/cgroup", process.pid)))
        .map_err(|e| format!("outside the scope: its control groups can't be read ({e})"))?;
    let text = String::from_utf8_lossy(&text);
    let inside = wanted.starts_with('/')
        && group_paths(&text).any(|path| Path::new(path).starts_with(wanted));
    match inside {
        true => Ok(()),
        false => Err(format!(
            "outside the scope: not in the control group {wanted}"
        )),
    }
}

/// The paths of a `cgroup` file: each line is `number:controllers:path`.
pub(super) fn group_paths(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.splitn(3, ':').nth(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::fixture::Tree;

    fn id(pid: i32) -> ProcessId {
        Tree::id(pid)
    }

    #[test]
    fn a_user_has_the_processes_that_are_his_in_every_way() {
        let tree = Tree::new();
        tree.process(10, 1, "own").users(10, [1000; 4]);
        tree.process(11, 1, "su").users(11, [1000, 0, 0, 0]);
        tree.process(12, 1, "fs").users(12, [1000, 1000, 1000, 5]);
        let scope = Scope::User(1000);
        scope_contains(&tree.roots, &scope, id(10)).unwrap();
        for other in [11, 12, 99] {
            let reason = scope_contains(&tree.roots, &scope, id(other)).unwrap_err();
            assert!(reason.starts_with("outside the scope"), "{reason}");
        }
    }

    #[test]
    fn a_subtree_holds_its_root_and_living_descendants_only() {
        let tree = Tree::new();
        tree.process(1, 0, "init").process(20, 1, "root");
        tree.process(21, 20, "child").process(22, 21, "grandchild");
        tree.process(30, 1, "other) S 20 (x");
        let scope = Scope::Subtree(id(20));
        for inside in [20, 21, 22] {
            scope_contains(&tree.roots, &scope, id(inside)).unwrap();
        }
        for outside in [1, 30, 99] {
            scope_contains(&tree.roots, &scope, id(outside)).unwrap_err();
        }
        let mut reused = id(20);
        reused.start_time_ticks += 1;
        scope_contains(&tree.roots, &Scope::Subtree(reused), id(21)).unwrap_err();
        // A parent younger than its child took over the number of the real one.
        tree.process_started(41, 1, "young", 900);
        tree.process_started(40, 41, "old", 100);
        let scope = Scope::Subtree(ProcessId {
            pid: 41,
            start_time_ticks: 900,
        });
        let old = ProcessId {
            pid: 40,
            start_time_ticks: 100,
        };
        scope_contains(&tree.roots, &scope, old).unwrap_err();
    }

    #[test]
    fn a_group_is_meant_by_whole_components() {
        let tree = Tree::new();
        tree.process(10, 1, "a")
            .groups(10, "3:cpu:/\n0::/app.slice/a:b.service\n");
        let inside =
            |path: &str| scope_contains(&tree.roots, &Scope::Cgroup(path.into()), id(10)).is_ok();
        assert!(inside("/") && inside("/app.slice") && inside("/app.slice/a:b.service"));
        assert!(inside("/app.slice/"));
        assert!(!inside("/app") && !inside("/app.slice/a") && !inside("") && !inside("app.slice"));
    }

    #[test]
    fn a_list_holds_what_it_names_with_its_start_time() {
        let tree = Tree::new();
        let scope = Scope::List(vec![id(10)]);
        scope_contains(&tree.roots, &scope, id(10)).unwrap();
        let mut other = id(10);
        other.start_time_ticks += 1;
        scope_contains(&tree.roots, &scope, other).unwrap_err();
        scope_contains(&tree.roots, &Scope::Machine, other).unwrap();
    }
}
