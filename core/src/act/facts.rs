//! What decides whether a lever can work on this host, read when it is asked for.

use serde::{Deserialize, Serialize};

use super::group_host::disks;
use super::group_place::{base, check_base};
use super::hierarchy::{Hierarchies, Kind};
use crate::sample::Roots;

/// Where a controller's groups can be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Hierarchy version, 1 or 2; 0 where the controller is not there.
    pub version: u8,
    /// Whether this process may make groups in it.
    pub writable: bool,
    /// Why not, in words.
    pub reason: String,
}

/// What decides whether a lever can work here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Effective user.
    pub euid: u32,
    /// CAP_SYS_NICE is effective.
    pub may_raise_priority: bool,
    /// Lowest nice value that RLIMIT_NICE allows (20 without any).
    pub lowest_nice: i32,
    /// CAP_KILL is effective.
    pub may_signal_others: bool,
    /// `sched_autogroup_enabled`: nice works within a session only.
    pub autogroup: bool,
    /// Free swap (zram included), bytes; `None` when unknown.
    pub swap_free_bytes: Option<u64>,
    /// Block devices and the scheduler of their queue.
    pub io_schedulers: Vec<(String, String)>,
    /// CPU controller.
    pub cpu: GroupFacts,
    /// I/O controller.
    pub io: GroupFacts,
    /// Memory controller.
    pub memory: GroupFacts,
    /// Controller of the number of processes.
    pub pids: GroupFacts,
    /// Freezer.
    pub freezer: GroupFacts,
}

impl Facts {
    /// Reads them: some dozen small files, nothing is kept.
    pub fn read(roots: &Roots) -> Facts {
        let capabilities = effective_capabilities(roots);
        let has = |bit: u32| capabilities.is_some_and(|set| set >> bit & 1 == 1);
        let own = std::fs::read(roots.proc("self/cgroup")).unwrap_or_default();
        let hierarchies = Hierarchies::read(roots);
        let group = |kind| match &hierarchies {
            Ok(hierarchies) => group_facts(hierarchies, kind, &own),
            Err(error) => GroupFacts {
                version: 0,
                writable: false,
                reason: error.to_string(),
            },
        };
        Facts {
            euid: euid(),
            may_raise_priority: has(CAP_SYS_NICE),
            lowest_nice: lowest_nice(),
            may_signal_others: has(CAP_KILL),
            autogroup: line(roots.proc("sys/kernel/sched_autogroup_enabled"))
                .is_some_and(|text| text == "1"),
            swap_free_bytes: swap_free_bytes(roots),
            io_schedulers: io_schedulers(roots),
            cpu: group(Kind::Cpu),
            io: group(Kind::Io),
            memory: group(Kind::Memory),
            pids: group(Kind::Pids),
            freezer: group(Kind::Freezer),
        }
    }
}

/// Bits of capabilities(7).
const CAP_KILL: u32 = 5;
const CAP_SYS_NICE: u32 = 23;

fn euid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(target_os = "linux")]
fn lowest_nice() -> i32 {
    use rustix::process::{Resource, getrlimit};
    // The limit counts from 20 downwards: 1 allows 19, 40 allows -20.
    match getrlimit(Resource::Nice).current {
        Some(limit) => 20 - i32::try_from(limit.min(40)).unwrap_or(40),
        None => -20,
    }
}

#[cfg(not(target_os = "linux"))]
fn lowest_nice() -> i32 {
    20
}

fn line(path: std::path::PathBuf) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

fn effective_capabilities(roots: &Roots) -> Option<u64> {
    let status = line(roots.proc("self/status"))?;
    let set = status.lines().find_map(|l| l.strip_prefix("CapEff:"))?;
    u64::from_str_radix(set.trim(), 16).ok()
}

fn swap_free_bytes(roots: &Roots) -> Option<u64> {
    let table = line(roots.proc("meminfo"))?;
    let free = table.lines().find_map(|l| l.strip_prefix("SwapFree:"))?;
    let kib: u64 = free.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

fn io_schedulers(roots: &Roots) -> Vec<(String, String)> {
    let chosen = |(name, _): (String, String)| {
        let text = line(roots.sys(&format!("block/{name}/queue/scheduler")))?;
        let mut words = text.split(' ');
        let bracketed = words.find_map(|w| w.strip_prefix('[')?.strip_suffix(']'));
        // Queues with one possibility show it without brackets.
        Some((name, bracketed.unwrap_or(&text).to_owned()))
    };
    disks(roots).into_iter().filter_map(chosen).collect()
}

/// Whether this process could make a group for its own like.
fn group_facts(hierarchies: &Hierarchies, kind: Kind, own: &[u8]) -> GroupFacts {
    let seat = match kind {
        Kind::Freezer => hierarchies.freezer_seat(own),
        _ => hierarchies.seat(kind, own),
    };
    let mut version = 0;
    let outcome = seat.and_then(|seat| {
        version = seat.version;
        check_base(seat.version, base(&seat, &[kind])?)
    });
    GroupFacts {
        version,
        writable: outcome.is_ok(),
        reason: outcome.map_or_else(|error| error.to_string(), |()| String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_host_is_told_as_it_is() {
        let facts = Facts::read(&Roots::default());
        assert_eq!(facts.euid, euid());
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        assert!(status.contains("CapEff:"));
        assert!((-20..=20).contains(&facts.lowest_nice));
        for group in [
            &facts.cpu,
            &facts.io,
            &facts.memory,
            &facts.pids,
            &facts.freezer,
        ] {
            assert!(group.version <= 2);
            assert_eq!(group.writable, group.reason.is_empty(), "{group:?}");
        }
        if facts.euid != 0 && !facts.may_raise_priority {
            assert!(
                !facts.cpu.writable,
                "an ordinary user owns no group here: {facts:?}"
            );
        }
    }

    #[test]
    fn a_captured_host_without_anything() {
        let top = tempfile::tempdir().unwrap();
        let facts = Facts::read(&Roots::tree(top.path()));
        assert_eq!(facts.swap_free_bytes, None);
        assert!(!facts.autogroup && !facts.may_raise_priority && !facts.may_signal_others);
        assert!(facts.io_schedulers.is_empty());
        assert!(!facts.cpu.writable && !facts.cpu.reason.is_empty());
    }

    #[test]
    fn a_captured_host_with_version_2() {
        let top = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = top.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("proc/self/status", "Name:\tx\nCapEff:\t0000000000800020\n");
        put("proc/self/cgroup", "0::/a.slice/b.service\n");
        put(
            "proc/self/mountinfo",
            "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
        );
        put(
            "proc/meminfo",
            "SwapTotal:  100 kB\nSwapFree:        7 kB\n",
        );
        put("proc/sys/kernel/sched_autogroup_enabled", "1\n");
        put("sys/block/sda/queue/scheduler", "none [bfq] kyber\n");
        put("sys/block/sda/dev", "8:0\n");
        put("sys/block/md0/queue/scheduler", "none\n");
        put("sys/block/md0/dev", "9:0\n");
        put("sys/fs/cgroup/a.slice/cgroup.subtree_control", "cpu pids\n");
        put("sys/fs/cgroup/a.slice/cgroup.procs", "");
        put("sys/fs/cgroup/a.slice/b.service/cgroup.procs", "");
        let facts = Facts::read(&Roots::tree(top.path()));
        assert!(facts.may_raise_priority && facts.may_signal_others && facts.autogroup);
        assert_eq!(facts.swap_free_bytes, Some(7168));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            facts.io_schedulers,
            [pair("md0", "none"), pair("sda", "bfq")]
        );
        for group in [&facts.cpu, &facts.pids, &facts.freezer] {
            assert!(group.writable && group.version == 2, "{group:?}");
        }
        assert!(!facts.memory.writable);
        assert!(facts.memory.reason.contains("memory"), "{:?}", facts.memory);
        // A parent of somebody else's.
        std::fs::remove_file(top.path().join("sys/fs/cgroup/a.slice/cgroup.procs")).unwrap();
        let facts = Facts::read(&Roots::tree(top.path()));
        assert!(!facts.cpu.writable && facts.cpu.reason.contains("cgroup.procs"));
    }
}
