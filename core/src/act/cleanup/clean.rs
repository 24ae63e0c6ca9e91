//! The act: what may go is moved into quarantine, in batches. Each batch is checked once
//! more, written to the list, and only then moved.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, RenameFlags};
use rustix::io::Errno;

use super::beneath::{Root, open_folder};
use super::in_use::InUse;
use super::judge::Judge;
use super::manifest::{Line, Manifest};
use super::meta::{self, Meta};
use super::outcome::Quarantine;
use super::outcome::{Cleaned, Reason, RuleCleaned};
use super::preview::open_root;
use super::quarantine::{self, Held};
use super::rule::{Rule, Settings, Watch};
use super::walk::{Find, Skips, Walk, reason_of};
use crate::error::{Error, Result};
use crate::sample::Roots;

/// Entries of one batch: one look at all processes and one sync for each.
const BATCH: usize = 1_000;

type Journal<'a> = &'a mut dyn FnMut(&Quarantine) -> Result<()>;

/// Moves what the rules take into quarantines. `journal` is told of each before anything is
/// moved into it; when it fails, nothing is.
///
/// # Errors
/// When nothing at all could be moved since a list could not be written or the journal
/// failed; otherwise what went wrong is told rule by rule.
pub fn clean(
    roots: &Roots,
    rules: &[Rule],
    settings: &Settings,
    journal: Journal<'_>,
    watch: &dyn Watch,
) -> Result<Cleaned> {
    let mut all = Cleaned {
        rules: Vec::new(),
        files: 0,
        freed_bytes: 0,
        quarantined_bytes: 0,
        cancelled: false,
    };
    let mut failure = None;
    let mut touched = false;
    for rule in rules {
        if all.cancelled || watch.cancelled() {
            all.cancelled = true;
            break;
        }
        let mut one = RuleCleaned {
            rule: rule.name.clone(),
            error: None,
            files: 0,
            folders: 0,
            bytes: 0,
            skipped: Skips::new(),
            quarantine: None,
            purged: false,
        };
        match open_root(rule) {
            Err(error) => one.error = Some(error.to_string()),
            Ok(root) => match follow(roots, rule, &root, journal, watch, &mut one) {
                Ok(cancelled) => all.cancelled |= cancelled,
                Err(error) => {
                    one.error = Some(error.to_string());
                    failure.get_or_insert(error);
                }
            },
        }
        touched |= one.files + one.folders > 0;
        all.files += one.files;
        all.quarantined_bytes += one.bytes;
        if let (true, true, Some(made)) = (
            settings.purge_regenerable,
            rule.regenerable,
            &one.quarantine,
        ) {
            match super::purge::purge(made) {
                Ok(freed) => {
                    one.purged = true;
                    all.freed_bytes += freed;
                    all.quarantined_bytes -= one.bytes;
                }
                Err(error) => one.error = Some(error.to_string()),
            }
        }
        all.rules.push(one);
    }
    match failure {
        Some(error) if !touched => Err(error),
        _ => Ok(all),
    }
}

fn follow(
    roots: &Roots,
    rule: &Rule,
    root: &Root,
    journal: Journal<'_>,
    watch: &dyn Watch,
    into: &mut RuleCleaned,
) -> Result<bool> {
    let judge = Judge::new(rule, root, meta::now());
    let in_use = InUse::scan(roots);
    let mut cleaner = Cleaner {
        roots,
        rule,
        root,
        judge: &judge,
        journal,
        open: None,
        batch: Vec::new(),
        slot: 0,
        into,
        near: None,
    };
    let mut walk = Walk::new(root, &judge, &in_use, watch);
    walk.stage = "cleaning";
    walk.tries_locks = true;
    let walked = walk.run(&mut |find| cleaner.take(find));
    let walked = match walked {
        // What waits is dropped when it was ended early.
        Ok(false) => cleaner.flush().map(|()| false),
        walked => walked,
    };
    for (reason, count) in walk.skips {
        *cleaner.into.skipped.entry(reason).or_default() += count;
    }
    cleaner.close();
    walked
}

struct Cleaner<'a> {
    roots: &'a Roots,
    rule: &'a Rule,
    root: &'a Root,
    judge: &'a Judge,
    journal: Journal<'a>,
    open: Option<(Held, Manifest)>,
    batch: Vec<Find>,
    slot: u64,
    into: &'a mut RuleCleaned,
    /// The folder opened last.
    near: Option<(Vec<u8>, OwnedFd, Meta)>,
}

impl Cleaner<'_> {
    fn take(&mut self, find: Find) -> Result<()> {
        self.batch.push(find);
        match self.batch.len() >= BATCH {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let in_use = InUse::scan(self.roots);
        self.near = None;
        let mut lines = Vec::new();
        let mut ready = Vec::new();
        for find in batch {
            match self.check(&find, &in_use) {
                Err(reason) => self.skip(&find.path, reason),
                Ok(_) if find.meta.is_folder() => {
                    lines.push(Line::folder(&find.path, &find.meta));
                    ready.push((find, 0));
                }
                Ok(meta) => {
                    lines.push(Line::file(self.slot, &find.path, &meta));
                    ready.push((Find { meta, ..find }, self.slot));
                    self.slot += 1;
                }
            }
        }
        if ready.is_empty() {
            return Ok(());
        }
        self.open_quarantine()?;
        if let Some((_, manifest)) = &mut self.open {
            manifest.add(&lines)?;
        }
        self.near = None;
        for (find, slot) in ready {
            let done = match find.meta.is_folder() {
                true => self.remove_folder(&find),
                false => self.set_aside(&find, slot)?,
            };
            match done {
                Err(reason) => self.skip(&find.path, reason),
                Ok(()) if find.meta.is_folder() => self.into.folders += 1,
                Ok(()) => {
                    self.into.files += 1;
                    self.into.bytes += find.meta.bytes;
                }
            }
        }
        self.near = None;
        Ok(())
    }

    fn skip(&mut self, path: &[u8], reason: Reason) {
        if let Some(trash) = &self.judge.trash {
            trash.keep(path);
        }
        *self.into.skipped.entry(reason).or_default() += 1;
    }

    /// Everything that decides, once more, as it is now.
    fn check(&mut self, find: &Find, in_use: &InUse) -> std::result::Result<Meta, Reason> {
        let judge = self.judge;
        let (folder, name, folder_meta) = self.folder_of(find)?;
        let now = Meta::at(folder, name).map_err(reason_of)?;
        if now.id != find.meta.id || now.kind != find.meta.kind {
            return Err(Reason::Changed);
        }
        // Moving what was in a folder has made it young: what counts is how it was found.
        let decisive = match now.is_folder() {
            true => Meta {
                youngest: find.meta.youngest,
                ..now
            },
            false => now,
        };
        let stays = match judge.is_locked(&folder_meta, in_use) {
            true => Some(Reason::Locked),
            false => judge.stays(&find.path, &decisive, &folder_meta, in_use),
        };
        stays.map_or(Ok(now), Err)
    }

    /// The folder that holds a find, if it is still the same at the same place.
    fn folder_of<'f>(
        &mut self,
        find: &'f Find,
    ) -> std::result::Result<(&OwnedFd, &'f [u8], Meta), Reason> {
        let cut = find.path.iter().rposition(|byte| *byte == b'/');
        let (way, name) = match cut {
            Some(cut) => (&find.path[..cut], &find.path[cut + 1..]),
            None => (&b""[..], find.path.as_slice()),
        };
        if self.near.as_ref().is_none_or(|(near, ..)| near != way) {
            let opened = self.root.folder(way).map_err(reason_of)?;
            let meta = Meta::of(&opened).map_err(reason_of)?;
            self.near = Some((way.to_vec(), opened, meta));
        }
        match &self.near {
            Some((_, opened, meta)) if meta.id == find.folder => Ok((opened, name, *meta)),
            _ => Err(Reason::Changed),
        }
    }

    fn open_quarantine(&mut self) -> Result<()> {
        if self.open.is_some() {
            return Ok(());
        }
        let (made, held, manifest) = quarantine::make(self.root, self.rule)?;
        if let Err(error) = (self.journal)(&made) {
            quarantine::discard(&held.folder, &held.base, &held.root, &held.name);
            return Err(error);
        }
        self.into.quarantine = Some(made);
        self.open = Some((held, manifest));
        Ok(())
    }

    /// Moves one file. The outer error ends the rule: the disk is full.
    fn set_aside(&mut self, find: &Find, slot: u64) -> Result<std::result::Result<(), Reason>> {
        let Some((held, manifest)) = self.open.take() else {
            return Err(Error::Internal("no quarantine is open".into()));
        };
        let moved = self.move_into(&held, find, slot);
        self.open = Some((held, manifest));
        match moved {
            Err(Moved::Full(errno)) => Err(Error::io(&self.root.path, errno)),
            Err(Moved::Stays(reason)) => Ok(Err(reason)),
            Ok(()) => Ok(Ok(())),
        }
    }

    fn move_into(&mut self, held: &Held, find: &Find, slot: u64) -> std::result::Result<(), Moved> {
        let (folder, name, _) = self.folder_of(find).map_err(Moved::Stays)?;
        let now = Meta::at(folder, name).map_err(|e| Moved::Stays(reason_of(e)))?;
        if now.id != find.meta.id || now.size != find.meta.size || now.mtime != find.meta.mtime {
            return Err(Moved::Stays(Reason::Changed));
        }
        let slot = slot.to_string();
        let flags = RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(folder, name, &held.folder, slot.as_str(), flags).map_err(
            |errno| match errno {
                Errno::NOSPC | Errno::DQUOT => Moved::Full(errno),
                Errno::XDEV => Moved::Stays(Reason::OtherFileSystem),
                errno => Moved::Stays(reason_of(errno)),
            },
        )?;
        // Somebody may have exchanged it in the last moment: then that goes back at once.
        let arrived = Meta::at(&held.folder, slot.as_bytes());
        if arrived.is_ok_and(|arrived| arrived.id == find.meta.id) {
            return Ok(());
        }
        let _ = rustix::fs::renameat_with(&held.folder, slot.as_str(), folder, name, flags);
        Err(Moved::Stays(Reason::Changed))
    }

    fn remove_folder(&mut self, find: &Find) -> std::result::Result<(), Reason> {
        let device = self.root.meta.id.0;
        let (folder, name, _) = self.folder_of(find)?;
        let opened = open_folder(folder, name, device).map_err(reason_of)?;
        if Meta::of(&opened).map_err(reason_of)?.id != find.meta.id {
            return Err(Reason::Changed);
        }
        if has_attributes(&opened) {
            return Err(Reason::Marked);
        }
        drop(opened);
        rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR).map_err(reason_of)
    }

    /// Takes away a quarantine into which nothing came.
    fn close(&mut self) {
        self.near = None;
        if let Some((held, _)) = self.open.take()
            && self.into.files + self.into.folders == 0
        {
            quarantine::discard(&held.folder, &held.base, &held.root, &held.name);
            self.into.quarantine = None;
        }
    }
}

enum Moved {
    Stays(Reason),
    Full(Errno),
}

/// Extended attributes (access lists and the like) would be lost with the folder; the label
/// of SELinux is given anew.
fn has_attributes(folder: &OwnedFd) -> bool {
    let mut names = [0_u8; 4_096];
    match rustix::fs::flistxattr(folder, &mut names[..]) {
        Ok(length) => names[..length]
            .split(|byte| *byte == 0)
            .any(|name| !name.is_empty() && name != b"security.selinux"),
        Err(errno) => errno != Errno::NOTSUP,
    }
}
