//! Relief of the processors: which lever works depends on who shares a session with whom.

use std::collections::{BTreeMap, BTreeSet};

use super::super::action::{ActionKind, Answer};
use super::super::target::{Culprit, Metric, Target};
use super::candidate::Candidate;
use super::{Ground, free_culprits, gentlest, nice_is_reversible, no, yes};
use crate::act::{Lever, Limit, ProcessId};

/// The lowest priority that a nice value can give.
const LOWEST: i32 = 19;
/// Share of its wait of which a lever relieves the victim, as measured (field: two loads on one
/// core).
const BY_NICE: f64 = 0.95;
const BY_GROUP: f64 = 0.99;
const BY_AFFINITY: f64 = 0.8;
const BY_STOPPING: f64 = 1.0;
/// Processes that a fork storm's group may hold beyond those that are there.
const ROOM_FOR_PROCESSES: u64 = 8;

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
    let mut chosen = Vec::new();
    for (session, culprits) in sessions {
        chosen.extend(for_session(target, ground, session, &culprits));
    }
    chosen
}

/// The gentlest kind with which something can be done for the culprits of a session: one action
/// for all of them where the lever takes many, else one for each.
fn for_session(
    target: &Target,
    ground: &Ground<'_>,
    session: Option<i32>,
    culprits: &[&Culprit],
) -> Vec<Candidate> {
    let share: f64 = culprits
        .iter()
        .map(|c| c.share)
        .sum::<f64>()
        .clamp(0.0, 1.0);
    let all: Vec<ProcessId> = culprits.iter().map(|c| c.process).collect();
    let Some(first) = culprits.first() else {
        return Vec::new();
    };
    let benefit = |factor: f64| target.current_value.clamp(0.0, 100.0) * share * factor;
    let each = |make: &dyn Fn(&Culprit) -> Candidate| {
        culprits
            .iter()
            .filter_map(|culprit| gentlest([make(culprit)], target, ground))
            .collect::<Vec<_>>()
    };
    let alone = |candidate: Candidate| -> Vec<Candidate> {
        gentlest([candidate], target, ground).into_iter().collect()
    };
    let whole = |kind, lever, description, effect, reversible, factor| Candidate {
        kind,
        lever: Some(lever),
        process: Some(first.process),
        target_id: first.process.pid.to_string(),
        covers: all.clone(),
        description,
        effect,
        reversible,
        benefit: benefit(factor),
        seconds: 0.2,
    };
    let one = |c: &Culprit, kind, lever, description, effect, reversible, factor: f64| Candidate {
        kind,
        lever: Some(lever),
        process: Some(c.process),
        target_id: c.process.pid.to_string(),
        covers: vec![c.process],
        description,
        effect,
        reversible,
        benefit: target.current_value.clamp(0.0, 100.0) * c.share * factor,
        seconds: 0.1,
    };
    let own_group = group_of_processors(ground, first.process);
    let weight_effect = match &own_group {
        Some(path) => no(format!("it counts within the control group {path} only")),
        None => weight_works(target, ground, session),
    };
    let steps: [&dyn Fn() -> Vec<Candidate>; 8] = [
        &|| {
            each(&|c| {
                let lever = Lever::Nice {
                    process: c.process,
                    nice: LOWEST,
                };
                let text = format!("Lower the priority of {} to nice {LOWEST}", named(c));
                let back = nice_is_reversible(ground.facts);
                one(
                    c,
                    ActionKind::LowerPriority,
                    lever,
                    text,
                    weight_effect.clone(),
                    back,
                    BY_NICE,
                )
            })
        },
        &|| {
            each(&|c| {
                let lever = Lever::Idle { process: c.process };
                let text = format!("Let {} run only when nobody else wants to", named(c));
                let back = nice_is_reversible(ground.facts);
                one(
                    c,
                    ActionKind::SetIdle,
                    lever,
                    text,
                    weight_effect.clone(),
                    back,
                    BY_GROUP,
                )
            })
        },
        &|| {
            let lever = Lever::Autogroup {
                process: first.process,
                nice: LOWEST,
            };
            let text = format!("Lower the priority of the session of {}", listed(culprits));
            let effect = match &own_group {
                Some(path) => no(format!("sched_autogroup does not count in {path}")),
                None => autogroup_works(ground, session),
            };
            let back = yes("the file takes the former value back from its owner");
            alone(whole(
                ActionKind::SetAutogroup,
                lever,
                text,
                effect,
                back,
                BY_NICE,
            ))
        },
        &|| {
            let limits = vec![Limit::CpuWeight(1)];
            let lever = Lever::Group {
                processes: all.clone(),
                limits,
            };
            let text = format!(
                "Give {} the least CPU weight, in a control group",
                listed(culprits)
            );
            let effect = group_works(&ground.facts.cpu);
            alone(whole(
                ActionKind::LimitCpu,
                lever,
                text,
                effect,
                group_is_reversible(),
                BY_GROUP,
            ))
        },
        &|| {
            if target.metric != Metric::ForkRate {
                return Vec::new();
            }
            let limits = vec![Limit::Processes(ROOM_FOR_PROCESSES)];
            let lever = Lever::Group {
                processes: all.clone(),
                limits,
            };
            let text = format!("Bound the processes that {} may have", listed(culprits));
            let effect = group_works(&ground.facts.pids);
            let kind = ActionKind::LimitProcesses;
            alone(whole(
                kind,
                lever,
                text,
                effect,
                group_is_reversible(),
                BY_GROUP,
            ))
        },
        &|| {
            let cpus = few_of(&ground.cpus);
            let effect = match cpus.is_empty() {
                true => no("there is only one processor"),
                false => yes("the other processors are left to everybody else"),
            };
            each(&|c| {
                let lever = Lever::Affinity {
                    process: c.process,
                    cpus: cpus.clone(),
                };
                let text = format!(
                    "Confine {} to {} of {} processors",
                    named(c),
                    cpus.len(),
                    ground.cpus.len()
                );
                let back = yes("a process's owner may widen its processors again");
                one(
                    c,
                    ActionKind::SetAffinity,
                    lever,
                    text,
                    effect.clone(),
                    back,
                    BY_AFFINITY,
                )
            })
        },
        &|| {
            let lease_seconds = ground.settings.lease_seconds;
            let lever = Lever::Freeze {
                processes: all.clone(),
                lease_seconds,
            };
            let text = format!("Freeze {} for {lease_seconds:.0} s", listed(culprits));
            let effect = group_works(&ground.facts.freezer);
            let back = yes("it is thawed by a rollback or when the lease ends");
            alone(whole(
                ActionKind::Freeze,
                lever,
                text,
                effect,
                back,
                BY_STOPPING,
            ))
        },
        &|| each(&|c| stopping(c, target, ground)),
    ];
    for step in steps {
        let found = step();
        if !found.is_empty() {
            return found;
        }
    }
    each(&|c| ending(c, target, ground))
}

/// SIGSTOP with a lease.
pub(super) fn stopping(c: &Culprit, target: &Target, ground: &Ground<'_>) -> Candidate {
    let lease_seconds = ground.settings.lease_seconds;
    Candidate {
        kind: ActionKind::SuspendProcess,
        lever: Some(Lever::Stop {
            process: c.process,
            lease_seconds,
        }),
        process: Some(c.process),
        target_id: c.process.pid.to_string(),
        covers: vec![c.process],
        description: format!("Stop {} for {lease_seconds:.0} s", named(c)),
        effect: yes("a stopped process uses no processor and no disk"),
        reversible: yes("it goes on by a rollback or when the lease ends"),
        benefit: target.current_value.clamp(0.0, 100.0) * c.share,
        seconds: 0.1,
    }
}

/// SIGTERM, and SIGKILL as a second step.
pub(super) fn ending(c: &Culprit, target: &Target, ground: &Ground<'_>) -> Candidate {
    Candidate {
        kind: ActionKind::KillProcess,
        lever: Some(Lever::Terminate {
            process: c.process,
            grace_seconds: ground.settings.kill_timeout,
            may_kill: true,
        }),
        process: Some(c.process),
        target_id: c.process.pid.to_string(),
        covers: vec![c.process],
        description: format!("End {}", named(c)),
        effect: yes("what it holds is given back when it has ended"),
        reversible: no("a process that has ended does not come back"),
        benefit: target.current_value.clamp(0.0, 100.0) * c.share,
        seconds: ground.settings.kill_timeout,
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

/// With autogroup, nice and policy count within a session only.
fn weight_works(target: &Target, ground: &Ground<'_>, session: Option<i32>) -> Answer {
    if !ground.facts.autogroup {
        return yes("the scheduler weighs every process of the machine by it");
    }
    let shares = session.is_some_and(|session| target.victim_sessions().contains(&session));
    match shares {
        true => yes("those who wait are in the same session"),
        false => no("with sched_autogroup it counts within a session, and who waits is in others"),
    }
}

fn autogroup_works(ground: &Ground<'_>, session: Option<i32>) -> Answer {
    if !ground.facts.autogroup {
        return no("sched_autogroup is off");
    }
    match session {
        Some(_) => yes("with sched_autogroup the sessions are weighed by it"),
        None => no("its session is not known"),
    }
}

pub(super) fn group_works(facts: &crate::act::GroupFacts) -> Answer {
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

/// The last quarter of the processors, at least one; none where there is but one.
fn few_of(cpus: &[u32]) -> Vec<u32> {
    match cpus.len() {
        0 | 1 => Vec::new(),
        count => cpus[count - (count / 4).max(1)..].to_vec(),
    }
}

/// `sh (PID: 12)`.
pub(super) fn named(c: &Culprit) -> String {
    format!("{} (PID: {})", c.name, c.process.pid)
}

/// The first by name, and how many more.
pub(super) fn listed(culprits: &[&Culprit]) -> String {
    match culprits {
        [] => "nobody".into(),
        [only] => named(only),
        [first, rest @ ..] => format!("{} and {} more", named(first), rest.len()),
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
