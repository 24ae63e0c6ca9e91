//! The kernel's own hardening settings, which any process may read: files below
//! `/proc/sys`. They change seldom, so they are read once in a while.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parse;
use super::roots::Roots;
use super::source::{Availability, SourceReport, availability_of, read_once};

/// Values of the settings; `None` where the file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HardeningSample {
    /// `kernel.randomize_va_space`: address space layout randomisation; 2 full, 1 without
    /// the heap, 0 off.
    pub randomize_va_space: Option<i64>,
    /// `kernel.yama.ptrace_scope`: 0 any process of the same user may be traced, 1 only
    /// descendants, 2 only by an administrator, 3 none.
    pub ptrace_scope: Option<i64>,
    /// `fs.protected_symlinks`: 1 links in sticky folders are followed only by their owner.
    pub protected_symlinks: Option<i64>,
    /// `fs.protected_hardlinks`: 1 no hard links to files that one may not write.
    pub protected_hardlinks: Option<i64>,
    /// `kernel.unprivileged_bpf_disabled`: 0 any user may load BPF programs.
    pub unprivileged_bpf_disabled: Option<i64>,
    /// `kernel.kptr_restrict`: 0 kernel addresses are shown to any user.
    pub kptr_restrict: Option<i64>,
    /// `kernel.core_pattern`: where core dumps go.
    pub core_pattern: Option<Arc<str>>,
}

/// Ticks between two readings, about ten minutes at the default interval.
const EVERY_TICKS: u32 = 300;

/// Reads the settings and keeps them between readings.
#[derive(Debug)]
pub(crate) struct HardeningReader {
    roots: Roots,
    values: Arc<HardeningSample>,
    next_in: u32,
    reports: Vec<SourceReport>,
}

impl HardeningReader {
    pub(crate) fn new(roots: &Roots) -> HardeningReader {
        HardeningReader {
            roots: roots.clone(),
            values: Arc::default(),
            next_in: 0,
            reports: Vec::new(),
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>, into: &mut Arc<HardeningSample>) {
        if self.next_in == 0 {
            self.next_in = EVERY_TICKS;
            self.reports.clear();
            let mut number = |name: &str| {
                self.text(name, buffer)
                    .and_then(|text| parse::signed(text.as_bytes()))
            };
            let values = HardeningSample {
                randomize_va_space: number("sys/kernel/randomize_va_space"),
                ptrace_scope: number("sys/kernel/yama/ptrace_scope"),
                protected_symlinks: number("sys/fs/protected_symlinks"),
                protected_hardlinks: number("sys/fs/protected_hardlinks"),
                unprivileged_bpf_disabled: number("sys/kernel/unprivileged_bpf_disabled"),
                kptr_restrict: number("sys/kernel/kptr_restrict"),
                core_pattern: self.text("sys/kernel/core_pattern", buffer).map(Arc::from),
            };
            if *self.values != values {
                self.values = Arc::new(values);
            }
        }
        self.next_in -= 1;
        if !Arc::ptr_eq(into, &self.values) {
            *into = self.values.clone();
        }
    }

    fn text(&mut self, name: &str, buffer: &mut Vec<u8>) -> Option<String> {
        let path = self.roots.proc(name);
        let (text, availability, reason) = match read_once(&path, buffer) {
            Ok(text) => {
                let text = String::from_utf8_lossy(parse::trim(text)).into_owned();
                (Some(text), Availability::Available, None)
            }
            Err(errno) => (
                None,
                availability_of(errno),
                Some(std::io::Error::from(errno).to_string()),
            ),
        };
        self.reports.push(SourceReport {
            source: path.display().to_string(),
            gives: "security score".into(),
            availability,
            reason,
        });
        text
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.extend_from_slice(&self.reports);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_read_and_what_is_missing_is_reported() {
        let tree = tempfile::tempdir().unwrap();
        let kernel = tree.path().join("proc/sys/kernel");
        std::fs::create_dir_all(&kernel).unwrap();
        std::fs::write(kernel.join("randomize_va_space"), "2\n").unwrap();
        std::fs::write(kernel.join("core_pattern"), "|/usr/lib/handler %p\n").unwrap();
        let mut reader = HardeningReader::new(&Roots::tree(tree.path()));
        let mut values = Arc::default();
        reader.read(&mut Vec::new(), &mut values);
        assert_eq!(values.randomize_va_space, Some(2));
        assert_eq!(values.core_pattern.as_deref(), Some("|/usr/lib/handler %p"));
        assert_eq!(values.kptr_restrict, None);
        let mut reports = Vec::new();
        reader.report(&mut reports);
        let absent = reports
            .iter()
            .filter(|r| r.availability == Availability::Absent)
            .count();
        assert_eq!((reports.len(), absent), (7, 5));
    }
}
