//! Processes in the order in which a person wants to see them.

use std::cmp::Ordering;

use super::{ProcessSample, ProcessTable};
use crate::arrange::arrange_by;

/// What processes are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProcessOrder {
    /// CPU use, most first.
    #[default]
    Cpu,
    /// Resident memory, most first.
    Memory,
    /// Bytes read and written per second, most first.
    Io,
    /// Process id, least first.
    Pid,
}

impl ProcessTable {
    /// The first `limit` processes in an order. One whose value is unknown comes after all
    /// that have one; equal ones are sorted by pid.
    pub fn top(&self, order: ProcessOrder, limit: usize) -> Vec<&ProcessSample> {
        // Dynamic: inlined into a sort it would be 60 kilobytes of code.
        let compare: &dyn Fn(&&ProcessSample, &&ProcessSample) -> Ordering =
            &|a, b| most_first(value(a, order), value(b, order)).then(a.pid.cmp(&b.pid));
        let mut list: Vec<&ProcessSample> = self.list.iter().collect();
        if limit == 0 {
            return Vec::new();
        }
        if limit < list.len() {
            list.select_nth_unstable_by(limit - 1, compare);
            list.truncate(limit);
        }
        arrange_by(&mut list, compare);
        list
    }
}

/// What counts in an order; nothing for that of pids.
fn value(process: &ProcessSample, order: ProcessOrder) -> Option<f64> {
    match order {
        ProcessOrder::Cpu => process.cpu_core_percent,
        ProcessOrder::Memory => Some(process.rss_bytes as f64),
        ProcessOrder::Io => match (process.read_bytes_per_sec, process.write_bytes_per_sec) {
            (None, None) => None,
            (read, write) => Some(read.unwrap_or(0.0) + write.unwrap_or(0.0)),
        },
        ProcessOrder::Pid => None,
    }
}

fn most_first(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ProcessTable {
        let process = |pid, cpu_core_percent, rss_bytes, read_bytes_per_sec| ProcessSample {
            pid,
            cpu_core_percent,
            rss_bytes,
            read_bytes_per_sec,
            ..ProcessSample::default()
        };
        ProcessTable {
            list: vec![
                process(1, None, 7, None),
                process(2, Some(5.0), 7, Some(0.0)),
                process(3, Some(90.0), 1, None),
                process(4, Some(5.0), 9, Some(3.0)),
            ],
            ..ProcessTable::default()
        }
    }

    fn pids(order: ProcessOrder, limit: usize) -> Vec<i32> {
        table()
            .top(order, limit)
            .iter()
            .map(|process| process.pid)
            .collect()
    }

    #[test]
    fn most_comes_first_and_what_is_unknown_last() {
        assert_eq!(pids(ProcessOrder::Cpu, 9), [3, 2, 4, 1]);
        assert_eq!(pids(ProcessOrder::Memory, 9), [4, 1, 2, 3]);
        assert_eq!(pids(ProcessOrder::Io, 9), [4, 2, 1, 3]);
        assert_eq!(pids(ProcessOrder::Pid, 9), [1, 2, 3, 4]);
    }

    #[test]
    fn a_limit_keeps_the_first_of_the_same_order() {
        for limit in 0..4 {
            assert_eq!(pids(ProcessOrder::Memory, limit), [4, 1, 2, 3][..limit]);
        }
    }
}
