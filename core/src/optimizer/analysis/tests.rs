#![allow(clippy::unwrap_used)] // Helpers of tests may do what tests may.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::act::Scope;
use crate::optimizer::builtin::built_in;
use crate::optimizer::pain::ProcessPain;
use crate::optimizer::target::{Priority, Resource};
use crate::sample::*;

const NOW: f64 = 1_700_000_100.0;
const GIB: u64 = 1 << 30;

/// A machine made by hand: two processors, nothing wrong.
struct Bench {
    folder: tempfile::TempDir,
    sample: Sample,
    pain: Pain,
    profile: Profile,
    analyst: Analyst,
    now: f64,
}

impl Bench {
    fn new() -> Bench {
        let host = HostFacts {
            logical_cpus: Some(2),
            clock_ticks_per_second: 100,
            page_size_bytes: 4096,
            ..HostFacts::default()
        };
        let sample = Sample {
            host: Arc::new(host),
            ..Sample::default()
        };
        let mut bench = Bench {
            folder: tempfile::tempdir().unwrap(),
            sample,
            pain: Pain {
                window_seconds: 1.0,
                has_run_delays: true,
                memory_total_bytes: Some(4 * GIB),
                ..Pain::default()
            },
            profile: built_in().remove(0),
            analyst: Analyst::new(),
            now: NOW,
        };
        bench.busy(10.0);
        bench
    }

    fn busy(&mut self, percent: f64) {
        self.sample.cpu.shares = Some(CpuShares {
            busy_percent: percent,
            ..CpuShares::default()
        });
    }

    /// A process that ran and waited so many seconds of the one watched.
    fn process(&mut self, pid: i32, name: &str, run: f64, wait: f64) -> &mut ProcessPain {
        let details = ProcessDetails {
            name: name.into(),
            command_line: Some(name.into()),
            uid: Some(1000),
            ..ProcessDetails::default()
        };
        self.sample.processes.list.push(ProcessSample {
            pid,
            parent_pid: 1,
            start_time_ticks: 1000 + pid as u64,
            session_id: Some(7),
            cpu_seconds_total: 10.0,
            details: Arc::new(details),
            ..ProcessSample::default()
        });
        self.pain.processes.push(ProcessPain {
            pid,
            start_time_ticks: 1000 + pid as u64,
            parent_pid: 1,
            watched_seconds: 1.0,
            run_seconds: run,
            wait_seconds: wait,
            hungriest_percent: (100.0 * (run + wait)).min(100.0),
            ..ProcessPain::default()
        });
        self.pain.processes.last_mut().unwrap()
    }

    fn row(&mut self, pid: i32) -> &mut ProcessSample {
        let mut list = self.sample.processes.list.iter_mut();
        list.find(|row| row.pid == pid).unwrap()
    }

    fn status(&self, pid: i32, voluntary: u64, forced: u64) {
        let folder = self.folder.path().join(format!("proc/{pid}"));
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "Name:\tx\nvoluntary_ctxt_switches:\t{voluntary}\n\
             nonvoluntary_ctxt_switches:\t{forced}\n"
        );
        std::fs::write(folder.join("status"), text).unwrap();
    }

    fn state(&self) -> State {
        State {
            sequence: 1,
            timestamp: self.now - 1.0,
            sample: Some(Arc::new(self.sample.clone())),
            ..State::default()
        }
    }

    fn analyze(&mut self) -> Vec<Target> {
        let door = Door {
            roots: Roots::tree(self.folder.path()),
            scope: Scope::Machine,
            protected: Vec::new(),
        };
        let state = self.state();
        self.analyst
            .analyze(&state, &self.pain, &self.profile, &door, self.now)
    }

    fn only(&mut self) -> Target {
        let mut targets = self.analyze();
        assert_eq!(targets.len(), 1, "{targets:#?}");
        targets.remove(0)
    }

    /// Four hogs on two processors.
    fn hogs(&mut self) {
        self.busy(99.0);
        for pid in 100..104 {
            self.process(pid, "burn", 0.45, 0.55);
        }
    }
}

fn culprits(target: &Target) -> Vec<i32> {
    target.culprits.iter().map(|c| c.process.pid).collect()
}

fn pressure(percent: f64) -> Option<PressureResource> {
    Some(PressureResource {
        some: PressureLine {
            stalled_percent: Some(percent),
            ..PressureLine::default()
        },
        full: None,
    })
}

#[test]
fn a_machine_at_rest_or_without_a_sample_has_no_target() {
    let mut bench = Bench::new();
    bench.process(10, "calm", 0.01, 0.0);
    assert_eq!(bench.analyze(), []);
    let door = Door {
        roots: Roots::tree(bench.folder.path()),
        scope: Scope::Machine,
        protected: Vec::new(),
    };
    let mut analyst = Analyst::new();
    let none = analyst.analyze(
        &State::default(),
        &Pain::default(),
        &bench.profile,
        &door,
        NOW,
    );
    assert_eq!(none, []);
    assert!(!analyst.is_worth_a_look(&State::default(), &bench.profile));
}

#[test]
fn a_busy_machine_on_which_nobody_else_waits_is_no_target() {
    let mut bench = Bench::new();
    bench.hogs();
    assert_eq!(bench.analyze(), []);
    // One that hardly waits beside them.
    bench.process(10, "calm", 0.09, 0.01);
    assert_eq!(bench.analyze(), []);
}

#[test]
fn hogs_that_make_another_wait_are_the_culprits() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.1, 0.15);
    bench.hogs();
    let target = bench.only();
    assert_eq!(
        (target.target_type, target.metric),
        (Resource::Cpu, Metric::CpuWait)
    );
    assert!((target.current_value - 60.0).abs() < 1e-9 && target.target_value == 10.0);
    assert_eq!(target.priority, Priority::High);
    assert_eq!(culprits(&target), [100, 101, 102, 103]);
    assert!(
        target.description.ends_with("(PID: 100)"),
        "{}",
        target.description
    );
    assert_eq!(target.utilisation_percent, Some(99.0));
    assert!(target.reached_percent() > 98.0);
    let first = &target.culprits[0];
    assert_eq!((first.session_id, first.uid), (Some(7), Some(1000)));
    assert!((first.usage - 45.0).abs() < 1e-9 && first.share > 0.2);
    // These processes are made up: nothing may be done to them.
    assert!(!first.may_be_touched && first.untouchable_reason.is_some());
    assert!(target.confidence >= 0.8 && target.evidence.len() >= 3);
    assert_eq!(target.since, None);
}

#[test]
fn one_that_works_hard_beside_a_greater_group_suffers_and_is_no_culprit() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.4, 0.6);
    bench.hogs();
    assert_eq!(culprits(&bench.only()), [100, 101, 102, 103]);
}

#[test]
fn one_that_sleeps_by_itself_often_is_no_hog() {
    let mut bench = Bench::new();
    bench.busy(99.0);
    bench.process(10, "web", 0.5, 0.45);
    bench.process(11, "burn", 0.5, 0.5);
    bench.status(10, 100_000, 2000);
    bench.status(11, 3, 9000);
    assert_eq!(culprits(&bench.only()), [11]);
}

#[test]
fn who_was_there_long_before_is_disturbed_by_the_newcomer() {
    let mut bench = Bench::new();
    bench.busy(99.0);
    bench.process(10, "render", 1.0, 1.0);
    bench.process(11, "burn", 1.0, 1.0);
    assert_eq!(bench.analyze(), []);
    let newer = 1010 + 60 * 100;
    bench.row(11).start_time_ticks = newer;
    bench.pain.processes[1].start_time_ticks = newer;
    let target = bench.only();
    assert_eq!(culprits(&target), [11]);
    assert!(target.confidence < 0.8);
}

#[test]
fn what_the_profile_favours_is_never_a_culprit() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.1, 0.15);
    bench.hogs();
    bench.process(110, "other", 0.9, 0.9);
    bench.profile.foreground = vec!["burn".into()];
    assert_eq!(culprits(&bench.only()), [110]);
}

#[test]
fn without_run_delays_the_pressure_tells_with_less_confidence() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.1, 0.0);
    bench.hogs();
    bench.pain.has_run_delays = false;
    assert_eq!(bench.analyze(), []);
    bench.sample.pressure.cpu = pressure(70.0);
    let target = bench.only();
    assert_eq!(
        (target.metric, target.current_value),
        (Metric::CpuPressure, 70.0)
    );
    assert!(target.confidence < 0.8);
    bench.sample.pressure.cpu = None;
    bench.sample.cpu.runnable = Some(8);
    assert_eq!(bench.only().current_value, 75.0);
}

#[test]
fn at_most_64_culprits_are_listed_and_their_names_are_safe() {
    let mut bench = Bench::new();
    bench.busy(99.0);
    bench.process(10, "web", 0.1, 0.15);
    for pid in 100..200 {
        bench.process(pid, "a\nb", 0.02, 0.98);
    }
    let target = bench.only();
    assert_eq!(target.culprits.len(), 64);
    assert_eq!(target.culprits[0].name, "a\\x0ab");
    assert!(!target.description.contains('\n'));
}

#[test]
fn a_hog_on_a_machine_that_is_not_full_is_a_target_of_its_own() {
    let mut bench = Bench::new();
    bench.busy(55.0);
    bench.process(10, "web", 0.1, 0.05);
    bench.process(11, "burn", 0.9, 0.1);
    let target = bench.only();
    assert_eq!(
        (target.target_type, target.metric),
        (Resource::Process, Metric::ProcessCpu)
    );
    assert_eq!(target.subject.as_deref(), Some("11"));
    assert!(
        target.description.ends_with("(PID: 11)"),
        "{}",
        target.description
    );
    assert_eq!(target.target_value, 30.0);
}

#[test]
fn a_fork_storm_names_its_maker() {
    let mut bench = Bench::new();
    bench.busy(99.0);
    bench.process(10, "web", 0.1, 0.1);
    bench.process(50, "sh", 0.3, 0.1).hungriest_percent = 40.0;
    bench.process(60, "bash", 0.0, 0.0);
    bench.row(50).parent_pid = 60;
    bench.row(50).children_cpu_core_percent = Some(120.0);
    bench.row(60).children_cpu_core_percent = Some(1.0);
    bench.pain.forks_per_sec = Some(900.0);
    let target = bench.only();
    assert_eq!(
        (target.target_type, target.metric),
        (Resource::Cpu, Metric::CpuWait)
    );
    assert_eq!(culprits(&target), [50]);
    assert!(
        target.description.contains("sh (PID: 50) makes 8"),
        "{}",
        target.description
    );
    assert_eq!(target.culprits[0].unit, "processes per second");
    bench.pain.forks_per_sec = Some(20.0);
    assert!(
        bench
            .analyze()
            .iter()
            .all(|t| !t.description.contains("makes"))
    );
}

#[test]
fn memory_counts_when_others_stall_or_it_grows() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.1, 0.0).major_faults_per_sec = 200.0;
    bench.process(20, "eater", 0.5, 0.0).rss_bytes = 3 * GIB;
    bench.row(20).rss_bytes = 3 * GIB;
    bench.pain.memory_used_percent = Some(93.0);
    // Nearly full alone is none.
    bench.pain.memory_pressure_percent = Some(2.0);
    assert_eq!(bench.analyze(), []);
    bench.pain.memory_pressure_percent = Some(45.0);
    let target = bench.only();
    assert_eq!(
        (target.metric, target.current_value),
        (Metric::MemoryPressure, 45.0)
    );
    assert_eq!(culprits(&target), [20]);
    assert_eq!(
        (target.priority, target.culprits[0].share),
        (Priority::High, 0.75)
    );
    // It grows by 100 MiB in the second since.
    bench.pain.memory_pressure_percent = Some(2.0);
    bench.now += 1.0;
    bench.pain.processes[1].rss_bytes += 100 << 20;
    let target = bench.only();
    assert_eq!(
        (target.metric, target.target_value),
        (Metric::MemoryUsed, 70.0)
    );
    assert_eq!(culprits(&target), [20]);
    bench.pain.memory_used_percent = Some(50.0);
    assert_eq!(bench.analyze(), []);
}

#[test]
fn the_tighter_of_machine_and_own_limit_counts() {
    let mut bench = Bench::new();
    bench.process(20, "eater", 0.5, 0.0).rss_bytes = GIB;
    bench.process(10, "web", 0.1, 0.0).major_faults_per_sec = 50.0;
    bench.pain.processes.sort_by_key(|p| p.pid);
    bench.sample.memory.used_percent = Some(30.0);
    bench.sample.limits.memory_used_percent = Some(95.0);
    bench.pain.memory_pressure_percent = Some(30.0);
    assert_eq!(bench.only().utilisation_percent, Some(95.0));
}

#[test]
fn readers_that_push_out_what_others_have_cached_are_found() {
    let mut bench = Bench::new();
    bench.process(10, "web", 0.1, 0.0).major_faults_per_sec = 300.0;
    bench.process(20, "cat", 0.5, 0.0);
    bench.row(20).read_bytes_per_sec = Some(400e6);
    bench.pain.memory_used_percent = Some(30.0);
    bench.pain.memory_pressure_percent = Some(35.0);
    let target = bench.only();
    assert_eq!(culprits(&target), [20]);
    assert_eq!(target.culprits[0].unit, "bytes per second");
}

#[test]
fn full_file_systems_are_targets_by_themselves() {
    let mut bench = Bench::new();
    let filesystem = |mount: &str, used, inodes, read_only| FilesystemSample {
        mount_point: mount.into(),
        used_percent: Some(used),
        inodes_used_percent: inodes,
        read_only,
        ..FilesystemSample::default()
    };
    bench.sample.filesystems = vec![
        filesystem("/", 96.0, Some(91.0), false),
        filesystem("/snap", 100.0, None, true),
        filesystem("/srv", 90.0, None, false),
    ];
    let targets = bench.analyze();
    assert_eq!(targets.len(), 2);
    let (space, inodes) = (&targets[0], &targets[1]);
    assert_eq!(
        (space.metric, space.subject.as_deref()),
        (Metric::SpaceUsed, Some("/"))
    );
    assert_eq!((space.priority, space.target_value), (Priority::High, 80.0));
    assert_eq!(space.optimization_method, "disk_cleanup");
    assert_eq!(
        (inodes.metric, inodes.priority),
        (Metric::InodesUsed, Priority::Medium)
    );
}

#[test]
fn writers_that_make_others_wait_for_the_disk_are_found() {
    let mut bench = Bench::new();
    for (pid, name, rate) in [(10, "db", 2e6), (20, "dd", 150e6), (21, "dd", 140e6)] {
        let process = bench.process(pid, name, 0.1, 0.0);
        (process.looks, process.waiting_looks) = (40, 36.0);
        bench.row(pid).write_bytes_per_sec = Some(rate);
    }
    bench.sample.disks = vec![DiskSample {
        name: "vda".into(),
        utilisation_percent: Some(99.0),
        ..DiskSample::default()
    }];
    bench.pain.io_pressure_percent = Some(90.0);
    let target = bench.only();
    assert_eq!(
        (target.target_type, target.metric),
        (Resource::Disk, Metric::IoWait)
    );
    assert_eq!(
        (target.current_value, target.subject.as_deref()),
        (90.0, Some("vda"))
    );
    assert_eq!(culprits(&target), [20, 21]);
    // PSI says that nobody waits for a disk: those waits are for something else.
    bench.pain.io_pressure_percent = Some(1.0);
    assert_eq!(bench.analyze(), []);
    // The one that writes waits for its own writes; there is nobody else.
    let mut alone = Bench::new();
    let process = alone.process(10, "db", 0.1, 0.0);
    (process.looks, process.waiting_looks) = (40, 36.0);
    alone.row(10).write_bytes_per_sec = Some(2e6);
    alone.pain.io_pressure_percent = Some(90.0);
    assert_eq!(alone.analyze(), []);
}

#[test]
fn networks_get_advice() {
    let mut bench = Bench::new();
    bench.sample.network.interfaces = vec![InterfaceSample {
        name: "eth0".into(),
        received_bytes_per_sec: Some(11e6),
        sent_bytes_per_sec: Some(1e6),
        received_packets_per_sec: Some(900.0),
        sent_packets_per_sec: Some(0.0),
        drops_per_sec: Some(100.0),
        ..InterfaceSample::default()
    }];
    let lost = bench.only();
    assert_eq!(
        (lost.target_type, lost.current_value),
        (Resource::Network, 10.0)
    );
    assert!(lost.advice.is_some() && lost.culprits.is_empty());
    let folder = bench.folder.path().join("sys/class/net/eth0");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("speed"), "100\n").unwrap();
    let targets = bench.analyze();
    assert_eq!(targets.len(), 2);
    assert!(targets.iter().any(|t| t.current_value == 88.0));
    std::fs::write(folder.join("speed"), "-1\n").unwrap();
    assert_eq!(bench.analyze().len(), 1);
}

#[test]
fn what_lasts_is_told_and_surer() {
    let mut bench = Bench::new();
    assert_eq!(bench.analyze(), []);
    bench.process(10, "web", 0.1, 0.15);
    bench.hogs();
    bench.now += 1.0;
    let first = bench.only();
    assert_eq!(first.since, Some(NOW + 1.0));
    bench.now += 9.0;
    let later = bench.only();
    assert_eq!(later.since, Some(NOW + 1.0));
    assert!(later.evidence.iter().any(|line| line.contains("9 s")));
    assert!(later.confidence > first.confidence || first.confidence >= 0.94);
}

#[test]
fn a_look_is_worth_it_when_something_presses() {
    let mut bench = Bench::new();
    let worth = |bench: &mut Bench| {
        bench.now += 1.0;
        let state = bench.state();
        let profile = bench.profile.clone();
        bench.analyst.is_worth_a_look(&state, &profile)
    };
    assert!(!worth(&mut bench));
    bench.sample.pressure.cpu = pressure(9.0);
    bench.sample.pressure.io = pressure(0.0);
    bench.busy(100.0);
    assert!(!worth(&mut bench));
    bench.sample.pressure.cpu = pressure(10.0);
    assert!(worth(&mut bench));
    bench.sample.pressure.cpu = pressure(0.0);
    bench.sample.cpu.forks_per_sec = Some(500.0);
    assert!(worth(&mut bench));
    bench.sample.cpu.forks_per_sec = None;
    // A full file system is looked at now and then.
    bench.sample.filesystems = vec![FilesystemSample {
        used_percent: Some(99.0),
        ..FilesystemSample::default()
    }];
    assert!(worth(&mut bench));
    assert!(!worth(&mut bench));
    bench.now += 60.0;
    assert!(worth(&mut bench));
    bench.sample.filesystems.clear();
    bench.sample.pressure.cpu = None;
    assert!(
        worth(&mut bench),
        "without PSI a busy machine is reason enough"
    );
}

#[test]
fn the_hosts_own_normal_is_learnt_and_told() {
    let mut bench = Bench::new();
    bench.sample.filesystems = vec![FilesystemSample {
        mount_point: "/".into(),
        used_percent: Some(92.0),
        ..FilesystemSample::default()
    }];
    for _ in 0..40 {
        bench.now += 1.0;
        let (state, profile) = (bench.state(), bench.profile.clone());
        bench.analyst.is_worth_a_look(&state, &profile);
        // The same state again teaches nothing.
        bench.analyst.is_worth_a_look(&state, &profile);
    }
    let stored = bench.analyst.learnt();
    bench.analyst = Analyst::restored(Some(&stored));
    let normal = bench.only().baseline.unwrap();
    assert_eq!(normal.samples, 41);
    assert!((normal.typical - 92.0).abs() < 1.1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_state_gives_sound_targets(
        processes in proptest::collection::vec((0.0f64..1.0, 0.0f64..1.0, 0u64..4 * GIB, 0.0f64..1e9), 0..12),
        busy in 0.0f64..=100.0,
        pressures in proptest::collection::vec(proptest::option::of(0.0f64..=100.0), 3),
        used in proptest::option::of(0.0f64..=100.0),
        forks in proptest::option::of(0.0f64..2000.0),
    ) {
        let mut bench = Bench::new();
        bench.busy(busy);
        for (at, (run, wait, rss, rate)) in processes.iter().enumerate() {
            let pid = 10 + at as i32;
            let process = bench.process(pid, if at % 2 == 0 { "a" } else { "b" }, *run, *wait);
            process.rss_bytes = *rss;
            (process.looks, process.waiting_looks) = (20, 20.0 * wait);
            process.major_faults_per_sec = 100.0 * wait;
            bench.row(pid).write_bytes_per_sec = Some(*rate);
            bench.row(pid).children_cpu_core_percent = Some(100.0 * run);
        }
        bench.pain.cpu_pressure_percent = pressures[0];
        bench.pain.memory_pressure_percent = pressures[1];
        bench.pain.io_pressure_percent = pressures[2];
        bench.pain.memory_used_percent = used;
        bench.pain.forks_per_sec = forks;
        for target in bench.analyze() {
            prop_assert!(target.current_value.is_finite() && target.target_value.is_finite());
            prop_assert!((0.0..=1.0).contains(&target.confidence));
            prop_assert!(target.culprits.len() <= 64);
            for culprit in &target.culprits {
                prop_assert!((0.0..=1.0).contains(&culprit.share) && culprit.usage.is_finite());
                prop_assert_eq!(culprit.may_be_touched, culprit.untouchable_reason.is_none());
            }
            prop_assert!(!target.evidence.is_empty() && !target.description.is_empty());
        }
    }
}
