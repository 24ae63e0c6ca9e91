//! Advice from the three scores, where nothing that was found says it better.

use super::top::{top_cpu, top_memory};
use super::{Advice, Cause, Source};
use crate::judge::SecurityFinding;
use crate::judge::Severity;
use crate::sample::Sample;
use crate::score::{Score, ScorePart, Scores};

/// What of a score costs most.
fn cause(score: &Score) -> Option<Cause> {
    Some(match &*score.worst()?.name {
        "cpu_percent"
        | "load_average_per_cpu"
        | "pressure_cpu_some_percent"
        | "throttled_percent" => Cause::Processors,
        "memory_percent" | "pressure_memory_some_percent" => Cause::Memory,
        "pressure_io_full_percent" => Cause::Disks,
        "disk_percent" => Cause::Space("/".into()),
        _ => return None,
    })
}

/// Health and performance. Their causes are not told twice.
pub(super) fn advise(sample: &Sample, scores: &Scores, known: &[Cause], out: &mut Vec<Advice>) {
    let is_known = |score: &Score| cause(score).is_some_and(|cause| known.contains(&cause));
    if !is_known(&scores.health) {
        health(sample, scores, out);
    }
    if !is_known(&scores.performance) {
        performance(sample, scores, out);
    }
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
        source: Source::Score,
        benefit: None,
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
        source: Source::Score,
        benefit: None,
        text: format!("Performance is low ({value:.0} of 100): mostly {what}."),
        severity: if value < 30.0 {
            Severity::High
        } else {
            Severity::Medium
        },
    });
}

/// What of the security findings costs points.
pub(super) fn security(scores: &Scores, found: &[SecurityFinding], out: &mut Vec<Advice>) {
    let Some(value) = scores.security.value.filter(|value| *value < 80.0) else {
        return;
    };
    let counted = || found.iter().filter(|f| !f.allowed && !f.known);
    let texts: Vec<&str> = counted().take(3).map(|f| &*f.text).collect();
    out.push(Advice {
        id: "security_low".into(),
        source: Source::Security,
        benefit: None,
        text: format!("Security is low ({value:.0} of 100). {}", texts.join(" ")),
        severity: counted().map(|f| f.severity).max().unwrap_or_default(),
    });
}

fn used(part: Option<&ScorePart>) -> String {
    match part.and_then(|part| part.input) {
        Some(percent) => format!("{percent:.0} % in use"),
        None => "in use".into(),
    }
}
