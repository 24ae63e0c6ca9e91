//! The optimizer's ledger against the hard faults: killed at any moment, used by two
//! processes, forked, a full disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program

mod small_disk;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use small_disk::SmallDisk;
use usm_core::ErrorKind;
use usm_core::store::{ActionRow, HistoryRow, JournalRow, JournalState, LEDGER_NAME, Ledger};

const CHILD_FOLDER: &str = "USM_TEST_LEDGER_CHILD_FOLDER";

/// One test at a time: a forked child inherits what the other threads of this program hold.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A change whose every part tells of which action it is.
fn change(action_id: i64) -> JournalRow {
    JournalRow {
        action_id,
        created_at: action_id as f64,
        owner_pid: std::process::id() as i32,
        owner_start_time_ticks: action_id as u64,
        boot_id: format!("boot {action_id}"),
        change: "c".repeat(action_id.unsigned_abs() as usize % 9000),
        about: format!("about {action_id}"),
        context: "{}".into(),
        ..JournalRow::default()
    }
}

fn assert_whole(row: &JournalRow) {
    let expected = JournalRow {
        id: row.id,
        owner_pid: row.owner_pid,
        state: row.state,
        detail: row.detail.clone(),
        ..change(row.action_id)
    };
    assert_eq!(*row, expected);
}

fn assert_sound(path: &Path) {
    let check: String = Connection::open(path)
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

/// Not a test by itself: the child that the tests below start and kill. It says, after each
/// call, which journal row is in which state.
#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let ledger = Ledger::open(Path::new(&folder)).unwrap();
    let mut out = std::io::stdout();
    // The parent's end may be gone already: it kills us next.
    let mut say = |id: i64, state: JournalState| -> bool {
        writeln!(out, "row {id} {}", state.name())
            .and_then(|()| out.flush())
            .is_ok()
    };
    loop {
        let action = ledger.save_actions(&[ActionRow::default()]).unwrap()[0];
        let id = ledger.journal_begin(&change(action)).unwrap();
        if !say(id, JournalState::Intended) {
            return;
        }
        for state in [
            JournalState::Applied,
            JournalState::Kept,
            JournalState::Undone,
        ] {
            // Every third stays applied.
            if id % 3 == 0 && state != JournalState::Applied {
                break;
            }
            ledger.journal_mark(id, state, Some("said")).unwrap();
            if !say(id, state) {
                return;
            }
        }
    }
}

struct Writer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    confirmed: BTreeMap<i64, JournalState>,
}

impl Writer {
    fn start(folder: &Path) -> Writer {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_that_is_killed", "--exact", "--nocapture"])
            .env(CHILD_FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Writer {
            child,
            lines,
            confirmed: BTreeMap::new(),
        }
    }

    /// Reads on until `calls` more are confirmed, or to the end.
    fn confirm(&mut self, calls: usize) -> usize {
        let mut seen = 0;
        while seen < calls
            && let Some(Ok(line)) = self.lines.next()
        {
            let mut words = line.split(' ');
            // The harness's own words come between; a line that the kill cut does not count.
            if let (Some("row"), Some(id), Some(state)) = (words.next(), words.next(), words.next())
                && let Some(state) = JournalState::ALL.into_iter().find(|s| s.name() == state)
            {
                self.confirmed.insert(id.parse().unwrap(), state);
                seen += 1;
            }
        }
        seen
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().signal(), Some(9), "not ended");
        self.confirm(usize::MAX);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `USM_SOAK_LOOPS=1000` makes it a soak test.
#[test]
fn kill_9_between_any_two_calls_leaves_every_row_that_was_returned() {
    let _alone = alone();
    let loops = std::env::var("USM_SOAK_LOOPS").map_or(30, |n| n.parse().unwrap());
    let mut folder = tempfile::tempdir().unwrap();
    let mut confirmed = BTreeMap::new();
    for round in 0..loops {
        if round % 50 == 49 {
            // All that was ever confirmed is looked at in each round.
            folder = tempfile::tempdir().unwrap();
            confirmed.clear();
        }
        let mut writer = Writer::start(folder.path());
        let calls = 1 + round * 13 % 40;
        assert_eq!(writer.confirm(calls), calls, "the child writes");
        std::thread::sleep(Duration::from_micros(round as u64 * 7919 % 3000));
        writer.kill();
        confirmed.append(&mut writer.confirmed);

        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.warning(), None, "round {round}");
        let open = ledger.journal_open().unwrap();
        open.iter().for_each(assert_whole);
        let open: BTreeMap<i64, JournalState> =
            open.iter().map(|row| (row.id, row.state)).collect();
        for (id, said) in &confirmed {
            // Each is as it was said, or one call further.
            match (said, open.get(id)) {
                (JournalState::Undone, None)
                | (JournalState::Kept, Some(JournalState::Kept) | None)
                | (JournalState::Applied, Some(JournalState::Applied | JournalState::Kept))
                | (JournalState::Intended, Some(JournalState::Intended | JournalState::Applied)) => {
                }
                other => panic!("round {round}, row {id}: {other:?}"),
            }
        }
        // At most one more was begun in each round than was said.
        let last = confirmed.keys().next_back().unwrap();
        assert!(open.keys().all(|id| id <= &(last + 1)), "round {round}");
        assert_sound(ledger.path());
    }
    assert!(!confirmed.is_empty());
}

#[test]
fn two_processes_use_one_file_and_no_row_is_lost() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::start(folder.path());
    // Both make the file at the same time.
    let ledger = Ledger::open(folder.path()).unwrap();
    let mut own = Vec::new();
    for number in 1..=150 {
        let id = ledger.journal_begin(&change(-number)).unwrap();
        ledger
            .journal_mark(id, JournalState::Applied, None)
            .unwrap();
        own.push(id);
    }
    assert_eq!(writer.confirm(150), 150);
    writer.kill();
    let own_rows = "SELECT count(*) FROM usm_journal WHERE action_id < 0 AND state = 'applied'";
    let all_rows = "SELECT count(*) FROM usm_journal";
    let file = Connection::open(ledger.path()).unwrap();
    let count = |sql| -> i64 { file.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count(own_rows), 150);
    let theirs = count(all_rows) - 150;
    let said = writer.confirmed.len() as i64;
    assert!((said..=said + 1).contains(&theirs), "{said} {theirs}");
    assert!(own.iter().all(|id| !writer.confirmed.contains_key(id)));
}

#[test]
#[allow(unsafe_code)] // fork has no safe form
fn a_forked_child_neither_hangs_nor_touches_the_parents_ledger() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let other_folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let before = ledger.journal_begin(&change(1)).unwrap();
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        // At each fork another thread is in the midst of a call.
        let busy = scope.spawn(|| {
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                ledger.journal_begin(&change(2)).unwrap();
                written += 1;
            }
            written
        });
        // Ends the thread however this test ends.
        let stopper = StopOnDrop(&stop);
        for _ in 0..10 {
            // SAFETY: the child uses the C library's allocator, which is made safe for fork,
            // our handles, and ends by _exit without running the test harness.
            let child = unsafe { libc::fork() };
            assert!(child >= 0);
            if child == 0 {
                // SAFETY: sets a timer only; a hang ends the child by SIGALRM.
                unsafe { libc::alarm(60) };
                let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    in_the_child(&ledger, folder.path(), other_folder.path());
                }));
                // SAFETY: ends the child at once, without destructors of the parent's objects.
                unsafe { libc::_exit(i32::from(tried.is_err())) };
            }
            let mut status = 0;
            // SAFETY: waits for the child made above; `status` lives across the call.
            let waited = unsafe { libc::waitpid(child, &mut status, 0) };
            assert_eq!((waited, status), (child, 0), "the child's assertions");
        }
        drop(stopper);
        busy.join().unwrap()
    });
    let open = ledger.journal_open().unwrap();
    assert_eq!(open.len(), 1 + written);
    assert_eq!(open.last().unwrap().id, before);
    assert_sound(ledger.path());
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn in_the_child(ledger: &Ledger, folder: &Path, other_folder: &Path) {
    fn forked<T>(answer: usm_core::Result<T>) {
        assert_eq!(answer.err().unwrap().kind(), ErrorKind::Forked);
    }
    forked(ledger.journal_begin(&change(9)));
    forked(ledger.journal_mark(1, JournalState::Undone, None));
    forked(ledger.journal_open());
    forked(ledger.append_history(&HistoryRow::default()));
    forked(ledger.save_targets(&[]));
    forked(ledger.profiles());
    forked(ledger.prune(f64::MAX));
    assert!(ledger.warning().unwrap().contains("fork"));
    // The inherited file may not be opened, another one may.
    assert!(Ledger::open(folder).is_err());
    let own = Ledger::open(other_folder).unwrap();
    own.journal_begin(&change(3)).unwrap();
}

#[test]
#[allow(unsafe_code)] // fork has no safe form
fn dropping_the_inherited_ledger_leaves_the_parents_log() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    ledger.journal_begin(&change(1)).unwrap();
    // SAFETY: as above.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        drop(ledger);
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` lives across the call.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!((waited, status), (child, 0));
    let log = folder.path().join(format!("{LEDGER_NAME}-wal"));
    assert!(std::fs::metadata(log).unwrap().len() > 0);
    ledger.journal_begin(&change(2)).unwrap();
    assert_eq!(ledger.journal_open().unwrap().len(), 2);
}

#[test]
fn a_full_disk_refuses_the_row_whole_and_takes_it_when_there_is_room() {
    let _alone = alone();
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let ballast = disk.path().join("ballast");
    let ledger = Ledger::open(disk.path()).unwrap();
    let first = ledger.journal_begin(&change(1)).unwrap();
    std::fs::write(&ballast, vec![1; 250 << 10]).unwrap();
    let mut written = 1;
    let error = loop {
        match ledger.journal_begin(&change(8000 + written)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk never filled up");
    };
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().contains("full"), "{error}");
    // What is there can be read, and is whole.
    let open = ledger.journal_open().unwrap();
    assert_eq!(open.len() as i64, written);
    open.iter().for_each(assert_whole);
    assert!(
        ledger
            .save_actions(&vec![ActionRow::default(); 5000])
            .is_err()
    );
    let actions = |ledger: &Ledger| -> i64 {
        let file = Connection::open(ledger.path()).unwrap();
        let sql = "SELECT count(*) FROM optimization_actions";
        file.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(actions(&ledger), 0, "all or none");

    std::fs::remove_file(&ballast).unwrap();
    ledger.journal_begin(&change(8000)).unwrap();
    ledger
        .journal_mark(first, JournalState::Undone, None)
        .unwrap();
    assert_eq!(ledger.journal_open().unwrap().len() as i64, written);
    assert_sound(ledger.path());
    assert_eq!(ledger.warning(), None);
}

#[test]
fn a_disk_without_any_room_is_an_error_at_opening_and_heals() {
    let _alone = alone();
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 600 << 10]).unwrap_err();
    let error = Ledger::open(disk.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{error}");
    std::fs::remove_file(&ballast).unwrap();
    let ledger = Ledger::open(disk.path()).unwrap();
    ledger.journal_begin(&change(1)).unwrap();
    assert_eq!(ledger.warning(), None);
}

#[test]
fn a_read_only_file_system_is_named_and_heals() {
    let _alone = alone();
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    drop(Ledger::open(disk.path()).unwrap());
    disk.remount("ro");
    let error = Ledger::open(disk.path()).unwrap_err();
    assert!(error.to_string().contains("os error 30"), "{error}");
    disk.remount("rw");
    let ledger = Ledger::open(disk.path()).unwrap();
    ledger.journal_begin(&change(1)).unwrap();
}
