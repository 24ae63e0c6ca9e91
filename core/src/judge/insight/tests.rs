use crate::judge::machine::{GIB, Machine, START, filesystem, memory, pressure, process, shares};
use crate::judge::{Insight, InsightKind, Severity};
use crate::sample::{CpuShares, Sample};

/// What is told of a machine that is like this for five minutes.
fn told(change: impl Fn(&mut Sample)) -> Vec<Insight> {
    Machine::new().run(300, change)
}

/// The only thing that is told; it closes when the machine is quiet again.
fn only(change: impl Fn(&mut Sample)) -> Insight {
    let mut machine = Machine::new();
    let all = machine.run(300, change);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].closed_at, None);
    let after = machine.run(240, |_| {});
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(after[0].closed_at.is_some(), "{after:?}");
    all[0].clone()
}

fn has(insight: &Insight, words: &[&str]) {
    for word in words {
        assert!(
            insight.text.contains(word),
            "{word:?} is not in {:?}",
            insight.text
        );
    }
    assert!(
        !insight.evidence.is_empty() && !insight.advice.is_empty(),
        "{insight:?}"
    );
    assert!((0.0..=1.0).contains(&insight.confidence));
}

fn busy(sample: &mut Sample, percent: f64) {
    *shares(sample) = CpuShares {
        busy_percent: percent,
        user_percent: percent,
        idle_percent: 100.0 - percent,
        ..CpuShares::default()
    };
    let all = sample.cpu.shares;
    for core in &mut sample.cpu.cores {
        core.shares = all;
    }
}

#[test]
fn a_quiet_machine_is_told_nothing_of() {
    assert_eq!(Machine::new().run(900, |_| {}), []);
}

#[test]
fn full_processors_for_which_tasks_wait_are_a_bottleneck() {
    let insight = only(|sample| {
        busy(sample, 98.0);
        sample.pressure.cpu = pressure(45.0, 0.0);
        sample.cpu.runnable = Some(9);
        sample.processes.list.extend([
            process(901, "rustc", 95.0, 500 << 20),
            process(902, "rustc", 90.0, 400 << 20),
        ]);
    });
    assert_eq!(
        (insight.kind, &*insight.id),
        (InsightKind::CpuBound, "cpu_bound")
    );
    assert_eq!(insight.severity, Severity::Medium);
    has(
        &insight,
        &[
            "98 % busy",
            "45 % of the time",
            "rustc (2 processes, 185 %",
            "pid 901",
        ],
    );
    assert_eq!(insight.opened_at, START + 6.0);
}

#[test]
fn full_processors_without_a_queue_and_a_queue_that_is_short_are_none() {
    assert_eq!(
        told(|sample| {
            busy(sample, 98.0);
            sample.pressure.cpu = pressure(3.0, 0.0);
        }),
        []
    );
    assert_eq!(
        told(|sample| {
            busy(sample, 85.0);
            sample.pressure.cpu = pressure(20.0, 0.0);
        }),
        []
    );
}

#[test]
fn a_peak_of_some_seconds_is_not_told_and_what_flutters_is_told_once() {
    let mut machine = Machine::new();
    for _ in 0..20 {
        let peak = machine.run(15, |sample| {
            busy(sample, 100.0);
            sample.pressure.cpu = pressure(60.0, 0.0);
        });
        assert_eq!(peak, []);
        assert_eq!(machine.run(45, |_| {}), []);
    }
    // Around the level for ten minutes: opened at most once, never closed in between.
    let mut machine = Machine::new();
    let mut openings = std::collections::BTreeSet::new();
    for second in 0..600u32 {
        let judgement = machine.tick(|sample| {
            busy(sample, if second % 20 < 10 { 96.0 } else { 86.0 });
            sample.pressure.cpu = pressure(if second % 14 < 7 { 20.0 } else { 11.0 }, 0.0);
        });
        openings.extend(
            judgement
                .insights
                .iter()
                .map(|i| (i.opened_at as u64, i.closed_at.is_some())),
        );
    }
    assert!(openings.len() <= 1, "{openings:?}");
}

#[test]
fn work_in_the_background_matters_less() {
    let insight = only(|sample| {
        busy(sample, 99.0);
        let shares = shares(sample);
        (shares.user_percent, shares.nice_percent) = (9.0, 90.0);
        sample.pressure.cpu = pressure(70.0, 0.0);
    });
    assert_eq!(insight.severity, Severity::Low);
    has(&insight, &["91 % of that by niced work"]);
}

#[test]
fn an_old_kernel_without_pressure_is_judged_by_its_queue() {
    let insight = only(|sample| {
        sample.pressure = Default::default();
        busy(sample, 99.0);
        sample.cpu.runnable = Some(12);
    });
    assert_eq!(insight.kind, InsightKind::CpuBound);
    assert!(insight.confidence < 0.7);
    has(&insight, &["12 tasks want to run on 4.0"]);
}

#[test]
fn a_queue_before_processors_that_have_time_is_contention() {
    let insight = only(|sample| {
        busy(sample, 55.0);
        sample.pressure.cpu = pressure(50.0, 0.0);
        sample.cpu.runnable = Some(14);
    });
    assert_eq!(insight.kind, InsightKind::RunQueue);
    has(
        &insight,
        &[
            "only 55 % busy",
            "50 % of the time",
            "14 tasks are runnable",
        ],
    );
    let insight = only(|sample| {
        busy(sample, 70.0);
        shares(sample).system_percent = 45.0;
        sample.cpu.context_switches_per_sec = Some(300_000.0);
    });
    assert_eq!(insight.kind, InsightKind::RunQueue);
    has(&insight, &["300 000/s context switches"]);
}

#[test]
fn one_full_processor_beside_idle_ones_is_told_with_its_process() {
    let insight = only(|sample| {
        busy(sample, 26.0);
        sample
            .processes
            .list
            .push(process(950, "python3", 99.5, 80 << 20));
    });
    assert_eq!(insight.kind, InsightKind::CoreSaturated);
    assert_eq!(insight.severity, Severity::Low);
    has(
        &insight,
        &["python3 (pid 950", "all 4 together are 26 % busy"],
    );
    // 4 threads that take a core together are none; nor is one on a machine that is full.
    assert_eq!(
        told(|sample| {
            busy(sample, 60.0);
            sample
                .processes
                .list
                .push(process(950, "java", 190.0, 80 << 20));
        }),
        []
    );
    let insight = only(|sample| {
        busy(sample, 25.0);
        let full = CpuShares {
            busy_percent: 99.0,
            ..CpuShares::default()
        };
        sample.cpu.cores[2].shares = Some(full);
    });
    has(&insight, &["Processor 2 is 99 % busy"]);
}

#[test]
fn a_quota_that_holds_back_is_named_before_the_queue_that_it_makes() {
    let insight = only(|sample| {
        busy(sample, 40.0);
        sample.limits.quota_cpus = Some(1.5);
        sample.limits.throttled_percent = Some(32.0);
        sample.limits.cpu_used_percent = Some(88.0);
        sample.pressure.cpu = pressure(60.0, 0.0);
    });
    assert_eq!(insight.kind, InsightKind::Throttled);
    assert_eq!(insight.severity, Severity::High);
    has(&insight, &["of 1.5 processors", "32 % of the time", "88 %"]);
    assert_eq!(
        told(|sample| sample.limits.throttled_percent = Some(3.0)),
        []
    );
}

#[test]
fn time_that_the_hypervisor_takes_is_told() {
    let insight = only(|sample| {
        busy(sample, 60.0);
        shares(sample).steal_percent = 22.0;
        sample.pressure.cpu = pressure(50.0, 0.0);
    });
    assert_eq!(
        (insight.kind, insight.severity),
        (InsightKind::Steal, Severity::Medium)
    );
    has(&insight, &["22 %"]);
    assert_eq!(told(|sample| shares(sample).steal_percent = 6.0), []);
}

#[test]
fn memory_that_work_waits_for_is_critical_and_the_disk_is_not_blamed() {
    let thrash = |sample: &mut Sample| {
        memory(sample, 13 * GIB);
        sample.pressure.memory = pressure(70.0, 35.0);
        sample.pressure.io = pressure(80.0, 60.0);
        sample.memory.major_faults_per_sec = Some(2500.0);
        sample.memory.swap_in_bytes_per_sec = Some(30e6);
        sample.memory.swap_out_bytes_per_sec = Some(20e6);
        sample
            .processes
            .list
            .push(process(990, "java", 30.0, 11 * GIB));
    };
    let insight = only(thrash);
    assert_eq!(insight.kind, InsightKind::MemoryThrash);
    assert_eq!(insight.severity, Severity::Critical);
    has(
        &insight,
        &[
            "70 % of the time (all of them 35 %)",
            "2500/s",
            "48 MiB/s",
            "java (pid 990",
        ],
    );
    assert_eq!(
        told(|sample| sample.pressure.memory = pressure(3.0, 1.0)),
        []
    );
}

#[test]
fn memory_that_runs_out_is_told_before_it_hurts() {
    let insight = only(|sample| {
        memory(sample, 15 * GIB);
        sample
            .processes
            .list
            .push(process(990, "java", 30.0, 9 * GIB));
    });
    assert_eq!(insight.kind, InsightKind::MemoryFilling);
    assert_eq!(insight.severity, Severity::High);
    has(
        &insight,
        &[
            "94 % of the machine's memory",
            "1.0 GiB are left",
            "java (pid 990, 9.0 GiB)",
        ],
    );
    assert_eq!(told(|sample| memory(sample, 14 * GIB)), []);
    // The group's limit is nearer than the machine's.
    let insight = only(|sample| sample.limits.memory_used_percent = Some(98.0));
    has(
        &insight,
        &["98 % of the memory that the control group may use"],
    );
    assert_eq!(insight.severity, Severity::Critical);
    // Full swap matters when memory is full too.
    let swap = |sample: &mut Sample| sample.memory.swap_used_percent = Some(95.0);
    assert_eq!(told(swap), []);
    let insight = only(|sample| {
        swap(sample);
        memory(sample, 14 * GIB);
    });
    assert_eq!(insight.id, "memory_filling:swap");
}

#[test]
fn a_slow_disk_is_named_with_who_writes() {
    let insight = only(|sample| {
        sample.pressure.io = pressure(60.0, 45.0);
        sample.disks[0].utilisation_percent = Some(99.0);
        sample.disks[0].write_latency_ms = Some(120.0);
        sample.disks[0].write_bytes_per_sec = Some(80e6);
        let mut writer = process(960, "dd", 10.0, 4 << 20);
        writer.write_bytes_per_sec = Some(75e6);
        sample.processes.list.push(writer);
    });
    assert_eq!(
        (insight.kind, insight.severity),
        (InsightKind::IoBound, Severity::Medium)
    );
    has(
        &insight,
        &[
            "60 % of the time (all of them 45 %)",
            "sda is in use 99 %",
            "120 ms",
            "dd (pid 960, 72 MiB/s)",
        ],
    );
    // A disk that is busy while nobody waits is at work.
    assert_eq!(
        told(|sample| {
            sample.disks[0].utilisation_percent = Some(99.0);
            sample.pressure.io = pressure(15.0, 5.0);
        }),
        []
    );
}

#[test]
fn file_systems_that_fill_up_are_told_one_by_one() {
    let all = told(|sample| {
        sample.filesystems = vec![
            filesystem("/", 96.5, 3 * GIB),
            filesystem("/data", 99.0, 400 * GIB),
            filesystem("/var", 89.0, GIB),
            filesystem("/cdrom", 100.0, 0),
            filesystem("/mail", 20.0, 80 * GIB),
        ];
        sample.filesystems[3].read_only = true;
        sample.filesystems[4].inodes_used_percent = Some(97.0);
    });
    let ids: Vec<(&str, Severity)> = all.iter().map(|i| (&*i.id, i.severity)).collect();
    assert_eq!(
        ids,
        [
            ("disk_filling:/", Severity::High),
            ("disk_filling:/mail:inodes", Severity::High),
            // 400 GiB are left.
            ("disk_filling:/data", Severity::Low),
        ]
    );
    has(
        &all[0],
        &["/ has 96.5 % of its space in use, 3.0 GiB are left"],
    );
    only(|sample| sample.filesystems[0].used_percent = Some(92.0));
}

#[test]
fn a_network_that_loses_packets_is_told() {
    let insight = only(|sample| {
        sample.network.tcp.sent_segments_per_sec = Some(900.0);
        sample.network.tcp.retransmits_per_sec = Some(100.0);
    });
    assert_eq!(
        (insight.kind, insight.severity),
        (InsightKind::NetworkRetransmits, Severity::Medium)
    );
    has(&insight, &["10 % of the TCP segments", "100/s of 1000/s"]);
    // A good part of hardly anything.
    assert_eq!(
        told(|sample| {
            sample.network.tcp.sent_segments_per_sec = Some(2.0);
            sample.network.tcp.retransmits_per_sec = Some(0.5);
        }),
        []
    );
    let insight = only(|sample| sample.network.interfaces[0].errors_per_sec = Some(5.0));
    assert_eq!(insight.id, "network_retransmits:eth0");
    assert_eq!(
        told(|sample| sample.network.interfaces[0].drops_per_sec = Some(1.0)),
        []
    );
}

#[test]
fn a_leak_is_told_with_its_rate_and_when_memory_is_used_up() {
    let mut machine = Machine::new();
    let grow = |sample: &mut Sample| {
        let minutes = (sample.moment.unix_seconds - START) / 60.0;
        let rss = 400.0 + 4.0 * minutes;
        memory(sample, 8 * GIB);
        sample
            .processes
            .list
            .push(process(980, "leaky", 5.0, (rss * 1_048_576.0) as u64));
    };
    assert_eq!(machine.run(1200, grow), []);
    let all = machine.run(1200, grow);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(
        (all[0].kind, all[0].severity),
        (InsightKind::LeakSuspected, Severity::Low)
    );
    assert_eq!(all[0].id, "leak_suspected:980:1980");
    has(
        &all[0],
        &[
            "leaky (pid 980)",
            "240 MiB/h",
            "8.0 GiB that are left",
            "34 h",
        ],
    );
    // It was restarted: what it was is no longer there.
    let after = machine.run(2200, |_| {});
    assert!(after[0].closed_at.is_some());
}

#[test]
fn a_program_that_starts_and_one_that_fills_a_cache_do_not_leak() {
    let all = Machine::new().run(4000, |sample| {
        let minutes = (sample.moment.unix_seconds - START) / 60.0;
        let mib = |mib: f64| (mib * 1_048_576.0) as u64;
        let cache = 2000.0 * (1.0 - (-minutes / 10.0).exp());
        let mut young = process(970, "young", 1.0, mib(100.0 + 20.0 * minutes.min(8.0)));
        young.start_time_seconds = Some(START);
        sample.processes.list.push(young);
        sample
            .processes
            .list
            .push(process(980, "cache", 5.0, mib(200.0 + cache)));
    });
    assert_eq!(all, []);
}

#[test]
fn a_slow_monitor_needs_several_samples_and_finds_the_same() {
    let mut machine = Machine::new();
    machine.interval = 60;
    let full = |sample: &mut Sample| {
        busy(sample, 98.0);
        sample.pressure.cpu = pressure(45.0, 0.0);
    };
    machine.run(5, |_| {});
    assert_eq!(machine.run(2, full), []);
    assert_eq!(machine.run(15, full).len(), 1);
    assert!(machine.run(15, |_| {})[0].closed_at.is_some());
}

#[test]
fn words_stay_while_numbers_do() {
    let mut machine = Machine::new();
    let mut words = std::collections::BTreeSet::new();
    for second in 0..900 {
        let judgement = machine.tick(|sample| {
            busy(sample, 95.0 + f64::from(second % 5));
            sample.pressure.cpu = pressure(44.0 + f64::from(second % 3), 0.0);
        });
        words.extend(
            judgement
                .insights
                .iter()
                .map(|i| (i.text.clone(), i.updated_at as u64)),
        );
    }
    assert!(words.len() <= 2, "{words:?}");
}

#[test]
fn what_was_open_is_open_after_a_restart() {
    let mut machine = Machine::new();
    let full = |sample: &mut Sample| sample.filesystems[0].used_percent = Some(93.0);
    let before = machine.run(60, full);
    machine.restart();
    let after = machine.run(60, full);
    assert_eq!(after, before);
}

#[test]
fn no_sample_is_too_absurd() {
    use crate::series::filled;
    let mut machine = Machine::new();
    for seed in 0..400 {
        machine.tick(|sample| {
            let moment = sample.moment;
            *sample = filled::random(seed);
            if seed % 3 > 0 {
                sample.moment = moment;
            }
        });
    }
}
