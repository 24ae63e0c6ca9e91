//! Measures real processes, all of them made here; and a tree of files.
#![allow(clippy::unwrap_used)] // Helpers of tests may do what tests may.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::sample::Roots;

/// A child that is ended when the test ends, however it ends.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Kept {
    fn shell(script: &str) -> Kept {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null());
        Kept(command.spawn().unwrap())
    }

    /// Four that spin and one that works a little, all on one processor: the tests beside this
    /// one keep the others.
    fn crowd() -> (Vec<Kept>, Kept) {
        let hogs: Vec<Kept> = (0..4)
            .map(|_| Kept::shell("while :; do :; done").on_one_processor())
            .collect();
        let light = Kept::shell(
            "while :; do i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; sleep 0.01; done",
        );
        (hogs, light.on_one_processor())
    }

    fn on_one_processor(self) -> Kept {
        let allowed = rustix::thread::sched_getaffinity(None).unwrap();
        let most = rustix::thread::CpuSet::MAX_CPU;
        let last = (0..most).rev().find(|cpu| allowed.is_set(*cpu)).unwrap();
        let mut one = rustix::thread::CpuSet::new();
        one.set(last);
        let pid = rustix::process::Pid::from_raw(self.0.id() as i32);
        rustix::thread::sched_setaffinity(pid, &one).unwrap();
        self
    }

    fn id(&self) -> ProcessId {
        let pid = self.0.id() as i32;
        let line = std::fs::read(format!("/proc/{pid}/stat")).unwrap();
        let stat = crate::sample::process::stat::parse(&line).unwrap();
        ProcessId {
            pid,
            start_time_ticks: stat.start_time_ticks,
        }
    }
}

fn never() -> bool {
    false
}

#[test]
fn a_light_process_beside_hogs_is_seen_to_wait() {
    let (hogs, light) = Kept::crowd();
    let culprits: BTreeSet<ProcessId> = hogs.iter().map(Kept::id).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    let pain = loop {
        let pain = measure(
            &Roots::default(),
            &culprits,
            Duration::from_millis(500),
            &never,
        )
        .unwrap();
        let hogs_run = pain.processes.iter().filter(|p| p.is_culprit);
        let all_hungry = hogs_run.clone().count() == hogs.len()
            && hogs_run.clone().all(|p| p.hungriest_percent > 70.0);
        let waits = pain.cpu_wait_percent.unwrap_or(0.0);
        if !pain.has_run_delays || (all_hungry && waits > 5.0) {
            break pain;
        }
        assert!(Instant::now() < deadline, "{:?}", pain.cpu_wait_percent);
    };
    if !pain.has_run_delays {
        println!("skipped: this kernel tells no run delays");
        return;
    }
    assert!(pain.window_seconds >= 0.5 && !pain.was_stopped);
    let of_light = pain
        .processes
        .iter()
        .find(|p| p.pid == light.id().pid)
        .unwrap();
    assert!(!of_light.is_culprit && of_light.run_seconds > 0.0);
    assert!(of_light.calls_per_sec.is_some());
    // Without knowing of culprits everybody is a victim, and the same can be computed later.
    let blind = measure(
        &Roots::default(),
        &BTreeSet::new(),
        Duration::from_millis(200),
        &never,
    )
    .unwrap();
    assert!(blind.processes.iter().all(|p| !p.is_culprit));
    let all = blind.victims_of(&BTreeSet::new());
    assert_eq!(all.cpu_wait_percent, blind.cpu_wait_percent);
    let own = std::process::id() as i32;
    assert!(blind.processes.iter().all(|p| p.pid != own));
}

#[test]
fn what_a_culprit_has_started_is_a_culprit_too() {
    let parent = Kept::shell("sleep 600 & wait");
    let culprits = BTreeSet::from([parent.id()]);
    let deadline = Instant::now() + Duration::from_secs(60);
    let child = loop {
        let pain = measure(
            &Roots::default(),
            &culprits,
            Duration::from_millis(40),
            &never,
        )
        .unwrap();
        let found = pain
            .processes
            .iter()
            .find(|p| p.parent_pid == parent.id().pid);
        if let Some(child) = found {
            assert!(child.is_culprit);
            break child.id();
        }
        assert!(Instant::now() < deadline);
    };
    // The guard knows the parent only.
    let pid = rustix::process::Pid::from_raw(child.pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn a_caller_that_has_had_enough_gets_what_was_seen() {
    let started = Instant::now();
    let pain = measure(
        &Roots::default(),
        &BTreeSet::new(),
        Duration::from_secs(3600),
        &|| true,
    )
    .unwrap();
    assert!(pain.was_stopped && started.elapsed() < Duration::from_secs(1800));
    assert!(!pain.processes.is_empty());
    assert!(pain.memory_used_percent.is_some() && pain.memory_available_bytes.is_some());
}

#[test]
fn a_tree_without_these_files_gives_nothing_but_none() {
    let folder = tempfile::tempdir().unwrap();
    let proc = folder.path().join("proc/7");
    std::fs::create_dir_all(&proc).unwrap();
    std::fs::write(proc.join("stat"), b"7 (x) S nonsense\n").unwrap();
    let window = Duration::from_millis(30);
    let roots = Roots::tree(folder.path());
    let pain = measure(&roots, &BTreeSet::new(), window, &never).unwrap();
    assert!(pain.processes.is_empty() && !pain.has_run_delays);
    let values = [
        pain.cpu_wait_percent,
        pain.io_wait_percent,
        pain.cpu_pressure_percent,
        pain.memory_pressure_percent,
        pain.io_pressure_percent,
        pain.memory_used_percent,
        pain.forks_per_sec,
    ];
    assert_eq!(values, [None; 7]);
    let missing = Roots::tree(folder.path().join("no"));
    let error = measure(&missing, &BTreeSet::new(), window, &never).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::NotFound);
}

#[test]
fn a_process_of_a_tree_stands_still() {
    let folder = tempfile::tempdir().unwrap();
    let proc = folder.path().join("proc/7");
    std::fs::create_dir_all(&proc).unwrap();
    let rest = "R 1 7 7 0 -1 4194304 1 2 3 4 50 25 7 8 20 0 1 0 99 3133440 400 1 1 1 1\n";
    std::fs::write(proc.join("stat"), format!("7 (x y) {rest}")).unwrap();
    std::fs::write(proc.join("schedstat"), "1000000 2000000 5\n").unwrap();
    let roots = Roots::tree(folder.path());
    let window = Duration::from_millis(30);
    let pain = measure(&roots, &BTreeSet::new(), window, &never).unwrap();
    let only = &pain.processes[0];
    assert_eq!(
        (only.pid, only.start_time_ticks, only.parent_pid),
        (7, 99, 1)
    );
    // Ready at both ends without having run: it waited all the time.
    let waited = pain.cpu_wait_percent.unwrap();
    assert!((waited - 100.0).abs() < 1e-9, "{waited}");
    assert_eq!((only.run_seconds, only.calls_per_sec), (0.0, None));
}

#[test]
fn real_hogs_are_diagnosed_as_the_culprits_and_the_light_one_is_not() {
    use crate::act::{Door, Scope};
    use crate::optimizer::analysis::Analyst;
    use crate::optimizer::builtin::built_in;
    use crate::optimizer::target::{Metric, Resource};

    let (hogs, light) = Kept::crowd();
    let roots = Roots::default();
    let door = Door {
        roots: roots.clone(),
        scope: Scope::List(hogs.iter().map(Kept::id).collect()),
        protected: Vec::new(),
    };
    // What else runs on the machine may be heavier than these: only they are looked at.
    let own: BTreeSet<i32> = hogs.iter().chain([&light]).map(|k| k.id().pid).collect();
    let mut profile = built_in().remove(0);
    // One processor of them all may be busy here.
    profile.cpu_threshold = 1.0;
    let mut analyst = Analyst::new();
    let mut sampler = crate::Sampler::new(crate::SamplerSettings::default()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut sample = crate::Sample::default();
        sampler.sample(&mut sample).unwrap();
        let window = Duration::from_millis(500);
        let mut pain = measure(&roots, &BTreeSet::new(), window, &never).unwrap();
        if !pain.has_run_delays {
            println!("skipped: this kernel tells no run delays");
            return;
        }
        pain.processes.retain(|p| own.contains(&p.pid));
        let state = crate::State {
            timestamp: sample.moment.unix_seconds,
            sample: Some(std::sync::Arc::new(sample)),
            ..crate::State::default()
        };
        let now = state.timestamp + 0.5;
        let targets = analyst.analyze(&state, &pain, &profile, &door, now);
        let cpu = targets
            .iter()
            .find(|t| t.target_type == Resource::Cpu && t.metric == Metric::CpuWait);
        if let Some(target) = cpu {
            let found: BTreeSet<ProcessId> = target.culprits.iter().map(|c| c.process).collect();
            assert!(!found.contains(&light.id()), "{target:?}");
            if hogs.iter().all(|hog| found.contains(&hog.id())) {
                assert!(target.current_value >= profile.pressure_threshold);
                let named = target
                    .culprits
                    .iter()
                    .filter(|c| own.contains(&c.process.pid));
                assert!(
                    named
                        .clone()
                        .all(|c| c.session_id.is_some() && c.name == "sh")
                );
                return;
            }
        }
        assert!(Instant::now() < deadline, "{targets:#?}");
    }
}
