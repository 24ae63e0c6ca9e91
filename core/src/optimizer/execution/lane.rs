//! Which actions have to do with each other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::action::{Action, ActionKind};
use super::super::outcome::ActionResult;
use super::super::target::Metric;
use super::{Numbered, Run, cleaning, own_heap, relief};
use crate::error::Error;

/// Actions that are done one group after the other, since the effect of each group is measured
/// in what others suffer.
pub(super) enum Lane {
    /// What processes suffer: groups of actions for the same trouble, one after the other.
    Relief(Vec<Vec<Numbered>>),
    /// Files.
    Cleaning(Vec<Numbered>),
    /// The own heap.
    OwnHeap(Vec<Numbered>),
}

/// Sorts the actions into lanes that run side by side.
pub(super) fn split(actions: Vec<Numbered>) -> Vec<Lane> {
    let mut groups: Vec<(Trouble, Vec<Numbered>)> = Vec::new();
    let (mut files, mut heap) = (Vec::new(), Vec::new());
    for (index, action) in actions {
        match action.action_type {
            ActionKind::CleanupDisk => files.push((index, action)),
            ActionKind::CleanupMemory => heap.push((index, action)),
            _ => {
                let trouble = trouble_of(&action);
                match groups.iter_mut().find(|(known, _)| *known == trouble) {
                    Some((_, group)) => group.push((index, action)),
                    None => groups.push((trouble, vec![(index, action)])),
                }
            }
        }
    }
    let groups: Vec<Vec<Numbered>> = groups.into_iter().map(|(_, group)| group).collect();
    let mut lanes = Vec::new();
    if !groups.is_empty() {
        lanes.push(Lane::Relief(groups));
    }
    if !files.is_empty() {
        lanes.push(Lane::Cleaning(files));
    }
    if !heap.is_empty() {
        lanes.push(Lane::OwnHeap(heap));
    }
    lanes
}

impl Lane {
    /// Every action of it.
    pub(super) fn actions(&self) -> Vec<Numbered> {
        match self {
            Lane::Relief(groups) => groups.iter().flatten().cloned().collect(),
            Lane::Cleaning(actions) | Lane::OwnHeap(actions) => actions.clone(),
        }
    }

    /// Each action has its result, whatever goes wrong.
    pub(super) fn perform(self, run: &Run) -> Vec<(usize, ActionResult)> {
        match self {
            Lane::Relief(groups) => groups
                .into_iter()
                .flat_map(|group| {
                    let actions = group.clone();
                    // What a panic leaves was taken back on its way; the other groups go on.
                    let work = AssertUnwindSafe(|| relief::perform(run, group));
                    catch_unwind(work).unwrap_or_else(|_| {
                        let error = Error::Internal("the act panicked".into());
                        super::lost(&actions, run.dry_run, &error)
                    })
                })
                .collect(),
            Lane::Cleaning(actions) => cleaning::perform(run, actions),
            Lane::OwnHeap(actions) => own_heap::trim(run, actions),
        }
    }
}

/// What a group of actions relieves.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    Processors,
    Disks,
    Memory,
    Other(Metric),
}

fn trouble_of(action: &Action) -> Trouble {
    match action.metric {
        Metric::CpuWait | Metric::CpuPressure | Metric::ForkRate | Metric::ProcessCpu => {
            Trouble::Processors
        }
        Metric::IoWait | Metric::IoPressure => Trouble::Disks,
        Metric::MemoryPressure | Metric::MemoryUsed | Metric::ProcessMemory => Trouble::Memory,
        other => Trouble::Other(other),
    }
}
