//! Dear facts for a chosen few: the first by CPU and by resident memory.

use std::cmp::Ordering;

use rustix::fs::{AtFlags, RawDir};
use rustix::io::Errno;

use super::files::ProcFiles;
use super::{ProcessExtra, ProcessSample};
use crate::error::{Error, Result};
use crate::sample::Roots;
use crate::sample::parse::{lines, number, words};

/// The first of a list, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    order: Vec<u32>,
    /// Rows of the list, rising, each once.
    pub(super) rows: Vec<u32>,
}

impl Chosen {
    /// Takes the `count` first by CPU and the `count` first by resident memory.
    pub(super) fn choose(&mut self, list: &[ProcessSample], count: usize) {
        self.rows.clear();
        let count = count.min(list.len());
        if count == 0 {
            return;
        }
        let at = |row: &u32| &list[*row as usize];
        let by_cpu = |a: &u32, b: &u32| {
            let percent = |row| at(row).cpu_core_percent.unwrap_or(-1.0);
            percent(b).total_cmp(&percent(a)).then(a.cmp(b))
        };
        let by_rss = |a: &u32, b: &u32| at(b).rss_bytes.cmp(&at(a).rss_bytes).then(a.cmp(b));
        self.take(list.len(), count, by_cpu);
        self.take(list.len(), count, by_rss);
        self.rows.sort_unstable();
        self.rows.dedup();
    }

    fn take(&mut self, length: usize, count: usize, by: impl Fn(&u32, &u32) -> Ordering) {
        self.order.clear();
        self.order.extend(0..length as u32);
        if count < length {
            self.order.select_nth_unstable_by(count - 1, by);
        }
        self.rows.extend_from_slice(&self.order[..count]);
    }
}

/// Reads the extra facts of one process that the caller has chosen.
///
/// # Errors
/// `NotFound` and the like when there is no such process; what may not be read of it is
/// `None`.
pub(super) fn read_chosen(roots: &Roots, pid: i32) -> Result<ProcessExtra> {
    let mut files = ProcFiles::open(&roots.proc_root, 0)?;
    let folder = roots.proc(&pid.to_string());
    if !folder.is_dir() {
        return Err(Error::io(folder, std::io::ErrorKind::NotFound));
    }
    Ok(read(&mut files, pid, &mut Vec::new()))
}

/// Reads the extra facts of one process; what may not be read is `None`.
pub(super) fn read(files: &mut ProcFiles, pid: i32, buffer: &mut Vec<u8>) -> ProcessExtra {
    ProcessExtra {
        pss_bytes: files
            .read_once(pid, "smaps_rollup", usize::MAX, buffer)
            .ok()
            .and_then(pss_bytes),
        open_files: open_files(files, pid, buffer).ok(),
    }
}

/// `Pss:` in `smaps_rollup`, which is in KiB.
fn pss_bytes(text: &[u8]) -> Option<u64> {
    let line = lines(text).find_map(|line| line.strip_prefix(b"Pss:"))?;
    number(words(line).next()?)?.checked_mul(1024)
}

/// Since Linux 6.2 the size of the folder `fd` is the number of its entries; before, and in
/// a captured tree, they are counted.
fn open_files(
    files: &mut ProcFiles,
    pid: i32,
    buffer: &mut Vec<u8>,
) -> std::result::Result<u64, Errno> {
    let folder = files.open_folder(pid, "fd")?;
    if files.is_procfs() {
        let stat = rustix::fs::statat(&folder, c"", AtFlags::EMPTY_PATH)?;
        if stat.st_size > 0 {
            return Ok(stat.st_size as u64);
        }
    }
    let mut count = 0;
    buffer.clear();
    buffer.reserve(crate::sample::source::BUFFER_BYTES);
    // The spare room is what the entries are read into.
    let mut entries = RawDir::new(&folder, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) if entry.file_name().to_bytes()[0].is_ascii_digit() => count += 1,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_by_either_measure_are_chosen_once_each() {
        let list: Vec<ProcessSample> = [(5.0, 10), (0.0, 90), (9.0, 80), (1.0, 1)]
            .iter()
            .map(|(cpu, rss)| ProcessSample {
                cpu_core_percent: Some(*cpu),
                rss_bytes: *rss,
                ..ProcessSample::default()
            })
            .collect();
        let mut chosen = Chosen::default();
        chosen.choose(&list, 2);
        assert_eq!(chosen.rows, [0, 1, 2]);
        chosen.choose(&list, 1);
        assert_eq!(chosen.rows, [1, 2]);
        chosen.choose(&list, 0);
        assert!(chosen.rows.is_empty());
        chosen.choose(&list, 100);
        assert_eq!(chosen.rows, [0, 1, 2, 3]);
        chosen.choose(&[], 3);
        assert!(chosen.rows.is_empty());
    }

    #[test]
    fn pss_is_given_in_bytes() {
        let text = b"55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss: 900 kB\nPss:   123 kB\nPss_Dirty: 5 kB\n";
        assert_eq!(pss_bytes(text), Some(123 * 1024));
        assert_eq!(pss_bytes(b"Rss: 900 kB\n"), None);
    }

    /// A child of this test that sleeps until it is dropped.
    struct Child(std::process::Child);

    impl Drop for Child {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn a_childs_own_memory_and_files_are_counted_in_the_live_tree() {
        let sleep = std::process::Command::new("sleep")
            .arg("600")
            .stdin(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let child = Child(sleep);
        let pid = child.0.id() as i32;
        let mut files = ProcFiles::open(std::path::Path::new("/proc"), 0).unwrap();
        let mut buffer = Vec::new();
        // Between fork and exec the child is still a copy of this program.
        while std::fs::read(format!("/proc/{pid}/comm")).unwrap() != b"sleep\n" {
            std::thread::yield_now();
        }
        let extra = read(&mut files, pid, &mut buffer);
        let counted = std::fs::read_dir(format!("/proc/{pid}/fd"))
            .unwrap()
            .count() as u64;
        assert_eq!(extra.open_files, Some(counted));
        assert!(extra.pss_bytes.unwrap() > 0);
    }
}
