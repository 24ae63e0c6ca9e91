//! The list of the processes: sorted, filtered, as a tree; and the one that is chosen.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write;

use usm_core::act::ProcessId;
use usm_core::sample::{ProcessExtra, ProcessSample};

use super::filter::Filter;
use super::list::Place;

/// No tree is shown deeper; what is below stands at this depth.
const DEEPEST: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::top) enum Sort {
    #[default]
    Cpu,
    Memory,
    Io,
    Pid,
    Name,
    Time,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::top) struct Row {
    /// Place in the sample's list.
    pub(in crate::top) place: usize,
    /// The branches of the tree before its name.
    pub(in crate::top) branches: String,
    /// It is shown for what is below it only.
    pub(in crate::top) is_passed: bool,
}

/// Dear details of one process.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::top) struct Extra {
    pub(in crate::top) process: ProcessId,
    pub(in crate::top) read: Result<ProcessExtra, String>,
}

#[derive(Debug, Default)]
pub(in crate::top) struct Processes {
    pub(in crate::top) sort: Sort,
    pub(in crate::top) is_reversed: bool,
    pub(in crate::top) is_tree: bool,
    pub(in crate::top) has_details: bool,
    pub(in crate::top) filter: Filter,
    pub(in crate::top) rows: Vec<Row>,
    pub(in crate::top) place: Place,
    /// Whom the choice follows; `None` until somebody chooses: then it stays at the top.
    followed: Option<ProcessId>,
    pub(in crate::top) extra: Option<Extra>,
}

pub(in crate::top) fn id_of(process: &ProcessSample) -> ProcessId {
    ProcessId {
        pid: process.pid,
        start_time_ticks: process.start_time_ticks,
    }
}

/// Bytes per second from and to disks; `None` when neither can be read.
pub(in crate::top) fn io_of(process: &ProcessSample) -> Option<f64> {
    match (process.read_bytes_per_sec, process.write_bytes_per_sec) {
        (Some(read), Some(write)) => Some(read + write),
        (read, write) => read.or(write),
    }
}

impl Processes {
    /// Arranges anew, and stays with the process that was chosen.
    pub(in crate::top) fn arrange(&mut self, list: &[ProcessSample]) {
        self.rows = match self.is_tree {
            true => self.tree(list),
            false => self.flat(list),
        };
        if let Some(followed) = self.followed {
            let is_it = |row: &Row| list.get(row.place).is_some_and(|p| id_of(p) == followed);
            match self.rows.iter().position(is_it) {
                Some(at) => self.place.at = at,
                // It has ended or is filtered out: whoever stands there now is not chosen.
                None => self.followed = None,
            }
        }
        self.place.keep_within(self.rows.len());
    }

    pub(in crate::top) fn go(&mut self, by: isize, list: &[ProcessSample]) {
        self.place.go(by, self.rows.len());
        self.followed = self.chosen(list).map(id_of);
    }

    /// The process at the chosen place.
    pub(in crate::top) fn chosen<'a>(
        &self,
        list: &'a [ProcessSample],
    ) -> Option<&'a ProcessSample> {
        list.get(self.rows.get(self.place.at)?.place)
    }

    /// By the same key the other way round, by another in its usual order.
    pub(in crate::top) fn sort_by(&mut self, sort: Sort) {
        if self.sort != sort {
            self.sort = sort;
            self.is_reversed = false;
        }
    }

    fn matches(&self, process: &ProcessSample) -> bool {
        let details = &process.details;
        self.filter.is_empty()
            || self.filter.matches(&details.name)
            || details
                .user
                .as_deref()
                .is_some_and(|user| self.filter.matches(user))
            || details
                .command_line
                .as_deref()
                .is_some_and(|line| self.filter.matches(line))
            || self.filter.text() == process.pid.to_string()
    }

    fn flat(&self, list: &[ProcessSample]) -> Vec<Row> {
        let mut places: Vec<usize> = (0..list.len())
            .filter(|at| self.matches(&list[*at]))
            .collect();
        places.sort_by(|a, b| self.order(&list[*a], &list[*b]));
        let row = |place| Row {
            place,
            branches: String::new(),
            is_passed: false,
        };
        places.into_iter().map(row).collect()
    }

    pub(in crate::top) fn order(&self, a: &ProcessSample, b: &ProcessSample) -> Ordering {
        let by_key = match self.sort {
            Sort::Cpu => self.greatest(a.cpu_core_percent, b.cpu_core_percent),
            Sort::Memory => self.greatest(Some(a.rss_bytes as f64), Some(b.rss_bytes as f64)),
            Sort::Io => self.greatest(io_of(a), io_of(b)),
            Sort::Time => self.greatest(Some(a.cpu_seconds_total), Some(b.cpu_seconds_total)),
            Sort::Pid => self.turned(a.pid.cmp(&b.pid)),
            Sort::Name => self.turned(a.details.name.cmp(&b.details.name)),
        };
        by_key
            .then(b.rss_bytes.cmp(&a.rss_bytes))
            .then(a.pid.cmp(&b.pid))
    }

    fn turned(&self, order: Ordering) -> Ordering {
        if self.is_reversed {
            order.reverse()
        } else {
            order
        }
    }

    /// The greatest first; what is unknown comes last either way.
    fn greatest(&self, a: Option<f64>, b: Option<f64>) -> Ordering {
        match (a.filter(|v| !v.is_nan()), b.filter(|v| !v.is_nan())) {
            (Some(a), Some(b)) => self.turned(b.total_cmp(&a)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }

    /// Parents before their children. What has no parent here, or goes in circles, as a list
    /// of broken times may, stands at the left edge.
    fn tree(&self, list: &[ProcessSample]) -> Vec<Row> {
        let by_pid: HashMap<i32, usize> = list
            .iter()
            .enumerate()
            .map(|(at, process)| (process.pid, at))
            .collect();
        let parent = |at: usize| {
            let found = by_pid.get(&list[at].parent_pid).copied();
            found.filter(|parent| *parent != at)
        };
        let (is_match, is_wanted) = self.wanted(list, &parent);
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); list.len()];
        let mut roots = Vec::new();
        for at in 0..list.len() {
            match parent(at) {
                Some(parent) => children[parent].push(at),
                None => roots.push(at),
            }
        }
        let mut rows = Vec::with_capacity(list.len());
        let mut is_placed = vec![false; list.len()];
        // Those of a circle are reached from no root.
        let starts = roots.into_iter().chain(0..list.len());
        let mut starts: Vec<usize> = starts.collect();
        let circles = starts.len() - list.len();
        starts[..circles].sort_by(|a, b| self.order(&list[*a], &list[*b]));
        for start in starts {
            // Each with the branches that its children begin with, and its own.
            let mut waiting = vec![(start, String::new(), String::new(), 0)];
            while let Some((at, branches, below, depth)) = waiting.pop() {
                if std::mem::replace(&mut is_placed[at], true) || !is_wanted[at] {
                    continue;
                }
                rows.push(Row {
                    place: at,
                    branches,
                    is_passed: !is_match[at],
                });
                let mut next: Vec<usize> = children[at]
                    .iter()
                    .copied()
                    .filter(|c| is_wanted[*c])
                    .collect();
                next.sort_by(|a, b| self.order(&list[*a], &list[*b]));
                let last = next.len().saturating_sub(1);
                for (nth, child) in next.into_iter().enumerate().rev() {
                    let (mut own, mut under) = (below.clone(), below.clone());
                    if depth < DEEPEST {
                        own.push_str(if nth == last { "└─" } else { "├─" });
                        under.push_str(if nth == last { "  " } else { "│ " });
                    }
                    waiting.push((child, own, under, depth + 1));
                }
            }
        }
        rows
    }

    /// Which processes match, and which are wanted as they match or lead to one that does.
    fn wanted(
        &self,
        list: &[ProcessSample],
        parent: &impl Fn(usize) -> Option<usize>,
    ) -> (Vec<bool>, Vec<bool>) {
        let is_match: Vec<bool> = list.iter().map(|process| self.matches(process)).collect();
        let mut is_wanted = is_match.clone();
        for (at, _) in is_match.iter().enumerate().filter(|(_, matches)| **matches) {
            let mut above = parent(at);
            while let Some(ancestor) = above.filter(|ancestor| !is_wanted[*ancestor]) {
                is_wanted[ancestor] = true;
                above = parent(ancestor);
            }
        }
        (is_match, is_wanted)
    }
}

impl Sort {
    pub(in crate::top) fn words(self) -> &'static str {
        match self {
            Sort::Cpu => "processor time now",
            Sort::Memory => "memory",
            Sort::Io => "disk use",
            Sort::Pid => "pid",
            Sort::Name => "name",
            Sort::Time => "processor time in all",
        }
    }
}

/// Processor time as top shows it: `12:34.5`, `5h12m`, `3d04h`.
pub(in crate::top) fn time_words(seconds: f64) -> String {
    let mut text = String::new();
    let all = if seconds.is_finite() {
        seconds.max(0.0)
    } else {
        return "–".into();
    };
    let whole = all as u64;
    // Writing to a string can't fail.
    let _ = match whole {
        0..3600 => {
            let tenths = (all * 10.0 + 1e-6) as u64;
            write!(
                text,
                "{}:{:02}.{}",
                tenths / 600,
                tenths / 10 % 60,
                tenths % 10
            )
        }
        3600..86_400 => write!(text, "{}h{:02}m", whole / 3600, whole / 60 % 60),
        _ => write!(text, "{}d{:02}h", whole / 86_400, whole / 3600 % 24),
    };
    text
}
