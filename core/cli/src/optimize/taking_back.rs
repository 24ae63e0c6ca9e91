//! Taking changes back: all, those of one action, or those of this command at its end.

use std::collections::BTreeSet;

use serde_json::json;
use usm_core::optimizer::{Optimizer, RollbackOf, RolledBack};

use super::{Call, draw};
use crate::draw::Tone;
use crate::failure::{Failure, Outcome};
use crate::outlet::Outlet;

pub(super) fn perform(call: Call<'_>, of: RollbackOf, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let list = optimizer.rollback(of).map_err(Failure::of_optimizer)?;
    if call.options.json {
        out.json(&json!({ "rolled_back": list }), call.options.pretty)?;
    } else {
        call.show(&list, |list, page| draw::rolled_back(list, page), out)?;
    }
    all_taken_back(&list)
}

pub(super) fn halt(call: Call<'_>, on: bool, out: &mut Outlet) -> Outcome {
    let optimizer = call.options.aim.optimizer(call.global)?;
    let list = optimizer.halt(on).map_err(Failure::of_optimizer)?;
    if call.options.json {
        let value = json!({ "halted": on, "rolled_back": list });
        out.json(&value, call.options.pretty)?;
        return all_taken_back(&list);
    }
    let text = match on {
        true => "Halted: nothing is changed any more until `usm optimize --resume`.",
        false => "Changes are allowed again.",
    };
    call.show(
        &list,
        |list, page| {
            draw::paragraph(page, 0, Tone::Plain, text);
            if !list.is_empty() {
                draw::rolled_back(list, page);
            }
        },
        out,
    )?;
    all_taken_back(&list)
}

fn all_taken_back(list: &[RolledBack]) -> Outcome {
    match list.iter().any(|entry| entry.error.is_some()) {
        true => Err(Failure::shown()),
        false => Ok(()),
    }
}

/// What becomes of the changes at the end of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// They stay.
    Stay,
    /// They are taken back.
    TakenBack,
}

/// Ends acting by itself and takes back what this process has changed, and nothing that an
/// earlier command has left in force for its user.
pub(crate) fn take_back_own(optimizer: &Optimizer) -> Outcome<Vec<RolledBack>> {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let status = optimizer.status().map_err(Failure::of_optimizer)?;
    let changes = status.changes.iter().filter(|c| c.owner_pid == own);
    let actions: BTreeSet<i64> = changes.map(|change| change.action_id).collect();
    let mut list = Vec::new();
    // The newest first, as a later change may rest upon an earlier one.
    for action in actions.into_iter().rev() {
        let taken = optimizer.rollback(RollbackOf::Action(action));
        list.extend(taken.map_err(Failure::of_optimizer)?);
    }
    Ok(list)
}

/// Ends the optimizer, in any case, and tells the first that went wrong.
pub(crate) fn close(optimizer: Optimizer, so_far: Outcome) -> Outcome {
    let closed = optimizer.close().map_err(Failure::of_optimizer);
    so_far.and(closed)
}
