//! The control group hierarchies that can be seen here, and the group that a process has
//! in each.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sample::Roots;
use crate::sample::cgroup::{Level, chain, locate, path_in};
use crate::sample::mounts::{MountLine, has_option, parse, unescape};

/// What a group can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cpu,
    Io,
    Memory,
    Pids,
    Freezer,
}

impl Kind {
    /// Name of the version 1 controller.
    pub(super) fn old_name(self) -> &'static str {
        match self {
            Kind::Cpu => "cpu",
            Kind::Io => "blkio",
            Kind::Memory => "memory",
            Kind::Pids => "pids",
            Kind::Freezer => "freezer",
        }
    }

    /// Name of the version 2 controller; freezing needs none there.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Kind::Cpu => Some("cpu"),
            Kind::Io => Some("io"),
            Kind::Memory => Some("memory"),
            Kind::Pids => Some("pids"),
            Kind::Freezer => None,
        }
    }
}

/// One mount of a hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// 1 or 2.
    pub(super) version: u8,
    /// Where it is seen from here.
    pub(super) folder: PathBuf,
    /// What part of the hierarchy the mount shows.
    root: Vec<u8>,
    /// Super options of the mount: the controllers, for version 1.
    options: Vec<u8>,
}

/// The group that a process has in a hierarchy, with its parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seat {
    /// 1 or 2.
    pub(super) version: u8,
    /// The own group first, the mount's root last; never empty.
    pub(super) levels: Vec<Level>,
}

impl Seat {
    /// Folder of the own group.
    pub(super) fn folder(&self) -> &Path {
        self.levels.first().map_or(Path::new(""), |l| &l.folder)
    }

    /// The group above, where it can be seen.
    pub(super) fn parent(&self) -> Option<&Path> {
        self.levels.get(1).map(|level| level.folder.as_path())
    }
}

impl Hierarchy {
    fn of(roots: &Roots, mount: &MountLine<'_>) -> Option<Hierarchy> {
        let version = match mount.kind {
            b"cgroup" => 1,
            b"cgroup2" => 2,
            _ => return None,
        };
        Some(Hierarchy {
            version,
            folder: locate(roots, &unescape(mount.mount_point)),
            root: unescape(mount.root).into_owned(),
            options: mount.super_options.to_vec(),
        })
    }

    /// A version 1 hierarchy with this controller.
    fn has_old(&self, kind: Kind) -> bool {
        self.version == 1 && has_option(&self.options, kind.old_name().as_bytes())
    }

    /// The path of a membership (the text of `/proc/PID/cgroup`) in this hierarchy.
    fn path<'a>(&self, membership: &'a [u8]) -> Option<&'a [u8]> {
        if self.version == 2 {
            return path_in(membership, None);
        }
        // Any controller of the mount tells the line; options such as `rw` name none.
        self.options
            .split(|b| *b == b',')
            .find_map(|option| path_in(membership, Some(option)))
    }

    /// `None` when the group can't be seen in this mount.
    fn seat_at(&self, path: &[u8]) -> Option<Seat> {
        let (levels, is_complete) = chain(&self.folder, &self.root, path);
        (is_complete && !levels.is_empty()).then_some(Seat {
            version: self.version,
            levels,
        })
    }

    fn seat(&self, membership: &[u8]) -> Option<Seat> {
        self.seat_at(self.path(membership)?)
    }
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hierarchies(pub(super) Vec<Hierarchy>);

impl Hierarchies {
    /// Reads the mount table.
    pub(super) fn read(roots: &Roots) -> Result<Hierarchies> {
        let path = roots.proc("self/mountinfo");
        let text = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
        let all = parse(&text).filter_map(|mount| Hierarchy::of(roots, &mount));
        Ok(Hierarchies(all.collect()))
    }

    /// The group of a process in the hierarchy that has a controller. A controller is in one
    /// hierarchy only: where version 1 has it, version 2 can't.
    pub(super) fn seat(&self, kind: Kind, membership: &[u8]) -> Result<Seat> {
        let is_old = self.0.iter().any(|h| h.has_old(kind));
        let of_kind = |h: &&Hierarchy| match is_old {
            true => h.has_old(kind),
            false => h.version == 2,
        };
        let candidates: Vec<&Hierarchy> = self.0.iter().filter(of_kind).collect();
        if candidates.is_empty() {
            return Err(Error::Unsupported(format!(
                "no control group hierarchy with the controller {} is mounted here",
                kind.old_name()
            )));
        }
        best(candidates.iter().filter_map(|h| h.seat(membership)))
            .ok_or_else(|| unseen(candidates[0], membership))
    }

    /// The group of a process in the hierarchy through which it can be frozen: version 2
    /// wherever one can be made there, else the version 1 freezer.
    pub(super) fn freezer_seat(&self, membership: &[u8]) -> Result<Seat> {
        let seats = |version| {
            let fits = move |h: &&Hierarchy| match version {
                1 => h.has_old(Kind::Freezer),
                _ => h.version == 2,
            };
            best(
                self.0
                    .iter()
                    .filter(fits)
                    .filter_map(|h| h.seat(membership)),
            )
        };
        let (new, old) = (seats(2), seats(1));
        let may = |seat: &Option<Seat>| seat.as_ref().is_some_and(|s| may_make(s.folder()).is_ok());
        match (may(&new), may(&old)) {
            (false, true) => old,
            _ => new.or(old),
        }
        .ok_or_else(|| {
            Error::Unsupported(
                "no control group hierarchy that can freeze and in which the group of the \
                 process can be seen is mounted here"
                    .into(),
            )
        })
    }

    /// The group that a process has now in the hierarchy in which `folder` lies.
    pub(super) fn folder_beside(&self, folder: &Path, membership: &[u8]) -> Option<PathBuf> {
        let holds = |h: &&Hierarchy| folder.starts_with(&h.folder);
        let deepest = |h: &&Hierarchy| h.folder.components().count();
        let hierarchy = self.0.iter().filter(holds).max_by_key(deepest)?;
        Some(hierarchy.seat(membership)?.folder().to_path_buf())
    }

    /// Folder of the group that `/proc/PID/cgroup` would show as `path`, in the hierarchy
    /// that has a controller.
    pub(super) fn folder_of_path(&self, kind: Kind, path: &str) -> Option<(u8, PathBuf)> {
        let is_old = self.0.iter().any(|h| h.has_old(kind));
        let fits = |h: &&Hierarchy| {
            if is_old {
                h.has_old(kind)
            } else {
                h.version == 2
            }
        };
        let seat = best(
            self.0
                .iter()
                .filter(fits)
                .filter_map(|h| h.seat_at(path.as_bytes())),
        )?;
        Some((seat.version, seat.folder().to_path_buf()))
    }
}

/// Of several mounts of the same hierarchy the first in which something can be made.
fn best(seats: impl Iterator<Item = Seat>) -> Option<Seat> {
    let mut first = None;
    for seat in seats {
        if may_make(seat.folder()).is_ok() {
            return Some(seat);
        }
        first = first.or(Some(seat));
    }
    first
}

fn unseen(hierarchy: &Hierarchy, membership: &[u8]) -> Error {
    let path = hierarchy.path(membership).unwrap_or(b"(none)");
    Error::Unsupported(format!(
        "the control group {} can't be seen below {}: it lies outside of this container, or \
         is gone",
        String::from_utf8_lossy(path),
        hierarchy.folder.display()
    ))
}

/// Whether this process may make a folder in `folder`.
pub(super) fn may_make(folder: &Path) -> Result<()> {
    use rustix::fs::Access;
    may(folder, Access::WRITE_OK | Access::EXEC_OK)
}

/// Whether this process may write `file`.
pub(super) fn may_write(file: &Path) -> Result<()> {
    may(file, rustix::fs::Access::WRITE_OK)
}

fn may(path: &Path, how: rustix::fs::Access) -> Result<()> {
    use rustix::fs::{AtFlags, CWD, accessat};
    // By the effective ids, as the act itself would be judged.
    accessat(CWD, path, how, AtFlags::EACCESS).map_err(|e| Error::io(path, e))
}
