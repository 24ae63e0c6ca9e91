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
