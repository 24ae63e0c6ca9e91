//! Where a process's control groups are: from `/proc/PID/cgroup` and the mount table to
//! the folders of its group and of every parent that can be seen.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::limits::CgroupVersion;
use super::mounts::{MountLine, has_option, unescape};
use super::parse::lines;
use super::roots::Roots;

/// The version 1 controllers that limit what this crate reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Cpu,
    Cpuacct,
    Cpuset,
    Memory,
    Pids,
}

impl Controller {
    const ALL: [Controller; 5] = [
        Controller::Cpu,
        Controller::Cpuacct,
        Controller::Cpuset,
        Controller::Memory,
        Controller::Pids,
    ];

    fn name(self) -> &'static [u8] {
        match self {
            Controller::Cpu => b"cpu",
            Controller::Cpuacct => b"cpuacct",
            Controller::Cpuset => b"cpuset",
            Controller::Memory => b"memory",
            Controller::Pids => b"pids",
        }
    }
}

/// The groups of one process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) version: CgroupVersion,
    /// Path of the own group, as `/proc/PID/cgroup` names it.
    pub(crate) own_path: Option<Arc<str>>,
    /// In the unified hierarchy: the own group first, the mount's root last.
    pub(crate) unified: Vec<Level>,
    /// The same for each version 1 controller, in the order of [`Controller::ALL`].
    by_controller: [Vec<Level>; 5],
}

/// One group of a chain of parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) folder: PathBuf,
    /// Its path below the root of the mount; empty for the root.
    pub(crate) below_root: PathBuf,
}

impl Groups {
    /// Version 1 groups of a controller, the own one first; empty where it is not mounted.
    pub(crate) fn of(&self, controller: Controller) -> &[Level] {
        &self.by_controller[controller as usize]
    }

    /// Finds the groups that `membership`, the text of `/proc/PID/cgroup`, names.
    pub(crate) fn find<'a>(
        roots: &Roots,
        mounts: impl Iterator<Item = MountLine<'a>>,
        membership: &[u8],
    ) -> Groups {
        let mut groups = Groups::default();
        // Of mounts of the same hierarchy, the one in which the own group is really seen.
        let mut is_complete = [false; Controller::ALL.len() + 1];
        for mount in mounts {
            let folder = locate(roots, &unescape(mount.mount_point));
            let mut offer = |slot: usize, path: &[u8], known: &mut Vec<Level>| {
                if is_complete[slot] {
                    return;
                }
                let (levels, all) = chain(&folder, &unescape(mount.root), path);
                if all || known.is_empty() {
                    is_complete[slot] = all;
                    *known = levels;
                }
            };
            match mount.kind {
                b"cgroup2" => {
                    if let Some(path) = own_path(membership, None) {
                        offer(Controller::ALL.len(), path, &mut groups.unified);
                    }
                }
                b"cgroup" => {
                    for controller in Controller::ALL {
                        if !has_option(mount.super_options, controller.name()) {
                            continue;
                        }
                        if let Some(path) = own_path(membership, Some(controller)) {
                            let slot = controller as usize;
                            offer(slot, path, &mut groups.by_controller[slot]);
                        }
                    }
                }
                _ => {}
            }
        }
        let has_v1 = groups.by_controller.iter().any(|chain| !chain.is_empty());
        groups.version = match (has_v1, !groups.unified.is_empty()) {
            (false, false) => CgroupVersion::None,
            (true, false) => CgroupVersion::V1,
            (false, true) => CgroupVersion::V2,
            (true, true) => CgroupVersion::Hybrid,
        };
        groups.own_path = groups.name_of_own(membership);
        groups
    }

    /// The unified path; where version 1 does the limiting and the unified hierarchy
    /// only says `/`, the path that the cpu or memory controller names.
    fn name_of_own(&self, membership: &[u8]) -> Option<Arc<str>> {
        let unified = own_path(membership, None).filter(|_| !self.unified.is_empty());
        let of = |controller| {
            own_path(membership, Some(controller)).filter(|_| !self.of(controller).is_empty())
        };
        let (cpu, memory) = (of(Controller::Cpu), of(Controller::Memory));
        let is_deep = |path: &&[u8]| **path != b"/"[..];
        [unified, cpu, memory]
            .into_iter()
            .flatten()
            .find(is_deep)
            .or(unified)
            .or(cpu)
            .or(memory)
            .map(|path| String::from_utf8_lossy(path).into())
    }
}

/// The path in the line of a controller (`4:memory:/a`), or of the unified hierarchy (`0::/a`).
fn own_path(membership: &[u8], controller: Option<Controller>) -> Option<&[u8]> {
    path_in(membership, controller.map(Controller::name))
}

/// The same for a controller by its name.
pub(crate) fn path_in<'a>(membership: &'a [u8], controller: Option<&[u8]>) -> Option<&'a [u8]> {
    lines(membership).find_map(|line| {
        let mut fields = line.splitn(3, |b| *b == b':');
        let number = fields.next()?;
        let controllers = fields.next()?;
        let path = fields.next()?;
        let is_it = match controller {
            Some(controller) => has_option(controllers, controller),
            None => number == b"0" && controllers.is_empty(),
        };
        is_it.then_some(path)
    })
}

/// The folder in which a mount point is seen from here.
pub(crate) fn locate(roots: &Roots, mount_point: &[u8]) -> PathBuf {
    let point = Path::new(OsStr::from_bytes(mount_point));
    if roots.is_live() || point.starts_with(&roots.sys_root) {
        return point.to_path_buf();
    }
    match point.strip_prefix("/sys") {
        Ok(below) => roots.sys_root.join(below),
        Err(_) => roots.host(point),
    }
}

/// The folders of the group `own` and its parents up to the mount's root, and whether
/// the group itself is there. `root` is what the mount shows of the hierarchy: in a
/// container often only the own subtree, under a name of the host's.
pub(crate) fn chain(folder: &Path, root: &[u8], own: &[u8]) -> (Vec<Level>, bool) {
    let (root, own) = (
        Path::new(OsStr::from_bytes(root)),
        Path::new(OsStr::from_bytes(own)),
    );
    let named = own.strip_prefix(root).unwrap_or(own);
    // A group outside of the own cgroup namespace ("/../x") is not to be seen.
    let mut is_complete = !named.components().any(|part| part == Component::ParentDir);
    let mut below = PathBuf::new();
    if is_complete {
        let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
        below.extend(named.components().filter(is_name));
    }
    let mut levels = Vec::new();
    loop {
        let seen = folder.join(&below);
        if seen.is_dir() {
            levels.push(Level {
                folder: seen,
                below_root: below.clone(),
            });
        } else {
            // Named as the host knows it, or removed meanwhile: the nearest parent counts.
            is_complete &= !levels.is_empty();
        }
        if !below.pop() {
            return (levels, is_complete);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mounts::parse;
    use super::*;
    use proptest::prelude::*;

    fn tree(folders: &[&str]) -> tempfile::TempDir {
        let top = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(top.path().join(folder)).unwrap();
        }
        top
    }

    fn find(top: &Path, mounts: &str, membership: &str) -> Groups {
        Groups::find(
            &Roots::tree(top),
            parse(mounts.as_bytes()),
            membership.as_bytes(),
        )
    }

    fn folders(top: &Path, levels: &[Level]) -> Vec<String> {
        let short = |level: &Level| {
            level
                .folder
                .strip_prefix(top)
                .unwrap()
                .display()
                .to_string()
        };
        levels.iter().map(short).collect()
    }

    const V2: &str = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_chain_goes_from_the_own_group_to_the_root() {
        let top = tree(&["sys/fs/cgroup/a.slice/b.service"]);
        let groups = find(top.path(), V2, "0::/a.slice/b.service\n");
        assert_eq!(groups.version, CgroupVersion::V2);
        assert_eq!(groups.own_path.as_deref(), Some("/a.slice/b.service"));
        assert_eq!(
            folders(top.path(), &groups.unified),
            [
                "sys/fs/cgroup/a.slice/b.service",
                "sys/fs/cgroup/a.slice",
                "sys/fs/cgroup/"
            ]
            .map(|s| s.trim_end_matches('/'))
        );
    }

    #[test]
    fn in_a_container_the_hosts_part_of_the_path_is_taken_off() {
        let top = tree(&["sys/fs/cgroup/memory/child"]);
        let mounts = "40 31 0:32 /docker/0123 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let groups = find(top.path(), mounts, "4:memory:/docker/0123/child\n");
        assert_eq!(groups.version, CgroupVersion::V1);
        assert_eq!(
            folders(top.path(), groups.of(Controller::Memory)),
            ["sys/fs/cgroup/memory/child", "sys/fs/cgroup/memory"]
        );
        assert_eq!(groups.own_path.as_deref(), Some("/docker/0123/child"));
    }

    #[test]
    fn a_path_that_only_the_host_knows_ends_at_what_is_seen() {
        let top = tree(&["sys/fs/cgroup/kubepods"]);
        for path in ["/system.slice/x", "/", "/../other", "/gone (deleted)"] {
            let groups = find(top.path(), V2, &format!("0::{path}\n"));
            assert_eq!(
                folders(top.path(), &groups.unified),
                ["sys/fs/cgroup"],
                "{path}"
            );
        }
        let groups = find(top.path(), V2, "0::/kubepods/pod1\n");
        assert_eq!(groups.unified.len(), 2);
    }

    #[test]
    fn hybrid_means_controllers_of_version_1_beside_the_unified_hierarchy() {
        let top = tree(&[
            "sys/fs/cgroup/unified",
            "sys/fs/cgroup/cpu,cpuacct/job:1",
            "sys/fs/cgroup/systemd",
        ]);
        let systemd = "41 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n\
             42 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let cpu = "43 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
        let membership = "3:cpu,cpuacct:/job:1\n1:name=systemd:/\n0::/\n";
        let groups = find(top.path(), &format!("{systemd}{cpu}"), membership);
        assert_eq!(groups.version, CgroupVersion::Hybrid);
        assert_eq!(groups.own_path.as_deref(), Some("/job:1"));
        assert_eq!(groups.of(Controller::Cpu).len(), 2);
        assert_eq!(groups.of(Controller::Cpu), groups.of(Controller::Cpuacct));
        assert!(groups.of(Controller::Memory).is_empty());
        // A named hierarchy alone limits nothing.
        assert_eq!(
            find(top.path(), systemd, membership).version,
            CgroupVersion::V2
        );
        assert_eq!(find(top.path(), "", membership), Groups::default());
    }

    #[test]
    fn the_mount_in_which_the_group_is_seen_wins() {
        let top = tree(&["sys/fs/cgroup", "other/mine"]);
        let mounts = format!("{V2}31 23 0:26 / /other rw - cgroup2 cgroup2 rw\n");
        let groups = find(top.path(), &mounts, "0::/mine\n");
        assert_eq!(
            folders(top.path(), &groups.unified),
            ["other/mine", "other"]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_without_panic(membership: Vec<u8>, root: Vec<u8>, own: Vec<u8>) {
            for controller in [None, Some(Controller::Cpu)] {
                let _ = own_path(&membership, controller);
            }
            let folder = Path::new("/nonexistent-folder-of-a-test");
            prop_assert!(chain(folder, &root, &own).0.is_empty());
        }

        #[test]
        fn no_group_leads_out_of_its_mount(own in "(/|\\.\\.|a|b| ){0,8}", root in "(/|\\.\\.|a){0,4}") {
            let top = tree(&["mount/a/b"]);
            let mount = top.path().join("mount");
            for level in chain(&mount, root.as_bytes(), own.as_bytes()).0 {
                prop_assert!(level.folder.canonicalize().unwrap().starts_with(&mount));
            }
        }
    }
}
