//! When the program runs out of files, the scan gives its own back and goes on. The only
//! test of its program, since it lowers the limit of the whole process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A helper of tests may do what tests may.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use usm_core::sample::{
    Availability, HostFacts, Moment, ProcessScanner, ProcessSettings, ProcessTable, Roots,
};

const PROCESSES: usize = 100;

#[test]
fn all_processes_are_read_when_few_files_may_be_open() {
    let tree = tempfile::tempdir().unwrap();
    for pid in 1..=PROCESSES {
        let folder = tree.path().join(format!("proc/{pid}"));
        std::fs::create_dir_all(&folder).unwrap();
        let stat = format!(
            "{pid} (worker) S 1 1 1 0 -1 4194304 1 2 3 4 5 7 0 0 20 0 1 0 55 4096 10 99 8192 9 0\n"
        );
        std::fs::write(folder.join("stat"), stat).unwrap();
        std::fs::write(folder.join("io"), "read_bytes: 1\nwrite_bytes: 2\n").unwrap();
        std::fs::write(folder.join("status"), "Uid:\t7\t7\t7\t7\n").unwrap();
    }
    let before = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(40),
            maximum: before.maximum,
        },
    )
    .unwrap();
    let settings = ProcessSettings {
        kept_files: usize::MAX,
        ..ProcessSettings::default()
    };
    let mut scanner = ProcessScanner::new(&Roots::tree(tree.path()), settings);
    let mut table = ProcessTable::default();
    for seconds in 1..=3 {
        let moment = Moment {
            unix_seconds: 0.0,
            monotonic_seconds: f64::from(seconds),
        };
        scanner
            .scan(moment, &HostFacts::default(), &mut table)
            .unwrap();
        assert_eq!(table.total, PROCESSES);
    }
    assert!(table.list.iter().all(|row| row.details.uid == Some(7)));
    assert!(table.list.iter().all(|row| row.read_bytes_total == Some(1)));
    // The program has room for files of its own again.
    let own: Vec<_> = (0..8).map(|_| std::fs::File::open(tree.path())).collect();
    assert!(own.iter().all(Result::is_ok));
    let mut reports = Vec::new();
    scanner.report(&mut reports);
    assert!(
        reports
            .iter()
            .all(|r| r.availability == Availability::Available)
    );
    setrlimit(Resource::Nofile, before).unwrap();
}
