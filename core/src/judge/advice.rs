//! What the user could do, each advice with the numbers that made it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Severity;
use super::security::SecurityFinding;
use crate::arrange::arrange_by_key;
use crate::sample::{ProcessSample, Sample};
use crate::score::Scores;

/// Most that are given at once, as in the prototype's report.
const MOST: usize = 10;

/// One recommendation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Stable name of the rule, with the object it speaks of, e.g. `disk_full:/var`.
    pub id: Cow<'static, str>,
    /// What is the matter, with its numbers, and what could be done.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
}

/// The advice for one sample, most severe first.
pub(crate) fn advise(sample: &Sample, scores: &Scores, found: &[SecurityFinding]) -> Vec<Advice> {
    let mut out = Vec::new();
    health(sample, scores, &mut out);
    performance(sample, scores, &mut out);
    security(scores, found, &mut out);
    filesystems(sample, &mut out);
    memory(sample, &mut out);
    arrange_by_key(&mut out, |advice| std::cmp::Reverse(advice.severity));
    out.truncate(MOST);
    out
}

fn health(sample: &Sample, scores: &Scores, out: &mut Vec<Advice>) {
    let Some(value) = scores.health.value.filter(|value| *value < 70.0) else {
        return;
    };
    let cause = scores.health.worst();
    let what = match cause.map(|part| &*part.name) {
        Some("cpu_percent") => format!("processors {}{}", used(cause), top_cpu(sample)),
        Some("memory_percent") => format!("memory {}{}", used(cause), top_memory(sample)),
        Some("disk_percent") => format!("the root file system {}", used(cause)),
        _ => "no single cause".into(),
    };
    out.push(Advice {
        id: "health_low".into(),
        text: format!("System health is low ({value:.0} of 100): mostly {what}."),
        severity: if value < 40.0 {
            Severity::High
        } else {
            Severity::Medium
        },
    });
}

fn performance(sample: &Sample, scores: &Scores, out: &mut Vec<Advice>) {
    let Some(value) = scores.performance.value.filter(|value| *value < 60.0) else {
        return;
    };
    let cause = scores.performance.worst();
    let input = cause.and_then(|part| part.input).unwrap_or(f64::NAN);
    let what = match cause.map(|part| &*part.name) {
        Some("load_average_per_cpu") => {
            format!("{input:.1} tasks for each processor{}", top_cpu(sample))
        }
        Some("pressure_cpu_some_percent") => {
            format!(
                "tasks wait for a processor {input:.0} % of the time{}",
                top_cpu(sample)
            )
        }
        Some("pressure_memory_some_percent") => {
            format!(
                "tasks wait for memory {input:.0} % of the time{}",
                top_memory(sample)
            )
        }
        Some("pressure_io_full_percent") => {
            format!("all tasks wait for a disk {input:.0} % of the time")
        }
        Some("throttled_percent") => {
            format!("the CPU quota of the own control group holds it back {input:.0} % of the time")
        }
        _ => "no single cause".into(),
    };
    out.push(Advice {
        id: "performance_low".into(),
        text: format!("Performance is low ({value:.0} of 100): mostly {what}."),
        severity: if value < 30.0 {
            Severity::High
        } else {
            Severity::Medium
        },
    });
}

fn security(scores: &Scores, found: &[SecurityFinding], out: &mut Vec<Advice>) {
    let Some(value) = scores.security.value.filter(|value| *value < 80.0) else {
        return;
    };
    let counted = || found.iter().filter(|f| !f.allowed && !f.known);
    let texts: Vec<&str> = counted().take(3).map(|f| &*f.text).collect();
    out.push(Advice {
        id: "security_low".into(),
        text: format!("Security is low ({value:.0} of 100). {}", texts.join(" ")),
        severity: counted().map(|f| f.severity).max().unwrap_or_default(),
    });
}

fn filesystems(sample: &Sample, out: &mut Vec<Advice>) {
    for fs in sample.filesystems.iter().filter(|fs| !fs.read_only) {
        for (rule, percent, what) in [
            ("disk_full", fs.used_percent, "space"),
            ("inodes_full", fs.inodes_used_percent, "inodes"),
        ] {
            let Some(percent) = percent.filter(|p| *p > 85.0) else {
                continue;
            };
            out.push(Advice {
                id: format!("{rule}:{}", fs.mount_point).into(),
                text: format!(
                    "File system {} has {percent:.1} % of its {what} in use: remove what is not \
                     needed, or give it more.",
                    fs.mount_point
                ),
                severity: if percent > 95.0 {
                    Severity::Critical
                } else {
                    Severity::Medium
                },
            });
        }
    }
}

fn memory(sample: &Sample, out: &mut Vec<Advice>) {
    let host = (sample.memory.used_percent, "the machine's memory");
    let group = (
        sample.limits.memory_used_percent,
        "the memory that its control group allows",
    );
    let worst = [group, host]
        .into_iter()
        .filter_map(|(percent, of)| percent.map(|p| (p, of)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((percent, of)) = worst.filter(|(percent, _)| *percent > 90.0) else {
        return;
    };
    out.push(Advice {
        id: "memory_full".into(),
        text: format!("{percent:.1} % of {of} is in use{}.", top_memory(sample)),
        severity: if percent > 95.0 {
            Severity::Critical
        } else {
            Severity::High
        },
    });
}

fn used(part: Option<&super::ScorePart>) -> String {
    match part.and_then(|part| part.input) {
        Some(percent) => format!("{percent:.0} % in use"),
        None => "in use".into(),
    }
}

/// A process is named as the cause when it has at least this share of what is used, and any.
const NOTABLE_SHARE: f64 = 0.2;

fn top_cpu(sample: &Sample) -> String {
    let busy = sample.cpu.shares.map_or(0.0, |shares| shares.busy_percent);
    let top = sample
        .processes
        .list
        .iter()
        .filter(|p| {
            p.cpu_machine_percent
                .is_some_and(|cpu| cpu >= NOTABLE_SHARE * busy)
        })
        .filter_map(|p| p.cpu_core_percent.map(|cpu| (p, cpu)))
        .filter(|(_, cpu)| *cpu > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    named(top.map(|(p, cpu)| (p, format!("{cpu:.0} % of a core"))))
}

fn top_memory(sample: &Sample) -> String {
    let used = sample.memory.used_bytes.unwrap_or(0) as f64;
    let top = sample
        .processes
        .list
        .iter()
        .max_by_key(|p| p.rss_bytes)
        .filter(|p| p.rss_bytes > 0 && p.rss_bytes as f64 >= NOTABLE_SHARE * used);
    named(top.map(|p| (p, format!("{:.0} MiB", p.rss_bytes as f64 / 1_048_576.0))))
}

fn named(top: Option<(&ProcessSample, String)>) -> String {
    match top {
        Some((p, how_much)) => {
            format!(
                "; the most by {} (pid {}, {how_much})",
                p.details.name, p.pid
            )
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judge;
    use crate::sample::FilesystemSample;
    use crate::sample::Metrics;
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
        assert_eq!(ids, ["disk_full:/var", "health_low", "memory_full"]);
        assert!(advice[0].text.contains("97.0 %"));
        assert!(advice[2].text.contains("92.5 %") && advice[2].text.contains("pid 42, 3072 MiB"));
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
}
