//! The sums over the victims.

use std::collections::{BTreeMap, BTreeSet};

use super::{ProcessPain, percent};
use crate::act::ProcessId;

/// Wanting to run for less than this share of the window, all victims together, is no
/// wanting: a share of so little is noise.
const LEAST_WANTED: f64 = 0.005;

/// Looks at active victims below which their share of waits says nothing.
const LEAST_LOOKS: u32 = 3;

/// What the victims suffered, all together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Victims {
    /// Of the time in which they wanted to run, the share in which they waited for it.
    pub(crate) cpu_wait_percent: Option<f64>,
    /// Of the looks in which they wanted anything, the share in which they waited for a disk.
    pub(crate) io_wait_percent: Option<f64>,
    /// Read and write calls per second.
    pub(crate) calls_per_sec: Option<f64>,
    /// Bytes per second.
    pub(crate) bytes_per_sec: Option<f64>,
    /// Page faults that needed a disk, per second.
    pub(crate) major_faults_per_sec: f64,
}

impl Victims {
    pub(crate) fn sum<'a>(
        processes: impl Iterator<Item = &'a ProcessPain>,
        window_seconds: f64,
        has_run_delays: bool,
    ) -> Victims {
        let (mut run, mut wait) = (0.0, 0.0);
        let (mut looks, mut waiting_looks) = (0u32, 0.0);
        let mut victims = Victims::default();
        for process in processes {
            run += process.run_seconds;
            wait += process.wait_seconds;
            looks = looks.saturating_add(process.looks);
            waiting_looks += process.waiting_looks;
            victims.major_faults_per_sec += process.major_faults_per_sec;
            add(&mut victims.calls_per_sec, process.calls_per_sec);
            add(&mut victims.bytes_per_sec, process.bytes_per_sec);
        }
        let wanted = run + wait;
        if has_run_delays && window_seconds > 0.0 && wanted >= LEAST_WANTED * window_seconds {
            victims.cpu_wait_percent = Some(percent(wait, wanted));
        }
        if looks >= LEAST_LOOKS {
            victims.io_wait_percent = Some(percent(waiting_looks, f64::from(looks)));
        }
        victims
    }
}

fn add(sum: &mut Option<f64>, more: Option<f64>) {
    if let Some(more) = more {
        *sum.get_or_insert(0.0) += more;
    }
}

/// The given processes with all that descend from them. A pid that is another's by now
/// counts for nothing.
pub(crate) fn with_descendants(
    named: &BTreeSet<ProcessId>,
    living: impl Iterator<Item = (ProcessId, i32)> + Clone,
) -> BTreeSet<ProcessId> {
    let mut all = named.clone();
    if named.is_empty() {
        return all;
    }
    let mut children: BTreeMap<i32, Vec<ProcessId>> = BTreeMap::new();
    let mut open = Vec::new();
    for (id, parent_pid) in living {
        children.entry(parent_pid).or_default().push(id);
        if named.contains(&id) {
            open.push(id);
        }
    }
    while let Some(id) = open.pop() {
        for child in children.get(&id.pid).into_iter().flatten() {
            if all.insert(*child) {
                open.push(*child);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(pid: i32) -> ProcessId {
        ProcessId {
            pid,
            start_time_ticks: 10,
        }
    }

    #[test]
    fn descendants_of_the_named_and_of_nobody_else_are_found() {
        let living = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 1)].map(|(p, q)| (id(p), q));
        let all = with_descendants(&BTreeSet::from([id(2)]), living.into_iter());
        assert_eq!(all, BTreeSet::from([id(2), id(3), id(4)]));
        let another = ProcessId {
            pid: 2,
            start_time_ticks: 99,
        };
        let none = with_descendants(&BTreeSet::from([another]), living.into_iter());
        assert_eq!(none, BTreeSet::from([another]));
    }

    #[test]
    fn a_share_of_nearly_nothing_is_not_told() {
        let process = |run, wait| ProcessPain {
            run_seconds: run,
            wait_seconds: wait,
            ..ProcessPain::default()
        };
        let told = |run, wait| Victims::sum([process(run, wait)].iter(), 1.0, true);
        assert_eq!(told(0.001, 0.002).cpu_wait_percent, None);
        assert_eq!(told(0.25, 0.75).cpu_wait_percent, Some(75.0));
        let without = Victims::sum([process(0.25, 0.75)].iter(), 1.0, false);
        assert_eq!(without.cpu_wait_percent, None);
        assert_eq!(told(1.0, 1.0).calls_per_sec, None);
    }

    proptest! {
        #[test]
        fn shares_are_shares(
            times in proptest::collection::vec((0.0f64..10.0, 0.0f64..10.0, 0u32..50), 0..20)
        ) {
            let processes: Vec<ProcessPain> = times.iter().map(|(run, wait, looks)| ProcessPain {
                run_seconds: *run,
                wait_seconds: *wait,
                looks: *looks,
                waiting_looks: f64::from(*looks) / 2.0,
                ..ProcessPain::default()
            }).collect();
            let sums = Victims::sum(processes.iter(), 1.0, true);
            for share in [sums.cpu_wait_percent, sums.io_wait_percent].into_iter().flatten() {
                prop_assert!((0.0..=100.0).contains(&share));
            }
        }

        #[test]
        fn any_tree_of_parents_ends(parents in proptest::collection::vec(0i32..30, 0..30)) {
            let living: Vec<(ProcessId, i32)> =
                parents.iter().enumerate().map(|(at, parent)| (id(at as i32), *parent)).collect();
            let all = with_descendants(&BTreeSet::from([id(0)]), living.iter().copied());
            prop_assert!(all.contains(&id(0)) && all.len() <= living.len().max(1));
        }
    }
}
