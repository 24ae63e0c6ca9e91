//! Who descends from whom.

use std::collections::{HashMap, HashSet};

use super::{ProcessId, stat};
use crate::sample::Roots;

/// Parent and start time of every living process that can be seen.
#[derive(Debug, Default)]
pub(super) struct Kin(HashMap<i32, (i32, u64)>);

impl Kin {
    /// Reads the table; who ends meanwhile is left out.
    pub(super) fn read(roots: &Roots) -> Kin {
        let one = |pid: i32| {
            let stat = stat::of_process(roots, pid).ok()?;
            (!stat.has_ended()).then_some((pid, (stat.parent_pid, stat.start_time_ticks)))
        };
        let pids = stat::processes(roots).unwrap_or_default();
        Kin(pids.into_iter().filter_map(one).collect())
    }

    /// The living descendants of these processes, ascending by pid; they themselves are
    /// left out. A pid that is another's by now has none.
    pub(super) fn descendants(&self, of: &[ProcessId]) -> Vec<ProcessId> {
        let is_same = |p: &&ProcessId| {
            self.0
                .get(&p.pid)
                .is_some_and(|r| r.1 == p.start_time_ticks)
        };
        let asked: HashSet<i32> = of.iter().filter(is_same).map(|p| p.pid).collect();
        let mut known = asked.clone();
        loop {
            let before = known.len();
            for (pid, (parent, start)) in &self.0 {
                // A child older than its parent is none: the table isn't one moment's.
                let parent_start = self.0.get(parent).map_or(u64::MAX, |row| row.1);
                if known.contains(parent) && parent_start <= *start {
                    known.insert(*pid);
                }
            }
            if known.len() == before {
                break;
            }
        }
        let mut found: Vec<ProcessId> = known
            .difference(&asked)
            .filter_map(|pid| {
                Some(ProcessId {
                    pid: *pid,
                    start_time_ticks: self.0.get(pid)?.1,
                })
            })
            .collect();
        found.sort_unstable();
        found
    }
}

/// Start of a process in clock ticks after boot; `None` when there is none.
pub(super) fn start_of(roots: &Roots, pid: i32) -> Option<u64> {
    Some(stat::of_process(roots, pid).ok()?.start_time_ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_through_generations_and_cycles_end() {
        let rows = [
            (1, (0, 1)),
            (10, (1, 5)),
            (11, (10, 6)),
            (12, (11, 7)),
            (13, (12, 2)),
            (20, (21, 9)),
            (21, (20, 9)),
        ];
        let kin = Kin(rows.into_iter().collect());
        let id = |pid, start_time_ticks| ProcessId {
            pid,
            start_time_ticks,
        };
        assert_eq!(kin.descendants(&[id(10, 5)]), [id(11, 6), id(12, 7)]);
        assert_eq!(kin.descendants(&[id(10, 5), id(11, 6)]), [id(12, 7)]);
        assert_eq!(
            kin.descendants(&[id(10, 4)]),
            [],
            "another process of that pid"
        );
        assert_eq!(kin.descendants(&[id(20, 9)]), [id(21, 9)]);
    }

    #[test]
    fn the_real_table_knows_this_process() {
        let own = i32::try_from(std::process::id()).unwrap();
        let kin = Kin::read(&Roots::default());
        assert_eq!(kin.0[&own].1, start_of(&Roots::default(), own).unwrap());
    }
}
