//! How the scan behaves over time: rates, other processes at the same pid, other programs
//! in the same process, what may not be read.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A helper of tests may do what tests may.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use usm_core::sample::{
    Availability, HostFacts, Moment, ProcessBackend, ProcessSample, ProcessScanner,
    ProcessSettings, ProcessTable, Roots,
};

/// A tree that a test writes, and the scanner that reads it.
struct Scene {
    tree: tempfile::TempDir,
    scanner: ProcessScanner,
    table: ProcessTable,
}

/// What `stat` says of a process.
#[derive(Clone, Copy)]
struct Facts<'a> {
    name: &'a str,
    ticks: u64,
    start: u64,
    code: u64,
}

const PLAIN: Facts<'static> = Facts {
    name: "app",
    ticks: 1000,
    start: 500,
    code: 4096,
};

impl Scene {
    fn new(settings: ProcessSettings) -> Scene {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir(tree.path().join("proc")).unwrap();
        Scene {
            scanner: ProcessScanner::new(&Roots::tree(tree.path()), settings),
            tree,
            table: ProcessTable::default(),
        }
    }

    fn folder(&self, pid: i32) -> PathBuf {
        self.tree.path().join(format!("proc/{pid}"))
    }

    fn write(&self, pid: i32, facts: Facts<'_>) {
        let Facts {
            name,
            ticks,
            start,
            code,
        } = facts;
        std::fs::create_dir_all(self.folder(pid)).unwrap();
        let line = format!(
            "{pid} ({name}) S 1 1 1 0 -1 0 1 2 3 4 {ticks} 0 0 0 20 0 1 0 {start} 0 10 0 {code} 0 0\n"
        );
        self.put(pid, "stat", &line);
    }

    fn put(&self, pid: i32, file: &str, text: &str) {
        std::fs::write(self.folder(pid).join(file), text).unwrap();
    }

    fn io(&self, pid: i32, read: u64, write: u64) {
        self.put(
            pid,
            "io",
            &format!("read_bytes: {read}\nwrite_bytes: {write}\n"),
        );
    }

    fn scan(&mut self, seconds: f64) -> &[ProcessSample] {
        let host = HostFacts {
            page_size_bytes: 4096,
            clock_ticks_per_second: 100,
            logical_cpus: Some(2),
            ..HostFacts::default()
        };
        let moment = Moment {
            unix_seconds: 0.0,
            monotonic_seconds: seconds,
        };
        self.scanner.scan(moment, &host, &mut self.table).unwrap();
        &self.table.list
    }

    fn reports(&self) -> Vec<(Availability, String)> {
        let mut out = Vec::new();
        self.scanner.report(&mut out);
        out.into_iter()
            .map(|r| (r.availability, r.reason.unwrap_or_default()))
            .collect()
    }
}

/// With kept files and without: nothing but the cost may differ.
fn both(test: impl Fn(ProcessSettings)) {
    let default = ProcessSettings::default();
    for kept_files in [0, 100] {
        test(ProcessSettings {
            kept_files,
            ..default.clone()
        });
    }
}

#[test]
fn rates_are_over_the_time_between_two_scans() {
    both(|settings| {
        let mut scene = Scene::new(settings);
        scene.write(7, PLAIN);
        scene.io(7, 1000, 50);
        assert_eq!(scene.scan(10.0)[0].cpu_core_percent, None);
        scene.write(
            7,
            Facts {
                ticks: 1100,
                ..PLAIN
            },
        );
        scene.io(7, 5000, 50);
        let row = scene.scan(12.0)[0].clone();
        assert_eq!(row.cpu_core_percent, Some(50.0));
        assert_eq!(row.cpu_machine_percent, Some(25.0));
        assert_eq!(row.read_bytes_per_sec, Some(2000.0));
        assert_eq!(row.write_bytes_per_sec, Some(0.0));
        assert_eq!(scene.table.interval_seconds, Some(2.0));
    });
}

#[test]
fn there_is_no_rate_when_a_counter_goes_back_or_no_time_has_passed() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.io(7, 1000, 50);
    scene.scan(10.0);
    scene.write(
        7,
        Facts {
            ticks: 900,
            ..PLAIN
        },
    );
    scene.io(7, 999, 60);
    let row = scene.scan(11.0)[0].clone();
    assert_eq!((row.cpu_core_percent, row.read_bytes_per_sec), (None, None));
    assert_eq!(row.write_bytes_per_sec, Some(10.0));
    assert_eq!(scene.scan(11.0)[0].cpu_core_percent, None);
    assert_eq!(scene.scan(10.5)[0].cpu_core_percent, None);
    assert_eq!(scene.scan(11.5)[0].cpu_core_percent, Some(0.0));
}

#[test]
fn no_process_takes_more_than_all_processors() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.scan(10.0);
    scene.write(
        7,
        Facts {
            ticks: 1021,
            ..PLAIN
        },
    );
    assert_eq!(scene.scan(10.1)[0].cpu_core_percent, Some(200.0));
}

#[test]
fn another_process_at_the_same_pid_is_another_one() {
    both(|settings| {
        let mut scene = Scene::new(settings);
        scene.write(7, PLAIN);
        scene.put(7, "cmdline", "app\0first\0");
        scene.scan(10.0);
        scene.put(7, "cmdline", "app\0second\0");
        scene.write(
            7,
            Facts {
                ticks: 2000,
                start: 501,
                ..PLAIN
            },
        );
        let row = scene.scan(11.0)[0].clone();
        assert_eq!(row.start_time_ticks, 501);
        assert_eq!(row.cpu_core_percent, None);
        assert_eq!(row.details.command_line.as_deref(), Some("app second"));
    });
}

#[test]
fn details_are_read_again_after_an_exec_and_shared_until_then() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.put(7, "cmdline", "app\0one\0");
    let first = scene.scan(10.0)[0].details.clone();
    scene.put(7, "cmdline", "app\0two\0");
    let same = scene.scan(11.0)[0].details.clone();
    assert!(std::sync::Arc::ptr_eq(&first, &same));
    scene.write(
        7,
        Facts {
            code: 8192,
            ..PLAIN
        },
    );
    let by_code = scene.scan(12.0)[0].details.clone();
    assert_eq!(by_code.command_line.as_deref(), Some("app two"));
    scene.put(7, "cmdline", "tool\0three\0");
    scene.write(
        7,
        Facts {
            name: "tool",
            code: 8192,
            ..PLAIN
        },
    );
    let by_name = scene.scan(13.0)[0].details.clone();
    assert_eq!(
        (&*by_name.name, by_name.command_line.as_deref()),
        ("tool", Some("tool three"))
    );
}

#[test]
fn a_command_line_that_changes_without_an_exec_is_seen_in_time() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.put(7, "cmdline", "app: starting\0");
    scene.scan(1.0);
    scene.put(7, "cmdline", "app: serving\0");
    let seen = (2..=600).find(|at| {
        let row = &scene.scan(f64::from(*at))[0];
        row.details.command_line.as_deref() == Some("app: serving")
    });
    assert!(seen.is_some());
}

#[test]
fn processes_that_come_and_go_are_followed() {
    both(|settings| {
        let mut scene = Scene::new(settings);
        for pid in [3, 20, 100] {
            scene.write(pid, PLAIN);
        }
        scene.scan(10.0);
        std::fs::remove_dir_all(scene.folder(20)).unwrap();
        for pid in [1, 4, 300] {
            scene.write(pid, PLAIN);
        }
        let list = scene.scan(11.0);
        let seen: Vec<_> = list.iter().map(|r| (r.pid, r.cpu_core_percent)).collect();
        assert_eq!(
            seen,
            [
                (1, None),
                (3, Some(0.0)),
                (4, None),
                (100, Some(0.0)),
                (300, None)
            ]
        );
        // Gone between the listing and the reading.
        std::fs::remove_file(scene.folder(4).join("stat")).unwrap();
        std::fs::remove_dir_all(scene.folder(1)).unwrap();
        scene.scan(12.0);
        scene.scan(13.0);
        assert!(scene.table.list.iter().all(|row| row.pid != 1));
    });
}

#[test]
fn what_is_not_there_is_none_and_what_is_malformed_is_told() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.write(8, PLAIN);
    scene.put(8, "stat", "8 (cut off");
    let list = scene.scan(10.0);
    assert_eq!(list.len(), 1);
    let row = &list[0];
    assert_eq!((row.details.uid, row.read_bytes_total), (None, None));
    assert_eq!(
        (&row.details.cgroup, &row.details.command_line),
        (&None, &None)
    );
    assert_eq!(
        scene.reports()[0],
        (
            Availability::Malformed,
            "malformed for 1 of 2 processes".to_string()
        )
    );
}

#[test]
fn extra_facts_are_read_for_the_first_only_and_not_in_every_scan() {
    let mut scene = Scene::new(ProcessSettings {
        extra_count: 1,
        ..ProcessSettings::default()
    });
    scene.write(10, PLAIN);
    scene.write(20, PLAIN);
    for pid in [10, 20] {
        scene.put(pid, "smaps_rollup", "Rss: 9 kB\nPss: 5 kB\n");
        std::fs::create_dir(scene.folder(pid).join("fd")).unwrap();
        scene.put(pid, "fd/0", "");
    }
    let list = scene.scan(1.0);
    let extra = list[0].extra.unwrap();
    assert_eq!((extra.pss_bytes, extra.open_files), (Some(5120), Some(1)));
    assert_eq!(list[1].extra, None);
    scene.put(10, "smaps_rollup", "Pss: 6 kB\n");
    for scan in 2..=10 {
        assert_eq!(scene.scan(f64::from(scan))[0].extra, Some(extra));
    }
    let later: Vec<_> = (11..=30)
        .map(|at| scene.scan(f64::from(at))[0].extra)
        .collect();
    assert!(
        later
            .iter()
            .any(|extra| extra.unwrap().pss_bytes == Some(6144))
    );
}

#[test]
fn settings_may_change_between_scans() {
    let mut scene = Scene::new(ProcessSettings::default());
    scene.write(7, PLAIN);
    scene.io(7, 1, 2);
    assert_eq!(scene.scan(1.0)[0].read_bytes_total, Some(1));
    scene.scanner.set_settings(ProcessSettings {
        io: false,
        kept_files: 0,
        ..ProcessSettings::default()
    });
    let row = scene.scan(2.0)[0].clone();
    assert_eq!(
        (row.read_bytes_total, row.cpu_core_percent),
        (None, Some(0.0))
    );
    assert_eq!(scene.reports().len(), 1);
}

#[test]
fn a_root_that_is_missing_is_an_error_and_found_again_when_it_appears() {
    let mut scene = Scene::new(ProcessSettings::default());
    let proc_root = scene.tree.path().join("proc");
    std::fs::remove_dir(&proc_root).unwrap();
    let (moment, host) = (Moment::default(), HostFacts::default());
    let error = scene
        .scanner
        .scan(moment, &host, &mut scene.table)
        .unwrap_err();
    assert_eq!(error.kind(), usm_core::ErrorKind::NotFound);
    assert_eq!(scene.reports()[0].0, Availability::Absent);
    scene.write(7, PLAIN);
    assert_eq!(scene.scan(1.0).len(), 1);
}

#[test]
fn the_sysinfo_backend_reads_no_tree_but_the_live_one() {
    let mut scene = Scene::new(ProcessSettings {
        backend: ProcessBackend::Sysinfo,
        ..ProcessSettings::default()
    });
    let (moment, host) = (Moment::default(), HostFacts::default());
    let error = scene
        .scanner
        .scan(moment, &host, &mut scene.table)
        .unwrap_err();
    assert_eq!(error.kind(), usm_core::ErrorKind::Unsupported);
}

/// Runs a test in a thread that has no privilege: modes of files hold there for root too.
/// `false` when it can't be had.
fn without_privilege(test: impl FnOnce() + Send) -> bool {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                use rustix::process::{Uid, geteuid, getuid};
                if geteuid().is_root() {
                    let nobody = Uid::from_raw(65_534);
                    // Of this thread alone; it ends with it.
                    if rustix::thread::set_thread_res_uid(getuid(), nobody, nobody).is_err() {
                        return false;
                    }
                }
                test();
                true
            })
            .join()
            .unwrap()
    })
}

fn set_mode(path: PathBuf, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_hidepid_hides_is_left_out_and_counted_and_refused_io_is_remembered() {
    let mut scene = Scene::new(ProcessSettings::default());
    set_mode(scene.tree.path().into(), 0o755);
    for pid in [5, 6, 7] {
        scene.write(pid, PLAIN);
        scene.io(pid, 100, 200);
    }
    // hidepid=1: the folder is listed, nothing in it may be opened.
    set_mode(scene.folder(5), 0);
    // Another user's process: all but its io.
    set_mode(scene.folder(6).join("io"), 0);
    let scene = &mut scene;
    let ran = without_privilege(|| {
        let list = scene.scan(1.0);
        let seen: Vec<_> = list.iter().map(|r| (r.pid, r.read_bytes_total)).collect();
        assert_eq!(seen, [(6, None), (7, Some(100))]);
        assert_eq!(
            scene.reports(),
            [
                (
                    Availability::Forbidden,
                    "1 of 3 processes may not be read".to_string()
                ),
                (
                    Availability::Forbidden,
                    "refused for 1 of 2 processes".to_string()
                ),
            ]
        );
    });
    if !ran {
        println!("skipped: no way to lay privilege down here");
        return;
    }
    // Allowed by now, but not asked again before the process runs another program.
    set_mode(scene.folder(6).join("io"), 0o644);
    assert_eq!(scene.scan(2.0)[0].read_bytes_total, None);
    scene.write(
        6,
        Facts {
            name: "other",
            ..PLAIN
        },
    );
    assert_eq!(scene.scan(3.0)[0].read_bytes_total, Some(100));
    // A process that refused is tried again from time to time.
    set_mode(scene.folder(5), 0o755);
    let found = (4..50).any(|at| scene.scan(f64::from(at)).len() == 3);
    assert!(found);
}
