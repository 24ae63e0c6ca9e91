//! Which database files this process has open, so that a forked child can tell which it
//! has only inherited.
//!
//! SQLite keeps, per process, what locks it believes to hold on a file. A child inherits
//! that belief without the locks; were it to open the same file, it would write without
//! them. So a child must not open a file that its parent had open at the fork (it may
//! after exec, and any other file at once).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use super::fault::{Fault, FaultKind};
use crate::sys::ForkGate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    device: u64,
    inode: u64,
    process: u32,
}

static OPEN: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// Says that a file is open here, until it is dropped.
#[derive(Debug)]
pub(crate) struct Registration(Entry);

/// What tells one file from another, whatever their names.
pub(crate) fn file_id(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Registers the file, or refuses because only the parent's connection is inherited.
pub(crate) fn register(path: &Path) -> Result<Registration, Fault> {
    let found =
        fs::metadata(path).map_err(|source| Fault::from_error(&crate::Error::io(path, source)))?;
    let entry = Entry {
        device: found.dev(),
        inode: found.ino(),
        process: std::process::id(),
    };
    let _inside = ForkGate::enter();
    let mut open = lock().ok_or_else(refusal)?;
    let same_file = |other: &&Entry| (other.device, other.inode) == (entry.device, entry.inode);
    if open
        .iter()
        .filter(same_file)
        .any(|other| other.process != entry.process)
    {
        return Err(refusal());
    }
    open.push(entry);
    Ok(Registration(entry))
}

impl Drop for Registration {
    fn drop(&mut self) {
        if self.0.process != std::process::id() {
            return;
        }
        let _inside = ForkGate::enter();
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|entry| *entry == self.0) {
            open.swap_remove(at);
        }
    }
}

/// In a child the lock may have been inherited in the held state: then nobody will ever
/// release it, and it tells as much as an entry would.
fn lock() -> Option<std::sync::MutexGuard<'static, Vec<Entry>>> {
    for _ in 0..50 {
        match OPEN.try_lock() {
            Ok(open) => return Some(open),
            Err(TryLockError::Poisoned(open)) => return Some(open.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    None
}

fn refusal() -> Fault {
    Fault::new(
        FaultKind::Other,
        "the parent of this forked process has the database open; use another data folder \
         in the child, or start it with exec",
    )
}
