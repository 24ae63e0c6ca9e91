//! Who has made a change: a process of a boot, and one optimizer in it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::store::JournalRow;
use crate::sys::ForkGate;

/// Optimizers of this process that are alive.
static LIVING: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// One optimizer.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) pid: i32,
    pub(super) start_time_ticks: u64,
    pub(super) boot_id: String,
    pub(super) instance: u64,
}

/// How an optimizer stands to a change in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// It made it.
    Own,
    /// Another one made it that is alive.
    Others,
    /// Who made it is no more.
    Orphan,
    /// It was made before the machine was started.
    FormerBoot,
}

impl Owner {
    pub(super) fn new() -> Result<Owner> {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let pid = std::process::id() as i32;
        let start_time_ticks = start_of(pid)
            .ok_or_else(|| Error::Unsupported("an optimizer without /proc/self/stat".into()))?;
        let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map_err(|e| Error::io("/proc/sys/kernel/random/boot_id", e))?;
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Kept within what JSON can carry exactly.
        let instance = (nanoseconds ^ (u64::from(std::process::id()) << 20)).wrapping_add(count)
            & ((1 << 53) - 1);
        living(|living| living.insert(instance));
        Ok(Owner {
            pid,
            start_time_ticks,
            boot_id: boot_id.trim().to_string(),
            instance,
        })
    }

    /// What is stored beside a change.
    pub(super) fn context(&self) -> String {
        serde_json::json!({ "instance": self.instance }).to_string()
    }

    pub(super) fn of(&self, row: &JournalRow) -> Ownership {
        if row.boot_id != self.boot_id {
            return Ownership::FormerBoot;
        }
        let is_same_process =
            row.owner_pid == self.pid && row.owner_start_time_ticks == self.start_time_ticks;
        if is_same_process {
            return match instance_of(row) {
                Some(instance) if instance == self.instance => Ownership::Own,
                Some(instance) if living(|living| living.contains(&instance)) => Ownership::Others,
                _ => Ownership::Orphan,
            };
        }
        match start_of(row.owner_pid) == Some(row.owner_start_time_ticks) {
            true => Ownership::Others,
            false => Ownership::Orphan,
        }
    }

    /// From now on what it has left is an orphan.
    pub(super) fn retire(&self) {
        living(|living| living.remove(&self.instance));
    }
}

/// In the gate: a forked child must not inherit the lock in the held state.
fn living<T>(work: impl FnOnce(&mut BTreeSet<u64>) -> T) -> T {
    let _inside = ForkGate::enter();
    work(&mut LIVING.lock().unwrap_or_else(PoisonError::into_inner))
}

fn instance_of(row: &JournalRow) -> Option<u64> {
    let context: serde_json::Value = serde_json::from_str(&row.context).ok()?;
    context.get("instance")?.as_u64()
}

/// Start of a living process of this machine, in clock ticks; a zombie counts as ended.
pub(super) fn start_of(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    if fields.next() == Some("Z") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::JournalState;

    fn row(owner: &Owner) -> JournalRow {
        JournalRow {
            id: 1,
            action_id: 1,
            created_at: 0.0,
            owner_pid: owner.pid,
            owner_start_time_ticks: owner.start_time_ticks,
            boot_id: owner.boot_id.clone(),
            change: "{}".into(),
            about: String::new(),
            state: JournalState::Applied,
            stays_after_owner: false,
            lease_until: None,
            detail: None,
            context: owner.context(),
        }
    }

    #[test]
    fn a_change_is_own_another_ones_an_orphan_or_of_a_former_boot() {
        let own = Owner::new().unwrap();
        let other = Owner::new().unwrap();
        assert_eq!(own.of(&row(&own)), Ownership::Own);
        assert_eq!(own.of(&row(&other)), Ownership::Others);
        other.retire();
        assert_eq!(own.of(&row(&other)), Ownership::Orphan);
        let mut dead = row(&own);
        dead.owner_start_time_ticks += 1;
        assert_eq!(own.of(&dead), Ownership::Orphan);
        dead.boot_id = "another".into();
        assert_eq!(own.of(&dead), Ownership::FormerBoot);
        let init = start_of(1);
        if let Some(start_time_ticks) = init {
            let mut alive = row(&own);
            alive.owner_pid = 1;
            alive.owner_start_time_ticks = start_time_ticks;
            assert_eq!(own.of(&alive), Ownership::Others);
        }
    }
}
