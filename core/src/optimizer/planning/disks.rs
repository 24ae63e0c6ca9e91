//! Relief of disks: a throttle for who writes, and cleaning for what is full.

use std::collections::BTreeSet;

use super::super::action::ActionKind;
use super::super::target::{Culprit, Target};
use super::candidate::Candidate;
use super::processors::{ending, group_is_reversible, group_works, listed, named, stopping};
use super::{Ground, free_culprits, gentlest, no, yes};
use crate::act::{IoClass, Lever, Limit, ProcessId};

/// Throughput that a throttled group keeps: an eighth of what it had, within these bounds.
const LEAST_BYTES_PER_SEC: f64 = 1_048_576.0;
const MOST_BYTES_PER_SEC: f64 = 10_485_760.0;

pub(super) fn choose_throttle(
    target: &Target,
    ground: &Ground<'_>,
    taken: &BTreeSet<ProcessId>,
) -> Vec<Candidate> {
    let culprits = free_culprits(target, taken);
    let Some(first) = culprits.first() else {
        return Vec::new();
    };
    let share: f64 = culprits
        .iter()
        .map(|c| c.share)
        .sum::<f64>()
        .clamp(0.0, 1.0);
    let wait = target.current_value.clamp(0.0, 100.0);
    let by_priority: Vec<Candidate> = culprits
        .iter()
        .filter_map(|c| gentlest([lower(c, wait, ground)], target, ground))
        .collect();
    if !by_priority.is_empty() {
        return by_priority;
    }
    let all: Vec<ProcessId> = culprits.iter().map(|c| c.process).collect();
    let bytes_per_sec = culprits.iter().map(|c| c.usage).sum::<f64>() / 8.0;
    let bytes_per_sec = bytes_per_sec.clamp(LEAST_BYTES_PER_SEC, MOST_BYTES_PER_SEC) as u64;
    let for_all = |kind, lever, description, effect, reversible| Candidate {
        kind,
        lever: Some(lever),
        process: Some(first.process),
        target_id: first.process.pid.to_string(),
        covers: all.clone(),
        description,
        effect,
        reversible,
        benefit: wait * share,
        seconds: 0.2,
    };
    let limits = vec![Limit::IoBytesPerSec(bytes_per_sec)];
    let mut effect = group_works(&ground.facts.io);
    if effect.yes && ground.facts.io.version == 1 {
        effect.reason +=
            "; version 1 throttles reads, direct and synchronous writes, not buffered ones";
    }
    let throttle = for_all(
        ActionKind::LimitIo,
        Lever::Group {
            processes: all.clone(),
            limits,
        },
        format!(
            "Limit {} to {:.1} MB/s on each disk, in a control group",
            listed(&culprits),
            bytes_per_sec as f64 / 1e6
        ),
        effect,
        group_is_reversible(),
    );
    let lease_seconds = ground.settings.lease_seconds;
    let freeze = for_all(
        ActionKind::Freeze,
        Lever::Freeze {
            processes: all.clone(),
            lease_seconds,
        },
        format!("Freeze {} for {lease_seconds:.0} s", listed(&culprits)),
        group_works(&ground.facts.freezer),
        yes("it is thawed by a rollback or when the lease ends"),
    );
    if let Some(chosen) = gentlest([throttle, freeze], target, ground) {
        return vec![chosen];
    }
    let last = [stopping, ending];
    for make in last {
        let found: Vec<Candidate> = culprits
            .iter()
            .filter_map(|c| gentlest([make(c, target, ground)], target, ground))
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The I/O priority counts only where the queue's scheduler heeds it.
fn lower(c: &Culprit, wait: f64, ground: &Ground<'_>) -> Candidate {
    let heeding = |scheduler: &str| scheduler == "bfq";
    let disks = &ground.facts.io_schedulers;
    let effect = if !disks.is_empty() && disks.iter().all(|(_, s)| heeding(s)) {
        yes("the disks' scheduler (bfq) heeds I/O priorities")
    } else {
        no("the disks' schedulers do not heed I/O priorities (only bfq does)")
    };
    Candidate {
        kind: ActionKind::SetIoPriority,
        lever: Some(Lever::IoPriority {
            process: c.process,
            class: IoClass::Idle,
            level: 0,
        }),
        process: Some(c.process),
        target_id: c.process.pid.to_string(),
        covers: vec![c.process],
        description: format!("Let {} use disks only when nobody else does", named(c)),
        effect,
        reversible: yes("its owner may set the former I/O priority again"),
        benefit: wait * c.share * 0.8,
        seconds: 0.1,
    }
}

/// Files that may go by the rules of cleaning.
pub(super) fn choose_cleaning(target: &Target, ground: &Ground<'_>) -> Vec<Candidate> {
    let effect = match ground.cleanable_bytes {
        Some(0) => no("the rules of cleaning find nothing that may go"),
        Some(bytes) => yes(format!(
            "the rules of cleaning find {:.1} MB that may go",
            bytes as f64 / 1e6
        )),
        None => yes("what may go is found when it is done: see the preview"),
    };
    let percent = match (ground.cleanable_bytes, target.size_bytes) {
        (Some(bytes), Some(total)) if total > 0 => 100.0 * bytes as f64 / total as f64,
        _ => 0.0,
    };
    let quarantine = ground.settings.quarantine_seconds / 3600.0;
    let candidate = Candidate {
        kind: ActionKind::CleanupDisk,
        lever: None,
        process: None,
        target_id: "system_disk".into(),
        covers: Vec::new(),
        description: "Clean up files by rules of age, owner and kind".into(),
        effect,
        reversible: yes(format!("files stay in quarantine for {quarantine:.0} h")),
        benefit: percent,
        seconds: 5.0,
    };
    // Shown even when there is nothing: that is an answer, too.
    match super::permits(ground.profile, target, ActionKind::CleanupDisk) {
        true => vec![candidate],
        false => Vec::new(),
    }
}
