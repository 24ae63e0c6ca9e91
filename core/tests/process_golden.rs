//! A tree of awkward processes in, expected rows out: worked out by hand from the files.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A helper of tests may do what tests may.

use std::path::Path;

use usm_core::sample::{
    Availability, HostFacts, Moment, ProcessSample, ProcessScanner, ProcessSettings, ProcessState,
    ProcessTable, Roots,
};

fn scanned() -> (ProcessScanner, ProcessTable) {
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/odd-names");
    let host = HostFacts {
        page_size_bytes: 4096,
        clock_ticks_per_second: 100,
        boot_time_seconds: Some(1_700_000_000.0),
        memory_total_bytes: Some(3000 * 4096 * 8),
        logical_cpus: Some(4),
        ..HostFacts::default()
    };
    let mut scanner = ProcessScanner::new(&Roots::tree(tree), ProcessSettings::default());
    let mut table = ProcessTable::default();
    scanner.scan(Moment::default(), &host, &mut table).unwrap();
    (scanner, table)
}

fn row(table: &ProcessTable, pid: i32) -> &ProcessSample {
    table.list.iter().find(|row| row.pid == pid).unwrap()
}

#[test]
fn every_process_is_listed_and_counted_by_its_state() {
    let (scanner, table) = scanned();
    let pids: Vec<i32> = table.list.iter().map(|row| row.pid).collect();
    assert_eq!(pids, [1, 2, 9, 100, 101, 102, 103, 104, 105, 106]);
    assert_eq!(table.total, 10);
    assert_eq!((table.running, table.sleeping, table.disk_sleep), (1, 5, 1));
    assert_eq!((table.stopped, table.zombie), (2, 1));
    assert_eq!(table.threads, Some(9 + 33));
    assert_eq!(table.interval_seconds, None);
    let mut reports = Vec::new();
    scanner.report(&mut reports);
    assert!(
        reports
            .iter()
            .all(|r| r.availability == Availability::Available)
    );
}

#[test]
fn numbers_are_those_of_the_files() {
    let (_, table) = scanned();
    let init = row(&table, 1);
    assert_eq!(init.parent_pid, 0);
    assert_eq!(init.start_time_ticks, 5);
    assert_eq!(init.start_time_seconds, Some(1_700_000_000.05));
    assert_eq!(init.cpu_seconds_total, 8.0);
    assert_eq!(init.session_id, Some(1));
    assert_eq!(init.children_cpu_seconds_total, Some(1.5));
    assert_eq!(init.children_cpu_core_percent, None);
    assert_eq!(init.rss_bytes, 12_288_000);
    assert_eq!(init.memory_percent, Some(12.5));
    assert_eq!(init.major_faults_total, Some(17));
    assert_eq!(init.read_bytes_total, Some(4096));
    assert_eq!(init.write_bytes_total, Some(8192));
    assert_eq!(init.cpu_core_percent, None);
    assert_eq!(init.read_bytes_per_sec, None);
    assert_eq!(init.details.cgroup.as_deref(), Some("/init.scope"));
    assert_eq!(
        init.details.command_line.as_deref(),
        Some("/sbin/init splash")
    );
    assert_eq!(init.details.user.as_deref(), Some("root"));

    let traced = row(&table, 106);
    assert_eq!(traced.state, ProcessState::Tracing);
    assert_eq!(
        (traced.parent_pid, traced.nice, traced.threads),
        (105, Some(-20), Some(33))
    );
    assert_eq!(traced.cpu_seconds_total, 1.5);
    assert_eq!(traced.rss_bytes, 4096);
}

#[test]
fn names_are_whole_and_safe_to_show() {
    let (_, table) = scanned();
    let name = |pid| row(&table, pid).details.name.to_string();
    assert_eq!(name(100), "a b) R (c");
    assert_eq!(row(&table, 100).state, ProcessState::Running);
    assert_eq!(name(101), "line\\x0aend");
    assert_eq!(name(102), "caf\\xe9");
    assert_eq!(name(105), "ab)");
    let line = |pid| {
        row(&table, pid)
            .details
            .command_line
            .as_deref()
            .map(str::to_string)
    };
    assert_eq!(line(101).unwrap(), "line\\x0aend two");
    assert_eq!(line(102).unwrap(), "/bin/caf\\xe9 \\x1b[2J");
}

#[test]
fn kernel_threads_and_zombies_have_no_command_line() {
    let (_, table) = scanned();
    let worker = row(&table, 9);
    assert!(worker.details.is_kernel_thread && row(&table, 2).details.is_kernel_thread);
    assert_eq!(&*worker.details.name, "kworker/0:1");
    assert_eq!((worker.state, worker.nice), (ProcessState::Idle, Some(-20)));
    assert_eq!(worker.details.command_line, None);
    let zombie = row(&table, 103);
    assert_eq!(zombie.state, ProcessState::Zombie);
    assert!(!zombie.details.is_kernel_thread);
    assert_eq!(zombie.details.command_line, None);
    assert_eq!(zombie.read_bytes_total, None);
}

#[test]
fn secrets_are_masked_and_users_and_groups_are_named_where_known() {
    let (_, table) = scanned();
    let dump = row(&table, 104);
    assert_eq!(
        dump.details.command_line.as_deref(),
        Some("mysqldump -u root -p*** --token *** redis://app:***@cache:6379/0 shop")
    );
    assert_eq!(
        (dump.details.uid, dump.details.user.as_deref()),
        (Some(1001), None)
    );
    assert_eq!(dump.details.cgroup.as_deref(), Some("/docker/abc"));
    let ann = row(&table, 102);
    assert_eq!(
        (ann.details.uid, ann.details.user.as_deref()),
        (Some(1000), Some("ann"))
    );
    assert_eq!(
        ann.details.cgroup.as_deref(),
        Some("/user.slice/user-1000.slice/a:b.scope")
    );
    assert_eq!(row(&table, 105).details.cgroup.as_deref(), Some("/"));
}
