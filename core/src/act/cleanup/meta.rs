//! What the system says of one entry.

use std::os::fd::AsFd;

use rustix::fs::{AtFlags, FileType, StatxAttributes, StatxFlags, StatxTimestamp, makedev};
use rustix::io::{Errno, Result};

/// Device and inode: which file it is, whatever its name.
pub(super) type Id = (u64, u64);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Meta {
    pub(super) id: Id,
    pub(super) kind: FileType,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) links: u64,
    pub(super) size: u64,
    /// Allocated bytes.
    pub(super) bytes: u64,
    pub(super) mtime: (i64, u32),
    pub(super) atime: (i64, u32),
    /// The youngest of content, attributes and use, Unix seconds.
    pub(super) youngest: f64,
    /// Something is mounted on it, as far as the kernel tells.
    pub(super) is_mount: bool,
}

impl Meta {
    /// Of a name in an open folder; a link is looked at itself.
    pub(super) fn at(folder: impl AsFd, name: &[u8]) -> Result<Meta> {
        Meta::read(folder, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Of what is open.
    pub(super) fn of(fd: impl AsFd) -> Result<Meta> {
        Meta::read(fd, b"", AtFlags::EMPTY_PATH)
    }

    fn read(fd: impl AsFd, name: &[u8], flags: AtFlags) -> Result<Meta> {
        let flags = flags | AtFlags::NO_AUTOMOUNT;
        let found = match rustix::fs::statx(&fd, name, flags, StatxFlags::BASIC_STATS) {
            // Filters of containers refuse the newer call.
            Err(Errno::NOSYS | Errno::PERM) => return Meta::read_old(fd, name, flags),
            found => found?,
        };
        let time = |stamp: StatxTimestamp| (stamp.tv_sec, stamp.tv_nsec);
        let stamps = [found.stx_mtime, found.stx_ctime, found.stx_atime];
        Ok(Meta {
            id: (
                makedev(found.stx_dev_major, found.stx_dev_minor),
                found.stx_ino,
            ),
            kind: FileType::from_raw_mode(u32::from(found.stx_mode)),
            mode: u32::from(found.stx_mode) & 0o7777,
            uid: found.stx_uid,
            gid: found.stx_gid,
            links: u64::from(found.stx_nlink),
            size: found.stx_size,
            bytes: found.stx_blocks.saturating_mul(512),
            mtime: time(found.stx_mtime),
            atime: time(found.stx_atime),
            youngest: youngest(stamps.map(time)),
            is_mount: found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT),
        })
    }

    #[allow(clippy::unnecessary_cast, clippy::useless_conversion)] // Widths differ by machine.
    fn read_old(fd: impl AsFd, name: &[u8], flags: AtFlags) -> Result<Meta> {
        let found = rustix::fs::statat(fd, name, flags)?;
        let mtime = (found.st_mtime as i64, found.st_mtime_nsec as u32);
        let ctime = (found.st_ctime as i64, found.st_ctime_nsec as u32);
        let atime = (found.st_atime as i64, found.st_atime_nsec as u32);
        Ok(Meta {
            id: (found.st_dev as u64, found.st_ino as u64),
            kind: FileType::from_raw_mode(found.st_mode),
            mode: found.st_mode & 0o7777,
            uid: found.st_uid,
            gid: found.st_gid,
            links: found.st_nlink as u64,
            size: u64::try_from(found.st_size).unwrap_or(0),
            bytes: u64::try_from(found.st_blocks)
                .unwrap_or(0)
                .saturating_mul(512),
            mtime,
            atime,
            youngest: youngest([mtime, ctime, atime]),
            is_mount: false,
        })
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }
}

fn youngest(stamps: [(i64, u32); 3]) -> f64 {
    let seconds = stamps.map(|(seconds, nanos)| seconds as f64 + f64::from(nanos) / 1e9);
    seconds.into_iter().fold(f64::MIN, f64::max)
}

/// Wall clock, Unix seconds: the time stamps of files are of this clock.
pub(super) fn now() -> f64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0.0, |elapsed| elapsed.as_secs_f64())
}
