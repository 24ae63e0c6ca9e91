//! Groups and freezing through the public door, on children of the test only.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]
#![allow(clippy::print_stdout)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use usm_core::act::{Change, Door, Facts, GroupFacts, Lever, Limit, ProcessId, Scope, Undo};
use usm_core::error::Error;
use usm_core::sample::Roots;

/// A child that counts in a file; ended with the test.
struct Counter {
    child: Child,
    folder: tempfile::TempDir,
}

impl Counter {
    fn start() -> Counter {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("count");
        let script = format!(
            "i=0; while :; do i=$((i+1)); echo $i >{}; done",
            file.display()
        );
        let child = Command::new("/bin/sh")
            .args(["-c", &script])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let counter = Counter { child, folder };
        until("the first count", || counter.count() > 0);
        counter
    }

    fn count(&self) -> u64 {
        let file = self.folder.path().join("count");
        let read = || std::fs::read_to_string(&file).ok()?.trim().parse().ok();
        // It may be caught between truncating and writing.
        (0..500).find_map(|_| read()).unwrap_or(0)
    }

    fn id(&self) -> ProcessId {
        ProcessId::now(&Roots::default(), i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    fn groups(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/cgroup", self.child.id())).unwrap()
    }

    fn door(&self) -> Door {
        Door {
            roots: Roots::default(),
            scope: Scope::List(vec![self.id()]),
            protected: Vec::new(),
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Undone at the end, whatever happens.
struct Kept(Vec<Change>, Door);

impl Drop for Kept {
    fn drop(&mut self) {
        for change in self.0.iter().rev() {
            let _ = change.undo(&self.1);
        }
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn can(group: fn(&Facts) -> &GroupFacts) -> bool {
    let facts = Facts::read(&Roots::default());
    let group = group(&facts);
    if !group.writable {
        println!("skipped: {}", group.reason);
    }
    group.writable
}

#[test]
fn a_limit_is_set_and_taken_back_from_the_journal() {
    let counter = Counter::start();
    let before = counter.groups();
    let lever = Lever::Group {
        processes: vec![counter.id()],
        limits: vec![Limit::CpuWeight(1), Limit::CpuQuotaPercent(10.0)],
    };
    if !can(|facts| &facts.cpu) {
        let error = lever.prepare(&counter.door()).unwrap_err();
        assert!(!matches!(error, Error::Internal(_)), "{error}");
        assert_eq!(counter.groups(), before);
        return;
    }
    let kept = Kept(lever.prepare(&counter.door()).unwrap(), counter.door());
    let [change] = &kept.0[..] else {
        panic!("{:?}", kept.0);
    };
    assert!(change.about().contains("CPU weight 1"));
    assert_eq!(change.processes(), [counter.id()]);
    change.apply(&counter.door()).unwrap();
    assert_ne!(counter.groups(), before);
    let journal = serde_json::to_string(change).unwrap();
    let read: Change = serde_json::from_str(&journal).unwrap();
    assert_eq!(&read, change);
    assert_eq!(read.undo(&counter.door()).unwrap(), Undo::Restored);
    assert_eq!(counter.groups(), before);
    assert_eq!(read.undo(&counter.door()).unwrap(), Undo::Unchanged);
}

#[test]
fn the_frozen_go_on_by_themselves_when_the_lease_ends() {
    let counter = Counter::start();
    let before = counter.groups();
    let lever = |lease_seconds| Lever::Freeze {
        processes: vec![counter.id()],
        lease_seconds,
    };
    if !can(|facts| &facts.freezer) {
        assert!(lever(1.0).prepare(&counter.door()).is_err());
        return;
    }
    let kept = Kept(lever(0.3).prepare(&counter.door()).unwrap(), counter.door());
    let applied = kept.0[0].apply(&counter.door()).unwrap();
    assert!(applied.lease_until.is_some());
    let first = counter.count();
    until("the end of the lease", || counter.count() > first);
    assert_eq!(kept.0[0].undo(&counter.door()).unwrap(), Undo::Restored);
    assert_eq!(counter.groups(), before);

    let kept = Kept(
        lever(600.0).prepare(&counter.door()).unwrap(),
        counter.door(),
    );
    kept.0[0].apply(&counter.door()).unwrap();
    let first = counter.count();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(counter.count(), first);
    assert_eq!(kept.0[0].undo(&counter.door()).unwrap(), Undo::Restored);
    until("going on", || counter.count() > first);
    assert_eq!(counter.groups(), before);
}

#[test]
fn reclaiming_says_what_it_can_not_do() {
    let counter = Counter::start();
    let lever = Lever::Reclaim {
        cgroup: "/".into(),
        bytes: 1 << 20,
    };
    let outcome = lever.prepare(&counter.door());
    let outcome = outcome.and_then(|changes| changes[0].apply(&counter.door()));
    // The root holds processes outside the scope, whatever the version.
    let error = outcome.unwrap_err();
    assert!(!matches!(error, Error::Internal(_)), "{error}");
}
