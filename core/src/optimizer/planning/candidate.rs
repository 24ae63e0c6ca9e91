//! One thing that could be done about a target, before it is chosen.

use super::super::action::{Action, ActionKind, Answer, Risk};
use super::super::target::{Metric, Resource, Target};
use super::{Ground, no, risk, rule_of};
use crate::act::{Lever, ProcessId};

/// One thing that could be done.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) kind: ActionKind,
    pub(super) lever: Option<Lever>,
    /// The process acted on first; `None` for what concerns the machine.
    pub(super) process: Option<ProcessId>,
    pub(super) target_id: String,
    /// Every process whose part is done by it.
    pub(super) covers: Vec<ProcessId>,
    pub(super) description: String,
    pub(super) effect: Answer,
    pub(super) reversible: Answer,
    /// Percent points of the target's metric that it may bring.
    pub(super) benefit: f64,
    /// Estimated seconds, without the measuring.
    pub(super) seconds: f64,
}

impl Candidate {
    pub(super) fn is_of_the_machine(&self) -> bool {
        self.process.is_none()
    }

    pub(super) fn risk(&self, target: &Target, ground: &Ground<'_>) -> Risk {
        let uid = target
            .culprits
            .iter()
            .find(|culprit| Some(culprit.process) == self.process)
            .and_then(|culprit| culprit.uid);
        risk::assess(
            self.kind,
            &self.reversible,
            uid.is_some_and(|uid| uid != ground.facts.euid),
            target.confidence,
            self.kind == ActionKind::LimitMemory
                && ground.facts.memory.version == 1
                && self
                    .lever
                    .as_ref()
                    .is_some_and(|lever| risk::starves(lever, &ground.door.roots)),
        )
    }

    /// Reads what it would change: what can't even be read can't be done.
    pub(super) fn try_out(&mut self, ground: &Ground<'_>) {
        let Some(lever) = &self.lever else {
            return;
        };
        match lever.prepare(ground.door) {
            Ok(changes) if changes.is_empty() => {
                self.effect = no("everything is as it would be made already");
            }
            Ok(_) => {}
            Err(error) => self.effect = no(error.to_string()),
        }
    }

    pub(super) fn into_action(self, target: &Target, ground: &Ground<'_>) -> Action {
        let risk = self.risk(target, ground);
        let rule = rule_of(ground.profile, target, self.kind);
        let metric = match target.metric {
            // What a process itself uses says nothing of the others' relief.
            Metric::ProcessCpu | Metric::ForkRate => Metric::CpuWait,
            Metric::ProcessMemory => Metric::MemoryUsed,
            metric => metric,
        };
        Action {
            id: 0,
            action_type: self.kind,
            target_id: self.target_id,
            description: self.description,
            priority: rule.map_or(target.priority, |rule| rule.priority.max(target.priority)),
            estimated_benefit: if self.effect.yes { self.benefit } else { 0.0 },
            risk,
            execution_time: self.seconds,
            resource: match target.target_type {
                Resource::Process if metric == Metric::MemoryUsed => Resource::Memory,
                Resource::Process => Resource::Cpu,
                resource => resource,
            },
            metric,
            subject: target.subject.clone(),
            process: self.process,
            culprits: target.culprits.iter().map(|c| c.process).collect(),
            lever: self.lever,
            reversible: self.reversible,
            effect: self.effect,
            planned_at: ground.now,
            token: String::new(),
        }
    }
}
