//! What `kill -9` of an optimizer leaves at each step, the next start restores exactly.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod optimizer_support;

use std::path::Path;
use std::process::{Command, Stdio};

use optimizer_support::{
    Own, config, field, identity, is_root, settings, until, values, with, with_lever,
};
use usm_core::act::{Change, Door, IoClass, Lever, Limit, ProcessId, Scope};
use usm_core::optimizer::{Action, ActionKind, ExecuteOptions, Optimizer, RiskLevel, RollbackOf};
use usm_core::sample::Roots;
use usm_core::store::{JournalRow, JournalState, Ledger};

const REAL: ExecuteOptions<'static> = ExecuteOptions {
    dry_run: false,
    allowed_risk: Some(RiskLevel::Medium),
    verify: false,
    progress: None,
    cancel: None,
};

/// Every reversible lever that can be pulled here.
fn levers(own: &Own) -> Vec<(ActionKind, Lever)> {
    let process = own.id();
    let group = |limit| Lever::Group {
        processes: vec![process],
        limits: vec![limit],
    };
    let mut levers = vec![
        (ActionKind::SetBatch, Lever::Batch { process }),
        (
            ActionKind::SetIoPriority,
            Lever::IoPriority {
                process,
                class: IoClass::Idle,
                level: 0,
            },
        ),
        (
            ActionKind::SetAffinity,
            Lever::Affinity {
                process,
                cpus: vec![0],
            },
        ),
        (
            ActionKind::SetAutogroup,
            Lever::Autogroup { process, nice: 7 },
        ),
        (
            ActionKind::SuspendProcess,
            Lever::Stop {
                process,
                lease_seconds: 600.0,
            },
        ),
    ];
    if is_root() {
        // An ordinary user can't take these back.
        levers.push((ActionKind::LowerPriority, Lever::Nice { process, nice: 9 }));
        levers.push((ActionKind::SetIdle, Lever::Idle { process }));
        levers.push((ActionKind::LimitCpu, group(Limit::CpuWeight(10))));
        levers.push((ActionKind::LimitProcesses, group(Limit::Processes(50))));
        levers.push((ActionKind::LimitIo, group(Limit::IoBytesPerSec(1 << 20))));
        levers.push((
            ActionKind::LimitMemory,
            group(Limit::MemoryHighBytes(64 << 20)),
        ));
        levers.push((
            ActionKind::Freeze,
            Lever::Freeze {
                processes: vec![process],
                lease_seconds: 600.0,
            },
        ));
    }
    levers
}

/// A lever that this machine does not have is told, and left out.
fn prepared(lever: &Lever, door: &Door) -> Vec<Change> {
    match lever.prepare(door) {
        Ok(changes) => changes,
        Err(error) => {
            println!("left out: {lever:?}: {error}");
            Vec::new()
        }
    }
}

fn door(own: &Own) -> Door {
    Door {
        roots: Roots::default(),
        scope: Scope::List(vec![own.id()]),
        protected: Vec::new(),
    }
}

/// A process that is no more.
fn dead_owner() -> ProcessId {
    let mut own = Own::sleeper();
    let id = own.id();
    own.end();
    until("the owner's end", || identity(id.pid) != Some(id));
    id
}

fn journal(ledger: &Ledger, change: &Change, owner: ProcessId) -> i64 {
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    ledger
        .journal_begin(&JournalRow {
            action_id: 1,
            owner_pid: owner.pid,
            owner_start_time_ticks: owner.start_time_ticks,
            boot_id: boot_id.trim().into(),
            change: serde_json::to_string(change).unwrap(),
            about: change.about(),
            ..JournalRow::default()
        })
        .unwrap()
}

#[test]
fn every_lever_is_taken_back_from_the_journal_at_each_step() {
    let dead = dead_owner();
    let mut pulled = 0;
    // Nothing applied, applied and not noted, noted, kept.
    for step in 0..4 {
        let own = Own::spinner();
        for (kind, lever) in levers(&own) {
            let folder = tempfile::tempdir().unwrap();
            let ledger = Ledger::open(folder.path()).unwrap();
            let before = own.values();
            let door = door(&own);
            for change in prepared(&lever, &door) {
                let row = journal(&ledger, &change, dead);
                if step >= 1 {
                    change.apply(&door).unwrap();
                    pulled += 1;
                }
                if step >= 2 {
                    ledger
                        .journal_mark(row, JournalState::Applied, None)
                        .unwrap();
                }
                if step >= 3 {
                    ledger.journal_mark(row, JournalState::Kept, None).unwrap();
                }
            }
            drop(ledger);
            let optimizer = with(folder.path(), &[&own], |_| {});
            assert_eq!(own.values(), before, "{kind:?} at step {step}");
            assert!(optimizer.status().unwrap().changes.is_empty(), "{kind:?}");
        }
    }
    assert!(pulled >= 12, "only {pulled} levers were pulled");
}

#[test]
fn what_a_living_optimizer_has_changed_is_not_recovered() {
    let own = Own::sleeper();
    let folder = tempfile::tempdir().unwrap();
    let living = Own::sleeper();
    let ledger = Ledger::open(folder.path()).unwrap();
    let door = door(&own);
    let process = own.id();
    let change = prepared(&Lever::Batch { process }, &door).remove(0);
    journal(&ledger, &change, living.id());
    change.apply(&door).unwrap();
    drop(ledger);
    let optimizer = with(folder.path(), &[&own], |_| {});
    assert_eq!(field(own.pid(), 41).unwrap(), "3");
    assert!(optimizer.rollback(RollbackOf::All).unwrap().is_empty());
    drop(living);
    let undone = optimizer.rollback(RollbackOf::All).unwrap();
    assert_eq!(undone.len(), 1);
    assert_eq!(field(own.pid(), 41).unwrap(), "0");
}

/// The child of the next test: does and undoes as fast as it can, until it is killed.
#[test]
fn child_that_acts_until_it_is_killed() {
    let Ok(folder) = std::env::var("USM_TEST_ACT_IN") else {
        return;
    };
    let pid: i32 = std::env::var("USM_TEST_ACT_ON").unwrap().parse().unwrap();
    let process = identity(pid).unwrap();
    let optimizer = Optimizer::new(
        config(Path::new(&folder)),
        usm_core::optimizer::OptimizerSettings {
            scope: Some(Scope::List(vec![process])),
            max_actions_per_minute: 10_000,
            lease_seconds: 600.0,
            ..settings(&[])
        },
    )
    .unwrap();
    let kinds = [
        ActionKind::SetBatch,
        ActionKind::SetIoPriority,
        ActionKind::SetAffinity,
        ActionKind::SuspendProcess,
        ActionKind::LimitCpu,
        ActionKind::Freeze,
        ActionKind::LowerPriority,
    ];
    let of_all = if is_root() { kinds.len() } else { 4 };
    println!("ready");
    for kind in kinds[..of_all].iter().cycle() {
        let action = optimizer_support::by_hand(*kind, pid);
        let report = optimizer.execute(&[action], &REAL).unwrap();
        if report.successful == 1 {
            optimizer.rollback(RollbackOf::All).unwrap();
        }
    }
}

#[test]
fn kill_9_at_any_moment_leaves_nothing_that_the_next_start_does_not_restore() {
    let rounds: u64 = std::env::var("USM_SOAK_LOOPS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(25);
    let own = Own::spinner();
    let before = own.values();
    let folder = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child_that_acts_until_it_is_killed",
                "--nocapture",
            ])
            .env("USM_TEST_ACT_IN", folder.path())
            .env("USM_TEST_ACT_ON", own.pid().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            let read = std::io::BufRead::read_line(&mut out, &mut line).unwrap();
            assert!(read > 0, "the child did not begin");
        }
        // Some moment of its work, another one in each round.
        std::thread::sleep(std::time::Duration::from_micros(700 * round * 7 % 90_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let optimizer = with(folder.path(), &[&own], |_| {});
        until("what the lease's keeper does", || own.values() == before);
        assert!(optimizer.status().unwrap().changes.is_empty());
    }
}

/// A stop whose optimizer is killed ends at once, without any next start.
#[test]
fn a_stopped_process_goes_on_when_the_optimizer_is_killed() {
    let own = Own::sleeper();
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_stops_and_waits", "--nocapture"])
        .env("USM_TEST_ACT_IN", folder.path())
        .env("USM_TEST_ACT_ON", own.pid().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("the stop", || own.state() == "T");
    child.kill().unwrap();
    child.wait().unwrap();
    until("it to go on", || own.state() == "S");
}

#[test]
fn child_that_stops_and_waits() {
    let Ok(folder) = std::env::var("USM_TEST_ACT_IN") else {
        return;
    };
    let pid: i32 = std::env::var("USM_TEST_ACT_ON").unwrap().parse().unwrap();
    let optimizer = Optimizer::new(
        config(Path::new(&folder)),
        usm_core::optimizer::OptimizerSettings {
            scope: Some(Scope::List(vec![identity(pid).unwrap()])),
            lease_seconds: 600.0,
            ..settings(&[])
        },
    )
    .unwrap();
    let action: Action = optimizer_support::by_hand(ActionKind::SuspendProcess, pid);
    let report = optimizer.execute(&[action], &REAL).unwrap();
    assert!(report.successful == 1, "{report:?}");
    std::thread::sleep(std::time::Duration::from_secs(600));
}

/// Apply and roll back restores every byte, whatever the values were before.
#[test]
fn whatever_was_before_is_afterwards() {
    let own = Own::sleeper();
    let mut odd = vec![("chrt", vec!["--batch", "-p", "0"])];
    odd.push(("ionice", vec!["-c", "2", "-n", "6", "-p"]));
    odd.push(("renice", vec!["-n", "4", "-p"]));
    let pid = own.pid().to_string();
    for (program, args) in &odd {
        let done = Command::new(program).args(args).arg(&pid).output();
        if !done.is_ok_and(|out| out.status.success()) {
            println!("left out: {program} {args:?}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let optimizer = with(folder.path(), &[&own], |s| {
        s.max_actions_per_minute = 10_000;
    });
    let before = values(own.pid());
    let mut changed = 0;
    for (kind, lever) in levers(&own) {
        let report = optimizer
            .execute(&[with_lever(kind, &own, lever)], &REAL)
            .unwrap();
        if report.successful == 1 && values(own.pid()) != before {
            changed += 1;
        }
        optimizer.rollback(RollbackOf::All).unwrap();
        assert_eq!(values(own.pid()), before, "{kind:?}");
    }
    assert!(changed >= 3, "only {changed} levers changed anything");
}
