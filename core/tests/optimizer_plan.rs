//! The planner: the gentlest lever that can work here, one for each process, refused when it
//! was altered or is too old.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod optimizer_support;

use optimizer_support::{Own, is_root, target, until, with};
use serde_json::json;
use usm_core::optimizer::{Action, ActionKind, ExecuteOptions, Optimizer, Profile, RiskLevel};

const CHECK_ONLY: ExecuteOptions<'static> = ExecuteOptions {
    dry_run: true,
    allowed_risk: None,
    verify: false,
    progress: None,
    cancel: None,
};

fn kinds(actions: &[Action]) -> Vec<ActionKind> {
    actions.iter().map(|action| action.action_type).collect()
}

/// Puts a profile in force that has only these rules for the processors.
fn only(optimizer: &Optimizer, resource: &str, kinds: &[&str], allowed_risk: RiskLevel) {
    let rules: Vec<_> = kinds
        .iter()
        .map(|kind| json!({"type": resource, "action": kind, "threshold": 50.0, "priority": "medium"}))
        .collect();
    let mut profile = Profile::clone(&optimizer.current_profile());
    profile.profile_name = "narrow".into();
    profile.optimization_rules = serde_json::from_value(json!(rules)).unwrap();
    profile.allowed_risk = allowed_risk;
    profile.auto_optimize = false;
    optimizer.save_profile(&profile).unwrap();
    optimizer.apply_profile("narrow").unwrap();
}

#[test]
fn the_lever_is_the_gentlest_that_the_profile_names_and_that_works_here() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::spinner(), Own::spinner());
    let optimizer = with(folder.path(), &[&a, &b], |_| {});
    let facts = optimizer.facts();
    let trouble = [target("cpu", "cpu_wait", &[&a, &b])];

    // Whoever waits is in other sessions: with autogroup, nice would be a placebo.
    only(&optimizer, "cpu", &["lower_priority"], RiskLevel::Medium);
    let planned = optimizer.plan(&trouble).unwrap();
    match facts.autogroup {
        true => assert!(planned.is_empty(), "{planned:?}"),
        false => assert_eq!(kinds(&planned), [ActionKind::LowerPriority; 2]),
    }

    only(
        &optimizer,
        "cpu",
        &["kill_process", "limit_cpu"],
        RiskLevel::High,
    );
    let planned = optimizer.plan(&trouble).unwrap();
    let expected = match facts.cpu.writable {
        true => vec![ActionKind::LimitCpu; 2], // One for each session.
        false => vec![ActionKind::KillProcess; 2],
    };
    assert_eq!(kinds(&planned), expected, "{planned:?}");

    only(&optimizer, "cpu", &["kill_process"], RiskLevel::Medium);
    assert!(
        optimizer.plan(&trouble).unwrap().is_empty(),
        "killing needs high risk"
    );

    only(&optimizer, "cpu", &["suspend_process"], RiskLevel::Medium);
    let planned = optimizer.plan(&trouble).unwrap();
    assert_eq!(kinds(&planned), [ActionKind::SuspendProcess; 2]);
    assert!(
        planned
            .iter()
            .all(|action| action.reversible.yes && action.effect.yes)
    );
}

#[test]
fn the_processes_of_a_storm_can_be_bounded_and_of_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::spinner();
    let optimizer = with(folder.path(), &[&own], |_| {});
    only(&optimizer, "cpu", &["limit_processes"], RiskLevel::Low);
    let hog = target("cpu", "cpu_wait", &[&own]);
    assert!(
        optimizer
            .plan(std::slice::from_ref(&hog))
            .unwrap()
            .is_empty()
    );
    let mut storm = hog;
    storm.culprits[0].unit = "processes per second".into();
    let expected = match optimizer.facts().pids.writable {
        true => vec![ActionKind::LimitProcesses],
        false => Vec::new(),
    };
    assert_eq!(kinds(&optimizer.plan(&[storm]).unwrap()), expected);
}

#[test]
fn one_process_gets_one_action_and_an_untouchable_one_none() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::spinner(), Own::spinner());
    let optimizer = with(folder.path(), &[&a, &b], |_| {});
    only(&optimizer, "cpu", &["suspend_process"], RiskLevel::Medium);
    let mut guarded = target("cpu", "cpu_wait", &[&a, &b]);
    guarded.culprits[1].may_be_touched = false;
    let trouble = [guarded, target("process", "process_cpu", &[&a])];
    let planned = optimizer.plan(&trouble).unwrap();
    assert_eq!(planned.len(), 1, "{planned:?}");
    assert_eq!(planned[0].process, Some(a.id()));
    assert!(planned[0].id > 0 && !planned[0].token.is_empty());
}

#[test]
fn networks_have_advice_and_no_action() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::spinner();
    let optimizer = with(folder.path(), &[&own], |_| {});
    let planned = optimizer
        .plan(&[target("network", "network_used", &[&own])])
        .unwrap();
    assert!(planned.is_empty());
}

#[test]
fn memory_says_what_would_be_of_no_effect() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::spinner();
    let optimizer = with(folder.path(), &[&own], |_| {});
    only(
        &optimizer,
        "memory",
        &["cleanup_memory", "reclaim_memory"],
        RiskLevel::Low,
    );
    let planned = optimizer
        .plan(&[target("memory", "memory_pressure", &[&own])])
        .unwrap();
    let trim = planned
        .iter()
        .find(|action| action.action_type == ActionKind::CleanupMemory)
        .unwrap();
    assert!(!trim.effect.reason.is_empty());
    if optimizer.facts().swap_free_bytes == Some(0) {
        assert_eq!(
            planned.len(),
            1,
            "nothing can be paged out without swap: {planned:?}"
        );
    }
}

#[test]
fn a_plan_that_was_altered_or_is_old_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (Own::spinner(), Own::spinner());
    let optimizer = with(folder.path(), &[&a, &b], |s| s.plan_shelf_seconds = 1.0);
    only(&optimizer, "cpu", &["suspend_process"], RiskLevel::Medium);
    let planned = optimizer.plan(&[target("cpu", "cpu_wait", &[&a])]).unwrap();
    let reason = |action: &Action| {
        let report = optimizer
            .execute(std::slice::from_ref(action), &CHECK_ONLY)
            .unwrap();
        report.details[0].reason.clone()
    };
    assert!(reason(&planned[0]).contains("would be done"));
    let mut altered = planned[0].clone();
    altered.process = Some(b.id());
    assert!(reason(&altered).contains("altered"));
    until("the plan's age", || reason(&planned[0]).contains("old"));
}

#[test]
fn levers_without_privilege_are_those_that_can_be_taken_back() {
    if is_root() {
        println!("skipped: this is about an ordinary user");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let own = Own::spinner();
    let optimizer = with(folder.path(), &[&own], |_| {});
    let planned = optimizer
        .plan(&[target("cpu", "cpu_wait", &[&own])])
        .unwrap();
    assert_eq!(planned.len(), 1, "{planned:?}");
    let gentle = [ActionKind::SetAutogroup, ActionKind::SetAffinity];
    assert!(gentle.contains(&planned[0].action_type), "{planned:?}");
    assert!(planned[0].reversible.yes && planned[0].risk.level == RiskLevel::Low);
}
