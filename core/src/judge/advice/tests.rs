use super::*;
use crate::judge::Judge;
use crate::sample::Metrics;
use crate::sample::{FilesystemSample, ProcessSample};
use crate::series::Frame;

fn judged(sample: &Sample) -> Vec<Advice> {
    Judge::default()
        .judge(sample, &Metrics::of(sample), &mut Frame::default())
        .advice
        .to_vec()
}

#[test]
fn nothing_is_advised_without_a_reason() {
    assert_eq!(judged(&Sample::default()), []);
}

#[test]
fn a_full_file_system_and_full_memory_are_named_with_their_numbers() {
    let filesystems = vec![
        FilesystemSample {
            mount_point: "/var".into(),
            used_percent: Some(97.0),
            inodes_used_percent: Some(10.0),
            ..FilesystemSample::default()
        },
        FilesystemSample {
            mount_point: "/cdrom".into(),
            read_only: true,
            used_percent: Some(100.0),
            ..FilesystemSample::default()
        },
    ];
    let mut sample = Sample {
        filesystems,
        ..Sample::default()
    };
    sample.memory.used_percent = Some(92.5);
    sample.processes.list = vec![ProcessSample {
        pid: 42,
        rss_bytes: 3 << 30,
        ..ProcessSample::default()
    }];
    let advice = judged(&sample);
    let ids: Vec<&str> = advice.iter().map(|a| &*a.id).collect();
    // That health is low for want of memory is not said twice.
    assert_eq!(ids, ["disk_full:/var", "memory_full"]);
    assert!(advice[0].text.contains("97.0 %"));
    assert!(advice[1].text.contains("92.5 %") && advice[1].text.contains("pid 42, 3072 MiB"));
}

#[test]
fn a_process_that_uses_nothing_is_not_named_as_the_cause() {
    let mut sample = Sample::default();
    sample.memory.used_percent = Some(97.0);
    sample.limits.cpu_used_percent = Some(100.0);
    sample.cpu.shares = Some(crate::sample::CpuShares::default());
    sample.processes.list = vec![ProcessSample {
        pid: 42,
        cpu_core_percent: Some(0.0),
        cpu_machine_percent: Some(0.0),
        ..ProcessSample::default()
    }];
    let advice = judged(&sample);
    assert_eq!(advice.len(), 2);
    assert!(!advice.iter().any(|advice| advice.text.contains("pid")));
}

#[test]
fn advice_of_a_weak_kernel_names_the_settings() {
    let hardening = std::sync::Arc::new(crate::sample::HardeningSample {
        randomize_va_space: Some(0),
        protected_symlinks: Some(1),
        ..Default::default()
    });
    let sample = Sample {
        hardening,
        ..Sample::default()
    };
    let advice = judged(&sample);
    assert_eq!(advice.len(), 1);
    assert!(
        advice[0].text.contains("kernel.randomize_va_space = 0"),
        "{}",
        advice[0].text
    );
}

#[test]
fn an_insight_takes_the_place_of_the_scores_that_it_explains() {
    use crate::judge::machine::{GIB, Machine, memory, pressure, process, shares};
    let mut machine = Machine::new();
    let full = |sample: &mut Sample| {
        shares(sample).busy_percent = 100.0;
        sample.pressure.cpu = pressure(90.0, 0.0);
        let load = sample.cpu.load_average.get_or_insert_with(Default::default);
        (load.one, load.five, load.fifteen) = (30.0, 30.0, 30.0);
        memory(sample, 4 * GIB);
        sample
            .processes
            .list
            .push(process(901, "rustc", 390.0, GIB));
    };
    let ids = |advice: &[Advice]| advice.iter().map(|a| a.id.to_string()).collect::<Vec<_>>();
    let first = machine.tick(full).advice;
    // Nothing better is known yet.
    assert!(first.iter().any(|a| a.source == Source::Score), "{first:?}");
    let mut last = first;
    for _ in 0..120 {
        last = machine.tick(full).advice;
    }
    assert_eq!(ids(&last), ["cpu_bound"], "{last:?}");
    assert_eq!(last[0].source, Source::Insight);
    let benefit = last[0].benefit.as_deref().unwrap_or_default();
    assert!(benefit.contains("3.9 of the processors"), "{benefit}");
    assert!(last[0].text.contains("rustc (pid 901"), "{}", last[0].text);
}

#[test]
fn the_same_file_system_is_one_advice_before_and_after_its_insight() {
    use crate::judge::machine::Machine;
    let mut machine = Machine::new();
    let mut ids = std::collections::BTreeSet::new();
    for second in 0..200 {
        let percent = 86.0 + f64::from(second) / 20.0;
        let judgement =
            machine.tick(|sample| sample.filesystems[0].used_percent = Some(percent.min(97.0)));
        assert_eq!(judgement.advice.len(), 1, "{:?}", judgement.advice);
        ids.extend(judgement.advice.iter().map(|advice| advice.id.to_string()));
    }
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["disk_full:/"]);
}

#[test]
fn of_the_same_severity_what_was_taken_before_comes_first() {
    let filesystem = |mount: &str| FilesystemSample {
        mount_point: mount.into(),
        used_percent: Some(90.0),
        inodes_used_percent: Some(90.0),
        ..FilesystemSample::default()
    };
    let sample = Sample {
        filesystems: vec![filesystem("/var")],
        ..Sample::default()
    };
    let order = |learned: &Learned| -> Vec<String> {
        let grounds = Grounds {
            sample: &sample,
            scores: &Scores::default(),
            security: &[],
            incidents: &[],
            insights: &[],
            predictions: &Predictions::default(),
            learned,
        };
        let advice = advise(&grounds);
        advice.iter().map(|advice| advice.id.to_string()).collect()
    };
    assert_eq!(
        order(&Learned::default()),
        ["disk_full:/var", "inodes_full:/var"]
    );
    let mut learned = Learned::default();
    learned.learn("inodes_full", true);
    learned.learn("disk_full", false);
    assert_eq!(order(&learned), ["inodes_full:/var", "disk_full:/var"]);
}
