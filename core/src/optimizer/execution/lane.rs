//! Which actions have to do with each other.

use super::super::action::{Action, ActionKind};
use super::super::outcome::ActionResult;
use super::super::target::Metric;
use super::{Numbered, Run, cleaning, relief};
use crate::error::Result;

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
    pub(super) fn perform(self, run: &Run) -> Result<Vec<(usize, ActionResult)>> {
        match self {
            Lane::Relief(groups) => {
                let mut results = Vec::new();
                for group in groups {
                    results.extend(relief::perform(run, group)?);
                }
                Ok(results)
            }
            Lane::Cleaning(actions) => cleaning::perform(run, actions),
            Lane::OwnHeap(actions) => relief::trim_own_heap(run, actions),
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
