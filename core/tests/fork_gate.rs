//! A child forked while other threads are in the midst of SQLite can open databases of its own:
//! or is told that it can't, and never hangs. A test program of its own, and one test at a time:
//! what other threads of this program do with SQLite past the library would spoil it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program
#![allow(unsafe_code)] // fork has no safe form

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use usm_core::ErrorKind;
use usm_core::store::{
    EventRow, JournalRow, Ledger, Row, Store, StoreReader, StoreSettings, StoreStatus,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a child answers by its exit status.
const WORKED: i32 = 0;
const REFUSED: i32 = 3;

fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn event(number: usize) -> Row {
    Row::Event(EventRow {
        event_type: "fork".into(),
        event_data: Some("e".repeat(number * 37 % 5000)),
        severity: None,
        component_name: None,
        timestamp: Some(number as f64),
    })
}

fn settings(folder: &Path) -> StoreSettings {
    StoreSettings {
        commit_interval: Duration::ZERO,
        ..StoreSettings::new(folder)
    }
}

/// Forks, has the child do `work`, and returns the status with which it ended.
fn status_of_child(work: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child uses the C library's allocator, which is made safe for fork, our
    // handles, and ends by _exit without running the test harness.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: sets a timer only; a hang ends the child by SIGALRM.
        unsafe { libc::alarm(30) };
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // SAFETY: ends the child at once, without destructors of the parent's objects.
        unsafe { libc::_exit(done.unwrap_or(101)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` lives across the call.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert!(
        libc::WIFEXITED(status),
        "ended by signal {} (14: it hung)",
        libc::WTERMSIG(status)
    );
    libc::WEXITSTATUS(status)
}

/// Ends the threads however the test ends.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn use_all(folder: &Path) -> i32 {
    let ledger = Ledger::open(folder).unwrap();
    ledger.journal_begin(&JournalRow::default()).unwrap();
    let store = Store::open(settings(folder)).unwrap();
    store.append(event(1));
    store.flush(PATIENCE).unwrap();
    let reader = StoreReader::open(store.path()).unwrap();
    assert_eq!(reader.events(0.0, 10).unwrap().len(), 1);
    assert_eq!(ledger.journal_open().unwrap().len(), 1);
    WORKED
}

#[test]
fn a_child_of_a_busy_parent_opens_databases_of_its_own() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(settings(folder.path())).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let stop = AtomicBool::new(false);
    let calls = AtomicUsize::new(0);
    let repeat = |work: &(dyn Fn(usize) + Sync)| {
        while !stop.load(Ordering::Relaxed) {
            work(calls.fetch_add(1, Ordering::Relaxed));
        }
    };
    std::thread::scope(|scope| {
        let _stopper = StopOnDrop(&stop);
        scope.spawn(|| {
            repeat(&|number| {
                store.append(event(number));
                store.flush(PATIENCE).unwrap();
            });
        });
        scope.spawn(|| {
            repeat(&|number| {
                let row = JournalRow {
                    change: "c".repeat(number * 37 % 5000),
                    ..JournalRow::default()
                };
                ledger.journal_begin(&row).unwrap();
            });
        });
        // Opening and closing take the locks of the whole process most often.
        scope.spawn(|| {
            repeat(&|_| {
                let reader = StoreReader::open(store.path()).unwrap();
                reader.events(0.0, 5).unwrap();
            });
        });
        scope.spawn(|| {
            repeat(&|_| {
                let folder = tempfile::tempdir().unwrap();
                Ledger::open(folder.path()).unwrap();
            });
        });
        for number in 0..300 {
            let before = calls.load(Ordering::Relaxed);
            let own = tempfile::tempdir().unwrap();
            let status = status_of_child(|| use_all(own.path()));
            assert_eq!(status, WORKED, "child {number}");
            // The parent's threads go on after each fork.
            let deadline = Instant::now() + PATIENCE;
            while calls.load(Ordering::Relaxed) < before + 4 {
                assert!(Instant::now() < deadline, "the parent stands still");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    assert!(!ledger.journal_open().unwrap().is_empty());
    store.close().unwrap();
}

#[test]
fn a_fork_does_not_wait_for_a_call_that_is_stuck_and_the_child_is_told() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let holder = Connection::open(ledger.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = std::thread::scope(|scope| {
        // Waits for the lock, inside SQLite, for seconds; then it fails, unless it was let go.
        let stuck = scope.spawn(|| ledger.journal_begin(&JournalRow::default()));
        let mut refused = false;
        while !refused && !stuck.is_finished() {
            let own = tempfile::tempdir().unwrap();
            // A child that is forked before the thread has got there works.
            let status = status_of_child(|| open_all(own.path()));
            assert!([WORKED, REFUSED].contains(&status), "{status}");
            refused = status == REFUSED;
        }
        holder.execute_batch("ROLLBACK").unwrap();
        let written = stuck.join().unwrap();
        assert!(!refused || written.is_ok(), "{written:?}");
        refused
    });
    assert!(refused, "no fork met the thread in its call");
    // Nothing of it stays: the next child works, and so does this process.
    let own = tempfile::tempdir().unwrap();
    assert_eq!(status_of_child(|| use_all(own.path())), WORKED);
    ledger.journal_begin(&JournalRow::default()).unwrap();
    assert_eq!(ledger.journal_open().unwrap().len(), 2);
}

/// Opens a ledger; where that is refused, a store must be too, in words.
fn open_all(folder: &Path) -> i32 {
    let Err(error) = Ledger::open(folder) else {
        return WORKED;
    };
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    assert!(error.to_string().contains("fork"), "{error}");
    let store = Store::open(settings(folder)).unwrap();
    let health = store.health();
    assert_eq!(health.status, StoreStatus::Degraded);
    assert!(
        health.cause.as_ref().unwrap().contains("fork"),
        "{health:?}"
    );
    let file = folder.join("some.db");
    std::fs::write(&file, "").unwrap();
    let error = StoreReader::open(&file).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
    // A child of the child has inherited it too.
    let status = status_of_child(|| i32::from(Ledger::open(folder).is_ok()));
    assert_eq!(status, 0);
    REFUSED
}
