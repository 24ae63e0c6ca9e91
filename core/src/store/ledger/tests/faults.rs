//! Files that are broken, gone, locked or forbidden.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::super::super::folder::with_suffix;
use super::*;

fn set_aside_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_aside = |path: &PathBuf| path.to_string_lossy().contains(".corrupt-");
    let mut found: Vec<_> = entries.filter(is_aside).collect();
    found.retain(|path| !path.to_string_lossy().ends_with("-wal"));
    found.retain(|path| !path.to_string_lossy().ends_with("-shm"));
    found
}

#[test]
fn only_the_owner_may_look_into_it() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("made/here");
    let ledger = Ledger::open(&folder).unwrap();
    ledger.put_note("a", "b").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(ledger.path()), 0o600);
    assert_eq!(mode(&with_suffix(ledger.path(), "-wal")), 0o600);
}

#[test]
fn a_corrupt_file_is_set_aside_and_it_is_told_that_its_journal_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(LEDGER_NAME);
    fs::write(&path, vec![0x5a; 8192]).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let warning = ledger.warning().unwrap();
    assert!(
        warning.contains("corrupt") && warning.contains("taken back"),
        "{warning}"
    );
    let aside = set_aside_files(folder.path());
    assert_eq!(aside.len(), 1);
    assert!(warning.contains(aside[0].to_str().unwrap()), "{warning}");
    assert_eq!(fs::read(&aside[0]).unwrap(), vec![0x5a; 8192]);
    // Numbers that were handed out from the file that is gone do not come back.
    assert!(ledger.journal_begin(&change(1)).unwrap() > 1_000_000_000);
    assert!(ledger.save_actions(&[action("a")]).unwrap()[0] > 1_000_000_000);
    drop(ledger);
    assert_eq!(Ledger::open(folder.path()).unwrap().warning(), None);
}

#[test]
fn a_page_that_breaks_while_it_is_open_costs_the_old_rows_and_not_the_new_one() {
    let (folder, ledger) = ledger();
    for _ in 0..500 {
        ledger.journal_begin(&change(1)).unwrap();
    }
    drop(ledger);
    let path = folder.path().join(LEDGER_NAME);
    let mut bytes = fs::read(&path).unwrap();
    // All but the first page, which alone is looked at on opening.
    bytes[4096..].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.journal_begin(&change(2)).unwrap();
    assert!(ledger.warning().unwrap().contains("corrupt"));
    assert_eq!(ledger.journal_open().unwrap()[0].id, id);
    assert_eq!(set_aside_files(folder.path()).len(), 1);
}

#[test]
fn a_file_that_is_deleted_is_begun_anew_and_that_is_told() {
    let (_folder, ledger) = ledger();
    ledger.journal_begin(&change(1)).unwrap();
    fs::remove_file(ledger.path()).unwrap();
    let id = ledger.journal_begin(&change(2)).unwrap();
    assert!(ledger.warning().unwrap().contains("deleted"));
    let seen = "SELECT count(*) FROM usm_journal WHERE action_id = 2";
    assert_eq!(ask::<i64>(ledger.path(), seen), 1);
    assert_eq!(ledger.journal_open().unwrap()[0].id, id);
}

#[test]
fn while_it_is_locked_nothing_is_written_and_afterwards_it_is() {
    let (_folder, ledger) = ledger();
    let locker = other(ledger.path());
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = ledger.journal_begin(&change(1)).unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
    assert_eq!(ledger.journal_open().unwrap(), [], "reading goes on");
    locker.execute_batch("ROLLBACK").unwrap();
    ledger.journal_begin(&change(1)).unwrap();
    assert_eq!(ledger.journal_open().unwrap().len(), 1);
}

#[test]
fn a_read_only_file_is_an_error_that_names_it() {
    let (folder, ledger) = ledger();
    ledger.put_note("a", "b").unwrap();
    let path = ledger.path().to_path_buf();
    drop(ledger);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        println!("skipped: for root no mode makes a file read-only");
        return;
    }
    let error = Ledger::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("performance_optimizer.db"),
        "{error}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.note("a").unwrap().as_deref(), Some("b"));
}

#[test]
fn threads_share_one_and_open_others_at_the_same_time() {
    const EACH: usize = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_path_buf();
    let start = Arc::new(std::sync::Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let (path, start) = (path.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                // All make the file at once.
                let ledger = Ledger::open(&path).unwrap();
                for _ in 0..EACH {
                    ledger.journal_begin(&change(number)).unwrap();
                    ledger.put_profile(&profile("one", number as f64)).unwrap();
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let ledger = Ledger::open(&path).unwrap();
    assert_eq!(ledger.journal_open().unwrap().len(), 4 * EACH);
    let rows = "SELECT count(*) FROM performance_profiles";
    assert_eq!(ask::<i64>(ledger.path(), rows), 1);
}
