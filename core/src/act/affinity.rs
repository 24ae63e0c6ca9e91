//! Which processors threads may run on.

use std::io;

use serde::{Deserialize, Serialize};

use super::threads::ThreadValue;
use crate::error::{Error, Result};
use crate::sys::{set_thread_processors, thread_processors};

/// Processor numbers, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuList(pub Vec<u32>);

impl CpuList {
    /// # Errors
    /// `InvalidArgument` when it is empty.
    pub(super) fn wanted(cpus: &[u32]) -> Result<CpuList> {
        if cpus.is_empty() {
            return Err(Error::invalid("cpus", "none", "at least one processor"));
        }
        let mut cpus = cpus.to_vec();
        cpus.sort_unstable();
        cpus.dedup();
        Ok(CpuList(cpus))
    }
}

impl ThreadValue for CpuList {
    const WHAT: &'static str = "processors";

    fn read(tid: i32) -> io::Result<CpuList> {
        Ok(CpuList(thread_processors(tid)?))
    }

    fn write(&self, tid: i32, _found: &CpuList) -> io::Result<()> {
        set_thread_processors(tid, Some(&self.0))
    }

    /// A thread that was allowed every processor was never restricted: put back so, it also
    /// gets those that come later (hotplug, a wider cpuset).
    fn restore(&self, tid: i32, _found: &CpuList) -> io::Result<()> {
        let every = std::fs::read_to_string("/sys/devices/system/cpu/online");
        if every.is_ok_and(|text| numbers(&text).as_ref() == Some(&self.0)) {
            set_thread_processors(tid, None)?;
            if thread_processors(tid)? == self.0 {
                return Ok(());
            }
        }
        set_thread_processors(tid, Some(&self.0))
    }

    fn is_same(&self, other: &CpuList) -> bool {
        self.0 == other.0
    }

    fn words(&self) -> String {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for cpu in &self.0 {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(*cpu) => *last = *cpu,
                _ => ranges.push((*cpu, *cpu)),
            }
        }
        let words = ranges.iter().map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        });
        words.collect::<Vec<_>>().join(",")
    }
}

/// The numbers of a list like `0-3,5`.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if last >= 1 << 16 {
            return None;
        }
        all.extend(first..=last);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_is_sorted_and_not_empty() {
        assert_eq!(CpuList::wanted(&[3, 1, 3]).unwrap(), CpuList(vec![1, 3]));
        assert!(CpuList::wanted(&[]).is_err());
        assert_eq!(numbers("0-4294967295"), None);
        assert_eq!(numbers("x"), None);
    }

    proptest! {
        #[test]
        fn words_are_the_kernels_list_format(mut cpus: Vec<u16>) {
            prop_assume!(!cpus.is_empty());
            cpus.sort_unstable();
            cpus.dedup();
            let list = CpuList(cpus.iter().map(|c| u32::from(*c)).collect());
            prop_assert_eq!(numbers(&list.words()), Some(list.0));
        }
    }
}
