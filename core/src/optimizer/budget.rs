//! How much may be done: actions in a minute, and how long what was acted upon is left alone.

use std::collections::{HashMap, VecDeque};

use super::action::ActionKind;
use crate::act::ProcessId;

const MINUTE: f64 = 60.0;

/// What was done lately, by the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Budget {
    acts: VecDeque<f64>,
    touched: HashMap<ProcessId, f64>,
    /// What concerns no process, by kind.
    done: HashMap<ActionKind, f64>,
}

impl Budget {
    /// Takes one act, or says why not.
    pub(super) fn take(&mut self, now: f64, most_per_minute: u32) -> Result<(), String> {
        while self.acts.front().is_some_and(|at| now - at >= MINUTE) {
            self.acts.pop_front();
        }
        if self.acts.len() >= most_per_minute as usize {
            return Err(format!(
                "{} actions were done within a minute, which is the limit (max_actions_per_minute)",
                self.acts.len()
            ));
        }
        self.acts.push_back(now);
        Ok(())
    }

    pub(super) fn note_touched(&mut self, processes: &[ProcessId], now: f64) {
        self.touched
            .extend(processes.iter().map(|process| (*process, now)));
    }

    pub(super) fn note_done(&mut self, kind: ActionKind, now: f64) {
        self.done.insert(kind, now);
    }

    /// Whether a process was acted upon so lately that it is to be left alone.
    pub(super) fn is_cooling(&self, process: ProcessId, now: f64, cooldown_seconds: f64) -> bool {
        self.touched
            .get(&process)
            .is_some_and(|at| now - at < cooldown_seconds)
    }

    /// The same for what concerns no process.
    pub(super) fn is_kind_cooling(
        &self,
        kind: ActionKind,
        now: f64,
        cooldown_seconds: f64,
    ) -> bool {
        self.done
            .get(&kind)
            .is_some_and(|at| now - at < cooldown_seconds)
    }

    /// Forgets what has cooled down.
    pub(super) fn forget(&mut self, now: f64, cooldown_seconds: f64) {
        self.touched.retain(|_, at| now - *at < cooldown_seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_so_many_acts_and_no_more() {
        let mut budget = Budget::default();
        for _ in 0..3 {
            budget.take(100.0, 3).unwrap();
        }
        assert!(budget.take(159.0, 3).unwrap_err().contains("limit"));
        budget.take(160.0, 3).unwrap();
    }

    #[test]
    fn what_was_touched_cools_down() {
        let mut budget = Budget::default();
        let process = ProcessId {
            pid: 5,
            start_time_ticks: 7,
        };
        budget.note_touched(&[process], 10.0);
        assert!(budget.is_cooling(process, 15.0, 6.0));
        assert!(!budget.is_cooling(process, 16.0, 6.0));
        let reborn = ProcessId {
            pid: 5,
            start_time_ticks: 8,
        };
        assert!(!budget.is_cooling(reborn, 11.0, 6.0));
        budget.note_done(ActionKind::CleanupMemory, 10.0);
        assert!(budget.is_kind_cooling(ActionKind::CleanupMemory, 15.0, 6.0));
        assert!(!budget.is_kind_cooling(ActionKind::CleanupDisk, 15.0, 6.0));
        assert!(!budget.is_kind_cooling(ActionKind::CleanupMemory, 16.0, 6.0));
        budget.forget(16.0, 6.0);
        assert!(budget.touched.is_empty());
    }
}
