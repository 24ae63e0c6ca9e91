//! The place of a run: a folder on a real disk, and for memory a control group that holds
//! victim and hog alone.

use std::path::{Path, PathBuf};

use super::hogs::Kind;

/// Memory that victim and hog share.
const GROUP_BYTES: u64 = 256 << 20;
/// What the victim reads again and again, and what the hog reads.
const OWN_BYTES: u64 = 128 << 20;
const BIG_BYTES: u64 = 512 << 20;

pub struct Arena {
    folder: tempfile::TempDir,
    group: Option<PathBuf>,
}

impl Arena {
    /// Made beside the build, which is on a disk (`/tmp` may be memory).
    pub fn new(kind: Kind) -> Arena {
        let exe = std::env::current_exe().unwrap();
        let beside = exe.parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix("relief-")
            .tempdir_in(beside)
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        let mut arena = Arena {
            folder,
            group: None,
        };
        if kind == Kind::Memory {
            fill(&arena.folder().join("own"), OWN_BYTES);
            fill(&arena.folder().join("big"), BIG_BYTES);
            arena.group = small_group();
            if arena.group.is_none() {
                println!("  (no control group can be made: victim and hog share all memory)");
            }
        }
        arena
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Moves a process that was just started into the group.
    pub fn take_in(&self, pid: i32) {
        if let Some(group) = &self.group {
            std::fs::write(group.join("cgroup.procs"), pid.to_string()).unwrap();
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if let Some(group) = &self.group
            && let Err(error) = std::fs::remove_dir(group)
        {
            println!("  {}: {error}", group.display());
        }
    }
}

fn fill(path: &Path, bytes: u64) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    let block = vec![3u8; 1 << 20];
    for _ in 0..bytes >> 20 {
        file.write_all(&block).unwrap();
    }
    file.sync_all().unwrap();
}

/// A version 1 memory group with a limit.
fn small_group() -> Option<PathBuf> {
    let membership = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let line = membership.lines().find(|line| {
        line.split(':')
            .nth(1)
            .is_some_and(|c| c.split(',').any(|c| c == "memory"))
    })?;
    let own = line.splitn(3, ':').nth(2)?.trim_start_matches('/');
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mount = mounts.lines().find(|line| {
        line.split(" - ")
            .nth(1)
            .is_some_and(|tail| tail.starts_with("cgroup ") && tail.contains("memory"))
    })?;
    let point = mount.split(' ').nth(4)?;
    let group = Path::new(point)
        .join(own)
        .join(format!("relief-{}", std::process::id()));
    std::fs::create_dir(&group).ok()?;
    if std::fs::write(group.join("memory.limit_in_bytes"), GROUP_BYTES.to_string()).is_err() {
        let _ = std::fs::remove_dir(&group);
        return None;
    }
    Some(group)
}
