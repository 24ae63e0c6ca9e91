//! A second witness: our scan of this machine against sysinfo's, process by process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout)] // A helper of tests may do what tests may.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind,
};
use usm_core::sample::{
    HostFacts, Moment, ProcessSample, ProcessScanner, ProcessSettings, ProcessState, ProcessTable,
    Roots,
};

fn host() -> HostFacts {
    HostFacts {
        page_size_bytes: rustix::param::page_size() as u64,
        clock_ticks_per_second: rustix::param::clock_ticks_per_second(),
        boot_time_seconds: Some(System::boot_time().unwrap() as f64),
        ..HostFacts::default()
    }
}

fn is_same_state(ours: ProcessState, theirs: ProcessStatus) -> bool {
    match ours {
        ProcessState::Zombie => theirs == ProcessStatus::Zombie,
        ProcessState::Idle => theirs == ProcessStatus::Idle,
        ProcessState::Stopped => theirs == ProcessStatus::Stop,
        // These come and go between two readings.
        _ => !matches!(
            theirs,
            ProcessStatus::Zombie | ProcessStatus::Idle | ProcessStatus::Stop
        ),
    }
}

/// What the two say differently of one process.
fn differences(ours: &ProcessSample, theirs: &Process) -> Vec<String> {
    let mut out = Vec::new();
    let mut check = |what: &str, same: bool, a: String, b: String| {
        if !same {
            out.push(format!("{} {what}: {a} against {b}", ours.pid));
        }
    };
    let parent = theirs.parent().map_or(0, |pid| pid.as_u32() as i32);
    let text = |value: &dyn std::fmt::Debug| format!("{value:?}");
    check(
        "parent",
        ours.parent_pid == parent,
        text(&ours.parent_pid),
        text(&parent),
    );
    let started = ours.start_time_seconds.unwrap();
    let off = (started - theirs.start_time() as f64).abs();
    check(
        "start",
        off <= 1.0,
        text(&started),
        text(&theirs.start_time()),
    );
    // A busy process may have grown or worked between the two readings.
    let slack = (ours.rss_bytes / 5).max(8 << 20);
    check(
        "rss",
        ours.rss_bytes.abs_diff(theirs.memory()) <= slack,
        text(&ours.rss_bytes),
        text(&theirs.memory()),
    );
    let cpu = theirs.accumulated_cpu_time() as f64 / 1000.0;
    check(
        "cpu",
        (ours.cpu_seconds_total - cpu).abs() <= 2.0,
        text(&ours.cpu_seconds_total),
        text(&cpu),
    );
    if ours.state != ProcessState::Zombie {
        let uid = theirs.effective_user_id().map(|uid| **uid);
        check(
            "uid",
            ours.details.uid == uid,
            text(&ours.details.uid),
            text(&uid),
        );
    }
    check(
        "state",
        is_same_state(ours.state, theirs.status()),
        text(&ours.state),
        text(&theirs.status()),
    );
    let name: &OsStr = theirs.name();
    let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
    // A kernel worker's present work is no part of our name; theirs may be longer than comm.
    let same_name = name.starts_with(&*ours.details.name) || ours.details.name.contains("\\x");
    check("name", same_name, text(&ours.details.name), name);
    out
}

#[test]
fn sysinfo_says_the_same_of_nearly_every_process() {
    let settings = ProcessSettings::default();
    let mut scanner = ProcessScanner::new(&Roots::default(), settings);
    let mut table = ProcessTable::default();
    let mut system = System::new().unwrap();
    let what = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_cpu()
        .with_memory()
        .with_user(UpdateKind::Always);
    scanner
        .scan(Moment::default(), &host(), &mut table)
        .unwrap();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);

    let mut matched = 0;
    let mut differing = Vec::new();
    for ours in &table.list {
        let Some(theirs) = system.process(Pid::from_u32(ours.pid as u32)) else {
            continue;
        };
        // Another program or process by now: not the same thing to compare.
        let stat = std::fs::read(format!("/proc/{}/comm", ours.pid)).unwrap_or_default();
        if stat.is_empty() {
            continue;
        }
        matched += 1;
        differing.extend(differences(ours, theirs));
    }
    let known = system.processes().len();
    assert!(matched * 10 >= known * 9, "{matched} of {known} matched");
    assert!(
        matched * 10 >= table.total * 9,
        "{matched} of {} matched",
        table.total
    );
    // Young processes change program, user and parent between the readings.
    assert!(differing.len() * 20 <= matched, "{differing:#?}");
    assert!(
        table
            .list
            .iter()
            .any(|row| row.pid == std::process::id() as i32)
    );
}
