//! Relief of memory: what can really be given back, and who takes it.

use std::collections::BTreeSet;

use super::super::action::{ActionKind, Answer};
use super::super::target::{Culprit, Target};
use super::candidate::Candidate;
use super::crowd::{Crowd, Offer, group_is_reversible, group_works, named};
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
    if let Some(crowd) = Crowd::of(free_culprits(target, taken), target, ground) {
        chosen.extend(relief(&crowd, target, ground));
    }
    chosen
}

fn relief(crowd: &Crowd<'_>, target: &Target, ground: &Ground<'_>) -> Vec<Candidate> {
    let paged = crowd.each(|c| crowd.single(c, page_out(c, ground)));
    if !paged.is_empty() {
        return paged;
    }
    let limited = crowd.together(limit(crowd, ground));
    match gentlest([limited, crowd.freeze()], target, ground) {
        Some(candidate) => vec![candidate],
        None => crowd.stop_or_end(),
    }
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

fn page_out(c: &Culprit, ground: &Ground<'_>) -> Offer {
    let effect: Answer = match ground.facts.swap_free_bytes {
        Some(0) => no("there is no swap: anonymous memory has nowhere to go"),
        Some(free) if free as f64 >= c.usage / 2.0 => {
            yes(format!("{:.0} MB of swap are free", free as f64 / 1e6))
        }
        Some(_) => no("there is too little free swap"),
        None => no("free swap is not known"),
    };
    Offer {
        kind: ActionKind::ReclaimMemory,
        lever: Lever::PageOut { process: c.process },
        description: format!("Page out memory of {} that it does not use", named(c)),
        effect,
        reversible: yes("what it needs comes back by itself, from swap"),
        relief: 0.5,
    }
}

fn limit(crowd: &Crowd<'_>, ground: &Ground<'_>) -> Offer {
    let is_first_version = ground.facts.memory.version == 1;
    // Of a reader the usage is no amount but a rate; what it holds is mostly page cache.
    let is_amount = crowd.first().unit == "bytes";
    let bytes = match is_amount && !is_first_version {
        true => crowd.usage() as u64 + MORE_BYTES,
        false => MORE_BYTES,
    };
    let mut effect = group_works(&ground.facts.memory);
    if effect.yes && is_first_version {
        effect.reason +=
            "; version 1 counts what is taken from now on, what was taken before stays";
    }
    Offer {
        kind: ActionKind::LimitMemory,
        lever: Lever::Group {
            processes: crowd.ids(),
            limits: vec![Limit::MemoryHighBytes(bytes)],
        },
        description: format!(
            "Keep {} from taking more memory, in a control group",
            crowd.words()
        ),
        effect,
        reversible: group_is_reversible(),
        relief: 0.5,
    }
}
