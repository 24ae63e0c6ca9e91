//! Whether one entry may go: the one place that decides it, for the look and for the act.

use rustix::fs::FileType;

use super::beneath::Root;
use super::glob::Glob;
use super::in_use::InUse;
use super::meta::Meta;
use super::outcome::Reason;
use super::rule::{Kind, Owner, Rule};
use super::trash::Trash;

/// First letters of a quarantine's folder; the user's number follows.
pub(super) const QUARANTINE: &str = ".usm-quarantine-";

/// A rule made ready for deciding.
pub(super) struct Judge {
    patterns: Vec<Glob>,
    exclude: Vec<Glob>,
    keep: Vec<Glob>,
    min_age_seconds: f64,
    /// `None`: anyone's.
    owner: Option<u32>,
    own: u32,
    now: f64,
    device: u64,
    is_loose: bool,
    is_temporary: bool,
    pub(super) trash: Option<Trash>,
}

impl Judge {
    pub(super) fn new(rule: &Rule, root: &Root, now: f64) -> Judge {
        let globs = |patterns: &[String]| patterns.iter().map(|p| Glob::new(p)).collect();
        let own = rustix::process::geteuid().as_raw();
        let owner = match rule.owner {
            _ if own != 0 => Some(own),
            Owner::Me => Some(own),
            Owner::User(uid) => Some(uid),
            Owner::Anyone => None,
        };
        let is_trash = rule.kind == Kind::Trash;
        Judge {
            patterns: globs(&rule.patterns),
            exclude: globs(&rule.exclude),
            keep: globs(&rule.keep),
            min_age_seconds: rule.min_age_seconds.max(0.0),
            owner,
            own,
            now,
            device: root.meta.id.0,
            is_loose: root.is_loose,
            is_temporary: matches!(rule.kind, Kind::Temporary | Kind::Custom),
            trash: is_trash.then(|| Trash::read(root, rule.min_age_seconds, now)),
        }
    }

    /// Whether the rule speaks of this path at all.
    pub(super) fn names(&self, path: &[u8]) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|glob| glob.matches(path))
    }

    /// Whether a folder at this depth may hold something that the rule speaks of.
    pub(super) fn reaches_below(&self, depth: usize) -> bool {
        let deepest = self.patterns.iter().map(|glob| glob.depth());
        self.patterns.is_empty() || deepest.into_iter().any(|at| at.is_none_or(|at| at > depth))
    }

    /// Whether it stays with all that is below it.
    pub(super) fn excludes(&self, path: &[u8]) -> bool {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        name.starts_with(QUARANTINE.as_bytes())
            || path == b"lost+found"
            || self.exclude.iter().any(|glob| glob.matches(path))
    }

    pub(super) fn age_seconds(&self, meta: &Meta) -> f64 {
        self.now - meta.youngest
    }

    /// Why an entry stays; `None`: it may go. `folder` is the one that holds it.
    pub(super) fn stays(
        &self,
        path: &[u8],
        meta: &Meta,
        folder: &Meta,
        in_use: &InUse,
    ) -> Option<Reason> {
        let owns = |uid| self.owner.is_none_or(|owner| owner == uid);
        let kept = self.keep.iter().any(|glob| glob.matches(path)) || self.excludes(path);
        let is_young =
            self.age_seconds(meta).is_nan() || self.age_seconds(meta) < self.min_age_seconds;
        let is_guarded =
            folder.mode & 0o1000 != 0 && ![0, meta.uid, folder.uid].contains(&self.own);
        Some(match meta.kind {
            _ if kept => Reason::Excluded,
            _ if meta.id.0 != self.device || meta.is_mount => Reason::Mount,
            FileType::RegularFile | FileType::Symlink | FileType::Directory if !owns(meta.uid) => {
                Reason::OtherOwner
            }
            FileType::RegularFile | FileType::Symlink if meta.links != 1 => Reason::HardLinked,
            FileType::RegularFile if meta.mode & 0o6000 != 0 => Reason::SetUid,
            FileType::RegularFile if self.is_marked(meta) => Reason::Marked,
            FileType::RegularFile | FileType::Symlink | FileType::Directory => match () {
                () if is_young => Reason::TooYoung,
                () if is_guarded => Reason::NotPermitted,
                () if in_use.locks(meta.id, self.is_loose) => Reason::Locked,
                () if in_use.uses(meta.id, self.is_loose) => Reason::InUse,
                () => return self.trash.as_ref().and_then(|trash| trash.stays(path)),
            },
            _ => Reason::Special,
        })
    }

    /// Whether a lock on a folder protects what lies in it.
    pub(super) fn is_locked(&self, folder: &Meta, in_use: &InUse) -> bool {
        in_use.locks(folder.id, self.is_loose)
    }

    /// The marks that systemd-tmpfiles knows too: X lock files and the like.
    fn is_marked(&self, meta: &Meta) -> bool {
        let is_read_only_of_root = meta.uid == 0 && meta.mode & 0o200 == 0;
        self.is_temporary && (meta.mode & 0o1000 != 0 || (is_read_only_of_root && self.own == 0))
    }
}
