//! Puts back what the threads of a process had, and what inherited from them.

use std::collections::HashMap;

use super::threads::{Found, ThreadChange, ThreadValue, find, has_ended, thread_error};
use super::{Door, ProcessId, Undo, stat};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// A process that makes threads faster than so many rounds over all of them is given up.
const MOST_ROUNDS: usize = 64;

/// What the rounds came to.
#[derive(Default)]
struct Tally {
    restored: usize,
    /// By thread, since each round sees it again.
    left: HashMap<i32, String>,
    failed: HashMap<i32, Error>,
}

impl<T: ThreadValue> ThreadChange<T> {
    pub(crate) fn undo(&self, door: &Door) -> Result<Undo> {
        let held = match door.hold(self.process) {
            Err(Error::NotFound { .. }) => return Ok(Undo::Gone),
            held => held?,
        };
        let mut tally = Tally::default();
        for _ in 0..MOST_ROUNDS {
            let before = tally.restored;
            match self.round(door, &mut tally) {
                Err(Error::NotFound { .. }) => {}
                answer => answer?,
            }
            if matches!(held.check(), Err(Error::NotFound { .. })) {
                return Ok(Undo::Gone);
            }
            if tally.restored == before {
                return self.outcome(tally);
            }
        }
        Err(Error::Refused(format!(
            "{} makes threads faster than they can be put back",
            self.name
        )))
    }

    fn round(&self, door: &Door, tally: &mut Tally) -> Result<()> {
        for tid in stat::threads(&door.roots, self.process.pid)? {
            let pid = self.process.pid;
            if let Some(found) = find::<T>(&door.roots, pid, tid)? {
                self.restore(door, pid, &found, tally);
            }
        }
        for child in descendants(&door.roots, self.process)? {
            if child.start_time_ticks <= self.prepared_ticks {
                continue;
            }
            let Ok(held) = door.hold(child) else {
                continue;
            };
            for tid in stat::threads(&door.roots, child.pid).unwrap_or_default() {
                let found = find::<T>(&door.roots, child.pid, tid).ok().flatten();
                // What a child chose for itself is nothing that was left by somebody else.
                let found = found.filter(|f| self.intended.is_same(&f.value));
                if let Some(found) = found
                    && held.check().is_ok()
                {
                    self.restore(door, child.pid, &found, tally);
                }
            }
        }
        Ok(())
    }

    fn restore(&self, door: &Door, pid: i32, found: &Found<T>, tally: &mut Tally) {
        let tid = found.tid;
        let known = self.prior_of(found);
        let began_since = found.start_time_ticks > self.prepared_ticks;
        let Some(prior) = known.or_else(|| self.leaders_prior().filter(|_| began_since)) else {
            return;
        };
        if prior.is_same(&found.value) {
            return;
        }
        if !self.intended.is_same(&found.value) {
            if known.is_some() {
                let words = format!("thread {tid} has {} {}", T::WHAT, found.value.words());
                tally.left.insert(tid, words);
            }
            return;
        }
        let answer = prior.restore(tid, &found.value).and_then(|()| T::read(tid));
        match answer {
            Ok(now) if prior.is_same(&now) => {
                tally.restored += 1;
                tally.failed.remove(&tid);
            }
            Ok(now) => {
                let words = format!("thread {tid} got {} {}", T::WHAT, now.words());
                tally.left.insert(tid, words);
            }
            Err(error) if has_ended(&error) => {}
            Err(error) => {
                let error = thread_error(&door.roots, pid, tid, error);
                tally.failed.insert(tid, error);
            }
        }
    }

    /// What was inherited from before the change by threads that began since.
    fn leaders_prior(&self) -> Option<&T> {
        let leader = self.threads.iter().find(|t| t.tid == self.process.pid);
        leader.map(|t| &t.prior)
    }

    fn outcome(&self, tally: Tally) -> Result<Undo> {
        if let Some(error) = tally.failed.into_values().next() {
            return Err(error);
        }
        if tally.left.is_empty() {
            return Ok(match tally.restored {
                0 => Undo::Unchanged,
                _ => Undo::Restored,
            });
        }
        let mut words: Vec<String> = tally.left.into_values().collect();
        words.sort_unstable();
        Ok(Undo::Left(format!(
            "{} (pid {}): {}; {} put back",
            self.name,
            self.process.pid,
            words.join(", "),
            tally.restored
        )))
    }
}

/// The living descendants of a process.
fn descendants(roots: &Roots, process: ProcessId) -> Result<Vec<ProcessId>> {
    let mut children: HashMap<i32, Vec<ProcessId>> = HashMap::new();
    for pid in stat::processes(roots)? {
        let Ok(stat) = stat::of_process(roots, pid) else {
            continue;
        };
        children
            .entry(stat.parent_pid)
            .or_default()
            .push(ProcessId {
                pid,
                start_time_ticks: stat.start_time_ticks,
            });
    }
    let mut found = Vec::new();
    let mut waiting = vec![process.pid];
    while let Some(parent) = waiting.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            waiting.push(child.pid);
            found.push(child);
        }
    }
    Ok(found)
}
