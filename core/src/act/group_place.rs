//! Where a new group is made: decided from what the folders say, nothing is changed.

use std::path::Path;

use super::hierarchy::{Kind, Seat, may_make, may_write};
use crate::error::{Error, Result};

/// Folder below which the new group for these controllers is made.
///
/// Version 1: the own group, so that every limit above goes on holding. Version 2 allows no
/// processes in a group that hands controllers on: there it is the group above (the new
/// one becomes a sibling), except at the root of the hierarchy.
pub(super) fn base<'a>(seat: &'a Seat, kinds: &[Kind]) -> Result<&'a Path> {
    if seat.version == 1 {
        if kinds.contains(&Kind::Memory) {
            check_accounting(seat.folder())?;
        }
        return Ok(seat.folder());
    }
    check_type(seat.folder())?;
    let needed: Vec<&str> = kinds.iter().filter_map(|kind| kind.name()).collect();
    // Without controllers a group below one with processes is allowed.
    if needed.is_empty() || missing(seat.folder(), &needed).is_empty() {
        return Ok(seat.folder());
    }
    let Some(parent) = seat.parent() else {
        return Err(Error::Unsupported(format!(
            "{} is the topmost group that can be seen here, and it does not hand the \
             controller {} on to new groups (cgroup.subtree_control)",
            seat.folder().display(),
            missing(seat.folder(), &needed).join(", ")
        )));
    };
    let lacking = missing(parent, &needed);
    if lacking.is_empty() {
        return Ok(parent);
    }
    Err(Error::Unsupported(format!(
        "the group {} above the processes' own does not hand the controller {} on to new \
         groups (cgroup.subtree_control)",
        parent.display(),
        lacking.join(", ")
    )))
}

/// Whether this process may make the group there and move processes into it.
pub(super) fn check_base(version: u8, base: &Path) -> Result<()> {
    may_make(base)?;
    match version {
        // The kernel asks for it in the common parent of the old and the new group.
        2 => may_write(&base.join("cgroup.procs")),
        _ => Ok(()),
    }
}

/// A name for a new group that no other has, here or later.
pub(super) fn new_name() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    format!("{PREFIX}{}-{random:016x}", std::process::id())
}

const PREFIX: &str = "usm-";

/// Whether a folder has the name of a group that this library made: what is read back from
/// a journal is believed no further.
pub(super) fn is_ours(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    let Some(rest) = name.and_then(|name| name.strip_prefix(PREFIX)) else {
        return false;
    };
    let is_hex = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match rest.split_once('-') {
        Some((pid, random)) => pid.parse::<u32>().is_ok() && is_hex(random),
        None => false,
    }
}

/// The controllers that `folder` does not hand on to its children.
fn missing<'a>(folder: &Path, needed: &[&'a str]) -> Vec<&'a str> {
    let text = std::fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
    let is_missing = |name: &&&str| !text.split_ascii_whitespace().any(|word| word == **name);
    needed.iter().filter(is_missing).copied().collect()
}

/// In a threaded subtree the threads of a process may be in different groups, and most
/// controllers are not there.
fn check_type(folder: &Path) -> Result<()> {
    match std::fs::read_to_string(folder.join("cgroup.type")) {
        Ok(kind) if kind.trim() != "domain" => Err(Error::Unsupported(format!(
            "{} is part of a threaded subtree (cgroup.type: {})",
            folder.display(),
            kind.trim()
        ))),
        // The root has no such file.
        _ => Ok(()),
    }
}

/// Before Linux 5.11 a group below one without `memory.use_hierarchy` escaped its limit.
fn check_accounting(folder: &Path) -> Result<()> {
    match std::fs::read_to_string(folder.join("memory.use_hierarchy")) {
        Ok(text) if text.trim() == "0" => Err(Error::Unsupported(format!(
            "the memory limit of {} would not hold for groups below it (memory.use_hierarchy \
             is 0)",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::hierarchy::Hierarchies;
    use crate::sample::Roots;

    /// A tree with a mount table; files are given as (path, text).
    fn tree(mountinfo: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Hierarchies) {
        let top = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = top.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("proc/self/mountinfo", mountinfo);
        for (path, text) in files {
            put(path, text);
        }
        let all = Hierarchies::read(&Roots::tree(top.path())).unwrap();
        (top, all)
    }

    fn short(top: &tempfile::TempDir, path: &Path) -> String {
        path.strip_prefix(top.path()).unwrap().display().to_string()
    }

    const V2: &str = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn in_version_2_the_new_group_is_a_sibling_where_the_parent_hands_the_controller_on() {
        let (top, all) = tree(
            V2,
            &[
                (
                    "sys/fs/cgroup/cgroup.subtree_control",
                    "cpu io memory pids\n",
                ),
                (
                    "sys/fs/cgroup/u.slice/cgroup.subtree_control",
                    "cpu memory pids\n",
                ),
                (
                    "sys/fs/cgroup/u.slice/a.service/cgroup.subtree_control",
                    "\n",
                ),
                ("sys/fs/cgroup/u.slice/a.service/cgroup.type", "domain\n"),
            ],
        );
        let seat = all.seat(Kind::Cpu, b"0::/u.slice/a.service\n").unwrap();
        let found = base(&seat, &[Kind::Cpu, Kind::Pids]).unwrap();
        assert_eq!(short(&top, found), "sys/fs/cgroup/u.slice");
        let error = base(&seat, &[Kind::Cpu, Kind::Io]).unwrap_err().to_string();
        assert!(error.contains("controller io on"), "{error}");
        // Freezing needs no controller: below the own group, whose limits go on holding.
        let found = base(&seat, &[Kind::Freezer]).unwrap();
        assert_eq!(short(&top, found), "sys/fs/cgroup/u.slice/a.service");
        // At the root the root itself hands on.
        let seat = all.seat(Kind::Io, b"0::/\n").unwrap();
        assert_eq!(
            short(&top, base(&seat, &[Kind::Io]).unwrap()),
            "sys/fs/cgroup"
        );
    }

    #[test]
    fn a_container_that_sees_only_its_own_leaf_is_told_so() {
        let (_top, all) = tree(
            "30 23 0:26 /docker/01 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
            &[("sys/fs/cgroup/cgroup.subtree_control", "\n")],
        );
        let seat = all.seat(Kind::Memory, b"0::/docker/01\n").unwrap();
        let error = base(&seat, &[Kind::Memory]).unwrap_err().to_string();
        assert!(error.contains("topmost group"), "{error}");
        let error = all.seat(Kind::Memory, b"0::/docker/02\n").unwrap_err();
        assert!(error.to_string().contains("can't be seen"), "{error}");
    }

    #[test]
    fn version_1_goes_below_the_own_group_and_decides_in_a_hybrid() {
        let mounts = "41 31 0:37 /c /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
             42 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
             43 31 0:39 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let (top, all) = tree(
            mounts,
            &[
                ("sys/fs/cgroup/cpu/job/cgroup.procs", ""),
                ("sys/fs/cgroup/unified/cgroup.procs", ""),
                ("sys/fs/cgroup/memory/cgroup.procs", ""),
                ("sys/fs/cgroup/memory/memory.use_hierarchy", "0\n"),
            ],
        );
        let membership = b"5:memory:/\n3:cpu,cpuacct:/c/job\n0::/\n";
        let seat = all.seat(Kind::Cpu, membership).unwrap();
        assert_eq!(seat.version, 1);
        assert_eq!(
            short(&top, base(&seat, &[Kind::Cpu]).unwrap()),
            "sys/fs/cgroup/cpu/job"
        );
        let seat = all.seat(Kind::Memory, membership).unwrap();
        assert!(base(&seat, &[Kind::Memory]).is_err());
        // Not in version 1: version 2 is asked, which has no such controller either.
        let seat = all.seat(Kind::Pids, membership).unwrap();
        assert!(base(&seat, &[Kind::Pids]).is_err());
        assert_eq!(all.freezer_seat(membership).unwrap().version, 2);
        let beside = top.path().join("sys/fs/cgroup/cpu/x");
        assert_eq!(
            all.folder_beside(&beside, membership),
            Some(top.path().join("sys/fs/cgroup/cpu/job"))
        );
    }

    #[test]
    fn a_threaded_group_is_left_alone() {
        let (_top, all) = tree(
            V2,
            &[
                ("sys/fs/cgroup/cgroup.subtree_control", "cpu\n"),
                ("sys/fs/cgroup/t/cgroup.type", "threaded\n"),
            ],
        );
        let seat = all.seat(Kind::Cpu, b"0::/t\n").unwrap();
        assert!(
            base(&seat, &[Kind::Cpu])
                .unwrap_err()
                .to_string()
                .contains("threaded")
        );
    }

    #[test]
    fn nothing_mounted_and_nothing_writable_are_errors_in_words() {
        let (_top, all) = tree("", &[]);
        assert!(all.seat(Kind::Cpu, b"0::/\n").is_err());
        assert!(all.freezer_seat(b"0::/\n").is_err());
        assert!(check_base(1, Path::new("/nonexistent-folder-of-a-test")).is_err());
    }

    #[test]
    fn only_names_of_ours_are_ours() {
        assert!(is_ours(&Path::new("/x").join(new_name())));
        assert_ne!(new_name(), new_name());
        for other in [
            "/",
            "/x/usm-",
            "/x/usm-1-2",
            "/x/user.slice",
            "/x/usm-a-0123456789abcdef",
        ] {
            assert!(!is_ours(Path::new(other)), "{other}");
        }
    }
}
