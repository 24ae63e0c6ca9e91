//! Freezing for real, on children of the test only.

use std::cell::RefCell;
use std::io::Write;
use std::os::fd::OwnedFd;

use super::facts::Facts;
use super::freeze::FreezeChange;
use super::group_bench::*;
use super::hierarchy::{Hierarchies, Kind};
use super::{ProcessId, Scope, Undo};
use crate::error::{Error, Result};
use crate::sample::Roots;

fn is_possible() -> bool {
    can_make(&Facts::read(&Roots::default()).freezer)
}

fn prepare(worker: &Worker) -> Kept<FreezeChange> {
    let mut changes = FreezeChange::prepare(&[worker.id()], 60.0, &worker.door()).unwrap();
    assert_eq!(changes.len(), 1);
    Kept(changes.pop().unwrap())
}

/// The same through the version 1 freezer; `None` where there is none.
fn prepare_old(worker: &Worker) -> Option<Kept<FreezeChange>> {
    let hierarchies = Hierarchies::read(&Roots::default()).unwrap();
    let membership = groups_of(worker.id().pid);
    let seat = hierarchies
        .seat(Kind::Freezer, membership.as_bytes())
        .ok()?;
    let mut change = prepare(worker);
    let name = change.folder.file_name().unwrap().to_owned();
    change.0.folder = seat.folder().join(name);
    for member in &mut change.0.members {
        member.1 = seat.folder().to_path_buf();
    }
    (seat.version == 1).then_some(change)
}

/// A worker that counts in a file, and the count.
fn counter(folder: &std::path::Path) -> (Worker, impl Fn() -> u64 + use<>) {
    let file = folder.join("count");
    let script = format!(
        "i=0; while :; do i=$((i+1)); echo $i >{}; done",
        file.display()
    );
    let worker = Worker::shell(&script);
    let read = move || -> u64 {
        let read = || std::fs::read_to_string(&file).ok()?.trim().parse().ok();
        // It may be caught between truncating and writing.
        (0..500).find_map(|_| read()).unwrap_or(0)
    };
    until("the first count", || read() > 0);
    (worker, read)
}

/// Keeps the file as a lease would.
fn lease(
    kept: &RefCell<Option<(OwnedFd, &'static str)>>,
) -> impl FnOnce(OwnedFd, &'static str) -> Result<f64> {
    |file, bytes| {
        *kept.borrow_mut() = Some((file, bytes));
        Ok(4_000_000_000.0)
    }
}

fn changes_of(worker: &Worker) -> Vec<Kept<FreezeChange>> {
    std::iter::once(prepare(worker))
        .chain(prepare_old(worker))
        .collect()
}

#[test]
fn frozen_stands_still_and_undone_goes_on_where_it_was() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (worker, count) = counter(folder.path());
    let home = groups_of(worker.id().pid);
    for change in changes_of(&worker) {
        let kept = RefCell::new(None);
        let applied = change.apply_with(&worker.door(), lease(&kept)).unwrap();
        assert_eq!(applied.lease_until, Some(4_000_000_000.0));
        let first = count();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(count(), first, "{}", change.folder.display());
        // By another process, from the journal.
        let journal = serde_json::to_string(&*change).unwrap();
        let read: FreezeChange = serde_json::from_str(&journal).unwrap();
        assert_eq!(read.undo(&worker.door()).unwrap(), Undo::Restored);
        until("going on", || count() > first);
        assert_eq!(groups_of(worker.id().pid), home);
        assert!(!change.folder.exists());
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Unchanged);
    }
}

#[test]
fn a_lease_that_ends_thaws_and_undo_still_brings_all_home() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (worker, count) = counter(folder.path());
    let home = groups_of(worker.id().pid);
    for change in changes_of(&worker) {
        let kept = RefCell::new(None);
        change.apply_with(&worker.door(), lease(&kept)).unwrap();
        let first = count();
        let (file, bytes) = kept.take().unwrap();
        std::fs::File::from(file)
            .write_all(bytes.as_bytes())
            .unwrap();
        until("going on", || count() > first);
        assert_ne!(groups_of(worker.id().pid), home);
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
        assert_eq!(groups_of(worker.id().pid), home);
    }
}

#[test]
fn without_a_lease_nothing_is_frozen() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (worker, count) = counter(folder.path());
    let home = groups_of(worker.id().pid);
    for change in changes_of(&worker) {
        let outcome =
            change.apply_with(&worker.door(), |_, _| Err(Error::Unsupported("no".into())));
        assert!(outcome.is_err());
        let first = count();
        until("going on", || count() > first);
        change.undo(&worker.door()).unwrap();
        assert_eq!(groups_of(worker.id().pid), home);
        assert!(!change.folder.exists());
    }
}

#[test]
fn a_whole_family_is_frozen_and_a_change_that_stopped_midway_is_taken_back() {
    if !is_possible() {
        return;
    }
    let worker = Worker::family(3);
    let all = worker.all();
    let before: Vec<String> = all.iter().map(|id| groups_of(id.pid)).collect();
    let now = || -> Vec<String> { all.iter().map(|id| groups_of(id.pid)).collect() };
    for change in changes_of(&worker) {
        assert_eq!(change.processes().len(), 4);
        let kept = RefCell::new(None);
        change.apply_with(&worker.door(), lease(&kept)).unwrap();
        assert!(now().iter().zip(&before).all(|(now, before)| now != before));
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
        assert_eq!(now(), before);
        // Only the folder, and one member in it.
        std::fs::create_dir(&change.folder).unwrap();
        let procs = change.folder.join("cgroup.procs");
        std::fs::write(procs, all[2].pid.to_string()).unwrap();
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
        assert_eq!(now(), before);
        assert!(!change.folder.exists());
    }
}

#[test]
fn what_is_not_allowed_is_refused() {
    let worker = Worker::single();
    let door = worker.door();
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        let error = FreezeChange::prepare(&[worker.id()], seconds, &door).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    }
    let outcome = FreezeChange::prepare(&[worker.id()], 1.0, &door);
    assert_eq!(outcome.is_ok(), is_possible(), "{outcome:?}");
    let own = ProcessId::now(
        &Roots::default(),
        i32::try_from(std::process::id()).unwrap(),
    );
    let machine = super::group_bench::door(Scope::Machine);
    assert!(matches!(
        FreezeChange::prepare(&[own.unwrap()], 1.0, &machine),
        Err(Error::Refused(_))
    ));
    // A journal that names an existing group.
    let forged = FreezeChange {
        folder: tempfile::tempdir().unwrap().keep(),
        members: vec![(worker.id(), "/".into())],
        lease_seconds: 1.0,
    };
    assert!(matches!(forged.undo(&machine), Err(Error::Refused(_))));
    assert!(matches!(forged.apply(&machine), Err(Error::Refused(_))));
    std::fs::remove_dir(&forged.folder).unwrap();
}
