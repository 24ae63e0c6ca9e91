//! Relief of memory: what can really be given back, and who takes it.

use std::collections::BTreeSet;

use super::super::action::{ActionKind, Answer};
use super::super::target::{Culprit, Target};
use super::candidate::Candidate;
use super::processors::{ending, group_is_reversible, group_works, listed, named, stopping};
use super::{Ground, free_culprits, gentlest, no, yes};
use crate::act::{Lever, Limit, ProcessId};

/// What a group of version 1 may still take: what its members had before stays with their
/// former group.
const MORE_BYTES: u64 = 64 << 20;
/// Own heap below which trimming it is not worth a word.
const LEAST_OWN_BYTES: u64 = 8 << 20;

pub(super) fn choose(
    target: &Target,
    ground: &Ground<'_>,
    taken: &BTreeSet<ProcessId>,
) -> Vec<Candidate> {
    let mut chosen = vec![own_heap(ground)];
    chosen.retain(|c| super::permits(ground.profile, target, c.kind));
    let culprits = free_culprits(target, taken);
    let Some(first) = culprits.first() else {
        return chosen;
    };
    let paged: Vec<Candidate> = culprits
        .iter()
        .filter_map(|c| gentlest([page_out(c, target, ground)], target, ground))
        .collect();
    if !paged.is_empty() {
        chosen.extend(paged);
        return chosen;
    }
    let all: Vec<ProcessId> = culprits.iter().map(|c| c.process).collect();
    let share: f64 = culprits
        .iter()
        .map(|c| c.share)
        .sum::<f64>()
        .clamp(0.0, 1.0);
    let for_all = |kind, lever, description, effect, reversible| Candidate {
        kind,
        lever: Some(lever),
        process: Some(first.process),
        target_id: first.process.pid.to_string(),
        covers: all.clone(),
        description,
        effect,
        reversible,
        benefit: target.current_value.clamp(0.0, 100.0) * share * 0.5,
        seconds: 0.2,
    };
    let bytes = match ground.facts.memory.version {
        1 => MORE_BYTES,
        _ => culprits.iter().map(|c| c.usage.max(0.0)).sum::<f64>() as u64 + MORE_BYTES,
    };
    let limit = for_all(
        ActionKind::LimitMemory,
        Lever::Group {
            processes: all.clone(),
            limits: vec![Limit::MemoryHighBytes(bytes)],
        },
        format!(
            "Keep {} from taking more memory, in a control group",
            listed(&culprits)
        ),
        limit_works(ground),
        group_is_reversible(),
    );
    let lease_seconds = ground.settings.lease_seconds;
    let freeze = for_all(
        ActionKind::Freeze,
        Lever::Freeze {
            processes: all.clone(),
            lease_seconds,
        },
        format!(
            "Freeze {} for {lease_seconds:.0} s, so that it takes no more",
            listed(&culprits)
        ),
        group_works(&ground.facts.freezer),
        yes("it is thawed by a rollback or when the lease ends"),
    );
    if let Some(candidate) = gentlest([limit, freeze], target, ground) {
        chosen.push(candidate);
        return chosen;
    }
    for make in [stopping, ending] {
        let before = chosen.len();
        chosen.extend(
            culprits
                .iter()
                .filter_map(|c| gentlest([make(c, target, ground)], target, ground)),
        );
        if chosen.len() > before {
            break;
        }
    }
    chosen
}

/// Always told, as the prototype did, with an honest word on what it brings.
fn own_heap(ground: &Ground<'_>) -> Candidate {
    let own = crate::sample::own_anonymous_bytes(&ground.door.roots);
    let effect = match own {
        Some(bytes) if bytes >= LEAST_OWN_BYTES => yes(format!(
            "this program holds {:.1} MB of heap, of which free parts can be given back",
            bytes as f64 / 1e6
        )),
        Some(bytes) => no(format!(
            "no effect expected here: this program's whole heap is {:.1} MB",
            bytes as f64 / 1e6
        )),
        None => no("no effect expected here: this program's heap can't be read"),
    };
    Candidate {
        kind: ActionKind::CleanupMemory,
        lever: Some(Lever::TrimOwnHeap),
        process: None,
        target_id: "system_memory".into(),
        covers: Vec::new(),
        description: "Give free memory of this program's own heap back to the system".into(),
        effect,
        reversible: yes("nothing is lost: only memory that is free is given back"),
        benefit: 0.0,
        seconds: 0.1,
    }
}

fn page_out(c: &Culprit, target: &Target, ground: &Ground<'_>) -> Candidate {
    let effect: Answer = match ground.facts.swap_free_bytes {
        Some(free) if free as f64 >= c.usage / 2.0 && free > 0 => {
            yes(format!("{:.0} MB of swap are free", free as f64 / 1e6))
        }
        Some(0) => no("there is no swap: anonymous memory has nowhere to go"),
        Some(_) => no("there is too little free swap"),
        None => no("free swap is not known"),
    };
    Candidate {
        kind: ActionKind::ReclaimMemory,
        lever: Some(Lever::PageOut { process: c.process }),
        process: Some(c.process),
        target_id: c.process.pid.to_string(),
        covers: vec![c.process],
        description: format!("Page out memory of {} that it does not use", named(c)),
        effect,
        reversible: yes("what it needs comes back by itself, from swap"),
        benefit: target.current_value.clamp(0.0, 100.0) * c.share * 0.5,
        seconds: 1.0,
    }
}

fn limit_works(ground: &Ground<'_>) -> Answer {
    let mut answer = group_works(&ground.facts.memory);
    if answer.yes && ground.facts.memory.version == 1 {
        answer.reason +=
            "; version 1 counts what is taken from now on, what was taken before stays";
    }
    answer
}
