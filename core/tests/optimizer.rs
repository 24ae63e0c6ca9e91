//! The optimizer on real processes of the tests' own: demo mode, acts, verdicts, rollback,
//! refusals. Every test has a scope that holds nothing but its own children.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod optimizer_support;
mod small_disk;

use std::sync::atomic::{AtomicBool, Ordering};

use optimizer_support::{
    Own, by_hand, config, field, identity, optimizer, settings, until, with, with_lever,
};
use small_disk::SmallDisk;
use usm_core::act::{Lever, Undo};
use usm_core::optimizer::{
    ActionKind, ExecuteOptions, Optimizer, Profile, RiskLevel, RollbackOf, Verdict,
};

const REAL: ExecuteOptions<'static> = ExecuteOptions {
    dry_run: false,
    allowed_risk: Some(RiskLevel::Medium),
    verify: false,
    progress: None,
    cancel: None,
};

fn nice_of(own: &Own, nice: i32) -> usm_core::optimizer::Action {
    let process = own.id();
    with_lever(
        ActionKind::LowerPriority,
        own,
        Lever::Nice { process, nice },
    )
}

fn batch_of(own: &Own) -> usm_core::optimizer::Action {
    let process = own.id();
    with_lever(ActionKind::SetBatch, own, Lever::Batch { process })
}

#[test]
fn demo_mode_checks_everything_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = optimizer(folder.path(), &[&own]);
    let actions = [
        batch_of(&own),
        by_hand(ActionKind::SuspendProcess, own.pid()),
        by_hand(ActionKind::CleanupMemory, "system_memory"),
        by_hand(ActionKind::KillProcess, own.pid()),
    ];
    let report = optimizer
        .execute(&actions[..1], &ExecuteOptions::default())
        .unwrap();
    assert!(report.dry_run && report.successful == 1);
    let result = &report.details[0];
    assert!(result.success && result.dry_run && !result.changes.is_empty());
    assert_eq!(result.verdict, Verdict::NotMeasured);
    let report = optimizer
        .execute(&actions, &ExecuteOptions::default())
        .unwrap();
    assert_eq!(report.executed, 4);
    // The second concerns the first one's process, the fourth's risk is not allowed.
    assert!(report.details[1].error.is_some() && report.details[3].error.is_some());
    assert_eq!(own.values(), before);
    assert!(optimizer.status().unwrap().changes.is_empty());
}

#[test]
fn what_is_done_is_recorded_and_taken_back_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = optimizer(folder.path(), &[&own]);
    let report = optimizer.execute(&[batch_of(&own)], &REAL).unwrap();
    let result = &report.details[0];
    assert!(result.success, "{result:?}");
    assert_eq!(field(own.pid(), 41).unwrap(), "3");
    assert_eq!(optimizer.status().unwrap().changes.len(), 1);

    let explained = optimizer.explain(result.action_id).unwrap();
    assert_eq!(explained.status, "completed");
    assert_eq!(explained.changes[0].state, "kept");
    assert_eq!(explained.result.as_ref().unwrap(), result);

    let undone = optimizer
        .rollback(RollbackOf::Action(result.action_id))
        .unwrap();
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0].undo, Some(Undo::Restored), "{undone:?}");
    assert_eq!(own.values(), before);
    assert!(optimizer.status().unwrap().changes.is_empty());
    let again = optimizer
        .rollback(RollbackOf::Action(result.action_id))
        .unwrap();
    assert!(again.is_empty());
    let unknown = optimizer.rollback(RollbackOf::Action(4711)).unwrap_err();
    assert!(unknown.to_string().contains("4711"));
    let kinds: Vec<String> = optimizer
        .history(10)
        .unwrap()
        .into_iter()
        .map(|entry| entry.optimization_type)
        .collect();
    assert_eq!(kinds, ["rollback", "batch_optimization", "set_batch"]);
}

#[test]
fn what_does_not_help_is_taken_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = optimizer(folder.path(), &[&own]);
    let options = ExecuteOptions {
        verify: true,
        ..REAL
    };
    // A process that sleeps hurts nobody: nothing can get better. On a machine on which other
    // work ends just then it may seem so, then once more.
    for _ in 0..20 {
        let report = optimizer.execute(&[batch_of(&own)], &options).unwrap();
        let result = &report.details[0];
        if result.verdict == Verdict::Helped {
            optimizer.rollback(RollbackOf::All).unwrap();
            continue;
        }
        assert!(result.rolled_back && !result.success, "{result:?}");
        assert_eq!(own.values(), before);
        assert_eq!(report.failed, 1);
        return;
    }
    panic!("a process that sleeps seemed to hurt others twenty times");
}

#[test]
fn dropping_takes_everything_back_unless_it_is_to_stay() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let temporary = optimizer(folder.path(), &[&own]);
    temporary.execute(&[batch_of(&own)], &REAL).unwrap();
    assert_ne!(own.values(), before);
    temporary.close().unwrap();
    assert_eq!(own.values(), before);

    let lasting = with(folder.path(), &[&own], |s| s.rollback_on_close = false);
    lasting.execute(&[batch_of(&own)], &REAL).unwrap();
    drop(lasting);
    assert_ne!(own.values(), before);
    let later = optimizer(folder.path(), &[&own]);
    assert_ne!(own.values(), before, "what is to stay is no leftover");
    let undone = later.rollback(RollbackOf::All).unwrap();
    assert_eq!(undone.len(), 1);
    assert_eq!(own.values(), before);
}

#[test]
fn whatever_lies_outside_the_scope_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (Own::sleeper(), Own::sleeper());
    let before = outside.values();
    let optimizer = optimizer(folder.path(), &[&inside]);
    let report = optimizer.execute(&[batch_of(&outside)], &REAL).unwrap();
    let error = report.details[0].error.clone().unwrap();
    assert!(error.contains("scope"), "{error}");
    assert_eq!(outside.values(), before);
}

#[test]
fn protected_processes_are_refused_even_within_the_machine_as_scope() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = with(folder.path(), &[&own], |s| {
        s.scope = Some(usm_core::act::Scope::Machine);
    });
    let parent = std::os::unix::process::parent_id() as i32;
    let session: i32 = field(std::process::id() as i32, 6)
        .unwrap()
        .parse()
        .unwrap();
    let mut protected = vec![1, std::process::id() as i32, parent];
    protected.extend((session > 0).then_some(session));
    // A kernel thread, where they can be seen.
    protected.extend(identity(2).map(|_| 2));
    for pid in protected {
        let report = optimizer
            .execute(
                &[by_hand(ActionKind::SetBatch, pid)],
                &ExecuteOptions::default(),
            )
            .unwrap();
        let error = report.details[0].error.clone();
        assert!(error.is_some(), "pid {pid} was let in");
    }
    let mut profile = Profile::clone(&optimizer.current_profile());
    profile.profile_name = "guarded".into();
    profile.protected = vec![own.comm()];
    optimizer.save_profile(&profile).unwrap();
    optimizer.apply_profile("guarded").unwrap();
    let report = optimizer
        .execute(&[batch_of(&own)], &ExecuteOptions::default())
        .unwrap();
    let error = report.details[0].error.clone().unwrap();
    assert!(error.contains("protected"), "{error}");
}

#[test]
fn a_process_that_ended_or_whose_pid_is_anothers_is_not_acted_upon() {
    let folder = tempfile::tempdir().unwrap();
    let (mut gone, other) = (Own::sleeper(), Own::sleeper());
    let optimizer = with(folder.path(), &[&gone, &other], |s| {
        s.scope = Some(usm_core::act::Scope::User(
            rustix::process::geteuid().as_raw(),
        ));
    });
    let planned = batch_of(&gone);
    gone.end();
    let report = optimizer.execute(&[planned], &REAL).unwrap();
    assert!(!report.details[0].success, "{report:?}");

    // The same pid with an earlier start: what a plan would hold of a process that is no more.
    let mut stale = batch_of(&other);
    let before = other.values();
    let mut process = other.id();
    process.start_time_ticks -= 1;
    stale.process = Some(process);
    stale.lever = Some(Lever::Batch { process });
    let report = optimizer.execute(&[stale], &REAL).unwrap();
    let error = report.details[0].error.clone().unwrap();
    assert!(error.contains("another process"), "{error}");
    assert_eq!(other.values(), before);
}

/// The pid of a process that has ended is given to another one, for real.
#[test]
fn a_pid_that_was_used_again_is_noticed() {
    let last_pid = "/proc/sys/kernel/ns_last_pid";
    let folder = tempfile::tempdir().unwrap();
    let mut first = Own::sleeper();
    let optimizer = with(folder.path(), &[&first], |s| {
        s.scope = Some(usm_core::act::Scope::User(
            rustix::process::geteuid().as_raw(),
        ));
    });
    let planned = batch_of(&first);
    let pid = first.pid();
    first.end();
    for _ in 0..200 {
        if std::fs::write(last_pid, (pid - 1).to_string()).is_err() {
            println!("skipped: the next pid can't be chosen here");
            return;
        }
        let second = Own::sleeper();
        if second.pid() != pid {
            continue;
        }
        // A start within the same tick can't be told apart: it is the next tick's turn.
        if second.id() == planned.process.unwrap() {
            continue;
        }
        let before = second.values();
        let report = optimizer
            .execute(std::slice::from_ref(&planned), &REAL)
            .unwrap();
        assert!(!report.details[0].success);
        assert_eq!(second.values(), before);
        return;
    }
    println!("skipped: the pid was not given again");
}

#[test]
fn a_process_named_like_a_pid_leads_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("(PID: 1)");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let own = Own::program(&program);
    assert_eq!(own.comm(), "(PID: 1)");
    let optimizer = optimizer(folder.path(), &[&own]);
    let report = optimizer
        .execute(&[by_hand(ActionKind::SetBatch, own.pid())], &REAL)
        .unwrap();
    assert!(report.details[0].success, "{report:?}");
    assert_eq!(field(own.pid(), 41).unwrap(), "3");
}

#[test]
fn what_somebody_else_has_changed_since_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let report = optimizer.execute(&[nice_of(&own, 5)], &REAL).unwrap();
    assert!(report.details[0].success, "{report:?}");
    let done = std::process::Command::new("renice")
        .args(["-n", "11", "-p", &own.pid().to_string()])
        .output()
        .unwrap();
    assert!(done.status.success());
    assert_eq!(own.nice(), 11);
    let undone = optimizer.rollback(RollbackOf::All).unwrap();
    assert!(matches!(&undone[0].undo, Some(Undo::Left(_))), "{undone:?}");
    assert_eq!(own.nice(), 11);
}

#[test]
fn a_stop_ends_by_itself_when_its_lease_does() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = with(folder.path(), &[&own], |s| s.lease_seconds = 1.0);
    let report = optimizer
        .execute(&[by_hand(ActionKind::SuspendProcess, own.pid())], &REAL)
        .unwrap();
    let result = &report.details[0];
    assert!(result.success && result.lease_until.is_some(), "{result:?}");
    until("the lease", || own.state() == "S");
    until("the journal", || {
        optimizer.status().unwrap().changes.is_empty()
    });
}

#[test]
fn ending_a_process_needs_a_risk_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let kill = [by_hand(ActionKind::KillProcess, own.pid())];
    for allowed_risk in [None, Some(RiskLevel::Medium)] {
        let options = ExecuteOptions {
            allowed_risk,
            ..REAL
        };
        let report = optimizer.execute(&kill, &options).unwrap();
        assert!(report.details[0].error.clone().unwrap().contains("risk"));
    }
    assert!(!own.has_ended());
    let options = ExecuteOptions {
        allowed_risk: Some(RiskLevel::High),
        ..REAL
    };
    let report = optimizer.execute(&kill, &options).unwrap();
    assert!(report.details[0].success, "{report:?}");
    until("the end", || own.has_ended());
    assert!(optimizer.status().unwrap().changes.is_empty());
}

#[test]
fn the_kill_switch_takes_back_and_forbids() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = optimizer(folder.path(), &[&own]);
    optimizer.execute(&[batch_of(&own)], &REAL).unwrap();
    optimizer.halt(true).unwrap();
    assert_eq!(own.values(), before);
    let refused = optimizer.execute(&[batch_of(&own)], &REAL).unwrap_err();
    assert!(refused.to_string().contains("kill switch"));
    assert!(optimizer.set_auto_optimize(true).is_err());
    let other = with(folder.path(), &[&own], |_| {});
    assert!(other.status().unwrap().halted);
    optimizer.halt(false).unwrap();
    assert!(
        optimizer
            .execute(&[batch_of(&own)], &REAL)
            .unwrap()
            .successful
            == 1
    );
}

#[test]
fn a_cancelled_call_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = with(folder.path(), &[&own], |s| s.verify_seconds = 20.0);
    let cancel = AtomicBool::new(false);
    let progress = |step: &usm_core::optimizer::Progress| {
        if step.stage == "verifying" || step.stage == "measuring" {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let options = ExecuteOptions {
        verify: true,
        progress: Some(&progress),
        cancel: Some(&cancel),
        ..REAL
    };
    let report = optimizer.execute(&[batch_of(&own)], &options).unwrap();
    assert!(report.cancelled && report.successful == 0, "{report:?}");
    assert_eq!(own.values(), before);
    assert!(optimizer.status().unwrap().changes.is_empty());
}

#[test]
fn two_optimizers_keep_out_of_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let first = optimizer(folder.path(), &[&own]);
    let second = optimizer(folder.path(), &[&own]);
    let report = first.execute(&[batch_of(&own)], &REAL).unwrap();
    assert!(report.details[0].success);
    let process = own.id();
    let again = with_lever(
        ActionKind::LowerPriority,
        &own,
        Lever::Nice { process, nice: 3 },
    );
    let report = second.execute(&[again], &REAL).unwrap();
    let error = report.details[0].error.clone().unwrap();
    assert!(error.contains("another optimizer"), "{error}");
    let foreign = first.explain(1).unwrap();
    assert_eq!(foreign.changes.len(), 1);
    assert!(second.rollback(RollbackOf::All).unwrap().is_empty());
    let refused = second.rollback(RollbackOf::Action(1)).unwrap_err();
    assert!(
        refused.to_string().contains("another optimizer"),
        "{refused}"
    );
    drop(second);
    assert_eq!(field(own.pid(), 41).unwrap(), "3");
}

#[test]
fn only_so_much_is_done_in_a_minute_and_to_so_many() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::sleeper(), Own::sleeper());
    let busy = with(folder.path(), &[&a, &b], |s| s.max_actions_per_minute = 1);
    let report = busy.execute(&[batch_of(&a), batch_of(&b)], &REAL).unwrap();
    assert_eq!((report.successful, report.failed), (1, 1));
    assert!(report.details[1].reason.contains("minute"), "{report:?}");
    drop(busy);
    let careful = with(folder.path(), &[&a, &b], |s| s.max_processes_touched = 1);
    let report = careful
        .execute(&[batch_of(&a), batch_of(&b)], &REAL)
        .unwrap();
    assert_eq!((report.successful, report.failed), (1, 1), "{report:?}");
}

#[test]
fn a_journal_that_cannot_be_written_forbids_every_act() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a full file system can only be made as root");
        return;
    };
    let own = Own::sleeper();
    let before = own.values();
    let optimizer = optimizer(disk.path(), &[&own]);
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![1u8; 16 << 20]).unwrap_err();
    let outcome = optimizer.execute(&[batch_of(&own)], &REAL);
    match outcome {
        Err(error) => assert!(error.to_string().contains("full"), "{error}"),
        Ok(report) => assert!(!report.details[0].success, "{report:?}"),
    }
    assert_eq!(own.values(), before);
    std::fs::remove_file(&filler).unwrap();
    assert!(
        optimizer
            .execute(&[batch_of(&own)], &REAL)
            .unwrap()
            .successful
            == 1
    );
    drop(optimizer);
    assert_eq!(own.values(), before);
}

#[test]
fn profiles_are_made_applied_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let names = |o: &Optimizer| -> Vec<String> {
        o.profiles()
            .unwrap()
            .into_iter()
            .map(|p| p.profile_name)
            .collect()
    };
    let built_in = ["balanced", "server", "desktop", "batch", "low_power"];
    assert_eq!(names(&optimizer), built_in);
    assert_eq!(optimizer.current_profile().profile_name, "balanced");
    let mut mine = optimizer.profile("server").unwrap();
    mine.profile_name = "mine".into();
    mine.cpu_threshold = 66.0;
    mine.auto_optimize = false;
    optimizer.save_profile(&mine).unwrap();
    optimizer.apply_profile("mine").unwrap();
    drop(optimizer);

    let later = Optimizer::new(config(folder.path()), settings(&[&own])).unwrap();
    assert_eq!(later.current_profile().profile_name, "mine");
    assert_eq!(later.current_profile().cpu_threshold, 66.0);
    later.delete_profile("mine").unwrap();
    assert_eq!(later.current_profile().profile_name, "balanced");
    assert_eq!(names(&later), built_in);
    assert!(later.delete_profile("balanced").is_err());
    let unknown = later.apply_profile("mine").unwrap_err().to_string();
    assert!(unknown.contains("low_power"), "{unknown}");
    mine.cpu_threshold = 140.0;
    let refused = later.save_profile(&mine).unwrap_err().to_string();
    assert!(
        refused.contains("cpu_threshold") && refused.contains("140"),
        "{refused}"
    );
}

#[test]
fn the_own_heap_is_trimmed_and_told_honestly() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::sleeper();
    let optimizer = optimizer(folder.path(), &[&own]);
    let trim = [by_hand(ActionKind::CleanupMemory, "system_memory")];
    let report = optimizer.execute(&trim, &REAL).unwrap();
    let result = &report.details[0];
    assert!(
        matches!(result.verdict, Verdict::Helped | Verdict::NoEffect),
        "{result:?}"
    );
    assert!(result.before_value.is_some() && !result.reason.is_empty());
}
