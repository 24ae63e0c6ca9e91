//! The end of a quarantine: what its list names is deleted, and nothing else.

use std::collections::BTreeSet;

use rustix::fs::AtFlags;

use super::beneath::{Root, open_folder};
use super::judge::QUARANTINE;
use super::manifest::{Line, Manifest};
use super::meta::{self, Meta};
use super::outcome::Quarantine;
use super::outcome::Stored;
use super::preview::open_root;
use super::quarantine::{Held, base, discard};
use super::rule::{Rule, Settings, Watch};
use crate::arrange::arrange_by;
use crate::error::{Error, Result};

/// Deletes what is in a quarantine and answers the bytes freed; 0 when it is gone already.
/// What its list does not name stays, and so does its folder then.
///
/// # Errors
/// `Refused` for a quarantine of another user or one that is being worked on; when its list
/// can't be read.
pub fn purge(quarantine: &Quarantine) -> Result<u64> {
    let Some(held) = quarantine.open()? else {
        return Ok(0);
    };
    let opened = Manifest::open(&held.folder, quarantine, held.root.meta.id.0, false);
    let manifest = match opened {
        Err(Error::NotFound { .. }) => {
            discard(&held.folder, &held.base, &held.root, &held.name);
            return Ok(0);
        }
        opened => opened?,
    };
    let (lines, wrong) = manifest.lines()?;
    let mut freed = 0;
    let mut stays = wrong.len();
    for line in lines {
        let Some((slot, found, is_named)) = slot_of(&held, &line) else {
            continue;
        };
        let removed =
            is_named && rustix::fs::unlinkat(&held.folder, slot.as_str(), AtFlags::empty()).is_ok();
        match removed {
            true if found.links == 1 => freed += found.bytes,
            true => {}
            false => stays += 1,
        }
    }
    if stays == 0 {
        discard(&held.folder, &held.base, &held.root, &held.name);
    }
    Ok(freed)
}

/// What lies where a line says, and whether it is what the line names.
fn slot_of(held: &Held, line: &Line) -> Option<(String, Meta, bool)> {
    let Line::File { slot, inode, .. } = line else {
        return None;
    };
    let slot = slot.to_string();
    let found = Meta::at(&held.folder, slot.as_bytes()).ok()?;
    let is_named = found.id.1 == *inode && !found.is_folder();
    Some((slot, found, is_named))
}

/// The quarantines of this user in the folders of these rules, oldest first. Folders that
/// can't be opened have none.
pub fn quarantines(rules: &[Rule], settings: &Settings) -> Vec<Stored> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for rule in rules {
        if seen.insert(rule.root.clone())
            && let Ok(root) = open_root(rule)
        {
            list(&root, settings, &mut all);
        }
    }
    arrange_by(&mut all, |a, b| b.age_seconds.total_cmp(&a.age_seconds));
    all
}

fn list(root: &Root, settings: &Settings, into: &mut Vec<Stored>) {
    let Ok(Some(base)) = base(root, false) else {
        return;
    };
    let Ok(entries) = rustix::fs::Dir::read_from(&base) else {
        return;
    };
    let own = rustix::process::geteuid().as_raw();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        let made = name.split_once('-').and_then(|(at, _)| at.parse().ok());
        let (Some(made_at), Ok(_)) = (made, open_folder(&base, name.as_bytes(), root.meta.id.0))
        else {
            continue;
        };
        let known = Quarantine {
            folder: root.path.join(format!("{QUARANTINE}{own}")).join(name),
            root: root.path.clone(),
            root_uid: root.meta.uid,
            device: root.meta.id.0,
            made_at,
            rule: String::new(),
            regenerable: false,
            uid: own,
        };
        into.extend(stored(known, settings));
    }
}

fn stored(mut known: Quarantine, settings: &Settings) -> Option<Stored> {
    let held = known.open().ok()??;
    let device = held.root.meta.id.0;
    let lines = Manifest::open(&held.folder, &known, device, false).and_then(|list| list.lines());
    let (mut files, mut bytes) = (0, 0);
    for line in lines.unwrap_or_default().0 {
        if let Line::Quarantine { quarantine } = &line {
            known.rule.clone_from(&quarantine.rule);
            known.regenerable = quarantine.regenerable;
            known.made_at = quarantine.made_at;
        }
        if let Some((_, found, _)) = slot_of(&held, &line) {
            files += 1;
            bytes += if found.links == 1 { found.bytes } else { 0 };
        }
    }
    let age_seconds = (meta::now() - known.made_at).max(0.0);
    Some(Stored {
        expired: age_seconds >= settings.quarantine_seconds,
        quarantine: known,
        age_seconds,
        files,
        bytes,
    })
}

/// Purges the quarantines that are older than the settings let them become; answers the
/// bytes freed.
///
/// # Errors
/// The first that can't be purged, after all others were.
pub fn purge_expired(rules: &[Rule], settings: &Settings, watch: &dyn Watch) -> Result<u64> {
    let expired: Vec<Stored> = quarantines(rules, settings)
        .into_iter()
        .filter(|stored| stored.expired)
        .collect();
    let (mut freed, mut failure) = (0, None);
    for (done, stored) in expired.iter().enumerate() {
        if watch.cancelled() {
            break;
        }
        let what = stored.quarantine.folder.display().to_string();
        watch.progress("cleaning", &what, done as u64, expired.len() as u64);
        match purge(&stored.quarantine) {
            Ok(bytes) => freed += bytes,
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(freed), Err)
}
