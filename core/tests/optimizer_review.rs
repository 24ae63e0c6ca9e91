//! What callers could get wrong or try, and what happens at the same time: nothing may act
//! beyond what was allowed, nothing applied may stay without a verdict, nothing may be lost.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod optimizer_support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;

use optimizer_support::{Own, by_hand, config, optimizer, settings, until, with, with_lever};
use usm_core::Monitor;
use usm_core::act::{Lever, Limit};
use usm_core::optimizer::{
    Action, ActionKind, ExecuteOptions, Optimizer, Progress, RiskLevel, RollbackOf, Verdict,
};

const REAL: ExecuteOptions<'static> = ExecuteOptions {
    dry_run: false,
    allowed_risk: Some(RiskLevel::Medium),
    verify: false,
    progress: None,
    cancel: None,
};

fn batch_of(own: &Own) -> Action {
    let process = own.id();
    with_lever(ActionKind::SetBatch, own, Lever::Batch { process })
}

fn reason(optimizer: &Optimizer, action: &Action) -> String {
    let report = optimizer
        .execute(std::slice::from_ref(action), &REAL)
        .unwrap();
    assert!(!report.details[0].success, "{report:?}");
    report.details[0].error.clone().unwrap()
}

#[test]
fn a_lever_of_another_kind_is_not_smuggled_past_the_risk() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = Own::sleeper();
    let process = own.id();
    let before = own.values();
    let optimizer = optimizer(folder.path(), &[&own]);
    let end = Lever::Terminate {
        process,
        grace_seconds: 0.0,
        may_kill: true,
    };
    let stop = Lever::Stop {
        process,
        lease_seconds: 60.0,
    };
    let hold = Lever::Group {
        processes: vec![process],
        limits: vec![Limit::CpuWeight(1), Limit::Processes(1)],
    };
    for (kind, lever) in [
        (ActionKind::SetBatch, end.clone()),
        (ActionKind::CleanupMemory, end.clone()),
        (ActionKind::CleanupDisk, end),
        (ActionKind::CleanupMemory, stop),
        (ActionKind::LimitCpu, hold),
    ] {
        let why = reason(&optimizer, &with_lever(kind, &own, lever));
        assert!(why.contains("lever"), "{kind:?}: {why}");
    }
    assert!(!own.has_ended());
    assert_eq!(own.values(), before);
}

#[test]
fn what_an_action_names_is_what_it_acts_upon() {
    let folder = tempfile::tempdir().unwrap();
    let (named, other) = (Own::sleeper(), Own::sleeper());
    let before = other.values();
    let optimizer = optimizer(folder.path(), &[&named, &other]);
    let mut action = batch_of(&other);
    action.target_id = named.pid().to_string();
    assert!(reason(&optimizer, &action).contains("names"));
    action.process = Some(named.id());
    assert!(reason(&optimizer, &action).contains("names"));
    assert_eq!(other.values(), before);
}

#[test]
fn priorities_are_never_raised() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let nice = |nice| {
        let process = own.id();
        with_lever(
            ActionKind::LowerPriority,
            &own,
            Lever::Nice { process, nice },
        )
    };
    let done = std::process::Command::new("renice")
        .args(["-n", "10", "-p", &own.pid().to_string()])
        .output()
        .unwrap();
    assert!(done.status.success());
    assert!(reason(&optimizer, &nice(0)).contains("raise"));
    assert!(reason(&optimizer, &nice(-20)).contains("raise"));
    assert_eq!(own.nice(), 10);
}

#[test]
fn rows_that_are_no_more_or_are_given_twice_lose_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::sleeper(), Own::sleeper());
    let optimizer = optimizer(folder.path(), &[&a, &b]);
    let unknown = Action {
        id: 4711,
        ..batch_of(&a)
    };
    let report = optimizer
        .execute(&[unknown.clone(), unknown.clone(), batch_of(&b)], &REAL)
        .unwrap();
    let [first, again, last] = &report.details[..] else {
        panic!("{report:?}");
    };
    assert!(first.success && last.success, "{report:?}");
    assert!(!again.success);
    assert_ne!(first.action_id, again.action_id);
    let explained = optimizer.explain(first.action_id).unwrap();
    assert_eq!(explained.status, "completed");
    assert_eq!(explained.changes[0].state, "kept");
    // What was done is not written over by another call with the same action.
    let done = Action {
        id: first.action_id,
        ..unknown
    };
    optimizer
        .execute(&[done], &ExecuteOptions::default())
        .unwrap();
    let explained = optimizer.explain(first.action_id).unwrap();
    assert_eq!(explained.status, "completed");
    optimizer
        .rollback(RollbackOf::Action(first.action_id))
        .unwrap();
    let explained = optimizer.explain(first.action_id).unwrap();
    assert_eq!(explained.status, "rolled_back");
}

#[test]
fn numbers_that_are_none_do_not_spread() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::sleeper(), Own::sleeper());
    let optimizer = optimizer(folder.path(), &[&a, &b]);
    let odd = Action {
        estimated_benefit: f64::NAN,
        execution_time: f64::INFINITY,
        planned_at: f64::NAN,
        ..batch_of(&a)
    };
    let report = optimizer
        .execute(&[odd, batch_of(&b)], &ExecuteOptions::default())
        .unwrap();
    assert_eq!(report.total_benefit, 1.0, "{report:?}");
    let nothing = optimizer.execute(&[], &REAL).unwrap();
    assert_eq!((nothing.executed, nothing.total_benefit), (0, 0.0));
}

#[test]
fn an_ended_process_takes_no_place_among_those_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (mut a, b) = (Own::sleeper(), Own::sleeper());
    let optimizer = with(folder.path(), &[&a, &b], |s| s.max_processes_touched = 1);
    let report = optimizer.execute(&[batch_of(&a)], &REAL).unwrap();
    assert_eq!(report.successful, 1);
    let error = reason(&optimizer, &batch_of(&b));
    assert!(error.contains("max_processes_touched"), "{error}");
    a.end();
    let report = optimizer.execute(&[batch_of(&b)], &REAL).unwrap();
    assert_eq!(report.successful, 1, "{report:?}");
}

/// Runs a test that might wait for ever if it fails.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    match is_done.recv_timeout(Duration::from_secs(120)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => worker.join().unwrap(),
    }
}

#[test]
fn the_kill_switch_can_be_pulled_by_who_is_told_of_progress() {
    in_time(|| {
        let folder = tempfile::tempdir().unwrap();
        let (earlier, own) = (Own::sleeper(), Own::sleeper());
        let before = (earlier.values(), own.values());
        let optimizer = with(folder.path(), &[&earlier, &own], |s| {
            s.verify_seconds = 20.0;
        });
        optimizer.execute(&[batch_of(&earlier)], &REAL).unwrap();
        let within = Mutex::new(None);
        let progress = |step: &Progress| {
            let mut within = within.lock().unwrap();
            if step.stage == "measuring" && within.is_none() {
                *within = Some(optimizer.execute(&[batch_of(&own)], &REAL).is_err());
                assert!(optimizer.halt(true).unwrap().is_empty());
            }
        };
        let options = ExecuteOptions {
            verify: true,
            progress: Some(&progress),
            ..REAL
        };
        let report = optimizer.execute(&[batch_of(&own)], &options).unwrap();
        assert_eq!(report.successful, 0, "{report:?}");
        assert_eq!(*within.lock().unwrap(), Some(true));
        assert_eq!((earlier.values(), own.values()), before);
        assert!(optimizer.status().unwrap().changes.is_empty());
    });
}

#[test]
fn a_rollback_before_the_verdict_is_not_forgotten_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = with(folder.path(), &[&own], |s| s.verify_seconds = 0.5);
    let undone = AtomicUsize::new(0);
    let progress = |step: &Progress| {
        if step.stage == "verifying" {
            let rows = optimizer.rollback(RollbackOf::All).unwrap();
            undone.fetch_add(rows.len(), Ordering::SeqCst);
        }
    };
    let options = ExecuteOptions {
        verify: true,
        progress: Some(&progress),
        ..REAL
    };
    let report = optimizer.execute(&[batch_of(&own)], &options).unwrap();
    assert_eq!(undone.load(Ordering::SeqCst), 1);
    assert!(report.details[0].rolled_back, "{report:?}");
    assert!(!report.details[0].success, "{report:?}");
    assert_eq!(own.values(), before);
    assert!(optimizer.status().unwrap().changes.is_empty());
    let explained = optimizer.explain(report.details[0].action_id).unwrap();
    // The second one does not say that the first never was.
    assert_eq!(explained.changes[0].detail.as_deref(), Some("restored"));
}

#[test]
fn a_panic_of_who_is_told_of_progress_leaves_nothing_behind() {
    in_time(|| {
        let folder = tempfile::tempdir().unwrap();
        let own = Own::sleeper();
        let before = own.values();
        let optimizer = with(folder.path(), &[&own], |s| s.verify_seconds = 2.0);
        let progress = |step: &Progress| {
            if step.stage == "verifying" {
                panic!("of the test");
            }
        };
        let options = ExecuteOptions {
            verify: true,
            progress: Some(&progress),
            ..REAL
        };
        let call = std::panic::AssertUnwindSafe(|| optimizer.execute(&[batch_of(&own)], &options));
        std::panic::catch_unwind(call).unwrap_err();
        assert_eq!(own.values(), before);
        assert!(optimizer.status().unwrap().changes.is_empty());
        let report = optimizer.execute(&[batch_of(&own)], &REAL).unwrap();
        assert_eq!(report.successful, 1, "{report:?}");
    });
}

#[test]
fn what_was_measured_under_a_change_that_was_taken_back_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let stages = Mutex::new(Vec::new());
    let progress = |step: &Progress| stages.lock().unwrap().push(step.stage.clone());
    let options = ExecuteOptions {
        verify: true,
        progress: Some(&progress),
        ..REAL
    };
    for _ in 0..2 {
        stages.lock().unwrap().clear();
        let report = optimizer.execute(&[batch_of(&own)], &options).unwrap();
        if report.details[0].verdict == Verdict::Helped {
            optimizer.rollback(RollbackOf::All).unwrap();
        }
        let stages = stages.lock().unwrap();
        assert!(stages.contains(&"measuring".into()), "{stages:?}");
    }
}

#[test]
fn two_optimizers_at_the_same_moment_do_not_both_change_a_process() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let both = [
        optimizer(folder.path(), &[&own]),
        optimizer(folder.path(), &[&own]),
    ];
    for _ in 0..20 {
        let start = Barrier::new(2);
        let successes: usize = std::thread::scope(|scope| {
            let calls: Vec<_> = both
                .iter()
                .map(|optimizer| {
                    let (start, own) = (&start, &own);
                    scope.spawn(move || {
                        start.wait();
                        optimizer
                            .execute(&[batch_of(own)], &REAL)
                            .unwrap()
                            .successful
                    })
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).sum()
        });
        assert_eq!(successes, 1);
        for optimizer in &both {
            optimizer.rollback(RollbackOf::All).unwrap();
        }
        assert_eq!(own.values(), before);
    }
}

#[test]
fn auto_optimization_says_that_the_monitor_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let monitor = Arc::new(Monitor::new(config(folder.path())).unwrap());
    let optimizer = Optimizer::attached(&monitor, settings(&[&own])).unwrap();
    optimizer.set_auto_optimize(true).unwrap();
    until("the first state", || {
        monitor.is_active() && monitor.state().sample.is_some()
    });
    monitor.stop().unwrap();
    until("the decision", || {
        let last = optimizer.status().unwrap().last_decision;
        last.is_some_and(|last| last.contains("monitor is stopped"))
    });
    assert!(!monitor.is_active(), "who has stopped it is not overruled");
    drop(monitor);
    optimizer.close().unwrap();
}

#[test]
fn only_what_was_acted_upon_is_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::sleeper(), Own::sleeper());
    let optimizer = optimizer(folder.path(), &[&a, &b]);
    let mut profile = (*optimizer.current_profile()).clone();
    profile.profile_name = "stops".into();
    profile.allowed_risk = RiskLevel::Medium;
    profile.optimization_rules.truncate(1);
    for rule in &mut profile.optimization_rules {
        rule.resource = usm_core::optimizer::Resource::Cpu;
        rule.action = ActionKind::SuspendProcess;
        rule.threshold = 1.0;
    }
    optimizer.save_profile(&profile).unwrap();
    optimizer.apply_profile("stops").unwrap();
    let target = optimizer_support::target("cpu", "cpu_wait", &[&a, &b]);
    let planned = optimizer.plan(std::slice::from_ref(&target)).unwrap();
    assert_eq!(planned.len(), 2, "{planned:?}");
    let options = ExecuteOptions {
        verify: true,
        ..REAL
    };
    let report = optimizer.execute(&planned[..1], &options).unwrap();
    if report.details[0].verdict == Verdict::Helped {
        println!("skipped: other work on this machine ended just then");
        return;
    }
    let left = optimizer.plan(&[target]).unwrap();
    let whom: Vec<_> = left.iter().map(|action| action.process).collect();
    assert_eq!(whom, [planned[1].process], "{left:?}");
}

#[test]
fn what_gates_a_planned_action_can_not_be_altered() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::spinner();
    let optimizer = optimizer(folder.path(), &[&own]);
    let target = optimizer_support::target("cpu", "cpu_wait", &[&own]);
    let planned = optimizer.plan(&[target]).unwrap();
    let Some(action) = planned.first() else {
        println!("skipped: no lever can have an effect here");
        return;
    };
    let altered = [
        |action: &mut Action| action.reversible.yes = !action.reversible.yes,
        |action: &mut Action| action.risk.level = RiskLevel::High,
        |action: &mut Action| action.culprits.clear(),
    ];
    for alter in altered {
        let mut action = action.clone();
        alter(&mut action);
        assert!(reason(&optimizer, &action).contains("altered"));
    }
    // Nor by going without a token: what was said of it does not count then.
    let kill = Action {
        risk: action.risk.clone(),
        ..by_hand(ActionKind::KillProcess, own.pid())
    };
    assert!(reason(&optimizer, &kill).contains("risk"));
}

#[test]
fn what_a_living_optimizer_has_put_aside_is_not_purged_by_another_ones_setting() {
    let folder = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    std::fs::write(files.path().join("old"), "text").unwrap();
    let cleaner = |quarantine_seconds| {
        with(folder.path(), &[&own], |s| {
            s.cleanup_folders = vec![files.path().into()];
            s.cleanup_builtin = false;
            s.cleanup_age_seconds = 0.0;
            s.quarantine_seconds = quarantine_seconds;
        })
    };
    let careful = cleaner(3600.0);
    let clean = [by_hand(ActionKind::CleanupDisk, "system_disk")];
    until("the file's age", || {
        careful.execute(&clean, &REAL).unwrap();
        !files.path().join("old").exists()
    });
    let put_aside = careful.quarantines().unwrap();
    assert!(!put_aside.is_empty());
    let hasty = cleaner(0.0);
    hasty.execute(&clean, &REAL).unwrap();
    let (action, quarantine) = &put_aside[0];
    assert!(quarantine.folder.exists());
    careful.rollback(RollbackOf::Action(*action)).unwrap();
    assert!(files.path().join("old").exists());
}
