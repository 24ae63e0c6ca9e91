//! Trees, rules and guards for the tests of cleaning.
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use usm_core::act::cleanup::{
    Cleaned, Kind, Owner, Preview, Quarantine, Reason, Rule, Settings, clean, preview,
};
use usm_core::sample::Roots;

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A rule for everything below a folder, whatever its age.
pub fn rule(root: &Path) -> Rule {
    Rule {
        name: "test".into(),
        about: String::new(),
        root: root.to_path_buf(),
        patterns: Vec::new(),
        exclude: Vec::new(),
        keep: Vec::new(),
        min_age_seconds: 0.0,
        owner: Owner::Me,
        kind: Kind::Cache,
        regenerable: false,
        source: "test".into(),
    }
}

pub fn look(rule: &Rule) -> Preview {
    preview(
        &Roots::default(),
        std::slice::from_ref(rule),
        &Settings::default(),
        &(),
    )
    .unwrap()
}

pub fn act(rule: &Rule) -> Cleaned {
    let settings = Settings::default();
    let rules = std::slice::from_ref(rule);
    clean(&Roots::default(), rules, &settings, &mut |_| Ok(()), &()).unwrap()
}

pub fn made(cleaned: &Cleaned) -> Quarantine {
    let made = cleaned.rules[0].quarantine.clone().unwrap();
    // As it comes back from a journal.
    serde_json::from_str(&serde_json::to_string(&made).unwrap()).unwrap()
}

pub fn skipped(cleaned: &Cleaned, reason: Reason) -> u64 {
    let count = cleaned.rules[0].skipped.get(&reason);
    count.copied().unwrap_or(0)
}

pub fn write(path: PathBuf, text: &str) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// Kind, mode, owner, time of content and content of everything below a folder; quarantines
/// left out.
pub type Tree = BTreeMap<Vec<u8>, (u32, u32, (i64, i64), Vec<u8>)>;

pub fn tree(root: &Path) -> Tree {
    let mut all = Tree::new();
    let mut left = vec![root.to_path_buf()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path
                .strip_prefix(root)
                .unwrap()
                .as_os_str()
                .as_bytes()
                .to_vec();
            if below.starts_with(b".usm-quarantine-") {
                continue;
            }
            let meta = std::fs::symlink_metadata(&path).unwrap();
            let content = if meta.is_symlink() {
                std::fs::read_link(&path)
                    .unwrap()
                    .as_os_str()
                    .as_bytes()
                    .to_vec()
            } else if meta.is_dir() {
                left.push(path);
                Vec::new()
            } else {
                std::fs::read(&path).unwrap()
            };
            let time = (meta.mtime(), meta.mtime_nsec());
            all.insert(below, (meta.mode(), meta.uid(), time, content));
        }
    }
    all
}

/// Times of content of files only: folders that stay are changed by what goes in and out.
pub fn without_folder_times(mut tree: Tree) -> Tree {
    for (mode, _, time, _) in tree.values_mut() {
        if *mode & 0o170_000 == 0o040_000 {
            *time = (0, 0);
        }
    }
    tree
}

pub fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A mount that goes with its guard.
pub struct Mounted(PathBuf);

impl Mounted {
    /// `None` where this user may not mount.
    pub fn new(arguments: &[&str], at: &Path) -> Option<Mounted> {
        let mut mount = Command::new("mount");
        let done = mount.args(arguments).arg(at).output().ok()?;
        done.status.success().then(|| Mounted(at.to_path_buf()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        for _ in 0..100 {
            let done = Command::new("umount").arg(&self.0).output();
            if done.is_ok_and(|done| done.status.success()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}
