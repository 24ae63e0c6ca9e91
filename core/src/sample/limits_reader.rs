//! Reads the limits: the whole chain of groups once in a while, the files that decide each
//! tick.

use std::sync::Arc;

use super::Tick;
use super::bounds::{Bounds, count_cpus, least};
use super::cgroup::Groups;
use super::decisive::{Decisive, read_number, read_value};
use super::limits::{CgroupVersion, Limits};
use super::mounts::MountTable;
use super::rates::{per_second_of, percent_of};
use super::roots::Roots;
use super::source::{Availability, KeptFile, SourceReport};

/// Ticks between two looks at the whole chain: the process may be moved to another
/// group, and a limit may be set where there was none. What limits already is read in
/// every tick.
const LOOK_EVERY_TICKS: u32 = 30;

/// Finds the groups now and then, and in each tick reads only the files that decide.
pub(crate) struct LimitsReader {
    roots: Roots,
    /// The process is this one, so its affinity can be asked.
    is_own: bool,
    membership: KeptFile,
    membership_seen: Vec<u8>,
    table: MountTable,
    groups: Groups,
    bounds: Bounds,
    decisive: Decisive,
    look_again_in: u32,
    usage_usec: Option<u64>,
    throttled_usec: Option<u64>,
    names: Names,
}

/// Sources that are no files.
struct Names {
    online: Arc<str>,
    affinity: Arc<str>,
    memory_total: Arc<str>,
}

impl LimitsReader {
    /// The limits of this process.
    pub(crate) fn new(roots: &Roots) -> LimitsReader {
        LimitsReader::of_process(roots, "self")
    }

    /// The limits of the process with a folder of this name below the proc root.
    fn of_process(roots: &Roots, process: &str) -> LimitsReader {
        let gives = "limits of the own control group";
        LimitsReader {
            roots: roots.clone(),
            is_own: process == "self" && roots.is_live(),
            membership: KeptFile::new(roots.proc(&format!("{process}/cgroup")), gives),
            membership_seen: Vec::new(),
            table: MountTable::new(roots.proc(&format!("{process}/mountinfo"))),
            groups: Groups::default(),
            bounds: Bounds::default(),
            decisive: Decisive::default(),
            look_again_in: 0,
            usage_usec: None,
            throttled_usec: None,
            names: Names {
                online: "online processors".into(),
                affinity: "sched_getaffinity".into(),
                memory_total: "MemTotal".into(),
            },
        }
    }

    pub(crate) fn read(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        memory_total_bytes: Option<u64>,
        online_cpus: Option<u32>,
        into: &mut Limits,
    ) {
        if self.look_again_in == 0 {
            self.look_again_in = LOOK_EVERY_TICKS;
            self.look(buffer);
        }
        self.look_again_in -= 1;
        into.version = self.groups.version;
        into.cgroup.clone_from(&self.groups.own_path);
        self.read_cpus(tick, buffer, online_cpus, into);
        self.read_memory(buffer, memory_total_bytes, into);
        let decisive = &mut self.decisive;
        into.pids_limit = decisive
            .pids
            .as_mut()
            .and_then(|pids| pids.read(buffer))
            .map(|limit| limit as u64);
        into.pids_current = read_number(&mut decisive.pids_current, buffer);
        into.oom_kills_total = read_value(&mut decisive.oom_kills, buffer, b"oom_kill");
    }

    pub(crate) fn report(&self, out: &mut Vec<SourceReport>) {
        let mut report = self.membership.report();
        if report.availability == Availability::Available
            && self.groups.version == CgroupVersion::None
        {
            report.availability = Availability::Absent;
            report.reason = Some("no control group hierarchy is mounted".to_string());
        }
        out.push(report);
        let decisive = &self.decisive;
        let deciders = [&decisive.quota, &decisive.memory, &decisive.pids];
        let gauges = [
            &decisive.cpu_stat,
            &decisive.cpuacct_usage,
            &decisive.memory_used,
            &decisive.memory_stat,
            &decisive.pids_current,
            &decisive.oom_kills,
        ];
        out.extend(deciders.into_iter().flatten().map(|d| d.file.report()));
        out.extend(gauges.into_iter().flatten().map(KeptFile::report));
        out.extend(decisive.cpuset.iter().map(|(file, _)| file.report()));
    }

    /// Looks where the process is now and which files limit it most.
    fn look(&mut self, buffer: &mut Vec<u8>) {
        let mut has_moved = self.table.refresh(buffer);
        let membership = self.membership.read(buffer).unwrap_or(b"");
        if membership != self.membership_seen {
            self.membership_seen.clear();
            self.membership_seen.extend_from_slice(membership);
            has_moved = true;
        }
        if has_moved {
            self.groups = Groups::find(&self.roots, self.table.mounts(), &self.membership_seen);
            self.bounds = Bounds::of(&self.groups);
            self.decisive.chosen = None;
        }
        let chosen = [
            least(&self.bounds.quota, buffer),
            least(&self.bounds.memory, buffer),
            least(&self.bounds.pids, buffer),
        ];
        if self.decisive.chosen != Some(chosen) {
            self.decisive = Decisive::choose(&self.groups, &self.bounds, chosen);
            // Counters of another group are no predecessors.
            self.usage_usec = None;
            self.throttled_usec = None;
        }
    }

    fn read_cpus(
        &mut self,
        tick: &Tick<'_>,
        buffer: &mut Vec<u8>,
        online_cpus: Option<u32>,
        into: &mut Limits,
    ) {
        let decisive = &mut self.decisive;
        into.quota_cpus = decisive.quota.as_mut().and_then(|q| q.read(buffer));
        into.cpuset_cpus = decisive
            .cpuset
            .as_mut()
            .and_then(|(file, _)| count_cpus(file.read(buffer)?));
        let quota_source = decisive.quota.as_ref().map(|q| &q.source);
        let cpuset_source = decisive.cpuset.as_ref().map(|(_, source)| source);
        let candidates = [
            (online_cpus.map(f64::from), Some(&self.names.online)),
            (into.quota_cpus, quota_source),
            (into.cpuset_cpus.map(f64::from), cpuset_source),
            (
                self.is_own.then(affinity_cpus).flatten(),
                Some(&self.names.affinity),
            ),
        ];
        let (cpus, source) = candidates
            .into_iter()
            .filter_map(|(cpus, source)| Some((cpus?, source?)))
            // The first of equals: a limit that takes nothing away does not decide.
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .unzip();
        into.effective_cpus = cpus;
        let is_limited = source.is_some_and(|source| !Arc::ptr_eq(source, &self.names.online));
        into.effective_cpus_source = source.cloned();

        let (usage, throttled) = decisive.read_cpu_times(buffer);
        let rate = |before, now| per_second_of(before, now, tick.elapsed_seconds);
        into.cpu_used_percent = rate(self.usage_usec, usage)
            .zip(cpus.filter(|_| is_limited))
            .and_then(|(usec_per_second, cpus)| percent_of(usec_per_second / 1e6, cpus));
        into.throttled_percent = rate(self.throttled_usec, throttled)
            .and_then(|usec_per_second| percent_of(usec_per_second, 1e6));
        into.cpu_usage_usec_total = usage;
        into.throttled_usec_total = throttled;
        self.usage_usec = usage;
        self.throttled_usec = throttled;
    }

    fn read_memory(
        &mut self,
        buffer: &mut Vec<u8>,
        memory_total_bytes: Option<u64>,
        into: &mut Limits,
    ) {
        let decisive = &mut self.decisive;
        into.memory_limit_bytes = decisive
            .memory
            .as_mut()
            .and_then(|limit| limit.read(buffer))
            .map(|limit| limit as u64)
            .filter(|limit| memory_total_bytes.is_none_or(|total| *limit < total));
        into.memory_used_bytes = None;
        if into.memory_limit_bytes.is_some() {
            let used = read_number(&mut decisive.memory_used, buffer);
            let inactive = decisive.read_inactive_file(buffer);
            into.memory_used_bytes = used
                .zip(inactive)
                // The two are not read at the same instant.
                .map(|(used, inactive)| used.saturating_sub(inactive));
        }
        into.memory_used_percent = into
            .memory_used_bytes
            .zip(into.memory_limit_bytes)
            .and_then(|(used, limit)| percent_of(used as f64, limit as f64));
        into.effective_memory_bytes = into.memory_limit_bytes.or(memory_total_bytes);
        into.effective_memory_source = match into.memory_limit_bytes {
            Some(_) => decisive.memory.as_ref().map(|limit| &limit.source),
            None => memory_total_bytes.map(|_| &self.names.memory_total),
        }
        .cloned();
    }
}

/// Processors that the main thread of this process may run on.
fn affinity_cpus() -> Option<f64> {
    // More than 1,024 processors don't fit the set and are an error: no limit is known.
    let set = rustix::thread::sched_getaffinity(Some(rustix::process::getpid())).ok()?;
    Some(f64::from(set.count()))
}

#[cfg(test)]
mod tests {
    use super::super::cgroup::Controller;
    use super::super::{HostFacts, Moment};
    use super::*;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    const GIB: u64 = 1 << 30;

    fn fixture(name: &str) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures")).join(name)
    }

    fn read_after(
        reader: &mut LimitsReader,
        elapsed_seconds: Option<f64>,
        total: Option<u64>,
        online: Option<u32>,
        into: &mut Limits,
    ) {
        let tick = Tick {
            moment: Moment::default(),
            elapsed_seconds,
            host: &HostFacts::default(),
        };
        reader.read(&tick, &mut Vec::new(), total, online, into);
    }

    /// A source, as a path below the tree.
    fn below(tree: &Path, source: &Option<Arc<str>>) -> String {
        let source = Path::new(source.as_deref().unwrap());
        let short = source.strip_prefix(tree).unwrap_or(source);
        short.display().to_string()
    }

    fn copy_tree(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy_tree(&entry.path(), &target),
                false => drop(std::fs::copy(entry.path(), target).unwrap()),
            }
        }
    }

    #[test]
    fn in_version_2_the_limits_of_a_parent_count() {
        let tree = fixture("cgroup-v2");
        let mut reader = LimitsReader::new(&Roots::tree(&tree));
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(16 * GIB), Some(8), &mut limits);
        let pod = "sys/fs/cgroup/kubepods.slice/pod7";
        assert_eq!(limits.version, CgroupVersion::V2);
        assert_eq!(limits.cgroup.as_deref(), Some("/kubepods.slice/pod7/app"));
        // The app's group has "max" everywhere. The pod's: cpu.max 150000 of 100000 is
        // 1.5; the app's cpuset 0-3,6 is five; eight are online. 1.5 is the least.
        assert_eq!(limits.quota_cpus, Some(1.5));
        assert_eq!(limits.cpuset_cpus, Some(5));
        assert_eq!(limits.effective_cpus, Some(1.5));
        assert_eq!(
            below(&tree, &limits.effective_cpus_source),
            format!("{pod}/cpu.max")
        );
        // memory.high of 768 MiB is below memory.max of 1 GiB. Used by the pod:
        // 700,000,000 - 100,000,000 inactive = 600,000,000, 74.505… % of 805,306,368.
        assert_eq!(limits.memory_limit_bytes, Some(805_306_368));
        assert_eq!(limits.effective_memory_bytes, Some(805_306_368));
        assert_eq!(
            below(&tree, &limits.effective_memory_source),
            format!("{pod}/memory.high")
        );
        assert_eq!(limits.memory_used_bytes, Some(600_000_000));
        assert!((limits.memory_used_percent.unwrap() - 74.505_805_97).abs() < 1e-6);
        assert_eq!(limits.cpu_usage_usec_total, Some(5_000_000));
        assert_eq!(limits.throttled_usec_total, Some(250_000));
        assert_eq!(
            (limits.cpu_used_percent, limits.throttled_percent),
            (None, None)
        );
        assert_eq!(
            (limits.pids_current, limits.pids_limit),
            (Some(42), Some(500))
        );
        assert_eq!(limits.oom_kills_total, Some(3));
    }

    #[test]
    fn rates_come_with_the_second_reading() {
        let tree = tempfile::tempdir().unwrap();
        copy_tree(&fixture("cgroup-v2"), tree.path());
        let mut reader = LimitsReader::new(&Roots::tree(tree.path()));
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(16 * GIB), Some(8), &mut limits);
        let pod = tree.path().join("sys/fs/cgroup/kubepods.slice/pod7");
        std::fs::write(
            pod.join("cpu.stat"),
            "usage_usec 6500000\nthrottled_usec 500000\n",
        )
        .unwrap();
        read_after(&mut reader, Some(2.0), Some(16 * GIB), Some(8), &mut limits);
        // 1.5 s of processor time in 2 s, of 1.5 processors: half. 0.25 s of 2 s held back.
        assert_eq!(limits.cpu_used_percent, Some(50.0));
        assert_eq!(limits.throttled_percent, Some(12.5));
        // A counter that went back gives no rate.
        std::fs::write(pod.join("cpu.stat"), "usage_usec 1\nthrottled_usec 1\n").unwrap();
        read_after(&mut reader, Some(2.0), Some(16 * GIB), Some(8), &mut limits);
        assert_eq!(
            (limits.cpu_used_percent, limits.throttled_percent),
            (None, None)
        );
    }

    #[test]
    fn a_limit_that_is_lifted_or_set_later_is_noticed() {
        let tree = tempfile::tempdir().unwrap();
        copy_tree(&fixture("cgroup-v2"), tree.path());
        let mut reader = LimitsReader::new(&Roots::tree(tree.path()));
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(16 * GIB), Some(8), &mut limits);
        let pod = tree.path().join("sys/fs/cgroup/kubepods.slice/pod7");
        std::fs::write(pod.join("cpu.max"), "max 100000\n").unwrap();
        std::fs::write(pod.join("app/cpu.max"), "25000 100000\n").unwrap();
        // At once: the pod's quota is gone, and the cpuset is the least now.
        read_after(&mut reader, Some(1.0), Some(16 * GIB), Some(8), &mut limits);
        assert_eq!(limits.quota_cpus, None);
        assert_eq!(limits.effective_cpus, Some(5.0));
        for _ in 0..LOOK_EVERY_TICKS {
            read_after(&mut reader, Some(1.0), Some(16 * GIB), Some(8), &mut limits);
        }
        assert_eq!(limits.effective_cpus, Some(0.25));
        // The usage is the app's own now.
        assert_eq!(limits.cpu_usage_usec_total, Some(4_000_000));
        // The process is moved out: nothing of the old group stays.
        std::fs::write(tree.path().join("proc/self/cgroup"), "0::/\n").unwrap();
        for _ in 0..LOOK_EVERY_TICKS {
            read_after(&mut reader, Some(1.0), Some(16 * GIB), Some(8), &mut limits);
        }
        assert_eq!(limits.cgroup.as_deref(), Some("/"));
        assert_eq!(
            limits.effective_cpus_source.as_deref(),
            Some("online processors")
        );
        assert_eq!(limits.effective_memory_source.as_deref(), Some("MemTotal"));
        assert_eq!(limits.memory_limit_bytes, None);
        assert_eq!((limits.pids_current, limits.pids_limit), (None, None));
        assert_eq!(limits.oom_kills_total, None);
    }

    #[test]
    fn in_version_1_a_container_also_feels_limits_that_it_does_not_see() {
        let tree = fixture("cgroup-v1-docker");
        let mut reader = LimitsReader::new(&Roots::tree(&tree));
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(8 * GIB), Some(4), &mut limits);
        assert_eq!(limits.version, CgroupVersion::V1);
        assert!(
            limits
                .cgroup
                .as_deref()
                .unwrap()
                .starts_with("/docker/4f1c")
        );
        // 200000 of 100000 is 2; the old kernel has only cpuset.cpus, 0-3.
        assert_eq!(limits.quota_cpus, Some(2.0));
        assert_eq!(limits.cpuset_cpus, Some(4));
        assert_eq!(limits.effective_cpus, Some(2.0));
        let cpu = "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us";
        assert_eq!(below(&tree, &limits.effective_cpus_source), cpu);
        // limit_in_bytes is 2 GiB, but hierarchical_memory_limit 1 GiB. Used: 1,207,959,552
        // - 268,435,456 (total_inactive_file) = 939,524,096, which is 87.5 %.
        assert_eq!(limits.memory_limit_bytes, Some(GIB));
        let memory = "sys/fs/cgroup/memory/memory.stat";
        assert_eq!(below(&tree, &limits.effective_memory_source), memory);
        assert_eq!(limits.memory_used_bytes, Some(939_524_096));
        assert_eq!(limits.memory_used_percent, Some(87.5));
        // 7 s in nanoseconds, and 3 s held back.
        assert_eq!(limits.cpu_usage_usec_total, Some(7_000_000));
        assert_eq!(limits.throttled_usec_total, Some(3_000_000));
        assert_eq!(
            (limits.pids_current, limits.pids_limit),
            (Some(9), Some(100))
        );
        assert_eq!(limits.oom_kills_total, Some(2));
    }

    #[test]
    fn on_a_hybrid_machine_the_controllers_of_version_1_decide() {
        let tree = fixture("cgroup-hybrid");
        let mut reader = LimitsReader::new(&Roots::tree(&tree));
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(4 * GIB), Some(2), &mut limits);
        assert_eq!(limits.version, CgroupVersion::Hybrid);
        assert_eq!(limits.cgroup.as_deref(), Some("/jobs/build"));
        // No quota; the cpuset 0-1 takes nothing from two online processors.
        assert_eq!(limits.quota_cpus, None);
        assert_eq!(limits.cpuset_cpus, Some(2));
        assert_eq!(limits.effective_cpus, Some(2.0));
        assert_eq!(
            limits.effective_cpus_source.as_deref(),
            Some("online processors")
        );
        // The parent's 3 GiB. Its use: 2 GiB less 512 MiB is half of it.
        assert_eq!(limits.memory_limit_bytes, Some(3 * GIB));
        let memory = "sys/fs/cgroup/memory/jobs/memory.limit_in_bytes";
        assert_eq!(below(&tree, &limits.effective_memory_source), memory);
        assert_eq!(limits.memory_used_bytes, Some(1_610_612_736));
        assert_eq!(limits.memory_used_percent, Some(50.0));
        assert_eq!(limits.cpu_usage_usec_total, Some(33_000_000));
        assert_eq!(limits.throttled_usec_total, Some(0));
        assert_eq!((limits.pids_current, limits.pids_limit), (None, None));
    }

    #[test]
    fn a_machine_without_groups_says_so() {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(tree.path().join("proc/self")).unwrap();
        let mut reader = LimitsReader::new(&Roots::tree(tree.path()));
        let mut limits = Limits {
            quota_cpus: Some(9.0),
            pids_current: Some(9),
            oom_kills_total: Some(9),
            memory_used_bytes: Some(9),
            ..Limits::default()
        };
        read_after(&mut reader, None, None, None, &mut limits);
        assert_eq!(limits, Limits::default());
        read_after(&mut reader, None, Some(GIB), Some(3), &mut limits);
        assert_eq!(limits.effective_cpus, Some(3.0));
        assert_eq!(limits.effective_memory_bytes, Some(GIB));
        let mut reports = Vec::new();
        reader.report(&mut reports);
        assert_eq!(reports[0].availability, Availability::Absent);
    }

    #[test]
    fn this_process_can_use_no_more_than_there_is() {
        let mut reader = LimitsReader::new(&Roots::default());
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(1 << 50), Some(4096), &mut limits);
        let most = std::thread::available_parallelism().unwrap().get() as f64;
        // The standard library rounds a quota down, and to one at the least.
        let effective = limits.effective_cpus.unwrap();
        assert!(effective <= most + 1.0, "{effective} of {most}");
        assert!(effective > 0.0);
    }

    /// A group made for a test below the process's own, with a child of ours in it.
    struct RealGroup {
        folder: PathBuf,
        child: Option<std::process::Child>,
    }

    impl RealGroup {
        /// A version 1 group with these settings; the reason where that is not possible.
        fn make(controller: Controller, settings: &[(&str, &str)]) -> Result<RealGroup, String> {
            let mut table = MountTable::new("/proc/self/mountinfo".into());
            table.refresh(&mut Vec::new());
            let membership = std::fs::read("/proc/self/cgroup").map_err(|e| e.to_string())?;
            let groups = Groups::find(&Roots::default(), table.mounts(), &membership);
            let own = groups.of(controller).first().ok_or("no v1 controller")?;
            let folder = own.folder.join(format!("usm-test-{}", std::process::id()));
            std::fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            let group = RealGroup {
                folder,
                child: None,
            };
            for (file, value) in settings {
                let path = group.folder.join(file);
                std::fs::write(&path, value).map_err(|e| format!("{}: {e}", path.display()))?;
            }
            Ok(group)
        }

        /// Starts a program and moves it into a group without limits inside of this one.
        fn start(&mut self, program: &str, arguments: &[&str]) -> Result<u32, String> {
            let inner = self.folder.join("inner");
            std::fs::create_dir(&inner).map_err(|e| e.to_string())?;
            let child = std::process::Command::new(program)
                .args(arguments)
                .spawn()
                .map_err(|e| e.to_string())?;
            let id = child.id();
            self.child = Some(child);
            std::fs::write(inner.join("cgroup.procs"), id.to_string())
                .map_err(|e| e.to_string())?;
            Ok(id)
        }
    }

    impl Drop for RealGroup {
        fn drop(&mut self) {
            if let Some(mut child) = self.child.take() {
                let _ = child.kill();
                let _ = child.wait();
            }
            for folder in [self.folder.join("inner"), self.folder.clone()] {
                // A group is busy for a moment after its last process has ended.
                for _ in 0..1000 {
                    match std::fs::remove_dir(&folder) {
                        Err(error) if error.raw_os_error() == Some(libc::EBUSY) => {
                            std::thread::sleep(std::time::Duration::from_millis(5));
                        }
                        _ => break,
                    }
                }
            }
        }
    }

    #[test]
    fn a_real_quota_of_a_parent_is_found_and_felt() {
        let settings = [("cpu.cfs_period_us", "20000"), ("cpu.cfs_quota_us", "5000")];
        let made = RealGroup::make(Controller::Cpu, &settings);
        let started = made.and_then(|mut group| {
            let id = group.start("sh", &["-c", "while :; do :; done"])?;
            Ok((group, id))
        });
        let (group, id) = match started {
            Ok(started) => started,
            Err(reason) => return println!("skipped: {reason}"),
        };
        let mut reader = LimitsReader::of_process(&Roots::default(), &id.to_string());
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(1 << 50), Some(64), &mut limits);
        let inner = limits.cgroup.as_deref().unwrap();
        assert!(
            inner.ends_with(&format!("usm-test-{}/inner", std::process::id())),
            "{inner}"
        );
        assert_eq!(limits.quota_cpus, Some(0.25));
        assert_eq!(limits.effective_cpus, Some(0.25));
        let source = limits.effective_cpus_source.as_deref().unwrap();
        assert_eq!(Path::new(source), group.folder.join("cpu.cfs_quota_us"));
        super::super::slow_jobs::tests::until(|| {
            read_after(&mut reader, Some(1.0), Some(1 << 50), Some(64), &mut limits);
            limits.throttled_usec_total.unwrap() > 0
        });
        assert!(limits.throttled_percent.is_some());
        assert!(limits.cpu_usage_usec_total.is_some());
        assert!(limits.cpu_used_percent.is_some());
    }

    #[test]
    fn a_real_memory_limit_of_a_parent_is_found() {
        let settings = [("memory.limit_in_bytes", "67108864")];
        let made = RealGroup::make(Controller::Memory, &settings);
        let started = made.and_then(|mut group| {
            let id = group.start("sleep", &["1000"])?;
            Ok((group, id))
        });
        let (group, id) = match started {
            Ok(started) => started,
            Err(reason) => return println!("skipped: {reason}"),
        };
        let mut reader = LimitsReader::of_process(&Roots::default(), &id.to_string());
        let mut limits = Limits::default();
        read_after(&mut reader, None, Some(1 << 50), Some(64), &mut limits);
        assert_eq!(limits.memory_limit_bytes, Some(67_108_864));
        assert_eq!(limits.effective_memory_bytes, Some(67_108_864));
        let source = limits.effective_memory_source.as_deref().unwrap();
        assert_eq!(
            Path::new(source),
            group.folder.join("memory.limit_in_bytes")
        );
        assert!(limits.memory_used_bytes.unwrap() <= 67_108_864);
        assert!(limits.memory_used_percent.is_some());
        assert_eq!(limits.oom_kills_total, Some(0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn any_content_of_any_file_is_read_without_panic(content: Vec<u8>, number: u64) {
            let number = number.to_string();
            for (tree, group) in [
                ("cgroup-v2", "sys/fs/cgroup/kubepods.slice/pod7"),
                ("cgroup-v1-docker", "sys/fs/cgroup/memory"),
                ("cgroup-v1-docker", "sys/fs/cgroup/cpu,cpuacct"),
            ] {
                let copy = tempfile::tempdir().unwrap();
                copy_tree(&fixture(tree), copy.path());
                for bytes in [&content[..], number.as_bytes()] {
                    for entry in std::fs::read_dir(copy.path().join(group)).unwrap() {
                        let entry = entry.unwrap();
                        if entry.file_type().unwrap().is_file() {
                            std::fs::write(entry.path(), bytes).unwrap();
                        }
                    }
                    let mut reader = LimitsReader::new(&Roots::tree(copy.path()));
                    let mut limits = Limits::default();
                    for elapsed in [None, Some(1.0)] {
                        read_after(&mut reader, elapsed, Some(GIB), Some(2), &mut limits);
                        prop_assert!(limits.effective_cpus.unwrap() <= 2.0);
                        prop_assert!(limits.effective_memory_bytes.unwrap() <= GIB);
                    }
                }
                std::fs::write(copy.path().join("proc/self/cgroup"), &content).unwrap();
                std::fs::write(copy.path().join("proc/self/mountinfo"), &content).unwrap();
                let mut reader = LimitsReader::new(&Roots::tree(copy.path()));
                read_after(&mut reader, None, Some(GIB), Some(2), &mut Limits::default());
            }
        }
    }
}
