//! Which mounts are worth a line: those that hold data, each device once.

use super::mounts::{MountLine, unescape};
use crate::arrange::arrange_by_key;

/// The mounts that are listed: those that hold data, one for each device, local ones
/// first, so that they are never asked behind a dead server.
pub(crate) fn select<'a>(mounts: impl Iterator<Item = MountLine<'a>>) -> Vec<MountLine<'a>> {
    let mut kept: Vec<MountLine<'a>> = Vec::new();
    for mount in mounts {
        // What is mounted later on the same point hides the earlier, whatever it is.
        kept.retain(|earlier| earlier.mount_point != mount.mount_point);
        kept.push(mount);
    }
    kept.retain(holds_data);
    let mut chosen: Vec<MountLine<'a>> = Vec::with_capacity(kept.len());
    for mount in kept {
        let rank = |m: &MountLine<'_>| (m.root != b"/", m.mount_point.len());
        match chosen
            .iter_mut()
            .find(|other| other.device_number == mount.device_number)
        {
            Some(other) if rank(&mount) < rank(other) => *other = mount,
            Some(_) => {}
            None => chosen.push(mount),
        }
    }
    arrange_by_key(&mut chosen, |mount| may_hang(mount.kind));
    chosen
}

fn holds_data(mount: &MountLine<'_>) -> bool {
    let point = &*unescape(mount.mount_point);
    let is_below = |folder: &[u8]| {
        point
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    };
    match mount.kind {
        b"tmpfs" => {
            let is_kernels = is_below(b"/proc") || is_below(b"/sys") || is_below(b"/dev");
            !mount.is_read_only() && (!is_kernels || is_below(b"/dev/shm"))
        }
        b"overlay" | b"fuse.fuse-overlayfs" => point == b"/",
        kind => !PSEUDO.contains(&kind) && !ALWAYS_FULL.contains(&kind),
    }
}

/// Kinds whose server is elsewhere: another machine, or a program.
pub(crate) fn may_hang(kind: &[u8]) -> bool {
    const REMOTE: [&[u8]; 16] = [
        b"nfs",
        b"nfs4",
        b"cifs",
        b"smb3",
        b"smbfs",
        b"ncpfs",
        b"afs",
        b"coda",
        b"9p",
        b"virtiofs",
        b"ceph",
        b"glusterfs",
        b"lustre",
        b"beegfs",
        b"gfs2",
        b"ocfs2",
    ];
    kind.starts_with(b"fuse") || REMOTE.contains(&kind)
}

/// File systems of the kernel's or a program's own making, without data.
const PSEUDO: [&[u8]; 40] = [
    b"autofs",
    b"bdev",
    b"binder",
    b"binfmt_misc",
    b"bpf",
    b"cgroup",
    b"cgroup2",
    b"configfs",
    b"cpuset",
    b"debugfs",
    b"devpts",
    b"devtmpfs",
    b"dax",
    b"efivarfs",
    b"functionfs",
    b"fuse.gvfsd-fuse",
    b"fuse.lxcfs",
    b"fuse.portal",
    b"fuse.snapfuse",
    b"fusectl",
    b"hugetlbfs",
    b"mqueue",
    b"nfsd",
    b"nsfs",
    b"openpromfs",
    b"pipefs",
    b"proc",
    b"pstore",
    b"ramfs",
    b"resctrl",
    b"rootfs",
    b"rpc_pipefs",
    b"securityfs",
    b"selinuxfs",
    b"smackfs",
    b"sockfs",
    b"sysfs",
    b"tracefs",
    b"usbfs",
    b"xenfs",
];

/// Read-only images: full by design, so their use says nothing.
const ALWAYS_FULL: [&[u8]; 5] = [b"squashfs", b"erofs", b"iso9660", b"cramfs", b"romfs"];

#[cfg(test)]
mod tests {
    use super::super::mounts::parse;
    use super::*;
    use proptest::prelude::*;

    fn points(table: &str) -> Vec<String> {
        let named = |mount: MountLine<'_>| String::from_utf8_lossy(mount.mount_point).into_owned();
        select(parse(table.as_bytes()))
            .into_iter()
            .map(named)
            .collect()
    }

    #[test]
    fn pseudo_file_systems_and_full_images_are_left_out() {
        let table = "16 21 0:16 / /sys rw - sysfs sysfs rw\n\
                     17 21 0:4 / /proc rw - proc proc rw\n\
                     18 21 0:5 / /dev rw - devtmpfs devtmpfs rw\n\
                     21 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
                     22 21 7:1 / /snap/core ro - squashfs /dev/loop1 ro\n\
                     23 21 0:30 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n\
                     24 21 0:31 / /mnt/strange rw - myfs none rw\n";
        assert_eq!(points(table), ["/", "/mnt/strange"]);
    }

    #[test]
    fn a_tmpfs_is_kept_where_people_write() {
        let table = "30 1 0:30 / /run rw - tmpfs tmpfs rw\n\
                     31 1 0:31 / /tmp rw - tmpfs tmpfs rw\n\
                     32 1 0:32 / /dev rw - tmpfs tmpfs rw\n\
                     33 1 0:33 / /dev/shm rw - tmpfs tmpfs rw\n\
                     34 1 0:34 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                     35 1 0:35 / /run/credentials ro - tmpfs tmpfs ro\n\
                     36 1 0:36 / /devices rw - tmpfs tmpfs rw\n";
        assert_eq!(points(table), ["/run", "/tmp", "/dev/shm", "/devices"]);
    }

    #[test]
    fn a_device_is_listed_once_by_its_whole_or_its_shortest_mount_point() {
        let table = "40 1 8:1 /var/x /x rw - ext4 /dev/sda1 rw\n\
                     41 1 8:1 / /mnt/disk rw - ext4 /dev/sda1 rw\n\
                     42 1 0:40 /@home /home rw - btrfs /dev/sdb rw\n\
                     43 1 0:40 /@ / rw - btrfs /dev/sdb rw\n\
                     44 1 8:3 / /b rw - ext4 /dev/sdc rw\n\
                     45 1 8:3 / /a rw - ext4 /dev/sdc rw\n";
        assert_eq!(points(table), ["/mnt/disk", "/", "/b"]);
    }

    #[test]
    fn what_is_mounted_over_hides_what_is_below() {
        let table = "1 1 0:5 / / rw - rootfs rootfs rw\n\
                     2 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                     3 2 8:2 / /data rw - ext4 /dev/sda2 rw\n\
                     4 3 0:9 / /data rw - autofs systemd-1 rw\n";
        assert_eq!(points(table), ["/"]);
    }

    #[test]
    fn a_containers_root_overlay_counts() {
        let table = "50 1 0:60 / / rw - overlay overlay rw\n\
                     51 50 8:1 /var/lib/docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n\
                     52 50 8:1 /var/lib/docker/volumes/v/_data /data rw - ext4 /dev/sda1 rw\n";
        assert_eq!(points(table), ["/", "/data"]);
    }

    #[test]
    fn remote_ones_come_last() {
        let table = "60 1 0:70 / /mnt/a rw - nfs4 server:/a rw\n\
                     61 1 0:71 / /mnt/b rw - fuse.sshfs host: rw\n\
                     62 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
        assert_eq!(points(table), ["/", "/mnt/a", "/mnt/b"]);
    }

    proptest! {
        #[test]
        fn no_device_and_no_mount_point_is_listed_twice(
            rows in proptest::collection::vec((0u8..4, 0u8..4, "[ab/]{1,3}", 0usize..4), 0..12),
        ) {
            const KINDS: [&str; 4] = ["ext4", "tmpfs", "proc", "nfs"];
            let table: String = rows
                .iter()
                .map(|(root, device, point, kind)| {
                    format!("1 1 0:{device} /{root} /{point} rw - {} x rw\n", KINDS[*kind])
                })
                .collect();
            let chosen = select(parse(table.as_bytes()));
            for (index, one) in chosen.iter().enumerate() {
                for other in &chosen[index + 1..] {
                    prop_assert_ne!(one.device_number, other.device_number);
                    prop_assert_ne!(one.mount_point, other.mount_point);
                }
            }
        }
    }
}
