//! The culprits of a target that are acted upon together.

use super::super::action::{ActionKind, Answer};
use super::super::target::{Culprit, Target};
use super::candidate::Candidate;
use super::{Ground, gentlest, no, yes};
use crate::act::{GroupFacts, Lever, ProcessId};

/// Estimated seconds of an act, without the measuring.
const ACT_SECONDS: f64 = 0.1;

/// What could be done to one or more of them.
pub(super) struct Offer {
    pub(super) kind: ActionKind,
    pub(super) lever: Lever,
    pub(super) description: String,
    pub(super) effect: Answer,
    pub(super) reversible: Answer,
    /// The part of what they cause that it takes away, 0 to 1.
    pub(super) relief: f64,
}

/// Some of a target's culprits, most first; at least one.
pub(super) struct Crowd<'t> {
    target: &'t Target,
    ground: &'t Ground<'t>,
    first: &'t Culprit,
    culprits: Vec<&'t Culprit>,
}

impl<'t> Crowd<'t> {
    /// `None` of nobody.
    pub(super) fn of(
        culprits: Vec<&'t Culprit>,
        target: &'t Target,
        ground: &'t Ground<'t>,
    ) -> Option<Crowd<'t>> {
        let first = *culprits.first()?;
        Some(Crowd {
            target,
            ground,
            first,
            culprits,
        })
    }

    pub(super) fn first(&self) -> &'t Culprit {
        self.first
    }

    pub(super) fn ids(&self) -> Vec<ProcessId> {
        self.culprits.iter().map(|c| c.process).collect()
    }

    /// What they use, all together.
    pub(super) fn usage(&self) -> f64 {
        self.culprits.iter().map(|c| c.usage.max(0.0)).sum()
    }

    /// The first by name, and how many more.
    pub(super) fn words(&self) -> String {
        match self.culprits.len() {
            1 => named(self.first),
            count => format!("{} and {} more", named(self.first), count - 1),
        }
    }

    /// One action for all of them.
    pub(super) fn together(&self, offer: Offer) -> Candidate {
        let share: f64 = self.culprits.iter().map(|c| c.share).sum();
        self.candidate(self.first, self.ids(), share, offer)
    }

    /// One action for one of them.
    pub(super) fn single(&self, culprit: &Culprit, offer: Offer) -> Candidate {
        self.candidate(culprit, vec![culprit.process], culprit.share, offer)
    }

    fn candidate(
        &self,
        first: &Culprit,
        covers: Vec<ProcessId>,
        share: f64,
        offer: Offer,
    ) -> Candidate {
        let value = self.target.current_value.clamp(0.0, 100.0);
        Candidate {
            kind: offer.kind,
            lever: Some(offer.lever),
            process: Some(first.process),
            target_id: first.process.pid.to_string(),
            covers,
            description: offer.description,
            effect: offer.effect,
            reversible: offer.reversible,
            benefit: value * share.clamp(0.0, 1.0) * offer.relief,
            seconds: ACT_SECONDS,
        }
    }

    /// What can be chosen of one candidate for each of them.
    pub(super) fn each(&self, make: impl Fn(&Culprit) -> Candidate) -> Vec<Candidate> {
        self.culprits
            .iter()
            .filter_map(|culprit| self.choose(make(culprit)))
            .collect()
    }

    /// The candidate, if it may and can be used.
    pub(super) fn choose(&self, candidate: Candidate) -> Option<Candidate> {
        gentlest([candidate], self.target, self.ground)
    }

    /// All of them frozen in a control group, with a lease.
    pub(super) fn freeze(&self) -> Candidate {
        let lease_seconds = self.ground.settings.lease_seconds;
        self.together(Offer {
            kind: ActionKind::Freeze,
            lever: Lever::Freeze {
                processes: self.ids(),
                lease_seconds,
            },
            description: format!("Freeze {} for {lease_seconds:.0} s", self.words()),
            effect: group_works(&self.ground.facts.freezer),
            reversible: yes("it is thawed by a rollback or when the lease ends"),
            relief: 1.0,
        })
    }

    /// The last that can be done: each of them stopped with a lease, else ended.
    pub(super) fn stop_or_end(&self) -> Vec<Candidate> {
        let stopped = self.each(|c| self.stop(c));
        match stopped.is_empty() {
            true => self.each(|c| self.end(c)),
            false => stopped,
        }
    }

    fn stop(&self, culprit: &Culprit) -> Candidate {
        let lease_seconds = self.ground.settings.lease_seconds;
        let offer = Offer {
            kind: ActionKind::SuspendProcess,
            lever: Lever::Stop {
                process: culprit.process,
                lease_seconds,
            },
            description: format!("Stop {} for {lease_seconds:.0} s", named(culprit)),
            effect: yes("a stopped process uses no processor and no disk"),
            reversible: yes("it goes on by a rollback or when the lease ends"),
            relief: 1.0,
        };
        self.single(culprit, offer)
    }

    fn end(&self, culprit: &Culprit) -> Candidate {
        let grace_seconds = self.ground.settings.kill_timeout;
        let offer = Offer {
            kind: ActionKind::KillProcess,
            lever: Lever::Terminate {
                process: culprit.process,
                grace_seconds,
                may_kill: true,
            },
            description: format!("End {}", named(culprit)),
            effect: yes("what it holds is given back when it has ended"),
            reversible: no("a process that has ended does not come back"),
            relief: 1.0,
        };
        Candidate {
            seconds: grace_seconds,
            ..self.single(culprit, offer)
        }
    }
}

/// `sh (PID: 12)`.
pub(super) fn named(culprit: &Culprit) -> String {
    format!("{} (PID: {})", culprit.name, culprit.process.pid)
}

pub(super) fn group_works(facts: &GroupFacts) -> Answer {
    match facts.writable {
        true => yes(format!(
            "control groups of version {} can be made here",
            facts.version
        )),
        false => no(facts.reason.clone()),
    }
}

pub(super) fn group_is_reversible() -> Answer {
    yes("the processes are moved back and the group is removed")
}
