//! What limits depend on: the disks of this host, and the quota that a group has already.

use std::path::Path;

use crate::sample::Roots;

/// The whole disks of this host, name and `major:minor`, ascending: what can hold data and is
/// no device made of memory or of a file.
pub(super) fn disks(roots: &Roots) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(roots.sys("block")) else {
        return Vec::new();
    };
    let mut found: Vec<(String, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_real = !["loop", "ram", "zram", "fd", "sr"]
                .iter()
                .any(|kind| name.strip_prefix(kind).is_some_and(is_number));
            let read = |file: &str| std::fs::read_to_string(entry.path().join(file)).ok();
            let is_empty = read("size").is_some_and(|size| size.trim() == "0");
            let device = read("dev").filter(|_| is_real && !is_empty)?;
            let (major, minor) = device.trim().split_once(':')?;
            (is_number(major) && is_number(minor)).then(|| (name, device.trim().to_owned()))
        })
        .collect();
    found.sort_unstable();
    found
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The quota that a version 1 group has, percent of one core; `None` without one.
pub(super) fn quota_percent(folder: &Path) -> Option<f64> {
    let read = |file: &str| -> Option<f64> {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        text.trim().parse().ok()
    };
    let quota = read("cpu.cfs_quota_us").filter(|quota| *quota > 0.0)?;
    let period = read("cpu.cfs_period_us").filter(|period| *period > 0.0)?;
    Some(quota / period * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_are_whole_and_real() {
        let top = tempfile::tempdir().unwrap();
        for (name, dev, size) in [
            ("sda", "8:0\n", "100\n"),
            ("nvme0n1", "259:0\n", "9\n"),
            ("loop0", "7:0\n", "8\n"),
            ("zram0", "253:0\n", "8\n"),
            ("sdb", "8:16\n", "0\n"),
            ("ramses", "9:1\n", "5\n"),
            ("odd", "no number\n", "5\n"),
        ] {
            let folder = top.path().join("sys/block").join(name);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("dev"), dev).unwrap();
            std::fs::write(folder.join("size"), size).unwrap();
        }
        let found = disks(&Roots::tree(top.path()));
        let found: Vec<(&str, &str)> = found.iter().map(|d| (&*d.0, &*d.1)).collect();
        assert_eq!(
            found,
            [("nvme0n1", "259:0"), ("ramses", "9:1"), ("sda", "8:0")]
        );
        assert!(disks(&Roots::tree(top.path().join("nothing"))).is_empty());
    }

    #[test]
    fn a_quota_is_read_and_none_is_none() {
        let top = tempfile::tempdir().unwrap();
        assert_eq!(quota_percent(top.path()), None);
        std::fs::write(top.path().join("cpu.cfs_period_us"), "50000\n").unwrap();
        std::fs::write(top.path().join("cpu.cfs_quota_us"), "-1\n").unwrap();
        assert_eq!(quota_percent(top.path()), None);
        std::fs::write(top.path().join("cpu.cfs_quota_us"), "75000\n").unwrap();
        assert_eq!(quota_percent(top.path()), Some(150.0));
    }
}
