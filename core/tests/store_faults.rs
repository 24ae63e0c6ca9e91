//! The store against the hard faults: killed at any moment, forked, a full disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

mod small_disk;

use rusqlite::Connection;
use small_disk::SmallDisk;
use usm_core::ErrorKind;
use usm_core::store::{EventRow, Row, Store, StoreReader, StoreSettings, StoreStatus};

const PATIENCE: Duration = Duration::from_secs(60);
/// Room for a file of a monitor with all its tables, and for a copy.
const DISK_KIB: u32 = 1024;

fn event(number: u64, bytes: usize) -> Row {
    Row::Event(EventRow {
        event_type: number.to_string().into(),
        event_data: Some("e".repeat(bytes)),
        severity: None,
        component_name: None,
        timestamp: Some(number as f64),
    })
}

fn settings(folder: &Path) -> StoreSettings {
    StoreSettings {
        commit_interval: Duration::from_millis(2),
        // The stamps are numbers here, as old as can be.
        retention: Duration::from_secs(u64::from(u32::MAX)),
        ..StoreSettings::new(folder)
    }
}

const CHILD_FOLDER: &str = "USM_TEST_KILLED_CHILD_FOLDER";
const CHILD_START: &str = "USM_TEST_KILLED_CHILD_START";

/// One test at a time: a forked child inherits what the other threads of this program hold
/// at that moment, be it SQLite's own locks or a file on a disk about to be remounted.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Not a test by itself: the child that the tests below start and kill.
#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let start: u64 = std::env::var(CHILD_START).unwrap().parse().unwrap();
    let store = Store::open(settings(Path::new(&folder))).unwrap();
    let mut out = std::io::stdout();
    for number in start.. {
        store.append(event(number, (number * 37 % 5000) as usize));
        if number % 7 == 0 && store.flush(PATIENCE).is_ok() {
            // The parent's end may be gone already: it kills us next.
            if writeln!(out, "confirmed {number}")
                .and_then(|()| out.flush())
                .is_err()
            {
                return;
            }
        }
    }
}

/// A process that appends rows numbered from `start` on and says which are committed.
fn child_that_writes(folder: &Path, start: u64) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["child_that_is_killed", "--exact", "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .env(CHILD_START, start.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn two_processes_write_one_database_and_both_keep_their_rows() {
    const THEIRS: u64 = 1_000_001;
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut child = child_that_writes(folder.path(), THEIRS);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut confirmed = lines.map_while(Result::ok).filter_map(|line| {
        line.strip_prefix("confirmed ")
            .map(|number| number.parse::<u64>().unwrap())
    });
    let first = confirmed.next().expect("the child writes");
    let store = Store::open(settings(folder.path())).unwrap();
    for number in 1..=200 {
        store.append(event(number, 1000));
        if number % 10 == 0 {
            store.flush(PATIENCE).unwrap();
        }
    }
    let path = store.path().to_path_buf();
    store.close().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let last = confirmed.last().unwrap_or(first);
    let file = Connection::open(path).unwrap();
    let count = |from: u64, to: u64| -> u64 {
        file.query_row(
            "SELECT count(*) FROM integration_events \
             WHERE CAST(event_type AS INTEGER) BETWEEN ?1 AND ?2",
            [from as i64, to as i64],
            |row| row.get::<_, i64>(0),
        )
        .unwrap() as u64
    };
    assert_eq!(count(1, 200), 200);
    assert_eq!(count(THEIRS, last), last - THEIRS + 1);
}

/// `USM_SOAK_LOOPS=1000` makes it a soak test.
#[test]
fn kill_9_at_any_moment_loses_nothing_that_was_confirmed_and_never_the_file() {
    let _alone = alone();
    let loops = std::env::var("USM_SOAK_LOOPS").map_or(10, |n| n.parse::<u64>().unwrap());
    let mut folder = tempfile::tempdir().unwrap();
    let mut next = 1;
    for round in 0..loops {
        if round % 50 == 49 {
            // Before the size cap takes the oldest rows, which is not what is tried here.
            folder = tempfile::tempdir().unwrap();
            next = 1;
        }
        let mut child = child_that_writes(folder.path(), next);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed somewhere after a varying number of confirmed commits.
        let commits = 1 + round * 13 % 40;
        let mut confirmed = 0;
        let mut seen = 0;
        for line in lines.by_ref() {
            if let Some(number) = line.unwrap().strip_prefix("confirmed ") {
                confirmed = number.parse::<u64>().unwrap();
                seen += 1;
                if seen > commits {
                    break;
                }
            }
        }
        std::thread::sleep(Duration::from_micros(round * 7919 % 3000));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9), "killed, not ended");
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("confirmed ") {
                confirmed = number.parse().unwrap();
            }
        }
        assert!(confirmed > 0);

        let path = folder.path().join(usm_core::store::DATABASE_NAME);
        let file = Connection::open(&path).unwrap();
        let check: String = file
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok", "round {round}");
        let (rows, last): (u64, u64) = file
            .query_row(
                "SELECT count(DISTINCT event_type), max(CAST(event_type AS INTEGER)) \
                 FROM integration_events",
                [],
                |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
            )
            .unwrap();
        assert!(last >= confirmed, "round {round}: {last} < {confirmed}");
        assert_eq!(rows, last, "round {round}: rows in between are missing");
        next = last + 1;
    }
}

#[test]
#[allow(unsafe_code)] // fork has no safe form
fn a_forked_child_neither_hangs_nor_touches_the_parents_store() {
    let folder = tempfile::tempdir().unwrap();
    let other_folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    store.append(event(1, 10));
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(store.path()).unwrap();
    let path = store.path().to_path_buf();
    // SAFETY: the child uses the C library's allocator, which is made safe for fork, our
    // handles, and ends by _exit without running the test harness.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: sets a timer only; a hang ends the child by SIGALRM.
        unsafe { libc::alarm(60) };
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.append(event(2, 10));
            let forked =
                |error: usm_core::Error| assert_eq!(error.kind(), ErrorKind::Forked, "{error}");
            forked(store.flush(PATIENCE).unwrap_err());
            forked(reader.latest_state().unwrap_err());
            assert_eq!(store.health().status, StoreStatus::Degraded);
            drop(reader);
            drop(store);
            // The inherited file may not be opened, another one may.
            assert!(StoreReader::open(&path).is_err());
            let own = Store::open(settings(folder.path())).unwrap();
            assert!(own.health().cause.as_deref().unwrap().contains("forked"));
            drop(own);
            let own = Store::open(settings(other_folder.path())).unwrap();
            own.append(event(3, 10));
            own.flush(PATIENCE).unwrap();
            own.close().unwrap();
        }));
        // SAFETY: ends the child at once, without destructors of the parent's objects.
        unsafe { libc::_exit(i32::from(refused.is_err())) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` lives across the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!((waited, status), (child, 0), "the child's assertions");
    store.append(event(4, 10));
    store.flush(PATIENCE).unwrap();
    assert_eq!(reader.events(0.0, 10).unwrap().len(), 2);
    drop(reader);
    store.close().unwrap();
}

#[test]
fn a_full_disk_degrades_and_all_that_waited_is_written_when_there_is_room() {
    let _alone = alone();
    let Some(disk) = SmallDisk::with_kib(DISK_KIB) else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let ballast = disk.path().join("ballast");
    let store = Store::open(settings(disk.path())).unwrap();
    store.append(event(1, 10));
    store.flush(PATIENCE).unwrap();
    std::fs::write(&ballast, vec![1; 300 << 10]).unwrap();
    let mut appended = 1;
    let error = loop {
        appended += 1;
        store.append(event(appended, 4000));
        if let Err(error) = store.flush(PATIENCE) {
            break error;
        }
        assert!(appended < 1000, "the disk never filled up");
    };
    assert!(error.to_string().contains("full"), "{error}");
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Degraded);
    assert_eq!(health.rows_waiting, 1);
    appended += 1;
    store.append(event(appended, 10));
    std::fs::remove_file(&ballast).unwrap();
    store.flush(PATIENCE).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Ok);
    assert_eq!((health.rows_written, health.rows_dropped), (appended, 0));
    let file = Connection::open(store.path()).unwrap();
    let check: String = file
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    drop(file);
    store.close().unwrap();
}

#[test]
fn a_read_only_file_system_degrades_and_heals() {
    let _alone = alone();
    let Some(disk) = SmallDisk::with_kib(DISK_KIB) else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    Store::open(settings(disk.path())).unwrap().close().unwrap();
    disk.remount("ro");
    let store = Store::open(settings(disk.path())).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Degraded);
    assert!(
        health.cause.as_deref().unwrap().contains("os error 30"),
        "{health:?}"
    );
    store.append(event(1, 10));
    assert!(store.flush(PATIENCE).is_err());
    disk.remount("rw");
    store.flush(PATIENCE).unwrap();
    assert_eq!(store.health().rows_written, 1);
    store.close().unwrap();
}
