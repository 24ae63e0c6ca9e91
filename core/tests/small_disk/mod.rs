//! A small file system, half a megabyte as a rule, to be filled up or made read-only. Root
//! only.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Unmounts at the end, however the test ends.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    #[allow(dead_code)] // Not every test that mounts one takes the usual size.
    pub fn mount() -> Option<SmallDisk> {
        SmallDisk::with_kib(512)
    }

    pub fn with_kib(kib: u32) -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={kib}k,mode=700"))
            .arg("tmpfs")
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then(|| SmallDisk(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    #[allow(dead_code)] // Not every test that mounts one does.
    pub fn remount(&self, option: &str) {
        let option = format!("remount,{option}");
        until_not_busy(|| {
            let mut mount = Command::new("mount");
            mount
                .args(["-o", &option])
                .arg(self.0.path())
                .output()
                .unwrap()
        });
    }
}

/// The kernel lets go of a closed or deleted file a little later; until then it calls the disk
/// busy.
fn until_not_busy(command: impl Fn() -> std::process::Output) {
    let mut done = command();
    for _ in 0..250 {
        if done.status.success() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
        done = command();
    }
    panic!("{done:?}");
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        until_not_busy(|| Command::new("umount").arg(self.0.path()).output().unwrap());
    }
}
