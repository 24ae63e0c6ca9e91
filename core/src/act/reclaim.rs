//! Memory taken back from a control group by the kernel: version 2 `memory.reclaim`.

use std::path::Path;

use super::group_move::{groups_in, pids_in, write_existing};
use super::hierarchy::{Hierarchies, Kind};
use super::{Door, ProcessId, Scope};
use crate::error::{Error, Result};

/// The kernel could not take back as much as was asked for.
const EAGAIN: i32 = 11;

/// Asks the kernel to take `bytes` back from the group that `/proc/PID/cgroup` shows as
/// `cgroup_path`, and answers in words what came of it.
///
/// # Errors
/// `Refused` unless every process of the group may be touched; `Unsupported` where the
/// kernel has no such file; the system's own.
pub(crate) fn reclaim(cgroup_path: &str, bytes: u64, door: &Door) -> Result<String> {
    let folder = check(cgroup_path, bytes, door)?;
    admit_all(&folder, door)?;
    let before = current(&folder);
    let file = folder.join("memory.reclaim");
    let partly = match write_existing(&file, &bytes.to_string()) {
        Ok(()) => "",
        Err(e) if e.raw_os_error() == Some(EAGAIN) => " (less than was asked for)",
        Err(e) => return Err(Error::io(&file, e)),
    };
    Ok(match (before, current(&folder)) {
        (Some(before), Some(after)) => format!(
            "{bytes} bytes asked back from {cgroup_path}: it held {before} bytes and holds \
             {after} now{partly}"
        ),
        _ => format!("{bytes} bytes asked back from {cgroup_path}{partly}"),
    })
}

/// Whether it can be done here at all; answers the group's folder. Nothing is changed.
///
/// # Errors
/// As [`reclaim`].
pub(crate) fn check(cgroup_path: &str, bytes: u64, door: &Door) -> Result<std::path::PathBuf> {
    if bytes == 0 {
        return Err(Error::invalid("bytes", bytes, "more than 0"));
    }
    let hierarchies = Hierarchies::read(&door.roots)?;
    let found = hierarchies.folder_of_path(Kind::Memory, cgroup_path);
    let Some((version, folder)) = found else {
        return Err(Error::NotFound {
            path: cgroup_path.into(),
            source: std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "no such control group can be seen here",
            ),
        });
    };
    if version == 1 {
        return Err(Error::Unsupported(
            "version 1 groups have no memory.reclaim; memory.force_empty is for groups without \
             processes"
                .into(),
        ));
    }
    let file = folder.join("memory.reclaim");
    if !file.exists() {
        return Err(Error::Unsupported(format!(
            "{} is not there: it needs Linux 5.19 and the memory controller in this group",
            file.display()
        )));
    }
    super::hierarchy::may_write(&file)?;
    Ok(folder)
}

fn admit_all(folder: &Path, door: &Door) -> Result<()> {
    let mut folders = vec![folder.to_path_buf()];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for pid in pids_in(&folder)? {
            let admitted = ProcessId::now(&door.roots, pid).and_then(|process| door.admit(process));
            match admitted {
                Ok(_) => count += 1,
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        folders.extend(groups_in(&folder));
    }
    // What is left of an empty group says nothing of whose it was.
    match count > 0 || door.scope == Scope::Machine {
        true => Ok(()),
        false => Err(Error::Refused(format!(
            "no process in {} shows that it is in the scope",
            folder.display()
        ))),
    }
}

fn current(folder: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(folder.join("memory.current")).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Roots;

    fn door(top: &Path, mountinfo: &str, files: &[&str]) -> Door {
        let put = |path: &str, text: &str| {
            let path = top.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("proc/self/mountinfo", mountinfo);
        for file in files {
            put(file, "");
        }
        Door {
            roots: Roots::tree(top),
            scope: Scope::User(65_534),
            protected: Vec::new(),
        }
    }

    #[test]
    fn what_can_not_be_done_is_said_before() {
        let top = tempfile::tempdir().unwrap();
        let v1 = "43 31 0:39 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let door = door(
            top.path(),
            v1,
            &["sys/fs/cgroup/memory/a/memory.force_empty"],
        );
        let error = check("/a", 1, &door).unwrap_err();
        assert!(error.to_string().contains("memory.reclaim"), "{error}");
        assert!(matches!(check("/b", 1, &door), Err(Error::NotFound { .. })));
        assert!(matches!(
            check("/../a", 1, &door),
            Err(Error::NotFound { .. })
        ));
        assert!(check("/a", 0, &door).is_err());
    }

    #[test]
    fn an_empty_group_is_in_no_scope_and_a_strange_process_refuses() {
        let top = tempfile::tempdir().unwrap();
        let v2 = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let file = "sys/fs/cgroup/a/memory.reclaim";
        let mut door = door(top.path(), v2, &[file, "sys/fs/cgroup/a/cgroup.procs"]);
        check("/a", 1, &door).unwrap();
        assert!(matches!(reclaim("/a", 1, &door), Err(Error::Refused(_))));
        assert_eq!(std::fs::read_to_string(top.path().join(file)).unwrap(), "");
        door.scope = Scope::Machine;
        assert!(reclaim("/a", 4096, &door).unwrap().contains("4096 bytes"));
        assert_eq!(
            std::fs::read_to_string(top.path().join(file)).unwrap(),
            "4096"
        );
        let error = check("/", 1, &door).unwrap_err();
        assert!(error.to_string().contains("5.19"), "{error}");
    }
}
