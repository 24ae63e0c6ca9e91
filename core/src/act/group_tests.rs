//! Groups for real, on children of the test only.

use super::group::GroupChange;
use super::group_bench::*;
use super::group_move::pids_in;
use super::{Limit, ProcessId, Scope, Undo};
use crate::error::Error;

/// Every limit that there is.
fn limits() -> [Limit; 5] {
    [
        Limit::CpuWeight(1),
        Limit::CpuQuotaPercent(20.0),
        Limit::IoBytesPerSec(10 << 20),
        Limit::MemoryHighBytes(64 << 20),
        Limit::Processes(100),
    ]
}

fn prepare(worker: &Worker, limits: &[Limit]) -> Kept<GroupChange> {
    let mut changes = GroupChange::prepare(&[worker.id()], limits, &worker.door()).unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    Kept(changes.pop().unwrap())
}

fn memberships(of: &[ProcessId]) -> Vec<String> {
    of.iter().map(|id| groups_of(id.pid)).collect()
}

/// As another process would after a crash.
fn from_journal(change: &GroupChange) -> GroupChange {
    serde_json::from_str(&serde_json::to_string(change).unwrap()).unwrap()
}

#[test]
fn each_limit_is_set_for_the_whole_family_and_taken_back() {
    for limit in limits() {
        if !can(&limit) {
            continue;
        }
        let worker = Worker::family(3);
        let (all, before) = (worker.all(), memberships(&worker.all()));
        assert_eq!(all.len(), 4);
        let change = prepare(&worker, std::slice::from_ref(&limit));
        assert_eq!(change.processes(), all);
        assert_eq!(memberships(&all), before, "preparing changes nothing");
        assert!(!change.folders[0].exists());
        let applied = change.apply(&worker.door()).unwrap();
        assert!(applied.what.contains("4 processes"), "{}", applied.what);
        let mut pids: Vec<i32> = all.iter().map(|id| id.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids_in(&change.folders[0]).unwrap(), pids, "{limit:?}");
        for setting in &change.settings {
            let text = std::fs::read_to_string(&setting.file).unwrap();
            let number = setting.text.rsplit([' ', '=']).next().unwrap();
            assert!(text.contains(number), "{setting:?}: {text}");
        }
        assert_eq!(
            from_journal(&change).undo(&worker.door()).unwrap(),
            Undo::Restored
        );
        assert_eq!(memberships(&all), before, "{limit:?}");
        assert!(!change.folders[0].exists());
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Unchanged);
    }
}

#[test]
fn several_limits_at_once_need_a_group_in_each_hierarchy() {
    if !limits().iter().all(can) {
        return;
    }
    let worker = Worker::family(1);
    let (all, before) = (worker.all(), memberships(&worker.all()));
    let change = prepare(&worker, &limits());
    change.apply(&worker.door()).unwrap();
    for folder in &change.folders {
        assert_eq!(pids_in(folder).unwrap().len(), 2, "{}", folder.display());
    }
    assert!(
        change.about().contains("CPU weight 1"),
        "{}",
        change.about()
    );
    assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
    assert_eq!(memberships(&all), before);
    assert!(change.folders.iter().all(|folder| !folder.exists()));
}

#[test]
fn who_forks_without_pause_does_not_escape_and_comes_back() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::shell("while :; do sleep 0.02 & sleep 0.01; done");
    until("forks", || worker.descendants().len() > 1);
    let home = groups_of(worker.id().pid);
    let change = prepare(&worker, &[Limit::CpuWeight(1)]);
    change.apply(&worker.door()).unwrap();
    let inside = groups_of(worker.id().pid);
    assert_ne!(inside, home);
    for _ in 0..20 {
        for id in worker.descendants() {
            let groups = groups_of(id.pid);
            assert!(
                groups == inside || groups.is_empty(),
                "{id:?} is outside: {groups}"
            );
        }
    }
    assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
    assert!(!change.folders[0].exists());
    for id in worker.all() {
        let groups = groups_of(id.pid);
        assert!(groups == home || groups.is_empty(), "{id:?}: {groups}");
    }
}

#[test]
fn a_change_that_stopped_at_any_step_is_taken_back() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::family(2);
    let (all, before) = (worker.all(), memberships(&worker.all()));
    for step in 0..4 {
        let change = prepare(&worker, &[Limit::CpuWeight(1)]);
        let setting = &change.settings[0];
        if step >= 1 {
            std::fs::create_dir(&change.folders[0]).unwrap();
        }
        if step >= 2 {
            std::fs::write(&setting.file, &setting.text).unwrap();
        }
        if step >= 3 {
            let procs = change.folders[0].join("cgroup.procs");
            std::fs::write(procs, all[0].pid.to_string()).unwrap();
            assert_ne!(memberships(&all), before);
        }
        let wanted = if step == 0 {
            Undo::Unchanged
        } else {
            Undo::Restored
        };
        assert_eq!(from_journal(&change).undo(&worker.door()).unwrap(), wanted);
        assert_eq!(memberships(&all), before, "step {step}");
        assert!(!change.folders[0].exists());
    }
}

#[test]
fn processes_of_different_groups_each_come_back_to_their_own() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::family(2);
    let probe = prepare(&worker, &[Limit::CpuWeight(1)]);
    let group = OwnGroup::below(&probe.members[0].1[0]);
    // Dropped before the group, which can only be removed then.
    let worker = worker;
    let all = worker.all();
    group.take(all[1].pid);
    let before = memberships(&all);
    let changes = GroupChange::prepare(&[worker.id()], &[Limit::CpuWeight(1)], &worker.door());
    let changes: Vec<_> = changes.unwrap().into_iter().map(Kept).collect();
    assert_eq!(changes.len(), 2);
    for change in &changes {
        change.apply(&worker.door()).unwrap();
    }
    assert_eq!(pids_in(&changes[1].folders[0]).unwrap(), [all[1].pid]);
    assert!(
        changes[1].folders[0].starts_with(&group.0),
        "the limits above go on holding"
    );
    for change in changes.iter().rev() {
        assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
    }
    assert_eq!(memberships(&all), before);
}

#[test]
fn what_others_did_since_is_respected_and_told() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::family(2);
    let all = worker.all();
    let home = groups_of(all[0].pid);
    let change = prepare(&worker, &[Limit::CpuWeight(1)]);
    let prior = change.members[0].1[0].clone();
    let group = OwnGroup::below(&prior);
    let worker = worker;
    change.apply(&worker.door()).unwrap();
    group.take(all[1].pid);
    let elsewhere = groups_of(all[1].pid);
    // Another value, too: the group is ours all the same.
    std::fs::write(&change.settings[0].file, "77").unwrap();
    // And a stranger put into our group: it does not stay in a group that goes away.
    let stranger = Worker::single();
    let procs = change.folders[0].join("cgroup.procs");
    std::fs::write(procs, stranger.id().pid.to_string()).unwrap();
    match change.undo(&worker.door()).unwrap() {
        Undo::Left(what) => assert!(what.contains(&format!("process {}", all[1].pid)), "{what}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(groups_of(all[1].pid), elsewhere);
    for pid in [all[0].pid, all[2].pid, stranger.id().pid] {
        assert_eq!(groups_of(pid), home);
    }
    assert!(!change.folders[0].exists());
}

#[test]
fn a_former_group_that_is_gone_is_replaced_by_the_one_above() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::single();
    let home = groups_of(worker.id().pid);
    let probe = prepare(&worker, &[Limit::CpuWeight(1)]);
    let outer = OwnGroup::below(&probe.members[0].1[0]);
    let worker = worker;
    outer.take(worker.id().pid);
    let mut change = prepare(&worker, &[Limit::CpuWeight(1)]);
    // In version 1 the new group lies below: the former one can't go before it. So the
    // journal is made to name one that never was.
    change.0.members[0].1[0] = outer.0.join("gone");
    std::fs::create_dir(&change.folders[0]).unwrap();
    std::fs::write(
        change.folders[0].join("cgroup.procs"),
        worker.id().pid.to_string(),
    )
    .unwrap();
    assert!(matches!(
        change.undo(&worker.door()).unwrap(),
        Undo::Left(_)
    ));
    let mine = pids_in(&outer.0).unwrap();
    assert_eq!(mine, [worker.id().pid]);
    assert_ne!(groups_of(worker.id().pid), home);
}

#[test]
fn ended_processes_are_no_error_at_undo_and_one_at_apply() {
    if !can(&Limit::Processes(9)) {
        return;
    }
    let worker = Worker::family(1);
    let (id, all) = (worker.id(), worker.all());
    let change = prepare(&worker, &[Limit::Processes(9)]);
    let late = prepare(&worker, &[Limit::Processes(9)]);
    change.apply(&worker.door()).unwrap();
    drop(worker);
    until("all to be gone", || memberships(&all).concat().is_empty());
    let door = door(Scope::List(vec![id]));
    assert_eq!(change.undo(&door).unwrap(), Undo::Restored);
    assert!(!change.folders[0].exists());
    assert_eq!(change.undo(&door).unwrap(), Undo::Gone);
    assert!(matches!(late.apply(&door), Err(Error::NotFound { .. })));
    late.undo(&door).unwrap();
    assert!(!late.folders[0].exists());
    assert!(matches!(
        GroupChange::prepare(&[id], &[Limit::Processes(9)], &door),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn changes_of_one_family_are_undone_last_first() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::family(1);
    let (all, before) = (worker.all(), memberships(&worker.all()));
    let first = prepare(&worker, &[Limit::CpuWeight(50)]);
    first.apply(&worker.door()).unwrap();
    let second = prepare(&worker, &[Limit::CpuWeight(1)]);
    second.apply(&worker.door()).unwrap();
    let inside = memberships(&all);
    if second.folders[0].starts_with(&first.folders[0]) {
        let error = first.undo(&worker.door()).unwrap_err();
        assert!(matches!(error, Error::InvalidState(_)), "{error}");
        assert_eq!(memberships(&all), inside, "nothing is half undone");
    }
    assert_eq!(second.undo(&worker.door()).unwrap(), Undo::Restored);
    assert_eq!(first.undo(&worker.door()).unwrap(), Undo::Restored);
    assert_eq!(memberships(&all), before);
}

#[test]
fn a_group_that_others_made_in_ours_is_left_to_them_without_our_limits() {
    if !can(&Limit::Processes(20)) {
        return;
    }
    let worker = Worker::family(1);
    let (all, before) = (worker.all(), memberships(&worker.all()));
    let change = prepare(&worker, &[Limit::Processes(20)]);
    change.apply(&worker.door()).unwrap();
    let theirs = OwnGroup::below(&change.folders[0]);
    match change.undo(&worker.door()).unwrap() {
        Undo::Left(what) => assert!(what.contains("somebody made groups"), "{what}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(memberships(&all), before);
    let limit = std::fs::read_to_string(change.folders[0].join("pids.max")).unwrap();
    assert_eq!(limit.trim(), "max");
    drop(theirs);
    assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
    assert!(!change.folders[0].exists());
}

#[test]
fn a_member_that_waits_under_its_memory_limit_is_freed_by_undo_and_lives() {
    let limit = Limit::MemoryHighBytes(4 << 20);
    if !can(&limit) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    // It takes memory by touching it: version 1 lets system calls fail at the limit.
    let mut worker = Worker::shell(&format!(
        "while [ ! -e {} ]; do sleep 0.01; done; \
         exec awk 'BEGIN {{ s = \"x\"; while (length(s) < 40000000) s = s s; print length(s) }}' >{}",
        go.display(),
        folder.path().join("count").display()
    ));
    let change = prepare(&worker, &[limit]);
    change.apply(&worker.door()).unwrap();
    std::fs::write(&go, "").unwrap();
    let control = change.folders[0].join("memory.oom_control");
    if control.exists() {
        until("the group to be out of memory", || {
            std::fs::read_to_string(&control)
                .unwrap()
                .contains("under_oom 1")
        });
        assert!(!worker.has_ended());
    }
    assert_eq!(change.undo(&worker.door()).unwrap(), Undo::Restored);
    assert!(worker.wait().success(), "nothing was killed");
    let count = std::fs::read_to_string(folder.path().join("count")).unwrap();
    assert_eq!(count.trim(), "67108864");
}

#[test]
fn nobody_outside_the_scope_is_moved() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::family(2);
    let all = worker.all();
    let only = door(Scope::List(vec![all[0], all[1]]));
    let changes = GroupChange::prepare(&[all[0]], &[Limit::CpuWeight(1)], &only).unwrap();
    let change = Kept(changes.into_iter().next().unwrap());
    assert_eq!(change.processes(), all[..2]);
    let home = groups_of(all[2].pid);
    change.apply(&only).unwrap();
    assert_eq!(groups_of(all[2].pid), home);
    assert_ne!(groups_of(all[1].pid), home);
    // The scope has shrunk since: what was done is taken back all the same.
    assert_eq!(
        change.undo(&door(Scope::List(vec![]))).unwrap(),
        Undo::Restored
    );
    assert_eq!(groups_of(all[1].pid), home);
    let none = door(Scope::List(vec![all[1]]));
    assert!(matches!(
        GroupChange::prepare(&[all[0]], &[Limit::CpuWeight(1)], &none),
        Err(Error::Refused(_))
    ));
    // It left the scope between plan and act.
    let change = prepare(&worker, &[Limit::CpuWeight(1)]);
    assert!(matches!(change.apply(&none), Err(Error::Refused(_))));
    change.undo(&none).unwrap();
    assert!(!change.folders[0].exists());
    assert_eq!(memberships(&all), [&*home; 3]);
}

#[test]
fn the_pid_of_another_process_is_not_moved() {
    if !can(&Limit::CpuWeight(1)) {
        return;
    }
    let worker = Worker::single();
    let home = groups_of(worker.id().pid);
    let mut change = prepare(&worker, &[Limit::CpuWeight(1)]);
    // As if the pid had been used again since the plan.
    change.0.members[0].0.start_time_ticks -= 1;
    let error = change.apply(&door(Scope::Machine)).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert_eq!(groups_of(worker.id().pid), home);
    change.undo(&worker.door()).unwrap();
    assert!(!change.folders[0].exists());
}

#[test]
fn a_forged_journal_touches_no_group_but_ours() {
    let id = ProcessId {
        pid: i32::MAX,
        start_time_ticks: 1,
    };
    let forged = |folder: &str, file: &str| -> GroupChange {
        serde_json::from_value(serde_json::json!({
            "limits": [{"cpu_weight": 1}],
            "folders": [folder],
            "members": [[id, ["/"]]],
            "settings": [{"file": file, "text": "1", "lifted": "1"}],
            "reservations": [],
        }))
        .unwrap()
    };
    let door = door(Scope::Machine);
    let top = tempfile::tempdir().unwrap();
    let own = top.path().join("usm-1-0123456789abcdef");
    let precious = top.path().join("precious");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(&precious, "kept").unwrap();
    let (own, precious) = (own.to_str().unwrap(), precious.to_str().unwrap());
    for change in [
        forged(own, precious),
        forged(own, &format!("{own}/../precious")),
        forged(top.path().to_str().unwrap(), precious),
    ] {
        assert!(
            matches!(change.undo(&door), Err(Error::Refused(_))),
            "{change:?}"
        );
        assert!(matches!(change.apply(&door), Err(Error::Refused(_))));
    }
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "kept");
}

#[test]
fn without_privilege_nothing_is_done_and_it_is_said() {
    let worker = Worker::family(1);
    let (all, before) = (worker.all(), memberships(&worker.all()));
    for limit in limits() {
        let outcome =
            GroupChange::prepare(&[worker.id()], std::slice::from_ref(&limit), &worker.door());
        if can(&limit) {
            assert!(outcome.is_ok(), "{outcome:?}");
        } else {
            let error = outcome.unwrap_err();
            assert!(!matches!(error, Error::Internal(_)), "{error}");
            assert!(!error.to_string().is_empty());
        }
    }
    assert_eq!(memberships(&all), before);
    assert!(GroupChange::prepare(&[worker.id()], &[], &worker.door()).is_err());
    let two = [Limit::CpuWeight(1), Limit::CpuWeight(2)];
    assert!(GroupChange::prepare(&[worker.id()], &two, &worker.door()).is_err());
}
