//! Advice about what is nearly used up now, before there is an insight.

use super::top::top_memory;
use super::{Advice, Cause, Source};
use crate::judge::Severity;
use crate::sample::Sample;

/// What one of these speaks of.
pub(super) fn cause(advice: &Advice) -> Option<Cause> {
    match advice.id.split_once(':') {
        Some(("disk_full", mount)) => Some(Cause::Space(mount.into())),
        Some(("inodes_full", mount)) => Some(Cause::Inodes(mount.into())),
        _ => (advice.id == "memory_full").then_some(Cause::Memory),
    }
}

/// File systems that have little left.
pub(super) fn filesystems(sample: &Sample, known: &[Cause], out: &mut Vec<Advice>) {
    for fs in sample.filesystems.iter().filter(|fs| !fs.read_only) {
        for (rule, percent, what) in [
            ("disk_full", fs.used_percent, "space"),
            ("inodes_full", fs.inodes_used_percent, "inodes"),
        ] {
            let Some(percent) = percent.filter(|p| *p > 85.0) else {
                continue;
            };
            let cause = match rule {
                "inodes_full" => Cause::Inodes(fs.mount_point.to_string()),
                _ => Cause::Space(fs.mount_point.to_string()),
            };
            if known.contains(&cause) {
                continue;
            }
            out.push(Advice {
                id: format!("{rule}:{}", fs.mount_point).into(),
                source: Source::Sample,
                benefit: None,
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

/// Memory that is nearly used up.
pub(super) fn memory(sample: &Sample, known: &[Cause], out: &mut Vec<Advice>) {
    if known.contains(&Cause::Memory) {
        return;
    }
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
        source: Source::Sample,
        benefit: None,
        text: format!("{percent:.1} % of {of} is in use{}.", top_memory(sample)),
        severity: if percent > 95.0 {
            Severity::Critical
        } else {
            Severity::High
        },
    });
}
