//! Relief of the processors: which lever works depends on who shares a session with whom.
//!
//! SCHED_BATCH is never planned: it only spares others a process's wake-ups, and one that always
//! wants to run has none (measured: two loads on one core share it 0.50 to 0.50 either way). By
//! hand it can be set.

use std::collections::{BTreeMap, BTreeSet};

use super::super::action::{ActionKind, Answer};
use super::super::target::{Culprit, PROCESSES_PER_SECOND, Target};
use super::candidate::Candidate;
use super::crowd::{Crowd, Offer, group_is_reversible, group_works, named};
use super::{Ground, free_culprits, nice_is_reversible, no, yes};
use crate::act::{Lever, Limit, ProcessId};

/// The lowest priority that a nice value can give.
const LOWEST: i32 = 19;
/// Part of its wait of which a lever relieves the victim, as measured (two loads on one core).
const BY_NICE: f64 = 0.95;
const BY_GROUP: f64 = 0.99;
const BY_AFFINITY: f64 = 0.8;
/// Processes that a fork storm's group may hold.
const MOST_OF_STORM: u64 = 8;

pub(super) fn choose(
    target: &Target,
    ground: &Ground<'_>,
    taken: &BTreeSet<ProcessId>,
) -> Vec<Candidate> {
    // Culprits of one session share an autogroup; each session is relieved by itself.
    let mut sessions: BTreeMap<Option<i32>, Vec<&Culprit>> = BTreeMap::new();
    for culprit in free_culprits(target, taken) {
        sessions
            .entry(culprit.session_id)
            .or_default()
            .push(culprit);
    }
    sessions
        .into_iter()
        .filter_map(|(session, culprits)| Some((session, Crowd::of(culprits, target, ground)?)))
        .flat_map(|(session, crowd)| Session::new(session, &crowd, target, ground).choose())
        .collect()
}

/// The culprits of one session, and what decides which lever works for them.
struct Session<'s, 't> {
    id: Option<i32>,
    crowd: &'s Crowd<'t>,
    target: &'s Target,
    ground: &'s Ground<'s>,
    /// The control group that weighs them, unless it is the root.
    group: Option<String>,
}

impl<'s, 't> Session<'s, 't> {
    fn new(
        id: Option<i32>,
        crowd: &'s Crowd<'t>,
        target: &'s Target,
        ground: &'s Ground<'s>,
    ) -> Session<'s, 't> {
        Session {
            group: group_of_processors(ground, crowd.first().process),
            id,
            crowd,
            target,
            ground,
        }
    }

    /// The gentlest kind with which something can be done: one action for all where the lever
    /// takes many, else one for each.
    fn choose(&self) -> Vec<Candidate> {
        let crowd = self.crowd;
        let all = |candidate: Candidate| crowd.choose(candidate).into_iter().collect::<Vec<_>>();
        let steps: [&dyn Fn() -> Vec<Candidate>; 8] = [
            &|| crowd.each(|c| crowd.single(c, self.nice(c))),
            &|| crowd.each(|c| crowd.single(c, self.idle(c))),
            &|| all(crowd.together(self.autogroup())),
            &|| all(crowd.together(self.weight())),
            &|| match crowd.first().unit.as_str() {
                PROCESSES_PER_SECOND => all(crowd.together(self.number())),
                _ => Vec::new(),
            },
            &|| crowd.each(|c| crowd.single(c, self.affinity(c))),
            &|| all(crowd.freeze()),
            &|| crowd.stop_or_end(),
        ];
        steps
            .iter()
            .map(|step| step())
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn nice(&self, c: &Culprit) -> Offer {
        Offer {
            kind: ActionKind::LowerPriority,
            lever: Lever::Nice {
                process: c.process,
                nice: LOWEST,
            },
            description: format!("Lower the priority of {} to nice {LOWEST}", named(c)),
            effect: self.weight_works(),
            reversible: nice_is_reversible(self.ground.facts),
            relief: BY_NICE,
        }
    }

    fn idle(&self, c: &Culprit) -> Offer {
        Offer {
            kind: ActionKind::SetIdle,
            lever: Lever::Idle { process: c.process },
            description: format!("Let {} run only when nobody else wants to", named(c)),
            effect: self.weight_works(),
            reversible: nice_is_reversible(self.ground.facts),
            relief: BY_GROUP,
        }
    }

    fn autogroup(&self) -> Offer {
        Offer {
            kind: ActionKind::SetAutogroup,
            lever: Lever::Autogroup {
                process: self.crowd.first().process,
                nice: LOWEST,
            },
            description: format!(
                "Lower the priority of the session of {}",
                self.crowd.words()
            ),
            effect: self.autogroup_works(),
            reversible: yes("the file takes the former value back from its owner"),
            relief: BY_NICE,
        }
    }

    fn weight(&self) -> Offer {
        Offer {
            kind: ActionKind::LimitCpu,
            lever: self.group_with(Limit::CpuWeight(1)),
            description: format!(
                "Give {} the least CPU weight, in a control group",
                self.crowd.words()
            ),
            effect: group_works(&self.ground.facts.cpu),
            reversible: group_is_reversible(),
            relief: BY_GROUP,
        }
    }

    fn number(&self) -> Offer {
        Offer {
            kind: ActionKind::LimitProcesses,
            lever: self.group_with(Limit::Processes(MOST_OF_STORM)),
            description: format!("Bound the processes that {} may have", self.crowd.words()),
            effect: group_works(&self.ground.facts.pids),
            reversible: group_is_reversible(),
            relief: BY_GROUP,
        }
    }

    fn affinity(&self, c: &Culprit) -> Offer {
        let all = self.ground.cpus.len();
        let cpus = few_of(&self.ground.cpus);
        Offer {
            kind: ActionKind::SetAffinity,
            description: format!("Confine {} to {} of {all} processors", named(c), cpus.len()),
            effect: match cpus.is_empty() {
                true => no("there is only one processor"),
                false => yes("the other processors are left to everybody else"),
            },
            lever: Lever::Affinity {
                process: c.process,
                cpus,
            },
            reversible: yes("a process's owner may widen its processors again"),
            relief: BY_AFFINITY,
        }
    }

    fn group_with(&self, limit: Limit) -> Lever {
        Lever::Group {
            processes: self.crowd.ids(),
            limits: vec![limit],
        }
    }

    /// Nice and policy count within a control group, and with autogroup within a session only.
    fn weight_works(&self) -> Answer {
        if let Some(path) = &self.group {
            return no(format!("it counts within the control group {path} only"));
        }
        if !self.ground.facts.autogroup {
            return yes("the scheduler weighs every process of the machine by it");
        }
        let victims = self.target.victim_sessions();
        match self.id.is_some_and(|session| victims.contains(&session)) {
            true => yes("those who wait are in the same session"),
            false => {
                no("with sched_autogroup it counts within a session, and who waits is in others")
            }
        }
    }

    fn autogroup_works(&self) -> Answer {
        match (&self.group, self.ground.facts.autogroup, self.id) {
            (Some(path), ..) => no(format!("sched_autogroup does not count in {path}")),
            (None, false, _) => no("sched_autogroup is off"),
            (None, true, None) => no("its session is not known"),
            (None, true, Some(_)) => yes("with sched_autogroup the sessions are weighed by it"),
        }
    }
}

/// The control group that weighs the process's CPU time, unless it is the root: then neither
/// autogroup nor the nice values of others count.
fn group_of_processors(ground: &Ground<'_>, process: ProcessId) -> Option<String> {
    let file = ground.door.roots.proc(&format!("{}/cgroup", process.pid));
    // What can't be read is found out by the measurement after the act.
    let text = std::fs::read_to_string(file).ok()?;
    let version = ground.facts.cpu.version;
    text.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let is_it = match version {
            2 => number == "0",
            _ => controllers.split(',').any(|controller| controller == "cpu"),
        };
        (is_it && path != "/").then(|| path.to_string())
    })
}

/// The last quarter of the processors, at least one; none where there is but one.
fn few_of(cpus: &[u32]) -> Vec<u32> {
    match cpus.len() {
        0 | 1 => Vec::new(),
        count => cpus[count - (count / 4).max(1)..].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_processors_leave_some_to_others() {
        assert_eq!(few_of(&[0]), [0u32; 0]);
        assert_eq!(few_of(&[0, 1]), [1]);
        assert_eq!(few_of(&[0, 1, 2, 3, 4, 5, 6, 7]), [6, 7]);
    }
}
