//! Changes on their way through the journal: intended, applied, kept, taken back.

use super::inner::{Inner, locked, now_unix};
use super::outcome::RolledBack;
use super::owner::Ownership;
use crate::act::{Applied, Change, Door, ProcessId, Undo};
use crate::error::{Error, Result};
use crate::logging::{Level, tell};
use crate::store::{JournalRow, JournalState};

/// A change that was applied.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) row: i64,
    pub(super) change: Change,
    pub(super) applied: Option<Applied>,
}

/// Writes the intention down; nothing is changed before that is on the disk.
///
/// # Errors
/// `Store`: then nothing may be done.
pub(super) fn begin(inner: &Inner, action_id: i64, change: &Change, stays: bool) -> Result<Entry> {
    let text = serde_json::to_string(change).map_err(|e| Error::Internal(e.to_string()))?;
    let row = JournalRow {
        id: 0,
        action_id,
        created_at: now_unix(),
        owner_pid: inner.owner.pid,
        owner_start_time_ticks: inner.owner.start_time_ticks,
        boot_id: inner.owner.boot_id.clone(),
        change: text,
        about: change.about(),
        state: JournalState::Intended,
        stays_after_owner: stays,
        lease_until: None,
        detail: None,
        context: inner.owner.context(),
    };
    let row = inner.ledger.journal_begin(&row)?;
    Ok(Entry {
        row,
        change: change.clone(),
        applied: None,
    })
}

/// Makes the change and writes that down.
///
/// # Errors
/// The act's own; what was done of it is to be taken back by [`undo`].
pub(super) fn apply(inner: &Inner, entry: &mut Entry, door: &Door) -> Result<()> {
    let applied = entry.change.apply(door)?;
    if applied.lease_until.is_some() {
        inner.ledger.journal_lease(entry.row, applied.lease_until)?;
    }
    let (state, detail) = (JournalState::Applied, Some(applied.what.as_str()));
    inner.ledger.journal_mark(entry.row, state, detail)?;
    entry.applied = Some(applied);
    Ok(())
}

/// Says that it stays; what can't be taken back is settled. False when somebody has taken it
/// back meanwhile.
///
/// # Errors
/// `Store`.
pub(super) fn keep(inner: &Inner, entry: &Entry) -> Result<bool> {
    let state = match entry.change {
        Change::Once(_) => JournalState::Settled,
        _ => JournalState::Kept,
    };
    let _one_at_a_time = locked(&inner.undoing);
    if !is_open(inner, entry.row)? {
        return Ok(false);
    }
    inner.ledger.journal_mark(entry.row, state, None)?;
    Ok(true)
}

/// Whether a row may still have to be taken back.
fn is_open(inner: &Inner, row: i64) -> Result<bool> {
    let open = inner.ledger.journal_open()?;
    Ok(open.iter().any(|known| known.id == row))
}

/// Says that it can't be taken back any more.
pub(super) fn settle(inner: &Inner, entry: &Entry) -> Result<()> {
    inner
        .ledger
        .journal_mark(entry.row, JournalState::Settled, None)
}

/// Takes one change of this call back and writes down what came of it.
pub(super) fn undo(inner: &Inner, row: i64, action_id: i64, change: &Change) -> RolledBack {
    let _one_at_a_time = locked(&inner.undoing);
    match is_open(inner, row) {
        Ok(false) => RolledBack {
            action_id,
            change: change.about(),
            undo: Some(Undo::Unchanged),
            error: None,
        },
        // When the journal can't be read it is taken back all the more.
        _ => undo_now(inner, row, action_id, change),
    }
}

fn undo_now(inner: &Inner, row: i64, action_id: i64, change: &Change) -> RolledBack {
    let outcome = change.undo(&inner.door());
    let (undo, error) = match outcome {
        Ok(undo) => {
            let (state, detail) = settled(&undo);
            let marked = inner.ledger.journal_mark(row, state, detail.as_deref());
            // It is taken back; that the journal does not know is found out by the next
            // start, which takes it back once more, in vain.
            (Some(undo), marked.err().map(|e| e.to_string()))
        }
        Err(error) => {
            tell(
                Level::Warn,
                format_args!("{} could not be taken back: {error}", change.about()),
            );
            (None, Some(error.to_string()))
        }
    };
    RolledBack {
        action_id,
        change: change.about(),
        undo,
        error,
    }
}

fn settled(undo: &Undo) -> (JournalState, Option<String>) {
    match undo {
        Undo::Restored => (JournalState::Undone, Some("restored".into())),
        Undo::Unchanged => (JournalState::Undone, Some("was never applied".into())),
        Undo::Gone => (JournalState::Gone, None),
        Undo::Left(found) => (JournalState::Left, Some(found.clone())),
        Undo::Irreversible => (JournalState::Settled, None),
    }
}

/// Takes back a row of the journal, unless somebody has done so since it was read: a newer
/// change may have set the same value. For who holds the lock `undoing`.
pub(super) fn undo_row(inner: &Inner, row: &JournalRow) -> Option<RolledBack> {
    if matches!(is_open(inner, row.id), Ok(false)) {
        return None;
    }
    Some(undo_open(inner, row))
}

fn undo_open(inner: &Inner, row: &JournalRow) -> RolledBack {
    match serde_json::from_str::<Change>(&row.change) {
        Ok(change) => {
            // What a process had is gone with the boot; files are still there.
            let is_gone = inner.owner.of(row) == Ownership::FormerBoot && !change.survives_boot();
            if is_gone {
                let detail = Some("the machine was started anew since");
                let marked = inner
                    .ledger
                    .journal_mark(row.id, JournalState::Gone, detail);
                return RolledBack {
                    action_id: row.action_id,
                    change: row.about.clone(),
                    undo: Some(Undo::Gone),
                    error: marked.err().map(|e| e.to_string()),
                };
            }
            undo_now(inner, row.id, row.action_id, &change)
        }
        Err(error) => RolledBack {
            action_id: row.action_id,
            change: row.about.clone(),
            undo: None,
            error: Some(format!(
                "the journal's row {} can't be read: {error}",
                row.id
            )),
        },
    }
}

/// Why a process must not be acted upon now, since a change concerns it already.
pub(super) fn conflict(inner: &Inner, processes: &[ProcessId]) -> Result<Option<String>> {
    conflict_with(inner, processes, |_, _| true)
}

/// The same after the row was written: two optimizers that both found no conflict see each
/// other now, and the one whose row came first goes on.
pub(super) fn conflict_before(
    inner: &Inner,
    row: i64,
    processes: &[ProcessId],
) -> Result<Option<String>> {
    conflict_with(inner, processes, |other, ownership| {
        other.id < row && ownership == Ownership::Others
    })
}

fn conflict_with(
    inner: &Inner,
    processes: &[ProcessId],
    counts: impl Fn(&JournalRow, Ownership) -> bool,
) -> Result<Option<String>> {
    for row in inner.ledger.journal_open()? {
        let ownership = inner.owner.of(&row);
        let is_dead = matches!(ownership, Ownership::FormerBoot | Ownership::Orphan);
        if is_dead || !counts(&row, ownership) {
            continue;
        }
        let Ok(change) = serde_json::from_str::<Change>(&row.change) else {
            continue;
        };
        let concerned = change.processes();
        if let Some(process) = processes.iter().find(|p| concerned.contains(p)) {
            let whose = match ownership {
                Ownership::Own => "this optimizer".to_string(),
                _ => format!("another optimizer (pid {})", row.owner_pid),
            };
            return Ok(Some(format!(
                "process {} is under a change of {whose} already: {}",
                process.pid, row.about
            )));
        }
    }
    Ok(None)
}
