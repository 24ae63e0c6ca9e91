//! The undoing: everything back to where it was, as far as its place is free.

use std::collections::HashMap;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Gid, Mode, RenameFlags, Timespec, Timestamps, Uid};
use rustix::io::Errno;

use super::beneath::{Root, open_folder};
use super::manifest::{Line, Manifest, Name};
use super::meta::Meta;
use super::outcome::Quarantine;
use super::outcome::{Left, Restored};
use super::quarantine::{Held, discard};
use crate::arrange::arrange_by;
use crate::error::{Error, Result};

/// Puts everything back. It may be called after a crash at any moment, and twice.
///
/// # Errors
/// `Refused` for a quarantine of another user or one that is being worked on; when its list
/// can't be read. What can't be put back is told and stays where it is.
pub fn restore(quarantine: &Quarantine) -> Result<Restored> {
    let mut restored = Restored::default();
    let Some(held) = quarantine.open()? else {
        restored.gone = true;
        return Ok(restored);
    };
    let opened = Manifest::open(&held.folder, quarantine, held.root.meta.id.0, false);
    let mut manifest = match opened {
        // The crash came before the first line: nothing was moved.
        Err(Error::NotFound { .. }) => {
            discard(&held.folder, &held.base, &held.root, &held.name);
            return Ok(restored);
        }
        opened => opened?,
    };
    let (lines, wrong) = manifest.lines()?;
    restored
        .left
        .extend(wrong.into_iter().map(|why| left(b"", why)));
    manifest.mend()?;
    let remade = folders(&held, &lines, &mut manifest, &mut restored);
    files(&held, &lines, &mut restored);
    finish(&held.root, &remade, &mut restored);
    if restored.left.is_empty() {
        discard(&held.folder, &held.base, &held.root, &held.name);
    }
    Ok(restored)
}

fn left(path: &[u8], why: impl Into<String>) -> Left {
    Left {
        path: String::from_utf8_lossy(path).into_owned(),
        why: why.into(),
    }
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(cut) => (&path[..cut], &path[cut + 1..]),
        None => (b"", path),
    }
}

/// Makes the removed folders again, upper ones first, closed to others until the end.
/// Answers those that were made by this or an earlier restoration.
fn folders<'l>(
    held: &Held,
    lines: &'l [Line],
    manifest: &mut Manifest,
    into: &mut Restored,
) -> Vec<(&'l [u8], &'l Line)> {
    let mut known: HashMap<&[u8], u64> = HashMap::new();
    let mut removed = Vec::new();
    for line in lines {
        match line {
            Line::Remade { path, inode } => {
                known.extend(path.bytes().map(|path| (path, *inode)));
            }
            Line::Folder { path, .. } => removed.extend(path.bytes().map(|path| (path, line))),
            Line::Quarantine { .. } | Line::File { .. } => {}
        }
    }
    arrange_by(&mut removed, |a, b| a.0.cmp(b.0));
    removed.retain(|(path, line)| match make_again(held, path, line, &known) {
        Ok(Made::New(inode)) => {
            into.folders += 1;
            // Without this line its mode stays narrower than it was, if a crash comes now.
            let path = Name::new(path);
            let _ = manifest.add(&[Line::Remade { path, inode }]);
            true
        }
        Ok(Made::Before) => true,
        Ok(Made::NotOurs) => false,
        Err(errno) => {
            let why = format!("the folder can't be made again: {errno}");
            into.left.push(left(path, why));
            false
        }
    });
    removed
}

enum Made {
    New(u64),
    /// An earlier restoration made it.
    Before,
    /// It never went, or somebody else has made it since.
    NotOurs,
}

fn make_again(
    held: &Held,
    path: &[u8],
    line: &Line,
    known: &HashMap<&[u8], u64>,
) -> rustix::io::Result<Made> {
    let Line::Folder { .. } = line else {
        return Ok(Made::NotOurs);
    };
    let (way, name) = split(path);
    let above = held.root.folder(way)?;
    match rustix::fs::mkdirat(&above, name, Mode::RWXU) {
        Ok(()) => {}
        Err(Errno::EXIST) => {
            let found = Meta::at(&above, name)?;
            let is_ours = known.get(path) == Some(&found.id.1) && found.is_folder();
            return Ok(if is_ours { Made::Before } else { Made::NotOurs });
        }
        Err(errno) => return Err(errno),
    }
    let made = Meta::at(&above, name)?;
    let own = rustix::process::geteuid().as_raw();
    match made.is_folder() && made.uid == own {
        true => Ok(Made::New(made.id.1)),
        false => Err(Errno::AGAIN),
    }
}

fn files(held: &Held, lines: &[Line], into: &mut Restored) {
    let mut near: Option<(&[u8], OwnedFd)> = None;
    for line in lines {
        let Line::File { slot, path, .. } = line else {
            continue;
        };
        let slot = slot.to_string();
        // It was never moved, or it is back already.
        if Meta::at(&held.folder, slot.as_bytes()) == Err(Errno::NOENT) {
            continue;
        }
        let Some(path) = path.bytes() else {
            into.left
                .push(left(b"", format!("number {slot} has no lawful path")));
            continue;
        };
        let (way, name) = split(path);
        if near.as_ref().is_none_or(|(last, _)| *last != way) {
            near = match held.root.folder(way) {
                Ok(folder) => Some((way, folder)),
                Err(errno) => {
                    into.left.push(left(path, format!("its folder: {errno}")));
                    continue;
                }
            };
        }
        let Some((_, folder)) = &near else { continue };
        let flags = RenameFlags::NOREPLACE;
        match rustix::fs::renameat_with(&held.folder, slot.as_str(), folder, name, flags) {
            Ok(()) => into.files += 1,
            Err(Errno::EXIST) => into.left.push(left(path, "its name is taken since")),
            Err(errno) => into.left.push(left(path, errno.to_string())),
        }
    }
}

/// Owner, mode and times of the folders, lower ones first.
fn finish(root: &Root, remade: &[(&[u8], &Line)], into: &mut Restored) {
    for (path, line) in remade.iter().rev() {
        if let Err(errno) = finish_one(root, path, line) {
            let why = format!("the folder is back, its owner or mode is not: {errno}");
            into.left.push(left(path, why));
        }
    }
}

fn finish_one(root: &Root, path: &[u8], line: &Line) -> rustix::io::Result<()> {
    let Line::Folder {
        mode,
        uid,
        gid,
        atime,
        mtime,
        ..
    } = line
    else {
        return Ok(());
    };
    let (way, name) = split(path);
    let above = root.folder(way)?;
    let opened = open_folder(&above, name, root.meta.id.0)?;
    let found = Meta::of(&opened)?;
    let own = rustix::process::geteuid().as_raw();
    if found.uid != own && found.uid != *uid {
        return Err(Errno::AGAIN);
    }
    if (found.uid, found.gid) != (*uid, *gid) {
        let (owner, group) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
        rustix::fs::fchown(&opened, Some(owner), Some(group))?;
    }
    rustix::fs::fchmod(&opened, Mode::from_raw_mode(*mode))?;
    let time = |(seconds, nanos): (i64, u32)| Timespec {
        tv_sec: seconds,
        tv_nsec: nanos.into(),
    };
    let times = Timestamps {
        last_access: time(*atime),
        last_modification: time(*mtime),
    };
    rustix::fs::utimensat(&above, name, &times, AtFlags::SYMLINK_NOFOLLOW)
}
