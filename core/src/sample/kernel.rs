//! What the kernel has of everybody together: open files and tasks against their limits, and
//! its clock. `/proc/sys/fs/file-nr`, `/proc/sys/kernel/threads-max`, `pid_max`, adjtimex(2).

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::parse::{number, trim, words};
use super::rates::percent_of;
use super::source::KeptFile;
use super::{Moment, Roots, SourceReport, Tick};
use crate::sys;

/// Ticks between two looks at what seldom changes.
const SELDOM_EVERY: u32 = 30;

/// Tables of the kernel and its clock. A field is `None` where the kernel does not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct KernelSample {
    /// Open files of all processes (`file-nr`, first number less the second).
    pub open_files: Option<u64>,
    /// Most of them that are allowed (`file-nr`, third number).
    pub open_files_limit: Option<u64>,
    /// 100 · open files / limit.
    pub open_files_percent: Option<f64>,
    /// Most tasks, threads counted: the lesser of `threads-max` and `pid_max`.
    pub task_limit: Option<u64>,
    /// 100 · tasks / limit.
    pub task_percent: Option<f64>,
    /// The clock is kept right by others (adjtimex(2) without `STA_UNSYNC`); `None` where
    /// that may not be asked, and for a captured tree.
    pub clock_is_synchronised: Option<bool>,
    /// How far the wall clock was set forward (or with a negative number back) since the
    /// previous sample, beside the time that went by.
    pub clock_jump_seconds: Option<f64>,
}

/// Reads [`KernelSample`] each tick.
#[derive(Debug)]
pub(crate) struct KernelReader {
    file_nr: KeptFile,
    threads_max: KeptFile,
    pid_max: KeptFile,
    /// The roots are those of this machine.
    is_live: bool,
    seldom_in: u32,
    task_limit: Option<u64>,
    clock_is_synchronised: Option<bool>,
    previous: Option<Moment>,
}

impl KernelReader {
    pub(crate) fn new(roots: &Roots) -> KernelReader {
        let file = |name: &str, gives| KeptFile::new(roots.proc(name), gives).with_short_records();
        KernelReader {
            file_nr: file("sys/fs/file-nr", "open files of the machine"),
            threads_max: file("sys/kernel/threads-max", "limit of tasks"),
            pid_max: file("sys/kernel/pid_max", "limit of process ids"),
            is_live: roots.proc_root == Path::new("/proc"),
            seldom_in: 0,
            task_limit: None,
            clock_is_synchronised: None,
            previous: None,
        }
    }

    /// `tasks`: those that there are, threads counted.
    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        tasks: Option<u64>,
        into: &mut KernelSample,
    ) {
        *into = KernelSample::default();
        if self.seldom_in == 0 {
            self.seldom_in = SELDOM_EVERY;
            let limits = [
                one_number(&mut self.threads_max, buffer),
                one_number(&mut self.pid_max, buffer),
            ];
            self.task_limit = limits.into_iter().flatten().min();
            self.clock_is_synchronised = match self.is_live {
                true => sys::clock_is_synchronised(),
                false => None,
            };
        }
        self.seldom_in -= 1;
        if let Some(text) = self.file_nr.read(buffer) {
            match parse_file_nr(text) {
                Some((open, limit)) => {
                    into.open_files = Some(open);
                    into.open_files_limit = Some(limit);
                    into.open_files_percent = percent_of(open as f64, limit as f64);
                }
                None => self.file_nr.malformed("`ALLOCATED UNUSED LIMIT`"),
            }
        }
        into.task_limit = self.task_limit;
        into.task_percent = tasks
            .zip(self.task_limit)
            .and_then(|(tasks, limit)| percent_of(tasks as f64, limit as f64));
        into.clock_is_synchronised = self.clock_is_synchronised;
        let now = tick.moment;
        into.clock_jump_seconds = self.previous.zip(tick.elapsed_seconds).map(|(then, _)| {
            let by_wall = now.unix_seconds - then.unix_seconds;
            by_wall - (now.monotonic_seconds - then.monotonic_seconds)
        });
        self.previous = Some(now);
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        let files = [&self.file_nr, &self.threads_max, &self.pid_max];
        out.extend(files.map(KeptFile::report));
    }
}

fn one_number(file: &mut KeptFile, buffer: &mut Vec<u8>) -> Option<u64> {
    let value = number(trim(file.read(buffer)?));
    if value.is_none() {
        file.malformed("a number");
    }
    value
}

/// Open files and their limit.
fn parse_file_nr(text: &[u8]) -> Option<(u64, u64)> {
    let mut numbers = words(text).map(number);
    let (allocated, unused, limit) = (numbers.next()??, numbers.next()??, numbers.next()??);
    Some((allocated.checked_sub(unused)?, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::HostFacts;
    use crate::sample::source::Availability;
    use proptest::prelude::*;

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Roots) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let roots = Roots {
            proc_root: folder.path().to_path_buf(),
            ..Roots::default()
        };
        (folder, roots)
    }

    fn read(reader: &mut KernelReader, unix: f64, monotonic: f64) -> KernelSample {
        let host = HostFacts::default();
        let tick = Tick {
            moment: Moment {
                unix_seconds: unix,
                monotonic_seconds: monotonic,
            },
            elapsed_seconds: reader
                .previous
                .map(|then| monotonic - then.monotonic_seconds),
            host: &host,
        };
        let mut sample = KernelSample::default();
        reader.read(&tick, &mut Vec::new(), Some(300), &mut sample);
        sample
    }

    #[test]
    fn files_and_tasks_are_held_against_their_limits() {
        let (_folder, roots) = tree(&[
            ("sys/fs/file-nr", "1200\t200\t4000\n"),
            ("sys/kernel/threads-max", "15000\n"),
            ("sys/kernel/pid_max", "3000\n"),
        ]);
        let sample = read(&mut KernelReader::new(&roots), 1000.0, 10.0);
        assert_eq!(
            (sample.open_files, sample.open_files_limit),
            (Some(1000), Some(4000))
        );
        assert_eq!(sample.open_files_percent, Some(25.0));
        assert_eq!(
            (sample.task_limit, sample.task_percent),
            (Some(3000), Some(10.0))
        );
        assert_eq!(
            sample.clock_is_synchronised, None,
            "a captured tree has no clock"
        );
    }

    #[test]
    fn a_jump_is_what_the_wall_clock_went_beside_the_time() {
        let (_folder, roots) = tree(&[]);
        let mut reader = KernelReader::new(&roots);
        assert_eq!(read(&mut reader, 1000.0, 10.0).clock_jump_seconds, None);
        assert_eq!(
            read(&mut reader, 1001.0, 11.0).clock_jump_seconds,
            Some(0.0)
        );
        assert_eq!(
            read(&mut reader, 4602.0, 12.0).clock_jump_seconds,
            Some(3600.0)
        );
        assert_eq!(
            read(&mut reader, 4598.0, 13.0).clock_jump_seconds,
            Some(-5.0)
        );
    }

    #[test]
    fn what_can_not_be_read_is_not_known_and_told() {
        let (_folder, roots) = tree(&[("sys/fs/file-nr", "12 13 14"), ("sys/kernel/pid_max", "x")]);
        let mut reader = KernelReader::new(&roots);
        let sample = read(&mut reader, 0.0, 0.0);
        assert_eq!(sample, KernelSample::default());
        let mut reports = Vec::new();
        reader.report(&mut reports);
        let found: Vec<Availability> = reports.iter().map(|r| r.availability).collect();
        assert_eq!(
            found,
            [
                Availability::Malformed,
                Availability::Absent,
                Availability::Malformed
            ]
        );
    }

    #[test]
    fn this_machine_tells_its_open_files() {
        let Ok(text) = std::fs::read("/proc/sys/fs/file-nr") else {
            return;
        };
        let (open, limit) = parse_file_nr(&text).unwrap();
        assert!(open > 0 && limit >= open);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse_file_nr(&text);
        }
    }
}
