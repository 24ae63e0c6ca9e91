//! One pass over all processes: what each had so far.

use std::time::Instant;

use super::counters::{self, Calls, Schedule};
use super::files::Files;
use crate::act::ProcessId;
use crate::sample::ProcessState;
use crate::sample::process::stat;

/// Threads that one pass reads in all, beyond the first of each process: a machine with more
/// of them is read in part, so that the cost stays bounded.
const MOST_THREADS: usize = 8192;

/// What a process had so far.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) id: ProcessId,
    pub(super) parent_pid: i32,
    pub(super) at: Instant,
    pub(super) state: ProcessState,
    pub(super) cpu_ticks: u64,
    pub(super) major_faults: u64,
    pub(super) rss_pages: u64,
    /// One for each thread, by thread id; only the first where others were too many.
    pub(super) threads: Vec<(i32, Option<Schedule>)>,
    /// Not all threads were read.
    pub(super) is_partial: bool,
    pub(super) calls: Option<Calls>,
}

/// All processes but kernel threads and this one, by pid.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) readings: Vec<Reading>,
    /// Pids not to be read again: kernel threads, and this process.
    pub(super) skipped: Vec<i32>,
}

impl Pass {
    /// Reads them all; what vanishes in between is left out. `before` spares the kernel
    /// threads of an earlier pass and the calls of processes that have not run since.
    pub(super) fn read(files: &mut Files, own_pid: Option<i32>, before: Option<&Pass>) -> Pass {
        let mut pass = Pass::default();
        let mut threads_left = MOST_THREADS;
        for pid in files.pids().unwrap_or_default() {
            let skip = before.is_some_and(|b| b.skipped.binary_search(&pid).is_ok());
            if Some(pid) == own_pid || skip {
                pass.skipped.push(pid);
                continue;
            }
            let earlier = before.and_then(|b| b.find(pid));
            match Reading::read(files, pid, earlier, &mut threads_left) {
                Some(Some(reading)) => pass.readings.push(reading),
                Some(None) => pass.skipped.push(pid),
                None => {}
            }
        }
        pass
    }

    pub(super) fn find(&self, pid: i32) -> Option<&Reading> {
        let at = self.readings.binary_search_by_key(&pid, |r| r.id.pid);
        self.readings.get(at.ok()?)
    }
}

impl Reading {
    /// `None` when it is gone, `Some(None)` for a kernel thread.
    fn read(
        files: &mut Files,
        pid: i32,
        earlier: Option<&Reading>,
        threads_left: &mut usize,
    ) -> Option<Option<Reading>> {
        let stat = stat::parse(files.read(pid, "stat").ok()?)?;
        if stat.is_kernel_thread {
            return Some(None);
        }
        let count = stat.threads as usize;
        let mut reading = Reading {
            id: ProcessId {
                pid,
                start_time_ticks: stat.start_time_ticks,
            },
            parent_pid: stat.parent_pid,
            at: Instant::now(),
            state: stat.state,
            cpu_ticks: stat.cpu_ticks,
            major_faults: stat.major_faults,
            rss_pages: stat.rss_pages,
            threads: Vec::new(),
            is_partial: count > 1 && count > *threads_left,
            calls: None,
        };
        if count > 1 && count <= *threads_left {
            *threads_left -= count;
            for tid in files.threads(pid).unwrap_or_default() {
                let text = files.read_thread(pid, tid, "schedstat").ok();
                reading
                    .threads
                    .push((tid, text.and_then(counters::schedule)));
            }
        } else {
            let text = files.read(pid, "schedstat").ok();
            reading
                .threads
                .push((pid, text.and_then(counters::schedule)));
        }
        let earlier = earlier.filter(|earlier| earlier.id == reading.id);
        let is_idle = earlier.is_some_and(|earlier| earlier.threads == reading.threads);
        reading.calls = match earlier {
            Some(earlier) if is_idle || earlier.calls.is_none() => earlier.calls,
            _ => files.read(pid, "io").ok().and_then(counters::calls),
        };
        Some(Some(reading))
    }
}
