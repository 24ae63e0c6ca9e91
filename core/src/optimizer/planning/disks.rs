//! Relief of disks: a throttle for who writes, and cleaning for what is full.

use std::collections::BTreeSet;

use super::super::action::ActionKind;
use super::super::target::{Culprit, Target};
use super::candidate::Candidate;
use super::crowd::{Crowd, Offer, group_is_reversible, group_works, named};
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
    let Some(crowd) = Crowd::of(free_culprits(target, taken), target, ground) else {
        return Vec::new();
    };
    let by_priority = crowd.each(|c| crowd.single(c, lower(c, ground)));
    if !by_priority.is_empty() {
        return by_priority;
    }
    let throttled = crowd.together(throttle(&crowd, ground));
    match gentlest([throttled, crowd.freeze()], target, ground) {
        Some(chosen) => vec![chosen],
        None => crowd.stop_or_end(),
    }
}

fn throttle(crowd: &Crowd<'_>, ground: &Ground<'_>) -> Offer {
    let bytes_per_sec = crowd.usage() / 8.0;
    let bytes_per_sec = bytes_per_sec.clamp(LEAST_BYTES_PER_SEC, MOST_BYTES_PER_SEC) as u64;
    let mut effect = group_works(&ground.facts.io);
    if effect.yes && ground.facts.io.version == 1 {
        effect.reason +=
            "; version 1 throttles reads, direct and synchronous writes, not buffered ones";
    }
    Offer {
        kind: ActionKind::LimitIo,
        lever: Lever::Group {
            processes: crowd.ids(),
            limits: vec![Limit::IoBytesPerSec(bytes_per_sec)],
        },
        description: format!(
            "Limit {} to {:.1} MB/s on each disk, in a control group",
            crowd.words(),
            bytes_per_sec as f64 / 1e6
        ),
        effect,
        reversible: group_is_reversible(),
        relief: 1.0,
    }
}

/// The I/O priority counts only where the queue's scheduler heeds it.
fn lower(c: &Culprit, ground: &Ground<'_>) -> Offer {
    let disks = &ground.facts.io_schedulers;
    let is_heeded = !disks.is_empty() && disks.iter().all(|(_, scheduler)| scheduler == "bfq");
    Offer {
        kind: ActionKind::SetIoPriority,
        lever: Lever::IoPriority {
            process: c.process,
            class: IoClass::Idle,
            level: 0,
        },
        description: format!("Let {} use disks only when nobody else does", named(c)),
        effect: match is_heeded {
            true => yes("the disks' scheduler (bfq) heeds I/O priorities"),
            false => no("the disks' schedulers do not heed I/O priorities (only bfq does)"),
        },
        reversible: yes("its owner may set the former I/O priority again"),
        relief: 0.8,
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
