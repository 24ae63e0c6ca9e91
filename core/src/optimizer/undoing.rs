//! Taking back: on demand, when a lease ends, at the close, and what one that was killed left.

use std::collections::BTreeSet;

use super::RollbackOf;
use super::history;
use super::inner::{Inner, locked, now_unix};
use super::journal;
use super::outcome::RolledBack;
use super::owner::Ownership;
use crate::act::{Change, Undo};
use crate::arrange::{arrange_by_key, set_of};
use crate::error::{Error, Result};
use crate::logging::{Level, tell};
use crate::store::{JournalRow, JournalState};

/// What has a lease ends as it was planned: its action stays done.
const LEASE_ENDED: &str = "the lease has ended";

/// Takes back what somebody asked for.
///
/// # Errors
/// `NotFound` for an action without changes, `Refused` for one of a living optimizer, `Store`.
pub(super) fn rollback(inner: &Inner, of: RollbackOf) -> Result<Vec<RolledBack>> {
    let rows = match of {
        RollbackOf::All => {
            let mut rows = inner.ledger.journal_open()?;
            rows.retain(|row| inner.owner.of(row) != Ownership::Others);
            rows
        }
        RollbackOf::Action(id) => of_action(inner, id)?,
    };
    Ok(take_back(inner, &rows, "asked for"))
}

fn of_action(inner: &Inner, id: i64) -> Result<Vec<JournalRow>> {
    let mut rows = inner.ledger.journal_of_action(id)?;
    if rows.is_empty() {
        let what = format!("action {id}: nothing was changed by it");
        return Err(Error::io(what, std::io::ErrorKind::NotFound));
    }
    rows.retain(|row| is_open(row.state));
    if let Some(row) = rows
        .iter()
        .find(|row| inner.owner.of(row) == Ownership::Others)
    {
        return Err(Error::Refused(format!(
            "action {id} is another optimizer's (pid {}), which is alive and takes it back itself",
            row.owner_pid
        )));
    }
    arrange_by_key(&mut rows, |row| std::cmp::Reverse(row.id));
    Ok(rows)
}

fn is_open(state: JournalState) -> bool {
    matches!(
        state,
        JournalState::Intended | JournalState::Applied | JournalState::Kept
    )
}

/// What an optimizer that is no more has left: all but what was to stay.
///
/// # Errors
/// `Store`.
pub(super) fn recover(inner: &Inner) -> Result<Vec<RolledBack>> {
    let now = now_unix();
    let mut rows = inner.ledger.journal_open()?;
    rows.retain(|row| {
        let is_left = matches!(
            inner.owner.of(row),
            Ownership::Orphan | Ownership::FormerBoot
        );
        let was_to_stay = row.state == JournalState::Kept && row.stays_after_owner;
        let is_over = row.lease_until.is_some_and(|until| until <= now);
        is_left && (!was_to_stay || is_over)
    });
    if !rows.is_empty() {
        tell(
            Level::Warn,
            format_args!(
                "{} changes were left by an optimizer that ended early: taking them back",
                rows.len()
            ),
        );
    }
    Ok(take_back(inner, &rows, "recovery"))
}

/// At the close: what is not to stay.
///
/// # Errors
/// `Store`.
pub(super) fn at_close(inner: &Inner) -> Result<Vec<RolledBack>> {
    let mut rows = inner.ledger.journal_open()?;
    rows.retain(|row| {
        let is_unfinished = row.state != JournalState::Kept;
        inner.owner.of(row) == Ownership::Own && (is_unfinished || !row.stays_after_owner)
    });
    Ok(take_back(inner, &rows, "the optimizer is closed"))
}

/// What auto-optimization has done by these actions and what is in force and temporary. What
/// somebody has asked for is not its own.
///
/// # Errors
/// `Store`.
pub(super) fn temporary_changes(inner: &Inner, actions: &BTreeSet<i64>) -> Result<Vec<JournalRow>> {
    if actions.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = inner.ledger.journal_open()?;
    rows.retain(|row| {
        row.state == JournalState::Kept
            && actions.contains(&row.action_id)
            && inner.owner.of(row) == Ownership::Own
            && !is_of_files(&row.change)
    });
    Ok(rows)
}

fn is_of_files(change: &str) -> bool {
    serde_json::from_str::<Change>(change).is_ok_and(|change| change.survives_boot())
}

/// Ends leases that are over. Answers when the next one is, Unix seconds.
///
/// # Errors
/// `Store`.
pub(super) fn end_leases(inner: &Inner) -> Result<Option<f64>> {
    let now = now_unix();
    let rows = inner.ledger.journal_open()?;
    let mine = |row: &&JournalRow| inner.owner.of(row) == Ownership::Own;
    let over: Vec<JournalRow> = rows
        .iter()
        .filter(mine)
        .filter(|row| row.lease_until.is_some_and(|until| until <= now))
        .cloned()
        .collect();
    take_back(inner, &over, LEASE_ENDED);
    Ok(rows
        .iter()
        .filter(mine)
        .filter_map(|row| row.lease_until)
        .filter(|until| *until > now)
        .min_by(f64::total_cmp))
}

/// Newest first, so that each finds what it left.
pub(super) fn take_back(inner: &Inner, rows: &[JournalRow], why: &str) -> Vec<RolledBack> {
    if rows.is_empty() {
        return Vec::new();
    }
    let _one_at_a_time = locked(&inner.undoing);
    let results: Vec<RolledBack> = rows
        .iter()
        .filter_map(|row| journal::undo_row(inner, row))
        .collect();
    *locked(&inner.measured) = None;
    if why != LEASE_ENDED {
        mark_actions(inner, &results);
    }
    history::note_rollback(inner, &results, why);
    results
}

/// The actions' rows say what became of them.
fn mark_actions(inner: &Inner, results: &[RolledBack]) {
    let restored = results.iter().filter(|r| r.undo == Some(Undo::Restored));
    let actions = set_of(restored.map(|r| r.action_id));
    for action in actions {
        // A row that is no more, or can't be written: the history has it all the same.
        let _ = inner.ledger.set_action_status(action, "rolled_back", None);
    }
}
