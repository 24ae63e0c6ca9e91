//! Looks at the state of active processes many times in a window: the kernel counts no time
//! in uninterruptible waits unless it was booted for that.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use super::counters::{self, Schedule};
use super::files::Files;
use super::pass::{Pass, Reading};
use crate::act::ProcessId;
use crate::sample::ProcessState;
use crate::sample::process::stat;

/// Threads looked at, at most; each costs an open file and some microseconds a look.
const MOST_WATCHED: usize = 64;

/// Threads of one process, at most.
const MOST_OF_A_PROCESS: usize = 16;

/// Processes asked at each look whether they have become active.
const ASKED_EACH_LOOK: usize = 16;

/// What was seen of one process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Running, ready or in an uninterruptible wait.
    pub(super) wanting: u32,
    /// In an uninterruptible wait.
    pub(super) waiting: u32,
}

struct Watched {
    of: ProcessId,
    stat: OwnedFd,
}

/// Who is asked in turn, with what it had when it was asked last.
struct Asked {
    id: ProcessId,
    threads: Vec<i32>,
    before: (u64, Option<Schedule>),
    is_watched: bool,
}

/// The looks of one window.
pub(super) struct Looks {
    asked: Vec<Asked>,
    next: usize,
    watched: Vec<Watched>,
    pub(super) seen: BTreeMap<ProcessId, Seen>,
    /// Looks in all.
    pub(super) count: u32,
    /// Looks in which at least one waited.
    pub(super) with_waits: u32,
}

impl Looks {
    /// Begins with those that want something right now.
    pub(super) fn new(
        files: &mut Files,
        pass: &Pass,
        is_victim: impl Fn(&Reading) -> bool,
    ) -> Looks {
        let mut looks = Looks {
            asked: Vec::new(),
            next: 0,
            watched: Vec::new(),
            seen: BTreeMap::new(),
            count: 0,
            with_waits: 0,
        };
        for reading in pass.readings.iter().filter(|r| is_victim(r)) {
            let asked = Asked {
                id: reading.id,
                threads: reading.threads.iter().map(|(tid, _)| *tid).collect(),
                before: (
                    reading.cpu_ticks,
                    reading.threads.first().and_then(|(_, schedule)| *schedule),
                ),
                is_watched: false,
            };
            looks.asked.push(asked);
            if wants(reading.state) {
                looks.watch(files, looks.asked.len() - 1);
            }
        }
        looks
    }

    /// One look; and some others are asked whether they are active by now.
    pub(super) fn look(&mut self, files: &mut Files) {
        self.count += 1;
        let mut some_waits = false;
        let seen = &mut self.seen;
        self.watched.retain(|watched| {
            let Some(stat) = files.read_kept(&watched.stat).ok().and_then(stat::parse) else {
                return false; // It has ended.
            };
            let seen = seen.entry(watched.of).or_default();
            let waits = stat.state == ProcessState::DiskSleep;
            seen.wanting += u32::from(wants(stat.state));
            seen.waiting += u32::from(waits);
            some_waits |= waits;
            true
        });
        self.with_waits += u32::from(some_waits);
        for _ in 0..ASKED_EACH_LOOK.min(self.asked.len()) {
            self.next = (self.next + 1) % self.asked.len();
            if !self.asked[self.next].is_watched && self.has_become_active(files) {
                self.watch(files, self.next);
            }
        }
    }

    /// A single thread's schedule tells any activity; of several threads the ticks of all do.
    fn has_become_active(&mut self, files: &mut Files) -> bool {
        let asked = &mut self.asked[self.next];
        let pid = asked.id.pid;
        let (ticks, schedule) = asked.before;
        if asked.threads.len() > 1 {
            let Some(stat) = files.read(pid, "stat").ok().and_then(stat::parse) else {
                return false;
            };
            asked.before.0 = stat.cpu_ticks;
            return wants(stat.state) || stat.cpu_ticks != ticks;
        }
        let now = files
            .read(pid, "schedstat")
            .ok()
            .and_then(counters::schedule);
        asked.before.1 = now;
        now.is_some() && now != schedule
    }

    fn watch(&mut self, files: &mut Files, at: usize) {
        let asked = &mut self.asked[at];
        asked.is_watched = true;
        for tid in asked.threads.iter().take(MOST_OF_A_PROCESS) {
            if self.watched.len() >= MOST_WATCHED {
                return;
            }
            if let Ok(stat) = files.open_thread(asked.id.pid, *tid, "stat") {
                let of = asked.id;
                self.watched.push(Watched { of, stat });
            }
        }
    }
}

fn wants(state: ProcessState) -> bool {
    matches!(state, ProcessState::Running | ProcessState::DiskSleep)
}
