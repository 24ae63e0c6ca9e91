//! What others suffer: read over a window, for the analysis and for the verdict on an action.
//!
//! The *culprits* are named by the caller; their living descendants are culprits too. Every
//! other process is a *victim*, but for kernel threads and this process itself, which are
//! neither.

mod compare;
mod counters;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod looks;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod pass;
#[cfg(all(test, target_os = "linux"))]
mod tests_live;
mod victims;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::target::Metric;
use crate::act::ProcessId;

pub(crate) use compare::compare_about;
#[cfg(target_os = "linux")]
pub(crate) use measure::measure;
pub(crate) use victims::{Victims, with_descendants};

/// What was suffered in a window. What can't be read is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Pain {
    /// Length of the window as it really was.
    pub(crate) window_seconds: f64,
    /// The caller ended it early.
    pub(crate) was_stopped: bool,
    /// See [`Metric::CpuWait`]; `None` also when no victim wanted to run.
    pub(crate) cpu_wait_percent: Option<f64>,
    /// See [`Metric::IoWait`]; `None` also when no victim was seen to want anything.
    pub(crate) io_wait_percent: Option<f64>,
    /// Share of the window in which some task, culprits included, waited (PSI).
    pub(crate) cpu_pressure_percent: Option<f64>,
    /// The same for memory.
    pub(crate) memory_pressure_percent: Option<f64>,
    /// Share of the window in which all tasks waited for memory at once.
    pub(crate) memory_full_percent: Option<f64>,
    /// The same as `cpu_pressure_percent` for disks.
    pub(crate) io_pressure_percent: Option<f64>,
    /// At the end, of the machine or of the own limit, whichever is tighter.
    pub(crate) memory_used_percent: Option<f64>,
    /// MemAvailable at the end.
    pub(crate) memory_available_bytes: Option<u64>,
    /// MemTotal.
    pub(crate) memory_total_bytes: Option<u64>,
    /// Processes and threads made per second.
    pub(crate) forks_per_sec: Option<f64>,
    /// Read and write calls of those victims that may be read, per second.
    pub(crate) victims_calls_per_sec: Option<f64>,
    /// Bytes that these calls moved, per second.
    pub(crate) victims_bytes_per_sec: Option<f64>,
    /// Page faults of the victims that needed a disk, per second.
    pub(crate) victims_major_faults_per_sec: Option<f64>,
    /// The kernel tells run delays.
    pub(crate) has_run_delays: bool,
    /// The processes that lived through the window or were born in it, by pid.
    pub(crate) processes: Vec<ProcessPain>,
    /// Use of mount points, as [`Pain::note_space`] found it: space and inodes.
    pub(crate) spaces: BTreeMap<String, Space>,
    /// Folder that stands for `/`.
    pub(crate) host_root: PathBuf,
}

/// What one process did and suffered.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ProcessPain {
    /// Its pid.
    pub(crate) pid: i32,
    /// Start in clock ticks after boot.
    pub(crate) start_time_ticks: u64,
    /// Its parent at the end.
    pub(crate) parent_pid: i32,
    /// It was named by the caller, or descends from one that was.
    pub(crate) is_culprit: bool,
    /// It was made within the window.
    pub(crate) is_new: bool,
    /// For how long it was watched.
    pub(crate) watched_seconds: f64,
    /// Time on a processor, all threads.
    pub(crate) run_seconds: f64,
    /// Time waiting for a processor, all threads.
    pub(crate) wait_seconds: f64,
    /// The thread that wanted to run most: run and wait, percent of the window.
    pub(crate) hungriest_percent: f64,
    /// Times that a thread of it was put on a processor.
    pub(crate) slices: u64,
    /// Looks in which a thread of it ran, was ready, or in an uninterruptible wait.
    pub(crate) looks: u32,
    /// Of those, in an uninterruptible wait that counts as one for a disk.
    pub(crate) waiting_looks: f64,
    /// Read and write calls per second; `None` without permission.
    pub(crate) calls_per_sec: Option<f64>,
    /// Bytes that these calls moved, per second.
    pub(crate) bytes_per_sec: Option<f64>,
    /// Page faults that needed a disk, per second.
    pub(crate) major_faults_per_sec: f64,
    /// Resident memory at the end.
    pub(crate) rss_bytes: u64,
}

/// How full a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Space {
    /// Of what users may take.
    pub(crate) used_percent: Option<f64>,
    /// `None` without a fixed number of inodes.
    pub(crate) inodes_used_percent: Option<f64>,
}

impl ProcessPain {
    /// Which it is.
    pub(crate) fn id(&self) -> ProcessId {
        ProcessId {
            pid: self.pid,
            start_time_ticks: self.start_time_ticks,
        }
    }

    /// Time on a processor, percent of one core.
    pub(crate) fn cpu_core_percent(&self) -> f64 {
        percent(self.run_seconds, self.watched_seconds)
    }

    /// Of the time in which it wanted to run, the share in which it waited.
    pub(crate) fn wait_percent(&self) -> f64 {
        percent(self.wait_seconds, self.run_seconds + self.wait_seconds)
    }
}

impl Pain {
    /// The value of a metric, `None` where it was not measured. `subject` is the mount point
    /// for [`Metric::SpaceUsed`] and [`Metric::InodesUsed`] (asked now, unless
    /// [`note_space`](Self::note_space) was called), the pid as text for
    /// [`Metric::ProcessCpu`] and [`Metric::ProcessMemory`].
    pub(crate) fn value(&self, metric: Metric, subject: Option<&str>) -> Option<f64> {
        match metric {
            Metric::CpuWait => self.cpu_wait_percent,
            Metric::CpuPressure => self.cpu_pressure_percent,
            Metric::IoWait => self.io_wait_percent,
            Metric::IoPressure => self.io_pressure_percent,
            Metric::MemoryPressure => self.memory_pressure_percent,
            Metric::MemoryUsed => self.memory_used_percent,
            Metric::SpaceUsed => self.space(subject?).used_percent,
            Metric::InodesUsed => self.space(subject?).inodes_used_percent,
            Metric::NetworkUsed => None,
            Metric::ProcessCpu => self.process(subject).map(ProcessPain::cpu_core_percent),
            Metric::ProcessMemory => {
                let rss = self.process(subject)?.rss_bytes as f64;
                self.memory_total_bytes
                    .map(|total| percent(rss, total as f64))
            }
            Metric::ForkRate => self.forks_per_sec,
        }
    }

    /// Asks how full the file system at a mount point is and keeps the answer, so that this
    /// value is of now when it is compared later.
    #[allow(dead_code)] // For whoever compares space; cleaning counts what it freed.
    pub(crate) fn note_space(&mut self, mount_point: &str) {
        let space = ask_space(&self.host_root, mount_point);
        self.spaces.insert(mount_point.to_string(), space);
    }

    /// What those suffered that are neither of these culprits nor of those that the measurement
    /// was told of.
    pub(crate) fn victims_of(&self, culprits: &std::collections::BTreeSet<ProcessId>) -> Victims {
        let all = with_descendants(
            culprits,
            self.processes.iter().map(|p| (p.id(), p.parent_pid)),
        );
        let is_victim = |p: &&ProcessPain| !p.is_culprit && !all.contains(&p.id());
        let others = self.processes.iter().filter(is_victim);
        Victims::sum(others, self.window_seconds, self.has_run_delays)
    }

    /// The same measurement with these culprits, besides those that it was made with.
    pub(crate) fn seen_without(&self, culprits: &std::collections::BTreeSet<ProcessId>) -> Pain {
        let all = with_descendants(
            culprits,
            self.processes.iter().map(|p| (p.id(), p.parent_pid)),
        );
        let mut pain = self.clone();
        for process in &mut pain.processes {
            process.is_culprit |= all.contains(&process.id());
        }
        let others = pain.processes.iter().filter(|p| !p.is_culprit);
        let sums = Victims::sum(others, self.window_seconds, self.has_run_delays);
        pain.cpu_wait_percent = sums.cpu_wait_percent;
        pain.io_wait_percent = sums.io_wait_percent;
        pain.victims_calls_per_sec = sums.calls_per_sec;
        pain.victims_bytes_per_sec = sums.bytes_per_sec;
        pain.victims_major_faults_per_sec = Some(sums.major_faults_per_sec);
        pain
    }

    fn space(&self, mount_point: &str) -> Space {
        match self.spaces.get(mount_point) {
            Some(space) => *space,
            None => ask_space(&self.host_root, mount_point),
        }
    }

    fn process(&self, subject: Option<&str>) -> Option<&ProcessPain> {
        let pid: i32 = subject?.parse().ok()?;
        let at = self.processes.binary_search_by_key(&pid, |p| p.pid).ok()?;
        self.processes.get(at)
    }
}

/// 100 · part / whole, 0 for an empty whole.
fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        100.0 * part / whole
    } else {
        0.0
    }
}

#[cfg(unix)]
fn ask_space(host_root: &Path, mount_point: &str) -> Space {
    let path = match mount_point.strip_prefix('/') {
        Some(below) if !host_root.as_os_str().is_empty() => host_root.join(below),
        _ => PathBuf::from(mount_point),
    };
    let Ok(stat) = rustix::fs::statvfs(&path) else {
        return Space::default();
    };
    // As `df` counts it: what is reserved for root is neither used nor free.
    let used = stat.f_blocks.saturating_sub(stat.f_bfree) as f64;
    let inodes_used = stat.f_files.saturating_sub(stat.f_ffree) as f64;
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| percent(part, whole));
    Space {
        used_percent: share(used, used + stat.f_bavail as f64),
        inodes_used_percent: share(inodes_used, stat.f_files as f64),
    }
}

#[cfg(not(unix))]
fn ask_space(_host_root: &Path, _mount_point: &str) -> Space {
    Space::default()
}

/// # Errors
/// `Unsupported`: only Linux tells what processes wait for.
#[cfg(not(target_os = "linux"))]
pub(crate) fn measure(
    _roots: &crate::sample::Roots,
    _culprits: &std::collections::BTreeSet<ProcessId>,
    _window: std::time::Duration,
    _stop: &dyn Fn() -> bool,
) -> crate::error::Result<Pain> {
    Err(crate::Error::Unsupported(
        "what processes wait for is told by Linux only".into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_process_are_found_by_its_pid() {
        let pain = Pain {
            memory_total_bytes: Some(1000),
            processes: vec![ProcessPain {
                pid: 7,
                watched_seconds: 2.0,
                run_seconds: 1.0,
                rss_bytes: 250,
                ..ProcessPain::default()
            }],
            ..Pain::default()
        };
        assert_eq!(pain.value(Metric::ProcessCpu, Some("7")), Some(50.0));
        assert_eq!(pain.value(Metric::ProcessMemory, Some("7")), Some(25.0));
        assert_eq!(pain.value(Metric::ProcessCpu, Some("8")), None);
        assert_eq!(pain.value(Metric::ProcessCpu, Some("x")), None);
        assert_eq!(pain.value(Metric::ProcessCpu, None), None);
        assert_eq!(pain.value(Metric::NetworkUsed, None), None);
    }

    #[cfg(unix)]
    #[test]
    fn space_is_asked_of_the_mount_point_and_kept_when_noted() {
        let mut pain = Pain::default();
        let used = pain.value(Metric::SpaceUsed, Some("/")).unwrap();
        assert!((0.0..=100.0).contains(&used), "{used}");
        assert_eq!(pain.value(Metric::SpaceUsed, Some("/no/such/place")), None);
        pain.note_space("/no/such/place");
        assert_eq!(pain.value(Metric::InodesUsed, Some("/no/such/place")), None);
        let noted = Space {
            used_percent: Some(12.5),
            inodes_used_percent: None,
        };
        pain.spaces.insert("/".into(), noted);
        assert_eq!(pain.value(Metric::SpaceUsed, Some("/")), Some(12.5));
    }
}
