//! From targets to actions: for each target the gentlest action that can have an effect here,
//! that the profile's rules name and whose risk it allows.

mod candidate;
mod crowd;
mod disks;
mod memory;
mod processors;
mod risk;
mod token;

use std::collections::BTreeSet;

use super::action::{Action, ActionKind, Answer};
use super::profile::Profile;
use super::settings::OptimizerSettings;
use super::target::{Metric, Resource, Target};
use crate::act::{Door, Facts, ProcessId};
use crate::arrange::arrange_by;

use candidate::Candidate;
pub(super) use risk::{assess as assess_risk, starves};
pub(super) use token::{is_unaltered, seal};

/// All that a plan rests upon besides the targets.
pub(super) struct Ground<'a> {
    pub(super) facts: &'a Facts,
    pub(super) profile: &'a Profile,
    pub(super) door: &'a Door,
    pub(super) settings: &'a OptimizerSettings,
    /// Processors that this host runs on.
    pub(super) cpus: Vec<u32>,
    /// Actions that were tried lately and did not help: they are not tried again.
    pub(super) in_vain: &'a BTreeSet<(ActionKind, ProcessId)>,
    /// Bytes that the cleaning rules would free, if that is known.
    pub(super) cleanable_bytes: Option<u64>,
    pub(super) now: f64,
}

/// The actions, most urgent first. One process gets at most one.
pub(super) fn plan(targets: &[Target], ground: &Ground<'_>) -> Vec<Action> {
    let mut order: Vec<&Target> = targets.iter().collect();
    arrange_by(&mut order, |a, b| {
        b.priority
            .cmp(&a.priority)
            // A process's own target repeats what the resource's says.
            .then((a.target_type == Resource::Process).cmp(&(b.target_type == Resource::Process)))
    });
    let mut taken = BTreeSet::new();
    let mut actions = Vec::new();
    for target in order {
        let spared = victims_of_others(target, targets);
        let left_alone: BTreeSet<ProcessId> = taken.union(&spared).copied().collect();
        for candidate in choose(target, ground, &left_alone) {
            taken.extend(candidate.covers.iter().copied());
            if candidate.is_of_the_machine()
                && actions
                    .iter()
                    .any(|a: &Action| a.action_type == candidate.kind)
            {
                continue;
            }
            actions.push(candidate.into_action(target, ground));
        }
    }
    arrange_by(&mut actions, |a, b| {
        b.priority
            .cmp(&a.priority)
            .then(b.estimated_benefit.total_cmp(&a.estimated_benefit))
    });
    for action in &mut actions {
        seal(action);
    }
    actions
}

/// Who suffers from others is not acted upon in the same plan: with them held back, it may be no
/// trouble any more.
fn victims_of_others(target: &Target, targets: &[Target]) -> BTreeSet<ProcessId> {
    let named = |other: &Target, process| other.culprits.iter().any(|c| c.process == process);
    targets
        .iter()
        .filter(|other| other.culprits.iter().any(|c| c.may_be_touched))
        .flat_map(|other| {
            let victims = other.victims.iter().map(|victim| victim.process);
            victims.filter(|process| named(target, *process) && !named(other, *process))
        })
        .collect()
}

/// What is done about one target.
fn choose(target: &Target, ground: &Ground<'_>, taken: &BTreeSet<ProcessId>) -> Vec<Candidate> {
    match target.metric {
        Metric::CpuWait | Metric::CpuPressure | Metric::ForkRate | Metric::ProcessCpu => {
            processors::choose(target, ground, taken)
        }
        Metric::IoWait | Metric::IoPressure => disks::choose_throttle(target, ground, taken),
        Metric::SpaceUsed | Metric::InodesUsed => disks::choose_cleaning(target, ground),
        Metric::MemoryPressure | Metric::MemoryUsed | Metric::ProcessMemory => {
            memory::choose(target, ground, taken)
        }
        // Connections are never broken: there is the target's advice.
        Metric::NetworkUsed => Vec::new(),
    }
}

/// The gentlest of the candidates, which come in that order, that may and can be used. When
/// none can have an effect, nothing.
fn gentlest(
    candidates: impl IntoIterator<Item = Candidate>,
    target: &Target,
    ground: &Ground<'_>,
) -> Option<Candidate> {
    candidates.into_iter().find_map(|mut candidate| {
        let may = permits(ground.profile, target, candidate.kind)
            && candidate.effect.yes
            && !is_in_vain(&candidate, ground)
            && candidate.risk(target, ground).level <= ground.profile.allowed_risk;
        if !may {
            return None;
        }
        // Reading the prior values shows whether it could be done at all.
        candidate.try_out(ground);
        candidate.effect.yes.then_some(candidate)
    })
}

fn is_in_vain(candidate: &Candidate, ground: &Ground<'_>) -> bool {
    candidate
        .process
        .is_some_and(|process| ground.in_vain.contains(&(candidate.kind, process)))
}

/// Whether a rule of the profile names the action for the target's resource and value.
fn permits(profile: &Profile, target: &Target, kind: ActionKind) -> bool {
    rule_of(profile, target, kind).is_some()
}

fn rule_of<'p>(
    profile: &'p Profile,
    target: &Target,
    kind: ActionKind,
) -> Option<&'p super::profile::Rule> {
    let resource = match (target.target_type, target.metric) {
        (Resource::Process, Metric::ProcessMemory) => Resource::Memory,
        (Resource::Process, _) => Resource::Cpu,
        (resource, _) => resource,
    };
    let is_process = target.target_type == Resource::Process;
    profile.optimization_rules.iter().find(|rule| {
        rule.action == kind
            && (rule.resource == target.target_type
                || (rule.resource == resource && is_process)
                || (rule.resource == resource && rule.threshold <= target.reached_percent()))
            && (is_process || rule.threshold <= target.reached_percent())
    })
}

/// The culprits that may be touched and have no action yet.
fn free_culprits<'t>(
    target: &'t Target,
    taken: &BTreeSet<ProcessId>,
) -> Vec<&'t super::target::Culprit> {
    target
        .culprits
        .iter()
        .filter(|culprit| culprit.may_be_touched && !taken.contains(&culprit.process))
        .collect()
}

fn yes(reason: impl Into<String>) -> Answer {
    Answer {
        yes: true,
        reason: reason.into(),
    }
}

fn no(reason: impl Into<String>) -> Answer {
    Answer {
        yes: false,
        reason: reason.into(),
    }
}

/// Whether a changed nice value or SCHED_IDLE could be taken back with the privileges at hand.
pub(super) fn nice_is_reversible(facts: &Facts) -> Answer {
    if facts.may_raise_priority {
        yes("this program may raise priorities (CAP_SYS_NICE)")
    } else if facts.lowest_nice <= 0 {
        yes(format!("RLIMIT_NICE allows nice {}", facts.lowest_nice))
    } else {
        no("an ordinary user can't raise a priority again (no CAP_SYS_NICE, RLIMIT_NICE 0)")
    }
}
