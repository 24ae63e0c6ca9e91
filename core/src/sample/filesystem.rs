//! File systems: `/proc/PID/mountinfo` and statvfs(2), each mount read by a worker
//! with a deadline, so that a dead NFS or FUSE mount never delays a tick.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::Tick;
use super::mount_choice::{may_hang, select};
use super::mounts::{MountTable, unescape};
use super::rates::percent_of;
use super::roots::Roots;
use super::slow_jobs::{JobKey, JobView, SlowJobs};
use super::source::{Availability, SourceReport, availability_of};

/// One mounted file system that holds data.
///
/// Listed is what `df` shows, less what tells nothing: pseudo file systems, images that
/// are always full (squashfs, erofs, iso9660 and the like), overlays other than the root
/// (their data is counted where it lies), a tmpfs that is read-only or below `/dev`
/// (except `/dev/shm`), `/proc` and `/sys`, and whatever has no size. A device that is
/// mounted more than once is listed once: by the mount of its whole if there is one, and
/// then by its shortest mount point.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FilesystemSample {
    /// Where it is mounted, on the host.
    pub mount_point: Arc<str>,
    /// What is mounted, e.g. `/dev/sda1`.
    pub device: Arc<str>,
    /// Type, e.g. `ext4`.
    pub kind: Arc<str>,
    /// Mounted read-only.
    pub read_only: bool,
    /// Size.
    pub total_bytes: Option<u64>,
    /// In use: total − free (free counts what only root may use).
    pub used_bytes: Option<u64>,
    /// What an ordinary user may still write.
    pub available_bytes: Option<u64>,
    /// 100 · used / (used + available), as `df` shows it.
    pub used_percent: Option<f64>,
    /// Inodes; `None` where the file system has no fixed number.
    pub inodes_total: Option<u64>,
    /// Inodes in use.
    pub inodes_used: Option<u64>,
    /// 100 · inodes used / inodes total.
    pub inodes_used_percent: Option<f64>,
    /// The mount did not answer within the deadline; the values are the last known ones.
    pub stale: bool,
    /// Why the values are absent or stale.
    pub problem: Option<Arc<str>>,
}

/// Shortest time between two questions to a mount, seconds: file systems fill slowly.
/// A little below one second, so that the jitter of a tick each second skips none.
const REFRESH_SECONDS: f64 = 0.9;

/// From this interval between two ticks on, the answers of the previous tick are old
/// news: the tick waits [`GRACE`] for new ones.
const LONG_TICK_SECONDS: f64 = 2.0;

/// Far more than a healthy mount takes, far less than anyone notices.
const GRACE: Duration = Duration::from_millis(2);

type Answer = Result<Usage, Errno>;
type Probe = Arc<dyn Fn(&Path) -> Answer + Send + Sync>;

/// Reads the mount table and asks every mount, without waiting for one that hangs.
pub(crate) struct FilesystemReader {
    roots: Roots,
    /// The table is of the host and its mount points lie below the host's root.
    is_of_host: bool,
    table: MountTable,
    listed: Vec<Listed>,
    jobs: SlowJobs<Answer>,
    probe: Probe,
    deadline: Duration,
    asked_at: Option<f64>,
}

/// A mount that is listed, and its last sample.
struct Listed {
    key: JobKey,
    mount_id: u64,
    mount_point: Vec<u8>,
    sample: FilesystemSample,
    /// What the sample's `problem` speaks of, so that it is worded only once.
    trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NotReadYet,
    Hangs,
    Waits,
    Fails(Errno),
}

/// What statvfs(2) says, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Usage {
    total_bytes: u64,
    used_bytes: u64,
    available_bytes: u64,
    inodes: Option<(u64, u64)>,
}

impl FilesystemReader {
    /// Nothing is read or started before the first `read`. `deadline` is how long a
    /// mount may take before it counts as hanging.
    pub(crate) fn new(roots: &Roots, deadline: Duration) -> FilesystemReader {
        FilesystemReader::with_probe(roots, deadline, Arc::new(ask_statvfs))
    }

    fn with_probe(roots: &Roots, deadline: Duration, probe: Probe) -> FilesystemReader {
        // A proc root that is not our own is the host's: process 1 has the host's mounts.
        let of_init = roots.proc("1/mountinfo");
        let is_of_host = roots.proc_root != Path::new("/proc") && of_init.exists();
        let path = match is_of_host {
            true => of_init,
            false => roots.proc("self/mountinfo"),
        };
        FilesystemReader {
            roots: roots.clone(),
            is_of_host,
            table: MountTable::new(path),
            listed: Vec::new(),
            jobs: SlowJobs::new("usm-statvfs", deadline),
            probe,
            deadline,
            asked_at: None,
        }
    }

    /// The newest answers. Waits only in the first call, for at most the deadline.
    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        into: &mut Vec<FilesystemSample>,
    ) {
        let has_changed = self.table.refresh(buffer);
        if has_changed {
            self.list();
        }
        let now = tick.moment.monotonic_seconds;
        let is_first = self.asked_at.is_none();
        let is_due = self
            .asked_at
            .is_none_or(|asked| !(0.0..REFRESH_SECONDS).contains(&(now - asked)));
        if is_due || has_changed {
            self.jobs.ask();
            self.asked_at = Some(now);
            if is_first {
                self.jobs.wait(self.deadline);
            } else if tick.elapsed_seconds.is_some_and(|s| s >= LONG_TICK_SECONDS) {
                self.jobs.wait(GRACE.min(self.deadline));
            }
        }
        self.jobs.tend();
        self.collect(into);
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        out.push(self.table.report("mounted file systems"));
        if let Some(failure) = self.jobs.spawn_failure() {
            out.push(SourceReport {
                source: "statvfs".to_string(),
                gives: "use of file systems".to_string(),
                availability: Availability::Failed,
                reason: Some(failure.to_string()),
            });
        }
        for listed in &self.listed {
            let availability = match listed.trouble {
                None => Availability::Available,
                Some(Trouble::NotReadYet) => Availability::Unknown,
                Some(Trouble::Hangs | Trouble::Waits) => Availability::Slow,
                Some(Trouble::Fails(errno)) => availability_of(errno),
            };
            out.push(SourceReport {
                source: format!("statvfs {}", listed.sample.mount_point),
                gives: "use of a file system".to_string(),
                availability,
                reason: listed.sample.problem.as_deref().map(str::to_string),
            });
        }
    }

    /// Takes over a changed mount table: known mounts keep their job and last answer.
    fn list(&mut self) {
        let selected = select(self.table.mounts());
        let mut before = std::mem::take(&mut self.listed);
        for mount in selected {
            let point = unescape(mount.mount_point);
            let known = before
                .iter()
                .position(|old| old.mount_id == mount.id && *old.mount_point == *point);
            let (key, last, trouble) = match known.map(|index| before.swap_remove(index)) {
                Some(old) => (old.key, old.sample, old.trouble),
                None => {
                    let path = match self.is_of_host {
                        true => self.roots.host(Path::new(OsStr::from_bytes(&point))),
                        false => Path::new(OsStr::from_bytes(&point)).to_path_buf(),
                    };
                    let probe = Arc::clone(&self.probe);
                    let is_risky = may_hang(mount.kind);
                    let key = self.jobs.add(is_risky, Arc::new(move || probe(&path)));
                    (key, FilesystemSample::default(), None)
                }
            };
            self.listed.push(Listed {
                key,
                mount_id: mount.id,
                mount_point: point.to_vec(),
                sample: FilesystemSample {
                    mount_point: text(&point),
                    device: text(&unescape(mount.source)),
                    kind: text(mount.kind),
                    // May be changed by a remount, under the same number.
                    read_only: mount.is_read_only(),
                    ..last
                },
                trouble,
            });
        }
        let keys: Vec<JobKey> = self.listed.iter().map(|listed| listed.key).collect();
        self.jobs.arrange(&keys);
    }

    fn collect(&mut self, into: &mut Vec<FilesystemSample>) {
        let mut filled = 0;
        let mut listed = self.listed.iter_mut();
        // Jobs and list have the same order.
        self.jobs.each(|_, view| {
            let Some(listed) = listed.next() else { return };
            listed.take_over(&view);
            if listed.sample.total_bytes == Some(0) {
                return;
            }
            match into.get_mut(filled) {
                Some(slot) => slot.clone_from(&listed.sample),
                None => into.push(listed.sample.clone()),
            }
            filled += 1;
        });
        into.truncate(filled);
    }
}

impl Listed {
    fn take_over(&mut self, view: &JobView<'_, Answer>) {
        let trouble = match view.answer {
            _ if view.is_overdue && view.is_running => Some(Trouble::Hangs),
            _ if view.is_overdue => Some(Trouble::Waits),
            None => Some(Trouble::NotReadYet),
            Some(Err(errno)) => Some(Trouble::Fails(*errno)),
            Some(Ok(_)) => None,
        };
        let usage = view.answer.and_then(|answer| answer.as_ref().ok());
        let sample = &mut self.sample;
        sample.total_bytes = usage.map(|u| u.total_bytes);
        sample.used_bytes = usage.map(|u| u.used_bytes);
        sample.available_bytes = usage.map(|u| u.available_bytes);
        sample.used_percent = usage.and_then(Usage::used_percent);
        let inodes = usage.and_then(|u| u.inodes);
        sample.inodes_total = inodes.map(|(total, _)| total);
        sample.inodes_used = inodes.map(|(_, used)| used);
        sample.inodes_used_percent =
            inodes.and_then(|(total, used)| percent_of(used as f64, total as f64));
        sample.stale = view.is_overdue;
        if trouble != self.trouble {
            self.trouble = trouble;
            sample.problem = trouble.map(Trouble::in_words);
        }
    }
}

impl Trouble {
    fn in_words(self) -> Arc<str> {
        match self {
            Trouble::NotReadYet => "not read yet".into(),
            Trouble::Hangs => "does not answer within the deadline".into(),
            Trouble::Waits => "waits for its turn behind mounts that do not answer".into(),
            Trouble::Fails(errno) => std::io::Error::from(errno).to_string().into(),
        }
    }
}

impl Usage {
    fn used_percent(&self) -> Option<f64> {
        let used = self.used_bytes as f64;
        percent_of(used, used + self.available_bytes as f64)
    }
}

fn ask_statvfs(path: &Path) -> Answer {
    let stat = rustix::fs::statvfs(path)?;
    // Blocks are counted in fragments; very old file systems leave the size out.
    let unit = match stat.f_frsize {
        0 => stat.f_bsize,
        size => size,
    };
    let bytes = |blocks: u64| blocks.saturating_mul(unit);
    Ok(Usage {
        total_bytes: bytes(stat.f_blocks),
        used_bytes: bytes(stat.f_blocks.saturating_sub(stat.f_bfree)),
        available_bytes: bytes(stat.f_bavail),
        // btrfs and others make inodes as needed and say 0.
        inodes: (stat.f_files > 0)
            .then(|| stat.f_files.checked_sub(stat.f_ffree))
            .flatten()
            .map(|used| (stat.f_files, used)),
    })
}

fn text(bytes: &[u8]) -> Arc<str> {
    String::from_utf8_lossy(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::super::slow_jobs::tests::{Gate, until};
    use super::super::{HostFacts, Moment};
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::sync::atomic::Ordering;

    /// A reader over a made-up mount table, whose clock goes by hand.
    struct Bench {
        folder: tempfile::TempDir,
        reader: FilesystemReader,
        host: HostFacts,
        now: f64,
        into: Vec<FilesystemSample>,
    }

    impl Bench {
        fn new(table: &str, deadline: Duration, probe: Probe) -> Bench {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("proc/self")).unwrap();
            std::fs::write(folder.path().join("proc/self/mountinfo"), table).unwrap();
            let roots = Roots::tree(folder.path());
            Bench {
                folder,
                reader: FilesystemReader::with_probe(&roots, deadline, probe),
                host: HostFacts::default(),
                now: 100.0,
                into: Vec::new(),
            }
        }

        fn tick(&mut self, seconds: f64) {
            self.now += seconds;
            let tick = Tick {
                moment: Moment {
                    unix_seconds: self.now,
                    monotonic_seconds: self.now,
                },
                elapsed_seconds: Some(seconds),
                host: &self.host,
            };
            self.reader.read(&tick, &mut Vec::new(), &mut self.into);
        }

        fn of(&self, mount_point: &str) -> &FilesystemSample {
            let is_it = |sample: &&FilesystemSample| &*sample.mount_point == mount_point;
            self.into.iter().find(is_it).unwrap()
        }
    }

    const PATIENT: Duration = Duration::from_secs(60);

    fn usage(total: u64, used: u64, available: u64) -> Usage {
        Usage {
            total_bytes: total,
            used_bytes: used,
            available_bytes: available,
            inodes: Some((100, 25)),
        }
    }

    const TWO: &str = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                       21 20 0:50 / /mnt/nfs rw - nfs4 server:/data rw\n";

    #[test]
    fn the_first_sample_is_complete_and_counts_like_df() {
        // 1000 bytes, of which 50 are kept for root: 600 used, 350 available.
        // df shows 600 / (600 + 350) = 63.157…, and inodes 25 of 100.
        let probe: Probe = Arc::new(|path| match path.to_str() {
            Some("/") => Ok(usage(1000, 600, 350)),
            _ => Err(Errno::STALE),
        });
        let mut bench = Bench::new(TWO, PATIENT, probe);
        bench.tick(1.0);
        assert_eq!(bench.into.len(), 2);
        let root = bench.of("/");
        assert_eq!((&*root.device, &*root.kind), ("/dev/sda1", "ext4"));
        assert_eq!(root.total_bytes, Some(1000));
        assert_eq!(root.used_bytes, Some(600));
        assert_eq!(root.available_bytes, Some(350));
        assert!((root.used_percent.unwrap() - 63.157_894).abs() < 1e-5);
        assert_eq!((root.inodes_total, root.inodes_used), (Some(100), Some(25)));
        assert_eq!(root.inodes_used_percent, Some(25.0));
        assert!(!root.stale && root.problem.is_none() && !root.read_only);
        // An error is an answer: the values are unknown, not old.
        let nfs = bench.of("/mnt/nfs");
        assert_eq!((nfs.total_bytes, nfs.stale), (None, false));
        assert!(nfs.problem.as_deref().unwrap().contains("os error 116"));
        let mut reports = Vec::new();
        bench.reader.report(&mut reports);
        assert_eq!(reports.len(), 3);
        assert_eq!(reports[1].availability, Availability::Available);
        assert_eq!(reports[2].availability, Availability::Failed);
        assert!(reports[2].source.ends_with("/mnt/nfs"));
    }

    #[test]
    fn a_mount_that_hangs_delays_no_tick_and_recovers() {
        let gate = Arc::new(Gate::default());
        let seen = Arc::new(std::sync::Mutex::new(HashMap::new()));
        let (held, counted) = (Arc::clone(&gate), Arc::clone(&seen));
        let probe: Probe = Arc::new(move |path| {
            let is_nfs = path == Path::new("/mnt/nfs");
            if is_nfs {
                held.pass();
            }
            let mut counts = counted.lock().unwrap();
            let count: &mut u64 = counts.entry(path.to_path_buf()).or_default();
            *count += 1;
            Ok(usage(1000, *count, 500))
        });
        let mut bench = Bench::new(TWO, Duration::from_millis(100), probe);
        until(|| {
            bench.tick(1.0);
            bench.of("/mnt/nfs").used_bytes.is_some()
        });
        gate.shut();
        // The gate stays shut, so a tick that waited for it would never return.
        until(|| {
            bench.tick(1.0);
            bench.of("/mnt/nfs").stale && gate.inside() == 1
        });
        let last_known = bench.of("/mnt/nfs").used_bytes;
        assert!(last_known.is_some());
        let local = bench.of("/").used_bytes.unwrap();
        let entered = gate.entered.load(Ordering::SeqCst);
        until(|| {
            bench.tick(1.0);
            bench.of("/").used_bytes.unwrap() > local + 5 && !bench.of("/").stale
        });
        let problem = bench.of("/mnt/nfs").problem.as_deref().unwrap();
        assert!(problem.contains("deadline"), "{problem}");
        assert_eq!(bench.of("/mnt/nfs").used_bytes, last_known);
        assert_eq!(gate.inside(), 1);
        assert_eq!(gate.entered.load(Ordering::SeqCst), entered);
        let mut reports = Vec::new();
        bench.reader.report(&mut reports);
        let slow = |r: &&SourceReport| r.availability == Availability::Slow;
        assert_eq!(reports.iter().filter(slow).count(), 1);

        gate.open();
        until(|| {
            bench.tick(1.0);
            let nfs = bench.of("/mnt/nfs");
            !nfs.stale && nfs.problem.is_none() && nfs.used_bytes > last_known
        });
        assert_eq!(gate.inside(), 0);
    }

    #[test]
    fn mounts_are_asked_once_a_second_at_the_most() {
        let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let probe: Probe = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(usage(10, 1, 9))
        });
        let mut bench = Bench::new(TWO, PATIENT, probe);
        for _ in 0..8 {
            bench.tick(0.1);
        }
        assert_eq!(count.load(Ordering::SeqCst), 2);
        until(|| {
            bench.tick(1.0);
            count.load(Ordering::SeqCst) > 2
        });
    }

    #[test]
    fn what_is_gone_from_the_table_is_gone_from_the_sample() {
        let probe: Probe = Arc::new(|path| match path.to_str() {
            Some("/empty") => Ok(usage(0, 0, 0)),
            _ => Ok(usage(10, 1, 9)),
        });
        let mut bench = Bench::new(
            &format!("{TWO}22 20 0:51 / /empty rw - exotic none rw\n"),
            PATIENT,
            probe,
        );
        bench.tick(1.0);
        // The one without a size is left out.
        assert_eq!(bench.into.len(), 2);
        let table = "20 1 8:1 / / ro - ext4 /dev/sda1 rw\n";
        std::fs::write(bench.folder.path().join("proc/self/mountinfo"), table).unwrap();
        until(|| {
            bench.tick(1.0);
            bench.into.len() == 1
        });
        // A remount keeps the answer and shows the new option.
        assert!(bench.of("/").read_only);
        assert_eq!(bench.of("/").total_bytes, Some(10));
        std::fs::remove_file(bench.folder.path().join("proc/self/mountinfo")).unwrap();
        until(|| {
            bench.tick(1.0);
            bench.into.is_empty()
        });
        let mut reports = Vec::new();
        bench.reader.report(&mut reports);
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].availability, Availability::Absent);
    }

    #[test]
    fn the_hosts_mounts_are_looked_up_below_the_hosts_root() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("proc/1")).unwrap();
        std::fs::create_dir_all(folder.path().join("data disk")).unwrap();
        std::fs::write(
            folder.path().join("proc/1/mountinfo"),
            "20 1 8:1 / /data\\040disk rw - ext4 /dev/sda1 rw\n\
             21 1 8:2 / /nowhere rw - ext4 /dev/sda2 rw\n",
        )
        .unwrap();
        let mut reader = FilesystemReader::new(&Roots::tree(folder.path()), PATIENT);
        let host = HostFacts::default();
        let tick = Tick {
            moment: Moment::default(),
            elapsed_seconds: None,
            host: &host,
        };
        let mut into = vec![FilesystemSample::default(); 7];
        reader.read(&tick, &mut Vec::new(), &mut into);
        assert_eq!(into.len(), 2);
        assert_eq!(&*into[0].mount_point, "/data disk");
        let truth = rustix::fs::statvfs(folder.path()).unwrap();
        assert_eq!(
            into[0].total_bytes,
            Some(truth.f_blocks * truth.f_frsize).filter(|total| *total > 0)
        );
        assert!(into[1].problem.as_deref().unwrap().contains("os error 2"));
    }

    #[test]
    fn this_machines_root_is_measured() {
        let mut reader = FilesystemReader::new(&Roots::default(), PATIENT);
        let host = HostFacts::default();
        let tick = Tick {
            moment: Moment::default(),
            elapsed_seconds: None,
            host: &host,
        };
        let mut into = Vec::new();
        reader.read(&tick, &mut Vec::new(), &mut into);
        // Other mounts may come and go while the test runs.
        let Some(root) = into.iter().find(|sample| &*sample.mount_point == "/") else {
            return println!("skipped: the root is no file system that is listed");
        };
        let truth = rustix::fs::statvfs("/").unwrap();
        let total = truth.f_blocks * truth.f_frsize;
        assert_eq!(root.total_bytes, Some(total));
        assert!(root.used_bytes.unwrap() <= total);
        assert!((0.0..=100.0).contains(&root.used_percent.unwrap()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_mount_table_is_read_without_panic(table: Vec<u8>) {
            let probe: Probe = Arc::new(|_| Ok(usage(10, 1, 9)));
            let mut bench = Bench::new("", PATIENT, probe);
            std::fs::write(bench.folder.path().join("proc/self/mountinfo"), &table).unwrap();
            bench.tick(1.0);
            prop_assert!(bench.into.len() <= table.split(|b| *b == b'\n').count());
        }
    }
}
