//! A child forked while other threads are in the midst of SQLite can open databases of its own:
//! or is told that it can't, and never hangs. A test program of its own, and one test at a time:
//! what other threads of this program do with SQLite past the library would spoil it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program
#![allow(unsafe_code)] // fork has no safe form

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ffi};
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
        let status = done.unwrap_or_else(|panic| {
            // What the harness has captured ends with this process.
            let words = panic.downcast_ref::<String>();
            let _ = writeln!(std::io::stderr(), "in the child: {words:?}");
            101
        });
        // SAFETY: ends the child at once, without destructors of the parent's objects.
        unsafe { libc::_exit(status) };
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
    // Stays until the end: were its file deleted, a child's own could get the same number
    // (inode), and SQLite in the child takes it for the one that it has inherited.
    let other_folder = tempfile::tempdir().unwrap();
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
                if let Err(error) = store.flush(PATIENCE) {
                    // Another thread reads all the time: that is told, and the rows wait.
                    assert!(error.to_string().contains("long read"), "{error}");
                }
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
                Ledger::open(other_folder.path()).unwrap();
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
    store.flush(PATIENCE).unwrap();
    store.close().unwrap();
}

/// A fork while a thread waits inside SQLite for another program's lock, for seconds.
fn fork_beside_a_stuck_call(work: fn(&Path) -> i32) -> i32 {
    let folder = tempfile::tempdir().unwrap();
    let own = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let holder = Connection::open(ledger.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = AtomicBool::new(false);
    let status = std::thread::scope(|scope| {
        let stuck = scope.spawn(|| {
            begun.store(true, Ordering::SeqCst);
            ledger.journal_begin(&JournalRow::default())
        });
        while !begun.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        // So that it has got there; where it has not, there is less to see and nothing wrong.
        std::thread::sleep(Duration::from_millis(300));
        let status = status_of_child(|| work(own.path()));
        holder.execute_batch("ROLLBACK").unwrap();
        // The fork has not waited for its end, which would have been this error.
        stuck.join().unwrap().unwrap();
        status
    });
    // Nothing of it stays.
    let own = tempfile::tempdir().unwrap();
    assert_eq!(status_of_child(|| use_all(own.path())), WORKED);
    ledger.journal_begin(&JournalRow::default()).unwrap();
    assert_eq!(ledger.journal_open().unwrap().len(), 2);
    status
}

#[test]
fn a_fork_does_not_wait_for_a_call_that_is_stuck_and_the_child_works() {
    let _alone = alone();
    assert_eq!(fork_beside_a_stuck_call(use_all), WORKED);
}

#[test]
fn a_child_that_has_inherited_a_held_lock_of_sqlite_is_told() {
    let _alone = alone();
    // One of SQLite's that it does not use on this system.
    // SAFETY: a static mutex, valid for ever.
    let mutex = unsafe { ffi::sqlite3_mutex_alloc(ffi::SQLITE_MUTEX_STATIC_VFS3) };
    // SAFETY: entered and left by this thread.
    unsafe { ffi::sqlite3_mutex_enter(mutex) };
    // More than once only if the thread was too slow to get stuck.
    let mut tries = (0..20).map(|_| fork_beside_a_stuck_call(all_refused));
    let is_refused = tries.any(|status| status == REFUSED);
    // SAFETY: as above.
    unsafe { ffi::sqlite3_mutex_leave(mutex) };
    assert!(is_refused);
}

fn all_refused(folder: &Path) -> i32 {
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
