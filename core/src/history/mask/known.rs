//! Names that every machine has: they say nothing of who uses it, and without them nobody
//! could read a recording. All others are masked.

/// Heads of the names of kernel threads.
const KERNEL_THREADS: [&str; 40] = [
    "card",
    "cpuhp",
    "ext4-rsv-conver",
    "hwrng",
    "idle_inject",
    "kauditd",
    "kblockd",
    "kcompactd",
    "kdevtmpfs",
    "khugepaged",
    "khungtaskd",
    "kintegrityd",
    "kprobe-optimizer",
    "ksmd",
    "ksoftirqd",
    "kswapd",
    "kthreadd",
    "kthrotld",
    "kvm-irqfd-clean",
    "kworker",
    "loop",
    "md",
    "migration",
    "mld",
    "mm_percpu_wq",
    "netns",
    "nfsd",
    "oom_reaper",
    "pool_workqueue_release",
    "rcu_bh",
    "rcu_gp",
    "rcu_par_gp",
    "rcu_preempt",
    "rcu_sched",
    "rcu_tasks_kthread",
    "rcub",
    "rcuog",
    "rcuop",
    "watchdogd",
    "writeback",
];

/// Folders of the file system hierarchy, where many machines mount something.
const MOUNTS: [&str; 27] = [
    "/",
    "/boot",
    "/boot/efi",
    "/boot/firmware",
    "/dev",
    "/dev/shm",
    "/efi",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/home",
    "/media",
    "/mnt",
    "/nix",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/run/lock",
    "/srv",
    "/sys",
    "/sys/fs/cgroup",
    "/tmp",
    "/usr",
    "/var",
    "/var/log",
    "/var/tmp",
];

/// Types of file systems.
const FILESYSTEMS: [&str; 36] = [
    "9p", "apfs", "bcachefs", "btrfs", "ceph", "cgroup", "cgroup2", "cifs", "devtmpfs", "erofs",
    "exfat", "ext2", "ext3", "ext4", "f2fs", "fuse", "fuseblk", "hfsplus", "iso9660", "jfs", "nfs",
    "nfs4", "ntfs", "ntfs3", "overlay", "proc", "ramfs", "rootfs", "smb3", "squashfs", "sysfs",
    "tmpfs", "udf", "vfat", "virtiofs", "zfs",
];

/// Names of block devices that the kernel gives, before a number.
const DISKS: [&str; 12] = [
    "bcache", "dm-", "fd", "loop", "md", "nbd", "pmem", "ram", "rbd", "sr", "zd", "zram",
];

/// Names of interfaces that the kernel or its usual tools give, before a number. What the
/// slot of a card is called (`enp3s0`) has a rule of its own.
const INTERFACES: [&str; 16] = [
    "bond", "br", "docker", "dummy", "eno", "ens", "eth", "gre", "ifb", "sit", "tap", "tun", "usb",
    "virbr", "wg", "wlan",
];

/// Chips with sensors, as their drivers call them, and zones of the firmware.
const CHIPS: [&str; 22] = [
    "acpitz",
    "amdgpu",
    "coretemp",
    "cpu_thermal",
    "dell_smm",
    "drivetemp",
    "gpu_thermal",
    "i350bb",
    "iwlwifi",
    "jc",
    "k10temp",
    "nct",
    "nouveau",
    "nvme",
    "pch_cannonlake",
    "pch_skylake",
    "radeon",
    "soc_thermal",
    "thinkpad",
    "x86_pkg_temp",
    "xe",
    "zenpower",
];

/// Labels of sensors, before a number.
const SENSORS: [&str; 24] = [
    "CPU",
    "Composite",
    "Core",
    "GPU",
    "Package id",
    "PCH",
    "SMBUSMASTER",
    "SYSTIN",
    "CPUTIN",
    "AUXTIN",
    "Sensor",
    "Tccd",
    "Tctl",
    "Tdie",
    "edge",
    "fan",
    "junction",
    "mem",
    "temp",
    "CPU Fan",
    "GPU Fan",
    "System Fan",
    "Ambient",
    "SODIMM",
];

/// Parts of paths below `/proc` and `/sys`, and of a control group's path as systemd and the
/// usual container runtimes give them.
const PATH_PARTS: [&str; 39] = [
    "PID",
    "block",
    "bus",
    "class",
    "cpu",
    "cpu*",
    "cpu,cpuacct",
    "cpufreq",
    "cpuset",
    "devices",
    "diskstats",
    "dev",
    "fs",
    "cgroup",
    "hwmon",
    "io",
    "kernel",
    "loadavg",
    "meminfo",
    "memory",
    "mountinfo",
    "net",
    "power_supply",
    "pressure",
    "proc",
    "scaling_cur_freq",
    "self",
    "snmp",
    "stat",
    "status",
    "sys",
    "system",
    "thermal",
    "unified",
    "user",
    "vmstat",
    "netstat",
    "tcp",
    "tcp6",
];

/// Files of a control group that limit it.
const GROUP_FILES: [&str; 10] = [
    "cpu.cfs_period_us",
    "cpu.cfs_quota_us",
    "cpu.max",
    "cpu.stat",
    "cpuset.cpus",
    "cpuset.cpus.effective",
    "cpuset.effective_cpus",
    "memory.limit_in_bytes",
    "memory.max",
    "memory.stat",
];

/// Names that systemd and the usual container runtimes give to control groups.
const GROUPS: [&str; 11] = [
    "app.slice",
    "background.slice",
    "docker",
    "init.scope",
    "kubepods",
    "kubepods.slice",
    "lxc",
    "machine.slice",
    "session.slice",
    "system.slice",
    "user.slice",
];

/// What systemd puts at the end of a control group's name.
const GROUP_ENDS: [&str; 4] = [".service", ".scope", ".slice", ".mount"];

/// Containers and hypervisors.
const VIRTUALIZATIONS: [&str; 20] = [
    "amazon",
    "bhyve",
    "container",
    "docker",
    "google",
    "kubernetes",
    "kvm",
    "lxc",
    "microsoft",
    "openvz",
    "oracle",
    "parallels",
    "podman",
    "qemu",
    "systemd-nspawn",
    "vm",
    "vmware",
    "wsl",
    "xen",
    "zvm",
];

/// The name is one of these heads and then nothing but numbers, as in `kworker/0:1H`.
fn is_numbered(name: &str, heads: &[&str], between: &[char]) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || between.contains(&c);
    heads.iter().any(|head| {
        name.strip_prefix(head)
            .is_some_and(|rest| rest.chars().all(is_number))
    })
}

/// A thread of the kernel of the usual name. One that is called after a device, an
/// interface or a file system that somebody named is not.
pub(super) fn is_kernel_thread(name: &str) -> bool {
    is_numbered(name, &KERNEL_THREADS, &['/', ':', 'u', 'H', 'p', 's'])
}

/// A folder of the file system hierarchy.
pub(super) fn is_mount(path: &str) -> bool {
    MOUNTS.contains(&path)
}

/// A type of file system.
pub(super) fn is_filesystem(kind: &str) -> bool {
    FILESYSTEMS.contains(&kind)
}

/// A block device by the kernel's own name: `sda1`, `nvme0n1p2`, `dm-3`.
pub(super) fn is_disk(name: &str) -> bool {
    let lettered = ["sd", "hd", "vd", "xvd"].iter().any(|head| {
        name.strip_prefix(head).is_some_and(|rest| {
            let letters = rest.trim_end_matches(|c: char| c.is_ascii_digit());
            (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase())
        })
    });
    lettered
        || (is_numbered(name, &["nvme"], &['n', 'p', 'c']) && name.contains('n'))
        || is_numbered(name, &["mmcblk"], &['p', 'b', 'o', 't'])
        || is_numbered(name, &DISKS, &['p'])
}

/// What a file system lies on: one of these devices, or a type instead of a device.
pub(super) fn is_source(device: &str) -> bool {
    match device.strip_prefix("/dev/") {
        Some(disk) => disk == "root" || is_disk(disk),
        None => is_filesystem(device) || ["none", "shm", "udev", "run"].contains(&device),
    }
}

/// An interface by its kind and number or its slot.
pub(super) fn is_interface(name: &str) -> bool {
    let slot = ["enp", "wlp", "wwp", "ens"].iter().any(|head| {
        name.strip_prefix(head).is_some_and(|rest| {
            let parts = ['s', 'f', 'd', 'n', 'p', 'u', 'i'];
            rest.starts_with(|c: char| c.is_ascii_digit())
                && rest.len() <= 10
                && rest
                    .chars()
                    .all(|c| c.is_ascii_digit() || parts.contains(&c))
        })
    });
    name == "lo" || slot || is_numbered(name, &INTERFACES, &[])
}

/// A chip by its driver's name.
pub(super) fn is_chip(name: &str) -> bool {
    is_numbered(name, &CHIPS, &['_'])
}

/// A sensor by a label of the usual drivers.
pub(super) fn is_sensor(label: &str) -> bool {
    is_numbered(label, &SENSORS, &[' '])
}

/// A battery by the firmware's name.
pub(super) fn is_battery(name: &str) -> bool {
    is_numbered(name, &["BAT", "CMB"], &['C', 'T', 'B'])
}

/// The administrator.
pub(super) fn is_user(name: &str) -> bool {
    name == "root"
}

/// A part of a path of the kernel's.
pub(super) fn is_path_part(part: &str) -> bool {
    part.is_empty()
        || PATH_PARTS.contains(&part)
        || GROUPS.contains(&part)
        || is_numbered(part, &["cpu", "hwmon", "thermal_zone"], &[])
        || GROUP_FILES.contains(&part)
}

/// The end that tells what a control group is of.
pub(super) fn group_end(part: &str) -> &'static str {
    let found = GROUP_ENDS.into_iter().find(|end| part.ends_with(end));
    found.unwrap_or("")
}

/// A container or hypervisor.
pub(super) fn is_virtualization(name: &str) -> bool {
    VIRTUALIZATIONS.contains(&name)
}

/// What a battery does.
pub(super) fn is_battery_status(status: &str) -> bool {
    ["Unknown", "Charging", "Discharging", "Not charging", "Full"].contains(&status)
}

/// What is done with the memory of a crashed program, as far as it matters for judging it: a
/// handler, an absolute path, or a file wherever it ran.
pub(super) fn core_pattern(pattern: &str) -> &str {
    match pattern.chars().next() {
        None => "",
        Some('|') if pattern[1..].trim_start().starts_with('/') => "|/masked",
        Some('|') => "|masked",
        Some('/') => "/masked",
        Some(_) => "core",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_kernel_are_known() {
        for name in [
            "kthreadd",
            "kworker/0:1H",
            "kworker/u8:2",
            "ksoftirqd/12",
            "migration/0",
        ] {
            assert!(is_kernel_thread(name), "{name}");
        }
        for name in [
            "sda",
            "sda1",
            "vdb",
            "xvda1",
            "nvme0n1p2",
            "mmcblk0p1",
            "dm-3",
            "loop7",
        ] {
            assert!(is_disk(name), "{name}");
        }
        for name in ["lo", "eth0", "enp3s0f1", "wlan0", "docker0", "wlp2s0"] {
            assert!(is_interface(name), "{name}");
        }
        assert!(is_source("/dev/nvme0n1p2") && is_source("tmpfs"));
        assert!(is_chip("nct6775") && is_sensor("Core 11") && is_battery("BAT1"));
    }

    #[test]
    fn names_that_somebody_gave_are_not() {
        for name in [
            "kworker/R-wg-crypt-office",
            "jbd2/home-lv-8",
            "irq/34-acme",
            "kdmflush/secret",
            "spl_acme",
        ] {
            assert!(!is_kernel_thread(name), "{name}");
        }
        for name in ["acme-vg-home", "sdacmehome", "nvme-acme", "md_acme", "sd"] {
            assert!(!is_disk(name), "{name}");
        }
        for name in [
            "wg-office",
            "br-3f2a9c",
            "veth12ab",
            "enx00155d012345",
            "enpacme",
        ] {
            assert!(!is_interface(name), "{name}");
        }
        assert!(!is_source("/dev/mapper/acme-home") && !is_source("nas.acme.example:/home"));
        assert!(!is_mount("/home/alice") && !is_filesystem("fuse.acme"));
        assert!(!is_chip("hid-00:11:22:aa:bb:cc") && !is_battery("hid-00:11:22-battery"));
    }
}
